"""Is everything as it was written? The file, the tables, what points where, the chain, the deadlines reckoned again.

Nothing is changed. What is found is data (:class:`Trouble`); :mod:`desk.wording.troubles` says it in words. The chain
proves that no event was altered, left out or put in between; the head on a signed handover sheet proves that the whole
chain was not written anew. Deadlines are folded again under the rules their root went by and compared with the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, String, Table, and_, cast, inspect, literal, text
from sqlalchemy import select as columns
from sqlmodel import Session, SQLModel, col, func, select

from desk import rules
from desk.errors import Refusal
from desk.ledger import bare, chain, deadlines, rows
from desk.ledger.record import Ledger
from desk.ledger.replay import histories
from desk.models import Estate, Event, Handover
from desk.store import Store

Progress = Callable[[str, int, int], None]

#: of one kind of trouble so many are named; the rest is counted
_NAMED = 20
_BATCH = 400
#: matters whose deadlines a quick check reckons again
_SAMPLE = 200

_EVENT, _WORD, _DEADLINE = (SQLModel.metadata.tables[name] for name in ("event", "eventword", "deadline"))

_JUST_AFTER = timedelta(microseconds=1)

#: a column of ids, and the tables one of which must hold it
_POINTS: tuple[tuple[str, str], ...] = (
    *(("occupancy.person_id", "person"), ("occupancy.room_id", "room"), ("phone.person_id", "person")),
    *(("shift.staff_id", "staff"), ("draft.staff_id", "staff")),
    *(("ticket.room_id", "room"), ("ticket.person_id", "person"), ("ticket.linked_to", "ticket")),
    *(("ticket.first_contact", "staff"), ("ticket.owner", "staff"), ("ticket.assignee", "staff")),
    *(("appointment.ticket_id", "ticket"), ("callback.ticket_id", "ticket")),
    *(("visit.served_by", "staff"), ("visit.host", "staff"), ("visit.led_to", "ticket")),
    *(("handover.outgoing", "staff"), ("handover.incoming", "staff")),
    *(
        ("event.done_by", "staff"),
        ("event.recorded_by", "staff"),
        ("event.corrects", "event"),
        ("event.batch", "event"),
    ),
    *(("eventword.event_id", "event"), ("deadline.opened_by", "event"), ("deadline.staff_id", "staff")),
)

#: a row's own columns, and what the rules decide of it; provisional it may be called for as long as its time is right
_COMPARED = [name for name in deadlines.SAID if name != "provisional"]
_OF_ROW = ("root_id", "rule_id", "opened_by", "step", "id")


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong: a code of :mod:`desk.wording.troubles` and what its sentence needs."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Checked:
    """What was looked at and what was found."""

    troubles: list[Trouble] = field(default_factory=list)
    #: how many there are of each kind
    counts: dict[str, int] = field(default_factory=dict)
    events: int = 0
    words: int = 0
    matters: int = 0
    deadlines: int = 0
    #: head of each estate's chain, by its name: the last event's number and hash
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)
    #: whether only some matters were reckoned again
    sampled: bool = False

    @property
    def sound(self) -> bool:
        return not self.counts

    def add(self, code: str, **params: Any) -> None:
        self.counts[code] = self.counts.get(code, 0) + 1
        if self.counts[code] <= _NAMED:
            self.troubles.append(Trouble(code, params))


def quietly(what: str, done: int, of: int) -> None:
    """No progress is shown."""


def check(store: Store, *, quick: bool = False, progress: Progress = quietly) -> Checked:
    """Look through all of ``store``; with ``quick`` at a sample of the deadlines only, and less of the file.

    ``progress`` is told the part (``file``, ``references``, ``chain``, ``deadlines``), how much of it is done and how
    much there is. Raises :class:`Refusal` ``store.*`` when the store cannot be read at all.
    """
    found = Checked(sampled=quick)
    progress("file", 0, 1)
    for line in store.check(thorough=not quick):
        found.add("file", detail=line)
    if found.counts:
        return found  # what a damaged file says of the rest is worth nothing
    try:
        _rows(store, found, quick=quick, progress=progress)
    except Refusal as fault:
        if fault.code != "store.corrupt":
            raise
        # the structure is whole, and what lies in it can't be read
        found.add("file", detail=str(fault.params.get("detail", "")))
    return found


def check_chain(session: Session, progress: Progress = quietly) -> Checked:
    """The chains and the words alone, in a session of the caller's: before what it has written is kept."""
    found = Checked()
    for estate in session.exec(select(Estate)).all():
        _chain(session, estate, found, progress)
        with _unless_unreadable(found):
            _words(session, estate, found)
    return found


