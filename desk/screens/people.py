"""People, rooms and staff: found as one types, known by a card, added and changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical, VerticalScroll
from textual.widgets import Static

from desk.actions import ADD_PERSON, ADD_ROOM, ADD_STAFF, CARD_TICKET, CHANGE, CLOSE, FORGET, REVEAL
from desk.i18n import N_, _
from desk.screens.base import DeskScreen
from desk.screens.drafts import DraftedForm
from desk.text import clean, fold, mask_phone, room_code, short_number
from desk.vocabulary import DUTIES, STATUSES
from desk.widgets.dialog import Confirm
from desk.widgets.fields import Changed, Entered, Line
from desk.widgets.form import Ask, Form
from desk.widgets.groups import GroupedTable, heading
from desk.widgets.keys import HintBar, bindings
from desk.widgets.table import Column, RecordTable, TableRow
from desk.widgets.text import dot, plain

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Doing, Ledger
    from desk.queries.people import PersonCard, PersonHit, RoomCard, RoomHit, TicketLine
    from desk.queries.staff import StaffRow

#: columns from which the card stands beside the list
WIDE = 110
_FOUND = 40


@dataclass(frozen=True, slots=True)
class Found:
    """What fits what was typed."""

    people: tuple[PersonHit, ...]
    rooms: tuple[RoomHit, ...]
    staff: tuple[StaffRow, ...]


class PeopleTable(GroupedTable):
    """What was found. A row's data is (type, id, row)."""

    BINDINGS = bindings(CHANGE)
    ABOUT = N_("What fits what you typed. The mark shows its card; Enter changes it.")


