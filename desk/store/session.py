"""The session a transaction is read and written through.

Objects come and go as in any session of SQLAlchemy's. Beside that, the rows of the ledger are put in as plain rows
(:meth:`Session.put`, :meth:`Session.change`): an object each, watched column by column, costs several times what
writing it costs. They go in with the next flush, all rows of a table together, and on a server in one journey.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

import sqlmodel
from sqlalchemy import Dialect, Insert, Select, TextClause, Update, bindparam, insert, inspect, update
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql.visitors import iterate
from sqlmodel import SQLModel, select
from sqlmodel.sql.expression import SelectOfScalar

from desk.models import Estate
from desk.store import postgres

_HEAD = select(Estate.head_seq, Estate.head_hash).where(Estate.estate_id == bindparam("estate"))
T = TypeVar("T")


class Session(sqlmodel.Session):
    """A session that knows rows by their keys, puts plain rows in beside its objects, and holds the chain's head."""

    def __init__(self, bind: Any, **options: Any) -> None:
        super().__init__(bind, **options)
        self._waiting: dict[Insert | Update, list[Mapping[str, Any]]] = {}
        self._made: list[SQLModel] = []
        self._heads: dict[UUID, tuple[int, str]] = {}
        self._moved: set[UUID] = set()

    def get(self, entity: type[T], ident: Any, **options: Any) -> T | None:  # type: ignore[override]
        """As SQLAlchemy's; asked by key alone it takes a statement made once for the table."""
        # What is known may have been deleted, or be out of date.
        if options or not isinstance(ident, tuple) or (entity, ident, None) in self.identity_map:
            return super().get(entity, ident, **options)
        statement, names = _by_key(cast("type[SQLModel]", entity))
        return cast("T | None", self.exec(statement, params=dict(zip(names, ident, strict=True))).first())

    if not TYPE_CHECKING:  # to the type checker it is SQLModel's, with what it says of each kind of statement

        def exec(self, statement: Any, **options: Any) -> Any:
            """As SQLModel's; what waits is written first only where the question may be about it."""
            with self.no_autoflush if self._elsewhere(statement) else nullcontext():
                return super().exec(statement, **options)

    def _elsewhere(self, statement: Any) -> bool:
        """Whether a question reads none of the tables in which something waits to be written."""
        waiting: set[Any] = {each.table for each in self._waiting}
        waiting |= {inspect(type(each)).local_table for each in (*self._made, *self.new, *self.dirty, *self.deleted)}
        if self._moved:
            waiting.add(inspect(Estate).local_table)
        if not waiting or not isinstance(statement, Select):
            return False
        return all(each not in waiting and not isinstance(each, TextClause) for each in iterate(statement))

    # -- the chain's head ------------------------------------------------------------------------------------

    def head(self, estate_id: UUID) -> tuple[int, str]:
        """Number and hash of the estate's last event. Nobody else appends until the transaction ends."""
        if estate_id not in self._heads:
            found = self.connection().execute(_HEAD, {"estate": estate_id}).one()
            self._heads[estate_id] = (found[0], found[1])
        return self._heads[estate_id]

    def take_head(self, estate_id: UUID, seq: int, hash_: str) -> None:
        """The head as it was read when the estate was locked."""
        self._heads[estate_id] = (seq, hash_)

    def move_head(self, estate_id: UUID, seq: int, hash_: str) -> None:
        """One more event has been appended; the estate's row says so with the next flush."""
        self._heads[estate_id] = (seq, hash_)
        self._moved.add(estate_id)

    # -- new objects -----------------------------------------------------------------------------------------

    def make(self, made: SQLModel) -> None:
        """Add a new object which is changed before it is written: it goes in as a plain row."""
        self._made.append(made)

    def add(self, instance: object, **options: Any) -> None:
        """As SQLAlchemy's."""
        if not any(instance is made for made in self._made):
            super().add(instance, **options)

    def _change_object(self, changed: Any) -> None:
        state, table = inspect(changed), type(changed)
        values = {name: getattr(changed, name) for name, was in state.committed_state.items() if name in state.dict}
        values = {name: value for name, value in values.items() if state.committed_state[name] != value}
        self.expunge(changed)
        if values:
            self.change(table, state.identity, values)

    def _put_made(self, made: SQLModel) -> None:
        self.put(type(made), {name: getattr(made, name) for name in type(made).model_fields})

    # -- questions -------------------------------------------------------------------------------------------

    def ask(self, *questions: tuple[Select[Any], Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
        """What the store answers to several questions, each a statement made once and its values, by column.

        On a server in one journey. What waits to be written is not written first.
        """
        connection = self.connection()
        if connection.dialect.name == "sqlite":
            return [[*connection.execute(*question).mappings()] for question in questions]
        asked = [(_text(question, connection.dialect), values) for question, values in questions]
        return postgres.answers(connection, asked)

    # -- plain rows ------------------------------------------------------------------------------------------

    def put(self, table: type[SQLModel], row: Mapping[str, Any]) -> None:
        """Insert ``row`` with the next flush: every column, by its name."""
        self._waiting.setdefault(_inserting(table), []).append(row)

    def change(self, table: type[SQLModel], key: tuple[Any, ...], values: Mapping[str, Any]) -> None:
        """Set ``values`` in the row with this key at the next flush; an object that stands for it says so at once."""
        statement, names = _changing(table, tuple(values))
        self._waiting.setdefault(statement, []).append({**dict(zip(names, key, strict=True)), **values})
        known = self.identity_map.get((table, key, None))
        if known is not None:
            for name, value in values.items():
                set_committed_value(known, name, value)

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Write what has changed, and the rows that wait."""
        made, self._made = self._made, []
        for each in made:
            # From here on an object like any other.
            self._put_made(each)
            make_transient_to_detached(each)
            super().add(each)
        super().flush(objects)
        self.write_rows()

    def finish(self, *last: str) -> None:
        """The same before the transaction ends, and with the rows the statements ``last``, which answer nothing.

        Objects that only changed are written as plain rows too: that they were changed one by one nobody asks any more.
        """
        if not self.new and not self.deleted:
            for changed in self.dirty:
                self._change_object(changed)
        super().flush()
        for made in self._made:
            self._put_made(made)
        self._made.clear()
        self.write_rows(*last)

    def write_rows(self, *last: str, of: type[SQLModel] | None = None) -> None:
        """Write the rows that wait, not what has changed of the session's objects; only if some are ``of`` a table."""
        if of is not None and not any(each.table is inspect(of).local_table for each in self._waiting):
            return
        for estate_id in self._moved:
            seq, hash_ = self._heads[estate_id]
            self.change(Estate, (estate_id,), {"head_seq": seq, "head_hash": hash_})
        self._moved.clear()
        if not self._waiting and not last:
            return
        waiting, self._waiting = self._waiting, {}
        connection = self.connection()
        file = connection.dialect.name == "sqlite"
        with postgres.together(connection):
            # What is changed may have been put in just now.
            for statement in sorted(waiting, key=lambda each: each.is_update):
                rows = waiting[statement]
                # Several at once would be a journey of their own.
                for some in [rows] if file else [[row] for row in rows]:
                    connection.execute(statement, some)
            for each in last:
                connection.exec_driver_sql(each)


@cache
def _text(question: Select[Any], dialect: Dialect) -> str:
    """A question as the driver takes it."""
    return str(question.compile(dialect=dialect))


@cache
def _by_key(table: type[SQLModel]) -> tuple[SelectOfScalar[SQLModel], list[str]]:
    columns = inspect(table).primary_key
    names = [f"key_{column.name}" for column in columns]
    wanted = [column == bindparam(name) for column, name in zip(columns, names, strict=True)]
    return select(table).where(*wanted), names


@cache
def _inserting(table: type[SQLModel]) -> Insert:
    return insert(inspect(table).local_table)


@cache
def _changing(table: type[SQLModel], changed: tuple[str, ...]) -> tuple[Update, list[str]]:
    mapper = inspect(table)
    names = [f"key_{column.name}" for column in mapper.primary_key]
    wanted = [column == bindparam(name) for column, name in zip(mapper.primary_key, names, strict=True)]
    return update(mapper.local_table).where(*wanted).values({name: bindparam(name) for name in changed}), names
