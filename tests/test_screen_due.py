"""The due board, driven by keys on a real store."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from desk.procedures.shifts import plan_roster
from desk.screens import due
from desk.screens.day import DayScreen
from desk.screens.explain import ExplainScreen
from desk.screens.ticket import TicketScreen
from desk.screens.verb import VerbScreen
from desk.screens.ways import AcknowledgeScreen
from tests.desks import DeskForTest, make_desk
from tests.screens import HOSTILE, DeskPilot, run_desk


def shown(pilot: DeskPilot) -> list[str]:
    """What stands in the board's first column, headings included."""
    return [str(row.cells[0]) for row in pilot.table.rows_shown]


def titles(pilot: DeskPilot) -> list[str]:
    return [str(row.cells[1]) for row in pilot.table.rows_shown if len(row.cells) > 1]


async def settled(pilot: DeskPilot) -> None:
    """The board has been read and the ways of the marked row are known."""
    screen = pilot.app.screen
    assert isinstance(screen, due.DueScreen)
    await pilot.until(lambda: pilot.table.marked is not None and screen._ways_for == pilot.table.marked.data, "ways")


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    desk = make_desk(tmp_path, "residential")
    desk.open("repair", what="厨房漏水", room="3-2-501", at="2026-03-02 9:00")
    desk.open("repair", what="空调不制冷", room="3-2-502", at="2026-03-02 9:40")
    desk.open("todo", what="整理钥匙柜", due_by=desk.time("2026-03-09 10:00"), at="2026-03-02 9:45")
    desk.tick("2026-03-02 9:50")
    return desk


async def test_groups_stand_in_order_with_their_words(desk: DeskForTest) -> None:
    async with run_desk(desk, mode="due", size=(80, 24)) as pilot:
        await pilot.sees("Overdue", "Within the hour", "Today", "Later")
        lines = shown(pilot)
        heads = [line for line in lines if line in {"Overdue", "Within the hour", "Today", "Later"}]
        assert heads == ["Overdue", "Within the hour", "Today", "Later"]
        assert "09:30 20 min overdue" in lines
        assert "10:10 20 min left" in lines
        assert any(line.startswith("17:00 7 h 10 min left") for line in lines)
        assert "03-09 10:00 7 d left" in lines
        assert "Chase: Write the order and tell the repair department" in titles(pilot)


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_everything_of_the_marked_row_is_told(desk: DeskForTest, size: tuple[int, int]) -> None:
    async with run_desk(desk, mode="due", size=size) as pilot:
        await pilot.sees("R-260302-001 3-2-501 厨房漏水", "source S0-12", "Agent", "step 1 came up")
        await pilot.sees("Enter Tell who must act", "2 Give it out")


async def test_enter_enter_does_the_next_due_thing(desk: DeskForTest) -> None:
    ticket = desk.opened[0].id
    async with run_desk(desk, mode="due") as pilot:
        await settled(pilot)
        await pilot.press("enter")
        await pilot.sees("Nothing more is needed: Enter records it.")
        await pilot.press("enter")
        await pilot.until(lambda: "ticket.told" in desk.names(ticket))
        await pilot.until(lambda: isinstance(pilot.app.screen, due.DueScreen))
        # what was done has gone, the mark stands on the next row
        await pilot.until(lambda: getattr(pilot.table.marked, "data").number == "R-260302-002")  # noqa: B009
        assert desk.deadlines(ticket)["repair.tell"].met_at == desk.now


async def test_fast_fingers_open_one_form(desk: DeskForTest) -> None:
    async with run_desk(desk, mode="due") as pilot:
        await settled(pilot)
        for _ in range(3):
            pilot.app.screen.query_one(due.DueTable).action_select_cursor()
        await pilot.until(lambda: isinstance(pilot.app.screen, VerbScreen))
        await pilot.sees("Nothing more is needed")
        assert sum(isinstance(screen, VerbScreen) for screen in pilot.app.screen_stack) == 1


async def test_a_form_that_was_touched_is_not_saved_by_enter(desk: DeskForTest) -> None:
    ticket = desk.opened[0].id
    async with run_desk(desk, mode="due") as pilot:
        await settled(pilot)
        await pilot.press("enter")
        await pilot.sees("Nothing more is needed")
        await pilot.press("tab", "tab")
        await pilot.type("王师傅")
        await pilot.until(lambda: "Nothing more is needed" not in pilot.text())
        await pilot.press("enter")
        assert isinstance(pilot.app.screen, VerbScreen)
        await pilot.press("ctrl+s")
        await pilot.until(lambda: "ticket.told" in desk.names(ticket))
        assert desk.words(ticket, "ticket.told")["who"] == "王师傅"


