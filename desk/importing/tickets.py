"""Tickets from another register, into the store.

Each request becomes a ticket with the events it really had: opened, joined by every further row of its number, closed
or cancelled, each at the register's time, all written down now. One transaction, or nothing. Importing the register
again adds what it has new (further callers, an end) and doubles nothing: a ticket is known by its number.

The tickets run under the rules the mapping brings. Those are kept as a version of their own, numbered below zero, so
that what the estate itself has adopted stays untouched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlmodel
from sqlmodel import col, select

from desk.calendars import Amount
from desk.errors import Refusal
from desk.importing.mapping import RegisterMap
from desk.importing.register import Register, Row
from desk.ledger import Act, Doing, Entry, Ledger
from desk.ledger.bulk import Bulk
from desk.models import RulebookVersion, Ticket, new_id
from desk.procedures.intake import Intake, ticket_facts
from desk.rulebook import digest as digest_of
from desk.store import Session

#: called with the number of requests done and of all
Progress = Callable[[int, int], None]

_LAST: Final = "\U0010ffff"
_OVER: Final = ("closed", "cancelled")


@dataclass(frozen=True, slots=True)
class Brought:
    """What an import brought, or would bring: counts of tickets and of further callers."""

    opened: int = 0
    joined: int = 0
    closed: int = 0
    cancelled: int = 0
    #: opened and still open
    live: int = 0
    unchanged: int = 0
    rejected: int = 0
    doubtful: int = 0


@dataclass(frozen=True, slots=True)
class _Known:
    """A ticket the store has already."""

    id: UUID
    status: str
    urges: int


def compare(session: sqlmodel.Session, estate_id: UUID, register: Register, mapping: RegisterMap) -> Brought:
    """What bringing the register in would bring."""
    return _counts(register, _known(session, estate_id, mapping))


def bring_tickets(
    ledger: Ledger,
    register: Register,
    mapping: RegisterMap,
    doing: Doing,
    *,
    accept: bool = False,
    digest: str = "",
    progress: Progress = lambda done, of: None,
) -> Brought:
    """Bring the register in: one transaction, or nothing. ``accept`` leaves rejected lines out.

    Raises :class:`Refusal` ``import.rejects`` where there are any and they are not accepted, ``import.nothing`` where
    no line can be taken over, ``kind.unknown``, ``guard.*``, ``store.*``.
    """
    if not register.requests:
        raise Refusal("import.nothing", file=register.name, rejects=len(register.rejects))
    if register.rejects and not accept:
        raise Refusal("import.rejects", file=register.name, rejects=len(register.rejects), lines=register.rows)
    with ledger.store.write() as session:
        under = _under(session, ledger, mapping, doing)
        if mapping.kind not in under.book.kinds:
            raise Refusal("kind.unknown", kind=mapping.kind, known=list(under.book.kinds))
        known = _known(session, ledger.estate_id, mapping)
        brought = _counts(register, known)
        # whoever brings a register in writes down what others did
        past = replace(doing, by=None, recorded_by=doing.recorded_by or doing.by)
        bulk = Bulk(under, session, past)
        total = len(register.requests)
        new = [rows for number, rows in register.requests.items() if number not in known]
        for done, rows in enumerate(new, 1):
            _bring_new(bulk, mapping, rows)
            progress(done, total)
        bulk.close()
        there = [number for number in register.requests if number in known]
        for done, number in enumerate(there, len(new) + 1):
            _bring_more(session, under, register.requests[number], known[number], past)
            progress(done, total)
        counts = {each.name: getattr(brought, each.name) for each in fields(brought)}
        entry = Entry(ledger, session, doing)
        sets = {"imported": "tickets", "mapping": mapping.name, "digest": digest, **counts}
        entry.record(Act("import.finished", ("import", new_id()), sets=sets, words={"file": register.name}))
        entry.settle()
    return brought


def _under(session: Session, ledger: Ledger, mapping: RegisterMap, doing: Doing) -> Ledger:
    """The ledger under the rules the mapping brings; the estate's own where it brings none."""
    if mapping.manual is None:
        return ledger
    name, book, calendar_name, calendar = mapping.manual
    digests = (digest_of(book), digest_of(calendar))
    query = select(RulebookVersion).where(RulebookVersion.estate_id == ledger.estate_id)
    versions = session.exec(query).all()
    version = next((each.version for each in versions if (each.digest, each.calendar_digest) == digests), None)
    if version is None:
        version = min([0, *(each.version for each in versions)]) - 1
        session.add(
            RulebookVersion(
                estate_id=ledger.estate_id,
                version=version,
                name=name,
                digest=digests[0],
                rulebook=book,
                calendar_name=calendar_name,
                calendar_digest=digests[1],
                calendar=calendar,
                adopted_at=doing.now,
                adopted_by=doing.by,
                reason=mapping.name,
            )
        )
        session.flush()
    under = Ledger(ledger.store, ledger.estate_id, session)
    under.adopted(session, version)
    under.version = version
    return under


