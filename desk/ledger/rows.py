"""The present rows that events describe: which table a subject lives in, its facts, and how an act changes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, cast, get_args
from uuid import UUID

from sqlmodel import Session, SQLModel

from desk.errors import Refusal
from desk.models import Appointment, Callback, Estate, Handover, Shift, Subject, Ticket, Visit
from desk.vocabulary import FACTS

Row = Ticket | Appointment | Callback | Handover | Shift | Visit | Subject

#: subjects with a table of their own; every other type lives in Subject
TABLES: dict[str, type[Row]] = {
    "ticket": Ticket,
    "appointment": Appointment,
    "callback": Callback,
    "handover": Handover,
    "shift": Shift,
    "visit": Visit,
}

#: columns that are the row's identity, not something an act changes
_IDENTITY = {"estate_id", "id", "facts", "type", "snapshot"}


def table(subject_type: str) -> type[Row]:
    return TABLES.get(subject_type, Subject)


def type_of(row: SQLModel) -> str:
    """The subject type a row stands for."""
    if isinstance(row, Subject):
        return row.type
    if isinstance(row, Estate):
        return "estate"
    return next(name for name, cls in TABLES.items() if isinstance(row, cls))


@cache
def _columns(cls: type[Row]) -> dict[str, type]:
    """Settable columns and the plain type of each."""
    found = {}
    for name, info in cls.model_fields.items():
        if name in _IDENTITY:
            continue
        kinds = [k for k in get_args(info.annotation) if k is not type(None)] or [info.annotation]
        found[name] = kinds[0]
    return found


def facts_of(row: SQLModel | None) -> dict[str, Any]:
    """Every fact a rule may ask of the row, JSON-plain; what is not known is left out."""
    if row is None or isinstance(row, Estate):
        return {}
    columns = _columns(type(row))
    facts = {name: plain_fact(getattr(row, name)) for name in columns if name in FACTS}
    facts.update(getattr(row, "facts", None) or {})
    return {name: value for name, value in facts.items() if value is not None}


def plain_fact(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def typed(value: Any, kind: type) -> Any:
    """A JSON-plain value as its column's type."""
    if value is None or not isinstance(value, str):
        return value
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind is date:
        return date.fromisoformat(value)
    return UUID(value) if kind is UUID else value


def apply(row: Row, sets: Mapping[str, Any], words: Mapping[str, str | None]) -> None:
    """Lay one act's changes on the row: columns by name, everything else among its facts."""
    columns = _columns(type(row))
    facts = dict(row.facts)
    for name, value in {**sets, **{k: v for k, v in words.items() if k in columns}}.items():
        if name in columns:
            setattr(row, name, typed(value, columns[name]))
        elif value is None:
            facts.pop(name, None)
        else:
            facts[name] = value
    row.facts = facts


def reset(row: Row) -> None:
    """Back to an empty row, before its events are laid on it again."""
    for name, info in type(row).model_fields.items():
        if name not in _IDENTITY and not info.is_required():
            setattr(row, name, info.get_default(call_default_factory=True))
    row.facts = {}


def blank(row: Row, names: Iterable[str]) -> None:
    """Take away what these words laid on the row."""
    for name in set(names) & _columns(type(row)).keys():
        nullable = type(None) in get_args(type(row).model_fields[name].annotation)
        setattr(row, name, None if nullable else "")


def find(session: Session, estate_id: UUID, subject_type: str, subject_id: UUID) -> Row | None:
    """The row of a subject, if it has one: the estate, the day and the log have not."""
    return cast("Row | None", session.get(table(subject_type), (estate_id, subject_id)))


def fetch(session: Session, estate_id: UUID, subject_type: str, subject_id: UUID) -> Row:
    """The row of a subject. Raises :class:`Refusal` ``subject.unknown``."""
    row = find(session, estate_id, subject_type, subject_id)
    if row is None:
        raise Refusal("subject.unknown", type=subject_type, id=str(subject_id))
    return row
