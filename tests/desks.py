"""A desk for tests: a real store in a file, an estate under a real rulebook, people with every duty, rooms, a clock.

``desk = make_desk(tmp_path)``, then ``desk.open("repair", what="漏水", room="3-2-501")``, ``desk.do("claim", ticket,
by="technician")``, ``desk.deadlines(ticket)``: each act takes ``at="10:05"`` (the day's) or ``at="2026-03-03 9:00"`` and
leaves the clock there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from desk import procedures, resources
from desk.ledger import Doing, Ledger
from desk.ledger.deadlines import words_of
from desk.ledger.rows import Row, fetch
from desk.ledger.tick import Ticked, tick
from desk.models import Appointment, Callback, Deadline, Event, Person, Room, Staff, Subject, Ticket
from desk.procedures.estate import open_estate
from desk.procedures.intake import Intake, Opened, open_ticket
from desk.procedures.people import PersonData, RoomData, StaffData, person_in, room_in
from desk.procedures.verbs import Done, act
from desk.store import Store
from desk.vocabulary import DUTIES
from desk.when import parse_time
from tests.engines import stores

#: they tell the desk what they did
WITHOUT_CONSOLE = ("technician", "repair_team_leader", "security", "cleaner", "specialist")
#: a Monday
NOW = "2026-03-02 10:00"


@dataclass
class DeskForTest:
    """One estate's desk with a clock that tests turn. Staff are called by their duty: ``technician``, ``technician2``."""

    ledger: Ledger
    store: Store
    staff: dict[str, UUID]
    rooms: dict[str, UUID]
    #: ``业主1`` lives in the first room, ``业主2`` in the second …
    people: dict[str, UUID]
    now: datetime
    #: who acts where a test names nobody
    by: str = "agent"
    opened: list[Opened] = field(default_factory=list)

    # -- the clock -------------------------------------------------------------------------------------------

    def at(self, when: str) -> datetime:
        """Turn the clock to ``when`` (a clock alone is of the clock's own day) and return the instant, UTC."""
        self.now = self.time(when)
        return self.now

    def time(self, when: str) -> datetime:
        """The instant ``when`` means, without turning the clock."""
        return parse_time(when, self.now, self.ledger.zone)

    def local(self, at: datetime | None) -> str | None:
        """An instant on the estate's wall clock: ``2026-03-02 10:05``."""
        return None if at is None else f"{at.astimezone(self.ledger.zone):%Y-%m-%d %H:%M}"

    def tick(self, at: str | None = None) -> Ticked:
        """Let the clock's hand bring up what has come due."""
        if at is not None:
            self.at(at)
        return tick(self.ledger, self.now)

    # -- acting ----------------------------------------------------------------------------------------------

    def doing(
        self, by: str | None = None, *, confirmed: bool = False, approved_by: str | None = None, late: str | None = None
    ) -> Doing:
        """Who acts now: ``by`` a duty. ``late`` is when it happened, if it is only written down now.

        What those without a console do, the ``agent`` writes down.
        """
        name = by or self.by
        who = self.staff[name]
        writer = self.staff["agent"] if name.rstrip("2") in WITHOUT_CONSOLE else who
        approver = self.staff[approved_by] if approved_by else None
        happened = self.time(late) if late else None
        return Doing(self.now, by=who, recorded_by=writer, at=happened, confirmed=confirmed, approved_by=approver)

    def open(
        self,
        kind: str,
        *,
        at: str | None = None,
        by: str | None = None,
        room: str | None = None,
        person: str | None = None,
        late: str | None = None,
        confirmed: bool = False,
        approved_by: str | None = None,
        **values: Any,
    ) -> UUID:
        """Open a ticket through intake; ``room`` is the code of a known room, ``person`` a known name."""
        if at is not None:
            self.at(at)
        for name in ("appointment", "resident_limit", "due_by"):
            if isinstance(values.get(name), str):
                values[name] = self.time(values[name])
        person_id = self.people[person] if person else None
        intake = Intake(kind, values, room_id=self.rooms[room] if room else None, person_id=person_id)
        doing = self.doing(by, confirmed=confirmed, approved_by=approved_by, late=late)
        opened = open_ticket(self.ledger, intake, doing)
        self.opened.append(opened)
        return opened.id

    def do(
        self,
        name: str,
        subject: UUID | None = None,
        *,
        of: str = "ticket",
        at: str | None = None,
        by: str | None = None,
        late: str | None = None,
        confirmed: bool = False,
        approved_by: str | None = None,
        **values: Any,
    ) -> Done:
        """Do the verb ``name`` of the subject type ``of``; staff may be given by duty, times as people type them."""
        if at is not None:
            self.at(at)
        verb = procedures.VERBS[of, name]
        given = dict(values)
        for param in verb.params:
            if param.type == "staff" and given.get(param.name) in self.staff:
                given[param.name] = self.staff[given[param.name]]
            if param.type == "time" and isinstance(given.get(param.name), str):
                given[param.name] = self.time(given[param.name])
        doing = self.doing(by, confirmed=confirmed, approved_by=approved_by, late=late)
        return act(self.ledger, verb, subject, given, doing)

    # -- looking ---------------------------------------------------------------------------------------------

    def row(self, subject_type: str, ident: UUID) -> Row:
        with self.store.read() as session:
            return fetch(session, self.ledger.estate_id, subject_type, ident)

    def ticket(self, ident: UUID) -> Ticket:
        row = self.row("ticket", ident)
        assert isinstance(row, Ticket)
        return row

    def numbered(self, number: str) -> Ticket:
        with self.store.read() as session:
            return session.exec(select(Ticket).where(Ticket.number == number)).one()

    def appointments(self, ticket: UUID) -> list[Appointment]:
        with self.store.read() as session:
            query = select(Appointment).where(Appointment.ticket_id == ticket).order_by(col(Appointment.id))
            return list(session.exec(query))

    def callbacks(self, ticket: UUID) -> list[Callback]:
        with self.store.read() as session:
            query = select(Callback).where(Callback.ticket_id == ticket).order_by(col(Callback.opened_at))
            return list(session.exec(query))

    def subjects(self, subject_type: str) -> list[Subject]:
        with self.store.read() as session:
            return list(session.exec(select(Subject).where(Subject.type == subject_type)))

    def events(self, root: UUID | None = None) -> list[Event]:
        """Every event of a root, or all, in the order written."""
        with self.store.read() as session:
            query = select(Event).order_by(col(Event.seq))
            if root is not None:
                query = query.where(Event.root_id == root)
            return list(session.exec(query))

    def names(self, root: UUID | None = None) -> list[str]:
        """The names of a root's events, in the order written."""
        return [event.name for event in self.events(root)]

    def words(self, root: UUID, name: str) -> dict[str, str | None]:
        """The words of a root's last event called ``name``."""
        event = [each for each in self.events(root) if each.name == name][-1]
        with self.store.read() as session:
            return words_of(session, self.ledger.estate_id, [event.id]).get(event.id, {})

    def deadlines(self, root: UUID) -> dict[str, Deadline]:
        """A root's deadlines by rule; steps as ``rule/1``. Of several of one rule, the latest."""
        with self.store.read() as session:
            query = select(Deadline).where(Deadline.root_id == root).order_by(col(Deadline.starts_at))
            return {d.rule_id if d.step == 0 else f"{d.rule_id}/{d.step}": d for d in session.exec(query)}

    def open_rules(self, root: UUID) -> list[str]:
        """Rules (and steps) still open on a root, in order."""
        return sorted(name for name, deadline in self.deadlines(root).items() if deadline.open)

    def due(self, root: UUID, rule: str) -> str | None:
        """When a rule's deadline is due, on the estate's wall clock."""
        return self.local(self.deadlines(root)[rule].due_at)


