"""PINs as they stand: what an estate wants of them, and who has one. A console asks at its start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from desk.ledger import Ledger, permits
from desk.models import Pin, Staff

#: minutes without a key after which a console locks itself, where the estate has said nothing
IDLE: Final = 10


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands: what a sign-in needs to know, and the list of PINs shows."""

    staff_id: UUID
    name: str
    number: str
    has: bool
    #: given by somebody else, to be changed
    first: bool
    #: none is taken before; aware UTC
    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class Settings:
    """What the estate wants."""

    required: bool = False
    idle_minutes: int = IDLE
    #: whether anybody has a PIN at all
    used: bool = False


def settings(ledger: Ledger) -> Settings:
    """What the estate wants; ``required`` as it holds (never where nobody with a PIN could give others theirs)."""
    with ledger.store.read() as session:
        return settings_in(session, ledger.estate_id)


def settings_in(session: Session, estate_id: UUID) -> Settings:
    """As :func:`settings`, in a session."""
    said = permits.pin_settings(session, estate_id)
    used = session.exec(select(Pin.staff_id).where(Pin.estate_id == estate_id).limit(1)).first() is not None
    required = used and permits.pins_required(session, estate_id)
    return Settings(required, int(said.get("idle_minutes", IDLE)), used)


def standings(ledger: Ledger) -> list[Standing]:
    """Everybody who works here, by number and name."""
    with ledger.store.read() as session:
        query = (
            select(Staff, Pin)
            .join(
                Pin,
                (col(Pin.estate_id) == col(Staff.estate_id)) & (col(Pin.staff_id) == col(Staff.id)),
                isouter=True,
            )
            .where(Staff.estate_id == ledger.estate_id, col(Staff.active).is_(True))
            .order_by(col(Staff.number), col(Staff.name))
        )
        found: list[tuple[Staff, Pin | None]] = list(session.exec(query))
        return [
            Standing(s.id, s.name, s.number, True, p.first, p.locked_until)
            if p is not None
            else Standing(s.id, s.name, s.number, False, False, None)
            for s, p in found
        ]
