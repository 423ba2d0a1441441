"""An event in one line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

from desk.i18n import N_, _, ngettext, pick
from desk.rulebook import Rulebook
from desk.vocabulary import EVENTS, FACTS, STEPS
from desk.wording.differences import sentences
from desk.wording.spans import moment
from desk.wording.values import field, value

if TYPE_CHECKING:
    from desk.queries.adopted import RulesChange
    from desk.queries.log import EventRow

#: what an act changed that is worth a word, beside its own facts
_WORTH = (
    "assignee owner offered_to department appointment at expected_at promised_at reply_at grade large_effect "
    "beyond_department liability bookable_from starts_at ends_at name repair_class area warranty urgent emergency "
    "resident_limit served_by matter told_at parts charge"
).split()
#: what an opening says of itself in other columns of the log, or of every ticket alike
_PLAIN = ("ticket.opened", "callback.opened", "duty.opened")
#: what is done about somebody whom neither facts nor words name
_ABOUT = (
    "pin.given pin.removed pin.locked person.revealed shift.arrived shift.briefed shift.left shift.cancelled"
).split()
_LONG = 80
#: things a version of the rules changed that its line in the log names
_CHANGES = 3


def title(name: str) -> str:
    """The title of an event, ``ticket.claimed`` → ``Claimed``."""
    return _(EVENTS[name].title) if name in EVENTS else name


def summary(row: EventRow, zone: tzinfo, book: Rulebook | None = None) -> str:
    """One line: what happened, and what was said. ``book`` gives the titles of the rules it names."""
    parts = [*_whom(row, zone), *_facts(row, zone, book), *_rules(row), *_words(row.words)]
    head = title(row.name)
    if row.undone:
        head = _("{title} (taken back)") if row.undone == "retracted" else _("{title} (corrected later)")
        head = head.format(title=title(row.name))
    return _("{title}: {details}").format(title=head, details=_("; ").join(parts)) if parts else head


def _whom(row: EventRow, zone: tzinfo) -> list[str]:
    """Whom it was about, where that is nobody who did it, and what was made of the PINs."""
    if row.name == "pin.settings":
        return _pins(row.sets)
    if row.name == "person.revealed" and row.subject_type == "estate":
        return [_("a whole list")]
    if row.name not in _ABOUT:
        return []
    whom = row.person or (row.whom if row.whom != row.done_by else "")
    begins = row.begins if row.name == "shift.cancelled" else None
    return [part for part in (whom, moment(begins, zone) if begins else "") if part]


def _pins(sets: Mapping[str, Any]) -> list[str]:
    found = []
    if "required" in sets:
        found.append(_("everybody needs one") if sets["required"] else _("not required of all"))
    if (minutes := sets.get("idle_minutes")) is not None:
        locks = ngettext("locks after {n} minute without a key", "locks after {n} minutes without a key", minutes)
        found.append(locks.format(n=minutes) if minutes else _("never locks by itself"))
    return found


def _facts(row: EventRow, zone: tzinfo, book: Rulebook | None) -> list[str]:
    if "rule" in row.facts:
        return [_step(row.facts, book)]
    found: dict[str, str] = {}
    if row.name not in _PLAIN:
        changed = {name: row.sets[name] for name in _WORTH if name in row.sets}
        for name, given in {**changed, **row.facts}.items():
            if given not in (None, "", False) and name not in ("deadline", "number"):
                found.setdefault(_shown(name, given, zone), "")
    return list(found)


def _rules(row: EventRow) -> list[str]:
    """Of rules adopted, which: the version and the first few things it changed."""
    if row.name != "rulebook.adopted":
        return []
    if row.changed is None:
        return [str(row.sets.get("rulebook") or "")]
    found = rules_changed(row.changed)
    was, now = row.changed.names
    if was != now:
        # another manual differs in everything: Enter shows it whole
        words = _("version {version}: {name} instead of {former}, {n} differences")
        return [words.format(version=row.sets.get("version"), name=now, former=was, n=len(found))]
    more = [_("… and {n} more").format(n=len(found) - _CHANGES)] if len(found) > _CHANGES else []
    return [_("version {version}").format(version=row.sets.get("version")), *found[:_CHANGES], *more]


def rules_changed(changed: RulesChange) -> list[str]:
    """Everything a version of the rules changed, a line each, in the words of ``desk rules diff``."""
    return sentences(changed.found, changed.before, changed.after, gone=N_("Switched off: {what}"))


def _step(facts: Mapping[str, Any], book: Rulebook | None) -> str:
    rule = book.rules.get(facts["rule"]) if book else None
    name = pick(rule.title) if rule else str(facts["rule"])
    then = facts.get("then")
    if then is None:
        return name
    asked = _(STEPS[then][0]) if then in STEPS else str(then)
    who = value("by", facts.get("by"))
    return _("{rule}: {step} ({who})").format(rule=name, step=asked, who=who) if who else f"{name}: {asked}"


def _shown(name: str, given: Any, zone: tzinfo) -> str:
    word = FACTS.get(name)
    if (word is not None and word.type == "time") or name in ("at", "starts_at", "ends_at"):
        at = given if isinstance(given, datetime) else _time(given)
        return moment(at, zone) if at is not None else str(given)
    if given is True:
        return field(name)
    if word is not None and word.type == "number":
        return f"{field(name)} {given}"
    return value(name, given)


def _time(text: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _words(words: Mapping[str, str | None]) -> list[str]:
    """What was said, the matter itself first; long texts cut, lines joined."""
    order = sorted(words, key=lambda name: (name != "what", name))
    found: dict[str, str] = {}
    for name in order:
        text = words[name]
        if text is None:
            found.setdefault(_("(forgotten)"), "")
        elif name not in ("pause_reason",):
            line = " ".join(text.split())
            found.setdefault(line if len(line) <= _LONG else line[: _LONG - 1] + "…", "")
    return list(found)