def make_desk(
    tmp_path: Path,
    rulebook: str | Path = "work-orders",
    calendar: str | Path | None = None,
    now: str = NOW,
    rooms: Sequence[tuple[str, str]] = (
        ("3-2-501", "home"),
        ("3-2-502", "home"),
        ("商铺12", "shop"),
        ("东门岗", "public"),
    ),
    more: Callable[[DeskForTest], object] | None = None,
) -> DeskForTest:
    """A desk under ``rulebook`` and ``calendar``: names of ours, paths, or (with a line break) the TOML itself.

    ``more``, a function of a module, is done to the first desk of its kind; the others find it done.
    """
    manual = _file(tmp_path, "rulebooks", rulebook)
    hours = _file(tmp_path, "calendars", calendar) if calendar is not None else None
    path = tmp_path / "desk.db"
    clock = parse_time(now, datetime.now(UTC), ZoneInfo("UTC"))
    founded = clock.replace(hour=0, minute=0)
    key = (manual.read_bytes(), hours.read_bytes() if hours else b"", tuple(rooms), founded)

    def found(fresh: Store) -> None:
        _found(fresh, manual, hours, rooms, founded)
        if more is not None:
            more(_desk_on(fresh, clock))

    return _desk_on(stores().founded((*key, more), path, found), clock)


def _desk_on(store: Store, clock: datetime) -> DeskForTest:
    """The desk of a store that has been founded; ``clock`` is what the wall there shows."""
    ledger = Ledger.only(store)
    with store.read() as session:
        staff = {person.name: person.id for person in session.exec(select(Staff))}
        homes = {room.code: room.id for room in session.exec(select(Room))}
        people = {person.name: person.id for person in session.exec(select(Person))}
    start = clock.replace(tzinfo=ledger.zone).astimezone(UTC)
    return DeskForTest(ledger, store, staff, homes, people, start)


def _found(store: Store, manual: Path, hours: Path | None, rooms: Sequence[tuple[str, str]], founded: datetime) -> None:
    people = [StaffData(duty, (duty,), number=f"{index:03d}") for index, duty in enumerate(DUTIES, 1)]
    people += [StaffData("technician2", ("technician",)), StaffData("agent2", ("agent",))]
    ledger = open_estate(store, "阳光花园", manual, hours, "zh_CN", people, founded)
    with ledger.write(Doing(founded)) as entry:
        for place, (code, kind) in enumerate(rooms):
            room = room_in(entry, RoomData(code, kind))
            if kind != "public":
                phone = f"138{place:08d}"
                person_in(entry, PersonData(f"业主{place + 1}", (phone,), ((room.id, "owner"),)))


def _file(tmp_path: Path, folder: str, given: str | Path) -> Path:
    if isinstance(given, Path):
        return given
    if "\n" not in given:
        return resources.path(f"{folder}/{given}.toml")
    path = tmp_path / folder / "own.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(given, encoding="utf-8")
    return path
