"""The few questions that stand in the way: before what can't be taken back, and where a guard of the rulebook asks."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from desk.actions import Action
from desk.i18n import N_, _
from desk.widgets.fields import Choice, Entered
from desk.widgets.keys import HintBar, bindings
from desk.widgets.leaving import Leaving
from desk.widgets.pick import Find, Item, Picker
from desk.widgets.text import plain

YES = Action("yes", "enter", N_("Yes"), N_("Do it."))
NO = Action("no", "escape", N_("No"), N_("Leave everything as it is."))
SEEN = Action("seen", "enter,escape", N_("Got it"), N_("Go on: there is nothing to decide."))
GIVE_UP = Action("no", "escape", N_("Back"), N_("Leave everything as it is."))


class Confirm(Leaving, ModalScreen[bool]):
    """A question: Enter is yes, Esc no."""

    BINDINGS = bindings(YES, NO)

    def __init__(self, question: str) -> None:
        super().__init__()
        self.question = question

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(plain(self.question))
            yield Static(plain(_("Enter yes, Esc no"), "dim"), classes="keys")
        yield HintBar()

    def action_yes(self) -> None:
        self.dismiss(True)

    def action_no(self) -> None:
        self.dismiss(False)


class Notice(Leaving, ModalScreen[None]):
    """Something to read before it goes on, as a PIN shown this once: Enter or Esc, and there is nothing to decide."""

    BINDINGS = bindings(SEEN)

    def __init__(self, told: str) -> None:
        super().__init__()
        self.told = told

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(plain(self.told))
        yield HintBar()

    def action_seen(self) -> None:
        self.dismiss(None)


class Pick(Leaving, ModalScreen[Item | None]):
    """Somebody or something is to be picked; Esc picks nothing."""

    BINDINGS = bindings(GIVE_UP)

    def __init__(self, question: str, find: Find, *, placeholder: str = "") -> None:
        super().__init__()
        self.question, self.find, self.placeholder = question, find, placeholder

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(plain(self.question))
            yield Picker(self.find, must=True, placeholder=self.placeholder)
        yield HintBar()

    def on_mount(self) -> None:
        self.query_one(Picker).focus()

    def on_entered(self, event: Entered) -> None:
        event.stop()
        self.dismiss(self.query_one(Picker).picked)

    def action_no(self) -> None:
        self.dismiss(None)


class Choose(Leaving, ModalScreen[str | None]):
    """One of a few, by digit."""

    BINDINGS = bindings(GIVE_UP)

    def __init__(self, question: str, options: Sequence[tuple[str, str]], value: str | None = None) -> None:
        super().__init__()
        self.question, self.options, self.value = question, options, value

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(plain(self.question))
            yield Choice(self.options, self.value)
        yield HintBar()

    def on_mount(self) -> None:
        self.query_one(Choice).focus()

    def on_entered(self, event: Entered) -> None:
        event.stop()
        self.dismiss(self.query_one(Choice).chosen)

    def action_no(self) -> None:
        self.dismiss(None)
