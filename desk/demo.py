"""The demonstration estate: rooms, people, staff, a roster, and some days at the counter, laid around a moment.

Everything goes through the same procedures as at the counter; the scenes are data (``data/demo``). It lives through
them in a store of its own and is brought over when it is whole: a run that fails leaves nothing behind.
"""

from __future__ import annotations

import re
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cached_property, partial
from itertools import cycle, pairwise
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session, SQLModel, col, select

from desk import resources
from desk.errors import Refusal
from desk.importing.people import bring_people, read_people
from desk.ledger import Doing, Ledger
from desk.ledger.tick import tick
from desk.models import Appointment, Callback, Estate, Room, Shift, Staff
from desk.procedures import VERBS, find_verb
from desk.procedures.estate import open_estate
from desk.procedures.handover import sign_out
from desk.procedures.intake import Intake, open_ticket
from desk.procedures.people import RoomData, StaffData, room_in
from desk.procedures.shifts import plan_on_call, plan_roster
from desk.procedures.verbs import act
from desk.queries import handovers
from desk.queries.finding import find_people
from desk.store import Store

Raw = Mapping[str, Any]

#: how long before the moment the estate was founded
_BORN: Final = timedelta(days=4)
_BACK: Final = re.compile(r"([+-]\d+)d (\d\d):(\d\d)")
_SPAN: Final = re.compile(r"(?:now)?([+-]?)(?:(\d+)h)?(?:(\d+)m)?")
_PARTS: Final[Mapping[str, type[Appointment] | type[Callback]]] = {"appointment": Appointment, "callback": Callback}


def load(store: Store, now: datetime, *, language: str = "zh_CN", manual: str = "residential") -> Ledger:
    """Put the demonstration estate, as it is at ``now`` (aware), into the empty ``store``: whole, or not at all.

    Raises :class:`Refusal` ``demo.not_empty``, ``store.*``.
    """
    check_empty(store)
    with built(now, language=language, manual=manual) as made:
        return bring(made, store)


def check_empty(store: Store) -> None:
    """Raises :class:`Refusal` ``demo.not_empty`` where ``store`` holds an estate."""
    with store.read() as session:
        _refuse_estates(session, store.place)


def _refuse_estates(session: Session, place: str) -> None:
    if names := session.exec(select(Estate.name)).all():
        raise Refusal("demo.not_empty", place=place, names=list(names))


@contextmanager
def built(now: datetime, *, language: str = "zh_CN", manual: str = "residential") -> Iterator[Store]:
    """A passing store that holds the demonstration estate as it is at ``now`` (aware).

    Raises :class:`Refusal` ``store.*``.
    """
    with (
        tempfile.TemporaryDirectory(prefix="desk-") as folder,
        Store.open(Path(folder) / "desk.db", create=True) as store,
    ):
        _live(store, now, language, manual)
        yield store


def bring(made: Store, store: Store) -> Ledger:
    """Copy every row of ``made`` into the empty ``store``, in one transaction.

    Raises :class:`Refusal` ``demo.not_empty``, ``store.*``.
    """
    with made.read() as source, store.write() as session:
        # asked again: another counter may have been first
        _refuse_estates(session, store.place)
        for table in SQLModel.metadata.sorted_tables:
            if rows := [dict(row) for row in source.connection().execute(table.select()).mappings()]:
                session.connection().execute(table.insert(), rows)
    return Ledger.only(store)


def _live(store: Store, now: datetime, language: str, manual: str) -> None:
    raw = tomllib.loads(resources.path("demo/estate.toml").read_text("utf-8"))
    staff = [
        StaffData(each["name"], tuple(each["duties"]), each["number"], each["phone"], each["department"])
        for each in raw["staff"]
    ]
    path = resources.path(f"rulebooks/{manual}.toml")
    ledger = open_estate(store, raw["name"], path, None, language, staff, now - _BORN)
    doing = Doing(now - _BORN)
    people = read_people(resources.path("demo/people.csv"))
    bring_people(ledger, people, doing)
    with ledger.write(doing) as entry:
        for each in raw["public"]:
            room_in(entry, RoomData(each["code"], kind="public"))
    fill(ledger, now)


def fill(ledger: Ledger, now: datetime) -> None:
    """Let the scenes happen at an estate that has the demonstration's rooms, people and staff; none after ``now``."""
    raw = tomllib.loads(resources.path("demo/estate.toml").read_text("utf-8"))
    scenes = tomllib.loads(resources.path("demo/scenes.toml").read_text("utf-8"))
    play = _Play(ledger, now.replace(second=0, microsecond=0), raw["handover"])
    first = (now - _BORN + timedelta(days=1)).astimezone(ledger.zone).date()
    turns = [play.staff[name] for name in raw["roster"]["staff"]]
    doing = Doing(now - _BORN, by=play.staff["赵敏华"])
    plan_roster(ledger, turns, first, raw["roster"]["days"], doing)
    if "on_call" in ledger.book.settings:
        plan_on_call(
            ledger, [play.staff[name] for name in raw["roster"]["on_call"]], first, raw["roster"]["days"], doing
        )
    for at, _order, what in sorted(play.moments(scenes), key=lambda each: each[:2]):
        tick(ledger, at)
        what()
    tick(ledger, now)


