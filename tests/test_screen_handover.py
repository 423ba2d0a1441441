"""Handing over from the console: sign what was read, take over with differences, next morning's sheet, review."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from rich.cells import cell_len
from sqlmodel import select

from desk.models import Handover
from desk.procedures import drafts
from desk.screens.briefing import BriefingScreen
from desk.screens.handover import HandoverScreen
from desk.screens.handovers import HandoversScreen
from desk.screens.paper import PaperScreen
from desk.screens.sheets import PAPER
from desk.screens.verb import VerbScreen
from desk.screens.visit import VisitScreen
from desk.widgets.dialog import Confirm
from tests.desks import DeskForTest, make_desk
from tests.screens import HOSTILE, DeskPilot, run_desk


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path, "residential")


def kept(desk: DeskForTest) -> list[Handover]:
    with desk.store.read() as session:
        return list(session.exec(select(Handover)))


def signed(desk: DeskForTest, by: str = "agent") -> UUID:
    """A sheet signed by whoever leaves."""
    from desk.procedures.handover import sign_out
    from desk.queries.handovers import sheet, since

    who = desk.staff[by]
    with desk.store.read() as session:
        start = since(desk.ledger, session, who, desk.now)
        snapshot = sheet(desk.ledger, session, who, start, desk.now).snapshot
    return sign_out(desk.ledger, snapshot, desk.doing(by, confirmed=True, approved_by="supervisor"), "钥匙在抽屉")


async def shown(pilot: DeskPilot, text: str) -> None:
    await pilot.until(lambda: isinstance(pilot.app.screen, HandoverScreen))
    await pilot.sees(text)


async def yes(pilot: DeskPilot) -> None:
    await pilot.until(lambda: isinstance(pilot.app.screen, Confirm), "a question")
    await pilot.press("enter")


async def test_who_leaves_signs_what_stands_on_the_screen(desk: DeskForTest) -> None:
    ticket = desk.open("repair", what="漏水[/b]", room="3-2-501")
    desk.do("carry-over", ticket, reason="缺件", note="明天到货")
    desk.do("log", None, of="log", note="电梯年检三点到", urgent=True)
    desk.tick()  # what the clock's hand brings up at the start would change the sheet
    async with run_desk(desk, mode="handover", size=(80, 24)) as pilot:
        await shown(pilot, "Your sheet on leaving")
        await pilot.sees("漏水", "[/b]", "Carried over", "Know first: 电梯年检三点到", "Be there 15 minutes early")
        await pilot.press("ctrl+n")
        await pilot.type("钥匙在抽屉[/b]")
        await pilot.press("ctrl+s")
        await yes(pilot)
        await pilot.sees("Signed, waiting for whoever comes", "钥匙在抽屉[/b]")
    (row,) = kept(desk)
    assert (row.outgoing, row.notes) == (desk.staff["agent"], "钥匙在抽屉[/b]")
    assert row.snapshot["totals"]["open"] == 1


async def test_what_another_counter_wrote_stands_on_the_sheet_before_it_is_signed(desk: DeskForTest) -> None:
    async with run_desk(desk, mode="handover", tick=0.05) as pilot:
        await shown(pilot, "Open matters (0)")
        desk.open("inquiry", what="物业费怎么交", room="3-2-501")
        await pilot.sees("Open matters (1)", "物业费怎么交")


async def test_who_comes_writes_differences_and_signs(desk: DeskForTest) -> None:
    signed(desk)
    async with run_desk(desk, mode="handover", who="agent2", size=(80, 24)) as pilot:
        await shown(pilot, "Waiting to be taken over")
        await pilot.sees("Notes: 钥匙在抽屉")
        await pilot.press("ctrl+n")
        await pilot.type("少一把伞")
        await pilot.press("ctrl+s")
        await shown(pilot, "Your sheet on leaving")
    (row,) = kept(desk)
    assert (row.incoming, row.differences) == (desk.staff["agent2"], "少一把伞")


async def test_visitors_still_here_and_their_messages(tmp_path: Path) -> None:
    """Enter opens the visit; the row of an overdue visit opens it too."""
    desk = make_desk(tmp_path, "reception", now="2026-03-02 17:00")
    waits = desk.do("arrive-visitor", of="visit", person_name="张伟[/b]", matter="payment").subject_id
    gone = desk.do("arrive-visitor", of="visit", person_name="钱", matter="business").subject_id
    desk.do("take-message", gone, of="visit", message="合同下周一签")
    desk.do("send-off", gone, of="visit", satisfied=True)
    desk.tick("17:04")
    async with run_desk(desk, mode="handover", size=(80, 24)) as pilot:
        await shown(pilot, "Your sheet on leaving")
        await pilot.sees("Visitors still here (1)", "张伟[/b]", "Messages to pass on (1)", "合同下周一签")
        keys = [row.key for row in pilot.table.rows_shown]
        for key, ident in (("visits0", waits), ("messages0", gone), ("overdue0", waits)):
            assert key in keys
            pilot.table.mark(key)
            await pilot.press("enter")
            await pilot.until(lambda: isinstance(pilot.app.screen, VisitScreen), "the visit")
            page = pilot.app.screen
            assert isinstance(page, VisitScreen)
            assert page.visit_id == ident
            await pilot.sees("Log", "Business talk" if ident == gone else "Payment")
            await pilot.press("escape")
            await pilot.until(lambda: isinstance(pilot.app.screen, HandoverScreen))


async def test_no_difference_is_asked_about_once(desk: DeskForTest) -> None:
    signed(desk)
    async with run_desk(desk, mode="handover", who="agent2") as pilot:
        await shown(pilot, "Waiting to be taken over")
        await pilot.press("ctrl+s")
        await yes(pilot)
        await shown(pilot, "Your sheet on leaving")
    assert kept(desk)[0].differences is None


async def test_next_morning_it_still_waits_and_one_person_takes_over_from_themselves(desk: DeskForTest) -> None:
    signed(desk)
    async with run_desk(desk, mode="handover") as pilot:
        await shown(pilot, "Signed, waiting for whoever comes")
        await pilot.press("ctrl+s")
        await pilot.until(lambda: any("whoever comes signs" in each.message for each in pilot.app._notifications))
    desk.at("2026-03-03 8:00")
    async with run_desk(desk, mode="handover") as pilot:
        await shown(pilot, "Waiting to be taken over")
        await pilot.press("ctrl+s")
        await yes(pilot)
        await shown(pilot, "Your sheet on leaving")
    assert kept(desk)[0].incoming == desk.staff["agent"]


async def test_notes_survive_leaving_the_place(desk: DeskForTest) -> None:
    async with run_desk(desk, mode="handover") as pilot:
        await shown(pilot, "Your sheet on leaving")
        await pilot.press("ctrl+n")
        screen = pilot.app.screen
        assert isinstance(screen, HandoverScreen)
        await pilot.until(lambda: screen.keeper is not None, "what was kept has been read")
        await pilot.type("钥匙在抽屉")
        assert screen.keeper is not None
        await screen.keeper.flush()
    async with run_desk(desk, mode="handover") as pilot:
        await shown(pilot, "钥匙在抽屉")


async def test_the_sheet_on_paper_before_and_after_it_is_signed(desk: DeskForTest) -> None:
    desk.open("repair", what="主卧空调不制冷，孩子发烧，请尽快" * 5, room="3-2-501")
    desk.tick()
    async with run_desk(desk, mode="handover", size=(80, 24)) as pilot:
        await shown(pilot, "Your sheet on leaving")
        await pilot.press("ctrl+n")
        await pilot.type("钥匙在抽屉[/b]")
        await pilot.press("ctrl+l")
        await pilot.until(lambda: isinstance(pilot.app.screen, PaperScreen))
        await pilot.sees("Shift handover", "Open matters (1)", "Save to a file", "Print")
        paper = pilot.app.screen
        assert isinstance(paper, PaperScreen)
        assert "Notes: 钥匙在抽屉[/b]" in paper.text
        assert "Handed over by: ____" in paper.text
        assert max(cell_len(line) for line in paper.text.split("\n")) <= PAPER
        await pilot.press("escape", "ctrl+s")
        await yes(pilot)
        await pilot.sees("Signed, waiting for whoever comes")
        await pilot.press("ctrl+g")
        await pilot.until(lambda: isinstance(pilot.app.screen, HandoversScreen) and pilot.app.screen.pair)
        await pilot.press("ctrl+l")
        await pilot.until(lambda: isinstance(pilot.app.screen, PaperScreen))
        paper = pilot.app.screen
        assert isinstance(paper, PaperScreen)
        assert "Handed over by: agent 2026-03-02" in paper.text
        assert paper.name_of_file.startswith("handover-20260302-")


async def test_a_draft_says_which_form_it_is(desk: DeskForTest) -> None:
    ticket = desk.open("repair", what="漏水", room="3-2-501")
    for form in (f"ticket:complete:{ticket}", "intake", "roster:week:2026-03-02"):
        drafts.save(desk.ledger, form, {"note": "半"}, desk.now, staff_id=desk.staff["agent"])
    async with run_desk(desk, mode="handover") as pilot:
        await shown(pilot, "Drafts (3)")
        await pilot.sees("not saved · Complete", "not saved · Intake")
        await pilot.press("ctrl+l")
        await pilot.until(lambda: isinstance(pilot.app.screen, PaperScreen), "on paper")
        paper = pilot.app.screen
        assert isinstance(paper, PaperScreen)
        assert "agent  Completed" in paper.text
        assert "agent  Intake" in paper.text


async def test_leaving_duty_is_one_key_more(desk: DeskForTest) -> None:
    from desk.procedures.shifts import come

    shift = come(desk.ledger, desk.doing())
    desk.tick()  # what the clock's hand brings up at the start would change the sheet
    async with run_desk(desk, mode="handover") as pilot:
        await shown(pilot, "Your sheet on leaving")
        await pilot.press("ctrl+s")
        await yes(pilot)
        await pilot.sees("leave duty now?")
        await yes(pilot)
        await pilot.until(lambda: getattr(desk.row("shift", shift), "left_at", None) is not None, "left")


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_the_supervisor_reads_two_beside_each_other_and_comments(
    desk: DeskForTest, size: tuple[int, int]
) -> None:
    signed(desk)
    desk.do("sign-in", kept(desk)[0].id, of="handover", by="agent2", at="10:30", differences="少一把伞")
    desk.at("17:00")
    second = signed(desk, "agent2")
    async with run_desk(desk, mode="handover", who="supervisor", size=size) as pilot:
        await shown(pilot, "Waiting to be taken over")
        await pilot.press("ctrl+g")
        await pilot.until(lambda: isinstance(pilot.app.screen, HandoversScreen))
        await pilot.sees("agent2, from", "nobody has", "differs · ", "to review")
        if size[0] > 100:
            await pilot.sees("Differences: 少一把伞")
        await pilot.press("ctrl+n")
        await pilot.until(lambda: isinstance(pilot.app.screen, VerbScreen) and pilot.app.screen.form is not None)
        await pilot.until(lambda: pilot.app.focused is pilot.form.fields["comment"])
        await pilot.type("写得清楚")
        await pilot.press("ctrl+s")
        await pilot.until(lambda: isinstance(pilot.app.screen, HandoversScreen))
        await pilot.sees("supervisor · 写得清楚")
    assert next(row for row in kept(desk) if row.id == second).reviewed_at is not None


async def test_the_briefing_is_read_by_one_key(desk: DeskForTest) -> None:
    ticket = desk.open("repair", what="漏水", room="3-2-501")
    desk.do("carry-over", ticket, reason="缺件", note="明天到货")
    async with run_desk(desk, mode="handover", size=(80, 24)) as pilot:
        await shown(pilot, "Your sheet on leaving")
        await pilot.press("ctrl+b")
        await pilot.until(lambda: isinstance(pilot.app.screen, BriefingScreen))
        await pilot.sees("you are not on the roster", "Carried over (1)", "漏水", "Nobody on the roster")
        await pilot.press("ctrl+s")
        await shown(pilot, "Your sheet on leaving")
    assert "shift.arrived" in desk.names()


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_hostile_text_is_shown_as_text(desk: DeskForTest, size: tuple[int, int]) -> None:
    for text in HOSTILE:
        desk.open("repair", what=text, room="3-2-501")
        desk.do("log", None, of="log", note=text)
    async with run_desk(desk, mode="handover", size=size) as pilot:
        await shown(pilot, "[/b]")
        await pilot.press("ctrl+b")
        await pilot.until(lambda: isinstance(pilot.app.screen, BriefingScreen))
        await pilot.sees("[/b]")


@pytest.mark.parametrize("lang", ["en", "zh"])
async def test_keys_without_room_are_behind_f1(tmp_path: Path, lang: str) -> None:
    """A key line cut off on a small screen says so, and the help has every key of the screen."""
    desk = make_desk(tmp_path)
    async with run_desk(desk, mode="handover", size=(80, 24), lang=lang) as pilot:
        await pilot.until(lambda: pilot.text().splitlines()[-1].rstrip().endswith("F1 …"), "the key line cut off")
        assert "Ctrl+G" not in pilot.text()
        await pilot.press("f1")
        await pilot.sees("Ctrl+L", "Ctrl+G")
