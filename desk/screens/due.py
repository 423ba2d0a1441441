"""Due (F3): everything with a deadline, the most urgent first. Enter does it, F9 explains it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static
from textual.worker import Worker

from desk.actions import DETAILS, DO, EXPLAIN, KIND, OVERDUE, SEARCH, WHOSE
from desk.i18n import N_, _, pick
from desk.screens.base import DeskScreen
from desk.text import clean, narrow, short_number
from desk.vocabulary import DUTIES
from desk.when import ending
from desk.widgets.dialog import Choose
from desk.widgets.fields import Changed, Entered, Line
from desk.widgets.groups import GroupedTable, heading, is_heading
from desk.widgets.keys import bindings
from desk.widgets.status import Countdown
from desk.widgets.table import Column, RecordTable, TableRow
from desk.widgets.text import cut, dot, keyed, plain

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Ledger
    from desk.queries.due import DueRow
    from desk.queries.page import Page
    from desk.screens.ways import Way

#: rows of a page
PAGE = 200

#: the groups of the board in order, and what they are called
GROUPS = {
    "overdue": N_("Overdue"),
    "soon": N_("Within the hour"),
    "today": N_("Today"),
    "later": N_("Later"),
    "open": N_("No time yet, or paused"),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the board is narrowed to; everything when nothing is set."""

    #: a member of staff, a duty, or everybody
    who: UUID | str | None = None
    kind: str | None = None
    overdue: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """A stretch of the board as read: its rows and where the next one begins."""

    rows: tuple[DueRow, ...]
    next: Any
    kinds: tuple[tuple[str, str], ...]


def read_board(
    ledger: Ledger, session: Session, now: datetime, filters: Filters, *, limit: int = PAGE, after: Any = None
) -> Board:
    """A page of the board; runs in a thread."""
    from desk.queries.due import due_page

    page: Page[DueRow] = due_page(
        ledger, session, now, limit=limit, after=after, who=filters.who, kind=filters.kind, text=filters.text or None
    )
    rows, following = page.rows, page.next
    if filters.overdue:
        rows = tuple(row for row in page.rows if group_of(row, now, ledger.zone) == "overdue")
        following = page.next if len(rows) == len(page.rows) else None  # the rest is due later still
    kinds = tuple((kind.id, pick(kind.title)) for kind in ledger.book.kinds.values())
    return Board(rows, following, kinds)


def group_of(row: DueRow, now: datetime, zone: ZoneInfo) -> str:
    """Under which heading a row stands."""
    if row.paused or (row.due_at is None and not row.step):
        return "open"
    if row.due_at is None or row.due_at < now:
        return "overdue"  # a notice came up because something was missed
    if row.due_at - now <= timedelta(hours=1):
        return "soon"
    return "today" if ending(row.due_at.astimezone(zone))[0] == now.astimezone(zone).date() else "later"


def due_words(row: DueRow, now: datetime, zone: ZoneInfo) -> str:
    """When it is due and how long that is from now, to the minute."""
    from desk.wording import duration, moment

    if row.paused:
        return _("paused")
    if row.due_at is None:
        return _("{time} to note").format(time=moment(row.starts_at, zone, now)) if row.step else _("no time yet")
    away = abs(row.due_at - now)
    same_day = ending(row.due_at.astimezone(zone))[0] == now.astimezone(zone).date()
    if away >= timedelta(days=1):
        away = timedelta(days=away.days)
    elif away >= timedelta(hours=10 if same_day else 1):  # by then nobody counts the minutes
        away -= timedelta(seconds=away.seconds % 3600)
    else:
        away -= timedelta(seconds=away.seconds % 60)
    if away < timedelta(minutes=1):
        words = _("now")
    else:
        words = (_("{time} overdue") if row.due_at < now else _("{time} left")).format(time=duration(away))
    return f"{moment(row.due_at, zone, now, until=True)} {words}"


_MOVES = ("up", "down", "pageup", "pagedown", "home", "end", "ctrl+home", "ctrl+end")


class DueTable(GroupedTable):
    """The board itself."""

    BINDINGS = bindings(DO)
    ABOUT = N_(
        "Arrows mark a row; Enter does what is due, the digits do it another way where there are several. "
        "F9 says why it is due then."
    )
    #: somebody has put the mark where it stands
    moved = False

    def on_key(self, event: events.Key) -> None:
        self.moved = self.moved or event.key in _MOVES


