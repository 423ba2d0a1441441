"""Cases of other projects: every spelling their tables have, and what is refused, one case at a time."""

from __future__ import annotations

import json
import random
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from desk.calendars import calendar_of_case, verify
from desk.calendars.cases import check
from desk.errors import Refusal
from tests.commandline import CommandLine

CASES = Path(__file__).resolve().parent.parent.parent / "shared" / "clock-cases-sample.json"
SHANGHAI = "Asia/Shanghai"


def test_published_cases() -> None:
    if not CASES.exists():
        pytest.skip("../shared/clock-cases-sample.json is not here")
    for case in json.loads(CASES.read_text(encoding="utf-8")):
        assert verify(case) == datetime.fromisoformat(case["expected"]), case["id"]


CASE: dict[str, Any] = {
    "id": "X-1",
    "timezone": SHANGHAI,
    "hours": {"mon": [["09:00", "12:00"]], "tue": [["09:00", "17:00"]]},
    "holidays": [],
    "start": "2026-03-02T11:00:00+08:00",
    "add": 2,
    "unit": "working_hours",
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "2026-03-03 10:00"),
        ({"holidays": ["2026-03-03"]}, "2026-03-09 10:00"),
        ({"days": {"2026-03-02": [["09:00", "14:00"]]}}, "2026-03-02 13:00"),
        ({"days": {"2026-03-03": []}}, "2026-03-09 10:00"),
        ({"days": {"2026-03-03": "closed"}}, "2026-03-09 10:00"),
        ({"closed": {"2026-03-03": [["09:00", "10:00"]]}}, "2026-03-03 11:00"),
        ({"closed": {"2026-03-03": {"09:00": "10:00"}}}, "2026-03-03 11:00"),
        ({"hours": {"mon": [["00:00", "24:00"]]}}, "2026-03-02 13:00"),
        ({"seasons": [{"from": "03-01", "to": "03-31", "hours": {"mon": [["09:00", "18:00"]]}}]}, "2026-03-02 13:00"),
        ({"pauses": [["2026-03-02T11:00:00+08:00", "2026-03-02T11:30:00+08:00"]]}, "2026-03-03 10:30"),
        ({"add": -1, "unit": "elapsed_days"}, "2026-03-01 11:00"),
        ({"add": 90, "unit": "elapsed_seconds"}, "2026-03-02 11:01:30"),
        ({"add": 1, "unit": "working_days", "start": "2026-03-07T11:00:00Z", "counts_from": "opening"},
         "2026-03-10 09:00"),
        # spelled another way
        ({"start": "2026-03-02 11:00"}, "2026-03-03 10:00"),
        ({"start": "2026-03-02T04:00+01:00"}, "2026-03-03 10:00"),
        ({"add": "2"}, "2026-03-03 10:00"),
        ({"add": 2.0}, "2026-03-03 10:00"),
        ({"add": 1.1}, "2026-03-03 09:06"),
        ({"add": -0.5}, "2026-03-02 10:30"),
        ({"add": -3}, "2026-02-24 16:00"),
        ({"add": 0, "start": "2026-03-04T00:00:00Z"}, "2026-03-09 09:00"),
        ({"unit": "Working Hour"}, "2026-03-03 10:00"),
        ({"unit": "hours"}, "2026-03-02 13:00"),
        ({"unit": "elapsed_months", "start": "2026-12-31T11:00:00+08:00"}, "2027-02-28 11:00"),
        ({"timezone": "+08:00"}, "2026-03-03 10:00"),
        ({"timezone": "UTC+8"}, "2026-03-03 10:00"),
        ({"hours": {"Monday": [["9:00", "12:00"]], "TUE": ["09:00-17:00"]}}, "2026-03-03 10:00"),
        ({"hours": {"mon-tue": [{"start": "09:00", "end": "12:00"}]}}, "2026-03-03 10:00"),
        ({"hours": {"mon": {"09:00": "12:00"}, "tue": {"09:00": "17:00"}, "wed": None, "thu": []}}, "2026-03-03 10:00"),
        ({"hours": {"mon": [["08:00", "11:30"], ["09:00", "12:00"]], "tue": [["09:00", "17:00"]]}}, "2026-03-03 10:00"),
        ({"hours": {"mon": [["00:00", "00:00"]]}}, "2026-03-02 13:00"),
        ({"hours": {"mon": [["22:00", "06:00"]]}, "add": 9}, "2026-03-09 23:00"),
        ({"hours": {"mon": [["22:00", "24:00"]], "tue": [["00:00", "06:00"]]}, "add": 9}, "2026-03-09 23:00"),
        ({"hours": {d: [["00:00", "24:00"]] for d in "mon tue wed thu fri sat sun".split()}, "add": 48}, "2026-03-04 11:00"),
        ({"holidays": {"2026-03-03": "Day off"}}, "2026-03-09 10:00"),
        ({"holidays": [{"date": "2026-03-03", "name": "Day off"}]}, "2026-03-09 10:00"),
        ({"holidays": None, "seasons": None, "days": None, "closed": None, "pauses": None}, "2026-03-03 10:00"),
        ({"make_up": ["2026-03-08"], "holidays": ["2026-03-03"]}, "2026-03-08 10:00"),
        ({"days": {"2026-03-03": None}}, "2026-03-09 10:00"),
        ({"days": {"2026-03-03": False}}, "2026-03-09 10:00"),
        ({"holidays": ["2026-03-03T00:00:00Z"]}, "2026-03-09 10:00"),
        ({"hours": {"mon": [["06:00", "22:00"], ["22:00", "06:00"]]}}, "2026-03-02 13:00"),
        ({"hours": {"mon": [["08:00", "16:00"]]}}, "2026-03-02 13:00"),
        ({"closed": {"2026-03-03": True}}, "2026-03-09 10:00"),
        ({"closed": {"2026-03-02": [["13:00", "24:00"]]}}, "2026-03-03 10:00"),
        ({"pauses": [["2026-03-02 11:00", "2026-03-02 11:30"]], "runs_through_pauses": True}, "2026-03-03 10:00"),
        ({"closed": {"2026-03-02": [["23:00", "09:30"]]}}, "2026-03-03 10:30"),
        ({"closed": {"2026-03-03": "closed"}}, "2026-03-09 10:00"),
        ({"pauses": [{"start": "2026-03-02 11:00", "end": "2026-03-02 11:30"}]}, "2026-03-03 10:30"),
        ({"hours": None, "unit": "elapsed_days"}, "2026-03-04 11:00"),
        ({"hours": None, "timezone": None, "unit": "elapsed_hours", "start": "2026-03-02T11:00Z"}, "2026-03-02 13:00"),
    ],
)  # fmt: skip
def test_case_forms(changes: dict[str, Any], expected: str) -> None:
    case = {**CASE, **changes}
    found = calendar_of_case(case).local(verify(case))
    assert f"{found:%Y-%m-%d %H:%M:%S}".removesuffix(":00") == expected


