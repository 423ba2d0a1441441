"""A ticket's page: what it shows, what can be done on it, its slip."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from textual.widgets import OptionList

from desk.screens.explain import ExplainScreen
from desk.screens.slip import SlipScreen
from desk.screens.ticket import EntryScreen, Record, TicketScreen
from desk.screens.verb import VerbScreen
from desk.widgets.doings import Doings
from desk.widgets.fields import Line
from tests.desks import DeskForTest, make_desk
from tests.screens import HOSTILE, DeskPilot, run_desk


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path, "residential")


@pytest.fixture
def leak(desk: DeskForTest) -> UUID:
    """A leak told to the repair department, urged once, with one entry written up late."""
    ticket = desk.open(
        "repair", what="厨房水管漏水", room="3-2-501", person_name="张伟", phone="13812342211", place="厨房",
        urgent=True, repair_class="leak", at="2026-03-02 9:00",
    )  # fmt: skip
    desk.do("tell", ticket, at="2026-03-02 9:10", department="维修部", means="phone", note="李师傅接的电话")
    desk.do("urge", ticket, at="2026-03-02 9:40", note="住户又来电催")
    desk.do("feedback", ticket, at="2026-03-02 10:00", late="2026-03-02 9:45", note="路上堵车")
    return ticket


async def opened(pilot: DeskPilot, ticket: UUID) -> TicketScreen:
    """The ticket's page, read."""
    await pilot.until(lambda: pilot.app.who is not None)
    pilot.app.open_ticket(ticket)
    await pilot.until(lambda: isinstance(pilot.app.screen, TicketScreen) and pilot.app.screen.page is not None)
    screen = pilot.app.screen
    assert isinstance(screen, TicketScreen)
    await pilot.until(lambda: screen.query_one(Doings).shown and pilot.focused is screen.query_one(Line), "the acts")
    return screen


def texts(pilot: DeskPilot) -> list[str]:
    return [" ".join(map(str, row.cells)) for row in pilot.one(Record).rows_shown]


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_everything_about_it(desk: DeskForTest, leak: UUID, size: tuple[int, int]) -> None:
    async with run_desk(desk, size=size) as pilot:
        await opened(pilot, leak)
        title = "R-260302-001 · Repair · Assigned · 3-2-501 张伟 138****2211 · urgent · urged once"
        await pilot.until(lambda: title in " ".join(pilot.text().split()))
        await pilot.sees("厨房水管漏水", "Department 维修部", "Place 厨房", "Leak")
        shown = texts(pilot)
        assert [line for line in shown if line in ("Deadlines", "Log", "Deadlines met or withdrawn")] == [
            "Deadlines",
            "Log",
            "Deadlines met or withdrawn",
        ]
        assert any("Deal with it today" in line and "7 h left" in line for line in shown)
        assert any("Write the order and tell the repair department" in line and "met 09:10" in line for line in shown)
        assert any("李师傅接的电话" in line for line in shown)
        # written up after the fact, and said so
        assert any("路上堵车" in line and "written down" in line for line in shown)
        assert not any("13812342211" in line for line in shown)


async def test_the_telephone_is_shown_by_a_key(desk: DeskForTest, leak: UUID) -> None:
    async with run_desk(desk, size=(140, 40)) as pilot:
        await opened(pilot, leak)
        await pilot.press("ctrl+r")
        await pilot.sees("13812342211")
        await pilot.until(lambda: any("13812342211" in line for line in texts(pilot)))
        await pilot.press("ctrl+r")
        await pilot.until(lambda: "13812342211" not in pilot.text())


