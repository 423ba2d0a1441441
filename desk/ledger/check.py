"""Is everything as it was written? The file, the tables, what points where, the chain, the deadlines reckoned again.

Nothing is changed. What is found is data (:class:`Trouble`); :mod:`desk.wording.troubles` says it in words. The chain
proves that no event was altered, left out or put in between; the head on a signed handover sheet proves that the whole
chain was not written anew. Deadlines are folded again under the rules their root went by and compared with the rows
(:mod:`desk.ledger.refold`). A large store is gone through in pieces, by several processes (:mod:`desk.ledger.hands`).
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from sqlalchemy import String, and_, cast, inspect, text
from sqlmodel import Session, SQLModel, col, select

from desk.errors import Refusal
from desk.ledger import bare, chain, hands, references, refold
from desk.ledger.found import Checked, Trouble
from desk.ledger.record import Ledger
from desk.models import Estate, Event, Handover
from desk.store import Store

__all__ = ["Checked", "Progress", "Trouble", "check", "check_chain", "quietly"]

Progress = Callable[[str, int, int], None]

#: with fewer events than this, beginning other processes takes longer than they save
_WORTH = 100_000

_EVENT, _WORD = (SQLModel.metadata.tables[name] for name in ("event", "eventword"))


def quietly(what: str, done: int, of: int) -> None:
    """No progress is shown."""


def check(store: Store, *, quick: bool = False, progress: Progress = quietly, workers: int | None = None) -> Checked:
    """Look through all of ``store``; with ``quick`` at a sample of the deadlines only, and less of the file.

    ``progress`` is told the part (``file``, ``references``, ``chain``, ``deadlines``), how much of it is done and how
    much there is. ``workers`` processes share the work; None: as many as there are processors with nothing to do,
    where it is worth it. What is found is the same with one or several. Raises :class:`Refusal` ``store.*`` when the
    store cannot be read at all.
    """
    found = Checked(sampled=quick)
    plan = _Plan.of(store, quick)
    if workers is None:
        workers = hands.free() if plan.events >= _WORTH and not quick else 1
    shown = () if workers > 1 else (progress,)  # another process has nobody to show it to
    file: hands.Piece = (_file, (not quick,))
    pointing: hands.Piece = (_references, shown)
    chains: list[hands.Piece] = [(_chain_of, (estate_id, *shown)) for estate_id in plan.estates]
    words: list[hands.Piece] = [(_words_of, (estate_id,)) for estate_id in plan.estates]
    several: list[hands.Piece] = [(_recheck, piece) for piece in plan.parts]
    pieces = [file, *chains, pointing, *words, *several]
    matters, total = 0, sum(part.matters for _, part in plan.parts)

    def done(piece: hands.Piece) -> None:
        nonlocal matters
        work, more = piece
        if work is _recheck:
            matters += more[1].matters
            progress("deadlines", matters, total)

    progress("file", 0, 1)
    with _unhurried(store), hands.hands(store, pieces, workers, done) as do:
        found.take(do(file))
        if found.counts:
            return found  # what a damaged file says of the rest is worth nothing
        try:
            found.take(do(pointing))
            if any(code in found.counts for code in ("schema.table", "schema.column")):
                return found
            if plan.fault is not None:
                raise plan.fault
            if shown:
                progress("chain", 0, plan.events)
            for piece in chains:
                found.take(do(piece))
            with _unless_unreadable(found):
                for piece in words:
                    found.take(do(piece))
            with _unless_unreadable(found):
                for reason in plan.unruled:
                    found.add("rulebook", reason=reason)
                progress("deadlines", matters, total)
                for piece in several:
                    found.take(do(piece))
        except Refusal as fault:
            if fault.code != "store.corrupt":
                raise
            # the structure is whole, and what lies in it can't be read
            found.add("file", detail=str(fault.params.get("detail", "")))
    return found


@dataclass(slots=True)
class _Plan:
    """What there is to do, as far as it can be read."""

    estates: list[UUID] = field(default_factory=list)
    events: int = 0
    #: matters whose deadlines are reckoned again, with their estate
    parts: list[tuple[UUID, refold.Part]] = field(default_factory=list)
    #: why an estate's rules can't be read
    unruled: list[str] = field(default_factory=list)
    #: why no more could be planned: told once it is known that the file and its tables are whole
    fault: Exception | None = None

    @classmethod
    def of(cls, store: Store, quick: bool) -> _Plan:
        plan = cls()
        try:
            with store.read() as session:
                for estate in session.exec(select(Estate)).all():
                    plan.estates.append(estate.estate_id)
                    plan.events += estate.head_seq
                    try:
                        _ledger(store, estate.estate_id)
                    except Refusal as refusal:
                        plan.unruled.append(refusal.code)
                        continue
                    plan.parts += ((estate.estate_id, part) for part in refold.parts(session, estate.estate_id, quick))
        except Exception as fault:
            plan.fault = fault
        return plan


@lru_cache(maxsize=4)
def _ledger(store: Store, estate_id: UUID) -> Ledger:
    """An estate's rules, read once for all pieces of a check."""
    return Ledger(store, estate_id)


