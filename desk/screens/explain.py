"""Why a deadline is due when it is: rule and source, start, each stretch counted, skipped or paused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from desk.actions import CLOSE, Action
from desk.i18n import N_, _
from desk.screens.base import DeskModal
from desk.text import short_number
from desk.widgets.keys import HintBar, bindings
from desk.widgets.text import dot, plain

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Ledger
    from desk.queries.due import DueRow


class ExplainScreen(DeskModal[None]):
    """The reckoning behind one row of the board. Esc, Enter or F9 goes back."""

    ABOUT = N_("Why it is due then: the rule and its source in the manual, and each stretch counted or skipped.")
    BINDINGS = bindings(CLOSE, Action("close", "enter,f9", "", show=False, first=True))

    def __init__(self, row: DueRow) -> None:
        super().__init__()
        self.row = row

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog", id="explain"):
            yield Static(plain(_("Why it is due then"), "bold"))
            yield Static(plain(dot().join(filter(None, (short_number(self.row.number), self.row.what))), limit=200))
            yield Static(id="reasons")
        yield HintBar()

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
        self.job(self._load(), group="explain")

    async def _load(self) -> None:
        row, now = self.row, self.desk.now()

        def read(ledger: Ledger, session: Session) -> list[str]:
            from desk.queries.reasons import reasons
            from desk.wording import explain_deadline

            found = reasons(ledger, session, row, now)
            return explain_deadline(found) if found is not None else []

        lines = await self.desk.reading(read)
        if not lines:
            lines = [_("Several deadlines stand in this row; open one of the tickets to see its own.")]
            if row.gathered == 1:
                lines = [_("It has been done or withdrawn meanwhile.")]
        lines.append(_("Rule {id}").format(id=row.rule_id))
        self.query_one("#reasons", Static).update(plain("\n".join(lines), limit=8000))

    def action_close(self) -> None:
        self.dismiss(None)
