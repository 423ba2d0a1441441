"""Keys pressed at random, as a child or a cat would: in every manual's demonstration estate, some faster than they are obeyed.

The clock jumps on now and then, somebody else sits down, the window changes its size. ``acknowledged`` are the entries the
ledger has afterwards; ``damaged``: it does not hold, or an entry bears the name of somebody who did not sit there;
``unclear``: a bug, or a screen that Esc and a place's key do not lead out of.
"""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
import time
from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

from sqlmodel import col, func, select
from textual import events

from desk import demo, i18n, memory, resources
from desk.app import DeskApp
from desk.ledger.check import check
from desk.models import Event
from desk.store import Store
from tests.torture.trials import Tally

MORNING = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
SIZES = ((80, 24), (140, 40), (60, 15), (20, 5))
PASTES = ("主卧空调不制冷", "3-2-501 张伟", "\x1b[31mred", "x" * 300, "第一行\n第二行")
WORDS = (
    "1",
    "2",
    "3",
    "5",
    "9",
    "0",
    "李",
    "漏水",
    "501",
    "zhang",
    "13812342211",
    "14:30",
    "明天 9:00",
    "2026-11-30",
    "1,2",
)
NAMES = ("刘强", "王芳", "李静", "赵", "1001")
#: what is pressed one after the other, and how often among the others
CHOICES: tuple[tuple[int, tuple[tuple[str, ...], ...]], ...] = (
    (12, tuple((f"f{number}",) for number in range(1, 10))),
    (15, tuple((f"ctrl+{letter}",) for letter in "abdefghijklnoprstuwxyz")),
    (12, tuple(tuple(word) for word in WORDS)),
    (2, tuple(("f8", *name, "enter") for name in NAMES)),
    (2, tuple(("f2", kind, "tab", "漏", "水", "ctrl+s", "ctrl+s") for kind in "1235")),
    (25, (("enter",), ("escape",), ("down",))),
    (
        20,
        tuple((key,) for key in "up left right tab shift+tab pageup pagedown home end backspace delete space".split()),
    ),
)
#: screens on which nobody is signed in: a key at random may well lock them out
_SHUT = ("start", "locked")


def pressed(steps: int, seed: int = 9) -> Tally:
    """So many steps, of a key or a few, in each manual's estate."""
    tally = Tally("keys at random")
    for number, manual in enumerate(resources.names("rulebooks")):
        with tempfile.TemporaryDirectory(prefix="desk-torture-") as folder:
            path = Path(folder) / "desk.db"
            with Store.open(path, create=True) as store:
                demo.load(store, MORNING, manual=manual)
            i18n.install(("zh_CN", "en")[number % 2])
            with patch.dict(os.environ, XDG_STATE_HOME=folder):
                asyncio.run(_Sitting(path, random.Random(f"{seed}/{manual}"), tally).press(steps))
            with Store.open(path) as store:
                tally.damaged += sum(check(store).counts.values())
                with store.read() as session:
                    tally.acknowledged += session.exec(select(func.count()).select_from(Event)).one()
    return tally


class _Sitting:
    """One console, and what is pressed at it."""

    def __init__(self, path: Path, chance: random.Random, tally: Tally) -> None:
        self.path, self.chance, self.tally = path, chance, tally
        self.began, self.later = time.monotonic(), timedelta()
        #: whoever sat there lately: what they began may be written while the next sits down
        self.who: deque[UUID | None] = deque(maxlen=30)
        self.app = DeskApp(path, clock=self.now, who="李静", mode="intake", remember=memory.Memory(), tick=0.5)

    def now(self) -> datetime:
        return MORNING + self.later + timedelta(seconds=time.monotonic() - self.began)

    async def press(self, steps: int) -> None:
        app, tally = self.app, self.tally
        with Store.open(self.path, read_only=True) as looking:
            written = self._written(looking, 0)
            async with app.run_test(size=SIZES[0], notifications=True) as pilot:
                await self._until(lambda: app.who is not None)
                for step in range(1, steps + 1):
                    await self._one(pilot)
                    tally.times += 1
                    self.who.append(app.who.id if app.who else None)
                    if app.bugs or not app.is_running:
                        break
                    if step % 10 == 0:
                        for seq, writer in self._since(looking, written):
                            tally.damaged += writer is not None and writer not in self.who
                            written = max(written, seq)
                    if step % 40 == 0:
                        await self._home()
        for bug in app.bugs:
            tally.hear(repr(bug), "")
        tally.unclear += not (app.bugs or app._exception is None)

    async def _one(self, pilot: Any) -> None:
        chance = self.chance
        match chance.randrange(100):
            case 0 | 1 | 2:
                self.app.post_message(events.Paste(chance.choice(PASTES)))
            case 3 | 4:
                self.later += timedelta(minutes=chance.choice((1, 7, 45, 300, 1440)))
            case 5 | 6:
                await pilot.resize_terminal(*chance.choice(SIZES))
            case _:
                weights = [weight for weight, _keys in CHOICES]
                keys = chance.choice(chance.choices([keys for _weight, keys in CHOICES], weights)[0])
                if chance.random() < 0.5:
                    await self.app._press_keys(keys)
                else:
                    for key in keys:
                        self.app.post_message(events.Key(key, key if len(key) == 1 else None))
        if chance.random() < 0.1:
            await asyncio.sleep(chance.choice((0.0, 0.02, 0.2)))

    async def _home(self) -> None:
        """Esc leads out of whatever was opened, a place's key to that place."""
        app = self.app

        async def home() -> None:
            for keys in (["escape"] * 12, ["f3"], ["escape"] * 6):  # a place keeps what was open in it
                await app._press_keys(keys)

        await home()
        there = await self._until(
            lambda: app.current_mode in _SHUT or (app.current_mode, len(app.screen_stack)) == ("due", 1)
        )
        self.tally.unclear += not there
        if not there:
            self.tally.hear(f"not out of {type(app.screen).__name__}", "left")
        if app.current_mode in _SHUT or app.who is None:
            await app._press_keys([*"李静", "enter"])

    async def _until(self, held: Any, seconds: float = 20) -> bool:
        end = time.monotonic() + seconds
        while not held():
            if time.monotonic() > end:
                return False
            await asyncio.sleep(0.02)
        return True

    @staticmethod
    def _since(store: Store, seq: int) -> list[tuple[int, UUID | None]]:
        with store.read() as session:
            query = select(Event.seq, Event.recorded_by).where(col(Event.seq) > seq).order_by(col(Event.seq))
            return list(session.exec(query))

    @classmethod
    def _written(cls, store: Store, seq: int) -> int:
        return max((each for each, _writer in cls._since(store, seq)), default=seq)
