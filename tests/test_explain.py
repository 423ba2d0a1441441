"""Every deadline says why: rule, source, what began it, each stretch, pauses, warning, steps, provisional or not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk import i18n, wording
from desk.limits import LimitResult, parse_limit
from desk.queries.due import due_page, of_root
from desk.queries.reasons import reasons
from desk.rulebook import Rule
from desk.screens.explain import ExplainScreen
from tests.commandline import Run, founded
from tests.desks import DeskForTest, make_desk
from tests.screens import run_desk

OWN = """
extends = "residential"
[[rule]]
id = "repair.check"
source = ["S0-45"]
title = { zh = "核对", en = "Check" }
on = "ticket.opened"
where = { kind = "repair" }
until = ["ticket.closed"]
within = "6 working hours"
warn = "30 min before"
by = "agent"
missed = [
  { then = "chase", who = "agent_supervisor", within = "2 working hours" },
  { then = "report", who = "manager", repeat = "each duty" },
]
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = founded(tmp_path, "residential")
    file = tmp_path / "own.toml"
    file.write_text(OWN.replace("agent_supervisor", "supervisor"), encoding="utf-8")
    run("rules adopt --reason test --yes --at 2026-09-01T08:00", str(file))
    return run


def told(run: Run, what: str, at: str, *more: str) -> list[str]:
    lines: list[str] = run(f"rules explain {what} --at {at} --json", *more).record[0]["explain"]
    return lines


def test_over_night_lunch_and_holiday(run: Run) -> None:
    run("ticket open repair --what 漏水 --room 3-2-501 --at 2026-09-30T11:00")
    assert told(run, "R-0930-001", "2026-09-30T11:01", "repair.check") == [
        "Check (source: S0-45)",
        "Began 2026-09-30 Wed 11:00: Opened (李静).",
        "Limit: 6 working hours.",
        "09-30 Wed 11:00–12:00: 1 h counted",
        "09-30 Wed 12:00–13:30: lunch, not counted",
        "09-30 Wed 13:30–17:30: 4 h counted",
        "09-30 Wed 17:30–24:00: closed for the night, not counted",
        "10-01 Thu 00:00–10-07 Wed 24:00: National Day, not counted",
        "10-08 Thu 00:00–08:00: closed for the night, not counted",
        "10-08 Thu 08:00–09:00: 1 h counted",
        "Counted in all: 6 h.",
        "Due 2026-10-08 Thu 09:00.",
        "Warns 2026-10-08 Thu 08:30 (30 min before the due time).",
        "If missed, step 1: Chase (Customer-service supervisor) from 2026-10-08 Thu 09:00; due 2026-10-08 Thu 11:00.",
        "If missed, step 2: Report up (Company manager) from 2026-10-08 Thu 11:00; again at each start of duty while it is open.",
        "Reckoned by version 2 of the rules, opening hours residential.",
    ]


def test_make_up_day_pause_and_what_came_up(run: Run) -> None:
    run("ticket open repair --what 漏水 --room 3-2-501 --at 2026-10-10T15:00")
    number = "R-1010-001"
    run(f"ticket pause {number} --reason parts --at 2026-10-10T16:00")
    paused = told(run, number, "2026-10-10T16:30", "repair.check")
    assert "Paused now: the clock stands still until it goes on." in paused
    run(f"ticket resume {number} --at 2026-10-12T08:30")
    lines = told(run, number, "2026-10-13T12:00", "repair.check")
    assert lines[3:] == [
        "10-10 Sat 15:00–16:00: 1 h counted (National Day)",
        "10-10 Sat 16:00–10-12 Mon 08:30: paused, not counted",
        "10-12 Mon 08:30–12:00: 3 h 30 min counted",
        "10-12 Mon 12:00–13:00: lunch, not counted",
        "10-12 Mon 13:00–14:30: 1 h 30 min counted",
        "Counted in all: 6 h.",
        "Due 2026-10-12 Mon 14:30.",
        "Warns 2026-10-12 Mon 14:00 (30 min before the due time).",
        "Missed, step 1: Chase (Customer-service supervisor) came up 2026-10-12 Mon 14:30; due 2026-10-12 Mon 16:30.",
        "Missed, step 2: Report up (Company manager) came up 2026-10-13 Tue 08:00; 2 times; again at each start of duty while it is open.",
        "Reckoned by version 2 of the rules, opening hours residential.",
    ]


