"""How long visitors waited, over a span: each share with what it is a share of (S1-06, S1-09, S1-10, S1-60).

What was "in time" is the rulebook's: the deadlines a visit opened when it came. Times are aware UTC.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from desk.ledger import Ledger
from desk.models import Deadline, Event, Visit
from desk.queries.naming import parts

#: what opens the deadline of being served
_COMING = ("visit.arrived", "visit.turned_urgent")


@dataclass(frozen=True, slots=True)
class Waits:
    """Visits that began in a span. A share is ``(part, of how many)``."""

    #: at the counter, and on the line
    visitors: int = 0
    callers: int = 0
    #: of the visitors, those somebody was with in the time the rulebook gives; who is still in time is not counted
    in_time: tuple[int, int] = (0, 0)
    #: of the visitors, those who left before anybody was with them
    unserved: tuple[int, int] = (0, 0)
    #: of those asked at leaving, the satisfied
    satisfied: tuple[int, int] = (0, 0)
    #: waiting of the visitors who were served: half of them waited no longer than the median
    median: timedelta | None = None
    longest: timedelta | None = None
    #: how many came for what; None: nobody took it down
    matters: Mapping[str | None, int] = field(default_factory=dict)
    #: how many were moved up, by cause and by whom they were moved up to
    upgraded: int = 0
    causes: Mapping[str, int] = field(default_factory=dict)
    moved_to: Mapping[str, int] = field(default_factory=dict)


def waits(ledger: Ledger, session: Session, since: datetime, until: datetime, now: datetime) -> Waits:
    """The visits that began from ``since`` to before ``until``, as they stand at ``now``."""
    span = (Visit.estate_id == ledger.estate_id, col(Visit.came_at) >= since, col(Visit.came_at) < until)
    columns = (Visit.id, Visit.channel, Visit.matter, Visit.status, Visit.came_at, Visit.served_at, Visit.facts)
    rows: Sequence[Any] = session.exec(select(*columns).where(*span)).all()  # type: ignore[call-overload]
    there = [row for row in rows if row.channel == "visit"]
    served = sorted(row.served_at - row.came_at for row in there if row.served_at is not None)
    asked = [row.facts["satisfied"] for row in rows if row.facts.get("satisfied") is not None]
    gone = [row for row in there if row.status == "left" and row.served_at is None]
    causes, moved_to, moved = _moved(ledger, session, since, until)
    return Waits(
        visitors=len(there),
        callers=len(rows) - len(there),
        in_time=_in_time(ledger, session, [row.id for row in rows], now),
        unserved=(len(gone), len(there)),
        satisfied=(sum(asked), len(asked)),
        median=served[(len(served) - 1) // 2] if served else None,
        longest=served[-1] if served else None,
        matters=dict(Counter(row.matter for row in rows).most_common()),
        upgraded=moved,
        causes=causes,
        moved_to=moved_to,
    )


def _in_time(ledger: Ledger, session: Session, visits: Sequence[UUID], now: datetime) -> tuple[int, int]:
    """Deadlines of being served that came to an end or fell due by ``now``: those met in time, and all of them.

    Of several of one visit (it turned out urgent) the last counts. Who left before it was due is no miss.
    """
    found: dict[UUID, bool] = {}
    for part in parts(visits):
        query = (
            select(Deadline.root_id, Deadline.met_at, Deadline.cancelled_at, Deadline.due_at)
            .join(Event, (col(Event.estate_id) == Deadline.estate_id) & (col(Event.id) == Deadline.opened_by))
            .where(Deadline.estate_id == ledger.estate_id, col(Deadline.root_id).in_(part))
            .where(Deadline.step == 0, col(Event.name).in_(_COMING))
            .order_by(col(Deadline.starts_at))
        )
        for root, met, cancelled, due in session.exec(query):
            if due is not None and (met is not None or (cancelled or now) > due):
                found[root] = met is not None and met <= due
    return sum(found.values()), len(found)


def _moved(
    ledger: Ledger, session: Session, since: datetime, until: datetime
) -> tuple[dict[str, int], dict[str, int], int]:
    """Moving up, what was taken back left out."""
    name, at = col(Event.name), col(Event.happened_at)
    taken_back = select(Event.corrects).where(
        Event.estate_id == ledger.estate_id, name == "event.retracted", at >= since
    )
    query = select(Event.id, Event.facts).where(
        Event.estate_id == ledger.estate_id, name == "visit.upgraded", at >= since, at < until
    )
    moved = list(session.exec(query))
    gone = set(session.exec(taken_back)) if moved else set()
    facts = [facts for ident, facts in moved if ident not in gone]
    causes = Counter(str(each.get("cause")) for each in facts)
    to = Counter(str(each.get("upgrade_to")) for each in facts)
    return dict(causes.most_common()), dict(to.most_common()), len(facts)
