"""Calendar files: what ships, and what is refused with file, key and the nearest valid word."""

from __future__ import annotations

import errno
import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import chinese_calendar
import holidays
import pytest

from desk.calendars import Calendar, Name, Statutory, load_calendar, load_statutory, statutory_years
from desk.calendars.reading import Table, parse_week
from desk.errors import Refusal

CALENDARS = Path(__file__).resolve().parent.parent / "data" / "calendars"
GOOD: dict[str, Any] = {
    "timezone": "Asia/Shanghai",
    "holidays": "none",
    "hours": {"mon-fri": ["08:00-12:00", "13:00-17:00"]},
}
SEASON = {"name": "summer", "from": "06-01", "to": "09-30", "hours": {"mon-fri": ["08:00-16:00"]}}
SHIPPED = sorted(path for path in CALENDARS.glob("*.toml") if not path.stem.startswith("cn-"))


@pytest.mark.parametrize("year", [2025, 2026])
def test_statutory_days_agree_with_two_independent_lists(year: int) -> None:
    ours = load_statutory(CALENDARS / f"cn-{year}.toml")
    theirs = holidays.country_holidays("CN", years=year)
    day = date(year, 1, 1)
    while day.year == year:
        weekend = day.weekday() >= 5
        off = day in ours.off or (weekend and day not in ours.make_up)
        assert off == chinese_calendar.is_holiday(day), day
        assert off == (not theirs.is_working_day(day)), day
        # Inside the year every day the other list knows by name is one of ours, weekends included.
        assert (day in ours.off) == (day in chinese_calendar.constants.holidays), day
        assert (day in ours.make_up) == (day in chinese_calendar.constants.workdays), day
        day += timedelta(days=1)


def test_names_of_statutory_days() -> None:
    years = statutory_years(CALENDARS)
    assert years[2025].off[date(2025, 10, 6)] == Name("国庆节、中秋节", "National Day and Mid-autumn Festival")
    assert years[2026].off[date(2026, 2, 17)] == Name("春节", "Spring Festival")
    assert years[2026].make_up[date(2026, 10, 10)] == Name("国庆节", "National Day")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_calendar_loads(path: Path) -> None:
    calendar = load_calendar(path, CALENDARS)
    assert calendar.name == path.stem
    assert calendar.title is not None
    assert len(calendar.version) == 12


def test_every_manual_has_its_calendar() -> None:
    manuals = {"reception", "residential", "service-centre", "serviced-apartment", "work-orders"}
    assert manuals <= {path.stem for path in SHIPPED}
    assert {load_calendar(CALENDARS / f"{name}.toml", CALENDARS).timezone.key for name in manuals} == {"Asia/Shanghai"}


def test_version_changes_with_the_tables_and_the_statutory_days() -> None:
    years = statutory_years(CALENDARS)
    with_cn = {**GOOD, "holidays": "CN"}
    versions = [
        Calendar.from_dict(GOOD, name="a").version,
        Calendar.from_dict({**GOOD, "season": [SEASON]}, name="a").version,
        Calendar.from_dict(with_cn, name="a", statutory=years).version,
        Calendar.from_dict(with_cn, name="a", statutory={2026: years[2026]}).version,
    ]
    assert len(set(versions)) == 4
    assert Calendar.from_dict(GOOD, name="b", statutory=years).version == versions[0]
    assert Calendar.from_dict(dict(reversed(GOOD.items())), name="a").version == versions[0]


def changed(**changes: Any) -> dict[str, Any]:
    return {key: value for key, value in {**GOOD, **changes}.items() if value is not None}


