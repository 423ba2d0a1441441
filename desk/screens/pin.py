"""The PIN at the console: asked for, chosen anew, and the picture of a console that has locked itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from desk.actions import CLOSE
from desk.errors import Refusal
from desk.i18n import N_, _
from desk.screens.base import DeskModal, DeskScreen, Working
from desk.session import Colleague
from desk.widgets.fields import Entered, Line
from desk.widgets.keys import HintBar, bindings
from desk.widgets.text import plain

if TYPE_CHECKING:
    from desk.app import DeskApp

#: more than the longest PIN: what is too long is refused in words and not cut off
_ROOM = 20


def secret(id_: str, room: int = _ROOM) -> Line:
    """A line that shows dots for what is typed."""
    line = Line("", limit=room, id=id_)
    line.password = True
    return line


class SaysUnderIt(Working):
    """What is wrong with a PIN or a passphrase is said under it, on the screen that asks for it."""

    def taken(self) -> str:
        """What has been typed; it does not stay there."""
        line = cast(Any, self).query_one(Line)
        typed: str = line.value
        line.put(None)
        return typed

    def refused(self, error: Exception) -> None:
        if isinstance(error, Refusal):
            says = cast(Any, self).query_one("#pin-says", Static)
            says.update(plain(self.desk.sentence(error), "$text-error"))
        else:
            super().refused(error)


class PinScreen(SaysUnderIt, DeskModal["str | None"]):
    """Asks one person for their PIN until it is right. Dismisses with it, or None; Esc gives up.

    Whether it is a first one is :attr:`first`.
    """

    ABOUT = N_("Your PIN shows that it is you. Three wrong ones lock it for a while, longer each time.")
    BINDINGS = bindings(CLOSE)

    def __init__(self, person: Colleague, about: str = "") -> None:
        super().__init__()
        self.person, self.about = person, about
        self.first = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            if self.about:
                yield Static(plain(self.about))
            yield Static(plain(_("PIN of {name}").format(name=self.person.name), "bold"))
            yield secret("pin")
            yield Static(plain(" "), id="pin-says")
        yield HintBar()

    def on_mount(self) -> None:
        self.query_one(Line).focus()

    def on_entered(self, event: Entered) -> None:
        event.stop()
        self.job(self._check, group="check")

    async def _check(self) -> None:
        if not (typed := self.taken()):
            return
        self.first = await cast("DeskApp", self.app).check_pin(self.person, typed)
        self.dismiss(typed)

    def action_close(self) -> None:
        self.dismiss(None)


class NewPinScreen(SaysUnderIt, DeskModal[bool]):
    """A PIN of one's own, typed twice. ``old`` is the one it replaces. True when it is chosen."""

    ABOUT = N_("Choose a PIN only you know: 4 to 12 digits. It is typed twice.")
    BINDINGS = bindings(CLOSE)

    def __init__(self, person: Colleague, old: str, about: str = "") -> None:
        super().__init__()
        self.person, self.old, self.about = person, old, about

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(plain(_("New PIN of {name}").format(name=self.person.name), "bold"))
            if self.about:
                yield Static(plain(self.about))
            yield secret("new")
            yield Static(plain(_("Once more"), "bold"))
            yield secret("again")
            yield Static(plain(" "), id="pin-says")
        yield HintBar()

    def on_mount(self) -> None:
        self.query_one("#new", Line).focus()

    def on_entered(self, event: Entered) -> None:
        event.stop()
        if event.field.id == "new":
            self.query_one("#again", Line).focus()
        else:
            self.job(self._choose, group="check")

    async def _choose(self) -> None:
        new, again = self.query_one("#new", Line), self.query_one("#again", Line)
        typed, twice = new.value, again.value
        new.put(None)
        again.put(None)
        new.focus()
        if typed != twice:
            raise Refusal("pin.twice")
        await cast("DeskApp", self.app).choose_pin(self.person, self.old, typed)
        self.dismiss(True)

    def action_close(self) -> None:
        self.dismiss(False)


class LockedScreen(SaysUnderIt, DeskScreen[None]):
    """A console left alone: the status line, and the PIN of whoever sat there. What was half-written is kept."""

    ABOUT = N_("The console has locked itself. Your PIN opens it where you left it; F8 lets somebody else sit down.")
    PLACE = False

    def body(self) -> ComposeResult:
        with Vertical(classes="middle"):
            yield Static(plain(_("Locked"), "bold"))
            yield Static(plain(" "), id="locked-who")
            yield secret("pin")
            yield Static(plain(" "), id="pin-says")
            yield Static(plain(_("Enter opens it. F8: somebody else."), "dim"))

    def on_mount(self) -> None:
        super().on_mount()
        self._ask()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        super().on_screen_resume(event)
        self._ask()

    def _ask(self) -> None:
        who = self.desk.who
        for line in self.query("#locked-who"):
            cast(Static, line).update(plain(_("PIN of {name}").format(name=who.name if who else "")))
        for line in self.query("#pin-says"):
            cast(Static, line).update(plain(" "))
        for field in self.query(Line):
            field.put(None)
            field.focus()

    def on_entered(self, event: Entered) -> None:
        event.stop()
        self.job(self._open, group="check")

    async def _open(self) -> None:
        line, who = self.query_one(Line), self.desk.who
        typed = line.value
        if not typed or who is None:
            return
        line.put(None)
        await cast("DeskApp", self.app).unlock(who, typed)