@contextmanager
def _unhurried(store: Store) -> Iterator[None]:
    """Let the collector look seldom, for rows make many objects and no circles; and keep more of the file at hand."""
    before = gc.get_threshold()
    gc.set_threshold(*hands.SELDOM)
    kept = hands.keep(store, hands.KEPT)
    try:
        yield
    finally:
        hands.keep(store, kept)
        gc.set_threshold(*before)
        _ledger.cache_clear()


def check_chain(session: Session, progress: Progress = quietly) -> Checked:
    """The chains and the words alone, in a session of the caller's: before what it has written is kept."""
    found = Checked()
    for estate in session.exec(select(Estate)).all():
        _chain(session, estate, found, progress)
        with _unless_unreadable(found):
            _words(session, estate, found)
    return found


@contextmanager
def _unless_unreadable(found: Checked) -> Iterator[None]:
    """What can't be reckoned because an entry can't be read is not looked at: that entry has been named."""
    try:
        yield
    except (ValueError, TypeError):
        if "chain.event" not in found.counts:
            raise


# -- the pieces: each may be done in another process -----------------------------------------------------------


def _file(store: Store, thorough: bool) -> Checked:
    found = Checked()
    for line in store.check(thorough=thorough):
        found.add("file", detail=line)
    return found


def _references(store: Store, progress: Progress = quietly) -> Checked:
    found = Checked()
    with store.read() as session:
        _schema(session, found)
        if not any(code in found.counts for code in ("schema.table", "schema.column")):
            references.look(session, found, progress)
    return found


def _chain_of(store: Store, estate_id: UUID, progress: Progress = quietly) -> Checked:
    found = Checked()
    with store.read() as session:
        _chain(session, session.exec(select(Estate).where(Estate.estate_id == estate_id)).one(), found, progress)
    return found


def _words_of(store: Store, estate_id: UUID) -> Checked:
    found = Checked()
    with store.read() as session:
        estate = session.exec(select(Estate).where(Estate.estate_id == estate_id)).one()
        _words(session, estate, found)
        _handovers(session, estate, found)
    return found


def _recheck(store: Store, estate_id: UUID, part: refold.Part) -> Checked:
    return refold.recheck(_ledger(store, estate_id), part)


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


# -- the chain -----------------------------------------------------------------------------------------------


def _chain(session: Session, estate: Estate, found: Checked, progress: Progress) -> None:
    """Every event in order, each hash over the one before, the last one the estate's head."""
    total = estate.head_seq
    seq, former = 0, ""
    for number, prev_hash, said_hash, reckoned in chain.walk(session, estate.estate_id):
        if number != seq + 1:
            found.add("chain.gap", seq=number, expected=seq + 1)
        if prev_hash != former and number == seq + 1:
            found.add("chain.order", seq=number)
        if reckoned != said_hash and not _holds(session, estate.estate_id, number):
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
