"""How two rulebooks differ, a sentence for each thing: what was added, what is gone, what became of a limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from desk.errors import Refusal
from desk.i18n import N_, _, pick
from desk.limits import parse_limit
from desk.vocabulary import EVENTS, FACTS, STEPS
from desk.wording.reasons import limit_words
from desk.wording.toml import inline
from desk.wording.values import field, value

if TYPE_CHECKING:
    from desk.queries.adopted import Difference

Raw = Mapping[str, Any]

_TABLES: Mapping[str, str] = {
    "rule": N_("Rule"),
    "guard": N_("Guard"),
    "target": N_("Target"),
    "kind": N_("Kind of ticket"),
    "settings": N_("Setting"),
    "figures": N_("Figure"),
    "table": N_("Table"),
    "calendar.hours": N_("Opening hours"),
    "calendar.season": N_("Season"),
    "calendar.days": N_("Exact date"),
    "calendar.closed": N_("Closed"),
    "calendar": N_("Calendar"),
    "": N_("Rulebook"),
}
_GONE = N_("Gone: {what}")
#: keys of a rule, and what people call them
KEYS: Mapping[str, str] = {
    "title": N_("Title"),
    "on": N_("Opens when"),
    "where": N_("Only where"),
    "until": N_("Met by"),
    "cancel": N_("Withdrawn by"),
    "within": N_("Limit"),
    "warn": N_("Warning"),
    "by": N_("Done by"),
    "missed": N_("If missed"),
    "again": N_("If it happens again"),
    "not_before": N_("Not before"),
    "every": N_("Comes round"),
    "times": N_("Times"),
    "text": N_("Text"),
    "do": N_("What it does"),
    "who": N_("Who"),
    "before": N_("Before"),
    "unless": N_("Unless"),
    "at_least": N_("At least"),
    "below": N_("Below"),
    "per": N_("Per"),
    "fields": N_("Fields"),
    "required": N_("Required"),
    "dispatch": N_("Dispatch"),
    "department": N_("Department"),
    "closes": N_("Closes"),
    "questions": N_("Questions"),
    "facts": N_("Facts"),
    "source": N_("Source"),
    "calendar": N_("Calendar"),
}


def sentences(found: Sequence[Difference], before: Raw, after: Raw, *, gone: str = _GONE) -> list[str]:
    """A line for each difference, in its order; ``before`` and ``after`` are the rulebooks, for their figures.

    ``gone`` is the message that says what became of a rule that is there no more.
    """
    old, new = before.get("figures", {}), after.get("figures", {})
    return [_sentence(each, old, new, before, after, gone) for each in found]


def _sentence(each: Difference, old: Raw, new: Raw, before: Raw, after: Raw, gone: str) -> str:
    what = _("{table} {name}").format(table=_(_TABLES.get(each.table, each.table)), name=_name(each))
    if each.change == "changed":
        keys = each.keys
        if not each.table and each.id == "title":
            # what a reader of one language sees of it
            was, now = (pick({lang: str(pair[n] or "") for lang, pair in keys.items()}) for n in (0, 1))
            keys = {"": (was, now)}
        changes = [_change(each, key, *pair, old, new) for key, pair in keys.items()]
        return _("{what}: {changes}").format(what=what, changes=_("; ").join(changes))
    raw, figures = (after, new) if each.change == "added" else (before, old)
    told = _told(each, raw, figures)
    away = gone if each.table == "rule" else _GONE
    words = _(away)
    if each.change == "added":
        words = _("Added: {what}")
    return words.format(what=f"{what}{_(', ')}{told}" if told else what)


def _name(each: Difference) -> str:
    if not each.table and each.id in KEYS:
        return _(KEYS[each.id])
    title = pick(each.title) if isinstance(each.title, Mapping) else str(each.title or "")
    return _("{title} ({id})").format(title=title, id=each.id) if title and title != each.id else each.id


def _told(each: Difference, raw: Raw, figures: Raw) -> str:
    """Of a rule added or gone: its limit and whose it is. Of a value: the value."""
    if each.table == "rule":
        row: Raw = next((row for row in raw.get("rule", ()) if row.get("id") == each.id), {})
        limit, who = _limit(row.get("within"), figures), value("by", str(row.get("by", "")))
        return _(", ").join(filter(None, (limit, who)))
    held = raw.get(each.table, {}) if each.table else raw
    found = held.get(each.id) if isinstance(held, Mapping) else None
    if each.table == "figures":
        return _limit(found, {})
    return text_of(found) if isinstance(found, str | int | float | list) else ""


def _change(each: Difference, key: str, was: Any, now: Any, old: Raw, new: Raw) -> str:
    if each.table == "figures":
        pair = _limit(was, {}), _limit(now, {})
    else:
        # a value of the rulebook itself goes by its own name
        pair = _value(key or each.id, was, old), _value(key or each.id, now, new)
    told = _("{old} → {new}").format(old=pair[0] or "—", new=pair[1] or "—")
    return _("{label} {value}").format(label=_(KEYS.get(key, key)), value=told) if key else told


def _value(key: str, given: Any, figures: Raw) -> str:
    """What a key says, in words where it has some."""
    if given is None:
        return ""
    if key in ("within", "not_before"):
        return _limit(given, figures)
    if key == "warn":
        return _limit(given, figures, _("the due time"))
    if key == "by":
        return value("by", str(given))
    if key in ("until", "cancel", "before"):
        return _(", ").join(_event(name) for name in _listed(given))
    if key == "on":
        return _(", ").join(_opening(each) for each in _listed(given))
    if key in ("where", "unless", "facts") and isinstance(given, Mapping):
        return _(", ").join(f"{field(name)} {_test(name, test)}" for name, test in given.items())
    if key == "missed":
        return _(", ").join(_step(step, figures) for step in _listed(given))
    if key in ("title", "text") and isinstance(given, Mapping):
        return pick({str(lang): str(text) for lang, text in given.items()})
    if key in ("fields", "required"):
        return _(", ").join(field(name) for name in _listed(given))
    return value(key, str(given)) if key in FACTS and isinstance(given, str) else text_of(given)


def _limit(given: Any, figures: Raw, start: str | None = None) -> str:
    if given in (None, ""):
        return ""
    try:
        return limit_words(parse_limit(given, where=""), figures, start)
    except Refusal:
        return text_of(given)


def _event(name: object) -> str:
    return _(EVENTS[str(name)].title) if str(name) in EVENTS else str(name)


def _opening(each: Any) -> str:
    if not isinstance(each, Mapping):
        return _event(each)
    where = _value("where", each.get("where"), {})
    return f"{_event(each.get('event'))} ({where})" if where else _event(each.get("event"))


def _test(name: str, test: Any) -> str:
    if isinstance(test, Mapping):
        words = {"min": _("at least {value}"), "max": _("at most {value}"), "not": _("not {value}")}
        return _(", ").join(
            words[key].format(value=_values(name, each)) if key in words else key for key, each in test.items()
        )
    return _values(name, test)


def _values(name: str, given: Any) -> str:
    return " / ".join(value(name, each) for each in _listed(given))


def _step(step: Any, figures: Raw) -> str:
    if not isinstance(step, Mapping):
        return text_of(step)
    then = str(step.get("then", ""))
    asked = _(STEPS[then][0]) if then in STEPS else then
    limit = _limit(step.get("within"), figures)
    who = value("by", str(step.get("who", "")))
    return f"{asked} ({_(', ').join(filter(None, (who, limit)))})"


def _listed(given: Any) -> list[Any]:
    return list(given) if isinstance(given, list | tuple) else [given]


def text_of(given: Any) -> str:
    """A value as the file has it, a text without its quotes; empty for None."""
    if given is None:
        return ""
    return given if isinstance(given, str) else inline(given)
