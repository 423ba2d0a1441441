"""The waiting board: who is at the counter or on the line, since when, with whom; Enter does what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static
from textual.worker import Worker

from desk.actions import ABOUT_THEM, DO_NEXT, EVERYBODY, EXPLAIN, REVEAL, TO_INTAKE, UNDO_VISIT, VISIT
from desk.i18n import N_, _
from desk.screens import visiting
from desk.screens.base import DeskScreen
from desk.text import narrow
from desk.vocabulary import MATTERS
from desk.widgets.groups import GroupedTable, heading
from desk.widgets.keys import bindings
from desk.widgets.palette import Command
from desk.widgets.status import Countdown
from desk.widgets.table import Column, RecordTable, TableRow
from desk.widgets.text import cut, cut_content, dot, keyed, plain

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.app import DeskApp
    from desk.ledger import Ledger
    from desk.queries.waiting import Board, VisitRow
    from desk.screens.ways import Way

#: the groups of the board in order
GROUPS = {
    "hold": N_("On hold"),
    "waiting": N_("Waiting"),
    "served": N_("Being served"),
    "with_host": N_("With the host, or waiting for them"),
    "message": N_("Gone, their message still to be passed on"),
    "left": N_("Gone"),
}
#: columns from which the prompt card stands beside the board and not under it
WIDE = 110


@dataclass(frozen=True, slots=True)
class Shown:
    """What the board shows, read in a thread."""

    board: Board
    #: who has gone today, where the whole day is asked for
    gone: tuple[VisitRow, ...]
    #: the next moment at which something comes up by itself
    turns_at: datetime | None


def read_shown(ledger: Ledger, session: Session, now: datetime, *, whole_day: bool) -> Shown:
    """The board at ``now``; runs in a thread."""
    from desk.queries.reports import day_of
    from desk.queries.waiting import board, visit_page

    found = board(ledger, session, now)
    gone: tuple[VisitRow, ...] = ()
    if whole_day:
        since, until = day_of(ledger, now.astimezone(ledger.zone).date())
        left = (row for row in visit_page(ledger, session, since, until, now) if row.status == "left")
        known = {row.id for row in found.messages}
        gone = tuple(row for row in reversed(list(left)) if row.id not in known)
    times = [due.due_at for row in (*found.rows, *found.messages) for due in row.due if due.due_at is not None]
    return Shown(found, gone, min((at for at in times if at >= now), default=None))


def group_of(row: VisitRow) -> str:
    """Under which heading a visitor stands."""
    if row.held_since is not None:
        return "hold"
    if row.status == "left":
        return "message" if row.message == "taken" and row.due else "left"
    if row.status == "waiting" and row.host_state == "busy":
        return "with_host"  # the desk has done its part
    return "served" if row.status == "upgraded" else row.status


class VisitTable(GroupedTable):
    """The board itself."""

    BINDINGS = bindings(DO_NEXT)
    ABOUT = N_(
        "Who is here, who waits longest on top. The count runs against the limit and says when it is over. Enter does "
        "what comes next for the marked one, the digits what else is natural; Ctrl+O shows all that can be done."
    )


class WaitingScreen(DeskScreen[None]):
    """Visitors at the counter and callers on the line."""

    ABOUT = N_(
        "Who came, when, for what, who is with them, how long they wait. Ctrl+Y and the digit of the matter put "
        "somebody on the board, from wherever you stand. The card says what to do and say."
    )
    BINDINGS = bindings(EXPLAIN, VISIT, TO_INTAKE, ABOUT_THEM, UNDO_VISIT, EVERYBODY, REVEAL)
    AUTO_FOCUS = "VisitTable"

    def __init__(self) -> None:
        super().__init__()
        self.shown: Shown | None = None
        self.whole_day = False
        #: whose number is shown in full
        self.revealed: VisitRow | None = None
        #: how the marked visit goes on, and which one that is
        self.ways: list[Way] = []
        self._ways_for: VisitRow | None = None
        #: how often something was done here, by what is read after it
        self._done_here = 0
        self._resting: Timer | None = None
        self._at_it: Worker[None] | None = None
        #: to be marked when it stands there
        self._wanted: UUID | None = None

    def body(self) -> ComposeResult:
        yield Static(id="waiting-head")
        with Container(id="waiting-body"):
            with Vertical(id="waiting-board"):
                yield VisitTable(
                    [
                        Column("came", _("Came"), 5),
                        Column("count", _("Count"), 16),
                        Column("state", _("State"), 12),
                        Column("matter", _("Kind"), min(13, max(cell_len(_(title)) for title in MATTERS.values()))),
                        Column("who", _("Who and what")),
                        Column("with", _("With"), 8),
                        Column("number", _("Number"), 6, from_width=90),
                    ]
                )
                with Vertical(id="marked"):
                    with Horizontal():
                        yield Static(id="marked-title")
                        yield Countdown(id="due-left")
                    yield Static(id="marked-what")
                    yield Static(id="marked-due")
                    yield Static(id="marked-ways")
            with VerticalScroll(id="waiting-card", can_focus=False):
                yield Static(id="waiting-lines")

    def on_mount(self) -> None:
        self.set_interval(1, self._second)

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= WIDE, "-wide")

    @property
    def table(self) -> VisitTable:
        return self.query_one(VisitTable)

    @property
    def marked(self) -> VisitRow | None:
        """The visit under the mark."""
        row = self.table.marked
        return row.data if row is not None else None

    @property
    def busy(self) -> dict[UUID, str]:
        """Who of the staff is with whom."""
        return {each.staff_id: each.visit.number for each in self.shown.board.busy} if self.shown else {}

    # -- reading ---------------------------------------------------------------------------------------------

    async def reload(self) -> None:
        now, whole = self.desk.now(), self.whole_day

        def read(ledger: Ledger, session: Session) -> Shown:
            return read_shown(ledger, session, now, whole_day=whole)

        self.shown = await self.desk.looking(read)
        if not self.by_itself:
            # what was done here is why something else comes next
            self._ways_for, self._done_here = None, self._done_here + 1
        self._draw()
        if self._wanted is not None:
            self.table.mark(str(self._wanted), otherwise=self.table.cursor_row)
            self._wanted = None
        self._show_marked(self.marked)

    def mark(self, visit_id: UUID) -> None:
        """Put the mark on somebody, as soon as they stand there."""
        self._wanted = visit_id
        self.freshen()

    def _second(self) -> None:
        """Counts go on; what has come up by itself is read."""
        if self.shown is None or self not in self.app.screen_stack:
            return
        if self.shown.turns_at is not None and self.shown.turns_at < self.desk.now():
            self.freshen(by_itself=True)
        self._draw()

    def _draw(self) -> None:
        """The rows as they stand this second; only what has changed is drawn."""
        shown, zone, now = self.shown, self.desk.zone, self.desk.now()
        if shown is None or zone is None:
            return
        rows: list[TableRow] = []
        people = (*shown.board.rows, *shown.board.messages, *shown.gone)
        for group, title in GROUPS.items():
            here = [row for row in people if group_of(row) == group]
            if here:
                rows.append(heading(group, _(title)))
                rows += [self._row(row, group, zone, now) for row in here]
        self.table.fill(rows or [heading("none", _("Nobody is here. Ctrl+Y puts who comes on the board."))])
        self.query_one("#waiting-head", Static).update(self._head(shown.board, zone, now), layout=False)

    def _row(self, row: VisitRow, group: str, zone: ZoneInfo, now: datetime) -> TableRow:
        from desk.wording import value

        local, today = row.came_at.astimezone(zone), now.astimezone(zone).date()
        came = f"{local:%H:%M}" if local.date() == today else f"{local:%m-%d}"
        # the word comes first: it is read before what it is about
        matter = " ".join(filter(None, (_("URGENT") if row.urgent else "", value("matter", row.matter))))
        with_whom = row.host if group == "with_host" else row.served_by
        cells = (
            came,
            visiting.counted(row, now),
            visiting.state_words(row),
            matter,
            visiting.who_words(row),
            with_whom,
            visiting.visit_number(row, zone, now),
        )
        style = "dim" if group == "left" else "bold" if row.urgent or visiting.warned(row, now) else ""
        if visiting.over(row, now):
            style = f"bold {self.app.current_theme.error}"
        return TableRow(str(row.id), cells, style, row)

    def _head(self, board: Board, zone: ZoneInfo, now: datetime) -> Content:
        """How many wait and how long; who of the desk is with whom, or on the telephone (S1-05, S1-07)."""
        waiting = [row for row in board.rows if group_of(row) == "waiting"]
        longest = max((row.waited(now) for row in waiting), default=None)
        words = [_("Waiting {n}").format(n=len(waiting))]
        if longest is not None:
            words.append(_("longest {time}").format(time=visiting.clock(longest)))
        busy = []
        for each in board.busy:
            about = _("{name} is on the telephone: {number}") if each.phone else _("{name} is with {number}")
            number = visiting.visit_number(each.visit, zone, now)
            busy.append(about.format(name=each.name, number=" ".join(filter(None, (number, each.visit.name)))))
        left = Content(" ") + plain(dot().join(words)) + " "
        right = plain(dot().join(busy) or _("Nobody of the desk is busy."), "" if busy else "dim")
        head = left.stylize("bold reverse" if waiting else "dim") + "  " + right
        return cut_content(head, max(20, self.size.width))

    # -- the marked one --------------------------------------------------------------------------------------

    def on_record_table_marked(self, event: RecordTable.Marked) -> None:
        event.stop()
        self._show_marked(self.marked)

    def _show_marked(self, row: VisitRow | None) -> None:
        from desk.screens.ways import to_do
        from desk.wording import moment

        zone, now = self.desk.zone, self.desk.now()
        if zone is None:
            return
        title, what, due = (self.query_one(f"#marked-{part}", Static) for part in ("title", "what", "due"))
        countdown = self.query_one("#due-left", Countdown)
        idle = countdown.due_at is None
        if row is None:
            self.ways, self._ways_for = [], None
            countdown.due_at = None
            for part in (title, what, due, self.query_one("#marked-ways", Static)):
                part.update("", layout=False)
        else:
            room = max(20, self.table.size.width - 2)
            full = self.revealed if self.revealed is not None and self.revealed.id == row.id else None
            title.update(plain(visiting.title_words(full or row, reveal=full is not None), "bold"), layout=False)
            known = visiting.about_words(row, now, lambda at: moment(at, zone, now))
            what.update(plain(cut(dot().join(known), room)), layout=False)
            coming = row.next
            words = [to_do(coming), coming.who] if coming is not None else [_("Nothing is due for them.")]
            words += [_("source {ids}").format(ids=", ".join(coming.source))] if coming and coming.source else []
            due.update(plain(cut(dot().join(filter(None, words)), room), "" if coming else "dim"), layout=False)
            countdown.due_at = coming.due_at if coming is not None else None
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(0.06, self._mark_rests)
        countdown.tick(now)
        if (countdown.due_at is None) != idle:
            countdown.refresh(layout=True)

    def _mark_rests(self) -> None:
        row = self.marked
        self.job(lambda: self._read_marked(row), group="ways", exclusive=True)

    async def _read_marked(self, row: VisitRow | None) -> None:
        """How the marked visit goes on, and the card for what is going on."""

        now = self.desk.now()

        def read(ledger: Ledger, session: Session) -> tuple[list[Way], tuple[str, ...], tuple[str, ...]]:
            from desk.prompts import card, tips

            if row is None:
                return [], card(ledger.book, "visit", "greeting"), card(ledger.book, "screen", "visitors")
            ways = visiting.next_ways(ledger, session, row, now)
            return ways, card(ledger.book, "visit", row.doing), tips(ledger.book, "visit", row.doing)

        done_here = self._done_here
        ways, card, tips = await self.desk.reading(read)
        if done_here != self._done_here:
            return  # it was read before that, and is being read anew
        before, former = self._ways_for, [way.verb for way in self.ways[:1]]
        self.ways, self._ways_for = ways, row
        if before is not None and row is not None and before.id == row.id and former != [way.verb for way in ways[:1]]:
            self.table.slid()
        if row is not None:
            self.query_one("#marked-ways", Static).update(self._ways_words(), layout=False)
        lines = [plain(line) for line in card] + [plain(line, "dim") for line in tips]
        self.query_one("#waiting-lines", Static).update(Content("\n").join(lines))
        self.query_one("#waiting-card").scroll_home(animate=False)

    def _ways_words(self) -> Content:
        if not self.ways:
            return plain(_("Nothing is left to do for them; Ctrl+O shows the visit."), "dim")
        return keyed([_(way.title) for way in self.ways], max(20, self.table.size.width - 2))

    # -- doing -----------------------------------------------------------------------------------------------

    def on_record_table_chosen(self, event: RecordTable.Chosen) -> None:
        event.stop()
        self._do(0, event.row.data)

    def on_key(self, event: events.Key) -> None:
        digit = narrow(event.character or "")
        if digit.isdigit() and digit != "0":
            event.stop()
            if not self.table.has_slid():
                self._do(int(digit) - 1)

    def _do(self, place: int, row: VisitRow | None = None) -> None:
        row = row or self.marked
        # fast fingers: a second Enter before the first is done must not do another thing
        if row is not None and (self._at_it is None or self._at_it.is_finished):
            self._at_it = self.job(self._do_way(row, place), group="do")

    def _do_this(self, row: VisitRow, way: Way) -> None:
        if self._at_it is None or self._at_it.is_finished:
            self._at_it = self.job(visiting.do_way(self, row, way, self.busy), group="do")

    async def _do_way(self, row: VisitRow, place: int) -> None:
        while self._ways_for is not row:
            await self._read_marked(row)
            if self.table.has_slid():
                return
        if place < len(self.ways):
            await visiting.do_way(self, row, self.ways[place], self.busy)
        elif place == 0:
            self.action_visit()

    def commands(self) -> Sequence[Command]:
        """What comes next for the marked one is in the palette too, and is done for them whoever is marked by then."""
        row = self._ways_for
        if row is None:
            return []
        return [
            Command(
                _(way.title),
                partial(self._do_this, row, way),
                key=str(n + 1) if n else "enter",
                keys=(way.verb, way.title),
            )
            for n, way in enumerate(self.ways)
        ]

    # -- the other keys --------------------------------------------------------------------------------------

    def action_explain(self) -> None:
        from desk.screens.explain import ExplainScreen

        row = self.marked
        if row is None:
            return
        coming = row.next or visiting.running(row)
        if coming is None:
            self.desk.say(_("Nothing is due for them."))
        else:
            self.app.push_screen(ExplainScreen(coming))

    def action_visit(self) -> None:
        if (row := self.marked) is not None:
            self.desk.open_visit(row.id)

    def action_to_intake(self) -> None:
        if (row := self.marked) is not None:
            self.job(self._to_intake(row), group="do")

    async def _to_intake(self, row: VisitRow) -> None:
        refusal = await self.desk.reading(lambda ledger, session: visiting.why_not(ledger, session, row, "open-ticket"))
        if refusal is not None:
            raise refusal
        await visiting.to_intake(self, row)

    def action_about_them(self) -> None:
        from desk.screens.verb import VerbScreen

        if (row := self.marked) is not None:
            self.app.push_screen(VerbScreen("visit", "change-visit", row.id, visiting.about(row)))

    def action_take_back(self) -> None:
        from desk.screens.undo import take_back

        if (row := self.marked) is not None:
            self.job(take_back(cast("DeskApp", self.app), row.id), group="undo")

    def action_everybody(self) -> None:
        self.whole_day = not self.whole_day
        self.freshen()

    async def action_reveal(self) -> None:
        row, now = self.marked, self.desk.now()
        if row is None:
            return
        if self.revealed is not None and self.revealed.id == row.id:
            self.revealed = None
        elif await self.desk.revealed("visit", row.id):
            self.revealed = await self.desk.reading(lambda ledger, session: _visit(ledger, session, row.id, now))
        self._show_marked(self.marked)


def _visit(ledger: Ledger, session: Session, ident: UUID, now: datetime) -> VisitRow:
    from desk.queries.waiting import visit_row

    return visit_row(ledger, session, ident, now)
