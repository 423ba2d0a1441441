"""The console driven by a test: a real store, real keys, a clock the test turns.

``async with run_desk(make_desk(tmp_path)) as pilot:`` signs the desk's ``agent`` in and stands in intake.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from textual import events
from textual._context import visible_screen_stack
from textual.pilot import Pilot
from textual.widget import Widget
from textual.worker import WorkerCancelled

from desk import i18n, memory
from desk.app import DeskApp
from desk.widgets.form import Form
from desk.widgets.table import RecordTable
from tests import frugal
from tests.desks import DeskForTest

frugal.install()

#: hostile text, for every field and screen
HOSTILE = (
    "[/b]",
    "[@click=app.exit]x[/]",
    "a\x1b[31mred\x07\x00b",
    "\u202egnp.exe",
    "'; DROP TABLE ticket; --",
    "👩‍👩‍👧‍👦🇨🇳 emoji",
    "长" * 300,
    "{0.__class__} %s %(x)s",
)


class DeskPilot:
    """A pilot with the few things every screen's test needs."""

    def __init__(self, pilot: Pilot[Any], app: DeskApp) -> None:
        self.pilot, self.app = pilot, app
        self.looked = False

    @property
    def form(self) -> Form:
        """The form on the screen in front."""
        return self.app.screen.query_one(Form)

    async def press(self, *keys: str) -> None:
        """Press keys; names as Textual has them."""
        await self.pilot.press(*keys)

    def paint(self) -> None:
        """Paint what stands there at the end, unless the test has looked on the way: no console goes undrawn."""
        if not self.looked and self.app.is_running and self.app.screen_stack:
            frugal.paint(self.app.screen)

    async def type(self, text: str) -> None:
        """Put text into the focused field at once, as a paste does (a pressed key costs 60 ms)."""
        ahead = self.app.typeahead
        # what a key opens takes the focus only once it has been read
        await self.until(lambda: ahead._line.empty() and not ahead._holds, "the keys before to be done")
        await self.until(lambda: self.app.focused is not None, "a field to type into")
        focused = self.app.focused
        assert focused is not None
        before = _written(focused)
        focused.post_message(events.Paste(text))
        await self.until(lambda: _written(focused) != before, f"{text[:40]!r} in {focused}")

    async def until(self, condition: Callable[[], object], what: str = "", seconds: float = 25) -> None:
        """Poll until ``condition`` holds; fails with what is on the screen."""
        end = time.monotonic() + seconds
        while True:
            try:
                if condition():
                    return
            except Exception as error:  # a widget that is not there yet
                last: Exception | None = error
            else:
                last = None
            if time.monotonic() > end:
                raise AssertionError(f"{what or 'condition'} never held ({last!r})\n{self.text()}")
            await asyncio.sleep(0.01)

    async def sees(self, *texts: str) -> None:
        """Wait until all of ``texts`` stand on the screen."""

        def seen() -> bool:
            now = self.text()  # drawn once for all of them
            return all(text in now for text in texts)

        await self.until(seen, f"seeing {texts}")

    def text(self) -> str:
        """What stands on the screen, line by line."""
        self.looked = True
        height = self.app.size.height
        visible_screen_stack.set(self.app._background_screens)  # what a dialog lies over is seen, too
        lines = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in line).rstrip() for line in lines[:height])

    def one(self, selector: Any) -> Any:
        """The widget a selector names on the screen in front."""
        return self.app.screen.query_one(selector)

    @property
    def table(self) -> RecordTable:
        """The only table on the screen."""
        return self.app.screen.query_one(RecordTable)

    @property
    def who(self) -> str:
        """Name of the person signed in, or empty."""
        return self.app.who.name if self.app.who else ""

    def has_keys(self, part: Widget) -> bool:
        """Whether the focus is on ``part`` or in it."""
        focused = self.app.focused
        return focused is not None and part in focused.ancestors_with_self

    @property
    def focused(self) -> Widget | None:
        return self.app.focused


def _written(field: Widget) -> object:
    return getattr(field, "value", None) or getattr(field, "text", None)


@asynccontextmanager
async def run_desk(
    desk: DeskForTest | Path,
    *,
    who: str | None = "agent",
    mode: str = "intake",
    lang: str = "en",
    size: tuple[int, int] = (100, 30),
    tick: float = 0,
    theme: str = "",
    bugs: bool = False,
) -> AsyncIterator[DeskPilot]:
    """The console on a desk (or on the store at a path), its clock that of the desk; ``who`` None asks.

    Afterwards no bug may have been met in a job, unless ``bugs``. With ``tick`` the clock's hand moves by itself.
    """
    i18n.install(lang)
    place = desk if isinstance(desk, Path) else desk.store.path or desk.store.url
    clock = (lambda: datetime(2026, 3, 2, 2, tzinfo=UTC)) if isinstance(desk, Path) else (lambda: desk.now)
    app = DeskApp(place, clock=clock, who=who, mode=mode, remember=memory.Memory(theme=theme), tick=tick)
    async with app.run_test(size=size, notifications=True) as pilot:
        driver = DeskPilot(pilot, app)
        frugal.DRIVEN.add(app)
        if who is not None:
            await driver.until(lambda: app.who is not None and app.current_mode == mode, "signing in")
        yield driver
        driver.paint()
        # not for all, such as a search for staff that waits for the records
        for job in [worker for worker in app.workers if worker.group in ("job", "reload", "status", "tick")]:
            with suppress(WorkerCancelled):  # the next of its group took its place
                await job.wait()
    if app.bugs and not bugs:
        raise app.bugs[0]
