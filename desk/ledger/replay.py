"""The recorded events run again under other rules: what would have been late, against what was.

Nothing is written. Every event carries the facts a rule may ask as they were then, so the same fold that made the
deadlines makes those of the other rules. Roots are read in batches by short sessions: a million events need no more
memory than a thousand, and the counters go on working.

What people did is taken as it was: a replay says which of the same acts would have come too late, not how anybody
would have hurried. Recurring duties keep the occurrences that came up; where the other rules let them come round
otherwise they are left out and named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from desk import rules
from desk.calendars import Calendar
from desk.ledger import bare
from desk.ledger.adopted import Adopted
from desk.ledger.record import Ledger
from desk.limits import parse_limit
from desk.models import Deadline, Event
from desk.rulebook import Rule, Rulebook
from desk.rules import Happening

#: roots read in one session
_BATCH = 400
# bare columns: rows made into objects would cost more than the fold
_EVENT: tuple[Any, ...] = (
    *(Event.root_id, Event.id, Event.seq, Event.name, Event.happened_at, Event.subject_type, Event.subject_id),
    *(Event.root_type, Event.facts, Event.own, Event.sets, Event.corrects, Event.rulebook_version),
)
_DEADLINE: tuple[Any, ...] = (
    *(Deadline.rule_id, Deadline.starts_at, Deadline.due_at),
    *(Deadline.met_at, Deadline.cancelled_at, Deadline.cancelled_why),
)


class Told(NamedTuple):
    """An event as the rules see it, and the version of the rules its root then went by."""

    happening: Happening
    version: int


@dataclass(slots=True)
class Tally:
    """What became of one rule's deadlines that began in the period."""

    #: all that were opened and not withdrawn in time
    opened: int = 0
    #: met after the due time, withdrawn after it, or still open past it
    late: int = 0
    #: neither met nor due yet, or without a due time
    waiting: int = 0
    #: withdrawn before they were due: no longer to be done
    withdrawn: int = 0
    #: opened and late by the local hour at which they began, 0 to 23
    opened_by_hour: list[int] = field(default_factory=lambda: [0] * 24)
    late_by_hour: list[int] = field(default_factory=lambda: [0] * 24)

    def add(self, began: datetime, due: datetime | None, ended: datetime | None, met: bool, now: datetime) -> None:
        """One deadline; ``began`` in the estate's zone, ``ended`` when it was met or withdrawn."""
        late = due is not None and due < (ended or now)
        if ended is not None and not met and not late:
            self.withdrawn += 1
            return
        self.opened += 1
        self.opened_by_hour[began.hour] += 1
        if late:
            self.late += 1
            self.late_by_hour[began.hour] += 1
        elif ended is None:
            self.waiting += 1


@dataclass(frozen=True, slots=True)
class RuleReplayed:
    """One rule, as it was and as it would have been; None where the rules of that side do not have it."""

    id: str
    rule: Rule
    #: as it was in the newest of the versions the period went by, with that version's figures
    former: Rule | None
    was: Tally | None
    would: Tally | None
    figures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Replayed:
    """A replay's result: the rules that differ, in the order of the other rulebook, those gone last."""

    rules: tuple[RuleReplayed, ...]
    #: rules that come round otherwise, and so cannot be replayed from what was recorded
    left_out: tuple[str, ...]
    events: int
    roots: int