async def test_an_act_found_by_typing(desk: DeskForTest, leak: UUID) -> None:
    async with run_desk(desk) as pilot:
        await opened(pilot, leak)
        await pilot.type("write")
        await pilot.until(lambda: [c.title for c in pilot.one(Doings).shown] == ["Write a note"])
        await pilot.press("enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, VerbScreen))
        await pilot.sees("R-0302-001 3-2-501 厨房水管漏水")
        await pilot.type("[/b] 已联系")
        await pilot.press("ctrl+s")
        await pilot.until(lambda: "ticket.noted" in desk.names(leak))
        await pilot.until(lambda: any("[/b] 已联系" in line for line in texts(pilot)))
        # the line is empty again, every act is offered
        assert len(pilot.one(Doings).shown) > 10


async def test_what_cannot_be_done_stands_last_with_the_reason(desk: DeskForTest, leak: UUID) -> None:
    desk.do("complete", leak, at="2026-03-02 10:30")
    async with run_desk(desk, size=(140, 40)) as pilot:
        await opened(pilot, leak)
        commands = pilot.one(Doings).shown
        able = [not command.why_not for command in commands]
        assert able == sorted(able, reverse=True)
        reasons = {command.title: command.why_not for command in commands}
        assert reasons["Complete"]
        assert "None" not in reasons["Complete"]
        await pilot.type("complete")
        await pilot.until(lambda: pilot.one(Doings).shown[0].why_not)
        await pilot.press("enter")
        assert isinstance(pilot.app.screen, TicketScreen)


async def test_what_is_due_next_stands_first(desk: DeskForTest) -> None:
    ticket = desk.open("repair", what="灯坏", room="3-2-501", at="2026-03-02 9:00")
    async with run_desk(desk, size=(140, 40)) as pilot:
        await opened(pilot, ticket)
        first = pilot.one(Doings).shown[0]
        assert (first.title, first.help) == ("Tell who must act", "due 09:30")
        await pilot.press("enter")
        await pilot.sees("Who was told")


async def test_enter_on_a_deadline_does_it_and_f9_explains_it(desk: DeskForTest) -> None:
    ticket = desk.open("repair", what="灯坏", room="3-2-501", at="2026-03-02 9:00")
    async with run_desk(desk) as pilot:
        await opened(pilot, ticket)
        await pilot.press("f9")
        await pilot.until(lambda: isinstance(pilot.app.screen, ExplainScreen))
        await pilot.sees("Rule repair.tell")
        await pilot.press("escape", "tab")
        await pilot.until(lambda: isinstance(pilot.focused, Record))
        await pilot.press("enter", "enter")
        await pilot.until(lambda: "ticket.told" in desk.names(ticket))


async def test_an_entry_of_the_log_is_read_whole(desk: DeskForTest, leak: UUID) -> None:
    desk.do("note", leak, at="2026-03-02 10:10", note="第一行\n" + "很长" * 300)
    async with run_desk(desk) as pilot:
        await opened(pilot, leak)
        record = pilot.one(Record)
        row = next(row for row in record.rows_shown if row.key.startswith("log:"))
        record.focus()
        record.mark(row.key)
        await pilot.press("enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, EntryScreen))
        await pilot.sees("Happened", "Note: 第一行", "很长很长")
        await pilot.press("escape")
        await pilot.until(lambda: isinstance(pilot.app.screen, TicketScreen))


async def test_the_log_from_either_end(desk: DeskForTest, leak: UUID) -> None:
    def log(pilot: DeskPilot) -> list[str]:
        return [str(row.cells[1]) for row in pilot.one(Record).rows_shown if row.key.startswith("log:")]

    async with run_desk(desk) as pilot:
        await opened(pilot, leak)
        newest = log(pilot)
        assert newest[-1].startswith("Opened")
        await pilot.press("ctrl+b")
        await pilot.until(lambda: log(pilot) == newest[::-1])


async def test_the_last_act_is_taken_back(desk: DeskForTest, leak: UUID) -> None:
    desk.do("urge", leak, at="2026-03-02 10:10", note="再催")
    async with run_desk(desk) as pilot:
        await opened(pilot, leak)
        await pilot.press("ctrl+z")
        await pilot.sees("Take back")
        await pilot.press("enter")
        await pilot.until(lambda: "event.retracted" in desk.names(leak))
        await pilot.until(lambda: any("taken back" in line for line in texts(pilot)))
        assert desk.ticket(leak).urges == 1


async def test_linked_tickets_lead_to_each_other(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, "work-orders")
    incident = desk.open("incident", what="路灯不亮", room="东门岗", at="2026-03-02 9:00")
    desk.do("link-repair", incident, at="2026-03-02 9:05", order="换灯泡")
    async with run_desk(desk) as pilot:
        await opened(pilot, incident)
        record = pilot.one(Record)
        row = next(row for row in record.rows_shown if row.key.startswith("links:"))
        assert "换灯泡" in str(row.cells[1])
        record.focus()
        record.mark(row.key)
        await pilot.press("enter")
        await pilot.sees("R-260302-001", "换灯泡")
        await pilot.press("escape")
        await pilot.sees("E-260302-001")


async def test_appointments_and_callbacks_are_shown(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, "residential")
    at = desk.time("2026-03-02 14:00")
    ticket = desk.open("repair", what="灯坏", room="3-2-501", appointment=at, at="2026-03-02 9:00")
    desk.do("complete", ticket, at="2026-03-02 15:00", result="换了灯管")
    async with run_desk(desk) as pilot:
        await opened(pilot, ticket)
        lines = texts(pilot)
        assert any(line.startswith("14:00 Visit") for line in lines)
        assert any("not called yet" in line for line in lines)
        assert any("换了灯管" in line for line in lines)


async def test_the_slip_is_read_and_saved(desk: DeskForTest, leak: UUID, tmp_path: Path) -> None:
    async with run_desk(desk) as pilot:
        await opened(pilot, leak)
        await pilot.press("ctrl+l")
        await pilot.until(lambda: isinstance(pilot.app.screen, SlipScreen))
        await pilot.sees("Work order", "R-260302-001")
        await pilot.press("ctrl+s")
        await pilot.sees("Save to a file", "R-260302-001-order")
        file = tmp_path / "slip.txt"
        field = pilot.focused
        assert field is not None
        field.put(str(file))  # type: ignore[attr-defined]
        await pilot.press("ctrl+s")
        await pilot.until(file.exists)
        assert "厨房水管漏水" in file.read_text(encoding="utf-8")
        # never over a file that is there
        await pilot.until(lambda: isinstance(pilot.app.screen, SlipScreen))
        await pilot.press("ctrl+s")
        await pilot.sees("Save to a file")
        field = pilot.focused
        assert field is not None
        field.put(str(file))  # type: ignore[attr-defined]
        await pilot.press("ctrl+s")
        await pilot.sees("is there already")
        field.put(str(tmp_path / "nowhere" / "slip.txt"))  # type: ignore[attr-defined]
        await pilot.press("ctrl+s")
        await pilot.sees("can't be written")


async def test_a_complaint_has_three_forms_on_paper(desk: DeskForTest) -> None:
    ticket = desk.open("complaint", what="噪声", room="3-2-501", demand="道歉", at="2026-03-02 9:00")
    desk.do("send-sheet", ticket, at="2026-03-02 9:10", department="秩序部")
    async with run_desk(desk) as pilot:
        await opened(pilot, ticket)
        await pilot.press("ctrl+l")
        await pilot.sees("[1 Complaint record]", "Resident's demand", "道歉")
        await pilot.press("3")
        await pilot.sees("[3 Work contact sheet]", "秩序部")


@pytest.mark.parametrize("there", [True, False])
async def test_printing(
    desk: DeskForTest, leak: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    """To whatever ``lp`` is on the path; where there is none, it says what to do."""
    tools = tmp_path / "bin"
    tools.mkdir()
    if there:
        lp = tools / "lp"
        lp.write_text(f"#!/bin/sh\n/bin/cat > '{tmp_path}/printed'\n", encoding="utf-8")
        lp.chmod(0o755)
    monkeypatch.setenv("PATH", str(tools))
    async with run_desk(desk) as pilot:
        await opened(pilot, leak)
        await pilot.press("ctrl+l")
        await pilot.sees("Work order")
        await pilot.press("ctrl+l")
        if there:
            await pilot.sees("Sent to the printer.")
            assert "厨房水管漏水" in (tmp_path / "printed").read_text(encoding="utf-8")
        else:
            await pilot.sees("No printer is set up here")


async def test_the_palette_goes_to_a_number(desk: DeskForTest, leak: UUID) -> None:
    async with run_desk(desk) as pilot:
        await pilot.press("ctrl+p")
        await pilot.type("r0302001")
        await pilot.sees("Open ticket R0302001")
        await pilot.press("enter")
        await pilot.sees("厨房水管漏水", "R-260302-001")
        await pilot.press("ctrl+p")
        await pilot.type("Ｒ０３０２９９９")
        await pilot.sees("Open ticket R0302999")
        await pilot.press("enter")
        await pilot.until(lambda: "R0302999" in pilot.text() or "０３０２９９９" in pilot.text())


async def test_a_ticket_that_is_not_there(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        await pilot.until(lambda: pilot.app.who is not None)
        pilot.app.open_ticket(UUID(int=1))
        await pilot.until(lambda: not isinstance(pilot.app.screen, TicketScreen))


LONG = max(HOSTILE, key=len)


@pytest.mark.parametrize(
    ("lang", "size", "theme", "texts"),
    [
        ("en", (80, 24), "desk-plain", {*HOSTILE[::2], LONG}),
        ("zh_CN", (140, 40), "desk-light", {*HOSTILE[1::2], LONG}),
    ],
    ids=["small", "wide"],
)
async def test_hostile_text(desk: DeskForTest, lang: str, size: tuple[int, int], theme: str, texts: set[str]) -> None:
    """Every text in one of two layouts, what is too long for a line in both."""
    tickets = []
    for text in sorted(texts):
        ticket = desk.open(
            "complaint", what=text, place=text, person_name=text, phone=text, room_text=text, demand=text,
            event_time=text, complained_person=text, at="2026-03-02 9:00",
        )  # fmt: skip
        desk.do("note", ticket, at="2026-03-02 9:01", note=text + "\n" + text)
        desk.do("send-sheet", ticket, at="2026-03-02 9:02", department=text[:100], matter=text)
        tickets.append(ticket)
    async with run_desk(desk, lang=lang, size=size, theme=theme) as pilot:
        for ticket in tickets:
            await opened(pilot, ticket)
            await pilot.press("ctrl+r")
            record = pilot.one(Record)
            record.focus()
            row = next(row for row in record.rows_shown if row.key.startswith("log:"))
            record.mark(row.key)
            await pilot.press("enter")
            await pilot.until(lambda: isinstance(pilot.app.screen, EntryScreen))
            assert "\x1b" not in pilot.text()
            await pilot.press("escape", "ctrl+l")
            await pilot.until(lambda: isinstance(pilot.app.screen, SlipScreen) and pilot.app.screen.forms)
            await pilot.press("2", "3")
            assert "\x1b" not in pilot.text()
            await pilot.press("escape", "escape")
            await pilot.until(lambda: not isinstance(pilot.app.screen, TicketScreen | SlipScreen))


async def test_a_claim_asks_who_claims_it(tmp_path: Path) -> None:
    """An agent can't claim an order: Enter leads to who does, the work's own people first."""
    desk = make_desk(tmp_path, "work-orders")
    order = desk.open("repair", what="灯不亮", room="3-2-501", at="2026-03-02 10:00")
    async with run_desk(desk) as pilot:
        await opened(pilot, order)
        await pilot.type("claim")
        await pilot.until(lambda: len(pilot.one(Doings).shown) == 1 or pilot.one(Doings).shown[0].title == "Claim")
        await pilot.press("enter")
        await pilot.sees("Who claims it*", ">Who claims it", "technician2 · Repair worker")
        assert "Enter records it" not in pilot.text()
        await pilot.press("enter", "ctrl+s")
        await pilot.until(lambda: desk.ticket(order).assignee in (desk.staff["technician"], desk.staff["technician2"]))
    async with run_desk(desk, who="technician") as pilot:  # who can claim it themselves need say nothing
        other = desk.open("repair", what="灯不亮", room="3-2-501", at="2026-03-02 10:10")
        await opened(pilot, other)
        await pilot.type("claim")
        await pilot.until(lambda: pilot.one(Doings).shown[0].title == "Claim")
        await pilot.press("enter")
        await pilot.sees("Who claims it", "technician")
        await pilot.press("ctrl+s")
        await pilot.until(lambda: desk.ticket(other).assignee == desk.staff["technician"])


async def test_what_an_appointment_allows_now(tmp_path: Path) -> None:
    """One that stands is moved, not made again; one still to come can't have been missed. Each says why."""
    desk = make_desk(tmp_path, "work-orders")
    order = desk.open("repair", what="灯不亮", room="3-2-501", at="2026-03-02 10:00", appointment="14:00")
    for clock, denied in (("13:50", {"Make an appointment", "Appointment missed"}), ("14:01", {"Make an appointment"})):
        desk.at(f"2026-03-02 {clock}")
        async with run_desk(desk, size=(140, 40)) as pilot:
            page = await opened(pilot, order)
            shown = {command.title: command.why_not for command in page.query_one(Doings).shown}
            visits = {title for title in shown if "appointment" in title.lower()}
            assert {title for title in visits if shown[title]} == denied
            assert "14:00" in shown["Make an appointment"]
            assert not shown["Agree another time"]


async def test_after_an_act_the_next_one_due_is_marked(tmp_path: Path) -> None:
    """What has been done goes down the list; the mark does not go with it, and the notice hides no act."""
    desk = make_desk(tmp_path, "work-orders")
    order = desk.open("repair", what="灯不亮", room="3-2-501", at="2026-03-02 10:00")
    desk.do("claim", order, by="technician", at="2026-03-02 10:02")
    async with run_desk(desk, size=(80, 24)) as pilot:
        page = await opened(pilot, order)
        doings = page.query_one(Doings)
        first = doings.shown[0].title
        await pilot.press("enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, VerbScreen) and pilot.app.screen.form is not None)
        await pilot.press("ctrl+s")
        await pilot.sees(f"Recorded: {first}")
        await pilot.until(lambda: pilot.app.screen is page and doings.shown[0].title != first, "the acts anew")
        assert doings.query_one(OptionList).highlighted == 0
        line = next(n for n, text in enumerate(pilot.text().splitlines()) if "Recorded:" in text)
        assert line < doings.region.y
