"""Calling back from the console: counted keys, outcomes, who is heard first, what the supervisor reviews."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from desk.screens.call import CallScreen
from desk.screens.callbacks import CallbacksScreen
from desk.screens.verb import VerbScreen
from tests.desks import DeskForTest, make_desk
from tests.screens import HOSTILE, DeskPilot, run_desk


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path, "residential")


def finished(desk: DeskForTest, kind: str = "repair", what: str = "厨房漏水", **values: Any) -> UUID:
    """A ticket whose work is done and whose resident awaits a call."""
    given = {"what": what, "person_name": "张伟", "phone": "13812342211", **values}
    fields = desk.ledger.book.kinds[kind].fields
    ticket = desk.open(kind, room="3-2-501", **{k: v for k, v in given.items() if k in (*fields, "person_name")})
    desk.do("complete", ticket, result="换了垫圈")
    return ticket


async def opened(pilot: DeskPilot) -> None:
    """Wait until the queue has rows to stand on."""
    await pilot.until(lambda: isinstance(pilot.app.screen, CallbacksScreen) and pilot.table.marked is not None)


def _told(pilot: DeskPilot, said: str) -> bool:
    return any(said in each.message for each in pilot.app._notifications)


async def on_the_phone(pilot: DeskPilot) -> None:
    await pilot.until(lambda: isinstance(pilot.app.screen, CallScreen) and pilot.app.screen._built, "the call's form")
    await pilot.until(
        lambda: isinstance(pilot.app.screen, CallScreen) and pilot.app.focused is pilot.app.screen.outcome
    )


async def back(pilot: DeskPilot) -> None:
    await pilot.until(lambda: isinstance(pilot.app.screen, CallbacksScreen), "back in the queue")


# what the resident says, the keys from the queue to the record, outcome, bad answers
CALLS = [
    ("all good", ["enter", "ctrl+s"], "satisfied", []),
    ("not left clean, content all the same", ["enter", "3", "6", "ctrl+s"], "satisfied", ["clean"]),
    ("two bad answers", ["enter", "2", "3", "6", "ctrl+s"], "satisfied", ["on_time", "clean"]),
    ("flipped twice is good", ["enter", "3", "3", "ctrl+s"], "satisfied", []),
    ("nobody answers", ["enter", "8", "ctrl+s"], "unanswered", []),
    ("hung up", ["enter", "9", "ctrl+s"], "hung_up", []),
    ("won't say", ["enter", "0", "ctrl+s"], "refused", []),
]


@pytest.mark.parametrize(("said", "keys", "outcome", "bad"), CALLS, ids=[row[0] for row in CALLS])
async def test_counted_keys(desk: DeskForTest, said: str, keys: list[str], outcome: str, bad: list[str]) -> None:
    ticket = finished(desk)
    assert len(keys) <= 3 + len([key for key in keys if key in "12345"])
    async with run_desk(desk, mode="callbacks", size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press(keys[0])
        await on_the_phone(pilot)
        await pilot.press(*keys[1:])
        await back(pilot)
        (event,) = [event for event in desk.events(ticket) if "outcome" in event.own]
        assert event.facts["outcome"] == outcome
        if outcome == "satisfied":
            (callback,) = desk.callbacks(ticket)
            assert [name for name, good in callback.facts["answers"].items() if not good] == bad


async def test_not_satisfied_asks_why_and_reopens(desk: DeskForTest) -> None:
    ticket = finished(desk)
    async with run_desk(desk, mode="callbacks", size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("enter")
        await on_the_phone(pilot)
        await pilot.press("1", "ctrl+s")
        await pilot.sees("How did it end?")
        await pilot.press("7", "ctrl+s")
        await pilot.sees("Why are they not satisfied?")
        await pilot.type("又漏了[/b]")
        await pilot.press("ctrl+s")
        await back(pilot)
        await pilot.sees("taken up again")
    assert desk.ticket(ticket).status == "open"
    assert desk.words(ticket, "callback.done")["why"] == "又漏了[/b]"


async def test_the_second_unanswered_call_is_the_last_and_says_so(desk: DeskForTest) -> None:
    ticket = finished(desk)
    async with run_desk(desk, mode="callbacks", size=(80, 24)) as pilot:
        for said in ("nobody answered", "no more calls are made"):
            await opened(pilot)
            await pilot.press("enter")
            await on_the_phone(pilot)
            await pilot.press("8", "ctrl+s")
            await back(pilot)
            await pilot.until(partial(_told, pilot, said), said)
        await pilot.sees("Nobody is waiting for a call")
    assert desk.callbacks(ticket)[0].status == "stopped"


async def test_the_form_warns_before_the_last_call(desk: DeskForTest) -> None:
    ticket = finished(desk)
    desk.do("callback", desk.callbacks(ticket)[0].id, of="callback", outcome="unanswered", note="占线")
    async with run_desk(desk, mode="callbacks", size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.sees("unanswered 1", "No answer", "占线")
        await pilot.press("enter")
        await on_the_phone(pilot)
        await pilot.sees("If nobody answers now, no more calls are made", "13812342211")


async def test_the_handler_is_heard_first(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, "work-orders")
    ticket = finished(desk, "complaint", "噪音", grade="minor")
    async with run_desk(desk, mode="callbacks", size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.sees("hear the handler first")
        await pilot.press("enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, VerbScreen) and pilot.app.screen.form is not None)
        await pilot.until(lambda: pilot.app.focused is pilot.form.fields["account"])
        await pilot.type("已上门沟通")
        await pilot.press("ctrl+s")
        await on_the_phone(pilot)
        await pilot.sees("handler:", "已上门沟通")
        await pilot.press("ctrl+s")
        await back(pilot)
    assert [name for name in desk.names(ticket) if name.startswith("callback")] == [
        "callback.opened",
        "callback.handler_heard",
        "callback.done",
    ]


async def test_leaving_the_handlers_form_leaves_the_call(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, "work-orders")
    finished(desk, "complaint", "噪音", grade="minor")
    async with run_desk(desk, mode="callbacks") as pilot:
        await opened(pilot)
        await pilot.press("enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, VerbScreen) and pilot.app.screen.form is not None)
        await pilot.until(lambda: pilot.app.focused is not None)
        await pilot.press("escape")
        await back(pilot)


async def test_a_half_finished_call_is_kept(desk: DeskForTest) -> None:
    finished(desk)
    async with run_desk(desk, mode="callbacks") as pilot:
        await opened(pilot)
        await pilot.press("enter")
        await on_the_phone(pilot)
        await pilot.press("2", "7")
        await pilot.type("师傅没来")
        await pilot.press("escape")
        await back(pilot)
        await pilot.press("enter")
        await on_the_phone(pilot)
        await pilot.sees("师傅没来", "[7 Not satisfied]", "[No]")


async def test_the_supervisor_reviews_calls_made(desk: DeskForTest) -> None:
    ticket = finished(desk)
    callback = desk.callbacks(ticket)[0].id
    desk.do("callback", callback, of="callback", outcome="satisfied", opinion="很快")
    async with run_desk(desk, mode="callbacks", who="supervisor", size=(80, 24)) as pilot:
        await pilot.sees("Nobody is waiting")
        await pilot.press("ctrl+t")
        await pilot.sees("To be reviewed", "1 entry", "Called", "Outcome", "Satisfied", "很快")
        await pilot.press("enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, VerbScreen) and pilot.app.screen.form is not None)
        await pilot.until(lambda: pilot.app.focused is not None and pilot.form in pilot.app.focused.ancestors)
        # what is reviewed stands above the form
        assert "agent Satisfied: 很快" in pilot.text()
        await pilot.press("ctrl+s")
        await pilot.sees("Nothing waits for review")
    assert desk.callbacks(ticket)[0].reviewed_at is not None


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_hostile_text_is_shown_as_text(desk: DeskForTest, size: tuple[int, int]) -> None:
    for text in HOSTILE:
        finished(desk, what=text, person_name=text[:60])
    async with run_desk(desk, mode="callbacks", size=size) as pilot:
        await opened(pilot)
        await pilot.press("down", "down", "ctrl+r")
        await pilot.sees("13812342211")
        await pilot.press("enter")
        await on_the_phone(pilot)


async def test_kinds_apart(desk: DeskForTest) -> None:
    finished(desk)
    finished(desk, "complaint", "窗帘清洗", grade="minor")
    async with run_desk(desk, mode="callbacks") as pilot:
        await pilot.sees("厨房漏水", "窗帘清洗")
        await pilot.press("ctrl+k")
        await pilot.sees("Which kind?", "Repair")
        await pilot.press("2")
        await pilot.until(lambda: "厨房漏水" in pilot.text() and "窗帘清洗" not in pilot.text(), "repairs alone")