@pytest.mark.parametrize(
    ("changes", "code", "key"),
    [
        ({"unit": "fortnights"}, "calendar.bad_value", "unit"),
        ({"start": "soon"}, "calendar.bad_value", "start"),
        ({"start": None}, "calendar.bad_value", "start"),
        ({"add": "two"}, "calendar.bad_value", "add"),
        ({"holidays": ["30 Feb"]}, "calendar.bad_value", "holidays"),
        ({"add": True}, "calendar.bad_value", "add"),
        ({"add": 0.0001}, "calendar.bad_value", "add"),
        ({"add": 1.5, "unit": "working_days"}, "calendar.bad_value", "add"),
        ({"hours": {"mon": [["9", "17"]]}}, "calendar.bad_hours", "hours.mon"),
        ({"hours": {"mon": [["08:00", "08:00"]]}}, "calendar.bad_hours", "hours.mon"),
        ({"hours": {"mon": [["08:00", "04:00"], ["03:00", "09:00"]]}}, "calendar.hours_overlap", "hours.mon"),
        ({"hours": {"mon": [], "Monday": []}}, "calendar.day_twice", "hours.Monday"),
        ({"hours": {}}, "calendar.never_open", "hours"),
        ({"hours": None}, "calendar.never_open", "hours"),
        ({"hours": {}, "unit": "elapsed_hours"}, "calendar.never_open", "hours"),
        ({"timezone": None}, "calendar.missing_key", "timezone"),
        ({"timezone": "Mars/Base"}, "calendar.timezone_unknown", "timezone"),
        ({"pauses": [["2026-03-02T11:00Z"]]}, "calendar.bad_value", "pauses"),
        ({"pauses": "noon"}, "calendar.bad_value", "pauses"),
        ({"counts_from": "lunch"}, "calendar.bad_value", "counts_from"),
    ],
)
def test_case_that_cannot_be_read(changes: dict[str, Any], code: str, key: str) -> None:
    with pytest.raises(Refusal) as refused:
        verify({**CASE, **changes})
    assert (refused.value.code, refused.value.params["key"]) == (code, key)
    assert refused.value.params["file"] == "X-1"