def replay(
    ledger: Ledger,
    book: Rulebook,
    calendar: Calendar,
    since: datetime,
    until: datetime,
    now: datetime,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Replayed:
    """Run what was recorded again under ``book`` and ``calendar``.

    Deadlines that began from ``since`` to before ``until`` are counted, as they stand at ``now`` (all aware).
    ``progress`` is told how many roots of how many are done; an error it raises ends the replay.
    """
    with ledger.store.read() as session:
        versions = _versions(ledger, session, since, until)
        different = differing(versions, book, calendar)
        left_out = [name for name in different if _comes_otherwise(name, versions, book)]
        for name in left_out:
            del different[name]
        # what warns and what follows a miss makes nothing late
        bare = {name: replace(rule, warn=None, missed=()) for name, rule in book.rules.items() if name in different}
        other = replace(book, rules=bare)
        opening = {name for rule in [*other.rules.values(), *different.values()] for name, _where in rule.on}
        roots = _roots(ledger, session, opening, since, until) if different else []
    was: dict[str, Tally] = {}
    would: dict[str, Tally] = {name: Tally() for name in other.rules}
    zone, events = ledger.zone, 0
    for start in range(0, len(roots), _BATCH):
        part = roots[start : start + _BATCH]
        with ledger.store.read() as session:
            for row in _rows(ledger, session, part, different):
                if since <= row.starts_at < until and row.cancelled_why not in ("gone", "restarted"):
                    began, ended = row.starts_at.astimezone(zone), row.met_at or row.cancelled_at
                    was.setdefault(row.rule_id, Tally()).add(began, row.due_at, ended, bool(row.met_at), now)
            past = [history for _root, history in histories(ledger, session, part)]
        for history in past:
            events += len(history)
            _count([told.happening for told in history], other, calendar, since, until, now, zone, would)
        progress(min(start + _BATCH, len(roots)), len(roots))
    # not only of the version in force: what was brought in went by rules of its own
    mine = {name: (rule, each.book.figures) for each in versions for name, rule in each.book.rules.items()}
    found = []
    for name in {**other.rules, **different}:
        former, figures = mine.get(name, (None, {}))
        then = was.get(name, Tally()) if former is not None else None
        found.append(
            RuleReplayed(name, book.rules.get(name) or different[name], former, then, would.get(name), figures)
        )
    return Replayed(tuple(found), tuple(left_out), events, len(roots))


def _count(
    history: Sequence[Happening],
    book: Rulebook,
    calendar: Calendar,
    since: datetime,
    until: datetime,
    now: datetime,
    zone: tzinfo,
    tallies: Mapping[str, Tally],
) -> None:
    for standing in rules.fold(history, book, calendar, now):
        if since <= standing.starts_at < until and standing.cancelled_why != "restarted":
            began = standing.starts_at.astimezone(zone)
            tallies[standing.rule.id].add(began, standing.due_at, standing.ended_at, standing.met_at is not None, now)


# -- what differs --------------------------------------------------------------------------------------------


def _versions(ledger: Ledger, session: Session, since: datetime, until: datetime) -> list[Adopted]:
    """The versions the period's events went by, and the one in force; that comes last."""
    query = (
        select(Event.rulebook_version)
        .where(Event.estate_id == ledger.estate_id, Event.happened_at >= since, Event.happened_at < until)
        .distinct()
    )
    return [ledger.adopted(session, number) for number in sorted({*session.exec(query), ledger.version}) if number]


def differing(versions: Iterable[Adopted], book: Rulebook, calendar: Calendar) -> dict[str, Rule]:
    """The rules of ``book`` or of ``versions`` that do not come to the same in all of them, by id.

    What is the same comes to the same again: it need not be reckoned. Of several, the last version's is given.
    """
    found: dict[str, Rule] = {}
    for adopted in versions:
        for name in {**adopted.book.rules, **book.rules}:
            mine, other = adopted.book.rules.get(name), book.rules.get(name)
            if adopted.calendar.version == calendar.version and _says(mine, adopted.book) == _says(other, book):
                continue
            found[name] = mine or other or found[name]
    return found


def _comes_otherwise(name: str, versions: Iterable[Adopted], book: Rulebook) -> bool:
    """Whether a recurring rule would have come round at other times than it did."""
    rule = book.rules.get(name)
    if rule is None or not rule.recurring:
        return False
    former = [adopted.book.rules.get(name) for adopted in versions]
    return any(each is None or each.every != rule.every for each in former)


def _says(rule: Rule | None, book: Rulebook) -> object:
    """All that decides what a rule opens and when it is due: the rule, and the figures and tables it asks for."""
    if rule is None:
        return None
    figures: dict[str, str | None] = {}
    tables: dict[str, Mapping[str, str] | None] = {}
    waiting = [limit for limit in (rule.within, rule.not_before) if limit is not None]
    while waiting:
        limit = waiting.pop()
        tables |= {name: book.tables.get(name) for name, _fact in limit.tables()}
        for name in limit.figures() - figures.keys():
            figures[name] = text = book.figures.get(name)
            if text:  # a figure may stand for another
                waiting.append(parse_limit(text, where=f"figures.{name}"))
    # titles, warnings, whose it is and what follows a miss make nothing late
    return replace(rule, title={}, source=(), warn=None, missed=(), by="", form=None), figures, tables


# -- reading -------------------------------------------------------------------------------------------------


def _roots(ledger: Ledger, session: Session, opening: Iterable[str], since: datetime, until: datetime) -> list[UUID]:
    """The roots in which one of the events ``opening`` happened in the period, oldest first."""
    query = (
        select(Event.root_id)
        .where(
            Event.estate_id == ledger.estate_id,
            col(Event.name).in_(sorted(opening)),
            Event.happened_at >= since,
            Event.happened_at < until,
        )
        .distinct()
    )
    return sorted(session.exec(query))


def _rows(ledger: Ledger, session: Session, roots: Sequence[UUID], rules_: Mapping[str, Rule]) -> Iterator[Any]:
    """What was: the deadlines themselves, without their steps."""
    query = columns(*_DEADLINE).where(
        col(Deadline.estate_id) == ledger.estate_id, col(Deadline.root_id).in_(roots), col(Deadline.step) == 0
    )
    yield from (row for row in session.connection().execute(query) if row.rule_id in rules_)


def histories(ledger: Ledger, session: Session, roots: Sequence[UUID]) -> Iterator[tuple[UUID, list[Told]]]:
    """The events of each root, in the order they were written; a few hundred ``roots`` at most."""
    values = bare.Values()
    ident, moment, said = values.id, values.moment, values.said
    query = (
        bare.columns(*_EVENT)
        .where(col(Event.estate_id) == ledger.estate_id, col(Event.root_id).in_(roots))
        .order_by(col(Event.root_id), col(Event.seq))
    )
    for root_id, rows in groupby(session.connection().execute(query).all(), key=itemgetter(0)):
        told = []
        for _root, id_, seq, name, at, kind, subject_id, root_type, facts, own, sets, corrects, version in rows:
            # one and the same pair where it is its own root: the fold asks of every event whose it is
            root = root_type, ident(root_id)
            subject = root if (kind, subject_id) == (root_type, root_id) else (kind, ident(subject_id))
            event = Happening(
                ident(id_),
                seq,
                name,
                moment(at),
                subject,
                root,
                said(facts),
                frozenset(said(own)),
                said(sets),
                ident(corrects),
            )
            told.append(Told(event, version))
        yield ident(root_id), told
