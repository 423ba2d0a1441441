"""PINs: checked, locked for longer each time, given, chosen, required; at the console and on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from desk.errors import Refusal
from desk.models import Event, Pin
from desk.procedures import people, pins
from desk.procedures.pins import Cost
from desk.queries.pins import Settings, settings
from tests.commandline import founded
from tests.desks import DeskForTest, make_desk
from tests.screens import run_desk

#: a guess costs next to nothing
CHEAP = Cost(time=1, memory_kib=8)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskForTest]:
    made = make_desk(tmp_path, "residential")
    yield made
    made.store.close()


def give(desk: DeskForTest, name: str, pin: str, *, chosen: bool = True) -> None:
    """A PIN for ``name``, which they have chosen themselves."""
    pins.give(desk.ledger, desk.staff[name], desk.doing("manager"), "9182", cost=CHEAP)
    if chosen:
        pins.choose(desk.ledger, "9182", pin, desk.doing(name), cost=CHEAP)


def refusal(desk: DeskForTest, name: str, pin: str) -> str:
    try:
        pins.check(desk.ledger, desk.staff[name], pin, desk.now)
    except Refusal as found:
        return found.code
    return ""


# -- the PIN itself ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pin", "code"),
    [
        ("8246", ""),
        ("８２４６", ""),
        (" 82 46 ", ""),
        ("824", "pin.form"),
        ("8" * 13, "pin.form"),
        ("82a6", "pin.form"),
        ("", "pin.form"),
        ("7777", "pin.easy"),
        ("3456", "pin.easy"),
        ("987654", "pin.easy"),
    ],
)
def test_what_a_pin_may_be(pin: str, code: str) -> None:
    try:
        assert pins.well_formed(pin) == "8246"
        found = ""
    except Refusal as refused:
        found = refused.code
    assert found == code


def test_the_file_never_holds_it(desk: DeskForTest) -> None:
    give(desk, "agent", "864207")
    with desk.store.read() as session:
        kept = session.exec(select(Pin)).one()
        assert kept.hash.startswith("$argon2id$")
        assert all("864207" not in str(event.model_dump()) for event in session.exec(select(Event)))


def test_the_default_cost_is_what_guessing_should_cost() -> None:
    assert "m=19456,t=3,p=1" in pins.hash_of("8246", Cost())


# -- checked, and locked -------------------------------------------------------------------------------------


def test_right_and_wrong(desk: DeskForTest) -> None:
    give(desk, "agent", "8246")
    assert refusal(desk, "agent", "8246") == ""
    assert refusal(desk, "agent", "8247") == "pin.wrong"
    assert refusal(desk, "agent2", "8246") == "pin.none"


def test_a_lock_that_grows_and_outlives_the_program(desk: DeskForTest) -> None:
    give(desk, "agent", "8246")
    assert [refusal(desk, "agent", "1") for _ in range(4)] == ["pin.wrong", "pin.wrong", "pin.locked", "pin.locked"]
    assert refusal(desk, "agent", "8246") == "pin.locked"  # the right one neither
    desk.now += timedelta(seconds=31)
    assert refusal(desk, "agent", "1") == "pin.locked"
    desk.now += timedelta(seconds=31)
    assert refusal(desk, "agent", "8246") == "pin.locked"  # a minute now
    desk.now += timedelta(seconds=30)
    assert refusal(desk, "agent", "8246") == ""
    assert refusal(desk, "agent", "1") == "pin.wrong"  # counted from the beginning
    for _ in range(40):
        desk.now += timedelta(hours=1, seconds=1)  # never longer than an hour
        assert refusal(desk, "agent", "1") in ("pin.wrong", "pin.locked")
    desk.now += timedelta(hours=1, seconds=1)
    assert refusal(desk, "agent", "8246") == ""
    with desk.store.read() as session:
        locked = session.exec(select(Event).where(Event.name == "pin.locked")).all()
    assert len(locked) > 10
    assert {event.subject_id for event in locked} == {desk.staff["agent"]}


def test_a_try_counts_before_it_is_looked_at(desk: DeskForTest) -> None:
    """Ending the program between question and answer gives no free guess."""
    give(desk, "agent", "8246")
    for _ in range(3):
        pins._count(desk.ledger, desk.staff["agent"], desk.now)
    assert refusal(desk, "agent", "8246") == "pin.locked"


def test_a_new_pin_opens_a_lock(desk: DeskForTest) -> None:
    give(desk, "agent", "8246")
    for _ in range(3):
        refusal(desk, "agent", "1")
    made = pins.give(desk.ledger, desk.staff["agent"], desk.doing("supervisor"), cost=CHEAP)
    assert len(made) == pins.MADE
    assert pins.check(desk.ledger, desk.staff["agent"], made, desk.now) is True


def test_choosing_ones_own(desk: DeskForTest) -> None:
    give(desk, "agent", "", chosen=False)
    for new, code in (("9182", "pin.same"), ("1111", "pin.easy"), ("12", "pin.form")):
        with pytest.raises(Refusal) as caught:
            pins.choose(desk.ledger, "9182", new, desk.doing("agent"), cost=CHEAP)
        assert caught.value.code == code
    with pytest.raises(Refusal, match=r"pin\.wrong"):
        pins.choose(desk.ledger, "1", "8246", desk.doing("agent"), cost=CHEAP)
    pins.choose(desk.ledger, "9182", "8246", desk.doing("agent"), cost=CHEAP)
    assert pins.check(desk.ledger, desk.staff["agent"], "8246", desk.now) is False


def test_an_agent_gives_nobody_a_pin(desk: DeskForTest) -> None:
    with pytest.raises(Refusal, match=r"grant\.denied"):
        pins.give(desk.ledger, desk.staff["manager"], desk.doing("agent"), cost=CHEAP)
    with pytest.raises(Refusal, match=r"grant\.denied"):
        pins.require(desk.ledger, True, desk.doing("agent"))


# -- required ------------------------------------------------------------------------------------------------


def test_required_of_everybody(desk: DeskForTest) -> None:
    assert not pins.asked_of(desk.ledger, desk.staff["agent"])
    with pytest.raises(Refusal, match=r"pin\.self"):
        pins.require(desk.ledger, True, desk.doing("supervisor"))
    give(desk, "supervisor", "8246")
    pins.require(desk.ledger, True, desk.doing("supervisor"))
    with pytest.raises(Refusal, match=r"pin\.none"):
        pins.asked_of(desk.ledger, desk.staff["agent"])
    assert pins.asked_of(desk.ledger, desk.staff["supervisor"])
    # nobody shuts everybody out
    for lose in ({"active": False}, {"duties": ["agent"]}):
        with pytest.raises(Refusal, match=r"staff\.last"):
            people.change_staff(desk.ledger, desk.staff["supervisor"], lose, desk.doing("supervisor"))
    with pytest.raises(Refusal, match=r"staff\.last"):
        pins.remove(desk.ledger, desk.staff["supervisor"], desk.doing("manager"))
    pins.require(desk.ledger, False, desk.doing("supervisor"))
    assert not pins.asked_of(desk.ledger, desk.staff["agent"])
    pins.remove(desk.ledger, desk.staff["supervisor"], desk.doing("manager"))
    assert settings(desk.ledger) == Settings()


def test_minutes_to_the_lock(desk: DeskForTest) -> None:
    pins.lock_after(desk.ledger, 3, desk.doing("supervisor"))
    assert settings(desk.ledger).idle_minutes == 3
    with pytest.raises(Refusal, match=r"pin\.idle"):
        pins.lock_after(desk.ledger, -1, desk.doing("supervisor"))


# -- the command line ----------------------------------------------------------------------------------------


def test_the_command_line_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = founded(tmp_path)
    made = run("pin give 李静 --json").record["pin"]
    assert "put it into DESK_PIN" in run("log --note 水停了", code=1).err
    run("log --note 水停了", as_="赵工")  # who has none is not asked, unless they are required
    monkeypatch.setenv("DESK_PIN", made)
    assert "choose your own" in run("log --note 水停了", code=1).err
    monkeypatch.setenv("DESK_NEW_PIN", "8246")
    run("pin change")
    monkeypatch.setenv("DESK_PIN", "8247")
    assert "locked for a while: 2" in run("log --note 水停了", code=1).err
    monkeypatch.setenv("DESK_PIN", "8246")
    run("log --note 水停了")
    run("pin require on")
    assert "Everybody needs a PIN." in run("pin show").out
    assert "has no PIN yet" in run("log --note 水停了", as_="赵工", code=1).err
    # looking asks nobody, taking records out does
    monkeypatch.delenv("DESK_PIN")
    run("due", as_=None)
    run("export people --to", str(tmp_path / "x.csv"), as_=None, code=1)
    monkeypatch.setenv("DESK_PIN", "8246")
    run("export people --to", str(tmp_path / "x.csv"))


# -- the console ---------------------------------------------------------------------------------------------


async def test_signing_in_by_pin(desk: DeskForTest) -> None:
    give(desk, "agent", "8246")
    async with run_desk(desk, who=None) as pilot:
        await pilot.sees("Who are you?")
        await pilot.type("001")
        await pilot.press("enter")
        await pilot.sees("PIN of agent")
        await pilot.type("1111")
        await pilot.press("enter")
        await pilot.sees("locked for a while: 2")
        assert pilot.who == ""
        await pilot.type("8246")
        assert "8246" not in pilot.text()
        await pilot.press("enter")
        await pilot.until(lambda: pilot.who == "agent" and pilot.app.current_mode == "intake")


async def test_a_first_pin_is_changed_before_anything(desk: DeskForTest) -> None:
    give(desk, "agent2", "", chosen=False)
    async with run_desk(desk) as pilot:
        await pilot.press("f8")
        await pilot.type("agent2")
        await pilot.press("enter")
        await pilot.sees("PIN of agent2")
        await pilot.type("9182")
        await pilot.press("enter")
        await pilot.sees("New PIN of agent2")
        for first, again, said in (("8246", "8247", "not the same"), ("9182", "9182", "is the old one")):
            await pilot.type(first)
            await pilot.press("enter")
            await pilot.type(again)
            await pilot.press("enter")
            await pilot.sees(said)
        assert pilot.who == "agent"
        await pilot.type("8246")
        await pilot.press("enter")
        await pilot.type("8246")
        await pilot.press("enter")
        await pilot.until(lambda: pilot.who == "agent2")
    assert pins.check(desk.ledger, desk.staff["agent2"], "8246", desk.now) is False


async def test_left_alone_it_locks_and_keeps_the_draft(desk: DeskForTest) -> None:
    give(desk, "agent", "8246")
    async with run_desk(desk, who=None) as pilot:
        await pilot.sees("Who are you?")
        await pilot.type("001")
        await pilot.press("enter")
        await pilot.sees("PIN of agent")
        await pilot.type("8246")
        await pilot.press("enter")
        await pilot.until(lambda: pilot.app.current_mode == "intake")
        await pilot.type("3-2-501 漏水")
        desk.now += timedelta(minutes=9)
        pilot.app._second()
        assert pilot.app.current_mode == "intake"
        desk.now += timedelta(minutes=2)
        pilot.app._second()
        await pilot.sees("Locked", "阳光花园")
        assert "漏水" not in pilot.text()
        for key in ("f3", "f7", "ctrl+p"):
            await pilot.press(key)
        assert pilot.app.current_mode == "locked"
        await pilot.type("8247")
        await pilot.press("enter")
        await pilot.sees("locked for a while: 2")
        await pilot.type("8246")
        await pilot.press("enter")
        await pilot.until(lambda: pilot.app.current_mode == "intake")
        await pilot.sees("漏水")


async def test_who_has_no_pin_is_not_locked_out(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        desk.now += timedelta(hours=5)
        pilot.app._second()
        pilot.app.action_lock()
        await pilot.sees("You have no PIN")
        assert pilot.app.current_mode == "intake"


async def test_the_supervisor_gives_and_requires_pins(desk: DeskForTest) -> None:
    async with run_desk(desk, who="supervisor", mode="more") as pilot:
        from desk.screens.pins import PinsScreen

        await pilot.app.push_screen(PinsScreen())
        await pilot.sees("Who has no PIN signs in without one.", "agent")
        await pilot.press("ctrl+t")
        await pilot.sees("First choose a PIN of your own")
        pilot.table.mark(str(desk.staff["agent"]))
        await pilot.press("enter")
        await pilot.sees("Give agent a first PIN?")
        await pilot.press("enter")
        await pilot.sees("First PIN of agent:")
        await pilot.press("enter")
        await pilot.sees("first one, to be changed")


async def test_an_approver_types_their_pin(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, "work-orders")
    give(desk, "engineering_supervisor", "8246")
    async with run_desk(desk) as pilot:
        from desk.procedures.intake import Intake, open_ticket

        intake = Intake("repair", {"what": "水泵异响", "source": "self_inspection"}, room_id=desk.rooms["东门岗"])
        job = pilot.app.job(pilot.app.writing(lambda ledger, doing: open_ticket(ledger, intake, doing)))
        await pilot.sees("Who approves it?")
        await pilot.type("engineering_s")
        await pilot.press("enter")
        await pilot.sees("PIN of engineering_supervisor")
        await pilot.type("8246")
        await pilot.press("enter")
        await job.wait()
    assert "ticket.opened" in [event.name for event in desk.events()]


async def test_a_number_in_full_is_not_for_everybody(desk: DeskForTest) -> None:
    ticket = desk.open("repair", what="漏水", room="3-2-501", phone="13800001234")
    async with run_desk(desk, who="cashier") as pilot:
        pilot.app.open_ticket(ticket)
        await pilot.sees("138****1234")
        await pilot.press("ctrl+r")
        await pilot.sees("Not your right")
        assert "13800001234" not in pilot.text()
    assert desk.events(None)[-1].name == "act.refused"