@pytest.mark.parametrize(
    ("tables", "code", "key", "params"),
    [
        (changed(timezone=None), "calendar.missing_key", "timezone", {}),
        (changed(timezone="Asia/Shangai"), "calendar.timezone_unknown", "timezone", {"nearest": "Asia/Shanghai"}),
        (changed(timezone=8), "calendar.bad_value", "timezone", {"text": "8"}),
        (changed(holidays=None), "calendar.missing_key", "holidays", {}),
        (changed(holidays="cn"), "calendar.bad_value", "holidays", {"text": "cn"}),
        (changed(holidays="CN"), "calendar.statutory_missing", "holidays", {}),
        (changed(holiday="CN"), "calendar.unknown_key", "holiday", {"nearest": "holidays"}),
        (changed(seasons=[]), "calendar.unknown_key", "seasons", {"nearest": "season"}),
        (changed(hours=None), "calendar.never_open", "hours", {}),
        (changed(hours={}), "calendar.never_open", "hours", {}),
        (changed(hours={"mon": []}, days={"2026-03-02": ["09:00-10:00"]}), "calendar.never_open", "hours", {}),
        (changed(hours=["08:00-12:00"]), "calendar.bad_value", "hours", {}),
        (changed(hours={"mon-fir": ["08:00-12:00"]}), "calendar.unknown_key", "hours.mon-fir", {"nearest": "mon-fri"}),
        (changed(hours={"Monday": []}), "calendar.unknown_key", "hours.Monday", {}),
        (changed(hours={"mon-": []}), "calendar.unknown_key", "hours.mon-", {}),
        (changed(hours={"mon-fri": [], "wed": []}), "calendar.day_twice", "hours.wed", {"text": "wed"}),
        (changed(hours={"mon": "08:00-12:00"}), "calendar.bad_hours", "hours.mon", {"text": "08:00-12:00"}),
        (changed(hours={"mon": ["8-12"]}), "calendar.bad_hours", "hours.mon", {"text": "8"}),
        (changed(hours={"mon": ["08:00"]}), "calendar.bad_hours", "hours.mon", {"text": "08:00"}),
        (changed(hours={"mon": ["08:60-12:00"]}), "calendar.bad_hours", "hours.mon", {"text": "08:60"}),
        (changed(hours={"mon": ["08:00-12:00:60"]}), "calendar.bad_hours", "hours.mon", {"text": "12:00:60"}),
        (changed(hours={"mon": ["08:00-24:01"]}), "calendar.bad_hours", "hours.mon", {"text": "24:01"}),
        (changed(hours={"mon": ["24:00-06:00"]}), "calendar.bad_hours", "hours.mon", {"text": "24:00-06:00"}),
        (changed(hours={"mon": ["08:00-08:00"]}), "calendar.bad_hours", "hours.mon", {"text": "08:00-08:00"}),
        (changed(hours={"mon": ["08:00-12:00", "11:00-13:00"]}), "calendar.hours_overlap", "hours.mon", {}),
        (changed(hours={"mon-sun": ["00:00-24:00"]}), "calendar.day_ends_missing", "day_ends", {}),
        (changed(hours={"mon-sun": ["00:00-08:00", "08:00-24:00"]}), "calendar.day_ends_missing", "day_ends", {}),
        (changed(day_ends="25:00"), "calendar.bad_hours", "day_ends", {"text": "25:00"}),
        (changed(days={"10-08": "closed"}), "calendar.bad_value", "days.10-08", {"text": "10-08"}),
        (changed(days={"2026-10-08": "shut"}), "calendar.bad_hours", "days.2026-10-08", {"text": "shut"}),
        (changed(closed={"2026-03-02": ["23:00-01:00"]}), "calendar.bad_hours", "closed.2026-03-02", {}),
        (changed(closed={"2026-02-30": []}), "calendar.bad_value", "closed.2026-02-30", {}),
        (changed(season={}), "calendar.bad_value", "season", {}),
        (changed(season=["summer"]), "calendar.bad_value", "season[1]", {}),
        (changed(season=[{**SEASON, "from": "06-31"}]), "calendar.bad_value", "season[1].from", {"text": "06-31"}),
        (changed(season=[{**SEASON, "till": "06-30"}]), "calendar.unknown_key", "season[1].till", {}),
        (changed(season=[SEASON, SEASON]), "calendar.seasons_overlap", "season[2].from", {"text": "summer"}),
        (changed(season=[{**SEASON, "name": {"zh": "夏季"}}]), "calendar.missing_key", "season[1].name.en", {}),
        (changed(title={"zh": "前台"}), "calendar.missing_key", "title.name.en", {}),
    ],
)  # fmt: skip
def test_refused(tables: dict[str, Any], code: str, key: str, params: dict[str, str]) -> None:
    with pytest.raises(Refusal) as refused:
        Calendar.from_dict(tables, name="estate")
    found = refused.value
    assert (found.code, found.params["file"], found.params["key"]) == (code, "estate", key)
    assert {name: found.params[name] for name in params} == params


def test_a_year_closed_by_exact_dates_is_refused() -> None:
    year = [date(2026, 1, 1) + timedelta(n) for n in range(365)]
    with pytest.raises(Refusal) as refused:
        Calendar.from_dict(changed(days={day.isoformat(): "closed" for day in year}), name="estate")
    assert (refused.value.code, refused.value.params["year"]) == ("calendar.no_open_hour", 2026)


