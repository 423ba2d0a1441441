"""People and rooms from a list, into the store.

Importing a list again changes what has changed and doubles nothing: a person is known by room and name, or by name
and telephone number at another room. Numbers of the list come first; numbers the desk has noted stay behind them.

One event stands for the whole import, with its counts and the file's digest: a thousand entries would drown the duty
log of the day, and the file itself is the record of what stood in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlmodel import Session, col

from desk.errors import Refusal
from desk.importing.people_lines import People, PersonLine, understand
from desk.importing.rejects import Reject
from desk.importing.table import read_table
from desk.ledger import Act, Doing, Ledger
from desk.models import Occupancy, Person, Phone, Room, SearchKey, new_id
from desk.pinyin import person_keys, room_keys
from desk.procedures.people import PHONES, parts, set_phones
from desk.text import fold, phone_digits

__all__ = ["Changes", "People", "PersonLine", "Reject", "bring_people", "compare", "read_people"]

#: what a line may say of a room besides its code
_OF_ROOM: Final = ("kind", "building", "unit", "number", "project", "handed_over_on")


@dataclass(frozen=True, slots=True)
class Changes:
    """What an import changes, or would change: counts."""

    rooms_added: int = 0
    rooms_changed: int = 0
    people_added: int = 0
    people_changed: int = 0
    unchanged: int = 0
    rejected: int = 0


@dataclass(slots=True)
class _Room:
    id: UUID
    code: str
    values: dict[str, Any]
    new: bool = False
    changed: bool = False


@dataclass(slots=True)
class _Person:
    id: UUID
    name: str
    note: str
    phones: list[str] = field(default_factory=list)
    homes: dict[UUID, str] = field(default_factory=dict)
    new: bool = False
    changed: bool = False
    #: homes and telephone numbers as the store has them
    stored: tuple[list[str], dict[UUID, str]] = field(default_factory=lambda: ([], {}))


def read_people(path: Path) -> People:
    """A list as understood; nothing is written. Raises :class:`Refusal` ``import.*``."""
    return understand(read_table(path))


def compare(session: Session, estate_id: UUID, people: People) -> Changes:
    """What bringing the list in would change."""
    return _Merge(session, estate_id, people).changes()


def bring_people(ledger: Ledger, people: People, doing: Doing, *, digest: str = "", accept: bool = False) -> Changes:
    """Bring the list in: one transaction, or nothing. ``accept`` leaves rejected lines out.

    Raises :class:`Refusal` ``import.rejects`` where there are any and they are not accepted, ``import.nothing`` where
    no line can be taken over, ``store.*``.
    """
    if not people.lines:
        raise Refusal("import.nothing", file=people.name, rejects=len(people.rejects))
    if people.rejects and not accept:
        raise Refusal("import.rejects", file=people.name, rejects=len(people.rejects), lines=len(people.lines))
    with ledger.write(doing) as entry:
        entry.permit("import.finished", None)
        doing.noticed.extend(["note"] * people.identities)
        merge = _Merge(entry.session, ledger.estate_id, people)
        merge.write()
        changes = merge.changes()
        counts = {each.name: getattr(changes, each.name) for each in fields(changes)}
        entry.record(
            Act(
                "import.finished",
                ("import", new_id()),
                sets={"imported": "people", "digest": digest, **counts},
                words={"file": people.name},
            )
        )
        return changes


def file_digest(path: Path) -> str:
    """SHA-256 of a file, so that an import's event says which one it was."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


