"""Every command by its name, in the user's language; what can't be done now is shown with the reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from desk.i18n import N_, _
from desk.text import clean, fold
from desk.widgets.dialog import GIVE_UP
from desk.widgets.fields import Changed, Entered, Line
from desk.widgets.keys import HintBar, bindings, key_name
from desk.widgets.leaving import Leaving
from desk.widgets.options import Options
from desk.widgets.text import dot, fill


@dataclass(frozen=True, slots=True)
class Command:
    """A command: texts are translated; ``why_not`` says why it can't be done now."""

    title: str
    run: Callable[[], object]
    help: str = ""
    key: str = ""
    why_not: str = ""
    #: more to find it by: its English name, its initials
    keys: tuple[str, ...] = ()


def matches(command: Command, typed: str) -> int | None:
    """How well a command fits what was typed, 0 best; None: not at all."""
    wanted = fold(typed)
    if not wanted:
        return 0
    names = [fold(command.title), *map(fold, command.keys)]
    for rank, fits in enumerate((str.startswith, str.__contains__, _scattered)):
        if any(fits(name, wanted) for name in names):
            return rank
    return 3 if wanted in fold(command.help) else None


def _scattered(name: str, wanted: str) -> bool:
    rest = iter(name)
    return all(letter in rest for letter in wanted)


class Palette(Leaving, ModalScreen["Command | None"]):
    """A line to type in and the commands that fit."""

    BINDINGS = bindings(GIVE_UP)
    ABOUT = N_("Type part of a command's name (or its pinyin initials); arrows mark, Enter does it.")

    def __init__(
        self, commands: Sequence[Command], typed: Callable[[str], Sequence[Command]] = lambda text: ()
    ) -> None:
        """``typed`` gives what a text means by itself, such as a ticket's number."""
        super().__init__()
        self.commands, self.typed = tuple(commands), typed
        self.shown: list[Command] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog palette"):
            yield Line("", _("Search for a command"))
            yield Options(markup=False, compact=True)
        yield HintBar()

    def on_mount(self) -> None:
        self.query_one(Options).can_focus = False
        self.query_one(Line).focus()
        self._offer("")

    def on_changed(self, event: Changed) -> None:
        event.stop()
        self._offer(self.query_one(Line).value)

    def _offer(self, typed: str) -> None:
        ranked = [(rank, i) for i, c in enumerate(self.commands) if (rank := matches(c, typed)) is not None]
        self.shown = [*self.typed(typed)] + [
            self.commands[i] for _rank, i in sorted(ranked, key=lambda r: (bool(self.commands[r[1]].why_not), r))
        ]
        options = self.query_one(Options)
        options.clear_options()
        options.add_options([Option(self._row(c), disabled=bool(c.why_not)) for c in self.shown])
        if not self.shown:
            options.add_option(Option(Content(_("No command fits.")), disabled=True))
        options.highlighted = 0 if self.shown and not self.shown[0].why_not else None

    def _row(self, command: Command) -> Content:
        key = key_name(command.key.split(",")[0]) if command.key else ""
        about = command.why_not or command.help
        title = clean(command.title)
        width = max(20, self.query_one(Options).size.width - 2)
        text = fill(title + (dot() + clean(about) if about else ""), width - 8)
        return Content.assemble((text[: len(title)], "bold"), (text[len(title) :], "dim"), (f" {key:>7}", "bold"))

    def on_resize(self) -> None:
        self._offer(self.query_one(Line).value)

    def on_key(self, event: events.Key) -> None:
        if self.query_one(Options).move(event.key):
            event.stop()

    def on_entered(self, event: Entered) -> None:
        event.stop()
        at = self.query_one(Options).highlighted
        if at is not None and at < len(self.shown):
            self.dismiss(self.shown[at])
        else:
            self.app.bell()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self.shown[event.option_index])

    def action_no(self) -> None:
        self.dismiss(None)
