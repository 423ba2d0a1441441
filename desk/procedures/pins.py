"""PINs: who somebody says they are. Set, checked with a lock-out that grows, changed, taken away.

A PIN that is set is asked for, whether or not the estate requires one of everybody. Its hash stands apart from the
person, in a table no list reads; argon2id makes a guess cost a twentieth of a second and 19 MiB, and the lock-out
makes guessing at the console hopeless. Whoever holds a copy of the file can still try all PINs of four digits: the
file itself is guarded by the machine it lies on.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select

from desk import grants
from desk.errors import Refusal
from desk.ledger import Act, Doing, Entry, Ledger, permits
from desk.models import Pin, Staff
from desk.queries.pins import settings_in
from desk.text import clean, narrow

#: digits of a PIN
LEAST: Final = 4
MOST: Final = 12
#: digits of a first PIN made here
MADE: Final = 6
#: wrong ones in a row before the first lock; it then lasts so long, twice as long each time, and at most so long
FREE: Final = 3
LOCK: Final = timedelta(seconds=30)
LONGEST: Final = timedelta(hours=1)
LONGEST_IDLE: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess costs; the default is 50–100 ms on one core of a counter's machine. Kept with each hash."""

    time: int = 3
    memory_kib: int = 19456


def asked_of(ledger: Ledger, staff_id: UUID) -> bool:
    """Whether ``staff_id`` must give a PIN to act. Raises ``Refusal`` ``pin.none`` where they must and have none."""
    with ledger.store.read() as session:
        if session.get(Pin, (ledger.estate_id, staff_id)) is not None:
            return True
        if not settings_in(session, ledger.estate_id).required:
            return False
        person = session.get(Staff, (ledger.estate_id, staff_id))
    raise Refusal("pin.none", name=person.name if person is not None else "")


def check(ledger: Ledger, staff_id: UUID, pin: str, now: datetime) -> bool:
    """Whether it is a first PIN, to be changed. ``now`` is the machine's clock. Some 50–100 ms: never in the interface.

    The try is counted before it is looked at, so that neither ending the program nor many tries at once get round the
    lock. Raises :class:`Refusal` ``pin.locked``, ``pin.wrong``, ``pin.none``, ``store.*``.
    """
    try:
        kept = _count(ledger, staff_id, now)
    except Refusal as refusal:
        if refusal.code not in ("store.read_only", "store.full"):
            raise
        # nothing can be recorded in anybody's name either: to look is all that can be done
        with ledger.store.read() as session:
            kept = _kept(session, ledger, staff_id)
        if not verify(kept.hash, pin):
            raise Refusal("pin.wrong", left=0) from None
        return kept.first
    if verify(kept.hash, pin):
        with ledger.store.write(ledger.estate_id) as session:
            row = session.get(Pin, (ledger.estate_id, staff_id))
            if row is not None and row.hash == kept.hash:
                row.failures, row.locked_until = 0, None
                session.add(row)
        return kept.first
    if kept.locked_until is None:
        raise Refusal("pin.wrong", left=FREE - kept.failures)
    with ledger.write(Doing(now)) as entry:
        entry.record(Act("pin.locked", ("staff", staff_id)), system=True)
    raise Refusal("pin.locked", until=kept.locked_until)


def _count(ledger: Ledger, staff_id: UUID, now: datetime) -> Pin:
    with ledger.store.write(ledger.estate_id) as session:
        row = _kept(session, ledger, staff_id)
        # a clock set back must not lock for longer than the longest
        if row.locked_until is not None and now < row.locked_until <= now + LONGEST:
            raise Refusal("pin.locked", until=row.locked_until)
        row.failures += 1
        over = row.failures - FREE
        row.locked_until = now + min(LOCK * 2 ** min(over, 10), LONGEST) if over >= 0 else None
        session.add(row)
        session.flush()
        return Pin(**row.model_dump())


def _kept(session: Session, ledger: Ledger, staff_id: UUID) -> Pin:
    row = session.get(Pin, (ledger.estate_id, staff_id))
    if row is None:
        person = session.get(Staff, (ledger.estate_id, staff_id))
        raise Refusal("pin.none", name=person.name if person is not None else "")
    return row


# -- setting them --------------------------------------------------------------------------------------------


def choose(ledger: Ledger, old: str, new: str, doing: Doing, *, cost: Cost | None = None) -> None:
    """Whoever acts changes their own PIN.

    Raises :class:`Refusal` as :func:`check` for the old one; ``pin.form``, ``pin.easy``, ``pin.same`` for the new.
    """
    me = doing.recorded_by or doing.by
    assert me is not None
    check(ledger, me, old, doing.now)
    digits = well_formed(new)
    if digits == read(old):
        raise Refusal("pin.same")
    hashed = hash_of(digits, cost or Cost())
    with ledger.write(doing) as entry:
        _refuse_easy(digits, entry.staff(me).number)
        _lay(entry, me, hashed, first=False)
        entry.record(Act("pin.chosen", ("staff", me)))


def give(ledger: Ledger, staff_id: UUID, doing: Doing, pin: str | None = None, *, cost: Cost | None = None) -> str:
    """Give somebody a first PIN, made here unless ``pin`` says it; it opens a lock. Returns it, to be handed over once.

    Raises :class:`Refusal` ``grant.denied``, ``staff.unknown``, ``pin.form``, ``pin.easy``.
    """
    digits = well_formed(pin) if pin is not None else _made()
    hashed = hash_of(digits, cost or Cost())
    with ledger.write(doing) as entry:
        entry.permit("pin.given", ("staff", staff_id))
        _refuse_easy(digits, entry.staff(staff_id).number)
        _lay(entry, staff_id, hashed, first=True)
        entry.record(Act("pin.given", ("staff", staff_id)))
    return digits


