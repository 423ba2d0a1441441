"""A ticket's own page: everything about it, and what can be done now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical, VerticalScroll
from textual.widgets import Static
from textual.worker import Worker

from desk.actions import CLOSE, EXPLAIN, ORDER, REVEAL, SLIP, TAKE_BACK, Action
from desk.i18n import N_, _
from desk.screens.base import DeskModal, DeskScreen
from desk.when import ending
from desk.widgets.doings import Doings
from desk.widgets.groups import GroupedTable, heading
from desk.widgets.keys import HintBar, bindings
from desk.widgets.palette import Command
from desk.widgets.table import Column, RecordTable, TableRow
from desk.widgets.text import dot, flow, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlmodel import Session

    from desk.app import DeskApp
    from desk.ledger import Ledger
    from desk.queries.log import EventRow
    from desk.queries.responsible import Call
    from desk.screens.ticket_reading import Doing, Entry, Page

#: the parts of the record in order
GROUPS = {
    "calls": N_("Call list"),
    "deadlines": N_("Deadlines"),
    "appointments": N_("Appointments"),
    "callbacks": N_("Callbacks"),
    "chain": N_("Who answered for it"),
    "links": N_("Linked tickets"),
    "log": N_("Log"),
    "past": N_("Deadlines met or withdrawn"),
}
#: those whose times are the ends of limits
LIMITS = ("deadlines", "past")
#: columns from which the acts stand beside the record and not under it
WIDE = 110


class Record(GroupedTable):
    """Deadlines, appointments, callbacks, linked tickets and the log."""

    ABOUT = N_(
        "The ticket's record. Enter on a deadline does it, on the call list notes the call, on a linked ticket opens "
        "it, on an entry of the log reads it whole; F9 on a deadline says why it is due then. Tab goes to what can be "
        "done."
    )

    def on_mount(self) -> None:
        self.show_cursor = False

    def on_focus(self) -> None:
        self.show_cursor = True

    def on_blur(self) -> None:
        self.show_cursor = False


class TicketScreen(DeskScreen[None]):
    """Everything of one ticket."""

    ABOUT = N_("Everything about one ticket: its deadlines, its log, and what can be done with it now.")
    BINDINGS = bindings(CLOSE, EXPLAIN, REVEAL, SLIP, ORDER, TAKE_BACK)
    AUTO_FOCUS = "Doings Line"

    def __init__(self, ticket_id: UUID) -> None:
        super().__init__()
        self.ticket_id = ticket_id
        self.page: Page | None = None
        self.reveal = False
        self.newest_first = True
        self._at_it: Worker[None] | None = None

    def body(self) -> ComposeResult:
        with Vertical(id="ticket-head"):
            yield Static(id="ticket-title")
            yield Static(id="ticket-what")
            yield Static(id="ticket-facts")
        with Container(id="ticket-body"):
            columns = [Column("at", _("Time"), 11), Column("text", _("What")), Column("state", _("State or who"), 20)]
            yield Record(columns, lines=6)
            yield Doings()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= WIDE, "-wide")
        self._draw_head()

    # -- reading ---------------------------------------------------------------------------------------------

    async def reload(self) -> None:
        from desk.screens.ticket_reading import read_page

        now, ident, sentence = self.desk.now(), self.ticket_id, self.desk.sentence
        await self.desk.ready()  # whose duty says what is shown
        sight = self.desk.sight(reveal=self.reveal)

        def read(ledger: Ledger, session: Session) -> Page:
            return read_page(ledger, session, ident, now, sentence, sight=sight)

        self.page = await self.desk.reading(read)
        self._draw_head()
        self._draw_record()
        self.query_one(Doings).offer([self._command(doing) for doing in self.page.doings])

    def refused(self, error: Exception) -> None:
        super().refused(error)
        if self.page is None:
            self.dismiss(None)

    def _draw_head(self) -> None:
        from desk.screens.ticket_reading import facts_of, title_of

        page, zone = self.page, self.desk.zone
        if page is None or zone is None:
            return
        self.query_one("#ticket-title", Static).update(plain(title_of(page), "bold"))
        self.query_one("#ticket-what", Static).update(plain(page.view.row.what or _("(nothing noted)"), limit=2000))
        facts = facts_of(page, zone, self.desk.now(), reveal=self.reveal)
        parts = [plain(fact + (dot().rstrip() if n < len(facts) else ""), "dim") for n, fact in enumerate(facts, 1)]
        self.query_one("#ticket-facts", Static).update(flow(parts, max(20, self.size.width - 2)))

    def _draw_record(self) -> None:
        assert self.page is not None
        rows: list[TableRow] = []
        for group, title in GROUPS.items():
            entries = [entry for entry in self.page.entries if entry.group == group]
            if entries:
                rows.append(heading(group, _(title)))
            if group == "log" and not self.newest_first:
                entries.reverse()
            rows += [self._row(entry) for entry in entries]
        self.query_one(Record).fill(rows)

    def _row(self, entry: Entry) -> TableRow:
        zone = self.desk.zone
        assert zone is not None
        now = self.desk.now().astimezone(zone)
        when = ""
        if entry.at is not None:
            local = entry.at.astimezone(zone)
            day, clock = ending(local) if entry.group in LIMITS else (local.date(), f"{local:%H:%M}")
            when = f"{day:%m-%d} {clock}" if day.year == now.year else f"{day:%Y-%m-%d}"
            when = clock if day == now.date() else when
        style = f"bold {self.app.current_theme.error}" if entry.style == "overdue" else entry.style
        return TableRow(f"{entry.group}:{entry.key}", (when, entry.text, entry.state), style, entry)

    def _command(self, doing: Doing) -> Command:
        about = ""
        if doing.due_at is not None:
            about = _("due {time}").format(time=self.desk.clock.show(doing.due_at))
        return Command(doing.title, lambda: self._open(doing), about, why_not=doing.why_not, keys=doing.keys)

    def commands(self) -> Sequence[Command]:
        """The acts are in the palette too."""
        return [self._command(doing) for doing in self.page.doings] if self.page is not None else ()

    # -- doing -----------------------------------------------------------------------------------------------

    def on_doings_chosen(self, event: Doings.Chosen) -> None:
        event.stop()
        event.command.run()

    def _about(self) -> str:
        from desk.screens.ways import words

        assert self.page is not None
        row = self.page.view.row
        return words(row.number, row.room, row.what)

    def _open(self, doing: Doing) -> None:
        from desk.screens.ways import form_of

        self.query_one(Doings).clear()
        self.app.push_screen(form_of(doing.subject, doing.verb, doing.subject_id, self._about()))

    def on_record_table_chosen(self, event: RecordTable.Chosen) -> None:
        event.stop()
        entry: Entry = event.row.data
        if entry.group == "deadlines":
            if self._at_it is None or self._at_it.is_finished:
                self._at_it = self.job(self._do(entry.data), group="do")
        elif entry.group == "past":
            self.action_explain()
        elif entry.group == "calls":
            self._ring(entry.data)
        elif entry.group == "links":
            self.desk.open_ticket(entry.data.id)
        elif entry.group == "log":
            self.app.push_screen(EntryScreen(entry.data, entry.text))
        else:
            self.query_one(Doings).focus()

    def _ring(self, call: Call) -> None:
        """The marked one of the call list: Enter records that they answered."""
        from desk.screens.verb import VerbScreen

        values = {"whom": call.staff_id, "role": call.role}
        form = VerbScreen("ticket", "ring", self.ticket_id, self._about(), values, ready=call.staff_id is not None)
        self.app.push_screen(form)

    async def _do(self, row: Any) -> None:
        from desk.screens.ways import do_it

        assert self.page is not None
        ways = self.page.ways.get(row.deadline_id, ())
        able = next((way for way in ways if way.why_not is None), None)
        if able is not None:
            await do_it(self, row, able)
        elif ways and ways[0].why_not is not None:
            self.desk.say(self.desk.sentence(ways[0].why_not), "warning")
        else:
            self.action_explain()

    def action_close(self) -> None:
        doings = self.query_one(Doings)
        if doings.typed:
            doings.clear()
        else:
            self.dismiss(None)

    def action_explain(self) -> None:
        """The marked deadline; while the acts have the focus, the one due next."""
        from desk.screens.explain import ExplainScreen

        if self.page is None:
            return
        marked = self.query_one(Record).marked
        entry = marked.data if marked is not None and self.query_one(Record).has_focus else None
        if entry is None or entry.group not in ("deadlines", "past"):
            entry = next((each for each in self.page.entries if each.group == "deadlines"), None)
        if entry is None:
            self.desk.say(_("No deadline is open on this ticket."))
        else:
            self.app.push_screen(ExplainScreen(entry.data))

    async def action_reveal(self) -> None:
        if self.reveal or await self.desk.revealed("ticket", self.ticket_id):
            self.reveal = not self.reveal
            self.freshen()

    def action_order(self) -> None:
        self.newest_first = not self.newest_first
        if self.page is not None:
            self._draw_record()

    def action_take_back(self) -> None:
        from desk.screens.undo import take_back

        self.job(take_back(cast("DeskApp", self.app), self.ticket_id), group="undo")

    def action_slip(self) -> None:
        from desk.screens.slip import SlipScreen

        if self.page is not None:
            self.app.push_screen(SlipScreen(self.ticket_id))


class EntryScreen(DeskModal[None]):
    """One entry of the log, whole. Esc or Enter goes back."""

    ABOUT = N_("One entry of the log with all its words: when it happened, when and by whom it was written down.")
    BINDINGS = bindings(CLOSE, Action("close", "enter", "", show=False, first=True))

    def __init__(self, event: EventRow, title: str) -> None:
        super().__init__()
        self.event, self.title_words = event, title

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog", id="entry"):
            yield Static(plain(self.title_words, "bold", limit=400))
            yield Static(plain("\n".join(self._lines()), limit=20000))
        yield HintBar()

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def _lines(self) -> list[str]:
        from desk.wording import moment
        from desk.wording.events import rules_changed
        from desk.wording.values import field, value

        event, zone = self.event, self.desk.zone
        assert zone is not None
        happened, written = (moment(at, zone, seconds=True) for at in (event.happened_at, event.recorded_at))
        lines = [_("Happened {time}, {who}").format(time=happened, who=event.done_by or _("the clock"))]
        if event.recorded_by:
            line = _("Written down {time}, {who}").format(time=written, who=event.recorded_by)
            lines.append(line + (dot() + _("after the fact") if event.late else ""))
        for name, given in {**event.sets, **event.facts}.items():
            if given in (None, "") or name in ("deadline", "code", "chain", "led_to"):
                continue
            if name.endswith(("_id", "digest")):
                continue
            lines.append(_("{label}: ").format(label=field(name)) + value(name, given))
        for name, text in event.words.items():
            lines.append(_("{label}: ").format(label=field(name)) + (text if text is not None else _("(forgotten)")))
        if event.changed is not None:
            lines += ["", *rules_changed(event.changed)]
        return lines

    def action_close(self) -> None:
        self.dismiss(None)
