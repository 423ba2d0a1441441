"""The console's pulse: the clock's hand, what other counters wrote, and the status line that says both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from desk.errors import Refusal
from desk.i18n import _, ngettext
from desk.screens.base import DeskScreen
from desk.session import CameUp
from desk.shell import ShellApp
from desk.widgets import text as drawing
from desk.widgets.keys import KeyBar
from desk.widgets.status import Countdown, Status

#: seconds between two looks for what has come up
TICK = 4.0
#: seconds between two looks whether another counter has written: they see each other's acts within a second
GLANCE = 0.5
#: the server can't be reached, or went away while the clock's hand was writing
AWAY = ("store.unreachable", "store.not_saved")


class Pulse(ShellApp):
    """What happens by itself, whoever is signed in."""

    #: seconds between two looks for what has come up; 0: never by itself
    _tick_every = TICK
    _minute: datetime | None = None
    _ticking = _glancing = False
    _tick_fault = ""
    #: the status line says that the server is away
    _away = False
    #: those the keys lead to
    _places: Sequence[str] = ()

    def _begin_pulse(self) -> None:
        self.set_interval(1, self._second)
        if self._tick_every:
            self.set_interval(self._tick_every, self._look)
            self.set_interval(GLANCE, self._glance)

    def _second(self) -> None:
        now = self.now()
        for screen in self.screen_stack:
            for countdown in screen.query(Countdown):
                countdown.tick(now)
        minute = now.replace(second=0, microsecond=0)
        if self._minute is not None and minute != self._minute:
            self.stale(by_itself=True)
        self._minute = minute

    def _look(self) -> None:
        if self._ticking or not self._signed_in.is_set():
            return
        self._ticking = True
        self.job(self._come_up(), group="tick", holds=0)

    async def _come_up(self) -> None:
        try:
            now = self.now()
            up = await self.session.write(lambda: self.session.tick(now))
            # The board of what is due shows it by itself.
            if up.count and self.current_mode not in ("due", "locked"):
                self._tell_came_up(up)
            if await self.session.read(self.session.changed):
                self.stale(by_itself=True)
            if self._tick_fault in AWAY or self._away:
                self.say(_("The server answers again: everything can be recorded."))
                self.stale(by_itself=True)
            self._tick_fault, self._away = "", False
        except Refusal as refusal:
            # A full disk stays full: told once, not every few seconds.
            if refusal.code != self._tick_fault:
                self._tick_fault = refusal.code
                self.fault(refusal)
        finally:
            self._ticking = False

    def fault(self, error: BaseException) -> None:
        """As everywhere; that a server is away is said once, and by the status line as long as it lasts."""
        if isinstance(error, Refusal) and error.code == "store.unreachable":
            note = _("The server does not answer: you can look, nothing can be recorded")
            if self._status.note == note:
                return
            self._away = True
            self._set_status(replace(self._status, note=note))
        super().fault(error)

    def _glance(self) -> None:
        # While the records can't be reached the tick goes on trying, and tells.
        if self._glancing or self._tick_fault or not self._signed_in.is_set():
            return
        self._glancing = True
        self.job(self._others_wrote(), group="glance", holds=0)

    async def _others_wrote(self) -> None:
        try:
            if await self.session.read(self.session.changed):
                self.stale(by_itself=True)
        except Refusal:
            pass  # told by the tick
        finally:
            self._glancing = False

    def _tell_came_up(self, up: CameUp) -> None:
        # the same duty may come up at two places: its name is said once, and what is left is counted without either
        names = drawing.dot().join(dict.fromkeys(up.first))
        more = up.count - len(up.first)
        if more > 0:
            names += " " + ngettext("and {n} more", "and {n} more", more).format(n=more)
        self.say(_("Come up: {names}. {key} shows them.").format(names=names, key="F3"), "warning")

    def stale(self, *, by_itself: bool = False) -> None:
        super().stale(by_itself=by_itself)
        self.refresh_status()
        for screen in self.screen_stack:
            if isinstance(screen, DeskScreen):
                screen.freshen(by_itself=by_itself)

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
