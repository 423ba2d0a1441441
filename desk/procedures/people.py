"""The people the estate serves, its rooms, and the people who work here.

Names, telephone numbers and notes are an event's words, so that a person can be forgotten; facts carry none
of them. What takes an :class:`Entry` writes inside the caller's transaction; ``room_in`` and
``person_in`` record no event themselves: they serve acts that cover many (an import, setting an estate up).
Sources: S4-03, S0-43 (hand-over and warranty), S2-90; duties as in :data:`desk.vocabulary.DUTIES`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import Session, col

from desk import grants
from desk.errors import Refusal
from desk.ledger import Act, Doing, Entry, Ledger, permits
from desk.models import Occupancy, Person, Phone, Room, SearchKey, Staff, new_id
from desk.pinyin import person_keys, room_keys
from desk.privacy import without_identities
from desk.text import LINE, PROSE, clean, fold, narrow, phone_digits, room_code
from desk.vocabulary import DUTIES, nearest

ROLES: Final = ("owner", "tenant", "family")
ROOM_KINDS: Final = ("home", "shop", "public")
#: telephone numbers kept of one person
PHONES: Final = 9
#: a telephone number, with its extension
_NUMBER: Final = re.compile(r"\+?[\d()-]+(?:(?:转|ext\.?|x|#)\d{1,6})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RoomData:
    """A room as told: its code as people say it, or building, unit and number."""

    code: str
    kind: str = "home"
    building: str = ""
    unit: str = ""
    number: str = ""
    project: str = ""
    handed_over_on: date | None = None
    note: str = ""


# -- rooms ---------------------------------------------------------------------------------------------------


def add_room(ledger: Ledger, room: RoomData, doing: Doing) -> UUID:
    """Add a room. Raises :class:`Refusal` ``room.no_code``, ``room.kind``, ``room.exists``."""
    with ledger.write(doing) as entry:
        row = room_in(entry, room)
        _record(
            entry,
            "room.added",
            "room",
            row.id,
            {"code": row.code, "kind": row.kind},
            {"note": row.note or None},
        )
        return row.id


def change_room(ledger: Ledger, room_id: UUID, changes: Mapping[str, Any], doing: Doing) -> None:
    """Change a room's ``kind``, ``project``, ``handed_over_on``, ``note`` or ``code``.

    Raises :class:`Refusal` ``room.unknown``, ``room.kind``, ``room.exists``, ``room.no_code``.
    """
    with ledger.write(doing) as entry:
        row = entry.session.get(Room, (entry.estate_id, room_id))
        if row is None:
            raise Refusal("room.unknown", id=str(room_id))
        told = RoomData(
            code=changes.get("code", row.code),
            kind=changes.get("kind", row.kind),
            project=changes.get("project", row.project),
            handed_over_on=changes.get("handed_over_on", row.handed_over_on),
            note=changes.get("note", row.note),
        )
        checked = _checked_room(told, entry)
        if checked.code != row.code:
            _refuse_twice(entry, checked.code)
        _lay_room(row, checked)
        entry.session.add(row)
        _index(entry.session, entry.estate_id, row.id, "room", room_keys(row.code, row.number))
        sets = {name: getattr(row, name) for name in changes if name not in ("note",) and hasattr(row, name)}
        _record(entry, "room.changed", "room", row.id, sets, {"note": row.note if "note" in changes else None})


def room_in(entry: Entry, room: RoomData) -> Room:
    """Add a room without recording an event. Raises :class:`Refusal` as :func:`add_room`."""
    checked = _checked_room(room, entry)
    _refuse_twice(entry, checked.code)
    row = Room(estate_id=entry.estate_id, id=new_id(), code=checked.code)
    _lay_room(row, checked)
    entry.session.add(row)
    _index(entry.session, entry.estate_id, row.id, "room", room_keys(row.code, row.number), fresh=True)
    return row


def _checked_room(room: RoomData, entry: Entry) -> RoomData:
    code = room_code(clean(room.code, 60))
    if not code.strip("-"):
        raise Refusal("room.no_code")
    if room.kind not in ROOM_KINDS:
        raise Refusal("room.kind", kind=room.kind, known=list(ROOM_KINDS), nearest=nearest(room.kind, ROOM_KINDS))
    building, unit, number = parts(code)
    return RoomData(
        code=code,
        kind=room.kind,
        building=narrow(clean(room.building, 30)) or building,
        unit=narrow(clean(room.unit, 30)) or unit,
        number=narrow(clean(room.number, 30)) or number,
        project=clean(room.project, 60),
        handed_over_on=room.handed_over_on,
        note=entry.kept(clean(room.note, PROSE, lines=True)),
    )


def parts(code: str) -> tuple[str, str, str]:
    """Building, unit and number of a code: ``3-2-501`` → 3, 2, 501; ``3-501`` has no unit, a name none."""
    split = code.split("-")
    if len(split) < 2 or not all(split):
        return "", "", ""
    return "-".join(split[:-2]) or split[0], split[-2] if len(split) > 2 else "", split[-1]


def _refuse_twice(entry: Entry, code: str) -> None:
    query = select(col(Room.id)).where(col(Room.estate_id) == entry.estate_id, col(Room.code) == code)
    if entry.session.connection().execute(query).first() is not None:
        raise Refusal("room.exists", room=code)


def _lay_room(row: Room, told: RoomData) -> None:
    for name in RoomData.__slots__:
        setattr(row, name, getattr(told, name))


# -- people --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PersonData:
    """Somebody as told; ``rooms`` gives the role in each, one of :data:`ROLES`."""

    name: str
    phones: tuple[str, ...] = ()
    rooms: tuple[tuple[UUID, str], ...] = ()
    note: str = ""


def add_person(ledger: Ledger, person: PersonData, doing: Doing) -> UUID:
    """Add a person with telephone numbers and rooms.

    Raises :class:`Refusal` ``person.no_name``, ``person.phone``, ``person.phones``, ``person.role``,
    ``room.unknown``.
    """
    with ledger.write(doing) as entry:
        row = person_in(entry, person)
        _record(entry, "person.added", "person", row.id, {}, _person_words(entry, row))
        return row.id


def change_person(ledger: Ledger, person_id: UUID, changes: Mapping[str, Any], doing: Doing) -> None:
    """Change a person's ``name``, ``note``, ``phones`` or ``rooms``; a list given replaces the former one.

    Raises :class:`Refusal` ``person.unknown`` and as :func:`add_person`.
    """
    with ledger.write(doing) as entry:
        row = entry.session.get(Person, (entry.estate_id, person_id))
        if row is None:
            raise Refusal("person.unknown", id=str(person_id))
        if "name" in changes:
            row.name = entry.kept(_name(changes["name"]), "name")
            _index(entry.session, entry.estate_id, row.id, "person", person_keys(row.name))
        if "note" in changes:
            row.note = entry.kept(clean(changes["note"], PROSE, lines=True))
        entry.session.add(row)
        if "phones" in changes:
            set_phones(entry.session, entry.estate_id, row.id, checked_phones(changes["phones"]))
        if "rooms" in changes:
            _set_rooms(entry, row.id, changes["rooms"])
        _record(entry, "person.changed", "person", row.id, {}, _person_words(entry, row))


def person_in(entry: Entry, person: PersonData) -> Person:
    """Add a person without recording an event. Raises :class:`Refusal` as :func:`add_person`."""
    name, phones = entry.kept(_name(person.name), "name"), checked_phones(person.phones)
    note = entry.kept(clean(person.note, PROSE, lines=True))
    row = Person(estate_id=entry.estate_id, id=new_id(), name=name, note=note)
    entry.session.add(row)
    _index(entry.session, entry.estate_id, row.id, "person", person_keys(name), fresh=True)
    set_phones(entry.session, entry.estate_id, row.id, phones, fresh=True)
    _set_rooms(entry, row.id, person.rooms)
    return row


def checked_phones(given: Iterable[str]) -> list[str]:
    """Telephone numbers as they are kept, each once.

    Raises :class:`Refusal` ``person.phone`` for one that is none, ``person.phones`` for too many.
    """
    found: dict[str, str] = {}
    for text in given:
        number = narrow(clean(text, LINE)).replace(" ", "")
        if not number:
            continue
        kept = phone_digits(number)
        if not _NUMBER.fullmatch(number) or not 3 <= len(kept) <= 20 or without_identities(number)[1]:
            raise Refusal("person.phone", number=number)
        found.setdefault(kept, number)
    if len(found) > PHONES:
        raise Refusal("person.phones", most=PHONES)
    return list(found.values())


def set_phones(
    session: Session, estate_id: UUID, person_id: UUID, phones: Sequence[str], *, fresh: bool = False
) -> None:
    """Make these the person's telephone numbers, the one to call first leading."""
    if not fresh:
        session.execute(delete(Phone).where(col(Phone.estate_id) == estate_id, col(Phone.person_id) == person_id))
    session.add_all(
        Phone(
            estate_id=estate_id,
            person_id=person_id,
            position=place,
            number=number,
            reversed=phone_digits(number)[::-1],
        )
        for place, number in enumerate(phones)
    )
    _index(session, estate_id, person_id, "phone", {phone_digits(number) for number in phones}, fresh=fresh)


