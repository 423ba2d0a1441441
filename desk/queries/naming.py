"""What other rows need of people and tickets to be readable: names, numbers, rooms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_
from sqlmodel import Session, col, select

from desk.i18n import _
from desk.models import Room, Staff, Ticket, Visit
from desk.vocabulary import DUTIES, FACTS

#: parameters of one IN
_IN = 400
#: facts that hold a member of staff's id
_STAFF = {name for name, word in FACTS.items() if word.type == "staff"}
#: facts that hold several, in order
_SEVERAL = {"chain"}


@dataclass(frozen=True, slots=True)
class Matter:
    """What a row says of the ticket or visit it belongs to; a visit has no kind."""

    number: str
    kind: str
    what: str
    room: str


def shown_by(by: str) -> str:
    """Who a rule means, in words: a duty's title, with its department, or that of the fact that names somebody."""
    if by.startswith("@"):
        word = FACTS.get(by[1:])
        return _(word.title) if word else by
    duty, _at, department = by.partition("@")
    title = _(DUTIES[duty]) if duty in DUTIES else duty
    return _("{duty} of {department}").format(duty=title, department=department) if department else title


def names_of(session: Session, estate_id: UUID, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Names of members of staff."""
    found: dict[UUID, str] = {}
    for part in parts({ident for ident in ids if ident is not None}):
        query = select(Staff.id, Staff.name).where(Staff.estate_id == estate_id, col(Staff.id).in_(part))
        found |= dict(session.exec(query).all())
    return found


def matters_of(session: Session, estate_id: UUID, ids: Iterable[UUID]) -> dict[UUID, Matter]:
    """Tickets and visits among ``ids``, in a few words."""
    found: dict[UUID, Matter] = {}
    ids = set(ids)
    for part in parts(ids):
        query = (
            select(Ticket.id, Ticket.number, Ticket.kind, Ticket.what, Ticket.room_text, Room.code)  # type: ignore[call-overload]
            .join(Room, and_(col(Room.estate_id) == Ticket.estate_id, col(Room.id) == Ticket.room_id), isouter=True)
            .where(Ticket.estate_id == estate_id, col(Ticket.id).in_(part))
        )
        for ident, number, kind, what, room_text, code in session.exec(query):
            found[ident] = Matter(number, kind, what or "", code or room_text or "")
    for part in parts(ids - found.keys()):
        for visit in session.exec(select(Visit).where(Visit.estate_id == estate_id, col(Visit.id).in_(part))):
            said = " ".join(filter(None, (visit.person_name, visit.what)))
            found[visit.id] = Matter(visit.number, "", said, visit.room_text or "")
    return found


def staff_in(facts: Mapping[str, Any]) -> set[UUID]:
    """Members of staff that facts name by id."""
    found = set()
    for name in facts.keys() & _STAFF:
        ident = _uuid(facts[name])
        if ident is not None:
            found.add(ident)
    several = [each for name in facts.keys() & _SEVERAL for each in facts[name] or ()]
    return found | {ident for each in several if (ident := _uuid(each)) is not None}


def with_names(facts: Mapping[str, Any], names: Mapping[UUID, str]) -> dict[str, Any]:
    """Facts with members of staff by name."""
    found = dict(facts)
    for name in facts.keys() & _STAFF:
        ident = _uuid(facts[name])
        if ident is not None and ident in names:
            found[name] = names[ident]
    for name in facts.keys() & _SEVERAL:
        found[name] = [names.get(ident, each) if (ident := _uuid(each)) else each for each in facts[name] or ()]
    return found


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None


def parts(ids: Iterable[UUID]) -> Iterable[list[UUID]]:
    """Ids in portions that fit one statement."""
    every = list(ids)
    return [every[start : start + _IN] for start in range(0, len(every), _IN)]
