"""Who are you? Signing in by name, and a quick change of person at the same console."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from desk.actions import CLOSE
from desk.i18n import N_, _
from desk.screens.base import DeskModal, DeskScreen
from desk.session import Colleague
from desk.typeahead import HELD
from desk.widgets.fields import Entered, Line
from desk.widgets.keys import HintBar, bindings
from desk.widgets.pick import Item, Picker
from desk.widgets.text import plain

if TYPE_CHECKING:
    from desk.app import DeskApp

ABOUT = N_(
    "Everything you record is signed with your name. "
    "Type part of your name, its initials or your staff number; Enter signs in."
)


class SignInScreen(DeskScreen[None]):
    """The console's first picture. It takes keys while the records are still being opened."""

    ABOUT = ABOUT
    PLACE = False

    def body(self) -> ComposeResult:
        # Whether there are records, and so anybody to sign in, is known once they are open; keys are taken before.
        with Vertical(classes="middle"):
            yield Static(plain(_("Opening the records…")), id="asks")
            yield Picker(self._find, must=True, id="who")
            yield Static(plain(" "), id="how")

    @property
    def _app(self) -> DeskApp:
        return cast("DeskApp", self.app)

    async def _find(self, typed: str) -> Sequence[Item]:
        await self._app.opened()
        found = list(await self.desk.colleagues()(typed))
        if not typed:
            last = self._app.memory.people.get(self._app.session.where)
            found.sort(key=lambda item: item.key != last)  # whoever sat here last comes first
        return found

    def on_mount(self) -> None:
        self.query_one(Picker).focus()
        self.job(self._ask, group="ask", exclusive=True)

    async def _ask(self) -> None:
        """Say what is asked for, as soon as there is something to ask."""
        await self._app.opened()
        self.query_one("#asks", Static).update(plain(_("Who are you?"), "bold"))
        how = _("Enter signs in.")
        if not self._app.session.with_pin:
            how += " " + _("Nobody here has a PIN: anybody can sign as anybody. A supervisor changes that under F7.")
        self.query_one("#how", Static).update(plain(how, "dim"))
        self.query_one(Line).placeholder = _("Name, initials or staff number")

    async def relabel(self) -> None:
        """Say everything in the language now in force."""
        await self.recompose()
        self.query_one(Picker).focus()
        self.job(self._ask, group="ask", exclusive=True)

    def on_entered(self, event: Entered) -> None:
        event.stop()
        item = self.query_one(Picker).picked
        if item is not None:
            self.job(self._app.sign_in(cast(Colleague, item.data)), group="sign-in", exclusive=True, holds=HELD)


class ChangePerson(DeskModal[Colleague | None]):
    """Somebody else sits down; Esc changes nobody."""

    ABOUT = ABOUT
    BINDINGS = bindings(CLOSE)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(plain(_("Who are you?"), "bold"))
            yield Picker(self.desk.colleagues(), must=True, placeholder=_("Name, initials or staff number"))
        yield HintBar()

    def on_mount(self) -> None:
        self.query_one(Picker).focus()

    def on_entered(self, event: Entered) -> None:
        event.stop()
        item = self.query_one(Picker).picked
        self.dismiss(cast(Colleague, item.data) if item is not None else None)

    def action_close(self) -> None:
        self.dismiss(None)
