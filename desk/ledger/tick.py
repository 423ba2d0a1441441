"""The clock's hand: steps of missed deadlines, and the occurrences of recurring duties.

It costs by what has newly come up, not by what is open. Whatever happened while the machine was off is worked out
when it comes back, each thing once, with the time at which it should have come up. Several counters on one store
may all tick: the transaction that comes second finds nothing left to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from sqlmodel import Session, col, select

from desk.ledger.acts import Act, Doing
from desk.ledger.counts import count
from desk.ledger.record import Entry, Ledger
from desk.models import Deadline, Estate, Recurrence, Subject
from desk.recurrence import occurrences
from desk.rulebook import Rule

_BATCH = 200
#: occurrences of a recurring duty opened in one transaction
_AT_ONCE = 20


@dataclass(slots=True)
class Ticked:
    """What came up: rows of steps, and the recurring duties opened."""

    steps: list[Deadline] = field(default_factory=list)
    duties: list[str] = field(default_factory=list)


def tick(ledger: Ledger, now: datetime) -> Ticked:
    """Bring everything up to ``now`` (aware). Writes only when something has come up."""
    out = Ticked()
    while roots := _due_roots(ledger, now):
        with ledger.write(Doing(now)) as entry:
            before = len(out.steps)
            for root in roots:
                out.steps.extend(entry.refold(root))
        if len(out.steps) == before and len(roots) < _BATCH:
            break
    come_up = _come_up(ledger, ledger.book.recurring, now)
    for rule in ledger.book.recurring:
        # what was opened before it may be what another is for
        if not out.duties and rule.id not in come_up:
            continue
        while _come_up(ledger, (rule,), now):
            # after a long absence other counters, and a form's draft, get their turn in between
            with ledger.write(Doing(now)) as entry:
                open_occurrences(entry, rule, now, out, most=_AT_ONCE)
    return out


def _due_roots(ledger: Ledger, now: datetime) -> list[tuple[str, UUID]]:
    with ledger.store.read() as session:
        query = (
            select(Deadline.root_type, Deadline.root_id)
            .where(Deadline.estate_id == ledger.estate_id, col(Deadline.fires_at).is_not(None))
            .where(col(Deadline.fires_at) < now)
            .distinct()
            .limit(_BATCH)
        )
        return [(kind, ident) for kind, ident in session.exec(query)]


def _come_up(ledger: Ledger, rules: Iterable[Rule], now: datetime) -> set[str]:
    """Which of the recurring duties ``rules`` have come up: asked all together, for mostly none has."""
    with ledger.store.read() as session:
        # held while they are asked for one by one
        _marks = session.exec(select(Recurrence).where(Recurrence.estate_id == ledger.estate_id)).all()
        return {rule.id for rule in rules if pending(session, ledger, rule, now)}


def pending(session: Session, ledger: Ledger, rule: Rule, now: datetime) -> list[datetime]:
    """Occurrences of a recurring duty that have come up by ``now`` and are not opened yet."""
    mark = session.get(Recurrence, (ledger.estate_id, rule.id))
    if mark is not None:
        after = mark.upto
    else:
        estate = session.get_one(Estate, ledger.estate_id)
        born = estate.created_at.astimezone(ledger.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        after = born.astimezone(now.tzinfo)
    found = occurrences(rule, ledger.calendar, after, now)
    if found and rule.only_if and not count(session, ledger.estate_id, rule.only_if, now, ledger.zone):
        return []  # nothing to do it for yet: asked again at the next tick
    return found


def duty_id(estate_id: UUID, rule_id: str, at: datetime) -> UUID:
    """The same occurrence has the same id on every counter."""
    return uuid5(estate_id, f"{rule_id}@{at.isoformat()}")


def open_occurrences(entry: Entry, rule: Rule, now: datetime, out: Ticked, most: int | None = None) -> None:
    """Open what has come up of a recurring duty by ``now``, the earliest ``most``, inside a running act."""
    session, ledger = entry.session, entry.ledger
    found = pending(session, ledger, rule, now)[:most]
    if not found:
        return
    for at in found:
        _miss_former(entry, rule, at)
        duty = Subject(
            estate_id=ledger.estate_id,
            id=duty_id(ledger.estate_id, rule.id, at),
            type="duty",
            facts={"rule": rule.id, "occurrence": at.isoformat()},
        )
        session.add(duty)
        said = {"rule": rule.id, "occurrence": at}
        # a duty whose doing is taken back is written up again from its events: its first one must say everything
        opened = Act("duty.opened", ("duty", duty.id), sets={**said, "status": "open"}, facts=said)
        entry.record(opened, system=True, at=at)
        session.flush()
        entry.refold(("duty", duty.id))
    mark = session.get(Recurrence, (ledger.estate_id, rule.id)) or Recurrence(
        estate_id=ledger.estate_id, rule_id=rule.id, upto=found[-1]
    )
    mark.upto = found[-1]
    session.add(mark)
    if rule.id not in out.duties:
        out.duties.append(rule.id)


def _miss_former(entry: Entry, rule: Rule, at: datetime) -> None:
    """The newest occurrence stands; the one before it, if still open, was missed."""
    query = select(Deadline).where(
        Deadline.estate_id == entry.estate_id,
        Deadline.rule_id == rule.id,
        Deadline.step == 0,
        col(Deadline.open).is_(True),
    )
    for former in entry.session.exec(query).all():
        entry.record(Act("duty.missed", ("duty", former.subject_id), sets={"status": "missed"}), system=True, at=at)
        entry.session.flush()
        entry.refold(("duty", former.subject_id))
