"""Who may do what, in one place for every counter and command: :mod:`desk.grants` applied to who works here.

:class:`desk.ledger.record.Entry` asks before it records; screens ask beforehand, to show the reason. The machine's own
acts (the clock's hand, founding an estate) have nobody to ask about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlmodel import Session, col, select

from desk import grants
from desk.errors import Refusal
from desk.models import Estate, Pin, Staff

if TYPE_CHECKING:
    from desk.ledger.acts import Doing
    from desk.ledger.record import Ledger
    from desk.store import Store


def held(session: Session, estate_id: UUID) -> set[str]:
    """Every duty somebody who works here has."""
    query = select(Staff.duties).where(Staff.estate_id == estate_id, col(Staff.active).is_(True))
    return {duty for duties in session.exec(query) for duty in duties}


def why_not(session: Session, estate_id: UUID, right: str | None, staff_id: UUID | None) -> Refusal | None:
    """Why ``staff_id`` has not got ``right``; None where they have, or where it is the machine's own act."""
    if right is None or staff_id is None:
        return None
    person = session.get(Staff, (estate_id, staff_id))
    duties = person.duties if person is not None and person.active else []
    if set(duties) & set(grants.RIGHTS[right].duties):
        return None
    here = held(session, estate_id)
    return None if grants.allows(right, duties, here) else grants.denied(right, here)


def why_not_event(ledger: Ledger, session: Session, event: str) -> Refusal | None:
    """Why whoever sits at this console may not record ``event``, for screens that show it beforehand."""
    return why_not(session, ledger.estate_id, grants.OF_EVENT.get(event), ledger.who)


def require(ledger: Ledger, doing: Doing, right: str) -> None:
    """Hold something that records no event to ``right``: an export, a number in full.

    Raises :class:`Refusal` ``grant.denied``; the refusal is recorded.
    """
    with ledger.store.read() as session:
        refusal = why_not(session, ledger.estate_id, right, doing.recorded_by or doing.by)
    if refusal is not None:
        ledger.note_refused(doing, right, right)
        raise refusal


# -- PINs: whether they are wanted ---------------------------------------------------------------------------


def pin_settings(session: Session, estate_id: UUID) -> dict[str, Any]:
    """The estate's ``required`` and ``idle_minutes``, as far as somebody has set them."""
    estate = session.get(Estate, estate_id)
    return dict((estate.settings or {}).get("pins", {})) if estate is not None else {}


def pins_used(store: Store) -> bool:
    """Whether anybody has a PIN, in whichever estate of the store."""
    with store.read() as session:
        return session.exec(select(Pin.staff_id).limit(1)).first() is not None


def pins_required(session: Session, estate_id: UUID) -> bool:
    """Whether nobody signs in without a PIN. Never where nobody with a PIN could give others theirs."""
    return bool(pin_settings(session, estate_id).get("required")) and bool(keepers(session, estate_id))


def keepers(session: Session, estate_id: UUID) -> set[UUID]:
    """Those who work here, have a PIN, and may give others one."""
    query = (
        select(Staff.id, Staff.duties)
        .join(Pin, (col(Pin.estate_id) == col(Staff.estate_id)) & (col(Pin.staff_id) == col(Staff.id)))
        .where(Staff.estate_id == estate_id, col(Staff.active).is_(True))
    )
    here = held(session, estate_id)
    return {ident for ident, duties in session.exec(query) if grants.allows("staff", duties, here)}


def keep_a_keeper(session: Session, estate_id: UUID, staff_id: UUID, name: str) -> None:
    """Refuse to let go of the last one with a PIN who could give others theirs, while PINs are required.

    Raises :class:`Refusal` ``staff.last``.
    """
    if pin_settings(session, estate_id).get("required") and keepers(session, estate_id) == {staff_id}:
        raise Refusal("staff.last", name=name)