def _set_rooms(entry: Entry, person_id: UUID, rooms: Iterable[tuple[UUID, str]]) -> None:
    session, estate_id = entry.session, entry.estate_id
    session.execute(
        delete(Occupancy).where(col(Occupancy.estate_id) == estate_id, col(Occupancy.person_id) == person_id)
    )
    for room_id, role in dict(rooms).items():
        if role not in ROLES:
            raise Refusal("person.role", role=role, known=list(ROLES), nearest=nearest(role, ROLES))
        if session.get(Room, (estate_id, room_id)) is None:
            raise Refusal("room.unknown", id=str(room_id))
        session.add(Occupancy(estate_id=estate_id, person_id=person_id, room_id=room_id, role=role))


def _name(text: str) -> str:
    name = clean(text, 60)
    if not fold(name):
        raise Refusal("person.no_name")
    return name


def _person_words(entry: Entry, row: Person) -> dict[str, str | None]:
    """What the event says of a person; all of it can be forgotten with them."""
    entry.session.flush()
    here, connection = (entry.estate_id, row.id), entry.session.connection()
    phones = (
        select(col(Phone.number))
        .where(col(Phone.estate_id) == here[0], col(Phone.person_id) == here[1])
        .order_by(col(Phone.position))
    )
    rooms = (
        select(col(Room.code), col(Occupancy.role))
        .join(
            Occupancy,
            (col(Occupancy.room_id) == col(Room.id)) & (col(Occupancy.estate_id) == col(Room.estate_id)),
        )
        .where(col(Occupancy.estate_id) == here[0], col(Occupancy.person_id) == here[1])
        .order_by(col(Room.code))
    )
    return {
        "name": row.name,
        "phones": ", ".join(connection.execute(phones).scalars()) or None,
        "rooms": ", ".join(f"{code} {role}" for code, role in connection.execute(rooms)) or None,
        "note": row.note or None,
    }


