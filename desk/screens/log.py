"""The duty log: the day as it happened, each act in one line; late entries and corrections are marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from desk.actions import (
    CORRECT,
    DAY_BACK,
    DAY_ON,
    DETAILS,
    ENTRY,
    KIND,
    MACHINE,
    NOTE,
    ORDER,
    PERSON_ONLY,
    SEARCH,
    TAKE_BACK_ENTRY,
)
from desk.i18n import N_, _, ngettext
from desk.screens.base import DeskScreen
from desk.screens.drafts import DraftedForm
from desk.text import short_number
from desk.vocabulary import FACTS
from desk.widgets.dialog import Choose, Confirm, Pick
from desk.widgets.fields import Changed, Entered, Line
from desk.widgets.form import Ask, Form
from desk.widgets.groups import GroupedTable, heading
from desk.widgets.keys import HintBar, bindings
from desk.widgets.pick import Item
from desk.widgets.table import Column, RecordTable, TableRow
from desk.widgets.text import dot, plain

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Doing, Ledger
    from desk.queries.log import EventRow

#: parts of the log: the first word of an event's name
GROUPS = {
    "ticket": N_("Tickets"),
    "complaint": N_("Complaints"),
    "rescue": N_("Rescue"),
    "appointment": N_("Appointments"),
    "callback": N_("Callbacks"),
    "log": N_("Log notes"),
    "shift": N_("Duty"),
    "handover": N_("Handover"),
    "duty": N_("Recurring duties"),
    "day": N_("The day"),
    "rulebook": N_("Rules"),
}
#: the moves that correct something else
_ABOUT_OTHERS = ("event.corrected", "event.retracted")
PAGE = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the log is shown."""

    #: None: today
    day: date | None = None
    group: str | None = None
    who: UUID | None = None
    who_name: str = ""
    text: str = ""
    #: also what the clock noted
    machine: bool = False
    oldest_first: bool = False


class LogTable(GroupedTable):
    """One day."""

    BINDINGS = bindings(ENTRY, DAY_BACK, DAY_ON)
    ABOUT = N_("The day's acts. Left and right go from day to day; Enter reads the marked entry whole.")

    def action_day(self, days: int) -> None:
        screen = self.screen
        assert isinstance(screen, LogScreen)
        screen.go(days)


