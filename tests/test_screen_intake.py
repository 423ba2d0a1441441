"""Intake on a real store: finding, the manual's own fields, what follows, drafts, guards, a second caller, bad input."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from textual import events

from desk.models import Ticket
from desk.procedures import drafts
from desk.screens.intake import IntakeScreen
from desk.screens.intake.fields import Caller, parse_caller
from desk.widgets.fields import Line, Prose
from tests.desks import DeskForTest
from tests.residents import inhabited
from tests.screens import HOSTILE, DeskPilot, run_desk

SIZES = [(80, 24), (140, 40)]


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return inhabited(tmp_path)


@pytest.fixture
def orders(tmp_path: Path) -> DeskForTest:
    return inhabited(tmp_path, "work-orders")


def form(pilot: DeskPilot) -> Any:
    screen = pilot.app.screen
    assert isinstance(screen, IntakeScreen)
    return screen.form


async def fill(pilot: DeskPilot, name: str, value: str) -> None:
    """Put ``value`` into a field of the form, as typed."""
    await go(pilot, name)
    await pilot.type(value)


async def go(pilot: DeskPilot, name: str) -> None:
    """To a field of the form."""
    await pilot.until(lambda: pilot.focused is not None, "the form stands there")
    await pilot.until(lambda: form(pilot).details.settled.is_set() and form(pilot).widget_of(name) is not None, name)
    widget = form(pilot).widget_of(name)
    widget.focus()
    await pilot.until(lambda: pilot.focused is not None and widget in pilot.focused.ancestors_with_self, name)


def offered(pilot: DeskPilot, name: str) -> bool:
    """Whether somebody of this name is among those found."""
    return any(item.data.name == name for item in form(pilot).who.items if item.data)


def asks_for(pilot: DeskPilot, kind: str) -> bool:
    """Whether the fields of this kind stand there."""
    details = form(pilot).details
    return details.settled.is_set() and details.kind is not None and details.kind.id == kind


async def saved(pilot: DeskPilot, desk: DeskForTest) -> Ticket:
    """Save, and the ticket that came of it."""
    await pilot.press("ctrl+s")
    await pilot.sees("Saved:")
    return last(desk)


def last(desk: DeskForTest) -> Ticket:
    opened = [event for event in desk.events() if event.name == "ticket.opened"]
    return desk.ticket(opened[-1].subject_id)


# -- who -----------------------------------------------------------------------------------------------------


FOUND = [
    ("zw 501", "3-2-501", "张伟"),
    ("501 zw", "3-2-501", "张伟"),
    ("张伟", "3-2-501", "张伟"),
    ("zhangwei", "3-2-501", "张伟"),
    ("2211", "3-2-501", "张伟"),
    ("３－２－５０２", "3-2-502", "张雯"),
    ("3栋2单元502", "3-2-502", "张雯"),
    ("taylor", "商铺12", "Ann Taylor"),
    ("东门", "东门岗", ""),
    ("3-2-503", "3-2-503", ""),
]


async def test_finds_the_caller(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        await pilot.until(lambda: pilot.focused is not None)
        for typed, room, name in FOUND:
            who = form(pilot).who
            who.put("")
            await go(pilot, "who")
            await pilot.type(typed)
            await pilot.until(partial(offered, pilot, name), typed)
            await pilot.press("enter")
            await pilot.until(lambda: form(pilot).kind.has_focus, typed)
            assert (form(pilot).room.value, form(pilot).person.value) == (room, name)
            room_id, person_id = form(pilot).ids()
            assert room_id == desk.rooms[room]
            assert (person_id is not None) == bool(name)
        who.put("")
        await go(pilot, "who")
        await pilot.type("3-2-501")
        await pilot.sees("张伟", "李梅", "somebody else there", "not on record")


@pytest.mark.parametrize(
    ("typed", "caller"),
    [
        ("王先生", Caller(name="王先生")),
        ("9-9-909 王先生 13912345678", Caller("9-9-909", "王先生", "13912345678")),
        ("13912345678 王先生 9-9-909", Caller("9-9-909", "王先生", "13912345678")),
        ("９栋９单元９０９室，王先生，１３９１２３４５６７８", Caller("9-9-909", "王先生", "13912345678")),
        ("Mr Wang +86 139 1234 5678", Caller(name="Mr Wang", phone="+86 139 1234 5678")),
        ("021-5555 1234 John Smith", Caller(name="John Smith", phone="021-5555 1234")),
        ("3-2-501", Caller("3-2-501")),
        ("501 李", Caller("501", "李")),
        ("B1-12 保安", Caller("B1-12", "保安")),
        ("110", Caller("110")),
        ("", Caller()),
        ("[/b] \u202e'; DROP TABLE--", Caller(name="[/b] ' DROP TABLE--")),
    ],
)
def test_reads_a_caller_who_is_not_on_record(typed: str, caller: Caller) -> None:
    assert parse_caller(typed) == caller


def test_a_caller_fits_into_a_draft() -> None:
    caller = Caller("3-2-501", "张伟", "138", UUID(int=1), UUID(int=2), "home", "一期", "owner")
    assert Caller.read(caller.plain()) == caller
    assert Caller.read({}) == Caller()


async def test_somebody_not_on_record_is_as_quick(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        await pilot.type("9-9-909 王先生 13912345678")
        await pilot.sees("not on record")
        await pilot.press("enter", "1")
        await pilot.type("水管爆了")
        ticket = await saved(pilot, desk)
    assert (ticket.room_id, ticket.person_id) == (None, None)
    assert (ticket.room_text, ticket.person_name, ticket.phone) == ("9-9-909", "王先生", "13912345678")


async def test_as_typed_though_somebody_fits(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        await pilot.type("张")
        await pilot.sees("张伟", "张雯", "not on record")
        await pilot.press("escape", "enter", "1")
        await pilot.until(lambda: form(pilot).what.has_focus)
        assert (form(pilot).room.value, form(pilot).person.value) == ("", "张")
        # and by the last row of the list
        await go(pilot, "who")
        await pilot.press("end", "backspace", *"weizhang")
        await pilot.sees("weizhang", "not on record")
        await pilot.press("enter")
        await pilot.until(lambda: form(pilot).person.value == "weizhang", "taken as typed")


async def test_a_room_typed_beside_is_found_on_record(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        await pilot.type("王先生")
        await pilot.press("escape", "enter")
        await fill(pilot, "room", "3栋2单元503")
        await pilot.sees("3-2-503", "No open ticket")
        await pilot.press("enter", "enter", "enter", "1")
        await pilot.type("门坏了")
        ticket = await saved(pilot, desk)
    assert (ticket.room_id, ticket.room_text) == (desk.rooms["3-2-503"], None)
    assert (ticket.person_id, ticket.person_name) == (None, "王先生")


async def test_another_person_in_a_known_room(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        await pilot.type("zw 501")
        await pilot.sees("张伟")
        await pilot.press("enter", "1")
        await pilot.until(lambda: form(pilot).what.has_focus)
        await pilot.type("灯不亮")
        form(pilot).person.put("保姆小陈")
        ticket = await saved(pilot, desk)
    assert (ticket.room_id, ticket.person_id, ticket.person_name) == (desk.rooms["3-2-501"], None, "保姆小陈")


async def test_numbers_from_the_records_are_masked_until_looked_at(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        await pilot.type("zw 501")
        await pilot.sees("138****2211")
        await pilot.press("enter")
        await pilot.until(lambda: form(pilot).phone.value == "138****2211")
        assert "13812342211" not in pilot.text()
        await go(pilot, "phone")
        await pilot.until(lambda: form(pilot).phone.value == "13812342211")
        await go(pilot, "kind")
        await pilot.until(lambda: form(pilot).phone.value == "138****2211")
        await pilot.press("1")
        await pilot.type("灯不亮")
        ticket = await saved(pilot, desk)
    assert ticket.phone == "13812342211"


async def test_looking_for_somebody_else_forgets_the_first(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        await pilot.type("zw 501")
        await pilot.sees("张伟")
        await pilot.press("enter")
        await pilot.until(lambda: form(pilot).kind.has_focus)
        await go(pilot, "who")
        await pilot.press("backspace")
        await pilot.until(lambda: form(pilot).person.value == "")
        assert form(pilot).caller == Caller()


# -- the manual's own fields ---------------------------------------------------------------------------------

OWN = """
title = { zh = "自定", en = "Own" }
calendar = "residential"
[kind.bike]
title = { zh = "自行车", en = "Bicycle" }
key = "8"
number = "B"
fields = ["what", "person", "named_worker", "due_by", "demand", "source", "lift", "trapped", "department", "leader"]
required = ["what", "demand"]
facts = { source = "leader" }
[kind.ask]
title = { zh = "问", en = "Question" }
key = "9"
number = "Q"
fields = ["what", "department"]
required = ["what"]
"""


@pytest.mark.parametrize("manual", ["residential", "work-orders"])
async def test_every_kind_asks_for_its_fields(tmp_path: Path, manual: str) -> None:
    desk = inhabited(tmp_path, manual)
    async with run_desk(desk, size=(140, 40)) as pilot:
        await pilot.until(lambda: form(pilot).kinds)
        for kind in desk.ledger.book.kinds.values():
            await go(pilot, "kind")
            await pilot.press(kind.key)
            await pilot.until(partial(asks_for, pilot, kind.id), kind.id)
            for name in kind.fields:
                assert form(pilot).widget_of(name) is not None, (kind.id, name)
                assert form(pilot).widget_of(name).display


async def test_fields_come_from_the_rulebook_in_force(tmp_path: Path) -> None:
    desk = inhabited(tmp_path, OWN)
    async with run_desk(desk) as pilot:
        await pilot.type("somebody")
        await pilot.press("escape", "enter")
        await pilot.sees("8 Bicycle", "9 Question")
        await pilot.press("8")
        await pilot.sees("Worker", "Demand*", "[4 A leader]")
        await pilot.type("Bicycle gone")
        await pilot.press("ctrl+s")
        await pilot.until(lambda: pilot.focused is form(pilot).widget_of("demand"), "what is missing is gone to")
        await pilot.type("Find it")
        await fill(pilot, "named_worker", "technician2")
        await pilot.press("enter")
        await fill(pilot, "due_by", "16:00")
        await fill(pilot, "leader", "manager")
        await pilot.press("enter")
        await go(pilot, "source")
        await pilot.press("left")
        await go(pilot, "lift")
        await pilot.press("２")  # full-width digits will do
        ticket = await saved(pilot, desk)
    facts = ticket.facts
    assert (facts["named_worker"], facts["source"]) == ("technician2", "department")
    assert facts["leader"] == str(desk.staff["manager"])
    assert (facts["trapped"], facts.get("lift")) == (True, None)
    assert ticket.emergency
    assert desk.words(ticket.id, "ticket.opened")["demand"] == "Find it"


async def test_what_was_typed_stays_over_a_change_of_kind(desk: DeskForTest) -> None:
    async with run_desk(desk, size=(140, 40)) as pilot:
        await pilot.type("王")
        await pilot.press("escape", "enter", "1")
        await pilot.type("噪音")
        await fill(pilot, "place", "三楼")
        await go(pilot, "kind")
        await pilot.press("2")
        await pilot.sees("Demand")
        assert form(pilot).widget_of("place").value == "三楼"
        assert form(pilot).what.text == "噪音"
        # what such a ticket opens with anyway does not stick: a visit is no telephone call
        await go(pilot, "kind")
        await pilot.press("5")
        await pilot.sees("[2 At the counter]")


async def test_facts_reach_the_ticket(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        await pilot.type("zw 501")
        await pilot.sees("张伟")
        await pilot.press("enter", "1")
        await pilot.type("厨房漏水")
        await fill(pilot, "place", "厨房")
        await go(pilot, "repair_class")
        await pilot.press("2")
        await pilot.until(lambda: pilot.focused is form(pilot).widget_of("warranty"))
        await pilot.press("left", "enter")
        await fill(pilot, "appointment", "明天上午9点半")
        await pilot.sees("= tomorrow 09:30")
        await go(pilot, "urgent")
        await pilot.press("right", "space")
        ticket = await saved(pilot, desk)
    facts = ticket.facts
    assert (facts["repair_class"], facts["warranty"]) == ("leak", "out")
    assert (ticket.place, ticket.urgent, ticket.emergency) == ("厨房", False, True)
    assert [desk.local(visit.at) for visit in desk.appointments(ticket.id)] == ["2026-03-03 09:30"]


async def test_a_public_area_is_one(orders: DeskForTest) -> None:
    async with run_desk(orders, size=(140, 40)) as pilot:
        await pilot.type("东门")
        await pilot.sees("东门岗")
        await pilot.press("enter", "1")
        await pilot.sees("[2 Public area]")
        await pilot.until(lambda: "read" not in pilot.text().lower().split("after saving")[-1])
        await pilot.type("道闸坏了")
        ticket = await saved(pilot, orders)
        assert "code" not in pilot.text()
    assert ticket.facts["area"] == "public"
    assert ticket.facts.get("code") is None


# -- beside the form -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["zh_CN", "en"])
async def test_card_prompts_and_what_follows(desk: DeskForTest, size: tuple[int, int], lang: str) -> None:
    desk.open("repair", what="客厅灯不亮", room="3-2-501")
    async with run_desk(desk, size=size, lang=lang) as pilot:
        await pilot.type("zw 501")
        await pilot.sees("张伟")
        await pilot.press("enter", "1")
        prompt = "问清" if lang == "zh_CN" else "Ask: what is broken"
        follows = "开工单" if lang == "zh_CN" else "Write the order"
        await pilot.sees("1 R-0302-001 客厅灯不亮", prompt, follows, "2021-05-01")
        await pilot.sees("0:00 / 1:00", "Ctrl+S")


async def test_what_follows_changes_with_the_facts(desk: DeskForTest) -> None:
    async with run_desk(desk, size=(140, 40)) as pilot:
        await pilot.type("zw 501")
        await pilot.sees("张伟")
        await pilot.press("enter", "1")
        await pilot.sees("After saving", "Write the order", "Deal with it today")
        assert "Repair staff at the home" not in pilot.text()
        await fill(pilot, "appointment", "14:00")
        await pilot.sees("14:00 Repair staff at the home")
        await go(pilot, "emergency")
        await pilot.press("2")
        await pilot.sees("An emergency is dealt with today")
        await pilot.press("2")
        await pilot.sees("Deal with it today")


async def test_the_watch_runs_from_the_first_key(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        assert "/ 1:00" not in pilot.text()
        await pilot.press("z")
        await pilot.sees("0:00 / 1:00")
        desk.at("2026-03-02 10:00:23")
        await pilot.sees("0:23 / 1:00")
        desk.at("2026-03-02 10:01:10")
        await pilot.sees("1:10 / 1:00 over")
        await pilot.press("backspace", "escape")
        await pilot.until(lambda: "/ 1:00" not in pilot.text())


async def test_a_full_workload_is_said_at_the_appointment_and_asked_about(orders: DeskForTest) -> None:
    orders.do("saturate", of="workload", bookable_from=orders.time("2026-03-03 9:00"))
    async with run_desk(orders) as pilot:
        await pilot.type("zw 501")
        await pilot.sees("张伟")
        await pilot.press("enter", "1")
        await pilot.sees("book from tomorrow 09:00")
        await pilot.type("灯不亮")
        await fill(pilot, "appointment", "14:00")
        await pilot.press("ctrl+s")
        await pilot.sees("earliest bookable time", "Enter yes")
        await pilot.press("escape")
        await pilot.until(lambda: "Enter yes" not in pilot.text())
        assert "ticket.opened" not in orders.names()
        assert form(pilot).what.text == "灯不亮"
        await pilot.press("ctrl+s")
        await pilot.sees("Enter yes")
        await pilot.press("enter")
        await pilot.sees("Saved:")
    assert orders.appointments(last(orders).id)


async def test_changing_the_form_is_a_no(orders: DeskForTest) -> None:
    orders.do("saturate", of="workload", bookable_from=orders.time("2026-03-03 9:00"))
    async with run_desk(orders) as pilot:
        await pilot.type("zw 501")
        await pilot.sees("张伟")
        await pilot.press("enter", "1")
        await pilot.type("灯不亮")
        await fill(pilot, "appointment", "14:00")
        await pilot.press("ctrl+s")
        await pilot.sees("Enter yes")
        form(pilot).widget_of("appointment").put("tomorrow 8:00")
        await pilot.until(lambda: "Enter yes" not in pilot.text())
        await pilot.press("ctrl+s")
        await pilot.sees("Enter yes")
        form(pilot).what.put("灯不亮,两盏")
        await pilot.until(lambda: "Enter yes" not in pilot.text())
        form(pilot).widget_of("appointment").put("tomorrow 10:00")
        await pilot.press("ctrl+s")
        await pilot.sees("Saved:")
        assert last(orders).what == "灯不亮,两盏"
    assert [orders.local(visit.at) for visit in orders.appointments(last(orders).id)] == ["2026-03-03 10:00"]


async def test_a_guard_that_wants_approval_offers_those_who_may(orders: DeskForTest) -> None:
    async with run_desk(orders) as pilot:
        await pilot.type("3-2-503")
        await pilot.sees("3-2-503", "Home")
        await pilot.press("enter", "1")
        await pilot.type("巡检发现水泵异响")
        await go(pilot, "source")
        await pilot.press("2", "ctrl+s")
        await pilot.sees("approval", "engineering_supervisor", "repair_team_leader")
        assert "cashier" not in pilot.text()
        await pilot.press(*"repair")
        await pilot.until(lambda: "engineering_supervisor" not in pilot.text())
        await pilot.press("enter")
        await pilot.sees("Saved:")
    assert last(orders).facts["source"] == "self_inspection"


# -- saved ---------------------------------------------------------------------------------------------------


async def test_after_saving_all_is_said_and_the_form_is_idle(orders: DeskForTest) -> None:
    async with run_desk(orders) as pilot:
        await pilot.type("zw 501")
        await pilot.sees("张伟")
        await pilot.press("enter", "1")
        await pilot.type("空调不制冷")
        ticket = await saved(pilot, orders)
        code = ticket.facts["code"]
        await pilot.sees("Saved: R-0302-001", "Repair", f"Verification code {code}", "10:05 Claim")
        assert form(pilot).empty
        await pilot.until(lambda: form(pilot).who.query_one(Line).has_focus)
        await pilot.press("ctrl+r")
        await pilot.sees("R-0302-001: noted that the code was read out")
        assert "repair.tell_code" not in orders.open_rules(ticket.id)
        assert "Ctrl+R" not in pilot.text()
        # the next intake takes the place
        await pilot.press("z")
        await pilot.until(lambda: "noted that" not in pilot.text())


async def test_the_code_stands_until_it_is_read_out(orders: DeskForTest) -> None:
    async with run_desk(orders) as pilot:
        await pilot.type("zw 501")
        await pilot.sees("张伟")
        await pilot.press("enter", "1")
        await pilot.type("空调不制冷")
        await saved(pilot, orders)
        await pilot.press("z")
        await pilot.sees("0:00 / 1:00", "Verification code")


async def test_the_slip_of_what_was_saved(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        await pilot.type("zw 501")
        await pilot.sees("张伟")
        await pilot.press("enter", "1")
        await pilot.type("空调不制冷")
        await saved(pilot, desk)
        await pilot.press("ctrl+l")
        await pilot.until(lambda: not isinstance(pilot.app.screen, IntakeScreen))


async def test_written_up_later_by_another(desk: DeskForTest) -> None:
    desk.at("2026-03-02 15:00")
    async with run_desk(desk) as pilot:
        await pilot.type("zw 501")
        await pilot.sees("张伟")
        await pilot.press("enter", "1")
        await pilot.type("停电时来电:水管爆裂")
        await pilot.press("ctrl+o")
        await pilot.sees("Taken by", "Happened at")
        await pilot.type("agent2")
        await pilot.until(lambda: form(pilot).by.items)
        await pilot.press("enter")
        await pilot.type("13:05")
        await pilot.sees("= 13:05")
        ticket = await saved(pilot, desk)
    [event] = [event for event in desk.events(ticket.id) if event.name == "ticket.opened"]
    assert (event.done_by, event.recorded_by) == (desk.staff["agent2"], desk.staff["agent"])
    assert (desk.local(event.happened_at), event.late) == ("2026-03-02 13:05", True)


# -- a second caller -----------------------------------------------------------------------------------------


async def test_a_second_caller_joins_one_of_several(desk: DeskForTest) -> None:
    first = desk.open("repair", what="厨房漏水", room="3-2-501")
    second = desk.open("complaint", what="楼上太吵", room="3-2-501")
    async with run_desk(desk) as pilot:
        await pilot.type("limei")
        await pilot.sees("李梅")
        await pilot.press("enter")
        await pilot.sees("2 open", "厨房漏水", "楼上太吵")
        await pilot.press("1")
        await pilot.type("水更大了")
        await pilot.press("ctrl+g")
        await pilot.sees("Which one is it about?")
        number = next(i for i, each in enumerate(pilot.app.screen.side.card.tickets, 1) if each.id == first)  # type: ignore[attr-defined]
        await pilot.press(str(number))
        await pilot.sees("Joined R-0302-001")
        assert form(pilot).empty
    assert (desk.ticket(first).urges, desk.ticket(second).urges) == (1, 0)
    words = desk.words(first, "ticket.joined")
    assert (words["caller"], words["caller_phone"], words["note"]) == ("李梅", "13912348888", "水更大了")


async def test_not_joined_after_all(desk: DeskForTest) -> None:
    ticket = desk.open("repair", what="厨房漏水", room="3-2-501")
    async with run_desk(desk) as pilot:
        await pilot.type("limei")
        await pilot.sees("李梅")
        await pilot.press("enter", "1")
        await pilot.sees("厨房漏水")
        await pilot.type("另一件事")
        await pilot.press("ctrl+g")
        await pilot.sees("Enter yes, Esc no")
        await pilot.press("escape")
        await pilot.until(lambda: form(pilot).what.has_focus)
        assert form(pilot).what.text == "另一件事"
        await saved(pilot, desk)
    assert desk.ticket(ticket).urges == 0
    assert last(desk).id != ticket


# -- drafts --------------------------------------------------------------------------------------------------


async def half(pilot: DeskPilot) -> None:
    """A half-filled intake."""
    await pilot.type("zw 501")
    await pilot.sees("张伟")
    await pilot.press("enter", "1")
    await pilot.type("厨房漏水")
    await go(pilot, "repair_class")
    await pilot.press("2")
    await fill(pilot, "appointment", "14:00")


def is_half(pilot: DeskPilot) -> bool:
    it = form(pilot)
    return (
        it.details.kind is not None
        and it.what.text == "厨房漏水"
        and it.widget_of("repair_class").chosen == "leak"
        and it.widget_of("appointment").text == "14:00"
        and (it.room.value, it.person.value, it.phone.value) == ("3-2-501", "张伟", "138****2211")
        and None not in it.ids()
    )


async def test_a_draft_outlives_a_crash(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        await half(pilot)
        await pilot.until(lambda: drafts.kept(desk.ledger), "on the disk", 3)
        await asyncio.sleep(2)
        [kept] = drafts.kept(desk.ledger)
        assert kept.content["what"] == "厨房漏水"
        pilot.app.keepers.clear()  # nothing is flushed on the way out, as in a power cut
    async with run_desk(desk) as pilot:
        await pilot.until(lambda: is_half(pilot), "the draft is in the form again")
        await pilot.sees("is here again", "张伟", "After saving")
        ticket = await saved(pilot, desk)
    assert (ticket.room_id, ticket.facts["repair_class"]) == (desk.rooms["3-2-501"], "leak")
    assert drafts.kept(desk.ledger) == []


async def test_a_draft_outlives_a_switch_of_place_and_of_language(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        await half(pilot)
        await pilot.press("f3", "f2")
        await pilot.until(lambda: is_half(pilot))
        await pilot.press("ctrl+p")
        await pilot.sees("Search for a command")
        await pilot.type("change language")
        await pilot.press("enter")
        await pilot.sees("简体中文")
        await pilot.press("1")
        await pilot.sees("[1 报修]")
        await pilot.until(lambda: is_half(pilot))
        assert len(drafts.kept(desk.ledger)) == 1


async def test_drafts_put_aside_are_taken_up(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        await half(pilot)
        await pilot.press("escape")
        await pilot.sees("1 draft: Ctrl+B")
        assert form(pilot).empty
        desk.at("2026-03-02 10:05")
        await pilot.press(*"taylor")
        await pilot.sees("Ann Taylor")
        await pilot.press("enter", "3")
        await pilot.type("parking")
        await pilot.press("escape")
        await pilot.sees("2 drafts: Ctrl+B")
        await pilot.press("ctrl+b")
        await pilot.sees("Which one is taken up?", "parking", "张伟")
        await pilot.press("2")
        await pilot.until(lambda: is_half(pilot))
        await pilot.sees("1 draft: Ctrl+B")
        # the other one in its place: this one goes aside by itself
        await pilot.press("ctrl+b")
        await pilot.until(lambda: form(pilot).what.text == "parking")
        await pilot.sees("1 draft: Ctrl+B")
        ticket = await saved(pilot, desk)
        assert ticket.what == "parking"
        await pilot.sees("1 draft: Ctrl+B")
    assert [kept.content["what"] for kept in drafts.kept(desk.ledger)] == ["厨房漏水"]
    # what was put aside does not come back by itself
    async with run_desk(desk) as pilot:
        await pilot.sees("1 draft: Ctrl+B")
        assert form(pilot).empty


async def test_saving_leaves_no_draft(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        await half(pilot)
        await asyncio.sleep(1.8)
        await saved(pilot, desk)
        await asyncio.sleep(1.8)
        assert drafts.kept(desk.ledger) == []
        assert "draft" not in pilot.text()


async def test_a_draft_thrown_away(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        await half(pilot)
        await asyncio.sleep(1.8)
        await pilot.press("ctrl+p")
        await pilot.sees("Search for a command")
        await pilot.type("throw this")
        await pilot.sees("Throw this intake away")
        await pilot.press("enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, IntakeScreen) and form(pilot).empty)
        await pilot.until(lambda: not drafts.kept(desk.ledger))


# -- bad input -----------------------------------------------------------------------------------------------


WRONG: list[tuple[str, dict[str, str], str]] = [
    ("", {}, "kind"),
    ("1", {}, "room"),
    ("2", {"what": "吵", "resident_limit": "someday"}, "resident_limit"),
    ("2", {"what": "吵", "at": "whenever"}, "at"),
    ("2", {}, "what"),
]


async def test_what_is_wrong_is_said_at_the_field(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        for kind, fills, field in WRONG:
            await go(pilot, "who")
            await pilot.type("王先生")
            await pilot.press("escape", "enter", *kind)
            if "at" in fills:
                await pilot.press("ctrl+o")
            for name, text in fills.items():
                await fill(pilot, name, text)
            await pilot.press("ctrl+s")
            await pilot.until(lambda: form(pilot).query(".said.-error"), "a sentence")
            widget = form(pilot).widget_of(field)
            await pilot.until(lambda widget=widget: widget in pilot.focused.ancestors_with_self, field)  # type: ignore[union-attr, misc]
            await pilot.until(lambda widget=widget: form(pilot).query_one(".said").region.y > widget.region.y)  # type: ignore[misc]
            assert "! " in pilot.text()
            assert form(pilot).person.value == "王先生"
            assert "ticket.opened" not in desk.names()
            if field == "what":
                await pilot.type("吵")
                await saved(pilot, desk)
            else:
                await pilot.press("escape")
                await pilot.until(lambda: form(pilot).empty)


async def test_hostile_text_in_every_field(desk: DeskForTest) -> None:
    async with run_desk(desk, size=(140, 40)) as pilot:
        for text in HOSTILE:
            await go(pilot, "who")
            await pilot.type(text)
            await pilot.press("escape", "enter", "2")
            await pilot.until(lambda: form(pilot).details.fields and form(pilot).details.settled.is_set())
            for widget in [*form(pilot).query(Line), *form(pilot).query(Prose)]:
                if widget is not form(pilot).who.query_one(Line):
                    widget.put(text)
            form(pilot).widget_of("resident_limit").put("")
            form(pilot).at.put("")
            form(pilot).by.put("")
            ticket = await saved(pilot, desk)
            assert ticket.what is not None
            assert not any(mark in ticket.what for mark in "\x1b\u202e\x00")
            await pilot.press("z")
            await pilot.until(lambda: "Saved:" not in pilot.text())
            await pilot.press("backspace")


async def test_pastes_are_capped(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        await pilot.until(lambda: pilot.focused is not None)
        assert pilot.focused is not None
        pilot.focused.post_message(events.Paste("长" * 1_000_000))
        await pilot.until(lambda: len(form(pilot).who.text) >= 100)
        assert len(form(pilot).who.text) <= 200
        await go(pilot, "what")
        form(pilot).what.post_message(events.Paste("a\n" * 500_000))
        await pilot.until(lambda: form(pilot).what.text)
        assert len(form(pilot).what.text) <= 4000