class PeopleScreen(DeskScreen[None]):
    """Residents, rooms and staff."""

    ABOUT = N_(
        "Type any part: room, name, initials, the end of a number. Telephones are masked until Ctrl+R shows them."
    )
    BINDINGS = bindings(ADD_PERSON, ADD_ROOM, ADD_STAFF, REVEAL, CARD_TICKET, FORGET, CLOSE)

    def __init__(self) -> None:
        super().__init__()
        #: the person, or the room of whose people, the numbers are shown in full
        self.revealed: UUID | None = None
        self.found: Found | None = None
        self.card: PersonCard | RoomCard | StaffRow | None = None

    def body(self) -> ComposeResult:
        yield Line(placeholder=_("Room, name, initials, the end of a number"), id="find", limit=60)
        with Container(id="people-body"):
            columns = [Column("room", _("Room"), 14), Column("name", _("Name")), Column("role", _("As what"), 14)]
            yield PeopleTable([*columns, Column("phone", _("Telephone"), 13), Column("open", _("Unclosed"), 8)])
            with VerticalScroll(id="card"):
                yield Static(id="card-text")

    def on_mount(self) -> None:
        self.query_one("#card", VerticalScroll).can_focus = False
        self.query_one("#find", Line).focus()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= WIDE, "-wide")

    # -- finding ---------------------------------------------------------------------------------------------

    async def reload(self) -> None:
        typed = clean(self.query_one("#find", Line).value, 60)

        def read(ledger: Ledger, session: Session) -> Found:
            from desk.pinyin import person_keys
            from desk.queries.people import find_people, find_rooms
            from desk.queries.staff import staff_list

            staff = staff_list(session, ledger.estate_id, former=bool(typed))
            wanted = fold(typed)
            fits = [
                each
                for each in staff
                if not wanted
                or any(fold(key).startswith(wanted) for key in (each.name, each.number, *person_keys(each.name)) if key)
            ]
            return Found(
                tuple(find_people(session, ledger.estate_id, typed, _FOUND)),
                tuple(find_rooms(session, ledger.estate_id, typed, _FOUND)),
                tuple(fits),
            )

        self.found = await self.desk.reading(read)
        self._show(self.found)

    def _show(self, found: Found) -> None:
        from desk.wording.values import value

        rows: list[TableRow] = []
        if found.people:
            rows.append(heading("people", _("People")))
        usual = self.desk.sight()
        for hit in found.people:
            phone = hit.phone if self.revealed == hit.person_id else usual.phone(hit.phone)
            cells = (hit.room, usual.name(hit.name), value("role", hit.role), phone, hit.open_tickets or "")
            rows.append(TableRow(f"p{hit.person_id}{hit.room_id}", cells, "", ("person", hit.person_id, hit)))
        if found.rooms:
            rows.append(heading("rooms", _("Rooms")))
        for room in found.rooms:
            living = _("{n} people").format(n=room.people) if room.people else ""
            cells = (room.code, living, value("room_kind", room.kind), "", room.open_tickets or "")
            rows.append(TableRow(f"r{room.room_id}", cells, "", ("room", room.room_id, room)))
        if found.staff:
            rows.append(heading("staff", _("Staff")))
        for each in found.staff:
            duties = _(", ").join(_(DUTIES[duty]) for duty in each.duties if duty in DUTIES)
            state = each.department if each.active else _("no longer here")
            cells = (each.number, dot().join(filter(None, (each.name, duties))), state, "", "")
            rows.append(TableRow(f"s{each.id}", cells, "" if each.active else "dim", ("staff", each.id, each)))
        self.query_one(PeopleTable).fill(rows or [heading("none", _("Nothing fits."))])
        self._read_card()

    def on_changed(self, event: Changed) -> None:
        event.stop()
        self.freshen()

    def on_entered(self, event: Entered) -> None:
        event.stop()
        self.query_one(PeopleTable).focus()

    def on_key(self, event: events.Key) -> None:
        if isinstance(self.focused, Line) and event.key == "down":
            event.stop()
            self.query_one(PeopleTable).focus()

    # -- the card --------------------------------------------------------------------------------------------

    @property
    def marked(self) -> tuple[str, UUID, Any] | None:
        row = self.query_one(PeopleTable).marked
        return row.data if row is not None else None

    def on_record_table_marked(self, event: RecordTable.Marked) -> None:
        event.stop()
        self._read_card()

    def _read_card(self) -> None:
        if self.marked is None:
            self.card = None
            self.query_one("#card-text", Static).update("")
        else:
            self.job(partial(self._load_card, *self.marked), group="card", exclusive=True)

    async def _load_card(self, kind: str, ident: UUID, row: Any) -> None:
        if kind == "staff":
            self.card = row
        else:

            def read(ledger: Ledger, session: Session) -> PersonCard | RoomCard:
                from desk.queries.people import person_card, room_card

                find: Any = person_card if kind == "person" else room_card
                card: PersonCard | RoomCard = find(session, ledger.estate_id, ident)
                return card

            self.card = await self.desk.reading(read)
        self.query_one("#card-text", Static).update(plain("\n".join(self._card_lines()), limit=8000))

    def _card_lines(self) -> list[str]:
        from desk.wording.values import value

        card: Any = self.card
        if card is None:
            return []
        if hasattr(card, "duties"):
            duties = [_(DUTIES[duty]) for duty in card.duties if duty in DUTIES]
            return [dot().join(filter(None, (card.name, card.number, card.department))), *duties]
        ident = getattr(card, "person_id", None) or getattr(card, "room_id", None)
        card = self.desk.sight(reveal=ident is not None and ident == self.revealed).over(card)
        if hasattr(card, "phones"):
            phones = list(card.phones)
            lines = [card.name, _("Telephone {numbers}").format(numbers="  ".join(phones) or _("none"))]
            lines += [dot().join(filter(None, (hit.room, value("role", hit.role)))) for hit in card.rooms]
        else:
            head = (card.code, value("room_kind", card.kind), card.project)
            lines = [dot().join(filter(None, head))]
            if card.handed_over_on is not None:
                lines.append(_("Handed over on {day}").format(day=card.handed_over_on.isoformat()))
            for hit in card.people:
                lines.append(dot().join(filter(None, (hit.name, value("role", hit.role), hit.phone))))
        if card.note:
            lines.append(clean(card.note, 400))
        lines.append(_("Open tickets {n}").format(n=len(card.tickets)))
        return lines + [self._ticket(line) for line in card.tickets[:12]]

    def _ticket(self, line: TicketLine) -> str:
        from desk.wording import moment

        zone, now = self.desk.zone, self.desk.now()
        due = ""
        if line.due_at is not None and zone is not None:
            due = _("due {time}").format(time=moment(line.due_at, zone, now, until=True))
        parts = (short_number(line.number), clean(line.what, 60), _(STATUSES[line.status]), due)
        return dot().join(filter(None, parts))

    async def action_reveal(self) -> None:
        """The numbers of the marked person, or of whoever lives in the marked room."""
        card: Any = self.card
        ident = getattr(card, "person_id", None) or getattr(card, "room_id", None)
        if ident is None:
            return
        if self.revealed == ident:
            self.revealed = None
        else:
            people = [hit.person_id for hit in card.people] if hasattr(card, "people") else [ident]
            for person_id in dict.fromkeys(people):
                if not await self.desk.revealed("person", person_id):
                    return
            self.revealed = ident
        if self.found is not None:
            self._show(self.found)

    def action_ticket(self) -> None:
        tickets = getattr(self.card, "tickets", ())
        if tickets:
            self.desk.open_ticket(tickets[0].id)
        else:
            self.desk.say(_("No open ticket stands on this card."))

    def action_forget(self) -> None:
        if self.marked is not None and self.marked[0] == "person":
            self.job(self._forget(self.marked[1]), group="forget", exclusive=True)
        else:
            self.desk.say(_("Only a person can be forgotten: mark one."))

    async def _forget(self, ident: UUID) -> None:
        """Say what goes, ask, take it away; refused while something of theirs is open."""
        if not await self.desk.allowed("forget"):
            return

        def read(ledger: Ledger, session: Session) -> tuple[str, int, int]:
            from desk.procedures import privacy
            from desk.queries.held import held

            what = held(session, ledger.estate_id, ident)
            privacy.refuse_open(what)
            return what.name, len(what.matters), privacy.would_go(session, ledger.estate_id, what).words

        name, matters, words = await self.desk.reading(read)
        question = _(
            "Forget {name}? {words} words of {matters} matters and visits go for good; that they happened stays."
        )
        said = question.format(name=clean(name, 60), words=words, matters=matters)
        if not await self.app.push_screen_wait(Confirm(said)):
            return

        def write(ledger: Ledger, doing: Doing) -> bool:
            from desk.procedures import privacy

            privacy.forget_person(ledger, ident, doing)
            return True

        if await self.desk.writing(write):
            self.desk.say(_("Forgotten. Backups made before still have the words."))

    # -- adding and changing ---------------------------------------------------------------------------------

    def action_add(self, kind: str) -> None:
        typed = clean(self.query_one("#find", Line).value, 60)
        self.app.push_screen(RecordScreen(kind, None, {}, typed if not (self.found and self.marked) else ""))

    def on_record_table_chosen(self, event: RecordTable.Chosen) -> None:
        event.stop()
        if self.marked is not None:
            self.job(self._change(*self.marked), group="change", exclusive=True)

    async def _change(self, kind: str, ident: UUID, row: Any) -> None:
        await self._load_card(kind, ident, row)
        if kind == "person" and not self.desk.may("names") and not await self.desk.allowed("names"):
            return  # what can't be seen can't be put right
        whole = {} if self.revealed == ident else masks(self.card)
        self.app.push_screen(RecordScreen(kind, ident, start_of(self.card, whole), whole=whole))

    def action_close(self) -> None:
        find = self.query_one("#find", Line)
        if find.value:
            find.put(None)
            find.focus()
        else:
            self.dismiss(None)