def _rows(store: Store, found: Checked, *, quick: bool, progress: Progress) -> None:
    with store.read() as session:
        _schema(session, found)
        if any(code in found.counts for code in ("schema.table", "schema.column")):
            return
        _references(session, found, progress)
        estates = session.exec(select(Estate)).all()
        for estate in estates:
            _chain(session, estate, found, progress)
        with _unless_unreadable(found):
            for estate in estates:
                _words(session, estate, found)
                _handovers(session, estate, found)
    with _unless_unreadable(found):
        for estate in estates:
            _deadlines(store, estate.estate_id, found, quick=quick, progress=progress)


@contextmanager
def _unless_unreadable(found: Checked) -> Iterator[None]:
    """What can't be reckoned because an entry can't be read is not looked at: that entry has been named."""
    try:
        yield
    except (ValueError, TypeError):
        if "chain.event" not in found.counts:
            raise


# -- tables --------------------------------------------------------------------------------------------------


def _schema(session: Session, found: Checked) -> None:
    """The tables, columns and indexes are the program's own, and what keeps events unchanged is there."""
    connection = session.connection()
    there = inspect(connection)
    names = set(there.get_table_names())
    for table in SQLModel.metadata.sorted_tables:
        if table.name not in names:
            found.add("schema.table", table=table.name)
            continue
        present = {each["name"] for each in there.get_columns(table.name)}
        for column in table.columns:
            if column.name not in present:
                found.add("schema.column", table=table.name, column=column.name)
        indexes = {each["name"] for each in there.get_indexes(table.name)}
        for index in table.indexes:
            if index.name not in indexes:
                found.add("schema.index", table=table.name, index=str(index.name))
    if connection.dialect.name == "sqlite":
        asked, wanted = "SELECT name FROM sqlite_master WHERE type = 'trigger'", ("event_no_update", "event_no_delete")
    else:
        asked = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'event'::regclass AND tgenabled IN ('O', 'A')"
        wanted = ("event_no_change", "event_no_truncate")
    triggers = set(connection.execute(text(asked)).scalars())
    for name in wanted:
        if name not in triggers:
            found.add("schema.trigger", trigger=name)


# -- references ----------------------------------------------------------------------------------------------


def _references(session: Session, found: Checked, progress: Progress) -> None:
    """Every id points at a row that is there."""
    tables = SQLModel.metadata.tables
    for done, (point, to) in enumerate(_POINTS):
        progress("references", done, len(_POINTS) + 2)
        name, _, column = point.partition(".")
        _point(session, found, tables[name], column, [tables[to]])
    search = tables["searchkey"]
    for kind, to in (("person", "person"), ("phone", "person"), ("room", "room")):
        _point(session, found, search, "owner_id", [tables[to]], search.c.owner_type == kind)
    for name, table in tables.items():
        if name != "estate":
            _point(session, found, table, "estate_id", [tables["estate"]])
    progress("references", len(_POINTS), len(_POINTS) + 2)
    _subjects(session, found)


def _point(
    session: Session,
    found: Checked,
    table: Table,
    column: str,
    to: list[Table],
    where: ColumnElement[bool] | None = None,
) -> None:
    own = table.c[column]
    query = columns(own, func.count()).where(own.is_not(None)).group_by(own)
    for target in to:
        other = target.alias("target")
        key = other.c.id if "id" in other.c else other.c.estate_id
        same = key == own if column == "estate_id" else and_(other.c.estate_id == table.c.estate_id, key == own)
        query = query.where(~columns(literal(1)).where(same).correlate(table).exists())
    if where is not None:
        query = query.where(where)
    for ident, count in session.connection().execute(query):
        found.add("reference", table=table.name, column=column, id=str(ident), count=count, to=to[0].name)


def _subjects(session: Session, found: Checked) -> None:
    """What events are about has its row, unless all that was said of it has been taken back."""
    kinds = columns(_EVENT.c.subject_type).distinct()
    for kind in list(session.connection().execute(kinds).scalars()):
        if kind in ("estate", "day", "log", "import"):
            continue
        tables = SQLModel.metadata.tables
        own = "subject" if kind not in rows.TABLES and kind not in ("person", "room", "staff") else kind
        other = tables[own].alias("target")
        query = (
            columns(_EVENT.c.estate_id, _EVENT.c.subject_id)
            .where(_EVENT.c.subject_type == kind)
            .where(
                ~columns(literal(1))
                .where(other.c.estate_id == _EVENT.c.estate_id, other.c.id == _EVENT.c.subject_id)
                .correlate(_EVENT)
                .exists()
            )
            .distinct()
        )
        for estate_id, ident in session.connection().execute(query).all():
            events = session.exec(select(Event).where(Event.estate_id == estate_id, Event.subject_id == ident)).all()
            if rules.effective(deadlines.happening(event) for event in events):
                found.add("subject", type=kind, id=str(ident), seq=events[0].seq)


