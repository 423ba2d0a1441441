"""Ticket: not there yet."""

from __future__ import annotations

from uuid import UUID

from textual.app import ComposeResult
from textual.widgets import Static

from desk.actions import CLOSE
from desk.i18n import _
from desk.screens.base import DeskScreen
from desk.widgets.keys import bindings
from desk.widgets.text import plain


class TicketScreen(DeskScreen[None]):
    """Stands in until the screen is written."""

    BINDINGS = bindings(CLOSE)

    def __init__(self, ticket_id: UUID) -> None:
        super().__init__()
        self.ticket_id = ticket_id

    def body(self) -> ComposeResult:
        yield Static(plain(_("{title}: not there yet.").format(title=_("Ticket"))), classes="middle")

    def action_close(self) -> None:
        self.dismiss(None)
