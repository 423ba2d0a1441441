"""Keys typed ahead: each is handed on when the one before has done what it does.

Focus moves, screens open and fields tell of changes by message. A key that is already waiting would go to the field
that is being left, and a burst of words with Ctrl+S behind it would be saved without its end. So keys stand in line:
the next one is handed on when nothing that the last one began is under way, its writing included.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

from textual import events
from textual.app import App

#: seconds that messages may take to settle; a part of the screen that never does must not stop the keyboard
PATIENCE = 5.0
#: letters waiting for one field that are handed on in one: nobody types so far ahead, a terminal that pastes without
#: saying so does, and a hundred thousand keys one by one would keep the console for minutes
BURST = 24
#: seconds that a job begun by a key (a write, a screen being made) may hold the next one
HELD = 10.0
#: seconds that reading what the next key may be about may hold it
READ = 5.0

_mine: ContextVar[object | None] = ContextVar("_mine", default=None)


class TypeAhead:
    """The line of keys and pastes before the app."""

    def __init__(self, app: App[Any], hand_on: Callable[[events.Event], Awaitable[None]]) -> None:
        """``hand_on`` is what the app itself does with a key."""
        self._app, self._hand_on = app, hand_on
        self._line: asyncio.Queue[events.Event] = asyncio.Queue()
        #: taken from the line already, as it ends a burst of letters
        self._next: events.Event | None = None
        self._holds: set[object] = set()
        self._freed = asyncio.Event()
        self._put_at = time.monotonic()

    @property
    def quiet(self) -> float:
        """Seconds since the last key; none while keys wait."""
        return time.monotonic() - self._put_at if self._line.empty() else 0.0

    def put(self, event: events.Event) -> None:
        """One more key, or paste, at the end of the line."""
        self._put_at = time.monotonic()
        self._line.put_nowait(event)

    @contextmanager
    def hold(self, seconds: float = HELD) -> Iterator[None]:
        """Keys wait while this job runs, so many seconds at most."""
        token = object()
        mine = _mine.set(token)
        self._holds.add(token)
        enough = asyncio.get_running_loop().call_later(seconds, self._free, token)
        try:
            yield
        finally:
            enough.cancel()
            _mine.reset(mine)
            self._free(token)

    def let_go(self) -> None:
        """Within a job that holds the keys: they wait for it no longer."""
        self._free(_mine.get())

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Within a job that holds the keys: a person is asked, and answers by keys."""
        token = _mine.get()
        held = token in self._holds
        self._free(token)
        try:
            yield
        finally:
            if held:
                self._holds.add(token)

    def _free(self, token: object | None) -> None:
        self._holds.discard(token)
        self._freed.set()

    async def run(self) -> None:
        """Hand on what stands in line, for as long as the app lives."""
        letters = False
        while True:
            event, self._next = self._next or await self._line.get(), None
            more, letters = letters, self._is_letter(event)
            if letters and self._line.qsize() >= BURST:
                event = self._together(event)
            if more and not letters:
                await self._settled(self._messages_done())  # the field has told everybody what is in it
                await self._settled(self._jobs_done(), HELD)  # and what is sought for by it stands there
            try:
                await self._hand_on(event)
            except Exception as error:
                self._app._handle_exception(error)  # as the app's own loop does
                return
            if not letters:
                await self._settled(self._all_done())
                await self._settled(self._jobs_done(), HELD)

    def _together(self, event: events.Event) -> events.Event:
        """This letter and those that stand behind it, as the one text they are."""
        text = []
        while isinstance(event, events.Key) and self._is_letter(event):
            text.append(event.character or "")
            if self._line.empty():
                return events.Paste("".join(text))
            event = self._line.get_nowait()
        self._next = event
        return events.Paste("".join(text))

    def _is_letter(self, event: events.Event) -> bool:
        """Whether it is one more letter of the field that is written in: nothing but that field changes."""
        field = self._app.focused
        return (
            field is not None and isinstance(event, events.Key) and field.check_consume_key(event.key, event.character)
        )

    async def _settled(self, done: Coroutine[Any, Any, None], patience: float = PATIENCE) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(done, patience)

    async def _all_done(self) -> None:
        await self._messages_done()
        # What is done after the next picture (a part just put up takes the focus) comes before the next key.
        await passed(self._app.screen.call_after_refresh)
        await self._messages_done()

    async def _jobs_done(self) -> None:
        while self._holds:
            self._freed.clear()
            await self._freed.wait()
            await self._all_done()

    async def _messages_done(self) -> None:
        """Wait until what was posted, and what that posted in turn, is dealt with."""
        for _round in range(3):  # up from the field to the app, which moves the focus; and what that brings
            for pump in (self._app.focused or self._app.screen).ancestors_with_self:
                await passed(pump.call_later)


async def passed(later: Callable[[Callable[[], None]], bool]) -> None:
    """Wait until ``later`` has come to a call given to it now, or at once where it takes none any more."""
    passed = asyncio.Event()
    if later(passed.set):
        await passed.wait()
