"""What the rules' screen shows: a line for each rule, figure and setting, and what a change would do to open work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desk.i18n import _, pick

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Ledger
    from desk.queries.changed import Change

#: keys of a rule that are changed here; the rest is changed in the file
_KEYS = ("within", "warn", "by", "not_before", "times", "every", "lands", "again", "missed", "until", "cancel", "where")
#: open deadlines listed beforehand
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the list: a rule in force or switched off, a figure, a setting. ``name`` is what is changed by."""

    name: str
    title: str
    limit: str
    who: str
    source: str
    #: what it says, line by line
    words: tuple[str, ...]
    #: (key, what it is called, what it says now as the file has it)
    keys: tuple[tuple[str, str, str], ...]
    group: str
    off: bool = False
    #: a rule, which can be switched off; figures and settings cannot
    rule: bool = False


def changes_words(found: Sequence[Change], now: Any, ledger: Ledger) -> list[str]:
    """What would become of open deadlines, a line each, the first so many."""
    from desk.wording import moment

    if not found:
        return [_("No open deadline would change.")]

    def at(when: Any) -> str:
        return moment(when, ledger.zone, now) if when is not None else "—"

    words = {
        "moved": _("{number} {title}: {was} → {now}"),
        "opened": _("{number} {title}: new, due {now}"),
        "withdrawn": _("{number} {title}: withdrawn (was due {was})"),
    }
    lines = [
        words[each.what].format(number=each.number or "", title=pick(each.title), was=at(each.was), now=at(each.now))
        for each in found[:_SHOWN]
    ]
    more = [_("… and {n} more").format(n=len(found) - _SHOWN)] if len(found) > _SHOWN else []
    head = _("Of what is open, if it is reckoned anew ({n}):").format(n=len(found))
    return [head, *(line.strip() for line in lines), *more]


def entries(ledger: Ledger, session: Session) -> list[Entry]:
    """The list's lines: rules, those switched off, figures, settings."""
    from desk import wording
    from desk.queries.adopted import rule_rows
    from desk.wording.differences import KEYS, text_of
    from desk.wording.rules import rule_words

    book = ledger.book
    raw = {row["id"]: row for row in book.raw.get("rule", ())}
    found = []
    for row in rule_rows(ledger, session):
        rule, said = row.rule, raw.get(row.rule.id, {})
        given = [key for key in _KEYS if key in said or key == "warn"]
        keys = tuple((key, _(KEYS.get(key, key)), text_of(said.get(key))) for key in given)
        found.append(
            Entry(
                rule.id,
                pick(rule.title),
                wording.limit_words(rule.within, book.figures),
                wording.field(rule.by[1:]) if rule.by.startswith("@") else wording.value("by", rule.by),
                ", ".join(rule.source),
                tuple(rule_words(rule, book)),
                keys or (("within", "", ""),),
                _("Switched off") if row.off else _("Rules"),
                row.off,
                rule=True,
            )
        )
    for table, group in (("figures", _("Figures")), ("settings", _("Settings"))):
        held: Mapping[str, Any] = book.raw.get(table, {})
        for name, given in held.items():
            text = text_of(given)
            asking = [rule.id for rule in book.rules.values() if table == "figures" and name in rule.within.figures()]
            words = (_("Asked for by: {rules}").format(rules=", ".join(asking)),) if asking else ()
            shown = text or _("to be filled in")
            found.append(Entry(f"{table}.{name}", name, shown, "", "", words, (("", "", text),), group))
    return found
