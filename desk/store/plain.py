"""Statements as the driver takes them: put into SQL once, values turned by the columns' own types.

Finding by its key how a statement was compiled, and which type each of its values has, costs SQLAlchemy several times
what a short statement costs to run. For statements that are made once, of bound values only, all that can be kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Delete, Dialect, Insert, Select, Update

Statement = Insert | Update | Delete | Select[Any]
Turn = Callable[[Any], Any] | None
#: a value's name, what it is turned by, and whether nothing stays nothing
Taken = tuple[str, Turn, bool]


@dataclass(frozen=True, slots=True)
class Plain:
    """A statement of one dialect: its SQL, what it takes by name and what it gives by column, in order."""

    sql: str
    takes: tuple[Taken, ...]
    gives: tuple[tuple[str, Turn], ...]
    #: values that stand in the statement itself
    fixed: Mapping[str, Any]
    #: whether values are given in order, not by name
    ordered: bool

    def values(self, given: Mapping[str, Any]) -> Any:
        """``given`` as the driver takes it."""
        if self.fixed:
            given = {**self.fixed, **given}
        if self.ordered:
            return tuple(
                [
                    value if ((value := given[name]) is None and empty) or turn is None else turn(value)
                    for name, turn, empty in self.takes
                ]
            )
        return {
            name: value if ((value := given[name]) is None and empty) or turn is None else turn(value)
            for name, turn, empty in self.takes
        }

    def run(self, driver: Any, given: Mapping[str, Any]) -> Any:
        """Execute it on the driver's connection; gives the driver's cursor."""
        return driver.execute(self.sql, self.values(given))

    def run_all(self, driver: Any, given: Sequence[Mapping[str, Any]]) -> None:
        """Execute it once for each of what is given; on a server that rides in a journey that has been begun."""
        if len(given) == 1:
            self.run(driver, given[0])
        else:
            driver.cursor().executemany(self.sql, [self.values(each) for each in given])

    def rows(self, cursor: Any) -> list[dict[str, Any]]:
        """What it gave, by column."""
        return [
            {name: value if turn is None else turn(value) for (name, turn), value in zip(self.gives, row, strict=True)}
            for row in cursor.fetchall()
        ]


_made: dict[tuple[Statement, str], Plain] = {}


def plain(statement: Statement, dialect: Dialect) -> Plain:
    """``statement``, which is kept for ever, for ``dialect``. What it takes are bound values and nothing else."""
    key = (statement, dialect.name)
    found = _made.get(key)
    if found is None:
        found = _made[key] = _plain(statement, dialect)
    return found


def _plain(statement: Statement, dialect: Dialect) -> Plain:
    compiled: Any = statement.compile(dialect=dialect)
    names = compiled.positiontup if compiled.positional else tuple(compiled.binds)
    gives = statement.selected_columns if isinstance(statement, Select) else ()
    return Plain(
        str(compiled),
        tuple(_taken(name, compiled.binds[name].type, dialect) for name in names),
        tuple((str(column.key), _of(column.type, dialect).result_processor(dialect, None)) for column in gives),
        {name: compiled.binds[name].value for name in names if not compiled.binds[name].required},
        compiled.positional,
    )


def _taken(name: str, kind: Any, dialect: Dialect) -> Taken:
    turn = _of(kind, dialect).bind_processor(dialect)
    return name, turn, turn is None or turn(None) is None


def _of(kind: Any, dialect: Dialect) -> Any:
    return kind.dialect_impl(dialect)