# -- the chain -----------------------------------------------------------------------------------------------


def _chain(session: Session, estate: Estate, found: Checked, progress: Progress) -> None:
    """Every event in order, each hash over the one before, the last one the estate's head."""
    total = estate.head_seq
    seq, former = 0, ""
    for number, prev_hash, said_hash, said in chain.walk(session, estate.estate_id):
        if number != seq + 1:
            found.add("chain.gap", seq=number, expected=seq + 1)
        if prev_hash != former and number == seq + 1:
            found.add("chain.order", seq=number)
        if chain.hash_of(prev_hash, said) != said_hash and not _holds(session, estate.estate_id, number):
            found.add("chain.event", seq=number)
        seq, former = number, said_hash
        found.events += 1
        if number % 5000 == 0:
            progress("chain", number, total)
    if (seq, former) != (estate.head_seq, estate.head_hash):
        found.add("chain.head", seq=seq, head=estate.head_seq)
    found.heads[estate.name] = (seq, former)
    progress("chain", total, total)


def _holds(session: Session, estate_id: UUID, seq: int) -> bool:
    """Whether an event's hash holds although its text does not lie there as the chain has it."""
    try:
        event = session.exec(select(Event).where(Event.estate_id == estate_id, Event.seq == seq)).one()
        session.expunge(event)
        return chain.event_hash(event) == event.hash
    except (ValueError, TypeError, AttributeError):  # what stands there can't even be read
        return False


def _words(session: Session, estate: Estate, found: Checked) -> None:
    """The words beside the events are those their digests stand for; what was forgotten is no fault."""
    query = (
        bare.columns(_EVENT.c.seq, _EVENT.c.digests, _WORD.c.name, _WORD.c.salt, _WORD.c.text)
        .join(_EVENT, and_(_EVENT.c.estate_id == _WORD.c.estate_id, _EVENT.c.id == _WORD.c.event_id))
        .where(_WORD.c.estate_id == estate.estate_id)
    )
    held = 0
    lying, digests = None, {}
    for seq, lies, name, salt, said in session.connection().execute(query).yield_per(2000):
        if lies is not lying and lies != lying:  # an event's words mostly lie together
            lying, digests = lies, bare.said(lies)
        held += 1
        if name not in digests or (said is not None and chain.word_digest(salt, said) != digests[name]):
            found.add("word", seq=seq, name=name)
    found.words += held
    promised = 0
    # most events have none, and need not be read
    some = cast(_EVENT.c.digests, String) != "{}"
    with_words = bare.columns(_EVENT.c.digests).where(_EVENT.c.estate_id == estate.estate_id, some)
    for lies in session.connection().execute(with_words).yield_per(2000).scalars():
        promised += len(bare.said(lies))
    if promised > held:
        found.add("word.missing", count=promised - held)


def _handovers(session: Session, estate: Estate, found: Checked) -> None:
    """The sheets people signed: as they were signed, and the chain still passes through the head they name."""
    for sheet in session.exec(select(Handover).where(Handover.estate_id == estate.estate_id)):
        signed = session.exec(
            select(Event)
            .where(Event.estate_id == estate.estate_id, Event.subject_id == sheet.id)
            .order_by(col(Event.seq))
        ).first()
        if signed is not None and signed.sets.get("snapshot_digest") != chain.digest(sheet.snapshot):
            found.add("sheet", at=sheet.signed_out_at)
        seq = sheet.snapshot.get("head_seq")
        there = select(Event.hash).where(Event.estate_id == estate.estate_id, Event.seq == seq)
        if seq and session.exec(there).first() != sheet.snapshot.get("head_hash"):
            found.add("sheet.head", at=sheet.signed_out_at, seq=seq)


# -- deadlines -----------------------------------------------------------------------------------------------


