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
from itertools import islice
from typing import Any, cast

from textual import events
from textual.app import App

from desk.i18n import N_
from desk.incoming import AT_ONCE, Letters

#: seconds that messages may take to settle; a part of the screen that never does must not stop the keyboard
PATIENCE = 5.0
#: letters that come at once and that nobody writes down are keys; so many of them: nobody types so far ahead
KEYS = 200
#: keys waiting that are no letters from which somebody pastes lines without saying so, each with an Enter
FLOOD = 500
#: keys that change or look at what was written in a line, and nothing else
EDITS = frozenset({"backspace", "delete", "left", "right", "home", "end"})
#: seconds of quiet after which a flood is over
EBB = 0.5
#: characters of one text that are carried on: more than any field holds
MOST = 20_000
#: seconds that a job begun by a key (a write, a screen being made) may hold the next one
HELD = 10.0
#: seconds that reading what the next key may be about may hold it
READ = 5.0

_mine: ContextVar[object | None] = ContextVar("_mine", default=None)


class TypeAhead:
    """The line of keys and pastes before the app."""

    def __init__(
        self, app: App[Any], hand_on: Callable[[events.Event], Awaitable[None]], tell: Callable[[str], None]
    ) -> None:
        """``hand_on`` is what the app itself does with a key; ``tell`` says a message id's words to the person."""
        self._app, self._hand_on, self._tell = app, hand_on, tell
        self._line: asyncio.Queue[events.Event] = asyncio.Queue()
        #: taken from the line already, as it ends a burst of letters
        self._next: list[events.Event] = []
        self._holds: set[object] = set()
        self._freed = asyncio.Event()
        self._put_at = time.monotonic()
        #: keys in line that are no letters
        self._others = 0
        self._flooded = False

    @property
    def quiet(self) -> float:
        """Seconds since the last key; none while keys wait."""
        return time.monotonic() - self._put_at if self._line.empty() else 0.0

    def put(self, event: events.Event) -> None:
        """One more key, or paste, at the end of the line."""
        self._put_at = time.monotonic()
        self._others += _no_letter(event)
        if self._flooded:
            return
        self._line.put_nowait(event)
        if self._others > FLOOD:
            self._flooded = True
            while not self._line.empty():
                self._line.get_nowait()
            asyncio.get_running_loop().call_later(EBB, self._ebb)

    def _ebb(self) -> None:
        if (quiet := time.monotonic() - self._put_at) < EBB:
            asyncio.get_running_loop().call_later(EBB - quiet, self._ebb)
            return
        self._flooded, self._others = False, 0
        self._tell(N_("More came in at once than anybody types: it was left out. Paste less, or line by line."))

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
        writing = False
        while True:
            event = self._next.pop(0) if self._next else await self._take()
            if isinstance(event, Letters) and not self._is_letter(event):
                self._next[:0] = islice(event.as_keys(), KEYS)
                continue
            letters = self._is_letter(event)
            wrote, writing = writing, letters or self._is_edit(event)
            if letters and (isinstance(event, Letters) or self._line.qsize() >= AT_ONCE):
                event = self._together(event)
            if wrote and not writing:
                await self._settled(self._messages_done())  # the field has told everybody what is in it
                await self._settled(self._jobs_done(), HELD)  # and what is sought for by it stands there
            try:
                await self._hand_on(event)
            except Exception as error:
                self._app._handle_exception(error)  # as the app's own loop does
                return
            if not writing:
                await self._settled(self._all_done())
                await self._settled(self._jobs_done(), HELD)

    async def _take(self) -> events.Event:
        event = await self._line.get()
        self._others -= _no_letter(event)
        return event

    def _together(self, event: events.Event) -> events.Event:
        """These letters and those that stand behind them, as the one text they are."""
        text, length = list[str](), 0
        while self._is_letter(event):
            piece = event.text if isinstance(event, Letters) else cast(events.Key, event).character or ""
            text.append(piece[: MOST - length])
            length += len(text[-1])
            if self._next:
                event = self._next.pop(0)
            elif self._line.empty():
                return events.Paste("".join(text))
            else:
                event = self._line.get_nowait()
                self._others -= _no_letter(event)
        self._next.insert(0, event)
        return events.Paste("".join(text))

    def _is_letter(self, event: events.Event) -> bool:
        """Whether it is one more letter, or several, of the field written in: nothing but that field changes."""
        field = self._app.focused
        if isinstance(event, Letters):
            return field is not None and field.check_consume_key("a", "a")
        return (
            field is not None and isinstance(event, events.Key) and field.check_consume_key(event.key, event.character)
        )

    def _is_edit(self, event: events.Event) -> bool:
        """Whether it takes letters of the field written in away again, or moves within it: that waits for nothing."""
        field = self._app.focused
        key = event.key if isinstance(event, events.Key) else ""
        return key in EDITS and field is not None and field.check_consume_key("a", "a")

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


def _no_letter(event: events.Event) -> bool:
    return isinstance(event, events.Key) and not event.is_printable


async def passed(later: Callable[[Callable[[], None]], bool]) -> None:
    """Wait until ``later`` has come to a call given to it now, or at once where it takes none any more."""
    passed = asyncio.Event()
    if later(passed.set):
        await passed.wait()
