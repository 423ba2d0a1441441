"""The waiting board by its keys: who comes, counting, what comes next, moving up, the intake and back, hostile text."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from desk.models import Visit
from desk.procedures.people import StaffData, staff_in
from desk.screens.arrival import ArrivalScreen
from desk.screens.due import DueScreen
from desk.screens.explain import ExplainScreen
from desk.screens.intake import IntakeScreen
from desk.screens.ticket import TicketScreen
from desk.screens.verb import VerbScreen
from desk.screens.visit import VisitScreen
from desk.screens.waiting import WaitingScreen
from desk.widgets.palette import Palette
from tests.desks import DeskForTest, make_desk
from tests.screens import HOSTILE, DeskPilot, run_desk


@pytest.fixture
def counter(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path, "reception")


def come(counter: DeskForTest, at: str, **values: Any) -> UUID:
    return counter.do("arrive-visitor", of="visit", at=at, **values).subject_id


def visits(counter: DeskForTest) -> list[Visit]:
    from sqlmodel import col, select

    with counter.store.read() as session:
        return list(session.exec(select(Visit).order_by(col(Visit.number))))


def visit(counter: DeskForTest, ident: UUID) -> Visit:
    return next(each for each in visits(counter) if each.id == ident)


async def board(pilot: DeskPilot) -> None:
    """Wait until somebody is marked and what comes next stands there."""
    await pilot.until(
        lambda: (
            isinstance(screen := pilot.app.screen, WaitingScreen)
            and screen.marked is not None
            and screen._ways_for is screen.marked
        ),
        "the board",
    )


def screen(pilot: DeskPilot) -> WaitingScreen:
    found = pilot.app.screen
    assert isinstance(found, WaitingScreen)
    return found


# -- coming ---------------------------------------------------------------------------------------------------


async def test_somebody_comes_while_one_writes(counter: DeskForTest) -> None:
    """The short form lies over the half-written intake, which stays as it was."""
    async with run_desk(counter, size=(80, 24)) as pilot:
        await pilot.type("3-2-501")
        await pilot.press("ctrl+y")
        await pilot.sees("Somebody came: what for?")
        await pilot.press("4")
        await pilot.sees("On the board: W-0302-001", "Payment", "10:03")
        assert isinstance(pilot.app.screen, IntakeScreen)
        assert pilot.app.screen.form.who.text == "3-2-501"
    (one,) = visits(counter)
    assert (one.matter, one.status, one.channel, one.urgent) == ("payment", "waiting", "visit", False)


COMINGS = [
    ("matter not clear", ["enter"], {}),
    ("urgent", ["9", "5"], {"matter": "repair", "urgent": True}),
    ("not urgent after all", ["9", "9", "5"], {"matter": "repair"}),
    ("a caller", ["0", "7"], {"matter": "question", "channel": "phone", "status": "served"}),
    ("full-width digit", ["fullwidth"], {"matter": "move_in"}),
    ("by the arrows", ["right", "right", "enter"], {"matter": "move_in"}),
]


@pytest.mark.parametrize(("said", "keys", "expected"), COMINGS, ids=[row[0] for row in COMINGS])
async def test_how_they_come(counter: DeskForTest, said: str, keys: list[str], expected: dict[str, Any]) -> None:
    async with run_desk(counter, mode="waiting", size=(80, 24)) as pilot:
        await pilot.sees("Nobody is here")
        await pilot.press("ctrl+y", *("２" if key == "fullwidth" else key for key in keys))
        await board(pilot)
    (one,) = visits(counter)
    usual = {"matter": None, "urgent": False, "channel": "visit", "status": "waiting"}
    assert {name: getattr(one, name) for name in usual} == {**usual, **expected}


async def test_the_name_before_the_digit(counter: DeskForTest) -> None:
    """Letters begin the name; Enter goes back to the digit. What is pasted, too."""
    async with run_desk(counter, mode="waiting") as pilot:
        await pilot.press("ctrl+y", "L", "i")
        await pilot.press("enter", "1")
        await board(pilot)
    assert [(each.person_name, each.matter) for each in visits(counter)] == [("Li", "business")]


async def test_everything_at_once_and_leaving(counter: DeskForTest) -> None:
    async with run_desk(counter, mode="waiting") as pilot:
        await pilot.press("ctrl+y", "escape")
        await pilot.press("ctrl+y", "down")
        await pilot.type("王芳")
        await pilot.press("down")
        await pilot.type("3栋2单元501")
        await pilot.press("enter")
        await pilot.type("13812342211")
        await pilot.press("enter")
        await pilot.type("空调不制冷")
        await pilot.press("ctrl+s")
        await board(pilot)
        await pilot.sees("王芳", "空调不制冷", "138****2211")
    (one,) = visits(counter)
    assert (one.person_name, one.room_text, one.phone, one.what) == ("王芳", "3栋2单元501", "13812342211", "空调不制冷")


async def test_the_same_key_again_goes_to_the_board(counter: DeskForTest) -> None:
    async with run_desk(counter) as pilot:
        await pilot.press("ctrl+y", "ctrl+y")
        await pilot.until(lambda: isinstance(pilot.app.screen, WaitingScreen))
        await pilot.press("f2", "f5")
        await pilot.until(lambda: isinstance(pilot.app.screen, WaitingScreen))
    assert visits(counter) == []


@pytest.mark.parametrize("manual", ["residential", "work-orders"])
async def test_no_dead_key_where_nobody_waits(tmp_path: Path, manual: str) -> None:
    async with run_desk(make_desk(tmp_path, manual), size=(140, 40)) as pilot:
        await pilot.sees("F5 Callbacks")
        assert "Visitor" not in pilot.text()
        await pilot.press("ctrl+y")
        assert isinstance(pilot.app.screen, IntakeScreen)
        assert not {"Visitors", "Visitor came"} & {command.title for command in pilot.app.commands()}
        await pilot.press("f5")
        await pilot.until(lambda: pilot.app.current_mode == "callbacks")


MIXED = """
title = { zh = "来访接待、报修回访", en = "Visitors and callbacks" }
extends = "reception"
calendar = "reception"
[kind.repair]
closes = "after callback"
[[rule]]
id = "repair.callback"
title = { zh = "回访", en = "Call back" }
on = "ticket.completed"
where = { kind = "repair" }
until = ["callback.done", "callback.stopped"]
within = "1 day"
by = "agent"
"""


async def test_visitors_and_callbacks_side_by_side(tmp_path: Path) -> None:
    """One key leads to one place: F5 to the callbacks, Ctrl+Y twice to the board, and the palette to both."""
    desk = make_desk(tmp_path, MIXED)
    ident = desk.do("arrive-visitor", of="visit", person_name="张伟").subject_id
    async with run_desk(desk, size=(140, 40)) as pilot:
        await pilot.sees("F5 Callbacks", "Ctrl+Y Visitor came")
        assert "F5 Visitors" not in pilot.text()
        await pilot.press("f5")
        await pilot.until(lambda: pilot.app.current_mode == "callbacks")
        await pilot.press("ctrl+y", "ctrl+y")
        await pilot.until(lambda: isinstance(pilot.app.screen, WaitingScreen))
        await board(pilot)
        assert screen(pilot).marked is not None
        assert {"Visitors", "Callbacks"} <= {command.title for command in pilot.app.commands()}
        await pilot.press("enter")
        await pilot.until(lambda: visit(desk, ident).status == "served")
        await pilot.press("f5")
        await pilot.until(lambda: pilot.app.current_mode == "callbacks")


async def test_the_reception_has_no_callbacks(counter: DeskForTest) -> None:
    async with run_desk(counter, size=(140, 40)) as pilot:
        await pilot.sees("F5 Visitors", "Ctrl+Y Visitor came")
        assert "Callbacks" not in {command.title for command in pilot.app.commands()}


# -- counting -------------------------------------------------------------------------------------------------


async def test_it_counts_where_one_looks(counter: DeskForTest) -> None:
    """Each second; a word and not only a colour says that it is over (S1-06, D-22)."""
    come(counter, "10:00", person_name="张伟", matter="payment")
    counter.at("10:02:41")
    async with run_desk(counter, mode="waiting", size=(80, 24)) as pilot:
        await pilot.sees("2:41/3:00", "longest 2:41", "Payment", "张伟")
        counter.now += timedelta(seconds=2)
        await pilot.sees("2:43/3:00", "longest 2:43")
        counter.now += timedelta(seconds=20)
        # the limit has passed: the step that came up is read without a key
        await pilot.sees("3:03/3:00 over", "Fetch a colleague: Serve", "Enter Fetch a colleague")


async def test_who_is_busy_with_whom(counter: DeskForTest) -> None:
    """S1-05, S1-07: at the counter and on the telephone; the caller on hold counts twenty seconds (S1-08)."""
    counter.do("serve", come(counter, "9:58", person_name="陈红"), of="visit")
    call = come(counter, "9:59", channel="phone", by="agent2")
    waits = come(counter, "10:00")
    async with run_desk(counter, mode="waiting") as pilot:
        await pilot.sees("agent is with W-001 陈红", "agent2 is on the telephone: W-002", "Waiting 1", "On the line")
        counter.do("hold", call, of="visit")
        counter.now += timedelta(seconds=12)
        pilot.app.stale()
        await pilot.sees("On hold", "0:12/0:20")
        rows = [row.key for row in pilot.table.rows_shown]
        assert rows.index(str(call)) < rows.index(str(waits))  # the most pressing stands on top


# -- what comes next ------------------------------------------------------------------------------------------


async def test_served_by_one_key_and_taken_back(counter: DeskForTest) -> None:
    ident = come(counter, "10:00")
    async with run_desk(counter, mode="waiting", size=(80, 24)) as pilot:
        await board(pilot)
        await pilot.sees("Enter Serve", "2 Fetch a colleague")
        await pilot.press("enter")
        await pilot.until(lambda: visit(counter, ident).status == "served")
        await pilot.sees("Being served", "waited 0:00")
        await pilot.press("ctrl+z")
        await pilot.sees("Enter yes")
        await pilot.press("enter")
        await pilot.until(lambda: visit(counter, ident).status == "waiting")


async def test_a_colleague_is_fetched(counter: DeskForTest) -> None:
    """Whoever is free stands first, oneself not at all; the one picked takes over."""
    counter.do("serve", come(counter, "9:58"), of="visit", by="agent2", whom="agent2")
    ident = come(counter, "10:00", urgent=True)
    async with run_desk(counter, mode="waiting") as pilot:
        await board(pilot)
        await pilot.press("2")
        await pilot.sees("Who takes", "director")
        await pilot.type("agent2")
        await pilot.sees("with W-260302-001")
        await pilot.press("enter")
        await pilot.until(lambda: visit(counter, ident).served_by == counter.staff["agent2"])
    assert counter.open_rules(ident) == []


async def test_three_minutes_each_upward(counter: DeskForTest) -> None:
    """Explaining, the director, the management-office director: two keys each, and clear at last (D-25, D-26)."""
    ident = come(counter, "10:00", matter="question", person_name="李")
    async with run_desk(counter, mode="waiting", size=(80, 24)) as pilot:
        await board(pilot)
        await pilot.press("enter")  # being with who came with a question is explaining
        await pilot.sees("Explaining", "0:00/3:00", "Enter It is clear now")
        # never the same count twice: the picture from before the reload must not pass for the new one
        for minute, level, state, count in ((4, 1, "Director", "4:00/3:00"), (9, 2, "Office head", "5:00/3:00")):
            counter.at(f"10:0{minute}")
            pilot.app.stale()
            await pilot.sees(f"{count} over", "Enter Move the service up")
            await pilot.press("enter")
            await pilot.until(lambda: isinstance(pilot.app.screen, VerbScreen) and pilot.form.is_mounted)
            await pilot.sees("Enter records it")
            await pilot.press("enter")
            await pilot.until(partial(_level, counter, ident, level))
            await pilot.sees(state)
        await pilot.press("enter")
        await pilot.until(lambda: visit(counter, ident).explained_since is None)


def _level(counter: DeskForTest, ident: UUID, level: int) -> bool:
    return visit(counter, ident).level == level


async def test_a_caller_with_something_to_repair_is_taken_down_first(counter: DeskForTest) -> None:
    """Holding them is natural only while nothing is known of what they want."""
    come(counter, "10:00", channel="phone", matter="repair")
    async with run_desk(counter, mode="waiting", size=(80, 24)) as pilot:
        await board(pilot)
        await pilot.sees("Enter Open a ticket  2 Put the caller on hold")


async def test_seen_out_in_two_keys(counter: DeskForTest) -> None:
    """How satisfied they leave is asked with the key that records it; who is not is not let go so easily (S1-03)."""
    first, second = come(counter, "10:00"), come(counter, "10:01")
    for ident in (first, second):
        counter.do("serve", ident, of="visit")
        counter.do("open-ticket", ident, of="visit", kind="inquiry", what="开门时间")
    async with run_desk(counter, mode="waiting") as pilot:
        await board(pilot)
        screen(pilot).table.mark(str(first))
        await board(pilot)
        place = [way.verb for way in screen(pilot).ways].index("send-off")
        await pilot.press(str(place + 1))
        await pilot.sees("leaves. Satisfied?")
        await pilot.press("1")
        await pilot.until(lambda: visit(counter, first).status == "left")
        assert visit(counter, first).facts["satisfied"] is True
        await pilot.until(lambda: (row := screen(pilot).marked) is not None and row.id == second, "the other marked")
        await board(pilot)
        await pilot.press(str([way.verb for way in screen(pilot).ways].index("send-off") + 1), "2")
        await pilot.sees("the service moves up first")
        await pilot.press("escape")
        await board(pilot)
        assert visit(counter, second).status == "served"
        await pilot.press("ctrl+t")
        await pilot.sees("Gone")


async def test_the_host_is_out(counter: DeskForTest) -> None:
    """Whom they came to see (S1-52…S1-56): a message is taken, and passed on after they have gone."""
    ident = come(counter, "10:00", matter="business", person_name="王经理")
    async with run_desk(counter, mode="waiting", size=(80, 24)) as pilot:
        await board(pilot)
        await pilot.press("enter")
        await pilot.sees("Enter Host in", "2 Host is out")
        await pilot.press("2")
        await pilot.sees("Enter records it")
        await pilot.press("enter")
        await pilot.sees("Enter Take a message")
        await pilot.press("enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, VerbScreen) and pilot.has_keys(pilot.form))
        await pilot.type("年检改到周三")
        await pilot.press("ctrl+s")
        await pilot.until(lambda: visit(counter, ident).facts.get("message") == "taken")
        counter.do("send-off", ident, of="visit")
        pilot.app.stale()
        await pilot.sees("still to be passed on", "Enter Pass the message on")
        await pilot.press("enter")
        await pilot.sees("Enter records it")
        await pilot.press("enter")
        await pilot.sees("Nobody is here")
    assert visit(counter, ident).facts["message"] == "passed"


async def test_it_turns_out_urgent(counter: DeskForTest) -> None:
    ident = come(counter, "10:00")
    async with run_desk(counter, mode="waiting", size=(80, 24)) as pilot:
        await board(pilot)
        await pilot.press(str([way.verb for way in screen(pilot).ways].index("urgent") + 1))
        await pilot.sees("URGENT", "0:00/1:00")
    assert visit(counter, ident).urgent


async def test_who_and_what_afterwards(counter: DeskForTest) -> None:
    ident = come(counter, "10:00")
    async with run_desk(counter, mode="waiting") as pilot:
        await board(pilot)
        await pilot.press("ctrl+n")
        await pilot.until(lambda: isinstance(pilot.app.screen, VerbScreen) and pilot.has_keys(pilot.form))
        await pilot.type("赵敏")
        await pilot.press("enter", "4", "ctrl+s")
        await pilot.sees("赵敏", "Payment")
    assert (visit(counter, ident).person_name, visit(counter, ident).matter) == ("赵敏", "payment")


# -- the card, the reckoning, the page ------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_the_card_is_of_what_is_going_on(counter: DeskForTest, size: tuple[int, int]) -> None:
    ident = come(counter, "10:00", matter="payment")
    async with run_desk(counter, mode="waiting", size=size) as pilot:
        await pilot.sees("Smile and nod to who waits")
        await board(pilot)
        await pilot.press("enter")
        await pilot.sees("Cashier in: lead them")
        counter.do("explain-start", ident, of="visit")
        pilot.app.stale()
        await pilot.sees("The answer first, then why")


async def test_why_it_is_due_then(counter: DeskForTest) -> None:
    come(counter, "10:00")
    async with run_desk(counter, mode="waiting") as pilot:
        await board(pilot)
        await pilot.press("f9")
        await pilot.until(lambda: isinstance(pilot.app.screen, ExplainScreen))
        await pilot.sees("visit.wait", "D-22")
        await pilot.press("escape", "f1")
        await pilot.sees("Ctrl+G", "Who is here, who waits longest on top")


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_everything_that_can_be_done_and_why_not(counter: DeskForTest, size: tuple[int, int]) -> None:
    ident = come(counter, "10:00", person_name="陈红")
    async with run_desk(counter, mode="waiting", size=size) as pilot:
        await board(pilot)
        await pilot.press("ctrl+o")
        await pilot.until(lambda: isinstance(pilot.app.screen, VisitScreen) and pilot.app.screen.page is not None)
        await pilot.sees("W-0302-001", "陈红", "Serve", "Visitor came")
        await pilot.type("clear")
        await pilot.sees("Nothing is being explained")
        await pilot.press("escape")
        await pilot.type("pass")
        await pilot.press("enter")
        await pilot.sees("Right colleague")
        await pilot.type("agent2")
        await pilot.press("enter", "ctrl+s")
        await pilot.sees("with agent2")
        await pilot.press("escape")
        await board(pilot)
    assert visit(counter, ident).served_by == counter.staff["agent2"]


async def test_the_visit_from_the_due_board_and_its_number(counter: DeskForTest) -> None:
    come(counter, "10:00", person_name="陈红")
    async with run_desk(counter, mode="due") as pilot:
        await pilot.sees("陈红")
        await pilot.until(lambda: pilot.table.marked is not None)
        await pilot.press("ctrl+o")
        await pilot.until(lambda: isinstance(pilot.app.screen, VisitScreen) and pilot.app.screen.page is not None)
        await pilot.press("escape")
        await pilot.until(lambda: isinstance(pilot.app.screen, DueScreen))
        await pilot.press("ctrl+p")
        await pilot.until(lambda: pilot.app.focused is not None and isinstance(pilot.app.screen, Palette))
        await pilot.type("w0302001")
        await pilot.press("enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, VisitScreen) and pilot.app.screen.page is not None)


# -- to the intake and back -----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_a_repair_taken_down_and_back(counter: DeskForTest, size: tuple[int, int]) -> None:
    ident = come(counter, "10:00", matter="repair", person_name="张伟", room="3-2-501", note="窗户关不严", urgent=True)
    async with run_desk(counter, size=size) as pilot:
        await pilot.type("half-written")  # is put aside
        await pilot.press("f5")
        await board(pilot)
        await pilot.press("ctrl+g")
        await pilot.sees("visit W-0302-001", "张伟", "3-2-501", "窗户关不严", "[1 Repair]")
        await pilot.press("ctrl+s")
        await pilot.until(lambda: isinstance(pilot.app.screen, WaitingScreen))
        await pilot.sees("R-0302-001")
        await pilot.press("f2")
        await pilot.sees("1 draft")
    found = visit(counter, ident)
    assert found.led_to is not None
    ticket = counter.ticket(found.led_to)
    assert (ticket.kind, ticket.facts["channel"], ticket.urgent) == ("repair", "visit", True)
    assert ticket.what == "窗户关不严"
    assert ticket.room_id == counter.rooms["3-2-501"]
    assert (found.status, ticket.facts["visit"]) == ("served", found.number)


async def test_put_aside_it_stays_the_visits(counter: DeskForTest) -> None:
    """Esc goes back to the board; the draft taken up again is still that visit's."""
    ident = come(counter, "10:00", matter="question", person_name="李")
    async with run_desk(counter, mode="waiting") as pilot:
        await board(pilot)
        await pilot.press("ctrl+g")
        await pilot.sees("visit W-0302-001")
        await pilot.type("物业费怎么算")
        await pilot.press("escape")
        await pilot.until(lambda: isinstance(pilot.app.screen, WaitingScreen))
        await pilot.press("f2")
        await pilot.sees("1 draft")
        await pilot.press("f5")
        await board(pilot)
        await pilot.press("ctrl+g")  # not a second one
        await pilot.sees("visit W-0302-001", "物业费怎么算")
        await pilot.press("ctrl+s")
        await pilot.until(lambda: visit(counter, ident).led_to)
        await pilot.until(lambda: isinstance(pilot.app.screen, WaitingScreen))
        await board(pilot)
        await pilot.press("ctrl+o")
        await pilot.sees("What came of it", "Q-0302-001")
        await pilot.press("tab", "enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, TicketScreen))


async def test_the_visitor_left_meanwhile(counter: DeskForTest) -> None:
    """Said once; saved again the ticket stands for itself."""
    ident = come(counter, "10:00", matter="question", person_name="李", note="停车证")
    async with run_desk(counter, mode="waiting") as pilot:
        await board(pilot)
        await pilot.press("ctrl+g")
        await pilot.sees("visit W-0302-001", "停车证")
        counter.do("gone", ident, of="visit")
        await pilot.press("ctrl+s")
        await pilot.sees("W-260302-001")
        await pilot.press("ctrl+s")
        await pilot.sees("Saved: Q-0302-001")
    assert visit(counter, ident).led_to is None


async def test_what_is_learned_at_intake_stands_on_the_board(counter: DeskForTest) -> None:
    ident = come(counter, "10:00", matter="question")
    async with run_desk(counter, mode="waiting") as pilot:
        await board(pilot)
        await pilot.press("ctrl+g")
        await pilot.sees("visit W-0302-001")
        await pilot.until(lambda: pilot.has_keys(pilot.one("#who")))
        await pilot.type("王芳 13812342211")
        await pilot.press("enter")
        await pilot.type("停车证")
        await pilot.press("ctrl+s")
        await pilot.until(lambda: isinstance(pilot.app.screen, WaitingScreen))
        await pilot.sees("王芳", "停车证", "Q-0302-001")
    assert visit(counter, ident).phone == "13812342211"


async def test_nothing_is_taken_down_for_who_has_gone(counter: DeskForTest) -> None:
    ident = come(counter, "10:00")
    counter.do("gone", ident, of="visit")
    async with run_desk(counter, mode="waiting") as pilot:
        await pilot.press("ctrl+t")
        await board(pilot)
        await pilot.press("ctrl+g")
        await pilot.until(lambda: pilot.app._notifications)
        assert isinstance(pilot.app.screen, WaitingScreen)


# -- hostile text ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_hostile_text_is_shown_as_text(counter: DeskForTest, size: tuple[int, int]) -> None:
    for text in HOSTILE:
        come(counter, "10:00", person_name=text[:200], room=text[:60], phone=text[:40], note=text[:200])
    async with run_desk(counter, mode="waiting", size=size) as pilot:
        await board(pilot)
        for _ in HOSTILE[1:]:
            await pilot.press("down")
        await board(pilot)
        await pilot.press("ctrl+o")
        await pilot.until(lambda: isinstance(pilot.app.screen, VisitScreen) and pilot.app.screen.page is not None)
        await pilot.press("escape", "ctrl+r", "ctrl+y")
        await pilot.until(lambda: isinstance(pilot.app.screen, ArrivalScreen))
        for text in HOSTILE[:4]:
            await pilot.press("down")
            await pilot.type(text)
        await pilot.press("ctrl+s")
        await pilot.until(lambda: len(visits(counter)) == len(HOSTILE) + 1)


async def test_another_director_is_asked_for(counter: DeskForTest) -> None:
    """With two directors nobody is guessed: the form says what is missing."""
    with counter.ledger.write(counter.doing("supervisor")) as entry:
        staff_in(entry, StaffData("客服主任乙", ("director",)))
    ident = come(counter, "10:00")
    counter.do("explain-start", ident, of="visit")
    async with run_desk(counter, mode="waiting") as pilot:
        await board(pilot)
        await pilot.press(str([way.verb for way in screen(pilot).ways].index("upgrade") + 1))
        await pilot.sees("Enter records it")
        await pilot.press("enter")
        await pilot.sees("which colleague takes")
