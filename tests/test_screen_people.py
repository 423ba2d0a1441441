"""People, rooms and staff on the console, and the roster."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import col, select

from desk.models import Person, Phone, Room, Staff
from desk.procedures import drafts
from desk.screens.people import PeopleScreen
from desk.screens.record import RecordScreen, duties_in, split_phones, split_room
from desk.screens.roster import PlanScreen, PlanWeekScreen, RosterScreen
from desk.widgets.fields import Line
from tests.desks import DeskForTest, make_desk
from tests.screens import HOSTILE, DeskPilot, run_desk


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path, "residential")


async def on(pilot: DeskPilot, *texts: str) -> None:
    if not any(isinstance(screen, PeopleScreen) for screen in pilot.app.screen_stack):
        pilot.app.push_screen(PeopleScreen())
    await pilot.until(lambda: isinstance(pilot.app.screen, PeopleScreen))
    await pilot.sees(*texts)


async def form(pilot: DeskPilot, **values: str) -> None:
    await pilot.until(lambda: isinstance(pilot.app.screen, RecordScreen))
    await pilot.until(lambda: pilot.form.fields)
    fields = pilot.form.fields
    await pilot.until(lambda: all(field.is_mounted for field in fields.values()))
    for name, text in values.items():
        fields[name].put(text)
    await pilot.press("ctrl+s")


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_found_as_one_types_with_telephones_masked(desk: DeskForTest, size: tuple[int, int]) -> None:
    desk.open("repair", what="漏水[/b]", room="3-2-501")
    async with run_desk(desk, mode="more", size=size) as pilot:
        await on(pilot, "Staff", "agent2")
        await pilot.type("32501")
        await on(pilot, "业主1", "3-2-501", "138****0000", "漏水[/b]")
        await pilot.press("ctrl+r")
        await on(pilot, "13800000000")


async def test_a_person_with_several_numbers_and_rooms(desk: DeskForTest) -> None:
    async with run_desk(desk, mode="more") as pilot:
        await on(pilot, "Staff")
        await pilot.press("ctrl+n")
        await form(pilot, name="张伟", phones="13812342211\n021-5555 6666", rooms="3-2-501 tenant\n9-9-999")
        await pilot.sees("There is no room “9-9-999”")
        await form(pilot, rooms="3-2-501 tenant\n商铺12")
        await on(pilot, "Saved: 张伟")
    with desk.store.read() as session:
        person = session.exec(select(Person).where(Person.name == "张伟")).one()
        phones = session.exec(
            select(Phone.number).where(Phone.person_id == person.id).order_by(col(Phone.position))
        ).all()
    assert list(phones) == ["13812342211", "021-55556666"]


async def test_a_person_is_changed(desk: DeskForTest) -> None:
    async with run_desk(desk, mode="more") as pilot:
        await on(pilot, "Staff")
        await pilot.type("业主1")
        await on(pilot, "138****0000")
        await pilot.press("down", "enter")
        await form(pilot, name="张伟", phones="13900000001")
        await on(pilot, "Saved: 张伟")
    with desk.store.read() as session:
        person = session.exec(select(Person).where(Person.name == "张伟")).one()
        assert session.exec(select(Phone.number).where(Phone.person_id == person.id)).all() == ["13900000001"]


async def test_rooms_and_staff(desk: DeskForTest) -> None:
    async with run_desk(desk, who="supervisor", mode="more") as pilot:
        await on(pilot, "Staff")
        await pilot.press("ctrl+b")
        await form(pilot, code="5栋1单元101室", handed_over_on="someday")
        await pilot.sees("is no date")
        await form(pilot, handed_over_on="2024-06-01")
        await on(pilot, "Saved")
        await pilot.press("ctrl+t")
        await form(pilot, name="李静", duties="astronaut")
        await pilot.sees("astronaut")
        assert pilot.app.focused is pilot.form.fields["duties"], "the field the refusal is about"
        await form(pilot, duties="Agent\uff0ctechnician", phone="13912345678")
        await on(pilot, "Saved: 李静")
        await pilot.type("李静")
        await on(pilot, "139****5678")
        await pilot.press("down", "enter")
        await form(pilot, department="客服中心")  # the number was left masked
        await on(pilot, "客服中心")
    with desk.store.read() as session:
        assert session.exec(select(Room).where(Room.code == "5-1-101")).one().handed_over_on is not None
        staff = session.exec(select(Staff).where(Staff.name == "李静")).one()
    assert (staff.duties, staff.phone) == (["agent", "technician"], "13912345678")


async def test_a_number_of_two_digits_is_not_offered_in_the_menu(desk: DeskForTest) -> None:
    async with run_desk(desk, mode="more") as pilot:
        await pilot.sees("9 Change colours", "  Lock the console")
        assert "10 Quit" not in pilot.text()


async def test_what_is_half_written_is_there_again_and_only_what_was_written(desk: DeskForTest) -> None:
    async with run_desk(desk, mode="more") as pilot:
        await on(pilot, "Staff")
        await pilot.press("ctrl+n", "escape")
        await on(pilot)
        assert not drafts.kept(desk.ledger), "a form only looked at is no draft"
        await pilot.press("ctrl+n")
        await pilot.until(lambda: isinstance(pilot.app.screen, RecordScreen))
        await pilot.type("张伟")
        await pilot.press("escape")
        await on(pilot)
    assert [kept.content for kept in drafts.kept(desk.ledger)] == [{"name": "张伟"}]
    async with run_desk(desk, mode="more") as pilot:
        await on(pilot, "Staff")
        await pilot.press("ctrl+n")
        await pilot.sees("张伟", "Taken up where it was left")
        await pilot.press("ctrl+s")
        await on(pilot, "Saved: 张伟")
        await pilot.until(lambda: not drafts.kept(desk.ledger), "saved: no draft any more")


async def test_hostile_text(desk: DeskForTest) -> None:
    async with run_desk(desk, mode="more", size=(80, 24)) as pilot:
        await on(pilot, "Staff")
        for text in HOSTILE[:3]:
            await pilot.press("ctrl+n")
            await form(pilot, name=text)
            await on(pilot)
        await pilot.type("red")
        await pilot.press("down", "ctrl+r")
        await on(pilot)


def test_lines_are_understood() -> None:
    assert split_room("3-2-501 tenant") == ("3-2-501", "tenant")
    assert split_room("3-2-501 Owner of the home") == ("3-2-501", "owner")
    assert split_room("3-2-501") == ("3-2-501", "owner")
    assert list(split_phones("138、139,140;")) == ["138", "139", "140"]
    assert duties_in("Agent、repair worker,nobody") == ("agent", "technician", "nobody")


# -- the roster ----------------------------------------------------------------------------------------------


async def week(pilot: DeskPilot, *texts: str) -> None:
    if not any(isinstance(screen, RosterScreen) for screen in pilot.app.screen_stack):
        pilot.app.push_screen(RosterScreen())
    await pilot.until(lambda: isinstance(pilot.app.screen, RosterScreen))
    await pilot.sees(*texts)


async def test_gaps_are_shown_and_the_week_is_planned(desk: DeskForTest) -> None:
    async with run_desk(desk, mode="more", size=(80, 24)) as pilot:
        await week(pilot, "open hours without anybody", "nobody")
        await pilot.press("right")
        await week(pilot, "03-09 Mon")
        await pilot.press("ctrl+b")
        await pilot.until(lambda: isinstance(pilot.app.screen, PlanWeekScreen))
        await pilot.type("agent、agent2")
        await pilot.press("ctrl+s")
        await week(pilot, "agent2")
        await pilot.until(lambda: "nobody" not in pilot.text(), "no gap left")


async def test_a_plan_half_written_is_kept(desk: DeskForTest) -> None:
    async with run_desk(desk, mode="more") as pilot:
        await week(pilot, "nobody")
        for _ in range(2):
            await pilot.press("ctrl+b")
            await pilot.until(lambda: isinstance(pilot.app.screen, PlanWeekScreen))
            await pilot.until(lambda: isinstance(pilot.focused, Line))
            await pilot.type("age")
            await pilot.press("escape")
            await week(pilot)
    assert [kept.content["names"] for kept in drafts.kept(desk.ledger)] == ["ageage"]


async def test_a_name_that_fits_several_is_asked_for_in_full(desk: DeskForTest) -> None:
    async with run_desk(desk, mode="more") as pilot:
        await week(pilot, "nobody")
        await pilot.press("ctrl+b")
        await pilot.until(lambda: isinstance(pilot.app.screen, PlanWeekScreen))
        await pilot.type("tech")
        await pilot.press("ctrl+s")
        await pilot.sees("fits 2 people")


async def test_a_gap_is_filled_by_one_person(desk: DeskForTest) -> None:
    async with run_desk(desk, mode="more") as pilot:
        await week(pilot, "nobody")
        await pilot.press("ctrl+n")
        await pilot.until(lambda: isinstance(pilot.app.screen, PlanScreen))
        await pilot.until(lambda: pilot.app.focused is not None)
        await pilot.type("agent2")
        await pilot.until(lambda: len(getattr(pilot.form.fields["staff"], "items")) == 1)  # noqa: B009
        await pilot.press("enter", "ctrl+s")
        await week(pilot, "agent2")
    assert "shift.planned" in desk.names()


async def test_coming_and_leaving(desk: DeskForTest) -> None:
    async with run_desk(desk, mode="more") as pilot:
        await week(pilot, "nobody")
        await pilot.press("ctrl+l")
        await pilot.until(lambda: pilot.app._notifications, "refused: has not come")
        await pilot.press("ctrl+s")
        await week(pilot, "came 10:00")
        await pilot.press("ctrl+l")
        await week(pilot, "left 10:00")
