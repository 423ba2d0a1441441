"""The console: modes, keys, the clock's tick. It paints and takes keys before the store is loaded."""

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

from textual import events
from textual.binding import BindingType
from textual.screen import Screen

from desk import hangup, i18n, memory, themes
from desk.actions import ANYWHERE, COMMANDS, LANGUAGE, PLACES, THEME, VISITOR, Action
from desk.errors import Refusal
from desk.i18n import _, ngettext
from desk.screens.base import DeskScreen
from desk.session import CameUp, Colleague, Founding
from desk.shell import ShellApp, utc_now
from desk.typeahead import passed
from desk.widgets import text as drawing
from desk.widgets.dialog import Choose, Confirm
from desk.widgets.keys import KeyBar, bindings
from desk.widgets.status import Countdown, Status

if TYPE_CHECKING:
    from desk.screens.sign_in import SignInScreen
    from desk.widgets.palette import Command

#: seconds between two looks for what has come up
TICK = 4.0
#: seconds between two looks whether another counter has written: they see each other's acts within a second
GLANCE = 0.5
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


#: modes in which nothing of the records is done
_SHUT = ("front", "start", "locked")


class DeskApp(ShellApp):
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
        self._asked_who, self._first_mode, self._tick_every = who, mode, tick
        self._minute: datetime | None = None
        #: when a key was pressed last, and where the console was when it locked itself
        self._touched_at = self.now()
        self._locked_in = mode
        self._ticking = self._glancing = False
        self._tick_fault = ""
        #: those the keys lead to
        self._places: list[str] = []
        self._unwatch: Callable[[], None] = lambda: None
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
            self.job(self.open_records(), group="open", holds=False)
        self.set_interval(1, self._second)
        if self._tick_every:
            self.set_interval(self._tick_every, self._look)
            self.set_interval(GLANCE, self._glance)
        self.set_timer(SETTLED, self._settled)
        if not i18n.shows_chinese():
            self.say(
                _("This console cannot show Chinese. A terminal window, or kmscon or fbterm with a CJK font, can."),
                "warning",
            )

    async def _show_place(self) -> None:
        """When the first picture is painted, the place (keys wait for it), and when that is, the records."""
        await passed(self.screen.call_after_refresh)
        await self.switch_mode(self._first_mode)
        await passed(self.screen.call_after_refresh)
        self.job(self.open_records(), group="open", holds=False)

    def _settled(self) -> None:
        # What was loaded at the start stays for good: it need never be looked through again.
        gc.freeze()
        gc.enable()

    async def open_records(self) -> None:
        """Load the store behind the first paint; then ask who is here, or set up, or tell what is wrong."""
        try:
            there = await self.session.write(self.session.open)
        except Exception as error:
            await self._tell_fault(error)
            return
        if not there:
            from desk.screens.setup import SetupScreen
            from desk.widgets.pick import Picker

            self._set_status(Status())
            for who in self.screen.query(Picker):
                who.put("")  # typed before anybody could know that there is nobody to sign in yet
            await self._front(SetupScreen())
            return
        await self.records_opened()

    async def found(self, asked: Founding, refused: Callable[[Exception], None]) -> None:
        """Make the records, for the set-up screen; it is told why they can't be."""
        now = self.now()
        try:
            await self.session.write(lambda: self.session.found(asked, now))
        except Exception as error:
            refused(error)
            return
        if asked.language != i18n.language():
            i18n.install(asked.language)
            self.memory.language = asked.language
            self.memory.save()
            await self._to_start()
            await cast("SignInScreen", self.screen).relabel()
        await self.records_opened()

    async def records_opened(self) -> None:
        """The ledger is there: sign in whoever was named, else let them choose."""
        assert self.session.ledger is not None
        self._set_status(Status(estate=self.session.ledger.name))
        self._opened.set()
        if self._asked_who is not None:
            person = self._colleague(self._asked_who)
            if person is not None:
                if person.id in self.session.with_pin or self.session.pins_required:
                    await self._to_start()
                    self.job(self.sign_in(person), group="sign-in")
                else:
                    await self.sign_in(person)
                return
            self.say(_("Nobody called {name} works here.").format(name=self._asked_who), "warning")
        await self._to_start()

    def _colleague(self, name: str) -> Colleague | None:
        fits = [c for c in self.session.staff if name in (c.name, c.number, str(c.id))]
        return fits[0] if len(fits) == 1 else None

    async def _front(self, screen: Screen[Any]) -> None:
        """Show ``screen`` in front of the console's places."""
        await self._to_start()
        await self.push_screen(screen)

    async def _to_start(self) -> None:
        """Back to the sign-in, which stands under everything in front of the places."""
        await self.switch_mode("start")
        while len(self.screen_stack) > 1:
            await self.pop_screen()

    async def _tell_fault(self, error: Exception) -> None:
        from desk.screens.fault import FaultScreen

        if not isinstance(error, Refusal):
            self.note_bug(error)
        text = self.sentence(error) if isinstance(error, Refusal) else self.bug_words()
        self._set_status(Status())
        await self._front(FaultScreen(text))

    async def sign_in(self, person: Colleague) -> None:
        """``person`` works at this console from now on, if they are who they say. Run it in a job."""
        if not await self.prove(person):
            return
        another = self.who is not None and self.who.id != person.id
        self.who = person
        assert self.session.ledger is not None
        self.session.ledger.who = person.id
        self._touched_at = self.now()
        if another:
            self._mask()
        self.memory.people[self.session.where] = str(person.id)
        self.memory.save()
        first = not self._signed_in.is_set()
        self._signed_in.set()
        if self.current_mode == "start":
            await self.switch_mode(self._first_mode)
        elif self.current_mode == "locked":
            await self.switch_mode(self._locked_in)
        if not first:
            self.stale()
        else:
            self._set_status(Status(estate=self._status.estate, who=person.name))
            # The place one stands in is read first: the counts and the clock's hand would only be in its way.
            self.set_timer(0.2, self.refresh_status)
            self.set_timer(1, self._look)

    def _mask(self) -> None:
        """What one person may see stands open for nobody else."""
        for stack in self._screen_stacks.values():
            for screen in stack:
                if getattr(screen, "reveal", False):
                    screen.reveal = False  # type: ignore[attr-defined]

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.Paste | events.MouseDown):
            self._touched_at = self.now()
        await super().on_event(event)

    def _lock_if_idle(self, now: datetime) -> None:
        minutes, who = self.session.idle_minutes, self.who
        if minutes and who is not None and (now - self._touched_at).total_seconds() >= minutes * 60:
            self.action_lock(asked=False)

    def action_lock(self, *, asked: bool = True) -> None:
        """Nobody gets on without the PIN of whoever sat here; who has none is not locked out."""
        if self.who is None or self.current_mode in _SHUT:
            return
        if self.who.id in self.session.with_pin:
            self.job(self._lock(), group="lock", exclusive=True)
        elif asked:
            self.say(_("You have no PIN: nothing would open it again. A supervisor gives you one."))

    async def _lock(self) -> None:
        await self.keep_drafts()
        if self.current_mode not in _SHUT:
            self._locked_in = self.current_mode
            await self.switch_mode("locked")
            self.clear_notifications()

    async def unlock(self, who: Colleague, pin: str) -> None:
        """Back to where it was locked. Raises :class:`Refusal` ``pin.*``."""
        if await self.check_pin(who, pin):
            from desk.screens.pin import NewPinScreen

            why = _("The first PIN was given to you. Choose one only you know.")
            if not await self.push_screen_wait(NewPinScreen(who, pin, why)):
                return
        self._touched_at = self.now()
        await self.switch_mode(self._locked_in)

    async def action_own_pin(self) -> None:
        """Another PIN for whoever is signed in."""
        from desk.screens.pin import NewPinScreen, PinScreen

        who = self.who
        if who is None:
            return
        if who.id not in self.session.with_pin:
            self.say(_("You have no PIN yet. A supervisor gives you a first one."))
            return
        pin = await self.push_screen_wait(PinScreen(who))
        if pin is not None and await self.push_screen_wait(NewPinScreen(who, pin)):
            self.say(_("Your PIN is changed."))

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
        self._keys.cancel()
        await asyncio.get_running_loop().run_in_executor(None, self.session.close)

    # -- the clock -------------------------------------------------------------------------------------------

    def _second(self) -> None:
        now = self.now()
        for screen in self.screen_stack:
            for countdown in screen.query(Countdown):
                countdown.tick(now)
        self._lock_if_idle(now)
        minute = now.replace(second=0, microsecond=0)
        if self._minute is not None and minute != self._minute:
            self.stale()
        self._minute = minute

    def _look(self) -> None:
        if self._ticking or not self._signed_in.is_set():
            return
        self._ticking = True
        self.job(self._come_up(), group="tick", holds=False)

    async def _come_up(self) -> None:
        try:
            now = self.now()
            up = await self.session.write(lambda: self.session.tick(now))
            # The board of what is due shows it by itself.
            if up.count and self.current_mode not in ("due", "locked"):
                self._tell_came_up(up)
            if await self.session.read(self.session.changed):
                self.stale()
            if self._tick_fault == "store.unreachable":
                self.say(_("The server answers again: everything can be recorded."))
                self.stale()
            self._tick_fault = ""
        except Refusal as refusal:
            # A full disk stays full: told once, not every few seconds.
            if refusal.code != self._tick_fault:
                self._tick_fault = refusal.code
                self.fault(refusal)
        finally:
            self._ticking = False

    def _glance(self) -> None:
        # While the records can't be reached the tick goes on trying, and tells.
        if self._glancing or self._tick_fault or not self._signed_in.is_set():
            return
        self._glancing = True
        self.job(self._others_wrote(), group="glance", holds=False)

    async def _others_wrote(self) -> None:
        try:
            if await self.session.read(self.session.changed):
                self.stale()
        except Refusal:
            pass  # told by the tick
        finally:
            self._glancing = False

    def _tell_came_up(self, up: CameUp) -> None:
        names = drawing.dot().join(up.first)
        more = up.count - len(up.first)
        if more > 0:
            names += " " + ngettext("and {n} more", "and {n} more", more).format(n=more)
        self.say(_("Come up: {names}. {key} shows them.").format(names=names, key="F3"), "warning")

    def stale(self) -> None:
        super().stale()
        self.refresh_status()
        for screen in self.screen_stack:
            if isinstance(screen, DeskScreen):
                screen.freshen()

    def refresh_status(self) -> None:
        """Read the counts anew."""
        if self._opened.is_set():
            self.job(self._read_status, group="status", exclusive=True)

    async def _read_status(self) -> None:
        now, who = self.now(), self.who
        self._set_status(await self.session.read(lambda: self.session.status(now, who)))

    def _set_status(self, status: Status) -> None:
        self._status = status
        places = self.places
        another, self._places = places != self._places, places
        for screen in self.screen_stack:
            if isinstance(screen, DeskScreen):
                screen.show_status()
            if another:  # another manual has other places, and other keys
                screen.refresh_bindings()
                screen.query(KeyBar).refresh()

    # -- actions ---------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("mode", "person", "palette", "undo", "visitor"):
            wanted = {"mode": str(parameters[0]) if parameters else "", "visitor": "waiting"}.get(action)
            if action == "person" and self.current_mode == "locked":
                return True
            return self.current_mode not in _SHUT and (wanted is None or self.offers(wanted))
        return super().check_action(action, parameters)

    async def action_mode(self, mode: str) -> None:
        """Go to a place of the console, over whatever was opened in this one."""
        if mode == self.current_mode and len(self.screen_stack) > 1:
            await self.keep_drafts()
            self.screen_stack[-1].dismiss()
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
        self.job(self._leave(), group="leave", exclusive=True)

    async def _leave(self) -> None:
        if self.who is not None and not await self.push_screen_wait(Confirm(_("Leave the console? Drafts are kept."))):
            return
        await self.keep_drafts()
        self.exit(0)

    async def action_quit(self) -> None:
        self.action_leave()

    def action_help_quit(self) -> None:
        # Ctrl+C out of habit: say how one leaves, in the user's language.
        self.say(_("F10 leaves the console."))

    def action_palette(self) -> None:
        self.job(self._palette(), group="palette", exclusive=True)

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
        await self.keep_drafts()
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
    # Most of what is made before the first paint stays: collecting it meanwhile only costs.
    gc.disable()
    app = DeskApp(place, estate=estate, who=who, mode=mode, remember=kept, clock=clock)
    return app.run() or app.return_code or 0


if _collecting:
    gc.enable()