async def test_a_digit_does_it_another_way(desk: DeskForTest) -> None:
    async with run_desk(desk, mode="due") as pilot:
        await settled(pilot)
        await pilot.press("2")
        await pilot.sees("Give it out", "To whom", "technician2")  # somebody must be named: the list stands open
        await pilot.press("escape", "escape")
        await pilot.until(lambda: isinstance(pilot.app.screen, due.DueScreen))
        await pilot.press("9")  # there is no ninth way
        assert isinstance(pilot.app.screen, due.DueScreen)


async def test_explain_and_ticket(desk: DeskForTest) -> None:
    async with run_desk(desk, mode="due") as pilot:
        await settled(pilot)
        await pilot.press("f9")
        await pilot.sees("Why it is due then", "30 min", "Rule repair.tell")
        assert isinstance(pilot.app.screen, ExplainScreen)
        await pilot.press("escape")
        await pilot.press("ctrl+o")
        await pilot.until(lambda: isinstance(pilot.app.screen, TicketScreen))
        await pilot.sees("R-260302-001", "厨房漏水")


async def test_filters(desk: DeskForTest) -> None:
    async with run_desk(desk, mode="due", who="supervisor") as pilot:
        await settled(pilot)
        await pilot.press("ctrl+d")
        await pilot.sees("overdue only")
        await pilot.until(lambda: "Today" not in shown(pilot))
        await pilot.press("ctrl+d")
        await pilot.until(lambda: "Today" in shown(pilot))
        await pilot.press("ctrl+t")
        await pilot.sees("Mine and my duties'")
        await pilot.until(lambda: {title.partition(":")[0] for title in titles(pilot)} == {"Chase"})
        await pilot.press("ctrl+t")
        await pilot.sees("Customer-service supervisor")
        await pilot.press("ctrl+t")
        await pilot.press("ctrl+k")
        await pilot.sees("Which kind?")
        await pilot.press("right")  # from all kinds to the first
        await pilot.press("enter")
        await pilot.until(lambda: not any("leader" in title for title in titles(pilot)))


async def test_search_as_one_types(desk: DeskForTest) -> None:
    async with run_desk(desk, mode="due") as pilot:
        await settled(pilot)
        await pilot.press("ctrl+f")
        await pilot.type("空调")
        await pilot.until(
            lambda: {row.data.room for row in pilot.table.rows_shown[1:] if hasattr(row.data, "room")} == {"3-2-502"}
        )
        first = next(row for row in pilot.table.rows_shown if len(row.cells) > 1)
        assert pilot.table.marked is first
        await pilot.press("enter")
        assert pilot.focused is pilot.table
        await pilot.press("ctrl+f", "escape")
        await pilot.until(lambda: "厨房漏水" in pilot.text())
        await pilot.press("ctrl+f")
        await pilot.type("r0302002")
        await pilot.until(lambda: "厨房漏水" not in pilot.text() and "空调不制冷" in pilot.text())
        await pilot.press("escape", "ctrl+f")
        await pilot.type("没有这样的")
        await pilot.sees("Nothing here fits the filters.")


