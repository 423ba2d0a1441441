"""The passphrase of encrypted records, asked for before they can be opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from desk.actions import CLOSE
from desk.i18n import N_, _
from desk.screens.base import DeskModal
from desk.screens.pin import SaysUnderIt, secret
from desk.widgets.fields import Entered, Line
from desk.widgets.keys import HintBar, bindings
from desk.widgets.text import plain

if TYPE_CHECKING:
    from desk.app import DeskApp

#: characters a line takes: whole sentences are good passphrases
_ROOM = 400


class PassphraseScreen(SaysUnderIt, DeskModal[bool]):
    """Asks for the passphrase of the file at ``place`` until it is right. True when it is; False: Esc gave up."""

    ABOUT = N_("The records are encrypted. Their passphrase opens them; nobody can get round it.")
    BINDINGS = bindings(CLOSE)

    def __init__(self, place: str, says: str = "") -> None:
        super().__init__()
        self.place, self.says = place, says

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(plain(_("Passphrase of {file}").format(file=self.place), "bold"))
            yield secret("passphrase", _ROOM)
            yield Static(plain(self.says or " ", "$text-error"), id="pin-says")
        yield HintBar()

    def on_mount(self) -> None:
        self.query_one(Line).focus()

    def on_entered(self, event: Entered) -> None:
        event.stop()
        self.job(self._check, group="check", holds=0)

    async def _check(self) -> None:
        if not (typed := self.taken()):
            return
        session = cast("DeskApp", self.app).session
        await session.read(lambda: session.unlock(self.place, typed))
        self.dismiss(True)

    def action_close(self) -> None:
        self.dismiss(False)