def remove(ledger: Ledger, staff_id: UUID, doing: Doing) -> None:
    """Take somebody's PIN away. Raises :class:`Refusal` ``grant.denied``, ``pin.no_such``, ``staff.last``."""
    with ledger.write(doing) as entry:
        entry.permit("pin.removed", ("staff", staff_id))
        name = entry.staff(staff_id).name
        if entry.session.get(Pin, (entry.estate_id, staff_id)) is None:
            raise Refusal("pin.no_such", name=name)
        permits.keep_a_keeper(entry.session, entry.estate_id, staff_id, name)
        entry.session.execute(delete(Pin).where(col(Pin.estate_id) == entry.estate_id, col(Pin.staff_id) == staff_id))
        entry.record(Act("pin.removed", ("staff", staff_id)))


def want_from_the_start(ledger: Ledger, doing: Doing, *, cost: Cost | None = None) -> tuple[str, str]:
    """Let nobody work without a PIN from the estate's first day: who may give them gets the first one, made here.

    Returns their name and that PIN, to be handed over once. ``doing`` is the founding's: nobody has signed in yet.
    """
    with ledger.write(doing) as entry:
        here = permits.held(entry.session, entry.estate_id)
        query = select(Staff).where(Staff.estate_id == entry.estate_id).order_by(col(Staff.id))
        keeper = next(each for each in entry.session.exec(query) if grants.allows("staff", each.duties, here))
        digits = _made()
        _lay(entry, keeper.id, hash_of(digits, cost or Cost()), first=True)
        entry.record(Act("pin.given", ("staff", keeper.id)))
        _set(entry, required=True)
    return keeper.name, digits


def require(ledger: Ledger, on: bool, doing: Doing) -> None:
    """Let nobody work without a PIN, or again those who have none.

    Raises :class:`Refusal` ``grant.denied``, ``pin.self`` where whoever turns it on has chosen none of their own.
    """
    me = doing.recorded_by or doing.by
    with ledger.write(doing) as entry:
        entry.permit("pin.settings", ("estate", entry.estate_id))
        mine = entry.session.get(Pin, (entry.estate_id, me)) if me is not None else None
        if on and (mine is None or mine.first):
            raise Refusal("pin.self")
        _set(entry, required=on)


def lock_after(ledger: Ledger, minutes: int, doing: Doing) -> None:
    """Lock a console after so many minutes without a key; 0 never. Raises ``Refusal`` ``grant.*``, ``pin.idle``."""
    if not 0 <= minutes <= LONGEST_IDLE:
        raise Refusal("pin.idle", most=LONGEST_IDLE)
    with ledger.write(doing) as entry:
        _set(entry, idle_minutes=minutes)


def _set(entry: Entry, **said: bool | int) -> None:
    estate = entry.head
    estate.settings = {**(estate.settings or {}), "pins": {**(estate.settings or {}).get("pins", {}), **said}}
    entry.session.add(estate)
    entry.record(Act("pin.settings", ("estate", entry.estate_id), sets=said))


def _lay(entry: Entry, staff_id: UUID, hashed: str, *, first: bool) -> None:
    row = entry.session.get(Pin, (entry.estate_id, staff_id))
    if row is None:
        row = Pin(estate_id=entry.estate_id, staff_id=staff_id, hash="", set_at=entry.doing.now)
    row.hash, row.first, row.set_at = hashed, first, entry.doing.now
    row.failures, row.locked_until = 0, None
    entry.session.add(row)
    entry.session.flush()


# -- PINs themselves -----------------------------------------------------------------------------------------


def read(text: str) -> str:
    """A PIN as typed: full-width digits are digits, blanks nothing."""
    return narrow(clean(text, 40)).replace(" ", "")


def well_formed(text: str) -> str:
    """The digits of a PIN. Raises :class:`Refusal` ``pin.form``, ``pin.easy``."""
    digits = read(text)
    if not (digits.isascii() and digits.isdigit() and LEAST <= len(digits) <= MOST):
        raise Refusal("pin.form", least=LEAST, most=MOST)
    _refuse_easy(digits, "")
    return digits


def _refuse_easy(digits: str, number: str) -> None:
    up, down = "01234567890123456789", "98765432109876543210"
    if len(set(digits)) == 1 or digits in up or digits in down or digits == read(number):
        raise Refusal("pin.easy")


def _made() -> str:
    while True:
        digits = "".join(secrets.choice("0123456789") for _ in range(MADE))
        try:
            return well_formed(digits)
        except Refusal:
            continue


def hash_of(digits: str, cost: Cost) -> str:
    """The hash to keep, salt and cost in it."""
    from argon2 import PasswordHasher

    hasher = PasswordHasher(time_cost=cost.time, memory_cost=cost.memory_kib, parallelism=1)
    return hasher.hash(digits)


def verify(hashed: str, pin: str) -> bool:
    """Whether ``pin`` is the one."""
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return PasswordHasher().verify(hashed, read(pin))
    except (VerificationError, InvalidHashError):
        return False