class LogScreen(DeskScreen[None]):
    """The duty log, day by day."""

    ABOUT = N_("The day as it happened. Ctrl+N, what you want to note, Ctrl+S. Nothing written is ever changed.")
    BINDINGS = bindings(NOTE, SEARCH, KIND, PERSON_ONLY, DETAILS, CORRECT, TAKE_BACK_ENTRY, MACHINE, ORDER)

    def __init__(self) -> None:
        super().__init__()
        self.filters = Filters()
        self.rows: list[EventRow] = []
        self.lines: dict[UUID, str] = {}
        self.next: Any = None

    def body(self) -> ComposeResult:
        with Horizontal(id="filters"):
            yield Static(id="filter-words")
            yield Line(placeholder=_("Search: number, words"), id="search", limit=60)
        columns = [Column("at", _("Time"), 11), Column("number", _("Number"), 10), Column("what", _("What"))]
        yield LogTable([*columns, Column("who", _("Who did it, who wrote it"), 24)], lines=4)

    def on_mount(self) -> None:
        self.table.focus()

    @property
    def table(self) -> LogTable:
        return self.query_one(LogTable)

    @property
    def marked(self) -> EventRow | None:
        row = self.table.marked
        return row.data if row is not None else None

    @property
    def today(self) -> date:
        return self.desk.now().astimezone(self.desk.zone).date()

    # -- reading ---------------------------------------------------------------------------------------------

    async def reload(self) -> None:
        limit = max(PAGE, len(self.rows))
        rows, lines, following = await self._read(limit)
        if len(self.rows) > limit:  # the next page has come meanwhile, and the mark may stand on it
            return await self.reload()
        self.rows, self.lines, self.next = list(rows), lines, following
        shown = self._table_rows(self.rows)
        if not shown:
            empty = self.filters == Filters(self.filters.day)
            kind = _("Nothing of the kind on this day; left and right find the days that have it.")
            words = _("Nothing has happened on this day.") if empty else kind
            shown = [heading("none", words)]
        self.table.fill(shown, more=self.next is not None)
        self._show_filters()

    async def _read(self, limit: int, after: Any = None) -> tuple[Sequence[EventRow], dict[UUID, str], Any]:
        await self.desk.ready()  # the estate's zone says which day it is
        filters, today, sight = self.filters, self.today, self.desk.sight()

        def read(ledger: Ledger, session: Session) -> tuple[Sequence[EventRow], dict[UUID, str], Any]:
            from desk.queries.log import log_page
            from desk.wording import summary

            page = log_page(
                ledger,
                session,
                day=filters.day or today,
                text=filters.text or None,
                group=filters.group,
                by=filters.who,
                system=filters.machine,
                oldest_first=filters.oldest_first,
                limit=limit,
                after=after,
            )
            lines = {row.id: summary(sight.over(row), ledger.zone, ledger.book) for row in page.rows}
            return page.rows, lines, page.next

        return await self.desk.reading(read)

    def on_record_table_more(self, event: RecordTable.More) -> None:
        event.stop()
        self.job(self._next_page(), group="more")

    async def _next_page(self) -> None:
        after = self.next
        if after is None:
            return
        rows, lines, following = await self._read(PAGE, after)
        if after != self.next:
            return  # read anew meanwhile
        self.rows += rows
        self.lines |= lines
        self.next = following
        self.table.extend(self._table_rows(rows), more=following is not None)

    def _table_rows(self, rows: Sequence[EventRow]) -> list[TableRow]:
        zone = self.desk.zone
        assert zone is not None
        found = []
        for row in rows:
            at = f"{row.happened_at.astimezone(zone):%H:%M}"
            if row.late:
                at += " " + _("late")
            who = row.done_by or _("the clock")
            writer = row.recorded_by if row.recorded_by != row.done_by else ""
            written = f"{row.recorded_at.astimezone(zone):%H:%M}" if row.late else ""
            if writer or written:
                who = _("{name}; {written}").format(name=who, written=f"{written} {writer}".strip())
            text = self.lines.get(row.id, row.name)
            style = "dim" if row.undone or row.recorded_by == "" else "bold" if row.facts.get("urgent") else ""
            found.append(TableRow(str(row.id), (at, short_number(row.number), text, who), style, row))
        return found

    # -- filters ---------------------------------------------------------------------------------------------

    def _show_filters(self) -> None:
        from desk.wording import day

        chosen = self.filters
        shown = chosen.day or self.today
        words = [day(shown) + (f" {_('today')}" if shown == self.today else "")]
        words += [_(GROUPS[chosen.group]) if chosen.group else "", chosen.who_name]
        words += [f"“{chosen.text}”" if chosen.text else "", _("with the clock's") if chosen.machine else ""]
        count = f"{len(self.rows)}+" if self.next is not None else str(len(self.rows))
        words.append(ngettext("{n} entry", "{n} entries", len(self.rows)).format(n=count))
        narrowed = chosen.group or chosen.who or chosen.text or shown != self.today
        text = f" {dot().join(filter(None, words))} "
        self.query_one("#filter-words", Static).update(plain(text, "bold reverse" if narrowed else "dim"))

    def _narrow(self, filters: Filters) -> None:
        if filters != self.filters:
            self.filters, self.rows, self.next = filters, [], None
            self.freshen()

    def go(self, days: int) -> None:
        """To another day, not beyond today; where something is looked for, to the next that has it."""
        if self.filters.text or self.filters.group or self.filters.who:
            self.job(self._seek(days), group="seek", exclusive=True)
        else:
            self._show_day((self.filters.day or self.today) + timedelta(days=days))

    def _show_day(self, day: date) -> None:
        self._narrow(replace(self.filters, day=None if day >= self.today else day))

    async def _seek(self, days: int) -> None:
        filters, shown = self.filters, self.filters.day or self.today

        def read(ledger: Ledger, session: Session) -> date | None:
            from desk.queries.log import log_page

            edge = ledger.calendar.end_of_day(shown if days > 0 else shown - timedelta(days=1))
            page = log_page(
                ledger,
                session,
                text=filters.text or None,
                group=filters.group,
                by=filters.who,
                system=filters.machine,
                oldest_first=days > 0,
                limit=1,
                after=(edge, -1),
            )
            if not page.rows:
                return None
            at = page.rows[0].happened_at
            day = at.astimezone(ledger.zone).date()
            # a day may end after midnight
            return day - timedelta(days=1) if at < ledger.calendar.end_of_day(day - timedelta(days=1)) else day

        found = await self.desk.reading(read)
        if found is not None:
            self._show_day(found)
        else:
            self.desk.say(_("Nothing of the kind earlier.") if days < 0 else _("Nothing of the kind later."))

    def action_machine(self) -> None:
        self._narrow(replace(self.filters, machine=not self.filters.machine))

    def action_order(self) -> None:
        self._narrow(replace(self.filters, oldest_first=not self.filters.oldest_first))

    def action_kind(self) -> None:
        self.job(self._ask_group(), group="kind", exclusive=True)

    async def _ask_group(self) -> None:
        options = [("", _("All kinds")), *((name, _(title)) for name, title in GROUPS.items())]
        chosen = await self.app.push_screen_wait(Choose(_("Which part of the log?"), options, self.filters.group or ""))
        if chosen is not None:
            self._narrow(replace(self.filters, group=chosen or None))

    def action_whose(self) -> None:
        self.job(self._ask_who(), group="who", exclusive=True)

    async def _ask_who(self) -> None:
        if self.filters.who is not None:
            self._narrow(replace(self.filters, who=None, who_name=""))
            return
        item = await self.app.push_screen_wait(Pick(_("Whose entries?"), self.desk.colleagues()))
        if isinstance(item, Item):
            self._narrow(replace(self.filters, who=UUID(item.key), who_name=item.title))

    def action_search(self) -> None:
        self.query_one("#search", Line).focus()

    def on_changed(self, event: Changed) -> None:
        event.stop()
        self._narrow(replace(self.filters, text=self.query_one("#search", Line).given or ""))

    def on_entered(self, event: Entered) -> None:
        event.stop()
        self.table.focus()

    def on_key(self, event: events.Key) -> None:
        if isinstance(self.focused, Line) and event.key in ("down", "escape"):
            event.stop()
            if event.key == "escape":
                self.query_one("#search", Line).put(None)
            self.table.focus()

    # -- acts ------------------------------------------------------------------------------------------------

    def on_record_table_chosen(self, event: RecordTable.Chosen) -> None:
        event.stop()
        from desk.screens.ticket import EntryScreen

        row: EventRow = event.row.data
        self.app.push_screen(EntryScreen(self.desk.sight().over(row), self.lines.get(row.id, "")))

    def action_note(self) -> None:
        from desk.screens.verb import VerbScreen

        self.app.push_screen(VerbScreen("log", "log", None))

    def action_ticket(self) -> None:
        if self.marked is None:
            return
        if self.marked.root_type == "ticket":
            self.desk.open_ticket(self.marked.root_id)
        elif self.marked.root_type == "visit":
            self.desk.open_visit(self.marked.root_id)
        else:
            self.desk.say(_("No ticket belongs to this row."))

    def action_correct(self) -> None:
        if self.marked is not None and self.marked.name not in _ABOUT_OTHERS:
            self.once(partial(self._correct, self.marked), group="correct")

    async def _correct(self, row: EventRow) -> None:
        """What is corrected stands there whole: where that is a number or a name, who may see it is asked first."""
        hides = self.desk.sight().over(row) != row
        if hides and not await self.desk.revealed(row.root_type, row.root_id):
            return
        self.app.push_screen(CorrectScreen(row, self.lines.get(row.id, "")))

    def action_take_back(self) -> None:
        if self.marked is not None:
            self.once(partial(self._take_back, self.marked), group="undo")

    async def _take_back(self, row: EventRow) -> None:
        batch = row.batch
        if batch is None:
            return
        what = self.lines.get(row.id, "")
        question = _("Take back: {what}?").format(what=what)
        if not await self.app.push_screen_wait(Confirm(question)):
            return

        def write(ledger: Ledger, doing: Doing) -> None:
            from desk.procedures.corrections import undo

            undo(ledger, batch, doing)

        await self.desk.writing(write)
        self.desk.say(_("Taken back: {what}.").format(what=what))


