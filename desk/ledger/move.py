"""Carrying a whole store to another place: from a file to a server, or back.

One transaction at either end: nobody writes meanwhile, and the new place has all of it, counted and its chain walked,
or nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select
from sqlmodel import Session, SQLModel

from desk.errors import Refusal
from desk.ledger.check import Progress, check_chain, quietly
from desk.models import Estate
from desk.store import Store
from desk.store.sqlite import absolute, remove

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Moved:
    """What has been carried over."""

    #: rows by table
    counts: dict[str, int]
    #: head of each estate's chain, by its name
    heads: dict[str, tuple[int, str]]
    #: what the former file is called now, so that nobody goes on in it; None where it was a server
    kept: Path | None = None


def move(source: Store, to: str | Path, now: datetime, progress: Progress = quietly) -> Moved:
    """Carry everything in ``source`` to ``to``, a path or a server's URL; ``source`` may be used no more.

    ``to`` is made where it isn't there, and must hold no estate. A former file gets another name. ``progress`` is told
    the table, its rows done, and how many there are. Raises :class:`Refusal`: ``move.occupied``, ``move.differs``
    (counts or chain are not the same: nothing was kept), ``store.*``.
    """
    with _target(source, to) as target, source.write() as there:
        with target.write() as here:
            if here.connection().execute(select(func.count()).select_from(_table(Estate))).scalar():
                raise Refusal("move.occupied", place=target.place)
            counts = {table.name: _carry(there, here, table, progress) for table in SQLModel.metadata.sorted_tables}
            heads = _compared(there, here, target.place, progress)
        # Kept. The others are still shut out: they must find it gone, not go on in it.
        kept = _aside(source.path, now) if source.path is not None else None
    return Moved(counts, heads, kept)


@contextmanager
def _target(source: Store, to: str | Path) -> Iterator[Store]:
    """The new place, open; a file we made ourselves goes again when the carrying fails."""
    path = None if isinstance(to, str) and "://" in to else absolute(to)
    ours = path is not None and not path.exists()
    with Store.open(to, create=True) as target:
        try:
            if target.url == source.url:
                raise Refusal("move.occupied", place=target.place)
            yield target
        except BaseException:
            if ours and path is not None:
                target.close()
                remove(path)
            raise


def _table(model: Any) -> Table:
    return SQLModel.metadata.tables[model.__tablename__]


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _carry(there: Session, here: Session, table: Table, progress: Progress) -> int:
    reading, writing = there.connection(), here.connection()
    total, done = _count(reading, table), 0
    progress(table.name, 0, total)
    order = [table.c.estate_id, table.c.seq] if "seq" in table.c else list(table.primary_key)
    query = select(table).order_by(*order).execution_options(yield_per=_BATCH)
    with reading.execute(query) as rows:
        for part in rows.mappings().partitions(_BATCH):
            writing.execute(insert(table), [dict(row) for row in part])
            done += len(part)
            progress(table.name, done, total)
    if _count(writing, table) != total:
        raise Refusal("move.differs", what=table.name)
    return done


def _compared(there: Session, here: Session, place: str, progress: Progress) -> dict[str, tuple[int, str]]:
    """The heads of the chains: walked at the new place, and the same as at the former."""
    found = check_chain(here, progress)
    table = _table(Estate)
    query = select(table.c.name, table.c.head_seq, table.c.head_hash)
    former = {name: (seq, hash_) for name, seq, hash_ in there.connection().execute(query)}
    if not found.sound or found.heads != former:
        raise Refusal("move.differs", what=next((each.code for each in found.troubles), "head"))
    return former


def _aside(path: Path, now: datetime) -> Path:
    """Give the file, and what SQLite keeps beside it, a name under which nobody looks for it."""
    to = path.with_name(f"{path.name}.moved-{now:%Y%m%d-%H%M%S}")
    for suffix in ("", "-wal", "-shm", "-journal"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(to.with_name(to.name + suffix))
    return to