class _Merge:
    """The list laid over what the store has."""

    def __init__(self, session: Session, estate_id: UUID, people: People) -> None:
        self.session, self.estate_id, self.people = session, estate_id, people
        self.rooms: dict[str, _Room] = {}
        self.persons: dict[UUID, _Person] = {}
        #: by room and name, and by name and telephone number
        self.known: dict[tuple[Any, str], _Person] = {}
        self.unchanged = 0
        self._load()
        for line in people.lines:
            self._lay(line)

    def changes(self) -> Changes:
        rooms, persons = self.rooms.values(), self.persons.values()
        return Changes(
            rooms_added=sum(room.new for room in rooms),
            rooms_changed=sum(room.changed and not room.new for room in rooms),
            people_added=sum(person.new for person in persons),
            people_changed=sum(person.changed and not person.new for person in persons),
            unchanged=sum(not person.changed and not person.new for person in persons if person.id in self.named),
            rejected=len(self.people.rejects),
        )

    # -- what is there ---------------------------------------------------------------------------------------

    def _load(self) -> None:
        self.named: set[UUID] = set()
        connection, here = self.session.connection(), self.estate_id
        columns = [getattr(Room, name) for name in ("id", "code", *_OF_ROOM)]
        for room_id, code, *values in connection.execute(select(*columns).where(col(Room.estate_id) == here)):
            self.rooms[fold(code)] = _Room(room_id, code, dict(zip(_OF_ROOM, values, strict=True)))
        wanted = {fold(line.name) for line in self.people.lines if line.name}
        people = select(col(Person.id), col(Person.name), col(Person.note)).where(col(Person.estate_id) == here)
        for ident, name, note in connection.execute(people):
            if fold(name) in wanted:
                self.persons[ident] = _Person(ident, name, note)
        homes = select(col(Occupancy.person_id), col(Occupancy.room_id), col(Occupancy.role))
        for ident, room_id, role in connection.execute(homes.where(col(Occupancy.estate_id) == here)):
            if ident in self.persons:
                self.persons[ident].homes[room_id] = role
        numbers = select(col(Phone.person_id), col(Phone.number)).order_by(col(Phone.person_id), col(Phone.position))
        for ident, number in connection.execute(numbers.where(col(Phone.estate_id) == here)):
            if ident in self.persons:
                self.persons[ident].phones.append(number)
        for person in self.persons.values():
            person.stored = (list(person.phones), dict(person.homes))
            self._know(person)

    def _know(self, person: _Person) -> None:
        name = fold(person.name)
        for key in (*person.homes, *(phone_digits(number) for number in person.phones)):
            self.known.setdefault((key, name), person)

    # -- what the list says ----------------------------------------------------------------------------------

    def _lay(self, line: PersonLine) -> None:
        room = self._room(line)
        if not line.name:
            return
        name = fold(line.name)
        keys = (room.id, *(phone_digits(number) for number in line.phones))
        person = next((self.known[key, name] for key in keys if (key, name) in self.known), None)
        if person is None:
            person = _Person(new_id(), line.name, line.note, new=True)
            self.persons[person.id] = person
        self.named.add(person.id)
        kept = {phone_digits(number) for number in line.phones}
        person.phones = [*line.phones, *(each for each in person.phones if phone_digits(each) not in kept)][:PHONES]
        person.homes[room.id] = line.role or person.homes.get(room.id, "owner")
        if line.note and line.note != person.note:
            person.note, person.changed = line.note, True
        person.changed = person.changed or (person.phones, person.homes) != person.stored
        self._know(person)

    def _room(self, line: PersonLine) -> _Room:
        told = {name: getattr(line, name) for name in _OF_ROOM if getattr(line, name)}
        room = self.rooms.get(fold(line.room))
        if room is None:
            split = dict(zip(("building", "unit", "number"), parts(line.room), strict=True))
            values = {"kind": "home", "project": "", "handed_over_on": None, **split, **told}
            room = self.rooms[fold(line.room)] = _Room(new_id(), line.room, values, new=True)
        elif not room.new and any(room.values[name] != value for name, value in told.items()):
            room.changed = True
        room.values |= told
        return room

    # -- writing ---------------------------------------------------------------------------------------------

    def write(self) -> None:
        """Lay rooms and people down; many at a time, for a list may have thousands."""
        added = [room for room in self.rooms.values() if room.new]
        self._add(Room, ({"id": room.id, "code": room.code, "note": "", **room.values} for room in added))
        self._add(SearchKey, (_key(room.id, "room", key) for room in added for key in _room_keys(room)))
        for room in self.rooms.values():
            if room.changed and not room.new:
                where = (col(Room.estate_id) == self.estate_id, col(Room.id) == room.id)
                self.session.execute(update(Room).where(*where).values(**room.values))
        fresh = [person for person in self.persons.values() if person.new]
        self._add(Person, ({"id": person.id, "name": person.name, "note": person.note} for person in fresh))
        self._add(SearchKey, (_key(person.id, "person", key) for person in fresh for key in person_keys(person.name)))
        self._add(
            Phone,
            (
                {"person_id": person.id, "position": place, "number": each, "reversed": phone_digits(each)[::-1]}
                for person in fresh
                for place, each in enumerate(person.phones)
            ),
        )
        self._add(
            SearchKey,
            (_key(person.id, "phone", phone_digits(number)) for person in fresh for number in person.phones),
        )
        self._add(
            Occupancy,
            (
                {"person_id": person.id, "room_id": room_id, "role": role}
                for person in fresh
                for room_id, role in person.homes.items()
            ),
        )
        for person in self.persons.values():
            if person.changed and not person.new:
                self._change(person)

    def _change(self, person: _Person) -> None:
        session, here = self.session, self.estate_id
        phones, homes = person.stored
        where = (col(Person.estate_id) == here, col(Person.id) == person.id)
        session.execute(update(Person).where(*where).values(note=person.note))
        if person.phones != phones:
            set_phones(session, here, person.id, person.phones)
        for room_id, role in person.homes.items():
            if room_id not in homes:
                session.add(Occupancy(estate_id=here, person_id=person.id, room_id=room_id, role=role))
            elif homes[room_id] != role:
                home = session.get_one(Occupancy, (here, person.id, room_id))
                home.role = role
                session.add(home)

    def _add(self, table: type[Any], rows: Iterable[Mapping[str, Any]]) -> None:
        values = [{"estate_id": self.estate_id, **row} for row in rows]
        for start in range(0, len(values), 10_000):
            self.session.execute(insert(table), values[start : start + 10_000])


def _key(owner: UUID, owner_type: str, key: str) -> dict[str, Any]:
    return {"owner_id": owner, "owner_type": owner_type, "key": key}


def _room_keys(room: _Room) -> set[str]:
    return room_keys(room.code, str(room.values.get("number") or ""))