class CorrectScreen(DraftedForm):
    """An entry put right: its time, its words, its facts. The former version stays readable."""

    ABOUT = N_("What was wrong in this entry. Only what you change is corrected; the former version stays readable.")

    def __init__(self, row: EventRow, title: str) -> None:
        super().__init__(f"correct:{row.id}")
        self.row, self.title_words = row, title
        self.facts = {
            name: given
            for name, given in {**row.sets, **row.facts}.items()
            if name in FACTS
            and name not in ("kind", "status", "number")
            and (FACTS[name].type in ("flag", "number", "time") or FACTS[name].values)
        }

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(plain(_("Correct: {what}").format(what=self.title_words), "bold", limit=300))
            yield Form(self._asks(), self.desk.clock)
        yield HintBar()

    def _asks(self) -> list[Ask]:
        from desk.wording.values import field, value

        asks = [
            Ask(f"word.{name}", "prose", field(name), start=text)
            for name, text in sorted(self.row.words.items())
            if text is not None
        ]
        for name, given in self.facts.items():
            word = FACTS[name]
            kind = "choice" if word.values else word.type
            options = tuple((each, value(name, each)) for each in word.values)
            start = datetime.fromisoformat(given) if kind == "time" and isinstance(given, str) else given
            asks.append(Ask(f"fact.{name}", kind, field(name), options=options, start=start))
        asks.append(Ask("at", "time", _("When it happened"), start=self.row.happened_at))
        asks.append(Ask("reason", "text", _("Reason for the correction")))
        return asks

    async def save(self, values: dict[str, Any]) -> bool:
        row = self.row
        at = values.get("at") if values.get("at") != row.happened_at else None
        words = {
            name: values.get(f"word.{name}") or ""
            for name, text in row.words.items()
            if text is not None and (values.get(f"word.{name}") or "") != text
        }
        starts = {ask.name: ask.start for ask in self.query_one(Form).asks}
        facts = {
            name: values[f"fact.{name}"]
            for name in self.facts
            if f"fact.{name}" in values and values[f"fact.{name}"] != starts[f"fact.{name}"]
        }

        def write(ledger: Ledger, doing: Doing) -> bool:
            from desk.procedures.corrections import correct_event

            correct_event(ledger, row.id, doing, at=at, facts=facts, words=words, reason=values.get("reason"))
            return True

        if not await self.desk.writing(write):
            return False
        self.desk.say(_("Corrected; the former version stays readable."))
        return True
