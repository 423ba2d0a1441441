"""The console: its places, its keys, its life. It paints and takes keys before the store is loaded."""

# ruff: noqa: E402 - what is set before Textual is imported

from __future__ import annotations

import asyncio
import gc
import importlib
import os
import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast
from uuid import UUID

# The terminal's newer key reports break some input methods; whoever wants them says so.
os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")
# Nothing that is imported is ever let go of: to look for it meanwhile only costs.
_collecting = gc.isenabled()
gc.disable()

from textual.binding import BindingType
from textual.screen import Screen
from textual.widget import AwaitMount

from desk import hangup, i18n, incoming, memory, themes
from desk.actions import ANYWHERE, COMMANDS, LANGUAGE, PLACES, THEME, VISITOR, Action
from desk.entrance import SHUT, Entrance
from desk.i18n import _
from desk.pulse import TICK
from desk.session import Colleague
from desk.shell import utc_now
from desk.tidying import Tidying
from desk.typeahead import passed
from desk.widgets.dialog import Choose, Confirm
from desk.widgets.keys import KeyBar, bindings

if TYPE_CHECKING:
    from desk.widgets.palette import Command

#: seconds after which everything there is from the start is there; what can wait, waits so long
SETTLED = 3.0


def _place(mode: str) -> Callable[[], Screen[Any]]:
    """The screen of a mode, its module imported when it is first shown."""
    return lambda: cast(
        "Screen[Any]", getattr(importlib.import_module(f"desk.screens.{mode}"), f"{mode.title()}Screen")()
    )


def _front() -> Screen[Any]:
    from desk.screens.front import FrontScreen

    return FrontScreen()


def _start() -> Screen[Any]:
    from desk.screens.sign_in import SignInScreen

    return SignInScreen()


def _locked() -> Screen[Any]:
    from desk.screens.pin import LockedScreen

    return LockedScreen()


