"""People, rooms and staff: found as one types, known by a card."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.widgets import Static

from desk.actions import ADD_PERSON, ADD_ROOM, ADD_STAFF, CARD_TICKET, CHANGE, CLOSE, FORGET, REVEAL
from desk.i18n import N_, _, ngettext
from desk.screens.base import DeskScreen
from desk.screens.record import RecordScreen, masks, start_of
from desk.text import clean, fold, short_number
from desk.vocabulary import DUTIES, STATUSES
from desk.widgets.dialog import Confirm
from desk.widgets.fields import Changed, Entered, Line
from desk.widgets.groups import GroupedTable, heading
from desk.widgets.keys import bindings
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
            living = ngettext("{n} person", "{n} people", room.people).format(n=room.people) if room.people else ""
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
        self.card = await self._read_one(kind, ident, row)
        self.query_one("#card-text", Static).update(plain("\n".join(self._card_lines()), limit=8000))

    async def _read_one(self, kind: str, ident: UUID, row: Any) -> PersonCard | RoomCard | StaffRow:
        if kind == "staff":
            staff: StaffRow = row
            return staff

        def read(ledger: Ledger, session: Session) -> PersonCard | RoomCard:
            from desk.queries.people import person_card, room_card

            find: Any = person_card if kind == "person" else room_card
            card: PersonCard | RoomCard = find(session, ledger.estate_id, ident)
            return card

        return await self.desk.reading(read)

    async def _of_marked(self) -> Any:
        """The card of whoever is marked now; the one in sight may still be the former's. None: nobody is."""
        return await self._read_one(*self.marked) if self.marked is not None else None

    def _card_lines(self) -> list[str]:
        from desk.wording.values import value

        card: Any = self.card
        if card is None:
            return []
        if hasattr(card, "duties"):
            duties = [_(DUTIES[duty]) for duty in card.duties if duty in DUTIES]
            lines = [dot().join(filter(None, (card.name, card.number, card.department))), *duties]
            if card.phone:
                lines.append(_("Telephone {numbers}").format(numbers=self.desk.sight().phone(card.phone)))
            return lines
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

    def action_reveal(self) -> None:
        self.once(self._reveal, group="reveal")

    async def _reveal(self) -> None:
        """The numbers of the marked person, or of whoever lives in the marked room."""
        card = await self._of_marked()
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
        self.once(self._ticket_of_marked, group="ticket")

    async def _ticket_of_marked(self) -> None:
        tickets = getattr(await self._of_marked(), "tickets", ())
        if tickets:
            self.desk.open_ticket(tickets[0].id)
        else:
            self.desk.say(_("No open ticket stands on this card."))

    def action_forget(self) -> None:
        if self.marked is not None and self.marked[0] == "person":
            self.once(partial(self._forget, self.marked[1]), group="forget")
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
        self.once(partial(self._change, *event.row.data), group="change")

    async def _change(self, kind: str, ident: UUID, row: Any) -> None:
        card = await self._read_one(kind, ident, row)
        if kind == "person" and not self.desk.may("names") and not await self.desk.allowed("names"):
            return  # what can't be seen can't be put right
        whole = {} if self.revealed == ident else masks(card)
        self.app.push_screen(RecordScreen(kind, ident, start_of(card, whole), whole=whole))

    def action_close(self) -> None:
        find = self.query_one("#find", Line)
        if find.value:
            find.put(None)
            find.focus()
        else:
            self.dismiss(None)
