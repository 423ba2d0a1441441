"""Keys and edits that come too early or too late: nothing written is lost, nothing is done twice or to another."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from desk.screens.verb import VerbScreen
from desk.widgets.dialog import Confirm
from tests.desks import DeskForTest
from tests.residents import inhabited
from tests.screens import DeskPilot, run_desk


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return inhabited(tmp_path)


@asynccontextmanager
async def held(pilot: DeskPilot, *, write: bool = False) -> AsyncIterator[threading.Event]:
    """Whatever is read (or written) waits until the event is set, at the latest at the end."""
    free = threading.Event()
    begin = pilot.app.session.write if write else pilot.app.session.read
    busy = [asyncio.ensure_future(begin(lambda: free.wait(20))) for _thread in range(1 if write else 2)]
    try:
        yield free
    finally:
        free.set()
        await asyncio.gather(*busy)


async def _form(pilot: DeskPilot, *args: Any) -> VerbScreen:
    screen = VerbScreen(*args)
    pilot.app.push_screen(screen)
    await pilot.until(lambda: screen.form is not None and pilot.has_keys(screen.form), "the form has the keys")
    return screen


def _named(desk: DeskForTest, name: str) -> int:
    return [event.name for event in desk.events()].count(name)


async def test_a_form_whose_save_takes_long(desk: DeskForTest) -> None:
    """Saved twice it is recorded once; done, it goes itself, and not what stands over it or in another place."""
    ticket = desk.open("repair", what="漏水", room="3-2-501")
    async with run_desk(desk) as pilot:
        screen = await _form(pilot, "ticket", "note", ticket)
        await pilot.type("水管在墙里")
        async with held(pilot, write=True):
            assert screen.form is not None
            for _press in range(2):
                screen.form.action_save()
                await pilot.pilot.pause()
            question = Confirm("Leave?")
            pilot.app.push_screen(question)
        await pilot.until(lambda: screen not in pilot.app.screen_stack, "the form has gone")
        assert pilot.app.screen is question
        assert _named(desk, "ticket.noted") == 1
