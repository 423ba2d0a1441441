"""Keys and edits that come too early or too late: nothing written is lost, nothing is done twice or to another."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from desk.screens.verb import VerbScreen
from desk.store import sqlite
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


@pytest.mark.file_only("the locks of a file")
async def test_what_cannot_be_kept_stays_in_the_form(desk: DeskForTest) -> None:
    """The records are locked: putting aside, leaving and going elsewhere leave what was written where it is."""
    ticket = desk.open("repair", what="漏水", room="3-2-501")
    async with run_desk(desk, size=(120, 40)) as pilot:
        form = pilot.app.screen.form  # type: ignore[attr-defined]
        await pilot.type("501")
        with _locked(pilot):
            await pilot.press("escape", "escape")
            await pilot.sees("is being written by another program")
            assert form.who.text == "501"
            screen = await _form(pilot, "ticket", "note", ticket)
            await pilot.type("写到一半")
            await pilot.press("f2")
            assert pilot.app.screen is screen
            await pilot.press("escape")
            await pilot.sees("could not be kept as a draft")
            await pilot.press("escape")
            assert pilot.app.screen is screen
            assert screen.form is not None
            assert screen.form.draft() == {"note": "写到一半"}
            await pilot.press("escape", "enter")
            await pilot.until(lambda: screen not in pilot.app.screen_stack, "let go")


@contextmanager
def _locked(pilot: DeskPilot) -> Iterator[None]:
    """Another program writes to the records, longer than the console waits for it."""
    store = pilot.app.session.store
    assert store is not None
    assert store.path is not None
    with store.engine.connect() as ours:
        ours.exec_driver_sql("PRAGMA busy_timeout = 100")
    with closing(sqlite.connect(store.path, mode="rw", wait=5, query_only=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