def _known(session: sqlmodel.Session, estate_id: UUID, mapping: RegisterMap) -> dict[str, _Known]:
    """The tickets with the register's numbers that are there already."""
    query = select(col(Ticket.number), col(Ticket.id), col(Ticket.status), col(Ticket.urges)).where(
        Ticket.estate_id == estate_id,
        col(Ticket.number) >= mapping.prefix,
        col(Ticket.number) < mapping.prefix + _LAST,
    )
    return {number: _Known(ident, status, urges) for number, ident, status, urges in session.exec(query)}


def _counts(register: Register, known: dict[str, _Known]) -> Brought:
    opened = joined = closed = cancelled = live = unchanged = 0
    for number, rows in register.requests.items():
        there, status = known.get(number), rows[0].status
        ends = status in _OVER and (there is None or there.status not in _OVER)
        more = max(0, len(rows) - 1 - (there.urges if there else 0))
        opened += there is None
        joined += more
        closed += ends and status == "closed"
        cancelled += ends and status == "cancelled"
        live += there is None and not ends
        unchanged += there is not None and not ends and not more
    rejected, doubtful = len(register.rejects), len(register.doubts)
    return Brought(opened, joined, closed, cancelled, live, unchanged, rejected, doubtful)


# -- one request ---------------------------------------------------------------------------------------------

#: an event to record: its name, when it happened, and the parts of its act
_Event = tuple[str, datetime, dict[str, Any]]


def _bring_new(bulk: Bulk, mapping: RegisterMap, rows: tuple[Row, ...]) -> None:
    """Everything that happened to a request the store does not know."""
    ledger, first = bulk.ledger, rows[0]
    ticket = Ticket(
        estate_id=ledger.estate_id, id=new_id(), number=first.number, kind=mapping.kind, opened_at=first.opened_at
    )
    history = bulk.history(ticket)
    history.record("ticket.opened", first.opened_at, **_opening(ledger, mapping, first))
    if first.status == "assigned":
        history.record("ticket.assigned", first.opened_at, sets={"status": "assigned"})
    for name, at, parts in _later(rows, 0, ended=False):
        history.record(name, at, **parts)
    history.settle()


def _bring_more(session: Session, ledger: Ledger, rows: tuple[Row, ...], known: _Known, doing: Doing) -> None:
    """What has happened since to a ticket that is there already."""
    news = _later(rows, known.urges, ended=known.status in _OVER)
    if not news:
        return
    entry = Entry(ledger, session, replace(doing, at=news[0][1]))
    for name, at, parts in news:
        entry.record(Act(name, ("ticket", known.id), **parts), at=at)
    entry.settle()


def _opening(ledger: Ledger, mapping: RegisterMap, row: Row) -> dict[str, Any]:
    """The parts of ``ticket.opened``."""
    kind = ledger.book.kinds[mapping.kind]
    facts = {name: value for name in ("channel", "problem_code", "department") if (value := getattr(row, name))}
    due_by = row.due_by
    if due_by is None and mapping.manual is None and row.problem_code in mapping.days:
        # under the estate's own rules the days by problem code become the time it is due by
        amount = Amount(mapping.days[row.problem_code], "working_days")
        due_by = ledger.calendar.add(row.opened_at, amount, counts_from="opening").due_at
    if due_by is not None:
        facts["due_by"] = due_by.isoformat()
    sets = {
        **ticket_facts(None, kind, Intake(mapping.kind, facts=facts), {}),
        "number": row.number,
        "kind": mapping.kind,
        "status": "open",
        "opened_at": row.opened_at,
    }
    words = {name: getattr(row, name) or None for name in ("what", "place", "person_name", "phone")}
    return {"sets": sets, "words": words}


def _later(rows: tuple[Row, ...], joined: int, *, ended: bool) -> list[_Event]:
    """What came after the opening and is not recorded yet (``joined`` callers, an end), in the order of time."""
    first, *further = rows
    news: list[_Event] = []
    for urges, row in enumerate(sorted(further, key=lambda row: row.opened_at)[joined:], joined + 1):
        facts = {"channel": row.channel or None}
        words = {"note": row.what if row.what != first.what else None}
        at = max(row.opened_at, first.opened_at)
        news.append(("ticket.joined", at, {"sets": {"urges": urges}, "facts": facts, "words": words}))
    if first.status in _OVER and not ended:
        at = _end(first)
        sets: dict[str, Any] = {"status": first.status, "closed_at": at}
        if first.status == "closed":
            sets["completed_at"] = first.completed_at
        news.append((f"ticket.{first.status}", at, {"sets": sets}))
    return sorted(news, key=lambda event: event[1])


def _end(row: Row) -> datetime:
    """When it was closed or cancelled: the register's time for it, else the latest time it gives at all."""
    own, other = (row.cancelled_at, row.closed_at) if row.status == "cancelled" else (row.closed_at, row.cancelled_at)
    return own or other or row.completed_at or row.opened_at