# -- staff ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StaffData:
    """Somebody who works here; ``duties`` are words of :data:`desk.vocabulary.DUTIES`."""

    name: str
    duties: tuple[str, ...] = ("agent",)
    number: str = ""
    phone: str = ""
    department: str = ""


def add_staff(ledger: Ledger, staff: StaffData, doing: Doing) -> UUID:
    """Add a member of staff.

    Raises :class:`Refusal` ``staff.no_name``, ``staff.exists``, ``staff.number``, ``staff.duty``.
    """
    with ledger.write(doing) as entry:
        return staff_in(entry, staff).id


def staff_in(entry: Entry, staff: StaffData) -> Staff:
    """Add a member of staff inside a running act, its event included. Raises as :func:`add_staff`."""
    row = Staff(estate_id=entry.estate_id, id=new_id(), name="")
    _lay_staff(entry, row, {name: getattr(staff, name) for name in StaffData.__slots__})
    _record_staff(entry, "staff.added", row)
    return row


def change_staff(ledger: Ledger, staff_id: UUID, changes: Mapping[str, Any], doing: Doing) -> None:
    """Change a member of staff; ``active`` False takes them off the lists and keeps their past.

    Raises :class:`Refusal` ``staff.unknown``, ``staff.no_name``, ``staff.exists``, ``staff.number``, ``staff.duty``,
    ``staff.last``.
    """
    with ledger.write(doing) as entry:
        entry.permit("staff.changed", ("staff", staff_id))
        row = entry.staff(staff_id)
        right = grants.RIGHTS["staff"].duties
        if not changes.get("active", True) or not set(changes.get("duties", right)) & set(right):
            permits.keep_a_keeper(entry.session, entry.estate_id, staff_id, row.name)
        _lay_staff(entry, row, changes)
        _record_staff(entry, "staff.changed", row)


