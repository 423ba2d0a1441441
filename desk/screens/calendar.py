"""Opening hours (F7): a month drawn, and what the hours of one day come from."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from desk.actions import CLOSE, MONTH_BACK, MONTH_COMING, THIS_MONTH
from desk.i18n import N_, _
from desk.screens.base import DeskScreen
from desk.screens.paper import plain_lines
from desk.text import clean
from desk.widgets.keys import bindings
from desk.widgets.text import fill, plain

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Ledger
    from desk.wording.month import Month, Square

#: cells of a day: seven of them with a blank between fit the narrowest screen
_COLUMN = 10
#: a word says the same as the colour
_STYLES = {"open": "", "closed": "dim", "holiday": "$text-accent", "make_up": "bold", "exact": "bold"}


class MonthPane(VerticalScroll):
    """The days, and below them what is special."""

    ABOUT = N_("The days of the month, each with a word for what it is; below, the hours by letter.")
    BINDINGS = bindings(MONTH_BACK, MONTH_COMING)


class CalendarScreen(DeskScreen[None]):
    """A month of the estate's opening hours; left and right change the month."""

    ABOUT = N_(
        "A month of opening hours: the letter after a day's number is that of its hours below. "
        "Left and right change the month."
    )
    BINDINGS = bindings(CLOSE, THIS_MONTH)
    AUTO_FOCUS = "MonthPane"

    def __init__(self) -> None:
        super().__init__()
        #: the month's first day; None until the estate's date is known
        self.month: date | None = None

    def body(self) -> ComposeResult:
        yield Static(id="month-head")
        with MonthPane(id="month"):
            yield Static(id="month-days")
            yield Static(id="month-notes")

    async def reload(self) -> None:
        now, month = self.desk.now(), self.month

        def read(ledger: Ledger, session: Session) -> Month:
            from desk.wording.month import month_of

            today = now.astimezone(ledger.zone).date()
            return month_of(ledger.calendar, (month or today).replace(day=1), today)

        found = await self.desk.reading(read)
        self.month = next(day.date for day in found.weeks[0] if day is not None)
        self._show(found)

    def _show(self, month: Month) -> None:
        self.query_one("#month-head", Static).update(plain(month.title, "bold"))
        lines = [Content(" ").join(_cell(name, "bold") for name in month.weekdays)]
        for week in month.weeks:
            lines += [_line(week, "head"), _line(week, "word")]
        self.query_one("#month-days", Static).update(Content("\n").join(lines))
        told = [_("{letter}: {hours}").format(letter=letter, hours=hours) for letter, hours in month.hours]
        self.query_one("#month-notes", Static).update(plain_lines("\n".join([*told, *month.notes])))

    # -- keys ------------------------------------------------------------------------------------------------

    def action_month(self, step: int) -> None:
        """The month before or after; the present one for 0."""
        if self.month is None:
            return
        month = (self.month.replace(day=15) + timedelta(days=30 * step)).replace(day=1)
        if step == 0 or 1990 <= month.year <= 2200:
            self.month = month if step else None
            self.freshen()

    def action_close(self) -> None:
        self.dismiss(None)


def _line(week: tuple[Square | None, ...], part: str) -> Content:
    """A week's numbers or its words."""
    return Content(" ").join(
        _cell(getattr(day, part), _STYLES[day.kind]) if day is not None else _cell("") for day in week
    )


def _cell(text: str, style: str = "") -> Content:
    # blanks at the front of a number stay: cleaned first, filled afterwards
    front = " " if text.startswith(" ") else ""
    return Content.styled(fill(front + clean(text), _COLUMN), style)
