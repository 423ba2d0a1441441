"""Counted keys: what a receptionist does hundreds of times a month must not cost a key more than it needs.

Words and times typed do not count; every other key does. Each flow begins on the idle screen of its place.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desks import make_desk
from tests.residents import inhabited
from tests.screens import DeskPilot, run_desk


class Counted:
    """Presses and counts keys; what is typed is words."""

    def __init__(self, pilot: DeskPilot) -> None:
        self.pilot, self.keys = pilot, 0

    async def press(self, *keys: str) -> None:
        self.keys += len(keys)
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        await self.pilot.type(text)


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_repair_of_a_known_resident(tmp_path: Path, size: tuple[int, int]) -> None:
    """At most 12 keys from the idle intake to saved, an appointment included."""
    desk = inhabited(tmp_path)
    async with run_desk(desk, size=size) as pilot:
        counted = Counted(pilot)
        await counted.type("zw 501")
        await pilot.sees("3-2-501 张伟")
        await counted.press("enter", "1")
        await pilot.sees("Appointment")
        await counted.type("主卧空调不制冷")
        await counted.press("ctrl+s")
        await pilot.sees("Saved")
        assert counted.keys == 3

        counted.keys = 0
        await counted.type("2211")
        await pilot.sees("3-2-501 张伟")
        await counted.press("enter", "1")
        await pilot.sees("Appointment")
        await counted.type("厨房漏水")
        # to the class, a leak; past warranty and what suits them; to the appointment
        await counted.press("enter", "enter", "enter", "2", "2", "enter")
        await counted.type("tomorrow 9:30")
        await pilot.sees("= tomorrow 09:30")
        await counted.press("ctrl+s")
        await pilot.sees("Saved")
        assert counted.keys <= 12
    first, second = (desk.ticket(event.subject_id) for event in desk.events() if event.name == "ticket.opened")
    assert (first.what, first.person_name) == ("主卧空调不制冷", "张伟")
    assert second.facts["repair_class"] == "leak"
    assert second.facts["warranty"] == "out"
    assert desk.local(second.appointment) == "2026-03-03 09:30"


async def test_a_second_caller_joins(tmp_path: Path) -> None:
    """Who it is, and the open ticket: three keys."""
    desk = inhabited(tmp_path)
    ticket = desk.open("repair", what="厨房漏水", room="3-2-501")
    async with run_desk(desk) as pilot:
        counted = Counted(pilot)
        await counted.type("limei")
        await pilot.sees("李梅")
        await counted.press("enter")
        await pilot.sees("R-0302-001")
        await counted.press("ctrl+g")
        await pilot.sees("Enter yes")
        await counted.press("enter")
        await pilot.sees("Joined R-0302-001")
        assert counted.keys == 3
    assert desk.ticket(ticket).urges == 1


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_the_next_due_thing(tmp_path: Path, size: tuple[int, int]) -> None:
    """Two keys where nothing must be typed: the board's first row, done."""
    desk = make_desk(tmp_path, "residential")
    ticket = desk.open("repair", what="厨房漏水", room="3-2-501", at="2026-03-02 9:00")
    async with run_desk(desk, mode="due", size=size) as pilot:
        counted = Counted(pilot)
        await pilot.sees("Enter Tell who must act")
        await counted.press("enter")
        await pilot.sees("Enter records it")
        await counted.press("enter")
        await pilot.until(lambda: "ticket.told" in desk.names(ticket))
        assert counted.keys == 2


#: how a call goes, the keys after Enter, and how many keys that is from the queue
CALLS = [
    ("all good", ("ctrl+s",), 2),
    ("nobody answers", ("8", "ctrl+s"), 3),
    ("one bad answer, content all the same", ("3", "6", "ctrl+s"), 4),
]


@pytest.mark.parametrize(("said", "keys", "most"), CALLS, ids=[row[0] for row in CALLS])
async def test_a_call_back(tmp_path: Path, said: str, keys: tuple[str, ...], most: int) -> None:
    """All good in two keys from the queue; whatever is not, costs its own digit and the word how it ended."""
    desk = make_desk(tmp_path, "residential")
    ticket = desk.open("repair", what="厨房漏水", room="3-2-501")
    desk.do("complete", ticket, result="换了垫圈")
    async with run_desk(desk, mode="callbacks", size=(80, 24)) as pilot:
        counted = Counted(pilot)
        await pilot.sees("厨房漏水")
        await pilot.until(lambda: pilot.table.marked is not None)
        await counted.press("enter")
        await pilot.sees("[6 Satisfied]")
        await counted.press(*keys)
        await pilot.until(lambda: any("outcome" in event.own for event in desk.events(ticket)), said)
        assert counted.keys <= most


@pytest.mark.parametrize("mode", ["intake", "due", "log", "waiting", "handover", "more"])
async def test_a_visitor_on_the_board(tmp_path: Path, mode: str) -> None:
    """Two keys from wherever one stands: somebody came, and the matter's digit (issue: a visitor on the board 2)."""
    desk = make_desk(tmp_path, "reception")
    async with run_desk(desk, mode=mode, size=(80, 24)) as pilot:
        counted = Counted(pilot)
        await pilot.until(lambda: pilot.app.offers("waiting"))
        await counted.press("ctrl+y", "5")
        await pilot.until(lambda: "visit.arrived" in desk.names())
        assert counted.keys == 2
        assert pilot.app.current_mode == mode


async def test_a_visitor_from_coming_to_going(tmp_path: Path) -> None:
    """On the board 2, served 1, clear 1, seen out 2: six keys for a whole visit."""
    desk = make_desk(tmp_path, "reception")
    async with run_desk(desk, mode="waiting", size=(80, 24)) as pilot:
        counted = Counted(pilot)
        await pilot.sees("Nobody is here")
        await counted.press("ctrl+y", "7")
        await pilot.sees("Enter Serve")
        await counted.press("enter")
        await pilot.sees("Enter It is clear now")
        await counted.press("enter")
        await pilot.sees("Enter See the visitor out")
        await counted.press("enter")
        await pilot.sees("Satisfied?")
        await counted.press("1")
        await pilot.sees("Nobody is here")
        assert counted.keys == 6
    assert desk.names()[-1] == "visit.sent_off"
