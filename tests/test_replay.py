"""What was recorded, run again under other rules: nothing is written, and the same rules come to the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import func, select

from desk.calendars import Calendar
from desk.ledger.replay import Replayed, replay
from desk.models import Deadline, Event
from desk.rulebook import Rulebook, build, extend
from tests.commandline import Run, founded
from tests.desks import DeskForTest, make_desk

SINCE, UNTIL, NOW = (datetime(2026, 3, day, tzinfo=UTC) for day in (1, 20, 25))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> DeskForTest:
    """Ten repairs claimed after 1, 2 … 10 minutes from ten o'clock on, and one at night that nobody claims."""
    desk = make_desk(tmp_path_factory.mktemp("replay"))
    for minute in range(1, 11):
        ticket = desk.open("repair", what="漏水", room="3-2-501", at=f"2026-03-{minute + 1:02d} 10:00")
        desk.tick(f"10:{minute:02d}")
        desk.do("claim", ticket, by="technician")
    desk.open("repair", what="没电", room="3-2-502", at="2026-03-12 23:00")
    cancelled = desk.open("repair", what="误报", room="3-2-502", at="2026-03-13 9:00")
    desk.do("cancel", cancelled, at="9:01", reason="误报")
    return desk


def under(desk: DeskForTest, over: dict[str, Any], calendar: Calendar | None = None, **more: Any) -> Replayed:
    book = build(extend(dict(desk.ledger.book.raw), over, "t"), name="t", file="t")
    return replay(desk.ledger, book, calendar or desk.ledger.calendar, SINCE, UNTIL, NOW, **more)


def counts(desk: DeskForTest) -> tuple[int, int]:
    with desk.store.read() as session:
        found = [session.exec(select(func.count()).select_from(table)).one() for table in (Event, Deadline)]
    return found[0], found[1]


def test_a_shorter_limit_makes_more_late(desk: DeskForTest) -> None:
    before = counts(desk)
    found = under(desk, {"rule": [{"id": "repair.claim", "within": "3 min"}]})
    [claim] = found.rules
    assert claim.was is not None
    assert claim.would is not None
    assert (claim.was.opened, claim.was.late, claim.was.withdrawn) == (11, 6, 1)
    assert (claim.would.opened, claim.would.late, claim.would.withdrawn) == (11, 8, 1)
    # by the estate's hour at which it began
    assert {hour: n for hour, n in enumerate(claim.would.late_by_hour) if n} == {10: 7, 23: 1}
    assert counts(desk) == before
    assert found.roots == 12


def test_only_what_differs_is_reckoned(desk: DeskForTest) -> None:
    assert under(desk, {}).rules == ()
    assert under(desk, {"rule": [{"id": "repair.claim", "title": "x", "warn": "2 min before"}]}).rules == ()
    found = under(desk, {"figures": {"grade": "1 hour"}})
    assert [each.id for each in found.rules] == ["complaint.grade"]


def test_rules_new_and_gone(desk: DeskForTest) -> None:
    look = {
        "id": "own.look",
        "title": "x",
        "on": "ticket.opened",
        "until": ["ticket.claimed"],
        "within": "8 min",
        "by": "agent",
    }
    new, gone = under(desk, {"rule": [look], "off": ["repair.claim"]}).rules
    assert (new.id, new.was, new.would and new.would.late) == ("own.look", None, 3)
    assert (gone.id, gone.would, gone.was and gone.was.late) == ("repair.claim", None, 6)


def test_what_comes_round_otherwise_is_left_out_and_named(desk: DeskForTest) -> None:
    found = under(desk, {"rule": [{"id": "day.sweep", "every": "FREQ=DAILY;BYHOUR=9;BYMINUTE=0;BYSECOND=0"}]})
    assert (found.rules, found.left_out) == ((), ("day.sweep",))


def test_the_same_rules_come_to_the_same(desk: DeskForTest) -> None:
    """Opening hours that are the same under another name: everything is reckoned anew, and nothing changes."""
    again = replace(desk.ledger.calendar, version="other")
    found = under(desk, {}, again)
    assert {each.id for each in found.rules} >= {"repair.claim", "repair.movement", "unfinished.tell"}
    assert [each.id for each in found.rules if each.was != each.would] == []


def test_the_period_says_which_began_in_it_and_progress_is_told(desk: DeskForTest) -> None:
    book: Rulebook = build(
        extend(dict(desk.ledger.book.raw), {"rule": [{"id": "repair.claim", "within": "3 min"}]}, "t"),
        name="t",
        file="t",
    )
    told: list[tuple[int, int]] = []
    day = datetime(2026, 3, 5, tzinfo=desk.ledger.zone)
    found = replay(
        desk.ledger,
        book,
        desk.ledger.calendar,
        day,
        day + timedelta(days=2),
        NOW,
        lambda done, of: told.append((done, of)),
    )
    assert found.rules[0].would is not None
    assert (found.rules[0].would.opened, found.rules[0].would.late) == (2, 2)
    assert told == [(2, 2)]


def test_on_the_command_line(tmp_path: Path) -> None:
    run: Run = founded(tmp_path)
    for minute, room in ((2, "3-2-501"), (4, "3-2-502")):
        number = run(f"ticket open repair --room {room} --what 漏水 --at 2026-03-02T10:00 --json").record["number"]
        run(f"ticket claim {number} --at 2026-03-02T10:0{minute}", as_="王师傅")
    own = tmp_path / "own.toml"
    own.write_text('extends = "work-orders"\n[[rule]]\nid = "repair.claim"\nwithin = "3 min"\n', "utf-8")
    line = f"rules replay --rulebook {own} --from 2026-03-01 --to 2026-03-03 --at 2026-03-04T10:00"
    assert run(line).out.splitlines() == [
        "Claim the order (repair.claim), 3 min instead of 5 min: 1 of 2 would have been late; 0 of 2 were.",
        "",
        "Began at  Opened  Were late  Would be late",
        "10:00     2       0          1",
        "4 events of 2 matters were run again; nothing was written.",
    ]
    found = run(f"{line} --json").record
    assert found["rules"][0]["would"]["late"] == 1
    assert "come to the same" in run("rules replay --rulebook adopted --at 2026-03-04T10:00").out
    # what is in force by now may have no such rule: it is held against the one that applied then
    run("rules off repair.claim --reason quiet --yes --at 2026-03-03T10:00")
    assert run(line).out.splitlines()[0].endswith("3 min instead of 5 min: 1 of 2 would have been late; 0 of 2 were.")
    assert run("rules replay --rulebook work-ordres", code=1).err.count("work-orders") == 2
