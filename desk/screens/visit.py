"""A visit's own page: everything about it, and all that can be done, with the reason where something can't."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.widgets import Static
from textual.worker import Worker

from desk.actions import CLOSE, EXPLAIN, REVEAL, TO_INTAKE, UNDO_VISIT
from desk.errors import Refusal
from desk.i18n import N_, _
from desk.privacy import Sight
from desk.screens import visiting
from desk.screens.base import DeskScreen
from desk.screens.ticket import LIMITS, WIDE, EntryScreen, Record
from desk.screens.ways import Way
from desk.when import ending
from desk.widgets.doings import Doings
from desk.widgets.groups import heading
from desk.widgets.keys import bindings
from desk.widgets.palette import Command
from desk.widgets.table import Column, RecordTable, TableRow
from desk.widgets.text import dot, plain

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.app import DeskApp
    from desk.ledger import Ledger
    from desk.queries.due import DueRow
    from desk.queries.waiting import VisitRow
    from desk.screens.ticket_reading import Doing, Entry

#: the parts of the record in order
GROUPS = {
    "deadlines": N_("Deadlines"),
    "links": N_("What came of it"),
    "log": N_("Log"),
    "past": N_("Deadlines met or withdrawn"),
}


@dataclass(frozen=True, slots=True)
class Page:
    """A visit as its page shows it."""

    row: VisitRow
    entries: Sequence[Entry]
    doings: Sequence[Doing]
    #: the ticket that came of it
    ticket_id: UUID | None


def read_page(
    ledger: Ledger,
    session: Session,
    visit_id: UUID,
    now: datetime,
    sentence: Callable[[Refusal], str],
    *,
    sight: Sight = Sight(),  # noqa: B008 - frozen
) -> Page:
    """Everything about a visit; runs in a thread. Raises :class:`Refusal` ``subject.unknown``."""
    from desk.ledger.rows import fetch
    from desk.procedures import verbs, verbs_of
    from desk.queries.due import of_root
    from desk.queries.log import log_page
    from desk.queries.waiting import visit_row
    from desk.screens.ticket_reading import Doing, Entry, deadline_entry, event_entry, initials
    from desk.screens.ways import named
    from desk.text import short_number

    row: VisitRow = sight.over(visit_row(ledger, session, visit_id, now))
    visit = fetch(session, ledger.estate_id, "visit", visit_id)
    rows = of_root(ledger, session, ("visit", visit_id), now)
    ways = [way.verb for way in visiting.next_ways(ledger, session, row, now)]
    due = dict.fromkeys(ways[:1], row.next.due_at) if row.next is not None else {}
    doings = []
    for verb in verbs_of("visit"):
        if not verb.applies(ledger.book, visit):
            continue
        refusal = named(session, ledger, verbs.why_not(ledger, session, verb, visit, now))
        title = _(verb.title)
        why_not = sentence(refusal) if refusal is not None else ""
        keys = (verb.name, verb.title, *initials(title))
        doings.append(Doing("visit", verb.name, visit_id, title, why_not, keys, due.get(verb.name)))
    doings.sort(key=lambda doing: ways.index(doing.verb) if doing.verb in ways else len(ways))
    live = [each for each in rows if each.met_at is None and each.cancelled_at is None]
    past = [each for each in rows if each.met_at is not None or each.cancelled_at is not None]
    entries = [deadline_entry(each, "deadlines", now, ledger.zone) for each in live]
    led_to = getattr(visit, "led_to", None)
    if led_to is not None:
        entries.append(Entry(str(led_to), "links", row.came_at, short_number(row.ticket), _("Ticket"), led_to))
    for event in reversed(log_page(ledger, session, root=visit_id, oldest_first=True, system=True).rows):
        entries.append(event_entry(ledger, sight.over(event), ledger.zone, now))
    entries += [deadline_entry(each, "past", now, ledger.zone) for each in past]
    return Page(row, entries, doings, led_to)


class VisitScreen(DeskScreen[None]):
    """Everything of one visit."""

    ABOUT = N_("Everything about one visit: its deadlines, its log, and what can be done for the visitor now.")
    BINDINGS = bindings(CLOSE, EXPLAIN, TO_INTAKE, REVEAL, UNDO_VISIT)
    AUTO_FOCUS = "Doings Line"

    def __init__(self, visit_id: UUID) -> None:
        super().__init__()
        self.visit_id = visit_id
        self.page: Page | None = None
        self.reveal = False
        self._at_it: Worker[None] | None = None

    def body(self) -> ComposeResult:
        with Vertical(id="ticket-head"):
            yield Static(id="ticket-title")
            yield Static(id="ticket-what")
        with Container(id="ticket-body"):
            columns = [Column("at", _("Time"), 11), Column("text", _("What")), Column("state", _("State or who"), 20)]
            yield Record(columns, lines=6)
            yield Doings()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= WIDE, "-wide")

    async def reload(self) -> None:
        now, ident, sentence = self.desk.now(), self.visit_id, self.desk.sentence
        await self.desk.ready()  # whose duty says what is shown
        sight = self.desk.sight(reveal=self.reveal)

        def read(ledger: Ledger, session: Session) -> Page:
            return read_page(ledger, session, ident, now, sentence, sight=sight)

        self.page = await self.desk.reading(read)
        self._draw(self.page)
        self.query_one(Doings).offer([self._command(doing) for doing in self.page.doings])

    def refused(self, error: Exception) -> None:
        super().refused(error)
        if self.page is None:
            self.dismiss(None)

    def _draw(self, page: Page) -> None:
        from desk.wording import moment, value

        zone, now = self.desk.zone, self.desk.now()
        assert zone is not None
        title = dot().join((visiting.title_words(page.row, reveal=self.reveal), value("status", page.row.status)))
        self.query_one("#ticket-title", Static).update(plain(title, "bold"))
        known = visiting.about_words(page.row, now, lambda at: moment(at, zone, now))
        self.query_one("#ticket-what", Static).update(plain(dot().join(known)))
        rows: list[TableRow] = []
        for group, words in GROUPS.items():
            entries = [entry for entry in page.entries if entry.group == group]
            rows += [heading(group, _(words))] if entries else []
            for entry in entries:
                when = self._when(entry, zone, now)
                style = f"bold {self.app.current_theme.error}" if entry.style == "overdue" else entry.style
                rows.append(TableRow(f"{group}:{entry.key}", (when, entry.text, entry.state), style, entry))
        self.query_one(Record).fill(rows)

    @staticmethod
    def _when(entry: Entry, zone: ZoneInfo, now: datetime) -> str:
        """To the second of today, for limits are as short as that; else with the day."""
        if entry.at is None:
            return ""
        at = entry.at.astimezone(zone)
        day, clock = ending(at) if entry.group in LIMITS else (at.date(), f"{at:%H:%M}")
        if day != now.astimezone(zone).date():
            return f"{day:%m-%d} {clock}"
        return f"{at:%H:%M:%S}" if at.second or clock != "24:00" else clock

    def _command(self, doing: Doing) -> Command:
        about = _("due {time}").format(time=self.desk.clock.show(doing.due_at)) if doing.due_at is not None else ""
        return Command(doing.title, lambda: self._open(doing), about, why_not=doing.why_not, keys=doing.keys)

    def commands(self) -> Sequence[Command]:
        """The acts are in the palette too."""
        return [self._command(doing) for doing in self.page.doings] if self.page is not None else ()

    # -- doing -----------------------------------------------------------------------------------------------

    def on_doings_chosen(self, event: Doings.Chosen) -> None:
        event.stop()
        event.command.run()

    def _open(self, doing: Doing) -> None:
        """The act's whole form: here everything can be said, the board has the short ways."""
        from desk.screens.verb import VerbScreen

        if self.page is None:
            return
        self.query_one(Doings).clear()
        if doing.verb == "open-ticket":
            self.action_to_intake()
        else:
            form = VerbScreen("visit", doing.verb, self.visit_id, visiting.about(self.page.row), ready=True)
            self.app.push_screen(form)

    def on_record_table_chosen(self, event: RecordTable.Chosen) -> None:
        event.stop()
        entry: Entry = event.row.data
        if entry.group == "deadlines":
            if self._at_it is None or self._at_it.is_finished:
                self._at_it = self.job(self._do(entry.data), group="do")
        elif entry.group == "past":
            self.action_explain()
        elif entry.group == "links":
            self.desk.open_ticket(entry.data)
        else:
            self.app.push_screen(EntryScreen(entry.data, entry.text))

    async def _do(self, row: DueRow) -> None:
        from desk.screens.ways import do_it, ways_of

        now = self.desk.now()

        def read(ledger: Ledger, session: Session) -> list[Way]:
            return ways_of(ledger, session, row, now)

        ways = await self.desk.reading(read)
        able = next((way for way in ways if way.why_not is None), None)
        if able is not None:
            await do_it(self, row, able)

    def action_to_intake(self) -> None:
        self.job(self._to_intake(), group="do")

    async def _to_intake(self) -> None:
        page = self.page
        if page is None:
            return
        refusal = await self.desk.reading(
            lambda ledger, session: visiting.why_not(ledger, session, page.row, "open-ticket")
        )
        if refusal is not None:
            raise refusal
        self.dismiss(None)
        await visiting.to_intake(self, page.row)

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
        record = self.query_one(Record)
        marked = record.marked if record.has_focus else None
        entry = marked.data if marked is not None else None
        if entry is None or entry.group not in ("deadlines", "past"):
            entry = next((each for each in self.page.entries if each.group == "deadlines"), None)
        if entry is None:
            self.desk.say(_("Nothing is due for them."))
        else:
            self.app.push_screen(ExplainScreen(entry.data))

    async def action_reveal(self) -> None:
        if self.reveal or await self.desk.revealed("visit", self.visit_id):
            self.reveal = not self.reveal
            self.freshen()

    def action_take_back(self) -> None:
        from desk.screens.undo import take_back

        self.job(take_back(cast("DeskApp", self.app), self.visit_id), group="undo")
