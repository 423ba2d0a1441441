"""Who works here, and who is meant by a name or number."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from desk.errors import Refusal
from desk.models import Staff
from desk.text import fold
from desk.vocabulary import nearest


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A member of staff."""

    id: UUID
    name: str
    number: str
    department: str
    #: words of :data:`desk.vocabulary.DUTIES`
    duties: tuple[str, ...]
    active: bool
    #: in full; whoever shows it masks it
    phone: str = ""


def staff_list(session: Session, estate_id: UUID, *, former: bool = False) -> list[StaffRow]:
    """Everybody who works here by name; ``former`` with those who have left."""
    query = select(Staff).where(Staff.estate_id == estate_id).order_by(col(Staff.name))
    if not former:
        query = query.where(col(Staff.active).is_(True))
    return [
        StaffRow(s.id, s.name, s.number, s.department, tuple(s.duties), s.active, s.phone) for s in session.exec(query)
    ]


def staff_named(session: Session, estate_id: UUID, text: str) -> StaffRow:
    """The one meant by a name or staff number. Raises :class:`Refusal` ``staff.no_such``."""
    people = staff_list(session, estate_id)
    wanted = fold(text)
    for person in people:
        if wanted and wanted in (fold(person.name), fold(person.number)):
            return person
    names = [person.name for person in people]
    raise Refusal("staff.no_such", name=text, known=names, nearest=nearest(text, names))