class DeskApp(Entrance):
    """The console; what it offers to screens is described by :class:`desk.screens.base.Shell`."""

    CSS_PATH = "desk.tcss"
    TITLE = "desk"
    ENABLE_COMMAND_PALETTE = False
    MODES: ClassVar[dict[str, Any]] = {
        "front": _front,
        "start": _start,
        "locked": _locked,
        **{mode: _place(mode) for mode in PLACES},
    }
    DEFAULT_MODE = "start"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(*ANYWHERE),
        *bindings(Action("leave", "ctrl+q", "", show=False, first=True)),
    ]
    NOTIFICATION_TIMEOUT = 6

    def __init__(
        self,
        place: str | Path | None = None,
        *,
        estate: str | None = None,
        clock: Callable[[], datetime] = utc_now,
        who: str | None = None,
        mode: str = "intake",
        remember: memory.Memory | None = None,
        tick: float = TICK,
    ) -> None:
        """``place`` is the store (None: the user's own), ``estate`` one of several in it by name.

        ``who`` signs in by name or number without being asked.
        """
        if who is not None:
            # Nobody need be asked: the place takes keys while the records are opened. The intake has many parts:
            # before it the bare shell is painted.
            vars(self)["DEFAULT_MODE"] = "front" if mode == "intake" else mode
        super().__init__(place, estate, clock, remember)
        self._asked_who, self._first_mode, self._locked_in, self._tick_every = who, mode, mode, tick
        self._touched_at = self.now()
        self._unwatch: Callable[[], None] = lambda: None
        self._tidying = Tidying()
        for theme in themes.THEMES:
            self.register_theme(theme)
        # Set before anything is styled: to change it later costs a second reading of every style.
        # A console that has no Chinese has no fine lines either.
        plainest = themes.DEFAULT if i18n.shows_chinese() else themes.PLAIN
        self.set_reactive(DeskApp.theme, self.memory.theme if self.memory.theme in themes.TITLES else plainest)
        self.stylesheet.set_variables(self.get_css_variables())
        self.watch_theme(self.theme)

    # -- life ------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        if not self.is_headless:
            memory.start_log()
            watching = hangup.watch(self._hang_up)
            self._unwatch, self._begin_end = watching.stop, watching.gone
        self._keys = asyncio.get_running_loop().create_task(self.typeahead.run())
        if self._asked_who is not None:
            self.job(self._show_place(), group="place")
        else:
            self.job(self.open_records(), group="open", holds=0)
        self._begin_pulse()
        self.set_timer(SETTLED, self._settled)
        if not i18n.shows_chinese():
            self.say(
                _("This console cannot show Chinese. A terminal window, or kmscon or fbterm with a CJK font, can."),
                "warning",
            )

    async def _show_place(self) -> None:
        """When the first picture is painted, the place (keys wait for it), and when that is, the records."""
        await passed(self.screen.call_after_refresh)
        if self.current_mode != self._first_mode:
            await self.switch_mode(self._first_mode)
            await passed(self.screen.call_after_refresh)
        self.job(self.open_records(), group="open", holds=0)

    def _settled(self) -> None:
        # What was loaded at the start stays for good: it need never be looked through again.
        gc.freeze()
        if self.is_headless:
            gc.enable()
        else:
            self._tidying.begin()

    def _second(self) -> None:
        super()._second()
        if not self.is_headless:
            self._tidying.tidy(self.typeahead.quiet)

    async def records_opened(self) -> None:
        await super().records_opened()
        self._tidying.loaded = True

    def _init_mode(self, mode: str) -> AwaitMount:
        self._tidying.loaded = True
        return super()._init_mode(mode)

    def _get_screen(self, screen: Screen[Any] | str) -> tuple[Screen[Any], AwaitMount]:
        found, mounting = super()._get_screen(screen)
        if found._css_update_count < 0:
            # It has just been made, of the styles in force: for a new place all of them would be read anew, twice.
            found._css_update_count = self._css_update_count
        return found, mounting

    def _hang_up(self, gone: bool) -> None:
        """The terminal has gone, or we are asked to end: keep the drafts, then go."""

        if gone:
            # Its reader of keys would spin at full speed.
            if (reading := getattr(self._driver, "exit_event", None)) is not None:
                reading.set()
            # At once and without the loop: it may stand still in a write to a terminal that is no more.
            self.keep_drafts_at_once()
            os._exit(129)  # nobody is there to give a terminal back to

        async def go() -> None:
            await self.keep_drafts()
            self.exit(143)

        self._going = asyncio.get_running_loop().create_task(go())

    async def on_unmount(self) -> None:
        self._unwatch()
        if not self.is_headless:
            self._tidying.end()
        self._keys.cancel()
        await asyncio.get_running_loop().run_in_executor(None, self.session.close)

    # -- actions ---------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("mode", "person", "palette", "undo", "visitor"):
            wanted = {"mode": str(parameters[0]) if parameters else "", "visitor": "waiting"}.get(action)
            if action == "person" and self.current_mode == "locked":
                return True
            return self.current_mode not in SHUT and (wanted is None or self.offers(wanted))
        return super().check_action(action, parameters)

    async def action_mode(self, mode: str) -> None:
        """Go to a place of the console, over whatever was opened in this one."""
        if mode == self.current_mode and len(self.screen_stack) > 1:
            front = self.screen
            if await self.keep_drafts():  # else it is told why, and what was written stays in sight
                front.dismiss()
            return
        await self.switch_mode(mode)
        for bar in self.screen.query(KeyBar):
            bar.refresh()

    async def action_visitor(self) -> None:
        """Somebody came, wherever one stands; the same key again goes to the board."""
        from desk.screens.arrival import ArrivalScreen

        if isinstance(self.screen, ArrivalScreen):
            await self.screen.dismiss(None)
            await self.action_mode("waiting")
        else:
            await self.push_screen(ArrivalScreen(), self._arrived)

    def _arrived(self, visit_id: UUID | None) -> None:
        """The board, where one stands at it, marks whoever came."""
        from desk.screens.waiting import WaitingScreen

        if visit_id is not None and isinstance(self.screen, WaitingScreen):
            self.screen.mark(visit_id)

    def action_help(self) -> None:
        from desk.screens.help import HelpScreen

        if isinstance(self.screen, HelpScreen):
            self.screen.dismiss(None)
        else:
            self.push_screen(HelpScreen(self.screen, self.focused))

    def action_person(self) -> None:
        from desk.screens.sign_in import ChangePerson

        def signed(person: Colleague | None) -> None:
            if person is not None:
                self.job(self.sign_in(person))

        if not isinstance(self.screen, ChangePerson):
            self.push_screen(ChangePerson(), signed)

    def action_leave(self) -> None:
        self.once(self._leave, group="leave")

    async def _leave(self) -> None:
        if self.who is not None and not await self.push_screen_wait(Confirm(_("Leave the console? Drafts are kept."))):
            return
        lost = _("What you wrote could not be kept as a draft. Leave all the same? It is lost then.")
        if await self.keep_drafts() or await self.ask_yes(lost):
            self.exit(0)

    async def action_quit(self) -> None:
        self.action_leave()

    def action_help_quit(self) -> None:
        # Ctrl+C out of habit: say how one leaves, in the user's language.
        self.say(_("F10 leaves the console."))

    def action_palette(self) -> None:
        self.once(self._palette, group="palette")

    async def _palette(self) -> None:
        from desk.screens.commands import gather, typed
        from desk.widgets.palette import Palette

        commands = gather(self.screen, self.commands())
        found = await self.session.read(lambda: [_found_by(c) for c in commands])
        chosen = await self.push_screen_wait(Palette(found, lambda text: typed(self, text)))
        if chosen is not None:
            chosen.run()

    def commands(self) -> Iterable[Command]:
        """The console's own commands, for the palette."""
        from desk.widgets.palette import Command

        def command(action: Action) -> Command:
            return Command(_(action.title), lambda: self._do(action), _(action.help), action.key, keys=(action.title,))

        hidden = {"palette", *(action.name for mode, action in PLACES.items() if not self.offers(mode))}
        if not self.offers("waiting"):
            hidden.add(VISITOR.name)
        return [command(action) for action in (*ANYWHERE, *COMMANDS) if action.name not in hidden]

    def _do(self, action: Action) -> None:
        self.job(self.run_action(action.name), group="action")

    async def action_language(self) -> None:
        """The other language, at once, everywhere."""
        lang = await self.push_screen_wait(Choose(_(LANGUAGE.title), list(i18n.LANGUAGES.items()), i18n.language()))
        if lang is not None and lang != i18n.language():
            self.memory.language = i18n.install(lang)
            self.memory.save()
            await self._relabel()

    async def _relabel(self) -> None:
        """Build every place anew, in the language now in force; what is half-written is in its draft."""
        if not await self.keep_drafts():
            return  # it is told why; what was written stays, and the places take the language when they are opened anew
        here = self.current_mode
        await self.switch_mode("start")
        for mode in PLACES:
            await self.remove_mode(mode)
            self.add_mode(mode, _place(mode))
        await self.switch_mode(here)
        self.refresh_status()

    async def action_theme(self) -> None:
        """Other colours, or plain lines."""
        titles = [(name, _(title)) for name, title in themes.TITLES.items()]
        chosen = await self.push_screen_wait(Choose(_(THEME.title), titles, self.theme))
        if chosen is not None:
            self.theme = self.memory.theme = chosen
            self.memory.save()

    def watch_theme(self, theme: str) -> None:
        themes.draw(theme)
        self.set_class(themes.plainly(theme), "-plain")

    async def action_undo(self) -> None:
        """Take back the last entry of whoever is signed in."""
        from desk.screens.undo import take_back

        await take_back(self)


def _found_by(command: Command) -> Command:
    """The command with the pinyin of its title to be found by."""
    from dataclasses import replace

    from desk.pinyin import person_keys

    return replace(command, keys=(*command.keys, *person_keys(command.title)))


def run(
    place: str | Path | None = None,
    *,
    estate: str | None = None,
    who: str | None = None,
    lang: str | None = None,
    mode: str = "intake",
    clock: Callable[[], datetime] = utc_now,
) -> int:
    """Open the console on the store at ``place`` (and ``estate``, where it holds several); the exit code.

    Raises :class:`Refusal` ``language.unknown``. Without a terminal it says so in one sentence (exit code 2).
    """
    kept = memory.load()
    i18n.install(lang or os.environ.get("DESK_LANG") or (kept.language if i18n.shows_chinese() else None))
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        print(_("The console needs a terminal. `desk --help` lists what works without one."), file=sys.stderr)  # noqa: T201
        return 2
    hangup.remember_terminal()
    incoming.install()
    # Most of what is made before the first paint stays: collecting it meanwhile only costs.
    gc.disable()
    app = DeskApp(place, estate=estate, who=who, mode=mode, remember=kept, clock=clock)
    return app.run() or app.return_code or 0


if _collecting:
    gc.enable()
