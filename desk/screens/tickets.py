"""All tickets (F7): by status, kind, person at work, room, number or words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from desk.actions import ASSIGNEE, CLOSE, KIND, SEARCH, STATUS
from desk.errors import Refusal
from desk.i18n import N_, _, pick
from desk.screens.base import DeskScreen
from desk.session import Colleague
from desk.text import clean, short_number
from desk.vocabulary import LIVE, STATUSES
from desk.widgets.dialog import Choose, Pick
from desk.widgets.fields import Changed, Entered, Line
from desk.widgets.groups import GroupedTable, heading
from desk.widgets.keys import bindings
from desk.widgets.table import Column, RecordTable, TableRow
from desk.widgets.text import dot, plain

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Ledger
    from desk.queries.page import Page
    from desk.queries.tickets import TicketRow

#: choices of the status filter beside the statuses themselves
_LIVE, _ALL = "live", "all"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to."""

    status: str = _LIVE
    kind: str | None = None
    staff: Colleague | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A page as read."""

    rows: tuple[TicketRow, ...]
    next: Any
    kinds: tuple[tuple[str, str], ...]


def read_tickets(
    ledger: Ledger, session: Session, filters: Filters, after: Any, limit: int, stretch: int | None = None
) -> Listed:
    """A page of tickets; a text that is a room's code means that room.

    With ``stretch`` a text is looked for in so many tickets only; ``next`` says where to go on.
    """
    from sqlmodel import select

    from desk.models import Room
    from desk.queries.tickets import back, ticket_page
    from desk.text import room_code

    status = None if filters.status == _ALL else LIVE if filters.status == _LIVE else (filters.status,)
    text: str | None = filters.text or None
    room: UUID | None = None
    if text is not None:
        code = select(Room.id).where(Room.estate_id == ledger.estate_id, Room.code == room_code(text))
        room = session.exec(code).first()
        text = None if room is not None else text
    # what is open is found by its state; for the rest every ticket's words are read
    slow = stretch is not None and text is not None and filters.status != _LIVE
    until = back(ledger, session, after, stretch) if slow and stretch is not None else None
    page: Page[TicketRow] = ticket_page(
        ledger,
        session,
        status=status,
        kind=filters.kind,
        text=text,
        room=room,
        staff=filters.staff.id if filters.staff else None,
        limit=limit,
        after=after,
        until=until,
    )
    return Listed(
        page.rows, page.next or until, tuple((kind.id, pick(kind.title)) for kind in ledger.book.kinds.values())
    )


def _nothing() -> TableRow:
    return heading("none", _("No ticket fits."))


class TicketsScreen(DeskScreen[None]):
    """Tickets, the latest first."""

    ABOUT = N_(
        "All tickets, the latest first. Type a number, a room or any words in the line above; Enter opens the marked "
        "ticket."
    )
    BINDINGS = bindings(CLOSE, SEARCH, STATUS, KIND, ASSIGNEE)
    AUTO_FOCUS = "#search"
    #: rows of a page
    PAGE = 200
    #: tickets whose words are read at a time
    STRETCH = 20_000

    def __init__(self) -> None:
        super().__init__()
        self.filters = Filters()
        self.rows: list[TicketRow] = []
        self.next: Any = None
        self.kinds: tuple[tuple[str, str], ...] = ()
        #: filters of the search that goes on, if one does; another one, or none, stops it
        self.searching: Filters | None = None
        #: whether the last search was a long one, and for what
        self._sought = False
        self._sought_for: Filters | None = None

    def body(self) -> ComposeResult:
        with Horizontal(id="filters"):
            yield Static(id="filter-words")
            yield Line(placeholder=_("Search: number, room, name, matter"), id="search", limit=60)
        yield GroupedTable(
            [
                Column("number", _("Number"), 11),
                Column("status", _("Status"), 14),
                Column("room", _("Room"), 10),
                Column("what", _("Matter")),
                Column("person", _("Name"), 12, from_width=120),
                Column("worker", _("Assignee"), 12, from_width=120),
                Column("opened", _("Opened"), 11, from_width=90),
                Column("due", _("Due"), 18),
            ]
        )

    def on_mount(self) -> None:
        self._show_filters()

    @property
    def table(self) -> GroupedTable:
        return self.query_one(GroupedTable)

    # -- reading ---------------------------------------------------------------------------------------------

    async def reload(self) -> None:
        limit = max(self.PAGE, len(self.rows))
        found = await self._look(self.filters, None, limit)
        if found is None:
            return
        if len(self.rows) > limit:  # the next page has come meanwhile, and the mark may stand on it
            return await self.reload()
        self.rows, self.next = list(found.rows), found.next
        shown = self._table_rows(found.rows) or [_nothing()]
        self.table.fill(shown, more=self.next is not None)
        self._show_filters()

    async def _next_page(self) -> None:
        after = self.next
        found = await self._look(self.filters, after, self.PAGE) if after is not None else None
        if found is None or after != self.next:
            return
        self.rows += found.rows
        self.next = found.next
        self.table.extend(self._table_rows(found.rows), more=self.next is not None)
        self._show_filters()

    async def _look(self, filters: Filters, after: Any, limit: int) -> Listed | None:
        """A page, sought stretch by stretch; what there is so far when Esc stops it, None when the filters changed."""
        rows: list[TicketRow] = []

        def read(ledger: Ledger, session: Session) -> Listed:
            return read_tickets(ledger, session, filters, after, limit - len(rows), self.STRETCH)

        self.searching, self._sought = None, False
        try:
            while True:
                found = await self.desk.looking(read)
                if filters != self.filters:
                    return None
                rows += found.rows
                self.kinds, after = found.kinds, found.next
                stopped = self._sought and self.searching is None
                if after is None or len(rows) >= limit or stopped:
                    return Listed(tuple(rows), after, found.kinds)
                self.searching, self._sought, self._sought_for = filters, True, filters
                self.let_keys_go()
                self._show_searching(after[0], len(rows))
        finally:
            if self.searching is filters:
                self.searching = None

    def _show_searching(self, back_to: datetime, found: int) -> None:
        from desk.wording import day

        back = day(back_to.astimezone(self.desk.zone).date())
        text = _("Searching… back to {day}, {n} found. Esc stops.").format(day=back, n=found)
        self.query_one("#filter-words", Static).update(plain(f" {text} ", "bold reverse"))

    def freshen(self, *, by_itself: bool = False) -> None:
        # A search that somebody's writing began anew each time would never come to its end.
        if self.searching is not None and self.searching == self.filters:
            return
        if self._sought and self._sought_for == self.filters:
            self.read_anew(self._reread, by_itself=by_itself)
        else:
            super().freshen(by_itself=by_itself)

    async def _reread(self) -> None:
        """Read the rows anew that a long search found, without searching again."""
        filters, ids = self.filters, [row.id for row in self.rows]

        def read(ledger: Ledger, session: Session) -> dict[UUID, TicketRow]:
            from desk.queries.tickets import ticket_rows

            return {ticket.id: row for ticket, row in ticket_rows(ledger, session, ids)}

        found = await self.desk.looking(read)
        if filters == self.filters and ids == [row.id for row in self.rows]:
            self.rows = [found.get(row.id, row) for row in self.rows]
            self.table.fill(self._table_rows(self.rows) or [_nothing()], more=self.next is not None)

    def on_record_table_more(self, event: RecordTable.More) -> None:
        event.stop()
        self.job(self._next_page(), group="more")

    def _table_rows(self, rows: Sequence[TicketRow]) -> list[TableRow]:
        now = self.desk.now()
        return [self._table_row(row, now) for row in rows]

    def _table_row(self, row: TicketRow, now: datetime) -> TableRow:
        from desk.screens.ticket_reading import left_words
        from desk.wording import moment

        zone = self.desk.zone
        assert zone is not None
        status = _(STATUSES.get(row.status, row.status))
        if row.paused and row.status in LIVE:
            status = _("paused")
        marks = [_("EMERGENCY") if row.emergency else _("urgent") if row.urgent else ""]
        what = " ".join(filter(None, (*marks, pick(row.kind_title), clean(row.what, 120))))
        opened = moment(row.opened_at, zone, now)
        due = left_words(row.due_at, now) if row.due_at is not None else ""
        late = row.due_at is not None and row.due_at < now
        style = "dim" if row.status not in LIVE else f"bold {self.app.current_theme.error}" if late else ""
        cells = (short_number(row.number), status, row.room, what, row.person, row.assignee or row.owner, opened, due)
        return TableRow(str(row.id), cells, style, row)

    # -- keys ------------------------------------------------------------------------------------------------

    def on_record_table_chosen(self, event: RecordTable.Chosen) -> None:
        event.stop()
        self.desk.open_ticket(event.row.data.id)

    def on_key(self, event: events.Key) -> None:
        if isinstance(self.focused, Line) and event.key in ("down", "pagedown"):
            event.stop()
            self.table.focus()
        elif self.focused is self.table and event.key == "up" and self.table.cursor_row == 0:
            event.stop()
            self.query_one("#search", Line).focus()

    def on_entered(self, event: Entered) -> None:
        """Enter in the search line: a whole number opens its ticket, else the list is gone into."""
        event.stop()
        self.once(partial(self._jump, self.query_one("#search", Line).given or ""), group="jump")

    async def _jump(self, text: str) -> None:
        from desk.screens.commands import looks_like_number

        if looks_like_number(text):

            def read(ledger: Ledger, session: Session) -> UUID | None:
                from desk.queries.tickets import by_number

                try:
                    return by_number(session, ledger.estate_id, text)
                except Refusal:
                    return None

            found = await self.desk.reading(read)
            if found is not None:
                self.desk.open_ticket(found)
                return
        self.table.focus()

    def action_close(self) -> None:
        if self.searching is not None:
            self.searching = None
            return
        search = self.query_one("#search", Line)
        if search.given:
            search.put(None)
            search.focus()
        else:
            self.dismiss(None)

    # -- filters ---------------------------------------------------------------------------------------------

    def _statuses(self) -> list[tuple[str, str]]:
        return [(_LIVE, _("All open ones")), (_ALL, _("All")), *((name, _(title)) for name, title in STATUSES.items())]

    def _show_filters(self) -> None:
        chosen = self.filters
        words = [dict(self._statuses()).get(chosen.status, chosen.status)]
        words += [dict(self.kinds).get(chosen.kind, chosen.kind) if chosen.kind else ""]
        words += [chosen.staff.name if chosen.staff else ""]
        text = f" {dot().join(filter(None, words))} "
        if self.next is not None:
            text += " " + _("the first {n}; more below").format(n=len(self.rows))
        self.query_one("#filter-words", Static).update(plain(text, "dim" if chosen == Filters() else "bold reverse"))

    def _narrow(self, filters: Filters) -> None:
        if filters != self.filters:
            self.filters = filters
            self.rows, self.next = [], None
            self._show_filters()
            self.freshen()

    def on_changed(self, event: Changed) -> None:
        event.stop()
        self._narrow(replace(self.filters, text=self.query_one("#search", Line).given or ""))

    def action_search(self) -> None:
        self.query_one("#search", Line).focus()

    def action_status(self) -> None:
        self.job(self._ask_status(), group="ask", exclusive=True)

    async def _ask_status(self) -> None:
        chosen = await self.app.push_screen_wait(Choose(_("Which state?"), self._statuses(), self.filters.status))
        if chosen is not None:
            self._narrow(replace(self.filters, status=chosen))

    def action_kind(self) -> None:
        self.job(self._ask_kind(), group="ask", exclusive=True)

    async def _ask_kind(self) -> None:
        options = [("", _("All kinds")), *self.kinds]
        chosen = await self.app.push_screen_wait(Choose(_("Which kind?"), options, self.filters.kind or ""))
        if chosen is not None:
            self._narrow(replace(self.filters, kind=chosen or None))

    def action_assignee(self) -> None:
        """Ask whose; asked again, everybody's."""
        if self.filters.staff is not None:
            self._narrow(replace(self.filters, staff=None))
        else:
            self.job(self._ask_assignee(), group="ask", exclusive=True)

    async def _ask_assignee(self) -> None:
        item = await self.app.push_screen_wait(Pick(_("Whose tickets?"), self.desk.colleagues()))
        if item is not None:
            self._narrow(replace(self.filters, staff=item.data))
