"""Four working hours over a lunch break and a statutory holiday, against businesstimedelta.

    python -m benchmarks.working_time [--rounds 7] [--more]

Both add the same four hours to the same start under the same hours (Monday to Friday 8:30–12:00 and 14:00–17:30) and
the same days off; both objects are made before the clock starts, and both must come to the same instant. Figures are
medians of rounds that alternate in one run; the goal is a ratio of at least 200.

``--more`` adds what else the desk asks of a calendar: a start anywhere in a year, a pause, working days, back in time,
the reasons, the first question to a fresh calendar.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import businesstimedelta
import pytz

from desk import resources
from desk.calendars import Amount, Calendar, statutory_years

ZONE = pytz.timezone("Asia/Shanghai")
#: before lunch on the last day before the National Day break of 2026: due on the morning after it
START = datetime(2026, 9, 30, 3, 40, tzinfo=UTC)
HOURS = {"timezone": "Asia/Shanghai", "holidays": "CN", "hours": {"mon-fri": ["08:30-12:00", "14:00-17:30"]}}
FOUR_HOURS = Amount(4, "working_hours")
GOAL = 200


def ours() -> Calendar:
    return Calendar.from_dict(HOURS, name="benchmark", statutory=statutory_years(resources.path("calendars")))


def theirs(calendar: Calendar) -> businesstimedelta.Rules:
    """Their rules for the same hours, with the same days off. Make-up workdays, which they do not know, are far off."""
    days = [
        businesstimedelta.WorkDayRule(start_time=first, end_time=last, working_days=[0, 1, 2, 3, 4], tz=ZONE)
        for first, last in ((dt.time(8, 30), dt.time(12)), (dt.time(14), dt.time(17, 30)))
    ]
    # after a due time they look for the next day off and must find one: the New Year to come
    off = {**{day: name.en for day, name in calendar.schedule.off.items()}, dt.date(2027, 1, 1): "New Year's Day"}
    return businesstimedelta.Rules([*days, businesstimedelta.HolidayRule(off, tz=ZONE)])


def per_call(work: Callable[[], object], seconds: float = 0.2) -> float:
    """Seconds a call takes, over as many as fit into ``seconds``."""
    start = time.perf_counter()
    work()
    count = max(1, int(seconds / max(time.perf_counter() - start, 1e-6)))
    start = time.perf_counter()
    for _ in range(count):
        work()
    return (time.perf_counter() - start) / count


def more(calendar: Calendar) -> dict[str, Callable[[], object]]:
    """What else is asked of a calendar, by name."""
    chance = random.Random(1)
    starts = [START + timedelta(minutes=chance.randrange(-180 * 1440, 80 * 1440)) for _ in range(1000)]
    anywhere = iter(starts * 100_000)
    pause = [(START + timedelta(minutes=5), START + timedelta(minutes=45))]
    day, back = Amount(3, "working_days"), Amount(-4, "working_hours")
    return {
        "a start anywhere in the year": lambda: calendar.add(next(anywhere), FOUR_HOURS),
        "with a pause": lambda: calendar.add(START, FOUR_HOURS, pauses=pause),
        "three working days": lambda: calendar.add(START, day),
        "four hours back": lambda: calendar.add(START, back),
        "five minutes by the clock": lambda: calendar.add(START, Amount(5, "minutes")),
        "with the reasons": lambda: calendar.add(START, FOUR_HOURS, explain=True),
        "the first question to a fresh calendar": lambda: ours().add(START, FOUR_HOURS),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--more", action="store_true", help="what else is asked of a calendar")
    given = parser.parse_args()
    calendar = ours()
    delta = businesstimedelta.BusinessTimeDelta(theirs(calendar), hours=4)

    def add_ours() -> datetime:
        return calendar.add(START, FOUR_HOURS).due_at

    def add_theirs() -> datetime:
        found: datetime = START + delta
        return found

    if add_ours() != add_theirs():
        print(f"they differ: {add_ours()} and {add_theirs()}")
        return 1
    found: dict[str, list[float]] = {"desk": [], "businesstimedelta": []}
    for _ in range(given.rounds):
        found["desk"].append(per_call(add_ours))
        found["businesstimedelta"].append(per_call(add_theirs))
    mine, peer = (statistics.median(times) for times in found.values())
    print(
        f"4 working hours from {START.astimezone(ZONE):%Y-%m-%d %H:%M}, due {add_ours().astimezone(ZONE):%Y-%m-%d %H:%M}"
    )
    for name, times in found.items():
        spread = f"{min(times) * 1e6:.2f}…{max(times) * 1e6:.2f}"
        print(f"{name:<20}{statistics.median(times) * 1e6:10.2f} µs   ({spread}, {given.rounds} rounds)")
    print(f"ratio               {peer / mine:10.0f} x   (goal {GOAL} x: {'met' if peer / mine >= GOAL else 'missed'})")
    if given.more:
        for name, work in more(calendar).items():
            print(f"{name:<40}{statistics.median(per_call(work) for _ in range(3)) * 1e6:10.2f} µs")
    return 0 if peer / mine >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