def test_what_is_missing_is_named() -> None:
    for key in ("start", "add", "unit"):
        with pytest.raises(Refusal) as refused:
            verify({name: value for name, value in CASE.items() if name != key})
        assert (refused.value.code, refused.value.params["key"]) == ("calendar.missing_key", key)


def test_what_a_case_calls_a_day_off_and_itself() -> None:
    for holidays, name in (({"2026-03-03": "Day off"}, "Day off"), (["2026-03-03"], "2026-03-03")):
        day = calendar_of_case({**CASE, "holidays": holidays}).day(date(2026, 3, 3))
        assert day.name is not None
        assert set(day.name) == {name}
    nameless = {name: value for name, value in CASE.items() if name != "id"}
    for read in (verify, calendar_of_case):
        with pytest.raises(Refusal) as refused:
            read({**nameless, "hours": {}})
        assert refused.value.params["file"] == "1"


@pytest.mark.parametrize(
    ("case", "due", "agrees"),
    [
        ({}, "2026-03-03T10:00:00+08:00", None),
        ({"expected": "2026-03-03T10:00:00+08:00"}, "2026-03-03T10:00:00+08:00", True),
        ({"expected": "2026-03-03T02:00:00Z"}, "2026-03-03T10:00:00+08:00", True),
        ({"expected": "2026-03-03 10:00"}, "2026-03-03T10:00:00+08:00", True),
        ({"expected": "2026-03-03T10:00:00+08:00", "start": "2026-03-02T03:00:00Z"}, "2026-03-03T02:00:00+00:00", True),
        ({"expected": "2026-03-03T10:00:01+08:00"}, "2026-03-03T10:00:00+08:00", False),
        ({"expected": None}, "2026-03-03T10:00:00+08:00", False),
        ({"expected": None, "hours": {}}, None, True),
        ({"expected": "2026-03-03T10:00:00+08:00", "hours": {}}, None, False),
        ({"expected": "soon"}, None, False),
        ({"start": "9999-12-31T23:00:00-08:00", "unit": "elapsed_hours"}, None, False),
        ({"add": 10**17}, None, False),
    ],
)
def test_a_case_and_what_it_expects(case: dict[str, Any], due: str | None, agrees: bool | None) -> None:
    found = check({**CASE, **case}, 1)
    assert (found.due.isoformat() if found.due else None, found.agrees) == (due, agrees)
    assert (found.refusal is None) == (due is not None)


