"""What other rules would change for the deadlines that are open now: which move, which come up, which fall away."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from desk import rules
from desk.calendars import Calendar
from desk.errors import Refusal
from desk.ledger import Ledger
from desk.ledger.adopted import Adopted, make_adopted
from desk.ledger.replay import differing, histories
from desk.models import Deadline, Ticket, Visit
from desk.queries.naming import matters_of
from desk.queries.waiting import THERE
from desk.rulebook import Rulebook
from desk.rulebook.findings import Finding, findings
from desk.vocabulary import LIVE

Ref = tuple[str, UUID]
#: called with how many matters are through and of how many
Progress = Callable[[int, int], None]
_BATCH = 400


@dataclass(frozen=True, slots=True)
class Change:
    """One open deadline that the other rules would change. Times are aware UTC, None where there is none."""

    #: ``moved`` | ``opened`` | ``withdrawn``
    what: str
    #: None for a duty without a ticket or visit
    number: str | None
    rule_id: str
    title: Mapping[str, str]
    was: datetime | None
    now: datetime | None
    root: Ref


def open_roots(ledger: Ledger, session: Session) -> list[Ref]:
    """Everything with an open deadline, and every ticket and visit that is not over, oldest first.

    A matter whose only rule was switched off has no deadline, and gets one again when the rule comes back.
    """
    query = (
        select(Deadline.root_id, Deadline.root_type)
        .where(Deadline.estate_id == ledger.estate_id, col(Deadline.open).is_(True))
        .distinct()
    )
    tickets = select(Ticket.id).where(Ticket.estate_id == ledger.estate_id, col(Ticket.status).in_(LIVE))
    visits = select(Visit.id).where(Visit.estate_id == ledger.estate_id, col(Visit.status).in_(THERE))
    found = {(ident, kind) for ident, kind in session.exec(query)}
    found |= {(ident, "ticket") for ident in session.exec(tickets)}
    found |= {(ident, "visit") for ident in session.exec(visits)}
    return [(kind, ident) for ident, kind in sorted(found)]


def changes(
    ledger: Ledger,
    session: Session,
    book: Rulebook,
    calendar: Calendar,
    now: datetime,
    roots: Sequence[Ref] | None = None,
    progress: Progress = lambda done, of: None,
) -> list[Change]:
    """What ``book`` and ``calendar`` would make of the open deadlines (of ``roots``, else of all) at ``now``.

    ``progress`` is told how many matters of how many are through; an error it raises ends it. Sorted by
    the new due time; nothing is written. Rules that are the same as those a matter goes by are not reckoned.
    """
    wanted = open_roots(ledger, session) if roots is None else list(roots)
    found: list[Change] = []
    for start in range(0, len(wanted), _BATCH):
        found += _batch(
            ledger, session, book, calendar, now, [ident for _kind, ident in wanted[start : start + _BATCH]]
        )
        progress(min(start + _BATCH, len(wanted)), len(wanted))
    never = datetime.max.replace(tzinfo=now.tzinfo)
    return sorted(found, key=lambda each: (each.now or each.was or never, each.number or "", each.rule_id))


def foresee(
    ledger: Ledger,
    session: Session,
    name: str,
    book: Mapping[str, Any],
    hours_name: str,
    hours: Mapping[str, Any],
    now: datetime,
    progress: Progress = lambda done, of: None,
) -> list[Change]:
    """What adopting these tables, and reckoning anew, would make of what is open.

    Raises :class:`Refusal` ``rulebook.*``, ``calendar.*`` for what cannot be read, and for what can't be right in it
    (:mod:`desk.rulebook.findings`) unless the rules in force have the same fault.
    """
    other = checked(ledger, name, book, hours_name, hours)
    return changes(ledger, session, other.book, other.calendar, now, progress=progress)


def checked(ledger: Ledger, name: str, book: Mapping[str, Any], hours_name: str, hours: Mapping[str, Any]) -> Adopted:
    """These tables, if they may be adopted. Raises :class:`Refusal` as :func:`foresee` does."""
    other = make_adopted(0, name, dict(book), hours_name, dict(hours))
    known = {_fault(each) for each in findings(ledger.book, ledger.calendar)}
    for each in findings(other.book, other.calendar):
        if each.error and _fault(each) not in known:
            raise Refusal(each.about.code, **{"file": name, **each.about.params})
    return other


def _fault(finding: Finding) -> tuple[str, object, object]:
    return finding.about.code, finding.rule, finding.about.params.get("word")


def _batch(
    ledger: Ledger, session: Session, book: Rulebook, calendar: Calendar, now: datetime, roots: Sequence[UUID]
) -> list[Change]:
    query = select(Deadline).where(
        Deadline.estate_id == ledger.estate_id, col(Deadline.root_id).in_(roots), Deadline.step == 0
    )
    rows = list(session.exec(query))
    past = dict(histories(ledger, session, roots))
    versions = {history[-1].version for history in past.values()}
    adopted = [ledger.adopted(session, number) for number in versions]
    different = differing(adopted, book, calendar)
    other = replace(book, rules={name: rule for name, rule in book.rules.items() if name in different})
    was = {(row.rule_id, row.opened_by): row for row in rows if row.open and row.rule_id in different}
    standings = {
        (each.rule.id, each.opened_by): each
        for history in past.values()
        for each in rules.fold([told.happening for told in history], other, calendar, now)
        if each.open
    }
    matters = matters_of(session, ledger.estate_id, roots)

    def change(what: str, rule_id: str, root: Ref, before: datetime | None, after: datetime | None) -> Change:
        number = matters[root[1]].number if root[1] in matters else None
        return Change(what, number, rule_id, different[rule_id].title, before, after, root)

    found = []
    for key, row in was.items():
        standing, root = standings.get(key), (row.root_type, row.root_id)
        if standing is None:
            found.append(change("withdrawn", row.rule_id, root, row.due_at, None))
        elif standing.due_at != row.due_at:
            found.append(change("moved", row.rule_id, root, row.due_at, standing.due_at))
    found += [
        change("opened", standing.rule.id, standing.root, None, standing.due_at)
        for key, standing in standings.items()
        if key not in was
    ]
    return found
