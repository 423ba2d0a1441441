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
from sqlalchemy import (
    Connection,
    Insert,
    Select,
    String,
    TextClause,
    Update,
    bindparam,
    insert,
    inspect,
    literal_column,
    update,
)
from sqlalchemy import select as columns_of
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql.visitors import iterate
from sqlmodel import SQLModel, col

from desk.models import Estate
from desk.store import postgres
from desk.store.plain import plain

# The schema's version with it: whoever is about to write needs both.
_HEAD: Select[Any] = (
    columns_of(literal_column("(SELECT version_num FROM alembic_version)", String).label("version"))
    .add_columns(col(Estate.head_seq), col(Estate.head_hash))
    .where(col(Estate.estate_id) == bindparam("estate"))
)
T = TypeVar("T")
#: a statement made once, and its values
Question = tuple[Select[Any], Mapping[str, Any]]


def by_key(table: type[SQLModel], key: tuple[Any, ...]) -> Question:
    """The question for the row of ``table`` with this key."""
    question, names = _by_key(table)
    return question, dict(zip(names, key, strict=True))


class Session(sqlmodel.Session):
    """A session that knows rows by their keys, puts plain rows in beside its objects, and holds the chain's head."""

    def __init__(self, bind: Any, **options: Any) -> None:
        super().__init__(bind, **options)
        self._waiting: dict[Insert | Update, list[Mapping[str, Any]]] = {}
        self._made: list[SQLModel] = []
        self._heads: dict[UUID, tuple[int, str]] = {}
        self._moved: set[UUID] = set()
        self._ahead: dict[Any, list[dict[str, Any]]] = {}
        self._taken: tuple[Connection, Any] | None = None

    @property
    def _line(self) -> tuple[Connection, Any]:
        """The connection of this session's transaction, and the driver's behind it."""
        if self._taken is None:
            connection = self.connection()
            self._taken = connection, connection.connection.driver_connection
        return self._taken

    def get(self, entity: type[T], ident: Any, **options: Any) -> T | None:  # type: ignore[override]
        """As SQLAlchemy's; asked by key alone it takes a statement made once for the table."""
        # What is known may have been deleted, or be out of date.
        if options or not isinstance(ident, tuple) or (entity, ident, None) in self.identity_map:
            return super().get(entity, ident, **options)
        return next(iter(self.some(entity, *by_key(cast("type[SQLModel]", entity), ident))), None)

    def some(self, entity: type[T], question: Select[Any], values: Mapping[str, Any]) -> list[T]:
        """The objects of ``entity`` a statement made once finds: what SQLAlchemy's query would, at a fifth of the cost.

        It asks for all columns of that table. What waits is written first where the question may be about it.
        """
        if self.autoflush and not self._elsewhere(question):
            self.flush()
        return [self._object(entity, row) for row in self.ask((question, values))[0]]

    def _object(self, entity: type[T], row: Mapping[str, Any]) -> T:
        key = (entity, tuple(row[column.name] for column in inspect(entity).primary_key), None)
        if (known := self.identity_map.get(key)) is not None:
            return known
        made = entity(**row)
        make_transient_to_detached(made)
        super().add(made)
        return made

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
        if not waiting:
            return True
        return isinstance(statement, Select) and all(
            each not in waiting and not isinstance(each, TextClause) for each in iterate(statement)
        )

    # -- the chain's head ------------------------------------------------------------------------------------

    def head(self, estate_id: UUID) -> tuple[int, str]:
        """Number and hash of the estate's last event. Nobody else appends until the transaction ends."""
        if estate_id not in self._heads:
            found = self.ask((_HEAD, {"estate": estate_id}))[0][0]
            self._heads[estate_id] = (found["head_seq"], found["head_hash"])
        return self._heads[estate_id]

    def enter(self, estate_id: UUID, *ahead: Question) -> str | None:
        """Let nobody else write in this estate until the transaction ends; those of other estates may, on a server.

        The schema stays as it is meanwhile: gives its version, None where there is no such estate. One journey, and
        the answers to what will be asked first come ``ahead`` in it.
        """
        connection, driver = self._line  # a file is locked from here on
        head = plain(_HEAD, connection.dialect)
        with postgres.together(connection):
            if connection.dialect.name == "postgresql":
                postgres.stand_in_line(driver, estate_id)
            # A statement of its own: it sees what those have written for whom we waited.
            cursor = head.run(driver, {"estate": estate_id})
            early = [(each, plain(each[0], connection.dialect).run(driver, each[1])) for each in ahead]
        for question, answer in early:
            self._ahead[_known_by(*question)] = plain(question[0], connection.dialect).rows(answer)
        for found in head.rows(cursor):
            self._heads[estate_id] = (found["head_seq"], found["head_hash"])
            return str(found["version"])
        return None

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

    def ask(self, *questions: Question) -> list[list[dict[str, Any]]]:
        """What the store answers to several questions, each a statement made once and its values, by column.

        On a server in one journey. What waits to be written is not written first.
        """
        found = [self._ahead.pop(_known_by(*question), None) for question in questions]
        connection, driver = self._line
        asked = [
            (place, plain(question, connection.dialect), values)
            for place, (question, values) in enumerate(questions)
            if found[place] is None
        ]
        with postgres.together(connection) if len(asked) > 1 else nullcontext():
            cursors = [question.run(driver, values) for _place, question, values in asked]
        for (place, question, _values), cursor in zip(asked, cursors, strict=True):
            found[place] = question.rows(cursor)
        return cast("list[list[dict[str, Any]]]", found)

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
        self._ahead.clear()
        made, self._made = self._made, []
        for each in made:
            # From here on an object like any other.
            self._put_made(each)
            make_transient_to_detached(each)
            super().add(each)
        super().flush(objects)
        self.write_rows()

    def finish(self, *last: str) -> None:
        """The same at the end of the transaction; on a server the statements ``last``, which answer nothing, and the
        commit go with the rows.

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
        """Write the rows that wait, not what has changed of the session's objects; only if some are ``of`` a table.

        With ``last`` the transaction is ended.
        """
        if of is not None and not any(each.table is inspect(of).local_table for each in self._waiting):
            return
        for estate_id in self._moved:
            seq, hash_ = self._heads[estate_id]
            self.change(Estate, (estate_id,), {"head_seq": seq, "head_hash": hash_})
        self._moved.clear()
        if not self._waiting and not last:
            return
        self._ahead.clear()
        waiting, self._waiting = self._waiting, {}
        connection, driver = self._line
        with postgres.together(connection):
            # What is changed may have been put in just now.
            for statement in sorted(waiting, key=lambda each: each.is_update):
                plain(statement, connection.dialect).run_all(driver, waiting[statement])
            if last:
                for each in last:
                    driver.execute(each)
                driver.commit()


def _known_by(question: Select[Any], values: Mapping[str, Any]) -> Any:
    return question, tuple(sorted(values.items()))


@cache
def _by_key(table: type[SQLModel]) -> tuple[Select[Any], list[str]]:
    columns = inspect(table).primary_key
    names = [f"key_{column.name}" for column in columns]
    wanted = [column == bindparam(name) for column, name in zip(columns, names, strict=True)]
    return columns_of(*inspect(table).local_table.columns).where(*wanted), names


@cache
def _inserting(table: type[SQLModel]) -> Insert:
    return insert(inspect(table).local_table)


@cache
def _changing(table: type[SQLModel], changed: tuple[str, ...]) -> tuple[Update, list[str]]:
    mapper = inspect(table)
    names = [f"key_{column.name}" for column in mapper.primary_key]
    wanted = [column == bindparam(name) for column, name in zip(mapper.primary_key, names, strict=True)]
    return update(mapper.local_table).where(*wanted).values({name: bindparam(name) for name in changed}), names
