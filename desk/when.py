"""Moments as people type them, read as instants, and instants shown short.

``14:00``, ``今天14:00``, ``明早9点``, ``下午3点半``, ``11-24 10:00``, ``周三 15:00``, ``+30``, ``半小时后``,
``tomorrow 9:30``, ``2026-11-24T10:00+08:00``: full-width digits and punctuation are as their ASCII twins. Pure; ``now``
is given.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from desk.errors import Refusal
from desk.i18n import _
from desk.text import narrow

_DAY: Final = timedelta(days=1)
_LONGEST: Final = 60

_DIGITS: Final = {**{digit: value for value, digit in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2}
_NUMERAL: Final = "[零〇一二两三四五六七八九十]{1,3}"
_NUMBER: Final = rf"(?:\d{{1,4}}|{_NUMERAL})"

_NEAR: Final = {
    "大后天": 3,
    "后天": 2,
    "明天": 1,
    "明日": 1,
    "今天": 0,
    "今日": 0,
    "昨天": -1,
    "昨日": -1,
    "前天": -2,
    "tomorrow": 1,
    "today": 0,
    "yesterday": -1,
}
#: 明早 and 今晚 leave the 天 out
_CUT: Final = {"明": 1, "今": 0, "昨": -1}
_WEEKDAYS: Final = {day: index % 7 for index, day in enumerate("一二三四五六日1234567")} | {"天": 6}
_ENGLISH_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKS: Final = {"下": 1, "本": 0, "这": 0, "上": -1, "next": 1, "this": 0, "last": -1}

_MORNING, _NOON, _LATER, _EVENING, _NIGHT = "morning", "noon", "later", "evening", "night"
_PARTS: Final = {
    "凌晨": _NIGHT,
    "半夜": _NIGHT,
    "早上": _MORNING,
    "早晨": _MORNING,
    "上午": _MORNING,
    "中午": _NOON,
    "下午": _LATER,
    "傍晚": _LATER,
    "晚上": _EVENING,
    "夜里": _EVENING,
    "早": _MORNING,
    "晚": _EVENING,
    "am": _MORNING,
    "pm": _LATER,
}
_PART: Final = "|".join(sorted((word for word in _PARTS if not word.isascii()), key=len, reverse=True))

_HOURS: Final = ("小时", "钟头", "h", "hour", "hours")
_DAYS: Final = ("天", "d", "day", "days")
_UNIT: Final = r"分钟|分|小时|钟头|天|minutes?|mins?|m|hours?|h|days?|d"

# the amount's own 半 (半小时后) or a half more (1个半小时后)
_AMOUNT: Final = rf"(?P<n>半|{_NUMBER})?\s*个?(?P<half>半)?\s*(?P<unit>{_UNIT})?"
_RELATIVE: Final = (
    re.compile(rf"(?:过\s*)?{_AMOUNT}\s*(?:以|之)?(?P<way>后|前)"),
    re.compile(rf"(?P<way>[+-])\s*{_AMOUNT}"),
    re.compile(rf"in\s+{_AMOUNT}"),
    re.compile(rf"{_AMOUNT}\s+(?P<way>ago|later)"),
)

_CLOCKS: Final = (
    re.compile(
        rf"(?P<part>{_PART})?\s*(?P<h>\d{{1,2}})\s*:\s*(?P<m>\d\d)(?:\s*:\s*(?P<s>\d\d))?(?:\s*(?P<ap>[ap])\.?m\.?)?(?![\d:])"
    ),
    re.compile(
        rf"(?P<part>{_PART})?\s*(?P<h>{_NUMBER})\s*[点时](?:整|(?P<half>半)|(?P<quarter>[一三])刻|(?P<m>{_NUMBER})\s*分?)?"
    ),
    re.compile(r"(?<!\d)(?P<h>\d{1,2})\s*(?P<ap>[ap])\.?m\.?(?![a-z])"),
    re.compile(r"(?<![\d:/-])(?P<h>\d{2})(?P<m>\d{2})(?![\d:/-])"),
)

#: what may stand around date and clock without saying anything
_FILLER: Final = re.compile(r"(?:之前|以前|左右|前|的|在|于|at|on|by|around|before|[\s,])+")


def parse_time(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) that ``text`` means to somebody in ``zone`` at ``now`` (aware).

    A clock alone is today's, past or to come; a month and day are of the nearest year, a weekday the coming one,
    today included. Raises ``Refusal("time.unclear", text)`` for what says no day and clock, or not only that.
    """
    if len(text) > _LONGEST:
        raise Refusal("time.unclear", text=text[:_LONGEST] + "…")
    given = narrow(text).strip().lower()
    here = now.astimezone(zone)
    if re.match(r"\d{4}-\d\d?-\d\d?t", given):
        try:
            exact = datetime.fromisoformat(given.upper())
            return (exact if exact.tzinfo else exact.replace(tzinfo=zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise Refusal("time.unclear", text=text) from None
    try:
        for pattern in _RELATIVE:
            found = pattern.fullmatch(given)
            if found is not None and (moved := _moved(found, here)) is not None:
                return moved
        return _absolute(given, here, zone)
    except (ValueError, OverflowError):
        raise Refusal("time.unclear", text=text) from None


def parse_day(text: str, now: datetime, zone: ZoneInfo) -> date:
    """The local date that ``text`` means to somebody in ``zone`` at ``now`` (aware), read as :func:`parse_time` does.

    Raises ``Refusal("time.unclear", text)`` for what says no day, or more than that.
    """
    if len(text) > _LONGEST:
        raise Refusal("time.unclear", text=text[:_LONGEST] + "…")
    try:
        rest, day = _take_day(narrow(text).strip().lower(), now.astimezone(zone).date())
    except (ValueError, OverflowError):
        raise Refusal("time.unclear", text=text) from None
    if day is None or _FILLER.sub("", rest):
        raise Refusal("time.unclear", text=text)
    return day


def show_time(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """``at`` as short as it is clear in ``zone`` at ``now``: ``14:00``, ``tomorrow 9:30``, ``11-24 10:00``, with the
    year when it is another one; midnight as the 24:00 of the day that ends."""
    local, here = at.astimezone(zone), now.astimezone(zone)
    day, clock = ending(local)
    away = (day - here.date()).days
    if away == 0:
        return clock
    if away == 1:
        return _("tomorrow {clock}").format(clock=clock)
    if away == -1:
        return _("yesterday {clock}").format(clock=clock)
    return f"{day:%m-%d} {clock}" if day.year == here.year else f"{day:%Y-%m-%d} {clock}"


def ending(local: datetime) -> tuple[date, str]:
    """Day and clock of a limit: what ends with a day ends at its 24:00, not as the next one begins."""
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        return local.date() - timedelta(days=1), "24:00"
    return local.date(), f"{local:%H:%M}"


def show_date(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """``at`` for a text that others read later: always with its day, ``11-24 10:00``, and the year of another one."""
    local = at.astimezone(zone)
    return f"{local:%m-%d %H:%M}" if local.year == now.astimezone(zone).year else f"{local:%Y-%m-%d %H:%M}"


def _moved(found: re.Match[str], here: datetime) -> datetime | None:
    """``here`` moved by an amount; None where the words give no amount."""
    parts = found.groupdict()
    if parts["n"] is None and parts["half"] is None:
        return None
    amount = 0.5 if parts["n"] == "半" else float(_number(parts["n"])) if parts["n"] else 0.0
    amount += 0.5 if parts["half"] else 0.0
    unit = parts["unit"] or ("min" if parts.get("way") in ("+", "-") else None)
    if unit is None:
        return None
    sign = -1 if parts.get("way") in ("-", "前", "ago") else 1
    if unit in _DAYS:
        # a day keeps the wall clock
        wall = here.replace(tzinfo=None) + sign * amount * _DAY
        return wall.replace(tzinfo=here.tzinfo).astimezone(UTC)
    return here.astimezone(UTC) + sign * amount * timedelta(minutes=60 if unit in _HOURS else 1)


def _absolute(given: str, here: datetime, zone: ZoneInfo) -> datetime:
    """Day and clock, in either order. Raises ValueError where either is wrong or something is left over."""
    rest, day = _take_day(given, here.date())
    rest, clock = _take_clock(rest)
    if clock is None or _FILLER.sub("", rest):
        raise ValueError(given)
    wall = datetime.combine(day or here.date(), time()) + clock
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _take_day(text: str, today: date) -> tuple[str, date | None]:
    """The text without its day, and the day."""
    for pattern, read in _DAY_FORMS:
        found = pattern.search(text)
        if found is not None:
            return text[: found.start()] + " " + text[found.end() :], read(found, today)
    return text, None


def _take_clock(text: str) -> tuple[str, timedelta | None]:
    """The text without its clock, and the clock as time past midnight: 24:00 and 晚上12点 are the next day's 0:00."""
    for pattern in _CLOCKS:
        found = pattern.search(text)
        if found is None:
            continue
        parts = found.groupdict()
        hour = _number(parts["h"])
        minute = 30 if parts.get("half") else 15 * _DIGITS[parts["quarter"]] if parts.get("quarter") else 0
        minute = _number(parts["m"]) if parts.get("m") else minute
        second = int(parts.get("s") or 0)
        hour = _hour(hour, _PARTS.get(parts.get("part") or f"{parts.get('ap')}m"))
        if minute > 59 or second > 59 or hour > 24 or (hour == 24 and minute + second):
            raise ValueError(text)
        return text[: found.start()] + " " + text[found.end() :], timedelta(hours=hour, minutes=minute, seconds=second)
    return text, None


def _hour(hour: int, part: str | None) -> int:
    """An hour of the twelve as one of the day's: 下午3 → 15, 晚上12 → 24, 中午1 → 13, 12 am → 0."""
    if part in (_MORNING, _NIGHT) and hour == 12:
        return 0
    if part == _NOON and hour < 10:
        return hour + 12
    if part == _LATER and hour < 12:
        return hour + 12
    if part == _EVENING and 4 <= hour <= 12:
        return hour + 12
    return hour


def _number(text: str) -> int:
    """``30``, ``九``, ``十二``, ``四十五``, ``零五`` as a number."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.partition("十")
    try:
        if ten:
            return 10 * (_DIGITS[tens] if tens else 1) + (_DIGITS[ones] if ones else 0)
        return int("".join(str(_DIGITS[digit]) for digit in text))
    except KeyError:
        raise ValueError(text) from None


# -- days ----------------------------------------------------------------------------------------------------


def _nearest_year(month: int, day: int, today: date) -> date:
    """That month and day in the year that brings it closest to today."""
    found = []
    for year in (today.year, today.year + 1, today.year - 1):
        try:
            found.append(date(year, month, day))
        except ValueError:
            continue  # 29 February
    if not found:
        raise ValueError(f"{month}-{day}")
    return min(found, key=lambda each: abs(each - today))


def _weekday(week: str | None, index: int, today: date) -> date:
    if week is None:
        return today + ((index - today.weekday()) % 7) * _DAY
    return today + (index - today.weekday() + 7 * _WEEKS[week]) * _DAY


def _chinese_week(found: re.Match[str], today: date) -> date:
    return _weekday(found[1], _WEEKDAYS[found[2]], today)


def _english_week(found: re.Match[str], today: date) -> date:
    return _weekday(found[1], _ENGLISH_DAYS.index(found[2]), today)


_DAY_FORMS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], date]], ...]] = (
    (
        re.compile(r"(?<!\d)(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)\s*[日号]?"),
        lambda found, today: date(int(found[1]), int(found[2]), int(found[3])),
    ),
    (
        re.compile(r"(?<!\d)(\d{1,2})\s*(?:[-/.]|月)\s*(\d{1,2})(?!\d)\s*[日号]?"),
        lambda found, today: _nearest_year(int(found[1]), int(found[2]), today),
    ),
    (
        re.compile(r"(?<!\d)(\d{1,2})\s*[日号]"),
        lambda found, today: today.replace(day=int(found[1])),
    ),
    (re.compile("|".join(_NEAR)), lambda found, today: today + _NEAR[found[0]] * _DAY),
    (re.compile(rf"([明今昨])(?={_PART})"), lambda found, today: today + _CUT[found[1]] * _DAY),
    (re.compile(r"([下本这上])?\s*(?:个?(?:周|星期|礼拜))([一二三四五六日天1-7])"), _chinese_week),
    (
        re.compile(
            r"(?:\b(next|this|last)\s+)?\b(mon|tue|wed|thu|fri|sat|sun)(?:day|sday|s|nesday|rsday|rs|r|urday)?\b"
        ),
        _english_week,
    ),
)
