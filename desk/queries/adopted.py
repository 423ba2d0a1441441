"""What an estate has adopted, version by version, and how two rulebooks with their calendars differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from desk.errors import Refusal
from desk.ledger import Ledger
from desk.models import RulebookVersion
from desk.queries.naming import names_of
from desk.rulebook import Rule
from desk.rulebook.changing import with_row_of
from desk.rulebook.parts import ROWS

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AdoptedRow:
    """A version: rulebook (whole, after ``extends``) and calendar as plain tables. Times are aware UTC."""

    version: int
    name: str
    digest: str
    rulebook: Raw
    calendar_name: str
    calendar: Raw
    adopted_at: datetime
    #: empty for whoever founded the estate
    adopted_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is otherwise, in the words of the files."""

    #: ``added`` | ``removed`` | ``changed``
    change: str
    #: ``rule``, ``guard``, ``settings``, ``calendar.hours`` …
    table: str
    id: str
    #: its title, where it has one: a text, or one by language
    title: Any
    #: the keys that changed, each with its value before and after; ``""`` where the thing is itself a value
    keys: Mapping[str, tuple[Any, Any]]


def adopted(ledger: Ledger, session: Session, version: int | None = None) -> AdoptedRow:
    """What the estate has adopted, now or as ``version``. Raises :class:`Refusal` ``rulebook.no_version``."""
    row = session.get(RulebookVersion, (ledger.estate_id, ledger.version if version is None else version))
    if row is None:
        raise Refusal("rulebook.no_version", version=version)
    by = names_of(session, ledger.estate_id, [row.adopted_by]).get(row.adopted_by, "") if row.adopted_by else ""
    return AdoptedRow(
        row.version,
        row.name,
        row.digest,
        row.rulebook,
        row.calendar_name,
        row.calendar,
        row.adopted_at,
        by,
        row.reason,
    )


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule in force; or, ``off``, one that a former version had and the one in force has not."""

    rule: Rule
    off: bool
    #: the newest version that had it
    version: int


def rule_rows(ledger: Ledger, session: Session) -> list[RuleRow]:
    """The rules in force in their order, then those switched off since an earlier version."""
    found = [RuleRow(rule, False, ledger.version) for rule in ledger.book.rules.values()]
    known = set(ledger.book.rules)
    for version in range(ledger.version - 1, 0, -1):
        for name, rule in ledger.adopted(session, version).book.rules.items():
            if name not in known:
                known.add(name)
                found.append(RuleRow(rule, True, version))
    return found


def switched_on(ledger: Ledger, session: Session, now: AdoptedRow, rule: str) -> dict[str, Any]:
    """The rulebook in force with ``rule`` as in the newest version that had it.

    Raises :class:`Refusal` ``rules.not_off``.
    """
    if any(row.get("id") == rule for table in ROWS for row in now.rulebook.get(table, ())):
        raise Refusal("rules.not_off", name=rule)
    for version in range(now.version - 1, 0, -1):
        former = adopted(ledger, session, version)
        book = with_row_of(now.rulebook, rule, former.rulebook)
        if book is not None:
            return book
    raise Refusal("rules.not_off", name=rule)


def differences(before: tuple[Raw, Raw], after: tuple[Raw, Raw]) -> list[Difference]:
    """How two pairs of rulebook and calendar differ, in the order of the later; what was taken away comes last."""
    old, new = ({**dict(_parts(book, "")), **dict(_parts(hours, "calendar"))} for book, hours in (before, after))
    found = []
    for part, value in new.items():
        if part not in old:
            found.append(Difference("added", *part, _title(value), {}))
        elif keys := _changed(old[part], value):
            found.append(Difference("changed", *part, _title(value), keys))
    found += [Difference("removed", *part, _title(value), {}) for part, value in old.items() if part not in new]
    return found


@dataclass(frozen=True, slots=True)
class RulesChange:
    """What a version of the rules changed of the one before: what its line in the log says (S0-44)."""

    found: tuple[Difference, ...]
    #: what the rulebook was called before and now; one edited in place keeps its name
    names: tuple[str, str]
    #: both rulebooks, as far as what differs asks of them: figures, and what was added or is gone
    before: Raw
    after: Raw


def change_of(session: Session, estate_id: UUID, version: int) -> RulesChange | None:
    """How ``version`` differs from the one before; None for the first, and for one that is not there."""
    new = session.get(RulebookVersion, (estate_id, version))
    old = session.get(RulebookVersion, (estate_id, version - 1))
    if new is None or old is None:
        return None
    found = differences((old.rulebook, old.calendar), (new.rulebook, new.calendar))
    return RulesChange(tuple(found), (old.name, new.name), _asked(old.rulebook, found), _asked(new.rulebook, found))


def _asked(book: Raw, found: Iterable[Difference]) -> Raw:
    """Of a rulebook what sentences about these differences need: a log may hold many, and each book is long."""
    named = {(each.table, each.id) for each in found if each.change != "changed"}
    kept: dict[str, Any] = {"figures": book.get("figures", {})}
    for table in {table for table, _id in named} & book.keys():
        rows = book[table]
        if isinstance(rows, list):
            kept[table] = [row for row in rows if (table, str(row.get("id"))) in named]
        else:
            kept[table] = rows
    return kept


def _parts(raw: Raw, under: str) -> Iterator[tuple[tuple[str, str], Any]]:
    """Every rule, kind, setting … by its table and id; lists of rows without an id are numbered."""
    for key, value in raw.items():
        table = ".".join(filter(None, (under, key)))
        if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
            for number, row in enumerate(value, 1):
                yield (table, str(row.get("id", number))), row
        elif isinstance(value, dict) and key != "title":
            for name, body in value.items():
                yield (table, str(name)), body
        else:
            yield (under, str(key)), value


def _changed(old: Any, new: Any) -> dict[str, tuple[Any, Any]]:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return {"": (old, new)} if old != new else {}
    keys = dict.fromkeys((*new, *old))
    return {key: (old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)}


def _title(value: Any) -> Any:
    return value.get("title", "") if isinstance(value, dict) else ""
