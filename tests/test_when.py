"""Moments as people type them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from desk import i18n
from desk.errors import Refusal
from desk.when import parse_day, parse_time, show_date, show_time

SHANGHAI = ZoneInfo("Asia/Shanghai")
#: Sunday 22 November 2026, 10:24
NOW = datetime(2026, 11, 22, 10, 24, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("14:00", "2026-11-22 14:00"),
        ("9:05", "2026-11-22 09:05"),  # past times of today stay today
        ("１４：００", "2026-11-22 14:00"),
        ("1400", "2026-11-22 14:00"),
        ("24:00", "2026-11-23 00:00"),
        ("9:30:15", "2026-11-22 09:30:15"),
        ("今天14:00", "2026-11-22 14:00"),
        ("今天 14：00", "2026-11-22 14:00"),
        ("明天 9:30", "2026-11-23 09:30"),
        ("明早9点", "2026-11-23 09:00"),
        ("明天早上九点半", "2026-11-23 09:30"),
        ("今晚8点", "2026-11-22 20:00"),
        ("今晚12点", "2026-11-23 00:00"),
        ("后天下午3点一刻", "2026-11-24 15:15"),
        ("大后天上午十点", "2026-11-25 10:00"),
        ("昨天17点45分", "2026-11-21 17:45"),
        ("中午12点", "2026-11-22 12:00"),
        ("中午1点", "2026-11-22 13:00"),
        ("凌晨2点", "2026-11-22 02:00"),
        ("下午12点", "2026-11-22 12:00"),
        ("3点半", "2026-11-22 03:30"),
        ("十二点零五分", "2026-11-22 12:05"),
        ("11-24 10:00", "2026-11-24 10:00"),
        ("11/24 10:00", "2026-11-24 10:00"),
        ("11月24日10点", "2026-11-24 10:00"),
        ("11月24号 下午4点前", "2026-11-24 16:00"),
        ("24号 10:00", "2026-11-24 10:00"),
        ("1-5 10:00", "2027-01-05 10:00"),  # the nearest year
        ("2026-11-24 10:00", "2026-11-24 10:00"),
        ("2026年11月24日 10：00", "2026-11-24 10:00"),
        ("2026/11/24 1000", "2026-11-24 10:00"),
        ("10:00 明天", "2026-11-23 10:00"),
        ("周三 15:00", "2026-11-25 15:00"),
        ("星期天 15:00", "2026-11-22 15:00"),  # today is one
        ("下周三15:00", "2026-11-25 15:00"),
        ("下周日 15:00", "2026-11-29 15:00"),
        ("本周一 9:00", "2026-11-16 09:00"),
        ("上周五 9点", "2026-11-13 09:00"),
        ("wed 15:00", "2026-11-25 15:00"),
        ("next Wednesday 3pm", "2026-11-25 15:00"),
        ("tomorrow 9:30", "2026-11-23 09:30"),
        ("Tomorrow at 9:30 pm", "2026-11-23 21:30"),
        ("12 am", "2026-11-22 00:00"),
        ("+30", "2026-11-22 10:54"),
        ("+30min", "2026-11-22 10:54"),
        ("＋３０", "2026-11-22 10:54"),
        ("+2h", "2026-11-22 12:24"),
        ("-10", "2026-11-22 10:14"),
        ("30分钟后", "2026-11-22 10:54"),
        ("三十分钟后", "2026-11-22 10:54"),
        ("半小时后", "2026-11-22 10:54"),
        ("半个小时以后", "2026-11-22 10:54"),
        ("1个半小时后", "2026-11-22 11:54"),
        ("两天后", "2026-11-24 10:24"),
        ("10分钟前", "2026-11-22 10:14"),
        ("in 2 hours", "2026-11-22 12:24"),
        ("2 hours ago", "2026-11-22 08:24"),
        ("2026-11-24T10:00", "2026-11-24 10:00"),
        ("2026-11-24t10:00:00+00:00", "2026-11-24 18:00"),
        ("2026-11-24T10:00Z", "2026-11-24 18:00"),
    ],
)
def test_what_people_type(text: str, expected: str) -> None:
    read = parse_time(text, NOW, SHANGHAI)
    assert read.tzinfo is UTC
    assert read == datetime.fromisoformat(expected).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01", "2026-03-01"),
        ("2026年3月1日", "2026-03-01"),
        ("１１－２４", "2026-11-24"),
        ("昨天", "2026-11-21"),
        ("周三", "2026-11-25"),
        ("on 24号", "2026-11-24"),
    ],
)
def test_a_day_alone(text: str, expected: str) -> None:
    assert str(parse_day(text, NOW, SHANGHAI)) == expected


@pytest.mark.parametrize(
    "text", ["", "14:00", "明天 9:30", "2026-02-30", "2026-03", "some day", "2026-03-01T10:00", "9" * 999]
)
def test_no_day_or_more_than_one(text: str) -> None:
    with pytest.raises(Refusal, match=r"time\.unclear"):
        parse_day(text, NOW, SHANGHAI)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "明天",
        "下午",
        "25:00",
        "12:60",
        "2026-13-01 10:00",
        "2-30 10:00",
        "14:00 或者 15:00",
        "水管漏水",
        "+",
        "30",
        "后",
        "明天 14:00 业主甲",
        "24:30",
        "[/b]",
        "2026-11-24Tx",
        "十十点",
        "٣十:00",
    ],
)
def test_what_is_not_clear_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse_time(text, NOW, SHANGHAI)
    assert caught.value.code == "time.unclear"
    assert caught.value.params["text"] == text


def test_a_paste_is_refused_at_once_and_not_repeated_whole() -> None:
    with pytest.raises(Refusal) as caught:
        parse_time("9" * 1_000_000, NOW, SHANGHAI)
    assert len(str(caught.value.params["text"])) < 100


def test_a_wall_clock_follows_the_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 3, 28, 12, tzinfo=berlin)
    assert parse_time("明天 2:30", now, berlin) == datetime(2026, 3, 29, 3, 30, tzinfo=berlin)
    assert parse_time("+1d", now, berlin) == datetime(2026, 3, 29, 12, tzinfo=berlin)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-22 14:00", "14:00"),
        ("2026-11-23 09:30", "tomorrow 09:30"),
        ("2026-11-21 09:30", "yesterday 09:30"),
        ("2026-11-24 10:00", "11-24 10:00"),
        ("2027-01-05 10:00", "2027-01-05 10:00"),
        # what ends with a day ends at its 24:00
        ("2026-11-23 00:00", "24:00"),
        ("2026-11-24 00:00", "tomorrow 24:00"),
        ("2026-11-22 00:00", "yesterday 24:00"),
        ("2027-01-01 00:00", "12-31 24:00"),
        ("2028-01-01 00:00", "2027-12-31 24:00"),
    ],
)
def test_shown_short(at: str, expected: str) -> None:
    i18n.install("en")
    assert show_time(datetime.fromisoformat(at).replace(tzinfo=SHANGHAI), SHANGHAI, NOW) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-22T20:00", "11-22 20:00"),
        ("2026-11-23T09:05", "11-23 09:05"),
        ("2027-01-05T10:00", "2027-01-05 10:00"),
    ],
)
def test_a_time_for_others_has_its_day(at: str, expected: str) -> None:
    assert show_date(datetime.fromisoformat(at).replace(tzinfo=SHANGHAI), SHANGHAI, NOW) == expected