STATUTORY = {
    "year": 2027,
    "holiday": [{"name": "x", "from": "2026-12-31", "to": "2027-01-02", "make_up": ["2026-12-27"]}],
}


def test_a_notice_may_reach_into_the_year_before() -> None:
    year = Statutory.from_dict(STATUTORY, file="cn-2027")
    assert sorted(year.off) == [date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 2)]
    assert sorted(year.make_up) == [date(2026, 12, 27)]


@pytest.mark.parametrize(
    ("entry", "code", "key"),
    [
        ({"to": "2026-12-30"}, "calendar.bad_value", "holiday[1].to"),
        ({"to": "2028-01-02"}, "calendar.bad_value", "holiday[1].to"),
        ({"from": "2025-12-31"}, "calendar.bad_value", "holiday[1].to"),
        ({"from": "New Year"}, "calendar.bad_value", "holiday[1].from"),
        ({"make_up": ["2027-01-01"]}, "calendar.day_twice", "holiday"),
        ({"make_up": "2027-01-03"}, "calendar.bad_value", "holiday[1].make_up"),
        ({"make_up": [20270103]}, "calendar.bad_value", "holiday[1].make_up"),
        ({"make_up": {"2027-01-03": 1}}, "calendar.bad_value", "holiday[1].make_up"),
        ({"makeup": []}, "calendar.unknown_key", "holiday[1].makeup"),
    ],
)
def test_a_bad_notice_is_refused(entry: dict[str, Any], code: str, key: str) -> None:
    data = {"year": 2027, "holiday": [{**STATUTORY["holiday"][0], **entry}]}  # type: ignore[index]
    with pytest.raises(Refusal) as refused:
        Statutory.from_dict(data, file="cn-2027.toml")
    assert (refused.value.code, refused.value.params["key"]) == (code, key)


@pytest.mark.parametrize("year", [None, "2027", True])
def test_a_notice_without_its_year_is_refused(year: Any) -> None:
    data = {"holiday": []} if year is None else {"year": year}
    with pytest.raises(Refusal):
        Statutory.from_dict(data, file="cn-2027.toml")


@pytest.mark.parametrize("text", ["timezone = ", "\xff", None])
def test_an_unreadable_file_is_refused(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "estate.toml"
    if text is not None:
        path.write_text(text, encoding="latin-1")
    with pytest.raises(Refusal) as refused:
        load_calendar(path, CALENDARS)
    assert (refused.value.code, refused.value.params["file"]) == ("calendar.unreadable", "estate.toml")


def test_a_file_that_is_not_there_is_refused_without_its_path(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        load_calendar(tmp_path / "estate.toml", CALENDARS)
    assert refused.value.params["reason"] == os.strerror(errno.ENOENT)


@pytest.mark.parametrize(
    ("words", "days"),
    [("sat-mon", {5, 6, 0}), ("sun-tue", {6, 0, 1}), ("mon-sun", set(range(7))), ("tue-mon", set(range(7)))],
)
def test_weekdays_go_on_over_the_weeks_end(words: str, days: set[int]) -> None:
    week = parse_week(Table({words: ["08:00-12:00"]}, file="x", valid=None))
    assert set(week) == days


@pytest.mark.parametrize(("year", "good"), [(1899, False), (1900, True), (2999, True), (3000, False)])
def test_a_notice_is_of_a_year_of_ours(year: int, good: bool) -> None:
    data = {"year": year, "holiday": [{"name": "x", "from": f"{year}-05-01", "to": f"{year}-05-01"}]}
    if good:
        assert list(Statutory.from_dict(data, file="x").off) == [date(year, 5, 1)]
        return
    with pytest.raises(Refusal) as refused:
        Statutory.from_dict(data, file="x")
    assert (refused.value.code, refused.value.params["key"]) == ("calendar.bad_value", "year")


def test_a_published_day_is_named_by_its_place_and_what_is_too_long_is_cut() -> None:
    good = {"name": "节" * 50, "date": "2027-01-01", "isOffDay": True}
    for number, days in ((1, [{**good, "isOffDay": "yes"}]), (2, [good, {**good, "date": "soon"}])):
        with pytest.raises(Refusal) as refused:
            Statutory.published({"year": 2027, "days": days}, file="x")
        assert str(refused.value.params["key"]).startswith(f"days[{number}].")
    (name,) = Statutory.published({"year": 2027, "days": [good]}, file="x").off.values()
    assert len(name.zh) == 40
    with pytest.raises(Refusal) as refused:
        Statutory.published({"year": 2027, "days": "x" * 50}, file="x")
    assert refused.value.params["text"] == "x" * 40