@dataclass
class _Play:
    """The scenes as acts, each with its moment."""

    ledger: Ledger
    now: datetime
    #: what those who leave write, what those who come find different, what the supervisor says of it
    handover: Raw
    staff: dict[str, UUID] = field(init=False)

    def __post_init__(self) -> None:
        with self.ledger.store.read() as session:
            query = select(Staff.name, Staff.id).where(Staff.estate_id == self.ledger.estate_id)
            self.staff = dict(session.exec(query).all())

    def moments(self, scenes: Raw) -> Iterator[tuple[datetime, int, Callable[[], None]]]:
        """Every act up to now, with its moment; the second number keeps the order of what happens at once."""
        for order, (at, what) in enumerate((*self._duty(), *self._handovers(), *self._scenes(scenes))):
            if at <= self.now:
                yield at, order, what

    # -- who keeps the counter -------------------------------------------------------------------------------

    def _duty(self) -> Iterator[tuple[datetime, Callable[[], None]]]:
        """Everybody on the roster comes in time, reads the briefing, reports the day, and leaves."""
        for shift in self.shifts:
            for verb, at in (
                ("arrive-shift", shift.starts_at - timedelta(minutes=22)),
                ("brief", shift.starts_at - timedelta(minutes=18)),
                ("leave-shift", shift.ends_at + timedelta(minutes=6)),
            ):
                found = VERBS["shift", verb]
                if found.applies(self.ledger.book, shift):
                    yield at, self._act(found, partial(_same, shift.id), at, shift.staff_id)
            for rule in self.ledger.book.recurring:
                if rule.every == "each duty" and rule.form is not None and ("day", rule.form) in VERBS:
                    at = shift.ends_at - timedelta(minutes=15)
                    yield at, self._act(VERBS["day", rule.form], partial(_same, None), at, shift.staff_id)

    def _handovers(self) -> Iterator[tuple[datetime, Callable[[], None]]]:
        """Whoever leaves signs out to whoever comes next; the supervisor reads it that day."""
        said = zip(pairwise(self.shifts), cycle(self.handover["notes"]), cycle(self.handover["differences"]))
        for (left, came), notes, differences in said:
            at = left.ends_at + timedelta(minutes=3)
            yield at, partial(self._sign_out, left.staff_id, at, notes)
            # where one shift follows on another, nobody signs for what has not been handed over
            at = max(came.starts_at - timedelta(minutes=20), left.ends_at + timedelta(minutes=5))
            values = {"differences": differences} if differences else {}
            yield at, self._act(find_verb("sign-in", "handover"), self._last_handover, at, came.staff_id, values)
            at = came.starts_at + timedelta(minutes=50)
            values = {"comment": self.handover["comment"]}
            review = find_verb("review-handover", "handover")
            yield at, self._act(review, self._last_handover, at, self.staff["赵敏华"], values)

    def _sign_out(self, staff_id: UUID, at: datetime, notes: str) -> None:
        ledger = self.ledger
        with ledger.store.read() as session:
            since = handovers.since(ledger, session, staff_id, at)
            found = handovers.sheet(ledger, session, staff_id, since, at)
        sign_out(ledger, found.snapshot, Doing(at, by=staff_id, confirmed=True), notes)

    def _last_handover(self) -> UUID:
        with self.ledger.store.read() as session:
            return handovers.past(self.ledger, session, limit=1).rows[0].id

    @cached_property
    def shifts(self) -> Sequence[Shift]:
        """Those at the counter that have begun, in their order."""
        with self.ledger.store.read() as session:
            query = select(Shift).where(Shift.estate_id == self.ledger.estate_id, col(Shift.starts_at) <= self.now)
            return session.exec(query.where(col(Shift.on_call).is_(False)).order_by(col(Shift.starts_at))).all()

    # -- what callers bring ----------------------------------------------------------------------------------

    def _scenes(self, scenes: Raw) -> Iterator[tuple[datetime, Callable[[], None]]]:
        for note in scenes["note"]:
            at, by = self.at(note["at"], self.now), self.staff[note["by"]]
            yield at, self._act(find_verb("log", "log"), partial(_same, None), at, by, {"note": note["text"]})
        for each in scenes["act"]:
            at, verb = self.at(each["at"], self.now), find_verb(each["verb"], each["subject"])
            if verb.event in self.ledger.book.mentioned:
                yield at, self._act(verb, partial(_same, None), at, self.staff[each["by"]], each["values"])
        for scene in scenes["scene"]:
            if self.ledger.book.name in scene.get("only", (self.ledger.book.name,)) and scene["kind"] in self.kinds:
                yield from self._scene(scene)
        if self.ledger.book.visitors:
            for scene in scenes["visit"]:
                yield from self._visit(scene)

    @cached_property
    def kinds(self) -> frozenset[str]:
        return frozenset(self.ledger.book.kinds)

    def _scene(self, scene: Raw) -> Iterator[tuple[datetime, Callable[[], None]]]:
        began = at = self.at(scene["at"], self.now)
        opened: list[UUID] = []

        def open_it() -> None:
            doing = Doing(began, by=self.staff[scene["by"]], confirmed=True)
            opened.append(open_ticket(self.ledger, self._intake(scene), doing).id)

        yield at, open_it
        yield from self._steps(scene, at, opened)

    def _visit(self, scene: Raw) -> Iterator[tuple[datetime, Callable[[], None]]]:
        """Somebody at the counter or on the line."""
        at, by = self.at(scene["at"], self.now), self.staff[scene["by"]]
        came: list[UUID] = []

        def come() -> None:
            verb = find_verb("arrive-visitor", "visit")
            came.append(act(self.ledger, verb, None, scene.get("values", {}), Doing(at, by=by)).subject_id)

        yield at, come
        yield from self._steps(scene, at, came, "visit")

    def _steps(
        self, scene: Raw, at: datetime, opened: list[UUID], subject_type: str | None = None
    ) -> Iterator[tuple[datetime, Callable[[], None]]]:
        for step in scene.get("step", ()):
            at += self.span(step["after"])
            verb = find_verb(step["verb"], subject_type or _subject(step["verb"]))
            values = {
                param.name: self._value(param.type, step["values"][param.name], at)
                for param in verb.params
                if param.name in step.get("values", {})
            }
            subject = partial(self._part, verb.subject, opened)
            yield at, self._act(verb, subject, at, self.staff[step["by"]], values)

    def _intake(self, scene: Raw) -> Intake:
        values = dict(scene["values"])
        for name in ("appointment", "due_by"):
            if name in values:
                values[name] = self.at(values[name], self.now)
        if "leader" in values:
            values["leader"] = str(self.staff[values["leader"]])
        room_id = person_id = None
        ledger = self.ledger
        with ledger.store.read() as session:
            if "room" in scene:
                room_id = session.exec(
                    select(Room.id).where(Room.estate_id == ledger.estate_id, Room.code == scene["room"])
                ).one()
                typed = f"{scene['room']} {scene.get('person', '')}"
                hit = next(iter(find_people(session, ledger.estate_id, typed)), None)
                if hit is not None:
                    person_id = hit.person_id
                    values |= {"person_name": hit.name, "phone": hit.phone}
        if "person_name" in scene:
            values["person_name"] = scene["person_name"]
        return Intake(scene["kind"], values, room_id=room_id, person_id=person_id)

    # -- acts ------------------------------------------------------------------------------------------------

    def _act(
        self, verb: Any, subject: Callable[[], UUID | None], at: datetime, by: UUID, values: Raw | None = None
    ) -> Callable[[], None]:
        def what() -> None:
            approver = self.staff["赵敏华"]
            act(self.ledger, verb, subject(), values or {}, Doing(at, by=by, confirmed=True, approved_by=approver))

        return what

    def _part(self, subject: str, opened: list[UUID]) -> UUID | None:
        """The scene's ticket itself, or its newest appointment or callback."""
        if subject not in _PARTS:
            return opened[0]
        table = _PARTS[subject]
        ident, ticket = col(table.id), col(table.ticket_id)
        with self.ledger.store.read() as session:
            query = select(ident).where(col(table.estate_id) == self.ledger.estate_id, ticket == opened[0])
            return session.exec(query.order_by(ident.desc())).first()

    def _value(self, kind: str, value: Any, at: datetime) -> Any:
        if kind == "time":
            return self.at(value, at)
        return self.staff[value] if kind == "staff" else value

    # -- times -----------------------------------------------------------------------------------------------

    def at(self, text: str, base: datetime) -> datetime:
        """A moment as scenes write it, from ``base``."""
        if found := _BACK.fullmatch(text):
            days, hour, minute = (int(part) for part in found.groups())
            day = base.astimezone(self.ledger.zone).date() + timedelta(days=days)
            return datetime.combine(day, time(hour, minute), self.ledger.zone).astimezone(base.tzinfo)
        return (self.now if text.startswith("now") else base) + self.span(text)

    def span(self, text: str) -> timedelta:
        """``4m``, ``-2h``, ``15h20m``, ``now+25m`` as a length of time."""
        found = _SPAN.fullmatch(text)
        if found is None:
            raise ValueError(text)  # a mistake in our own data
        sign, hours, minutes = found.groups()
        length = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        return -length if sign == "-" else length


def _same(ident: UUID | None) -> UUID | None:
    return ident


def _subject(verb: str) -> str:
    """The type of subject a scene's verb is about."""
    if verb in ("confirm", "rebook", "miss", "cancel-appointment"):
        return "appointment"
    return "callback" if verb in ("callback", "hear-handler", "review-callback") else "ticket"
