"""A ticket's slips: work order, complaint record, contact sheet, correction notice (S0-24, S0-32, S0-44, S2-29)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from textual import events
from textual.content import Content
from textual.widgets import Static

from desk.i18n import N_, _
from desk.screens.paper import PaperScreen
from desk.text import narrow
from desk.widgets.text import plain

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Ledger

#: cells of a line
WIDTH = 44


class SlipScreen(PaperScreen):
    """The forms a ticket has on paper; a digit changes the form."""

    ABOUT = N_("The ticket on paper. A digit shows another form of it; Ctrl+S saves it to a file, Ctrl+L prints it.")

    def __init__(self, ticket_id: UUID) -> None:
        super().__init__()
        self.ticket_id = ticket_id
        #: form → its text, and the one that is shown
        self.forms: Mapping[str, str] = {}
        self.titles: Mapping[str, str] = {}
        self.form = ""
        self.number = ""

    def on_mount(self) -> None:
        self.job(self._load(), group="slip")

    async def _load(self) -> None:
        now, ident = self.desk.now(), self.ticket_id

        def read(ledger: Ledger, session: Session) -> tuple[str, str, dict[str, str], dict[str, str]]:
            from desk.procedures.complaints import complaint_kinds
            from desk.queries.slips import FORMS, forms_of, slip_text
            from desk.queries.tickets import ticket_view

            view = ticket_view(ledger, session, ident, now)
            wanted = forms_of(view, complaint_kinds(ledger.book))
            texts = {form: slip_text(ledger, view, now, form=form, width=WIDTH) for form in wanted}
            return view.row.number, wanted[0], texts, {form: FORMS[form] for form in wanted}

        self.number, self.form, self.forms, self.titles = await self.desk.reading(read)
        self._choose(self.form)

    def _choose(self, form: str) -> None:
        self.form, self.name_of_file = form, f"{self.number}-{form}.txt"
        parts = [
            plain(f"[{n} {_(title)}]" if name == form else f" {n} {_(title)} ", "bold reverse" if name == form else "")
            for n, (name, title) in enumerate(self.titles.items(), 1)
        ]
        choice = self.query_one("#paper-choice", Static)
        choice.update(Content(" ").join(parts))
        choice.display = len(parts) > 1
        self.show(self.forms[form])

    def on_key(self, event: events.Key) -> None:
        digit = narrow(event.character or "")
        if digit.isdigit() and 1 <= int(digit) <= len(self.forms):
            event.stop()
            self._choose(list(self.forms)[int(digit) - 1])
