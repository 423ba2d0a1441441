"""The records can't be opened: one sentence says why and what to do. Nothing has been changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from desk.actions import Action
from desk.i18n import N_, _
from desk.screens.base import DeskScreen
from desk.widgets.keys import bindings
from desk.widgets.text import plain

if TYPE_CHECKING:
    from desk.app import DeskApp

AGAIN = Action("again", "enter", N_("Try again"), N_("Open the records again, once the cause is gone."))
END = Action("end", "escape", N_("Quit"), N_("Leave the console."))


class FaultScreen(DeskScreen[None]):
    """Shown instead of a traceback."""

    ABOUT = N_("The records could not be opened. Nothing has been changed.")
    PLACE = False
    BINDINGS = bindings(AGAIN, END)

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence

    def body(self) -> ComposeResult:
        with Vertical(classes="middle"):
            yield Static(plain(_("The records can't be opened"), "bold"))
            yield Static(plain(self.sentence), id="sentence")
            yield Static(plain(_("Nothing has been changed. Enter tries again, Esc leaves."), "dim"))

    def action_again(self) -> None:
        app = cast("DeskApp", self.app)
        app.job(app.open_records(), group="open", holds=False)

    def action_end(self) -> None:
        self.app.exit(4)  # as the commands say that a store cannot be used
