"""F7: everything that has no key of its own."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from desk.actions import LANGUAGE, LOCK, OWN_PIN, PERSON, QUIT, THEME, UNDO, Action
from desk.i18n import N_, _
from desk.screens.base import DeskScreen
from desk.text import narrow
from desk.widgets.options import Options
from desk.widgets.palette import Command
from desk.widgets.text import plain


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu: a screen of its own, or an action of the console."""

    title: str
    about: str
    #: module and class of a screen in desk.screens
    screen: tuple[str, str] | None = None
    action: Action | None = None


def _action(action: Action) -> Entry:
    return Entry(action.title, action.help, action=action)


#: a digit chooses the first nine
ENTRIES = (
    Entry(
        N_("People and rooms"),
        N_("Residents, rooms, shops and public areas: find, add, change."),
        ("people", "PeopleScreen"),
    ),
    Entry(N_("Tickets"), N_("All tickets, by status, kind, room or words."), ("tickets", "TicketsScreen")),
    Entry(N_("The day"), N_("Sweep, publish, carry over, report upward."), ("day", "DayScreen")),
    Entry(N_("Roster"), N_("Who is on duty when; gaps."), ("roster", "RosterScreen")),
    Entry(N_("Reports"), N_("Registers and the report of the day."), ("reports", "ReportsScreen")),
    _action(PERSON),
    _action(UNDO),
    _action(LANGUAGE),
    _action(THEME),
    _action(QUIT),
    Entry(
        N_("Opening hours"),
        N_("A month drawn: open, closed, holidays, make-up days."),
        ("calendar", "CalendarScreen"),
    ),
    Entry(
        N_("Rules"),
        N_("The rules, figures and settings in force; a supervisor changes them."),
        ("rules", "RulesScreen"),
    ),
    Entry(
        N_("Replay"),
        N_("What was recorded, run again under other rules: what would have been late."),
        ("replay", "ReplayScreen"),
    ),
    Entry(N_("PINs"), N_("Who has one; a supervisor gives first ones and requires them."), ("pins", "PinsScreen")),
    _action(OWN_PIN),
    _action(LOCK),
)


class MoreScreen(DeskScreen[None]):
    """A menu: a digit or Enter chooses."""

    ABOUT = N_("What has no key of its own: a digit chooses, or arrows and Enter. Ctrl+P finds everything by name.")

    def body(self) -> ComposeResult:
        with Vertical(classes="menu"):
            yield Static(plain(_("More"), "bold"))
            yield Options(
                *(Option(self._line(n, entry)) for n, entry in enumerate(ENTRIES, 1)), markup=False, compact=True
            )

    @staticmethod
    def _line(number: int, entry: Entry) -> Content:
        # of two digits the first would open its own at once: no number that can't be pressed is shown
        line = Content(f"{number} " if number < 10 else "  ")
        return line.append(plain(_(entry.title))).append("  ").append(plain(_(entry.about), "dim"))

    def on_mount(self) -> None:
        self.query_one(Options).focus()

    def on_key(self, event: events.Key) -> None:
        digit = narrow(event.character or "")
        if digit.isdigit() and 1 <= int(digit) <= len(ENTRIES):
            event.stop()
            self._open(ENTRIES[int(digit) - 1])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._open(ENTRIES[event.option_index])

    def _open(self, entry: Entry) -> None:
        if entry.action is not None:
            self.job(self.app.run_action(entry.action.name), group="action")
        elif entry.screen is not None:
            screen = screen_of(*entry.screen)
            if screen is None:
                self.desk.say(_("{title}: not there yet.").format(title=_(entry.title)))
            else:
                self.app.push_screen(screen)


def digit_of(screen: str) -> str:
    """The digit that opens the screen of this class."""
    return next(str(n) for n, entry in enumerate(ENTRIES, 1) if entry.screen is not None and entry.screen[1] == screen)


def screen_of(module: str, name: str) -> Screen[object] | None:
    """A screen by module and class; None where it has not been written yet."""
    try:
        found = importlib.import_module(f"desk.screens.{module}")
    except ModuleNotFoundError as missing:
        if missing.name != f"desk.screens.{module}":
            raise
        return None
    made: Screen[object] = getattr(found, name)()
    return made


def commands(screen: DeskScreen[object]) -> list[Command]:
    """The menu's screens as commands for the palette."""

    def go(entry: Entry) -> Command:
        return Command(_(entry.title), lambda: MoreScreen._open(screen, entry), _(entry.about), keys=(entry.title,))  # type: ignore[arg-type]

    return [go(entry) for entry in ENTRIES if entry.screen is not None]