def test_nothing_in_a_case_is_a_crash() -> None:
    junk: list[Any] = [None, True, -1, 1.5, float("nan"), 10**30, "", "x", "24:00", "2026-02-30", [], [[]], [None], {}]
    junk += [{"mon": None}, [["09:00"]], [["09:00", "08:00"]], "9999-12-31T23:59:59Z", "0001-01-01T00:00+14:00"]
    junk += [{"2026-03-02": 5}, [{"from": "x"}], [{"from": "03-01", "to": "04-01", "hours": 5}], "../../x", "\0"]
    keys = "timezone hours holidays make_up seasons days closed day_ends start add unit pauses expected counts_from id"
    chance = random.Random(4)
    for number in range(400):
        changed = {key: chance.choice(junk) for key in chance.sample(keys.split(), 2)}
        assert check({**CASE, **changed}, number).id
    for each in junk:
        assert check(each, 7).id == "7"


# -- the command ------------------------------------------------------------------------------------


def run(tmp_path: Path, text: str, *words: str) -> tuple[int, str, str]:
    file = tmp_path / "cases.json"
    file.write_text(text, encoding="utf-8")
    answer = CommandLine(tmp_path / "no.db").run("calendar", "verify", str(file), "--lang", "en", *words)
    assert "Traceback" not in answer.out + answer.err
    return answer.code, answer.out, answer.err


GOOD = {**CASE, "expected": "2026-03-03T10:00:00+08:00"}


def test_cases_that_agree(tmp_path: Path) -> None:
    for given in ([GOOD], {"cases": [GOOD]}):
        code, out, _err = run(tmp_path, json.dumps(given))
        assert (code, out.strip()) == (
            0,
            "1 cases: 1 agree, 0 differ, 0 could not be reckoned, 0 expect nothing.",
        )


def test_what_differs_is_shown(tmp_path: Path) -> None:
    cases = [GOOD, {**GOOD, "id": "X-2", "add": 3}, {**GOOD, "id": "X-3", "hours": {}}, CASE, 5]
    code, out, _err = run(tmp_path, json.dumps(cases))
    lines = [line.split("  ") for line in out.splitlines()]
    assert code == 1
    assert [line[0] for line in lines[1:-1]] == ["X-2", "X-3", "5"]
    assert lines[1][-1] == "2026-03-03T11:00:00+08:00"
    assert lines[2][-1] == "X-3: hours leaves the desk no open hour."
    assert out.endswith("5 cases: 1 agree, 1 differ, 2 could not be reckoned, 1 expect nothing.\n")


def test_due_times_for_programs(tmp_path: Path) -> None:
    cases = [
        {**CASE, "id": 7},
        {**CASE, "id": "X-2", "start": "2026-03-02T03:00:00Z"},
        {**CASE, "id": "X-3", "unit": "x"},
    ]
    code, out, _err = run(tmp_path, json.dumps(cases), "--json")
    found = json.loads(out)
    assert code == 1
    assert found[:2] == [
        {"id": 7, "due": "2026-03-03T10:00:00+08:00"},
        {"id": "X-2", "due": "2026-03-03T02:00:00Z"},
    ]
    assert (found[2]["id"], found[2]["due"]) == ("X-3", None)
    assert "unit cannot be “x”" in found[2]["refused"]
    assert run(tmp_path, json.dumps(cases[:2]), "--json")[0] == 0


def test_cases_for_a_calendar_of_ours(tmp_path: Path) -> None:
    case = {"id": "A", "start": "2026-09-30T16:00", "add": 2, "unit": "working_hours", "expected": "2026-10-08T08:30"}
    assert run(tmp_path, json.dumps([case]), "--calendar", "residential")[0] == 0
    assert run(tmp_path, json.dumps([case]))[0] == 1


@pytest.mark.parametrize("text", ["", "{", "{}", '{"cases": {}}', "5", "[" * 100_000, "[" + "9" * 5000 + "]"])
def test_a_table_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    code, out, err = run(tmp_path, text)
    assert (code, out) == (2, "")
    assert err.startswith("cases.json is no table of cases: ")
    assert err.count("\n") == 1