def test_one_deadline_by_its_id_and_every_one_of_a_rule(run: Run) -> None:
    for minute in ("00", "10"):
        run(f"ticket open repair --what 漏水 --room 3-2-501 --at 2026-12-31T11:{minute}")
    board = run("due --at 2026-12-31T11:20 --json").record
    rows = [row for row in board if row["rule"] == "repair.check"]
    one = run(f"rules explain {rows[1]['deadline']} --at 2026-12-31T11:20 --json").record
    assert [(each["number"], each["rule"], each["due_at"], each["provisional"]) for each in one] == [
        (rows[1]["number"], "repair.check", rows[1]["due_at"], True)
    ]
    assert "Provisional: the statutory days of that year are not known yet." in one[0]["explain"]
    counted = [each for each in one[0]["stretches"] if each["kind"] == "counted"]
    assert counted[0]["from"] == rows[1]["starts_at"]
    every = run("rules explain repair.check --at 2026-12-31T11:20 --json").record
    assert [each["number"] for each in every] == [row["number"] for row in rows]
    # a duty that no ticket bears, known to the board alone
    duty = next(row for row in board if row["number"] is None)
    for what in (duty["deadline"], duty["rule"]):
        assert told(run, what, "2026-12-31T11:20")[0].endswith(f"(source: {', '.join(duty['source'])})")
    missing = run("rules explain 00000000-0000-0000-0000-000000000000 --at 2026-12-31T11:20", code=1)
    assert missing.err == "There is no deadline 00000000-0000-0000-0000-000000000000.\n"


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("manual", ["residential", "work-orders"])
def test_every_row_of_the_board_can_say_why(tmp_path: Path, manual: str, lang: str) -> None:
    """Rule and source, what began it, the due time that stands on the board: none is left out."""
    desk = make_desk(tmp_path, manual)
    first = desk.open("repair", room="3-2-501", what="漏水", person="业主1", at="10:00", appointment="2026-03-03 9:00")
    desk.open("complaint", room="3-2-502", what="噪声", person="业主2", phone="13900001111", at="10:05")
    desk.do("pause", first, at="10:10", reason="parts")
    desk.tick("2026-03-04 09:30")
    i18n.install(lang)
    try:
        with desk.store.read() as session:
            rows = [row for row in due_page(desk.ledger, session, desk.now).rows if row.gathered == 1]
            rows += of_root(desk.ledger, session, ("ticket", first), desk.now)
            assert len(rows) > 5
            for row in rows:
                why = reasons(desk.ledger, session, row, desk.now)
                assert why is not None, row
                text = "\n".join(wording.explain_deadline(why))
                assert all(source in text for source in row.source), text
                assert "None" not in text
                assert "{" not in text
                if row.due_at is not None:
                    assert f"{row.due_at.astimezone(desk.ledger.zone):%H:%M}" in text
    finally:
        i18n.install("en")


async def test_f9_says_it_all(tmp_path: Path) -> None:
    desk: DeskForTest = make_desk(tmp_path, "work-orders")
    desk.open("repair", room="3-2-501", what="漏水", at="10:00")
    async with run_desk(desk, mode="due", size=(120, 40)) as pilot:
        await pilot.until(lambda: pilot.table.rows_shown)
        await pilot.press("f9")
        await pilot.until(lambda: isinstance(pilot.app.screen, ExplainScreen))
        await pilot.sees(
            "Began 2026-03-02 Mon 10:00: Opened (agent)", "5 min counted", "If missed, step 1", "Rule repair.claim"
        )


def test_what_a_table_gave_is_said() -> None:
    limit = parse_limit({"table": "working_days", "key": "problem_code"}, where="within")
    rule = Rule(id="r", source=(), title={"en": "Finish"}, on=(), until=(), within=limit, by="agent")
    at = datetime(2026, 3, 2, 2, tzinfo=UTC)
    lines = wording.explain(rule, limit, at, LimitResult(at), zone=UTC, looked_up=("leak", "3 working days"))
    assert "Limit: 3 working days (table working_days, Problem code “leak”)." in lines