async def test_a_notice_is_acknowledged(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, "residential")
    ticket = desk.open("repair", what="灯坏", room="3-2-501", at="2026-03-02 9:00")
    desk.do("complete", ticket, at="2026-03-02 9:30")
    desk.tick("2026-03-05 9:30")
    async with run_desk(desk, mode="due") as pilot:
        await pilot.until(lambda: "Tell: Callback: other repair" in titles(pilot))
        keys = [row.data.rule_id if len(row.cells) > 1 else "" for row in pilot.table.rows_shown]
        step = next(i for i, row in enumerate(pilot.table.rows_shown) if len(row.cells) > 1 and row.data.step)
        assert keys[step] == "repair.callback_other"
        pilot.table.move_cursor(row=step)
        await settled(pilot)
        await pilot.press("enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, AcknowledgeScreen))
        await pilot.sees("Enter notes it as done.")
        await pilot.press("enter")
        await pilot.until(lambda: "escalation.done" in desk.names(ticket))
        await pilot.until(lambda: "Tell: Callback: other repair" not in titles(pilot))


async def test_a_recurring_duty_the_clock_has_not_written_yet(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, "residential", now="2026-03-02 16:00")
    async with run_desk(desk, mode="due") as pilot:
        await pilot.sees("Report the day's major complaints and repairs")
        await settled(pilot)
        await pilot.press("enter", "enter")
        await pilot.until(lambda: "day.reported" in desk.names())
        await pilot.until(lambda: "Report the day's" not in " ".join(titles(pilot)))


@pytest.mark.parametrize("key", ["enter", "ctrl+s", "escape"])
async def test_a_form_that_asks_nothing_takes_its_keys(tmp_path: Path, key: str) -> None:
    desk = make_desk(tmp_path, "residential", now="2026-03-01 16:00")
    (shift,) = plan_roster(desk.ledger, [desk.staff["agent"]], date(2026, 3, 2), 1, desk.doing("supervisor"))
    desk.at("2026-03-02 07:40")
    async with run_desk(desk, mode="due") as pilot:
        await pilot.until(lambda: "Be there early for the handover" in titles(pilot))
        row = next(r for r in pilot.table.rows_shown if len(r.cells) > 1 and r.data.rule_id == "shift.arrival")
        pilot.table.mark(row.key)
        await settled(pilot)
        await pilot.press("enter")
        await pilot.sees("Nothing more is needed: Enter records it.", "Ctrl+S Save", "Esc Leave")
        await pilot.press(key)
        await pilot.until(lambda: isinstance(pilot.app.screen, due.DueScreen))
    assert ("shift.arrival" in desk.open_rules(shift)) == (key == "escape")


async def test_many_of_one_kind_are_one_row(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, "work-orders")
    for room in ("3-2-501", "3-2-502"):
        desk.open("repair", what="漏水", room=room, at="2026-03-02 9:00")
    desk.tick("2026-03-03 9:30")
    async with run_desk(desk, mode="due", size=(140, 40)) as pilot:
        await pilot.until(lambda: "Publish: Unfinished for more than 24 hours: publish daily" in titles(pilot))
        gathered = [row.data for row in pilot.table.rows_shown if len(row.cells) > 1 and row.data.gathered > 1]
        assert [row.gathered for row in gathered] == [2]
        pilot.table.mark(str(gathered[0].deadline_id))
        await settled(pilot)
        await pilot.sees("Enter Publish the unfinished orders")
        await pilot.press("ctrl+o")
        await pilot.sees("No ticket belongs to this row.")
        # one order's own row is about publishing too: Enter twice must not end the order
        dues = [row for row in pilot.table.rows_shown if len(row.cells) > 1]
        single = next(row for row in dues if (row.data.rule_id, row.data.step) == ("unfinished.publish", 0))
        pilot.table.mark(single.key)
        await settled(pilot)
        await pilot.sees("Enter Publish as unfinished")


async def test_what_cannot_be_done_now_says_why(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, "work-orders")
    ticket = desk.open(
        "complaint", what="保洁", room="3-2-501", person_name="王芳", phone="13900001111", at="2026-03-02 9:00"
    )
    desk.do("complete", ticket, at="2026-03-02 9:10")
    desk.at("2026-03-02 9:11")
    async with run_desk(desk, mode="due") as pilot:
        await pilot.until(lambda: "Call back at once on completion" in titles(pilot))
        row = next(r for r in pilot.table.rows_shown if len(r.cells) > 1 and r.data.rule_id == "callback.at_once")
        pilot.table.mark(row.key)
        await settled(pilot)
        await pilot.until(lambda: "Enter" not in str(pilot.one("#marked-ways").render()))
        await pilot.press("enter")
        assert isinstance(pilot.app.screen, due.DueScreen)


async def test_pages_are_read_as_one_goes_down(desk: DeskForTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due, "PAGE", 4)
    async with run_desk(desk, mode="due", size=(80, 24)) as pilot:
        await pilot.until(lambda: len(titles(pilot)) >= 4)
        for _ in range(8):
            await pilot.press("down")
        await pilot.until(lambda: "Later" in shown(pilot))
        rows = [row.key for row in pilot.table.rows_shown]
        assert len(rows) == len(set(rows))
        # reading anew keeps what had been read, and the mark
        marked = pilot.table.marked
        assert marked is not None
        pilot.app.stale()
        await pilot.until(lambda: pilot.table.marked is not None and pilot.table.marked.key == marked.key)


async def test_the_words_change_each_minute_and_the_mark_stays(desk: DeskForTest) -> None:
    async with run_desk(desk, mode="due") as pilot:
        await settled(pilot)
        await pilot.press("down", "down")
        marked = pilot.table.marked
        assert marked is not None
        desk.at("2026-03-02 9:52")
        pilot.app.stale()
        await pilot.until(lambda: "09:30 22 min overdue" in shown(pilot))
        await pilot.sees("22 min overdue")
        assert pilot.table.marked is not None
        assert pilot.table.marked.key == marked.key


async def test_the_mark_never_stands_on_a_heading(desk: DeskForTest) -> None:
    async with run_desk(desk, mode="due", size=(80, 24)) as pilot:
        await settled(pilot)
        seen = set()
        for key in ["down"] * 10 + ["up"] * 12 + ["pagedown", "pageup", "ctrl+end", "ctrl+home"]:
            await pilot.press(key)
            assert pilot.table.marked is not None, key
            seen.add(pilot.table.cursor_row)
        headings = {i for i, row in enumerate(pilot.table.rows_shown) if len(row.cells) == 1}
        assert headings
        assert not seen & headings


async def test_no_heading_comes_twice(tmp_path: Path) -> None:
    """A step due this second, and a notice that has come up."""
    desk = make_desk(tmp_path, "work-orders")
    desk.open("incident", what="2号梯困人", lift=True, trapped=True, at="2026-03-02 10:22")
    desk.open("incident", what="1号梯困人", lift=True, trapped=True, at="2026-03-02 10:21")
    desk.tick("2026-03-02 10:24")
    async with run_desk(desk, mode="due") as pilot:
        await pilot.until(lambda: titles(pilot))
        lines = shown(pilot)
        assert lines.count("Overdue") == 1
        assert any(line.endswith("to note") for line in lines)
        assert any(line.endswith("now") for line in lines)


async def test_an_empty_board_says_so(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, "work-orders", now="2026-03-01 7:00")
    async with run_desk(desk, mode="due") as pilot:
        await pilot.sees("Nothing is due.")
        await pilot.press("enter", "1", "f9", "ctrl+o", "down")


@pytest.mark.parametrize("lang", ["en", "zh_CN"])
async def test_hostile_text(tmp_path: Path, lang: str) -> None:
    desk = make_desk(tmp_path, "residential")
    for text in HOSTILE:
        desk.open("repair", what=text, place=text, person_name=text, phone=text, room_text=text, at="2026-03-02 9:00")
    desk.tick("2026-03-02 9:40")
    async with run_desk(desk, mode="due", lang=lang, size=(80, 24), theme="desk-plain") as pilot:
        await settled(pilot)
        for _ in range(6):
            await pilot.press("down")
            await settled(pilot)
        await pilot.press("f9")
        await pilot.until(lambda: isinstance(pilot.app.screen, ExplainScreen))
        await pilot.press("escape", "enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, VerbScreen))
        await pilot.press("escape", "ctrl+f")
        for text in HOSTILE:
            pilot.one("#search").put(None)
            await pilot.type(text)
        await pilot.press("escape")
        assert "\x1b" not in pilot.text()


async def test_the_sweep_has_a_screen_of_its_own(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, "work-orders")
    desk.open("repair", what="漏水", room="3-2-501", at="2026-03-02 9:00")
    desk.at("2026-03-02 17:40")
    async with run_desk(desk, mode="due") as pilot:
        await pilot.until(lambda: any("Before leaving" in title for title in titles(pilot)))
        row = next(r for r in pilot.table.rows_shown if len(r.cells) > 1 and r.data.rule_id == "day.sweep")
        pilot.table.mark(row.key)
        await settled(pilot)
        await pilot.press("enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, DayScreen))
        await pilot.sees("漏水")


async def test_back_on_the_board_the_next_thing_due_is_marked(desk: DeskForTest) -> None:
    """What came meanwhile and is due first is marked on F3; a mark somebody has moved stays where it was put."""
    async with run_desk(desk, mode="due") as pilot:
        await settled(pilot)
        for keys, first in (((), True), (("down",), False)):
            await pilot.press(*keys, "f2")
            await pilot.until(lambda: pilot.app.current_mode == "intake")
            desk.open("repair", what="电梯困人", room="3-2-501", at="2026-03-02 9:10", emergency=True)
            desk.at("2026-03-02 9:50")
            await pilot.press("f3")
            await pilot.until(lambda: pilot.app.current_mode == "due")
            board = pilot.app.screen
            assert isinstance(board, due.DueScreen)
            board.freshen()
            await pilot.until(lambda: not vars(pilot.app.screen)["_back"] and pilot.table.marked is not None, "read")
            marked = pilot.table.marked
            assert marked is not None
            assert (marked.key == pilot.table.rows_shown[1].key) is first