def masks(card: Any) -> dict[str, str]:
    """The telephone numbers of a card by how they are shown while they are not asked for."""
    numbers = [*getattr(card, "phones", ()), *filter(None, [getattr(card, "phone", "")])]
    found: dict[str, str] = {}
    for number in numbers:
        if (mask := mask_phone(number)) != number:
            while mask in found:  # two that look alike: a star more tells them apart
                mask = mask.replace("*", "**", 1)
            found[mask] = number
    return found


def start_of(card: Any, whole: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What a form begins with; numbers as they stand in ``whole``."""
    from desk.wording.values import value

    if hasattr(card, "duties"):
        titles = _(", ").join(_(DUTIES[duty]) for duty in card.duties if duty in DUTIES)
        kept = {"name": card.name, "number": card.number, "department": card.department}
        return {**kept, "duties": titles, "active": card.active}
    if hasattr(card, "phones"):
        rooms = "\n".join(f"{hit.room} {value('role', hit.role)}" for hit in card.rooms)
        shown = {number: mask for mask, number in (whole or {}).items()}
        phones = "\n".join(shown.get(number, number) for number in card.phones)
        return {"name": card.name, "phones": phones, "rooms": rooms, "note": card.note}
    day = card.handed_over_on.isoformat() if card.handed_over_on else ""
    return {"code": card.code, "kind": card.kind, "project": card.project, "handed_over_on": day, "note": card.note}


class RecordScreen(DraftedForm):
    """One person, room or member of staff: added, or changed."""

    ABOUT = N_(
        "A number a line, a room a line with what they are there. Ctrl+S saves; what stood before stays in the log."
    )

    TITLES: Mapping[tuple[str, bool], str] = {
        ("person", True): N_("New person"),
        ("person", False): N_("Change the person"),
        ("room", True): N_("New room"),
        ("room", False): N_("Change the room"),
        ("staff", True): N_("New staff"),
        ("staff", False): N_("Change the member of staff"),
    }

    def __init__(
        self,
        kind: str,
        ident: UUID | None,
        start: Mapping[str, Any],
        typed: str = "",
        whole: Mapping[str, str] | None = None,
    ) -> None:
        """``whole``: numbers that stand masked in the form, by their masks; left so they stay what they are."""
        super().__init__(f"record:{kind}:{ident or ''}")
        self.kind, self.ident, self.start, self.typed = kind, ident, dict(start), typed
        self.whole = dict(whole or {})

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(plain(_(self.TITLES[self.kind, self.ident is None]), "bold"))
            yield Form(self._asks(), self.desk.clock)
        yield HintBar()

    def _asks(self) -> list[Ask]:
        from desk.procedures.people import ROOM_KINDS
        from desk.wording.values import value

        start = self.start
        if self.kind == "person":
            return [
                Ask("name", "text", _("Name"), required=True, start=start.get("name", self.typed)),
                Ask("phones", "prose", _("Telephones"), start=start.get("phones")),
                Ask("rooms", "prose", _("Rooms"), start=start.get("rooms")),
                Ask("note", "prose", _("Note"), start=start.get("note")),
            ]
        if self.kind == "room":
            kinds = tuple((each, value("room_kind", each)) for each in ROOM_KINDS)
            return [
                Ask("code", "text", _("Room"), required=True, start=start.get("code", self.typed)),
                Ask("kind", "choice", _("Room kind"), required=True, options=kinds, start=start.get("kind", "home")),
                Ask("project", "text", _("Project"), start=start.get("project")),
                Ask(
                    "handed_over_on",
                    "text",
                    _("Handed over on"),
                    start=start.get("handed_over_on"),
                    placeholder="2024-06-01",
                ),
                Ask("note", "prose", _("Note"), start=start.get("note")),
            ]
        asks = [
            Ask("name", "text", _("Name"), required=True, start=start.get("name", self.typed)),
            Ask("duties", "text", _("Duties"), required=True, start=start.get("duties", _(DUTIES["agent"]))),
            Ask("number", "text", _("Staff number"), start=start.get("number")),
            Ask("department", "text", _("Department"), start=start.get("department")),
            Ask("phone", "text", _("Telephone"), start=start.get("phone")),
        ]
        if self.ident is not None:
            asks.append(Ask("active", "flag", _("Works here"), start=start.get("active", True)))
        return asks

    # -- saving ----------------------------------------------------------------------------------------------

    async def save(self, values: dict[str, Any]) -> bool:
        kind, ident = self.kind, self.ident
        if kind == "person":
            told = await self._person(values)
        elif kind == "room":
            told = self._room(values)
        else:
            told = self._staff(values)
        if told is None:
            return False
        given = told

        def write(ledger: Ledger, doing: Doing) -> bool:
            from desk.procedures import people

            changes = {key: value for key, value in given.items() if ident is None or value != before.get(key)}
            if ident is None:
                made = {"person": people.PersonData, "room": people.RoomData, "staff": people.StaffData}[kind]
                add: Any = {"person": people.add_person, "room": people.add_room, "staff": people.add_staff}[kind]
                add(ledger, made(**changes), doing)
            elif changes:
                change: Any = {
                    "person": people.change_person,
                    "room": people.change_room,
                    "staff": people.change_staff,
                }[kind]
                change(ledger, ident, changes, doing)
            return True

        before = {key: value for key, value in self.start.items() if isinstance(value, str | bool)}
        if not await self.desk.writing(write):
            return False
        self.desk.say(_("Saved: {name}.").format(name=clean(str(given.get("name") or given.get("code")), 60)))
        return True

    async def _person(self, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """The values as kept; rooms by their id. None where a room is not known."""
        wanted = [line for line in (values.get("rooms") or "").splitlines() if line.strip()]
        rooms: list[tuple[UUID, str]] = []
        for line in wanted:
            code, role = split_room(line)
            room = await self._room_id(code)
            if room is None:
                said = _("There is no room “{room}”. Add it first, or write it otherwise.").format(room=code)
                self.query_one(Form).refuse(said, "rooms")
                return None
            rooms.append((room, role))
        phones = [part for line in (values.get("phones") or "").splitlines() for part in split_phones(line)]
        return {
            "name": values["name"],
            "phones": tuple(self.whole.get(phone, phone) for phone in phones),
            "rooms": tuple(rooms),
            "note": values.get("note") or "",
        }

    async def _room_id(self, code: str) -> UUID | None:
        def read(ledger: Ledger, session: Session) -> UUID | None:
            from desk.queries.people import find_rooms

            wanted = room_code(code)
            hits = find_rooms(session, ledger.estate_id, wanted, 20)
            return next((hit.room_id for hit in hits if hit.code == wanted), None)

        return await self.desk.reading(read)

    def _room(self, values: Mapping[str, Any]) -> dict[str, Any] | None:
        day: date | None = None
        if text := values.get("handed_over_on"):
            try:
                day = date.fromisoformat(str(text).replace("/", "-"))
            except ValueError:
                self.query_one(Form).refuse(
                    _("“{text}” is no date. Write 2024-06-01.").format(text=text), "handed_over_on"
                )
                return None
        texts = {name: values.get(name) or "" for name in ("project", "note")}
        return {"code": values["code"], "kind": values["kind"], "handed_over_on": day, **texts}

    def _staff(self, values: Mapping[str, Any]) -> dict[str, Any] | None:
        told = {name: values.get(name) or "" for name in ("number", "department")}
        if values.get("phone"):
            told["phone"] = values["phone"]
        given: dict[str, Any] = {"name": values["name"], "duties": duties_in(values.get("duties") or ""), **told}
        if self.ident is not None:
            given["active"] = values.get("active", True)
        return given


def split_room(line: str) -> tuple[str, str]:
    """``3-2-501 tenant`` → the room and the role; without a role they own it."""
    from desk.procedures.people import ROLES
    from desk.wording.values import value

    told = clean(line, 120)
    for role in ROLES:
        for word in (value("role", role), role):
            head = told[: -len(word)].strip()
            if head and fold(told[-len(word) :]) == fold(word):
                return head, role
    return told, "owner"


def split_phones(line: str) -> Sequence[str]:
    """Numbers of a line, however they are set apart."""
    for sign in ",;、;,/":
        line = line.replace(sign, "\n")
    return [part for each in line.split("\n") if (part := clean(each, 40))]


def duties_in(text: str) -> tuple[str, ...]:
    """Duties by what they are called; a word that is none is left for the procedure to refuse."""
    from desk.wording.values import duty_named

    for sign in ",;、;":
        text = text.replace(sign, ",")
    parts = [clean(part, 40) for part in text.split(",")]
    return tuple(dict.fromkeys(duty_named(part) or part for part in parts if part))
