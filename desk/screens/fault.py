"""The records can't be opened: one sentence says why and what to do. Nothing has been changed.

Where the file is damaged or gone, the newest backup that is whole is offered; whatever stands there is kept beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from desk.actions import Action
from desk.errors import Refusal
from desk.i18n import N_, _, ngettext
from desk.screens.base import DeskScreen
from desk.widgets.keys import bindings
from desk.widgets.text import plain

if TYPE_CHECKING:
    from desk.app import DeskApp

AGAIN = Action("again", "enter", N_("Try again"), N_("Open the records again, once the cause is gone."))
BACK = Action("put_back", "f8", N_("Put the backup back"), N_("The newest whole backup is put in place."))
END = Action("end", "escape", N_("Quit"), N_("Leave the console."))


class FaultScreen(DeskScreen[None]):
    """Shown instead of a traceback."""

    ABOUT = N_("The records could not be opened. Nothing has been changed.")
    PLACE = False
    BINDINGS = bindings(AGAIN, BACK, END)

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence
        self._backup: Any = None

    def body(self) -> ComposeResult:
        with Vertical(classes="middle"):
            yield Static(plain(_("The records can't be opened"), "bold"))
            yield Static(plain(self.sentence), id="sentence")
            yield Static("", id="backup")
            yield Static(plain(_("Nothing has been changed. Enter tries again, Esc leaves."), "dim"))

    def on_mount(self) -> None:
        app = cast("DeskApp", self.app)
        app.job(self._look(app), group="backup", holds=0)

    async def _look(self, app: DeskApp) -> None:
        found = await app.session.read(app.session.backup_there)
        if found is None and (locked := await app.session.read(app.session.locked_backup)):
            from desk.screens.passphrase import PassphraseScreen

            if await app.push_screen_wait(PassphraseScreen(locked)):
                found = await app.session.read(app.session.backup_there)
        if found is None or not self.is_mounted:
            return
        self._backup, lost = found
        at = f"{self._backup.made_at.astimezone():%Y-%m-%d %H:%M}"
        if lost.entries is None:
            words = _("There is a whole backup of {at}; what was written since can't be read.").format(at=at)
        elif lost.entries:
            words = ngettext(
                "There is a whole backup of {at}; {n} entry was written since.",
                "There is a whole backup of {at}; {n} entries were written since.",
                lost.entries,
            ).format(at=at, n=lost.entries)
        else:
            words = _("There is a whole backup of {at}; nothing was written since.").format(at=at)
        words += "\n" + _("F8 puts it in place. What stands there now is kept beside it.")
        self.query_one("#backup", Static).update(plain(words))
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._backup is not None if action == "put_back" else super().check_action(action, parameters)

    def action_again(self) -> None:
        app = cast("DeskApp", self.app)
        app.job(app.open_records(), group="open", holds=0)

    def action_put_back(self) -> None:
        app = cast("DeskApp", self.app)
        app.job(self._put_back(app), group="open", holds=0)

    async def _put_back(self, app: DeskApp) -> None:
        copy, now = self._backup, app.now()
        try:
            kept = await app.session.write(lambda: app.session.put_back(copy, now))
        except Refusal as refusal:
            app.fault(refusal)
            return
        if kept is not None:
            app.say(_("The backup is in place. What was there is kept as {file}.").format(file=kept))
        await app.open_records()

    def action_end(self) -> None:
        self.app.exit(4)  # as the commands say that a store cannot be used
