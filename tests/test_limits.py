"""The language of limits: what it reads, what it refuses, and what each limit comes to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.calendars import Calendar, load_calendar
from desk.errors import Refusal
from desk.limits import LimitResult, parse_limit

CALENDARS = Path(__file__).resolve().parent.parent / "data" / "calendars"
DESK = load_calendar(CALENDARS / "residential.toml", CALENDARS)
PLAIN = Calendar.from_dict(
    {
        "timezone": "Asia/Shanghai",
        "holidays": "none",
        "hours": {"mon-fri": ["08:00-12:00", "13:00-17:00"]},
    },
    name="plain",
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=DESK.timezone).astimezone(UTC)


FACTS: Mapping[str, object] = {
    "appointment": at("2026-03-04 14:00"),
    "promised_at": "2026-03-05T10:00:00+08:00",
    "promised_utc": "2026-03-05T02:00:00Z",
    "by_date": "2026-03-06",
    "by_day": date(2026, 3, 6),
    "empty": "",
    "nothing": None,
    "words": "soon",
    "naive": "2026-03-05T10:00:00",
    "number": 5,
    "code": "HEAT",
    "other_code": "ROOF",
}
FIGURES: Mapping[str, str] = {
    "promptly": "30 min",
    "same_day": "end of duty",
    "at_once": "$promptly",
    "round": "$and_round",
    "and_round": "$round",
    "blank": "",
    "broken": "a while",
}
TABLES: Mapping[str, Mapping[str, str]] = {
    "days_by_code": {"HEAT": "2 working days", "NOISE": "a while", "5": "1 hour"},
}


def reckoned(value: object, start: str = "2026-03-02 10:00", **options: Any) -> LimitResult:
    options = {"calendar": DESK, "facts": FACTS, "figures": FIGURES, "tables": TABLES, **options}
    return parse_limit(value, where="within").reckon(at(start), **options)


def shown(moment: datetime | None) -> str:
    assert moment is not None
    local = DESK.local(moment)
    return f"{local:%Y-%m-%d %H:%M}{f':{local:%S}' if local.second else ''}"


@pytest.mark.parametrize(
    ("value", "start", "expected"),
    [
        # amounts
        ("90 s", "2026-03-02 10:00", "2026-03-02 10:01:30"),
        ("5 min", "2026-03-02 11:58", "2026-03-02 12:03"),
        ("  5  min ", "2026-03-02 11:58", "2026-03-02 12:03"),
        ("5min", "2026-03-02 11:58", "2026-03-02 12:03"),
        ("2 hours", "2026-03-02 16:30", "2026-03-02 18:30"),
        ("2 working hours", "2026-03-02 16:30", "2026-03-03 09:30"),
        ("2 working hours", "2026-09-30 16:30", "2026-10-08 09:00"),
        ("30 working min", "2026-03-02 11:45", "2026-03-02 13:15"),
        ("3 days", "2026-03-02 10:00", "2026-03-05 10:00"),
        ("3 working days", "2026-03-05 10:00", "2026-03-10 10:00"),
        ("1 week", "2026-03-02 10:00", "2026-03-09 10:00"),
        ("3 months", "2026-11-30 10:00", "2027-02-28 10:00"),
        ("0 min", "2026-03-02 20:00", "2026-03-02 20:00"),
        ("0 working min", "2026-03-02 20:00", "2026-03-03 08:00"),
        # figures
        ("$promptly", "2026-03-02 10:00", "2026-03-02 10:30"),
        ("$at_once", "2026-03-02 10:00", "2026-03-02 10:30"),
        ("$same_day", "2026-03-02 10:00", "2026-03-02 17:00"),
        # anchors
        ("@appointment", "2026-03-02 10:00", "2026-03-04 14:00"),
        ("@promised_at", "2026-03-02 10:00", "2026-03-05 10:00"),
        ("@promised_utc", "2026-03-02 10:00", "2026-03-05 10:00"),
        ("@by_date", "2026-03-02 10:00", "2026-03-07 00:00"),  # a date lasts to its end
        ("@by_day", "2026-03-02 10:00", "2026-03-07 00:00"),
        ("end of duty", "2026-03-02 10:00", "2026-03-02 17:00"),
        ("end of duty", "2026-03-06 17:30", "2026-03-09 17:00"),
        ("start of next duty", "2026-03-06 10:00", "2026-03-09 08:00"),
        ("start of next duty", "2026-03-02 12:30", "2026-03-03 08:00"),
        ("end of day", "2026-03-02 10:00", "2026-03-03 00:00"),
        ("end of month", "2026-03-02 10:00", "2026-04-01 00:00"),
        ("end of month", "2026-12-31 23:59", "2027-01-01 00:00"),
        ("end of day 5 of next month", "2026-03-31 10:00", "2026-04-06 00:00"),
        ("end of day 5 of next month", "2026-12-02 10:00", "2027-01-06 00:00"),
        ("end of day 31 of next month", "2026-01-31 10:00", "2026-03-01 00:00"),
        ("end of day 1 of next month", "2026-01-31 10:00", "2026-02-02 00:00"),
        # beside an anchor
        ("15 min before @appointment", "2026-03-02 10:00", "2026-03-04 13:45"),
        ("2 hours after @appointment", "2026-03-02 10:00", "2026-03-04 16:00"),
        ("2 working hours before @appointment", "2026-03-02 10:00", "2026-03-04 11:00"),
        ("1 working day before @appointment", "2026-03-02 10:00", "2026-03-03 14:00"),
        ("1 day before @by_date", "2026-03-02 10:00", "2026-03-06 00:00"),
        ("15 min before start of next duty", "2026-03-06 10:00", "2026-03-09 07:45"),
        ("30 min before end of duty", "2026-03-02 10:00", "2026-03-02 16:30"),
        ("$promptly before end of duty", "2026-03-02 10:00", "2026-03-02 16:30"),
        ("$at_once after @appointment", "2026-03-02 10:00", "2026-03-04 14:30"),
        ("10 days after end of month", "2026-03-02 10:00", "2026-04-11 00:00"),
        ("1 min before", "2026-03-02 10:00", "2026-03-02 09:59"),
        ("1 min after", "2026-03-02 10:00", "2026-03-02 10:01"),
        # choices, tables, bounds
        ({"earliest": ["2 days", "@promised_at"]}, "2026-03-02 10:00", "2026-03-04 10:00"),
        ({"earliest": ["9 days", "@promised_at"]}, "2026-03-02 10:00", "2026-03-05 10:00"),
        ({"earliest": ["2 days", "@unknown"]}, "2026-03-02 10:00", "2026-03-04 10:00"),
        ({"latest": ["2 days", "@promised_at"]}, "2026-03-02 10:00", "2026-03-05 10:00"),
        ({"latest": ["9 days", "1 day after @unknown"]}, "2026-03-02 10:00", "2026-03-11 10:00"),
        ({"latest": ["2 days", {"earliest": ["3 days", "4 days"]}]}, "2026-03-02 10:00", "2026-03-05 10:00"),
        ({"table": "days_by_code", "key": "code"}, "2026-03-02 10:00", "2026-03-04 10:00"),
        ({"table": "days_by_code", "key": "number"}, "2026-03-02 10:00", "2026-03-02 11:00"),
        ({"limit": "5 min", "not_before": "1 hour"}, "2026-03-02 10:00", "2026-03-02 11:00"),
        ({"limit": "5 min", "not_before": "1 min"}, "2026-03-02 10:00", "2026-03-02 10:05"),
        ({"limit": "5 min", "not_before": "@unknown"}, "2026-03-02 10:00", "2026-03-02 10:05"),
        ({"earliest": ["2 days", "3 days"], "not_before": "@promised_at"}, "2026-03-02 10:00", "2026-03-05 10:00"),
    ],
)  # fmt: skip
def test_reckoned(value: object, start: str, expected: str) -> None:
    result = reckoned(value, start)
    assert shown(result.due_at) == expected
    assert result.missing is None


@pytest.mark.parametrize(
    ("value", "missing"),
    [
        ("@unknown", "@unknown"),
        ("@empty", "@empty"),
        ("@nothing", "@nothing"),
        ("15 min before @unknown", "@unknown"),
        ("$unknown", "$unknown"),
        ("$blank", "$blank"),
        ("$round", "$round"),
        ("$blank before @appointment", "$blank"),
        ({"earliest": ["@unknown", "@nothing"]}, "@unknown"),
        ({"earliest": ["2 days", "$blank"]}, "$blank"),  # a gap in the estate's own rules is not passed over
        ({"latest": ["2 days", {"table": "days_by_code", "key": "other_code"}]}, "days_by_code[ROOF]"),
        ({"table": "days_by_code", "key": "other_code"}, "days_by_code[ROOF]"),
        ({"table": "days_by_code", "key": "unknown"}, "@unknown"),
        ({"table": "days_by_code", "key": "empty"}, "@empty"),
        ({"table": "no_table", "key": "code"}, "no_table[HEAT]"),
        ({"limit": "@unknown", "not_before": "2 days"}, "@unknown"),
        ({"limit": "2 days", "not_before": "$blank"}, "$blank"),
    ],
)
def test_what_is_not_known_is_named(value: object, missing: str) -> None:
    assert reckoned(value) == LimitResult(None, missing=missing)


def test_a_bound_is_told() -> None:
    window = {"limit": "3 min before @appointment", "not_before": "5 min before @appointment"}
    result = reckoned(window)
    assert shown(result.due_at) == "2026-03-04 13:57"
    assert shown(result.not_before) == "2026-03-04 13:55"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2 hours", "2026-03-02 12:30"),
        ("2 working hours", "2026-03-02 13:30"),
        ("2 days", "2026-03-04 10:30"),
        ("$promptly", "2026-03-02 11:00"),
        ({"table": "days_by_code", "key": "code"}, "2026-03-04 10:30"),
        ({"latest": ["2 hours", "1 hour"]}, "2026-03-02 12:30"),
        ({"limit": "2 hours", "not_before": "@nothing"}, "2026-03-02 12:30"),
        # anchors, and what is counted beside them, do not move
        ("@appointment", "2026-03-04 14:00"),
        ("15 min before @appointment", "2026-03-04 13:45"),
        ("2 hours after end of duty", "2026-03-02 19:00"),
        ("end of duty", "2026-03-02 17:00"),
        ("end of month", "2026-04-01 00:00"),
    ],
)
def test_pauses_stop_amounts_only(value: object, expected: str) -> None:
    pauses = [(at("2026-03-02 10:15"), at("2026-03-02 10:40")), (at("2026-03-02 10:30"), at("2026-03-02 10:45"))]
    assert shown(reckoned(value, pauses=pauses).due_at) == expected
    unpaused = reckoned(value).due_at
    assert reckoned(value, pauses=pauses, runs_through_pauses=True).due_at == unpaused


def test_a_pause_that_still_lasts_ends_when_told() -> None:
    pauses = [(at("2026-03-02 10:15"), None)]
    assert shown(reckoned("1 hour", pauses=pauses, until=at("2026-03-02 12:15")).due_at) == "2026-03-02 13:00"
    assert shown(reckoned("1 hour", pauses=pauses).due_at) == "2026-03-02 11:00"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1 working day", "2026-03-10 08:00"),  # a Saturday call + 1 = Tuesday
        ("2 hours", "2026-03-09 10:00"),
        ("end of duty", "2026-03-09 17:00"),
        ("start of next duty", "2026-03-10 08:00"),
        ("end of day", "2026-03-10 00:00"),
        ("end of month", "2026-04-01 00:00"),
        ("@appointment", "2026-03-04 14:00"),
        ("1 hour after @appointment", "2026-03-04 15:00"),
        ("1 hour before", "2026-03-07 09:00"),  # a warning is before its deadline, wherever that lies
    ],
)
def test_counts_from_opening(value: str, expected: str) -> None:
    assert shown(reckoned(value, "2026-03-07 10:00", counts_from="opening").due_at) == expected


@pytest.mark.parametrize(
    ("value", "start", "provisional"),
    [
        ("2 working hours", "2026-12-31 16:00", True),
        ("2 working hours", "2026-12-31 10:00", False),
        ("2 hours", "2027-03-01 16:00", False),
        ("end of duty", "2027-03-01 16:00", True),
        ("end of duty", "2026-12-31 16:00", False),
        ("start of next duty", "2026-12-31 16:00", True),
        ("end of month", "2027-03-01 16:00", False),
        ("@appointment", "2027-03-01 16:00", False),
        ("15 min before end of duty", "2027-03-01 16:00", True),
        ("1 working day after @appointment", "2027-03-01 16:00", False),
        ({"earliest": ["1 hour", "2 working hours"]}, "2027-03-01 16:00", True),
        ({"limit": "1 hour", "not_before": "2 working hours"}, "2027-03-01 16:00", True),
        ({"limit": "9 days", "not_before": "2 working hours"}, "2027-03-01 16:00", True),
    ],
)
def test_provisional(value: object, start: str, provisional: bool) -> None:
    assert reckoned(value, start).provisional is provisional


def test_provisional_when_waiting_for_an_opening() -> None:
    assert reckoned("end of month", "2027-03-06 16:00", counts_from="opening").provisional
    assert not reckoned("end of month", "2027-03-05 16:00", counts_from="opening").provisional


def test_explained() -> None:
    spans = reckoned("2 working hours", "2026-03-02 11:00", explain=True).spans
    assert [span.kind for span in spans] == ["counted", "lunch", "counted"]
    spans = reckoned("15 min before @appointment", explain=True).spans
    assert [(shown(span.start), shown(span.end), span.kind) for span in spans] == [
        ("2026-03-04 13:45", "2026-03-04 14:00", "counted")
    ]
    assert reckoned({"latest": ["1 hour", "2 hours"]}, explain=True).spans[0].end == at("2026-03-02 12:00")
    # a bound that comes to the same instant binds nothing: what counted is said
    bounded = {"limit": "1 hour", "not_before": "@began"}
    assert reckoned(bounded, facts={"began": at("2026-03-02 11:00")}, explain=True).spans
    assert reckoned("2 working hours").spans == ()


def test_what_it_hangs_on() -> None:
    limit = parse_limit(
        {
            "earliest": [
                "$promptly before @appointment",
                {"limit": {"table": "days_by_code", "key": "code"}, "not_before": "$same_day"},
                {"latest": ["@promised_at", "end of duty", "3 days"]},
            ]
        },
        where="within",
    )
    assert limit.anchors() == {"appointment", "promised_at"}
    assert limit.figures() == {"promptly", "same_day"}
    assert limit.tables() == {("days_by_code", "code")}
    for text in ("3 days", "end of duty", "1 min before"):
        plain = parse_limit(text, where="within")
        assert (plain.anchors(), plain.figures(), plain.tables()) == (set(), set(), set())


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("90 secs", "90 s"),
        ("1 minutes", "1 min"),
        ("1  hours", "1 hour"),
        ("2 h", "2 hours"),
        ("2 working hour", "2 working hours"),
        ("1 week", "7 days"),
        ("1 months", "1 month"),
        ("$promptly", "$promptly"),
        ("15 mins before @appointment", "15 min before @appointment"),
        ("1 min before", "1 min before"),
        ("end of day 5 of next month", "end of day 5 of next month"),
        ("start of next duty", "start of next duty"),
        ({"earliest": ["2 days", "@resident_limit"]}, "earliest of (2 days, @resident_limit)"),
        ({"table": "days_by_code", "key": "code"}, "days_by_code[code]"),
        ({"limit": "2 h", "not_before": "end of duty"}, "2 hours, not before end of duty"),
    ],
)
def test_words(value: object, words: str) -> None:
    assert parse_limit(value, where="within").words() == words


lengths = st.one_of(
    st.builds("{} {}".format, st.integers(0, 999), st.sampled_from(["s", "min", "hour", "hours", "days", "weeks"])),
    st.builds("{} working {}".format, st.integers(0, 99), st.sampled_from(["s", "min", "hours", "day"])),
    st.builds("${}".format, st.sampled_from(["promptly", "at_once"])),
)  # fmt: skip
anchors = st.sampled_from(["@appointment", "end of duty", "start of next duty", "end of day", "end of month"])
days_of_month = st.builds("end of day {} of next month".format, st.integers(1, 31))
texts = st.one_of(
    lengths,
    anchors,
    days_of_month,
    st.builds("{} {} {}".format, lengths, st.sampled_from(["before", "after"]), anchors | days_of_month),
    st.builds("{} before".format, lengths),
)


@settings(deadline=None)
@given(texts)
def test_words_read_back_as_the_same_limit(text: str) -> None:
    limit = parse_limit(text, where="within")
    assert parse_limit(limit.words(), where="within") == limit


@settings(deadline=None)
@given(st.text() | st.text("0123456789 $@_abefhmnorstwy"))
def test_any_text_is_a_limit_or_refused(text: str) -> None:
    try:
        limit = parse_limit(text, where="within")
    except Refusal as refused:
        assert refused.code == "limit.unknown"  # noqa: PT017
        parse_limit(refused.params["nearest"], where="within")
    else:
        assert parse_limit(limit.words(), where="within") == limit


@pytest.mark.parametrize(
    ("value", "nearest"),
    [
        ("2 wroking hours", "2 working hours"),
        ("5 minuts", "5 minutes"),
        ("5 Min", "5 min"),
        ("15 min befor @appointment", "15 min before @appointment"),
        ("15 min before appointment", "5 min"),
        ("end of dutty", "end of duty"),
        ("End of duty", "end of duty"),
        ("start of duty", "start of next duty"),
        ("end of day 32 of next month", "end of day 5 of next month"),
        ("end of day 0 of next month", "end of day 5 of next month"),
        ("2 working months", "2 working hours"),
        ("2 working weeks", "2 working hours"),
        ("1.5 hours", "2 working hours"),
        ("-5 min", "5 min"),
        ("5", "5 min"),
        ("", "5 min"),
        ("@", "5 min"),
        ("$", "5 min"),
        ("@Promised", "@promised"),
        ("end of duty before end of day", None),
        ("12345678901 min", "5 min"),
        ("五分钟", "5 min"),
        (5, "5 min"),
        (None, "5 min"),
        (["5 min"], "5 min"),
    ],
)
def test_unknown_limits_are_refused_with_the_nearest(value: object, nearest: str | None) -> None:
    with pytest.raises(Refusal) as refused:
        parse_limit(value, where="rule.within")
    assert refused.value.code == "limit.unknown"
    assert refused.value.params["where"] == "rule.within"
    assert refused.value.params["text"] == str(value)
    if nearest is not None:
        assert refused.value.params["nearest"] == nearest


@pytest.mark.parametrize(
    ("value", "code", "where"),
    [
        ({}, "limit.bad_table", "within"),
        ({"earliest": []}, "limit.bad_table", "within"),
        ({"earliest": "2 days"}, "limit.bad_table", "within"),
        ({"earliest": ["2 days"], "latest": ["2 days"]}, "limit.bad_table", "within"),
        ({"latest": ["2 days"], "key": "x"}, "limit.bad_table", "within"),
        ({"table": "t"}, "limit.bad_table", "within"),
        ({"table": "t", "key": 5}, "limit.bad_table", "within"),
        ({"table": "t", "key": "k", "limit": "2 days"}, "limit.bad_table", "within"),
        ({"limit": "2 days", "earliest": ["2 days"]}, "limit.bad_table", "within"),
        ({"not_before": "2 days"}, "limit.bad_table", "within"),
        ({"earlest": ["2 days"]}, "limit.unknown_key", "within"),
        ({"earliest": ["2 dys"]}, "limit.unknown", "within.earliest"),
        ({"latest": ["2 dys"]}, "limit.unknown", "within.latest"),
        ({"limit": "2 dys"}, "limit.unknown", "within.limit"),
        ({"limit": "2 days", "not_before": "soon"}, "limit.unknown", "within.not_before"),
    ],
)
def test_tables_that_are_no_limit(value: object, code: str, where: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_limit(value, where="within")
    assert (refused.value.code, refused.value.params["where"]) == (code, where)


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(Refusal) as refused:
        parse_limit({"earlest": ["2 days"]}, where="within")
    assert refused.value.params["key"] == "earlest"
    assert refused.value.params["nearest"] == "earliest"
    assert "not_before" in str(refused.value.params["valid"])


@pytest.mark.parametrize(
    ("value", "code", "params"),
    [
        ("@words", "limit.fact_not_a_time", {"fact": "words", "text": "soon"}),
        ("@naive", "limit.fact_not_a_time", {"fact": "naive"}),
        ("@number", "limit.fact_not_a_time", {"fact": "number", "text": "5"}),
        ("$same_day before @appointment", "limit.not_an_amount", {"figure": "$same_day", "text": "end of duty"}),
        ("$broken", "limit.unknown", {"where": "figures.broken", "text": "a while"}),
        ("999999999 days", "calendar.too_far", {}),
    ],
)  # fmt: skip
def test_refused_when_reckoned(value: str, code: str, params: dict[str, str]) -> None:
    with pytest.raises(Refusal) as refused:
        reckoned(value)
    assert refused.value.code == code
    assert {name: refused.value.params[name] for name in params} == params


def test_a_broken_row_names_itself() -> None:
    with pytest.raises(Refusal) as refused:
        reckoned({"table": "days_by_code", "key": "code"}, facts={"code": "NOISE"})
    assert refused.value.params["where"] == "days_by_code[NOISE]"


def test_beside_an_anchor_the_calendar_in_hand_counts() -> None:
    late = reckoned(
        "2 working hours before @appointment", calendar=PLAIN, facts={"appointment": at("2026-10-01 09:00")}
    )
    assert shown(late.due_at) == "2026-09-30 16:00"
    assert late.due_at is not None
    assert late.due_at.tzinfo is UTC
    assert reckoned("1 hour").due_at == at("2026-03-02 10:00") + timedelta(hours=1)


@pytest.mark.parametrize(
    ("value", "code", "params"),
    [
        ("15 mn before @after_time", "limit.unknown", {"nearest": "15 min before @after_time"}),
        ("$1x", "limit.unknown", {"text": "$1x"}),
        ("$", "limit.unknown", {"text": "$"}),
        ({}, "limit.bad_table", {"text": "{}"}),
        ({"earliest": []}, "limit.bad_table", {"text": "earliest"}),
        ({"table": "a", "earliest": ["2 days"]}, "limit.bad_table", {"text": "table, earliest"}),
    ],
)
def test_a_refusal_shows_what_was_written(value: object, code: str, params: dict[str, str]) -> None:
    with pytest.raises(Refusal) as refused:
        parse_limit(value, where="within")
    assert refused.value.code == code
    assert {name: refused.value.params[name] for name in params} == params


_EACH = (
    *("90 s", "5 min", "2 working hours", "3 days", "3 working days", "1 month", "end of duty", "start of next duty"),
    *("$promptly", "$at_once", "$same_day", "$blank", "$round", "$nobody", "@appointment", "@nothing"),
    *("15 min before", "15 min after", "1 working hour before", "$promptly before", "$blank before", "2 days before"),
    *(
        "15 min before @appointment",
        "$promptly before @appointment",
        "1 hour after @nothing",
        "1 hour before end of duty",
    ),
    {"earliest": ["$promptly", "@appointment"]},
    {"latest": ["$blank", "2 days"]},
    {"limit": "$at_once", "not_before": "$same_day"},
    {"table": "days_by_code", "key": "code"},
)


@pytest.mark.parametrize("said", _EACH, ids=str)
@pytest.mark.parametrize("start", ["2026-03-03 11:50", "2026-03-07 23:59", "2026-12-31 17:30"])
def test_settled_and_plainly_reckoned_comes_to_the_same(said: object, start: str) -> None:
    limit, begun = parse_limit(said, where="within"), at(start)
    given = {"calendar": DESK, "facts": FACTS, "figures": FIGURES, "tables": TABLES}
    whole = limit.reckon(begun, **given)  # type: ignore[arg-type]
    settled = limit.settled(FIGURES)
    assert settled.reckon(begun, **given) == whole  # type: ignore[arg-type]
    assert settled.plainly(begun) in (None, whole.due_at)


def test_only_plain_time_is_reckoned_plainly() -> None:
    begun = at("2026-03-03 11:50")
    plain = [each for each in _EACH if parse_limit(each, where="within").settled(FIGURES).plainly(begun) is not None]
    assert plain == ["90 s", "5 min", "$promptly", "$at_once", "15 min before", "15 min after", "$promptly before"]
    # what lies centuries away is refused where it is reckoned in full
    assert parse_limit("999999999 hours", where="within").plainly(begun) is None
