"""Keys typed ahead, with no gap at all: each reaches what it was meant for."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from textual import events

from desk.incoming import Letters
from desk.widgets.pick import Picker
from tests.desks import make_desk
from tests.residents import inhabited
from tests.screens import DeskPilot, run_desk


def burst(pilot: DeskPilot, *parts: str) -> None:
    """Send everything at once: names of keys as they are, anything else letter by letter."""
    for part in parts:
        for key in (
            [part]
            if part.startswith("ctrl+") or part in ("enter", "escape", "backspace", "down", "f2", "f3", "f4", "f8")
            else part
        ):
            pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))


async def test_two_intakes_in_one_burst(tmp_path: Path) -> None:
    """The second caller's name is typed while the first one's ticket is being saved."""
    desk = inhabited(tmp_path)
    async with run_desk(desk) as pilot:
        burst(pilot, "zw 501", "enter", "1", "主卧空调不制冷", "ctrl+s", "limei", "enter", "1", "厨房漏水", "ctrl+s")
        await pilot.until(lambda: [e.name for e in desk.events()].count("ticket.opened") == 2, "both are saved")
        await pilot.sees("Saved: R-0302-002")
    one, two = (desk.ticket(event.subject_id) for event in desk.events() if event.name == "ticket.opened")
    assert (one.person_name, one.what) == ("张伟", "主卧空调不制冷")
    assert (two.person_name, two.what) == ("李梅", "厨房漏水")


async def test_saved_once_more_says_nothing_of_the_next_intake(tmp_path: Path) -> None:
    desk = inhabited(tmp_path)
    async with run_desk(desk) as pilot:
        burst(pilot, "zw 501", "enter", "1", "漏水", "ctrl+s", "ctrl+s", "501")
        await pilot.sees("Saved: R-0302-001")
        await pilot.until(lambda: pilot.one(Picker).text == "501", "the next caller's line has the keys")
        assert "not filled in" not in pilot.text()
        assert "missing" not in pilot.text()


async def test_a_question_is_answered_ahead(tmp_path: Path) -> None:
    """A job that asks lets the answer through; what comes after the answer waits for the job again."""
    desk = inhabited(tmp_path)
    desk.open("repair", what="厨房漏水", room="3-2-501")
    async with run_desk(desk) as pilot:
        burst(pilot, "limei")
        await pilot.until(lambda: pilot.one("#who")._shown_for == "limei", "who fits")
        free, keys = threading.Event(), pilot.app.typeahead
        busy = [asyncio.ensure_future(pilot.app.session.read(lambda: free.wait(20))) for _reader in range(2)]
        burst(pilot, "enter", "ctrl+g")  # what can be joined is still being read
        await pilot.until(lambda: pilot.one("#who").picked, "who calls")
        await pilot.until(lambda: keys._line.empty() or keys._holds, "the keys stand in line, or are through")
        await pilot.pilot.pause(0.05)
        free.set()
        await asyncio.gather(*busy)
        burst(pilot, "enter", "zw 501", "enter", "1", "灯不亮", "ctrl+s")
        await pilot.sees("Saved: R-0302-002")
    assert "ticket.joined" in [event.name for event in desk.events()]
    assert desk.ticket(desk.opened[0].id).urges == 1


async def test_another_place_gets_what_was_typed_for_it(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    async with run_desk(desk) as pilot:
        burst(pilot, "f4", "ctrl+n", "东门岗来电", "ctrl+s")
        await pilot.sees("东门岗来电")
        await pilot.until(lambda: "log.noted" in [e.name for e in desk.events()], "the note")


async def test_a_key_about_rows_that_are_still_being_read(tmp_path: Path) -> None:
    """What is pressed right behind the key of a place, or behind a search, is about what is read for it."""
    desk = inhabited(tmp_path)
    desk.open("repair", what="厨房漏水", room="3-2-501")
    desk.open("repair", what="灯不亮", room="3-2-502")
    async with run_desk(desk) as pilot:
        burst(pilot, "f4", "ctrl+o")
        await pilot.sees("What to do?", "灯不亮")
        burst(pilot, "escape", "escape", "f3", "ctrl+f", "漏水", "enter", "ctrl+o")
        await pilot.sees("What to do?", "厨房漏水")


async def test_a_paste_that_comes_as_keys(tmp_path: Path) -> None:
    """A terminal without pastes of its own sends thousands of keys: they are one text, and what follows comes after."""
    desk = inhabited(tmp_path)
    async with run_desk(desk) as pilot:
        burst(pilot, "zw 501", "enter", "1", "厨房漏水" * 500, "ctrl+s")
        await pilot.sees("Saved: R-0302-001")
    (opened,) = [event for event in desk.events() if event.name == "ticket.opened"]
    assert desk.ticket(opened.subject_id).what == "厨房漏水" * 500


async def test_what_follows_an_enter_that_waits_for_its_answer(tmp_path: Path) -> None:
    """The look-up is slow: Enter counts for its answer, and the keys behind it go where that leads."""
    desk, free = inhabited(tmp_path), threading.Event()
    async with run_desk(desk) as pilot:
        busy = [asyncio.ensure_future(pilot.app.session.read(lambda: free.wait(5))) for _reader in range(2)]
        burst(pilot, "zw 501", "enter", "1", "厨房漏水", "ctrl+s")
        await pilot.until(lambda: pilot.app.typeahead._holds, "Enter waits for the answer")
        free.set()
        await pilot.sees("Saved: R-0302-001")
        await asyncio.gather(*busy)
    (opened,) = [event for event in desk.events() if event.name == "ticket.opened"]
    assert desk.ticket(opened.subject_id).person_name == "张伟"


async def test_letters_that_come_at_once(tmp_path: Path) -> None:
    """In a field they are one text, cut where the field ends, and that is said; where nobody writes they are keys."""
    desk = inhabited(tmp_path)
    async with run_desk(desk) as pilot:
        burst(pilot, "zw 501", "enter", "1")
        pilot.app.post_message(Letters("厨房漏水" * 100_000))
        await pilot.sees("This field holds 4000 characters")
        burst(pilot, "ctrl+s")
        await pilot.sees("Saved: R-0302-001")
        burst(pilot, "f3")
        await pilot.sees("Overdue")
        pilot.app.post_message(Letters("长" * 1_000_000))
        burst(pilot, "f4")
        await pilot.until(lambda: pilot.app.current_mode == "log", "the key behind them")
    (opened,) = [event for event in desk.events() if event.name == "ticket.opened"]
    assert desk.ticket(opened.subject_id).what == "厨房漏水" * 1000


async def test_lines_pasted_as_though_typed(tmp_path: Path) -> None:
    """Each has an Enter: hundreds of them are left out, and the console answers the next key."""
    desk = inhabited(tmp_path)
    async with run_desk(desk) as pilot:
        for _ in range(2000):
            pilot.app.post_message(Letters("厨房漏水" * 10))
            pilot.app.post_message(events.Key("enter", "\r"))
        await pilot.sees("More came in at once than anybody types")
        burst(pilot, "f4")
        await pilot.until(lambda: pilot.app.current_mode == "log", "the next key")
    assert "ticket.opened" not in [event.name for event in desk.events()]
