"""A year's published days brought in: kept with the adopted calendar, provisional deadlines reckoned anew."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from desk import resources
from desk.calendars import Calendar, Name, Statutory, load_statutory, read_year
from desk.calendars.statutory import all_days
from desk.errors import Refusal
from desk.ledger import Doing, Ledger
from desk.procedures.estate import import_days
from desk.store import Store
from tests.commandline import Run, founded

OWN = """
extends = "residential"
[[rule]]
id = "repair.check"
title = { zh = "核对", en = "Check" }
on = "ticket.opened"
where = { kind = "repair" }
until = ["ticket.closed"]
within = "3 working days"
by = "agent"
missed = [{ then = "report", who = "manager", within = "2 working hours" }]
"""


def days(*given: tuple[str, str, bool]) -> list[dict[str, Any]]:
    return [{"name": name, "date": day, "isOffDay": off} for name, day, off in given]


PUBLISHED: dict[str, Any] = {
    "$schema": "https://example.org/schema.json",
    "year": 2027,
    "papers": ["https://example.org/notice"],
    "days": days(
        ("元旦", "2027-01-01", True),
        ("元旦", "2027-01-02", True),
        ("元旦", "2027-01-03", True),
        ("元旦", "2026-12-31", True),
        ("元旦", "2027-01-09", False),
        ("国庆节、中秋节", "2027-10-01", True),
        ("调休", "2027-10-09", False),
    ),
}


def write(folder: Path, data: object, name: str = "2027.json") -> Path:
    file = folder / name
    file.write_text(data if isinstance(data, str) else json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return file


# -- reading ----------------------------------------------------------------------------------------


def test_the_public_lists(tmp_path: Path) -> None:
    year = read_year(write(tmp_path, PUBLISHED))
    new_year = Name("元旦", "New Year's Day")
    assert year.year == 2027
    assert list(year.off) == [date(2026, 12, 31), *(date(2027, 1, n) for n in (1, 2, 3)), date(2027, 10, 1)]
    assert year.off[date(2026, 12, 31)] == new_year
    assert year.off[date(2027, 10, 1)] == Name("国庆节、中秋节", "National Day and Mid-autumn Festival")
    assert year.make_up == {date(2027, 1, 9): new_year, date(2027, 10, 9): Name("调休", "调休")}


@pytest.mark.parametrize("year", [2025, 2026])
def test_a_year_as_a_table_reads_back_the_same(tmp_path: Path, year: int) -> None:
    ours = load_statutory(resources.path(f"calendars/cn-{year}.toml"))
    assert Statutory.from_dict(ours.as_dict(), file="x") == ours
    assert read_year(resources.path(f"calendars/cn-{year}.toml")) == ours
    listed = [
        (name.zh, day.isoformat(), off)
        for off, table in ((True, ours.off), (False, ours.make_up))
        for day, name in table.items()
    ]
    again = read_year(write(tmp_path, {"year": year, "days": days(*listed)}))
    assert (again.off.keys(), again.make_up.keys()) == (ours.off.keys(), ours.make_up.keys())


def test_of_two_notices_on_one_date_the_later_years_holds() -> None:
    first, second = Name("一", "one"), Name("二", "two")
    day, other = date(2026, 12, 31), date(2026, 12, 27)
    before = Statutory(2026, {day: first}, {other: first})
    after = Statutory(2027, {other: second}, {day: second})
    assert all_days([after, before]) == ({other: second}, {day: second})


def test_years_in_the_calendars_own_file_hold_before_ours() -> None:
    ours = load_statutory(resources.path("calendars/cn-2026.toml"))
    tables = {"timezone": "Asia/Shanghai", "holidays": "CN", "hours": {"mon-fri": ["08:00-12:00"]}}
    own = {
        **tables,
        "statutory": [{"year": 2026, "holiday": [{"name": "x", "from": "2026-03-02", "to": "2026-03-02"}]}],
    }
    plain, changed = (Calendar.from_dict(each, name="x", statutory={2026: ours}) for each in (tables, own))
    assert (plain.day(date(2026, 3, 2)).why, changed.day(date(2026, 3, 2)).why) == ("weekly", "holiday")
    assert (plain.day(date(2026, 10, 1)).why, changed.day(date(2026, 10, 1)).why) == ("holiday", "weekly")
    with pytest.raises(Refusal) as refused:
        Calendar.from_dict({**tables, "statutory": [{"year": 2026, "holidays": []}]}, name="x")
    assert refused.value.params["key"] == "statutory[1].holidays"


# -- into the store ---------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = founded(tmp_path, "residential")
    write(tmp_path, OWN, "own.toml")
    run("rules adopt --reason test --yes --at 2026-12-01T08:00", str(tmp_path / "own.toml"))
    run("ticket open repair --what 漏水 --room 3-2-501 --at 2026-12-30T16:00")
    return run


def board(run: Run, at: str) -> dict[str, tuple[str, bool]]:
    rows = run(f"due --at {at} --json").record
    return {row["rule"]: (row["due_at"][:16], row["provisional"]) for row in rows if row["number"]}


def test_deadlines_move_and_are_no_longer_provisional(run: Run, tmp_path: Path) -> None:
    later = "2026-12-30T16:30"
    assert board(run, later)["repair.check"] == ("2027-01-04T16:00", True)
    out = run("calendar import --at 2026-12-30T17:00", str(write(tmp_path, PUBLISHED))).out
    assert out.splitlines()[0] == "2027: 5 days off and 2 make-up workdays are in force as version 3."
    assert "No longer provisional: 1 deadline." in out
    assert "R-261230-001  repair.check  Check  2027-01-04 16:00  2027-01-06 16:00" in out
    assert board(run, later)["repair.check"] == ("2027-01-06T16:00", False)
    # it holds for what was opened before and after, and for whoever looks with a fresh eye
    run("ticket open repair --what 停电 --room 3-2-502 --at 2026-12-30T17:00")
    due = [
        row["due_at"][:16] for row in run("due --at 2026-12-30T17:30 --json").record if row["rule"] == "repair.check"
    ]
    assert due == ["2027-01-06T16:00", "2027-01-06T17:00"]
    events = [each for each in run("log --day all --json").record if each["name"] == "calendar.imported"]
    assert [(each["done_by"], each["words"]["reason"]) for each in events] == [("李静", "2027 2027.json")]


def test_a_corrected_notice_moves_what_was_firm(run: Run, tmp_path: Path) -> None:
    run("calendar import --at 2026-12-30T17:00", str(write(tmp_path, PUBLISHED)))
    longer = {
        **PUBLISHED,
        "days": [*PUBLISHED["days"], *days(("元旦", "2027-01-04", True), ("元旦", "2027-01-05", True))],
    }
    told = run("calendar import --json --at 2026-12-30T18:00", str(write(tmp_path, longer, "again.json"))).record
    assert (told["version"], told["no_longer_provisional"]) == (4, 0)
    assert [(each["number"], each["was"][:16], each["now"][:16]) for each in told["moved"]] == [
        ("R-261230-001", "2027-01-06T16:00", "2027-01-08T16:00")
    ]
    assert len(told["off"]) == 7


def test_what_was_imported_stays_known_under_other_rules(run: Run, tmp_path: Path) -> None:
    run("calendar import --at 2026-12-30T17:00", str(write(tmp_path, PUBLISHED)))
    changed = write(tmp_path, OWN.replace("3 working days", "4 working days"), "own.toml")
    told = run("rules adopt --reason test --yes --json --at 2026-12-30T18:00", str(changed)).record
    assert [each["table"] for each in told["differences"]] == ["rule"]
    assert run("calendar show 2027-01-09 --json").record[0]["why"] == "make_up"
    ledger = Ledger.only(Store.open(tmp_path / "desk.db"))
    with ledger.store.read() as session:
        known = {version: ledger.adopted(session, version).calendar.known_until for version in (1, 2, 3, 4)}
    assert set(known.values()) == {date(2027, 12, 31)}


def test_another_counter_takes_the_days_up(run: Run, tmp_path: Path) -> None:
    other = Ledger.only(Store.open(tmp_path / "desk.db"))
    mine, told = Ledger.only(Store.open(tmp_path / "desk.db")), []
    doing = Doing(datetime(2026, 12, 30, 9, tzinfo=UTC))
    import_days(mine, read_year(write(tmp_path, PUBLISHED)), doing, "x", lambda *at: told.append(at))
    assert told[-1] == (len(told), len(told))  # how far it has come, matter by matter
    assert other.calendar.known_until == date(2026, 12, 31)
    other.refresh()
    with other.store.read() as session:
        assert [other.adopted(session, version).calendar.day(date(2027, 1, 1)).why for version in (1, 2, 3)] == [
            "holiday",
            "holiday",
            "holiday",
        ]


def test_nothing_moves_and_nothing_is_new(run: Run, tmp_path: Path) -> None:
    far = {"year": 2028, "days": days(("元旦", "2028-01-01", True))}
    assert "No open deadline has moved." in run("calendar import", str(write(tmp_path, far))).out
    assert "known already" in run("calendar import", str(tmp_path / "2027.json"), code=1).err
    ours = resources.path("calendars/cn-2026.toml")
    assert (
        run("calendar import", str(ours), code=1).err
        == "The statutory days of 2026 are known already, and these are the same.\n"
    )


def test_a_desk_that_never_closes_has_nothing_to_import(tmp_path: Path) -> None:
    run = founded(tmp_path, "work-orders")
    answer = run("calendar import", str(write(tmp_path, PUBLISHED)), code=1)
    assert answer.err == "The opening hours in force (work-orders) do not follow statutory days: nothing to import.\n"


DAY = {"name": "x", "date": "2027-01-01", "isOffDay": True}
HOSTILE: list[Any] = [
    "",
    "{",
    "\x00\xff",
    "[" * 100_000,
    "{" * 5000,
    '{"year": ' + "9" * 5000 + "}",
    "5 = 5 = 5",
    "x = " + "[" * 5000,
    [],
    [DAY],
    {},
    {"year": 2027},
    {"year": 2027, "days": []},
    {"year": 2027, "days": {}},
    {"year": 2027, "days": [5]},
    {"year": "2027", "days": [DAY]},
    {"year": 99999, "days": [DAY]},
    {"year": -1, "days": [DAY]},
    {"days": [DAY]},
    {"year": 2027, "days": [DAY, DAY]},
    {"year": 2027, "days": [{**DAY, "date": "2027-02-30"}]},
    {"year": 2027, "days": [{**DAY, "date": "2029-01-01"}]},
    {"year": 2027, "days": [{**DAY, "date": "2025-12-31"}]},
    {"year": 2027, "days": [{**DAY, "date": 20270101}]},
    {"year": 2027, "days": [{**DAY, "isOffDay": "yes"}]},
    {"year": 2027, "days": [{**DAY, "name": None}]},
    {"year": 2027, "days": [{"name": "x", "date": "2027-01-01"}]},
    {"year": 2027, "days": [{**DAY, "name": "x" * 100_000, "date": "y" * 100_000}]},
    'year = 2027\n[[holiday]]\nname = "x"\nfrom = "2027-01-02"\nto = "2027-01-01"\n',
    'year = 2027\n[[holiday]]\nname = "x"\n',
]


@pytest.mark.parametrize("data", HOSTILE, ids=lambda data: str(data)[:30])
def test_a_hostile_file_is_one_sentence(hostile: Run, tmp_path: Path, data: object) -> None:
    answer = hostile("calendar import", str(write(tmp_path, data)), code=1)
    assert answer.out == ""
    assert answer.err.count("\n") == 1
    assert answer.err.startswith("2027.json")
    assert len(answer.err) < 600


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return founded(tmp_path_factory.mktemp("hostile"), "residential")


def test_names_from_a_file_cannot_reach_the_terminal(run: Run, tmp_path: Path) -> None:
    data = {"year": 2027, "days": [{**DAY, "name": "[/b]\x1b[31mred"}]}
    run("calendar import --at 2026-12-30T17:00", str(write(tmp_path, data)))
    assert "\x1b" not in run("calendar show 2027-01").out


def test_a_file_that_is_not_there(hostile: Run, tmp_path: Path) -> None:
    assert hostile("calendar import", str(tmp_path / "no.json"), code=1).err.startswith("no.json cannot be read: ")
    assert hostile("calendar import", str(tmp_path), code=1).err.count("\n") == 1