class DueScreen(DeskScreen[None]):
    """The board of everything with a deadline."""

    ABOUT = N_("Everything with a deadline, in order: overdue, within the hour, today, later.")
    BINDINGS = bindings(EXPLAIN, DETAILS, SEARCH, WHOSE, KIND, OVERDUE)
    AUTO_FOCUS = "DueTable"

    def __init__(self) -> None:
        super().__init__()
        self.filters = Filters()
        self.rows: list[DueRow] = []
        self.next: Any = None
        self.kinds: tuple[tuple[str, str], ...] = ()
        #: of the last row read
        self._last_group = ""
        #: how the marked row can be done, and which row that is
        self.ways: list[Way] = []
        self._ways_for: DueRow | None = None
        #: how it can be done is read when the mark rests
        self._resting: Timer | None = None
        self._at_it: Worker[None] | None = None
        #: one has come back from another place: what is due next is marked, unless the mark was put elsewhere
        self._back = False

    def body(self) -> ComposeResult:
        with Horizontal(id="filters"):
            yield Static(id="filter-words")
            yield Line(placeholder=_("Search: number, room, matter, what to do"), id="search", limit=60)
        yield DueTable(
            [
                Column("due", _("Due"), 24),
                Column("todo", _("What to do")),
                Column("number", _("Number"), 10),
                Column("what", _("Room and matter")),
                Column("who", _("Who must"), 16, from_width=100, wide=28),
            ]
        )
        with Vertical(id="marked"):
            with Horizontal():
                yield Static(id="marked-title")
                yield Countdown(id="due-left")
            yield Static(id="marked-what")
            yield Static(id="marked-ways")

    def on_mount(self) -> None:
        self._show_filters()

    @property
    def table(self) -> DueTable:
        return self.query_one(DueTable)

    def on_screen_suspend(self) -> None:
        self._back = self._back or self.app.current_mode != "due"

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        self._to_next()

    def _to_next(self) -> None:
        """Mark what is due next, once, where one has come back and left the mark alone."""
        first = next((row for row in self.table.rows_shown if not is_heading(row)), None)
        if self._back and not self.table.moved and first is not None:
            self.table.mark(first.key)

    # -- reading ---------------------------------------------------------------------------------------------

    async def reload(self) -> None:
        now, filters = self.desk.now(), self.filters
        limit = max(PAGE, len(self.rows))

        def read(ledger: Ledger, session: Session) -> Board:
            return read_board(ledger, session, now, filters, limit=limit)

        board = await self.desk.looking(read)
        if len(self.rows) > limit:  # the next page has come meanwhile, and the mark may stand on it
            return await self.reload()
        self.rows, self.next, self.kinds = list(board.rows), board.next, board.kinds
        shown = self._table_rows(self.rows, now)
        if not shown:
            shown = [heading("none", _("Nothing here fits the filters.") if self.narrowed else _("Nothing is due."))]
        self.table.fill(shown, more=self.next is not None)
        self._to_next()
        self._back = False
        self._show_filters()
        if self.table.marked is None:
            self._show_marked(None)

    async def _next_page(self) -> None:
        now, filters, after = self.desk.now(), self.filters, self.next
        if after is None:
            return

        def read(ledger: Ledger, session: Session) -> Board:
            return read_board(ledger, session, now, filters, after=after)

        board = await self.desk.looking(read)
        if after != self.next:
            return  # the board has been read anew meanwhile
        self.rows += board.rows
        self.next = board.next
        self.table.extend(self._table_rows(board.rows, now, after=self._last_group), more=self.next is not None)

    def on_record_table_more(self, event: RecordTable.More) -> None:
        event.stop()
        self.job(self._next_page(), group="more")

    def _table_rows(self, rows: Sequence[DueRow], now: datetime, after: str = "") -> list[TableRow]:
        """Rows under their headings; ``after`` is the group of the row that stands before them."""
        zone = self.desk.zone
        assert zone is not None
        order, group = list(GROUPS), after
        found: list[TableRow] = []
        for row in rows:
            own = group_of(row, now, zone)
            # a notice that has come up this second stands after what is due this second: no heading comes twice
            if not group or order.index(own) > order.index(group):
                group = own
                found.append(heading(group, _(GROUPS[group])))
            found.append(self._table_row(row, own, now, zone))
        self._last_group = group
        return found

    def _table_row(self, row: DueRow, group: str, now: datetime, zone: ZoneInfo) -> TableRow:
        from desk.screens.ways import to_do

        number = short_number(row.number)
        what = " ".join(filter(None, (row.room, clean(row.what, 80))))
        if row.gathered > 1:
            what = _("{n} of them, together").format(n=row.gathered)
        cells = (due_words(row, now, zone), to_do(row), number, what, row.who)
        # the heading and the words of the first column say the same without colour
        style = {"overdue": f"bold {self.app.current_theme.error}", "soon": "bold"}.get(group, "")
        return TableRow(str(row.deadline_id), cells, style, row)

    # -- the marked row --------------------------------------------------------------------------------------

    def on_record_table_marked(self, event: RecordTable.Marked) -> None:
        event.stop()
        marked = self.table.marked
        self._show_marked(marked.data if marked is not None else None)

    def _show_marked(self, row: DueRow | None) -> None:
        from desk.screens.ways import step_words, to_do

        title = self.query_one("#marked-title", Static)
        what = self.query_one("#marked-what", Static)
        countdown = self.query_one("#due-left", Countdown)
        idle = countdown.due_at is None
        if row is None:
            self.ways, self._ways_for = [], None
            for part in (title, what, self.query_one("#marked-ways", Static)):
                part.update("", layout=False)
            countdown.due_at = None
        else:
            # the lines have their places: nothing is laid out anew while the mark moves
            # beside it the time left takes its place; who must is said in any case
            wide = max(20, self.size.width - 22 - cell_len(dot() + (row.who or "")))
            title.update(plain(dot().join(filter(None, (cut(to_do(row), wide), row.who))), "bold"), layout=False)
            matter = " ".join(filter(None, (row.number, row.room, clean(row.what, 200))))
            source = _("source {ids}").format(ids=", ".join(row.source)) if row.source else ""
            held = (_("paused") if row.paused else "", _("provisional") if row.provisional else "")
            rest = dot().join(filter(None, (step_words(row), *held, source)))
            width = self.size.width - 2
            # the matter comes before the paragraphs of the manual
            matter = cut(matter, max(width * 3 // 5, width - cell_len(dot() + rest)))
            what.update(plain(cut(dot().join(filter(None, (matter, rest))), width)), layout=False)
            countdown.due_at = None if row.paused or row.due_at is None or row.due_at < self.desk.now() else row.due_at
            if self._ways_for is None:
                # how it can be done is what loads the verbs: the rows are painted first
                self.call_after_refresh(self._rest)
            else:
                self._rest()
        countdown.tick(self.desk.now())
        if (countdown.due_at is None) != idle:
            countdown.refresh(layout=True)

    def _rest(self) -> None:
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(0.06, self._mark_rests)

    def _mark_rests(self) -> None:
        marked = self.table.marked
        if marked is not None:
            self.job(self._read_ways(marked.data), group="ways", exclusive=True)

    async def _read_ways(self, row: DueRow) -> None:
        now = self.desk.now()

        def read(ledger: Ledger, session: Session) -> list[Way]:
            from desk.screens.ways import ways_of

            return ways_of(ledger, session, row, now)

        ways = await self.desk.reading(read)
        self.ways, self._ways_for = ways, row
        self.query_one("#marked-ways", Static).update(self._ways_words(), layout=False)

    def _ways_words(self) -> Content:
        possible = [way for way in self.ways if way.why_not is None]
        if not possible:
            why = next((self.desk.sentence(way.why_not) for way in self.ways if way.why_not is not None), "")
            return plain(why or _("Nothing is recorded for it at the desk; Ctrl+O opens the ticket."), "dim")
        return keyed([_(way.title) for way in possible], max(20, self.table.size.width - 2))

    # -- doing -----------------------------------------------------------------------------------------------

    def on_record_table_chosen(self, event: RecordTable.Chosen) -> None:
        event.stop()
        self._do(0, event.row)

    def on_key(self, event: events.Key) -> None:
        if isinstance(self.focused, Line):
            if event.key in ("down", "escape"):
                event.stop()
                if event.key == "escape":
                    self.query_one("#search", Line).put(None)
                self.table.focus()
            return
        digit = narrow(event.character or "")
        if digit.isdigit() and digit != "0":
            event.stop()
            if not self.table.has_slid():
                self._do(int(digit) - 1)

    def _do(self, place: int, row: TableRow | None = None) -> None:
        marked = row or self.table.marked
        # fast fingers: a second Enter before the form stands there must not open another
        if marked is not None and (self._at_it is None or self._at_it.is_finished):
            self._at_it = self.job(self._do_row(marked.data, place), group="do")

    async def _do_row(self, row: DueRow, place: int) -> None:
        from desk.screens.ways import do_it

        if self._ways_for is not row:
            await self._read_ways(row)
        possible = [way for way in self.ways if way.why_not is None]
        if place < len(possible):
            await do_it(self, row, possible[place])
        elif place == 0 and self.ways and self.ways[0].why_not is not None:
            self.desk.say(self.desk.sentence(self.ways[0].why_not), "warning")
        elif place == 0 and row.ticket_id is not None:
            self.desk.open_ticket(row.ticket_id)

    def action_ticket(self) -> None:
        marked = self.table.marked
        if marked is None:
            return
        if marked.data.root_type == "visit":
            self.desk.open_visit(marked.data.root_id)
        elif marked.data.ticket_id is None:
            self.desk.say(_("No ticket belongs to this row."))
        else:
            self.desk.open_ticket(marked.data.ticket_id)

    def action_explain(self) -> None:
        from desk.screens.explain import ExplainScreen

        marked = self.table.marked
        if marked is not None:
            self.app.push_screen(ExplainScreen(marked.data))

    # -- filters ---------------------------------------------------------------------------------------------

    @property
    def narrowed(self) -> bool:
        """Whether any filter is set."""
        return self.filters != Filters()

    def _show_filters(self) -> None:
        chosen = self.filters
        words = [self._who_words(), dict(self.kinds).get(chosen.kind, chosen.kind) if chosen.kind else ""]
        words += [_("overdue only") if chosen.overdue else "", f"“{chosen.text}”" if chosen.text else ""]
        style = "bold reverse" if self.narrowed else "dim"
        text = f" {dot().join(filter(None, words))} "
        if self.desk.zone is not None and self.next is not None:
            text += " " + _("the first {n}; more below").format(n=len(self.rows))
        self.query_one("#filter-words", Static).update(plain(text, style))

    def _who_words(self) -> str:
        who, me = self.filters.who, self.desk.who
        if who is None:
            return _("Everybody's")
        if me is not None and who == me.id:
            return _("Mine and my duties'")
        return _(DUTIES.get(str(who), str(who)))

    def _narrow(self, filters: Filters) -> None:
        if filters != self.filters:
            self.filters = filters
            self.rows, self.next = [], None
            self._back, self.table.moved = True, False  # among other rows one begins with the first
            self._show_filters()
            self.freshen()

    def action_whose(self) -> None:
        """Everybody's → mine → each of my duties → everybody's."""
        me = self.desk.who
        if me is None:
            return
        stops: list[UUID | str | None] = [None, me.id, *me.duties]
        here = stops.index(self.filters.who) if self.filters.who in stops else 0
        self._narrow(replace(self.filters, who=stops[(here + 1) % len(stops)]))

    def action_kind(self) -> None:
        self.job(self._ask_kind(), group="kind", exclusive=True)

    async def _ask_kind(self) -> None:
        options = [("", _("All kinds")), *self.kinds]
        chosen = await self.app.push_screen_wait(Choose(_("Which kind?"), options, self.filters.kind or ""))
        if chosen is not None:
            self._narrow(replace(self.filters, kind=chosen or None))

    def action_overdue(self) -> None:
        self._narrow(replace(self.filters, overdue=not self.filters.overdue))

    def action_search(self) -> None:
        self.query_one("#search", Line).focus()

    def on_changed(self, event: Changed) -> None:
        event.stop()
        self._narrow(replace(self.filters, text=self.query_one("#search", Line).given or ""))

    def on_entered(self, event: Entered) -> None:
        event.stop()
        self.table.focus()
