"""Reports (F7): a month's totals and targets, and the register of each kind (S0-31, S0-43, S0-46, S0-83)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from desk.actions import CLOSE, MONTH_BACK, MONTH_ON, PAPER
from desk.i18n import N_, _, pick
from desk.screens.base import DeskScreen
from desk.text import clean, short_number
from desk.vocabulary import SHARES, STATUSES
from desk.widgets.groups import GroupedTable, heading
from desk.widgets.keys import bindings
from desk.widgets.table import Column, RecordTable, TableRow
from desk.widgets.text import dot, fill, plain

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Ledger
    from desk.queries.meeting import MeetingItem
    from desk.queries.rates import Period, Rate
    from desk.queries.reports import RegisterRow, Total

_INSTANT = timedelta(microseconds=1)
#: columns of the table of totals
_COLUMNS = 9
#: lines of a register that go on paper at once
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Month:
    """What a month came to."""

    totals: Sequence[Total]
    rates: Sequence[Rate]
    #: the rates that are shares, week by week
    weeks: Sequence[Period] = ()
    #: what waits for the managers' meeting now
    meeting: Sequence[MeetingItem] = ()
    #: how long visitors waited: title, figure, share
    waits: Sequence[tuple[str, str, str]] = ()


class TotalsTable(GroupedTable):
    """Kinds and targets."""

    ABOUT = N_(
        "What came in by kind, and what became of it; the rates week by week; what waits for the managers' meeting. "
        "Enter opens the register of a kind, or the matter."
    )
    BINDINGS = bindings(MONTH_BACK, MONTH_ON)


class ReportsScreen(DeskScreen[None]):
    """A month's totals. Enter opens a kind's register."""

    ABOUT = N_(
        "A month's totals and targets. Enter opens the register of the marked kind; left and right change the month."
    )
    BINDINGS = bindings(CLOSE, PAPER)
    AUTO_FOCUS = "TotalsTable"

    def __init__(self) -> None:
        super().__init__()
        self.month: date | None = None
        self.found: Month | None = None

    def body(self) -> ComposeResult:
        yield Static(id="report-head")
        width = 9
        yield TotalsTable(
            [
                Column("kind", _("Kind")),
                Column("opened", _("Received"), width),
                Column("completed", _("Completed"), width),
                Column("unfinished", _("Unfinished"), 10),
                Column("cancelled", _("Cancelled"), width),
                Column("called", _("Called back"), 11),
                Column("satisfied", _("Satisfied"), width),
                Column("unsatisfied", _("Not satisfied"), 13, from_width=106),
                Column("mean", _("Mean time"), 15, from_width=124),
            ]
        )
        yield Static(id="report-targets")

    async def reload(self) -> None:
        now = self.desk.now()
        month = self.month

        def read(ledger: Ledger, session: Session) -> tuple[date, Month]:
            from desk.queries.meeting import meeting_list
            from desk.queries.rates import by_week, rates
            from desk.queries.reports import month_of, totals
            from desk.queries.waits import waits
            from desk.wording.waits import wait_lines

            first = (month or now.astimezone(ledger.zone).date()).replace(day=1)
            since, until = month_of(ledger, first)
            found = Month(
                totals(ledger, session, since, until),
                rates(ledger, session, min(now, until - _INSTANT), since),
                by_week(ledger, session, first, now),
                meeting_list(ledger, session) if "ticket.put_to_meeting" in ledger.book.mentioned else (),
                [*wait_lines(waits(ledger, session, since, until, now))] if ledger.book.visitors else (),
            )
            return first, found

        self.month, self.found = await self.desk.looking(read)
        self._show()

    def _show(self) -> None:
        from desk.wording import duration

        assert self.found is not None
        assert self.month is not None
        title = _("{year}-{month}: received, and what became of it").format(
            year=self.month.year, month=f"{self.month.month:02d}"
        )
        self.query_one("#report-head", Static).update(plain(title, "bold"))
        rows = [
            TableRow(
                f"kind:{row.kind}",
                (
                    pick(row.title),
                    row.opened,
                    row.completed,
                    row.unfinished,
                    row.cancelled,
                    row.called_back,
                    row.satisfied,
                    row.unsatisfied,
                    duration(row.mean) if row.mean is not None else "",
                ),
                "",
                row.kind,
            )
            for row in self.found.totals
        ]
        if not rows:
            rows = [heading("none", _("Nothing came in."))]
        self.query_one(TotalsTable).fill(
            [*rows, *self._waits(self.found), *self._weeks(self.found), *self._meeting(self.found)]
        )
        lines = [
            plain(self._rate(rate), f"bold {self.app.current_theme.error}" if rate.met is False else "")
            for rate in self.found.rates
        ]
        heads = [plain(_("Targets"), "bold")] if lines else []
        self.query_one("#report-targets", Static).update(Content("\n").join([*heads, *lines]))

    @staticmethod
    def _waits(found: Month) -> list[TableRow]:
        """How long visitors waited, where the manual receives them."""
        if not found.waits:
            return []
        lines = [TableRow(f"wait:{place}", _wide(*line)) for place, line in enumerate(found.waits)]
        return [heading("waits", _("Visitors and callers")), *lines]

    @staticmethod
    def _weeks(found: Month) -> list[TableRow]:
        """The shares of each week, under the days it has of the month; no more weeks than columns."""
        if not found.weeks or not found.weeks[0].rates:
            return []
        days = [
            f"{week.first.day}" if week.first == week.last else f"{week.first.day}-{week.last.day}"
            for week in found.weeks
        ]
        rows = [heading("weeks", _("Rates by week")), TableRow("week", _wide(_("Days of the month"), *days), "dim")]
        for place, rate in enumerate(found.weeks[0].rates):
            values = [week.rates[place].value for week in found.weeks]
            shown = ["-" if value is None else f"{value:.0%}" for value in values]
            rows.append(TableRow(f"rate:{rate.id}", _wide(pick(rate.title), *shown)))
        return rows

    def _meeting(self, found: Month) -> list[TableRow]:
        if not found.meeting:
            return []
        zone = self.desk.zone
        assert zone is not None
        rows = [heading("meeting", _("For the managers' meeting"))]
        for item in found.meeting:
            what = f"{short_number(item.number)} {clean(item.matter, 120)}"
            put = f"{item.put_at.astimezone(zone):%m-%d}"
            rows.append(TableRow(f"meeting:{item.ticket_id}", _wide(what, put), "", item.ticket_id))
        return rows

    @staticmethod
    def _rate(rate: Rate) -> str:
        from desk.wording.values import share_words

        met = {True: _("target met"), False: _("target missed"), None: _("nothing to measure")}[rate.met]
        share = rate.measure in SHARES
        shown = "" if rate.value is None else share_words(rate) if share else f"{rate.value:g}"
        wanted = rate.at_least if rate.at_least is not None else rate.below
        goal = "" if wanted is None else f"{wanted:.0%}" if share else f"{wanted:g}"
        goal = (_("at least {n}") if rate.at_least is not None else _("below {n}")).format(n=goal) if goal else ""
        met = met if goal or rate.met is None else ""
        of = _(SHARES[rate.measure]) if share else ""
        return dot().join(filter(None, (pick(rate.title), shown, goal, met, of, ", ".join(rate.source))))

    # -- keys ------------------------------------------------------------------------------------------------

    def on_record_table_chosen(self, event: RecordTable.Chosen) -> None:
        event.stop()
        if isinstance(event.row.data, UUID):
            self.desk.open_ticket(event.row.data)
        elif event.row.data is not None and self.month is not None:
            self.app.push_screen(RegisterScreen(event.row.data, str(event.row.cells[0]), self.month))

    def action_month(self, step: int) -> None:
        """The month before or after; not beyond this one."""
        zone = self.desk.zone
        if self.month is not None and zone is not None:
            month = (self.month.replace(day=15) + timedelta(days=30 * step)).replace(day=1)
            if month <= self.desk.now().astimezone(zone).date():
                self.month = month
                self.freshen()

    def action_paper(self) -> None:
        from desk.screens.paper import PaperScreen

        if self.found is not None and self.month is not None:
            table = self.query_one(TotalsTable)
            heads = [column.title for column in table.columns_wanted]
            rows = [[str(cell) for cell in row.cells] for row in table.rows_shown if row.key.startswith("kind:")]
            lines = [*as_lines(heads, rows)]
            lines += ["", *(" ".join(filter(None, line)) for line in self.found.waits)] if self.found.waits else []
            weeks = [[str(cell) for cell in row.cells] for row in self._weeks(self.found)[1:]]
            lines += ["", *as_lines(weeks[0], weeks[1:])] if weeks else []
            lines += ["", *(self._rate(rate) for rate in self.found.rates)]
            self.app.push_screen(PaperScreen("\n".join(lines), f"report-{self.month:%Y-%m}.txt"))

    def action_close(self) -> None:
        self.dismiss(None)


def _wide(*cells: str) -> tuple[str, ...]:
    """A row of other things than totals, with as many cells as the table has columns."""
    return (*cells, *[""] * (_COLUMNS - len(cells)))


class RegisterScreen(DeskScreen[None]):
    """Every ticket of a kind that came in a month, in the order they came."""

    ABOUT = N_("The register of one kind: Enter opens the marked ticket, Ctrl+L puts the register on paper.")
    BINDINGS = bindings(CLOSE, PAPER)
    AUTO_FOCUS = "GroupedTable"

    def __init__(self, kind: str, title: str, month: date) -> None:
        super().__init__()
        self.kind, self.title_words, self.month = kind, title, month
        self.rows: list[RegisterRow] = []
        self.next: Any = None

    def body(self) -> ComposeResult:
        yield Static(plain(f"{self.title_words} {self.month:%Y-%m}", "bold"), id="report-head")
        yield GroupedTable(
            [
                Column("number", _("Number"), 11),
                Column("opened", _("Received"), 11),
                Column("room", _("Room"), 10),
                Column("person", _("Name"), 10, from_width=100),
                Column("what", _("Matter")),
                Column("department", _("Department"), 12, from_width=120),
                Column("status", _("Status"), 12),
                Column("outcome", _("Callback"), 10),
            ]
        )

    async def reload(self) -> None:
        limit = max(200, len(self.rows))
        rows, following = await self._read(None, limit)
        if len(self.rows) > limit:  # the next page has come meanwhile, and the mark may stand on it
            return await self.reload()
        self.rows, self.next = rows, following
        shown = self._table_rows(self.rows) or [heading("none", _("Nothing came in."))]
        self.query_one(GroupedTable).fill(shown, more=self.next is not None)

    async def _read(self, after: Any, limit: int) -> tuple[list[RegisterRow], Any]:
        kind, month = self.kind, self.month

        def read(ledger: Ledger, session: Session) -> tuple[list[RegisterRow], Any]:
            from desk.queries.reports import month_of, register

            since, until = month_of(ledger, month)
            page = register(ledger, session, [kind], since, until, limit=limit, after=after)
            return list(page.rows), page.next

        return await self.desk.looking(read)

    def _table_rows(self, rows: Sequence[RegisterRow]) -> list[TableRow]:
        return [TableRow(str(row.ticket_id), self._cells(row), "", row) for row in rows]

    def _cells(self, row: RegisterRow) -> tuple[str, ...]:
        from desk.wording import value

        zone = self.desk.zone
        assert zone is not None
        opened = f"{row.opened_at.astimezone(zone):%m-%d %H:%M}"
        status = _(STATUSES.get(row.status, row.status))
        outcome = value("outcome", row.outcome) if row.outcome else ""
        what = clean(row.what, 200)
        return (short_number(row.number), opened, row.room, row.person, what, row.department, status, outcome)

    def on_record_table_more(self, event: RecordTable.More) -> None:
        event.stop()
        self.job(self._more(), group="more")

    async def _more(self) -> None:
        after = self.next
        if after is None:
            return
        rows, following = await self._read(after, 200)
        if after == self.next:
            self.rows += rows
            self.next = following
            self.query_one(GroupedTable).extend(self._table_rows(rows), more=following is not None)

    def on_record_table_chosen(self, event: RecordTable.Chosen) -> None:
        event.stop()
        self.desk.open_ticket(event.row.data.ticket_id)

    def action_paper(self) -> None:
        self.once(self._paper, group="paper")

    async def _paper(self) -> None:
        from desk.screens.paper import PaperScreen

        rows, _following = await self._read(None, _LONGEST)
        heads = [column.title for column in self.query_one(GroupedTable).columns_wanted]
        lines = [f"{self.title_words} {self.month:%Y-%m}", *as_lines(heads, [self._cells(row) for row in rows])]
        await self.app.push_screen(PaperScreen("\n".join(lines), f"register-{self.kind}-{self.month:%Y-%m}.txt"))

    def action_close(self) -> None:
        self.dismiss(None)


def as_lines(heads: Sequence[str], rows: Sequence[Sequence[str]], widest: int = 40) -> list[str]:
    """A table as plain lines, columns as wide as their texts but never wider than ``widest`` cells."""
    table = [[clean(text) for text in row] for row in (heads, *rows)]
    widths = [min(widest, max(cell_len(row[at]) for row in table)) for at in range(len(heads))]
    return ["  ".join(fill(text, width) for text, width in zip(row, widths, strict=True)).rstrip() for row in table]
