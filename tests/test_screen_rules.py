"""The rules in the console: read by everybody, changed by a supervisor, who sees first what that does to open work."""

from __future__ import annotations

from pathlib import Path

from desk.screens.replay import ReplayScreen
from desk.screens.rules import ChangeScreen, RulesScreen, RulesTable
from desk.widgets.form import Form
from tests.desks import DeskForTest, make_desk
from tests.screens import DeskPilot, run_desk


async def opened(pilot: DeskPilot, mark: str = "repair.claim") -> RulesTable:
    await pilot.app.push_screen(RulesScreen())
    await pilot.until(lambda: pilot.app.screen.query_one(RulesTable).row_count > 20)
    table = pilot.app.screen.query_one(RulesTable)
    table.mark(mark)
    await pilot.until(lambda: table.marked is not None and table.marked.key == mark)
    return table


def write(pilot: DeskPilot, name: str, value: object) -> None:
    """A field filled in, as far as the form can tell by hand."""
    pilot.form.fields[name].put(value)
    pilot.form.post_message(Form.Edited(pilot.form))


def supervised(tmp_path: Path) -> DeskForTest:
    desk = make_desk(tmp_path)
    desk.by = "supervisor"
    desk.open("repair", what="漏水", room="3-2-501", at="2026-03-02 10:00", by="agent")
    return desk


async def test_a_limit_is_changed_with_open_work(tmp_path: Path) -> None:
    desk = supervised(tmp_path)
    async with run_desk(desk, who="supervisor", size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.sees("Claim the order", "5 min", "Opens when: Opened", "S4-06")
        await pilot.press("enter")
        await pilot.until(
            lambda: isinstance(pilot.app.screen, ChangeScreen) and pilot.form.fields["value"].given == "5 min"
        )
        assert pilot.app.focused is pilot.form.fields["value"]
        write(pilot, "value", "3分钟")
        write(pilot, "reason", "faster")
        await pilot.sees("Of what is open, if it is reckoned anew (1):", "10:05 → 10:03")
        write(pilot, "value", "3 mins ago")
        await pilot.sees("“3 mins ago” is no time")
        write(pilot, "value", "3 min")
        write(pilot, "anew", True)
        await pilot.press("ctrl+s")
        await pilot.until(lambda: isinstance(pilot.app.screen, RulesScreen))
        await pilot.sees("version 2", "Limit: 3 min.")  # under the mark, too
        await pilot.press("ctrl+l")
        await pilot.until(lambda: isinstance(pilot.app.screen, ReplayScreen) and pilot.form.fields["value"].given)
        # the marked rule is what is changed for a replay
        assert pilot.form.draft()["name"] == "repair.claim.within"
        assert pilot.form.draft()["value"] == "3 min"
    desk.ledger.refresh()
    assert desk.ledger.version == 2
    assert desk.ledger.book.rules["repair.claim"].within.words() == "3 min"
    assert desk.due(desk.opened[0].id, "repair.claim") == "2026-03-02 10:03"
    assert "rulebook.applied" in desk.names(desk.opened[0].id)
    adopted = [event for event in desk.events() if event.name == "rulebook.adopted"][-1]
    assert adopted.done_by == desk.staff["supervisor"]


async def test_a_rule_is_switched_off_and_on(tmp_path: Path) -> None:
    desk = supervised(tmp_path)
    async with run_desk(desk, who="supervisor", size=(120, 40)) as pilot:
        await opened(pilot)
        for version, there in ((2, False), (3, True)):
            await pilot.press("ctrl+d")
            await pilot.until(
                lambda: isinstance(pilot.app.screen, ChangeScreen) and pilot.app.focused is pilot.form.fields["reason"]
            )
            write(pilot, "reason", "quiet")
            await pilot.press("ctrl+s")
            await pilot.until(lambda: isinstance(pilot.app.screen, RulesScreen))
            await pilot.sees(f"version {version}")
            desk.ledger.refresh()
            assert ("repair.claim" in desk.ledger.book.rules) is there
            if not there:
                pilot.app.screen.query_one(RulesTable).mark("repair.claim")
    # what was open kept its rules
    assert desk.due(desk.opened[0].id, "repair.claim") == "2026-03-02 10:05"


async def test_a_figure_and_who_may_not(tmp_path: Path) -> None:
    desk = supervised(tmp_path)
    async with run_desk(desk, who="supervisor", size=(120, 40)) as pilot:
        await opened(pilot, "figures.promptly")
        await pilot.sees("Asked for by")
        await pilot.press("enter")
        await pilot.until(
            lambda: isinstance(pilot.app.screen, ChangeScreen) and pilot.form.fields["value"].given == "30 min"
        )
        write(pilot, "value", "20 min")
        write(pilot, "reason", "faster")
        await pilot.press("ctrl+s")
        await pilot.sees("version 2")
    desk.ledger.refresh()
    assert desk.ledger.book.figures["promptly"] == "20 min"
    async with run_desk(desk, who="agent", size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("enter")
        await pilot.sees("Not your right: “Change and adopt rules, import days”.")
    # the one table of rights says who may; that somebody tried is recorded as everywhere
    assert [event.name for event in desk.events()][-1] == "act.refused"


async def test_replay(tmp_path: Path) -> None:
    desk = supervised(tmp_path)
    desk.do("claim", desk.opened[0].id, by="technician", at="10:04")
    desk.at("11:00")
    before = desk.names(desk.opened[0].id)
    async with run_desk(desk, who="supervisor", size=(120, 40)) as pilot:
        await pilot.app.push_screen(ReplayScreen())
        await pilot.until(lambda: pilot.app.focused is pilot.form.fields["book"])
        write(pilot, "name", "repair.claim.within")
        write(pilot, "value", "3 min")
        await pilot.sees("Ctrl+S Run")
        await pilot.press("ctrl+s")
        await pilot.sees(
            "3 min instead of 5 min: 1 of 1 would have been late; 0 of 1 were.",
            "10:00: 1 opened, 0 were late, 1 would be late",
        )
        write(pilot, "name", "repair.clam.within")
        await pilot.press("ctrl+s")
        await pilot.sees("There is no “repair.clam.within”")
        await pilot.press("escape")
        await pilot.until(lambda: not isinstance(pilot.app.screen, ReplayScreen))
    assert desk.names(desk.opened[0].id) == before