def _deadlines(store: Store, estate_id: UUID, found: Checked, *, quick: bool, progress: Progress) -> None:
    """Every matter's deadlines reckoned again from its events, and compared with the rows."""
    try:
        ledger = Ledger(store, estate_id)
    except Refusal as refusal:
        found.add("rulebook", reason=refusal.code)
        return
    with store.read() as session:
        roots = _roots(session, estate_id, quick)
    # bare columns: rows made into objects would cost more than the fold
    all_of = bare.columns(*(_DEADLINE.c[name] for name in (*_OF_ROW, *_COMPARED)))
    for start in range(0, len(roots), _BATCH):
        progress("deadlines", start, len(roots))
        part = roots[start : start + _BATCH]
        with store.read() as session:
            present: dict[UUID, list[_Row]] = {}
            query = all_of.where(_DEADLINE.c.estate_id == estate_id, _DEADLINE.c.root_id.in_(part))
            values = bare.Values()
            for row in session.connection().execute(query).all():
                present.setdefault(values.id(row[0]), []).append(_Row.read(row, values))
            for root, told in histories(ledger, session, part):
                version = told[-1].version or ledger.version
                try:
                    adopted = ledger.adopted(session, version)
                except Refusal:
                    found.add("rulebook.version", version=version, seq=told[-1].happening.seq)
                    continue
                past = [each.happening for each in told]
                # whatever has come up was written as an event at its moment, and comes up just after it
                now = max(event.at + _JUST_AFTER if event.name == "escalation.fired" else event.at for event in past)
                standings = rules.fold(past, adopted.book, adopted.calendar, now)
                _compare(found, past, standings, present.pop(root, []))
            for left in (row for several in present.values() for row in several):
                found.add("deadline.unfounded", rule=left.rule_id, id=str(left.id))
        found.matters += len(part)
    progress("deadlines", len(roots), len(roots))


def _roots(session: Session, estate_id: UUID, quick: bool) -> list[UUID]:
    """Every root; of a quick check those with something open, newest first, and some of the rest."""
    every = columns(_EVENT.c.root_id).where(_EVENT.c.estate_id == estate_id).distinct()
    if not quick:
        return sorted(session.connection().execute(every).scalars())
    still = (
        columns(_DEADLINE.c.root_id)
        .where(_DEADLINE.c.estate_id == estate_id, _DEADLINE.c.open)
        .order_by(_DEADLINE.c.due_at)
        .limit(_SAMPLE)
    )
    newest = (
        columns(_EVENT.c.root_id).where(_EVENT.c.estate_id == estate_id).order_by(_EVENT.c.seq.desc()).limit(_SAMPLE)
    )
    return sorted({*session.connection().execute(still).scalars(), *session.connection().execute(newest).scalars()})


class _Row(NamedTuple):
    """A deadline's row: which it is, and what it says of all that is compared."""

    rule_id: str
    opened_by: UUID
    step: int
    id: UUID
    says: tuple[Any, ...]

    @classmethod
    def read(cls, row: Sequence[Any], values: bare.Values) -> _Row:
        """From its columns ``_OF_ROW`` and ``_COMPARED``."""
        moment = values.moment
        _root, rule_id, opened_by, step, ident, then, by, staff_id, starts, due, warn, met, cancelled, *more = row
        why, paused, is_open, level, fires, count = more
        says = (
            *(then, by, values.id(staff_id), moment(starts), moment(due), moment(warn), moment(met)),
            *(moment(cancelled), why, paused, is_open, level, moment(fires), count),
        )
        return cls(rule_id, values.id(opened_by), step, values.id(ident), says)


def _compare(
    found: Checked, past: list[rules.Happening], standings: Iterable[rules.Standing], present: list[_Row]
) -> None:
    there = {(row.rule_id, row.opened_by, row.step): row for row in present}
    found.deadlines += len(present)
    for standing in standings:
        for step in (None, *standing.steps):
            number = step.number if step is not None else 0
            should = deadlines.said(standing, step)[: len(_COMPARED)]
            row = there.pop((standing.rule.id, standing.opened_by, number), None)
            if row is not None and row.says == should:
                continue
            where = _where(past, standing.rule.id, number)
            if row is None:
                found.add("deadline.missing", **where)
                continue
            name, was, says = next(each for each in zip(_COMPARED, row.says, should, strict=True) if each[1] != each[2])
            found.add("deadline.differs", **where, field=name, was=was, should=says)
    for row in there.values():
        if row.says[_COMPARED.index("open")]:
            found.add("deadline.unfounded", **_where(past, row.rule_id, row.step))


def _where(past: list[rules.Happening], rule: str, step: int) -> dict[str, Any]:
    """The rule, and the matter as people call it: only looked up when there is something to say."""
    number = next((str(event.sets["number"]) for event in past if event.sets.get("number")), "")
    return {"rule": rule, "step": step, "number": number, "seq": past[0].seq}