def _lay_staff(entry: Entry, row: Staff, changes: Mapping[str, Any]) -> None:
    if "name" in changes:
        name = clean(changes["name"], 60)
        if not name:
            raise Refusal("staff.no_name")
        query = select(col(Staff.id)).where(
            col(Staff.estate_id) == entry.estate_id, col(Staff.name) == name, col(Staff.id) != row.id
        )
        if entry.session.connection().execute(query).first() is not None:
            raise Refusal("staff.exists", name=name)
        row.name = name
    for duty in changes.get("duties", ()):
        if duty not in DUTIES:
            raise Refusal("staff.duty", duty=duty, known=list(DUTIES), nearest=nearest(duty, DUTIES))
    if "duties" in changes:
        row.duties = list(dict.fromkeys(changes["duties"]))
    if "phone" in changes:
        row.phone = next(iter(checked_phones([changes["phone"]])), "")
    for name in ("number", "department"):
        if name in changes:
            setattr(row, name, clean(changes[name], 60))
    if "active" in changes:
        row.active = bool(changes["active"])
    if not {"number", "active"}.isdisjoint(changes):
        _sole_number(entry, row)
    entry.session.add(row)


def _sole_number(entry: Entry, row: Staff) -> None:
    """One signs in by number: of those who work here nobody has another's."""
    if not (row.number and row.active):
        return
    query = select(col(Staff.name)).where(
        col(Staff.estate_id) == entry.estate_id,
        col(Staff.number) == row.number,
        col(Staff.active).is_(True),
        col(Staff.id) != row.id,
    )
    if (other := entry.session.connection().execute(query).scalar()) is not None:
        raise Refusal("staff.number", number=row.number, who=other)


def _record_staff(entry: Entry, event: str, row: Staff) -> None:
    entry.session.flush()
    sets = {"duties": row.duties, "department": row.department, "active": row.active}
    words = {"name": row.name, "number": row.number or None, "phone": row.phone or None}
    _record(entry, event, "staff", row.id, sets, words)


# -- what all three share ------------------------------------------------------------------------------------


def _record(
    entry: Entry,
    event: str,
    subject: str,
    ident: UUID,
    sets: Mapping[str, Any],
    words: Mapping[str, str | None],
) -> None:
    entry.session.flush()
    entry.record(Act(event, (subject, ident), sets=sets, words=words))


def _index(
    session: Session,
    estate_id: UUID,
    owner_id: UUID,
    owner_type: str,
    keys: Iterable[str],
    *,
    fresh: bool = False,
) -> None:
    """Make these the keys ``owner_id`` is found by, as ``owner_type``."""
    if not fresh:
        session.execute(
            delete(SearchKey).where(
                col(SearchKey.estate_id) == estate_id,
                col(SearchKey.owner_id) == owner_id,
                col(SearchKey.owner_type) == owner_type,
            )
        )
    session.add_all(
        SearchKey(estate_id=estate_id, owner_id=owner_id, key=key, owner_type=owner_type) for key in sorted(keys)
    )
