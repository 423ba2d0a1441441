"""The rates of the week and of the month that are over, taken down as they were then (S3-42; R-30; F-16).

Each says what it is a share of and of how many cases. The text stays as it was recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from desk.errors import Refusal
from desk.i18n import N_, _, pick
from desk.ledger import Entry, Ledger
from desk.models import Subject
from desk.procedures.verbs import NOTE, Param, Values, Verb, day_id, spoken_of
from desk.queries.rates import Rate, midnight, shares
from desk.vocabulary import SHARES

_INSTANT = timedelta(microseconds=1)


def last_week(today: date) -> tuple[date, date]:
    """Monday of the week before, and of this one."""
    monday = today - timedelta(days=today.weekday())
    return monday - timedelta(days=7), monday


def last_month(today: date) -> tuple[date, date]:
    """The first of the month before, and of this one."""
    first = today.replace(day=1)
    return (first - timedelta(days=1)).replace(day=1), first


def rates_text(ledger: Ledger, first: date, last: date, rates: Sequence[Rate]) -> str:
    """The rates to read, print or send."""
    lines = [_("{estate} · rates from {first} to {last}").format(estate=ledger.name, first=first, last=last)]
    for rate in rates:
        came_to = f"{rate.value:.1%} ({rate.part}/{rate.count})" if rate.value is not None else _("nothing to measure")
        lines.append(
            _("{title}: {value}, {of}").format(title=pick(rate.title), value=came_to, of=_(SHARES[rate.measure]))
        )
    return "\n".join(lines)


def _take(event: str, before: Callable[[date], tuple[date, date]]) -> Callable[[Entry, Subject, Values], None]:
    def do(entry: Entry, day: Subject, values: Values) -> None:
        ledger, at = entry.ledger, entry.doing.happened_at
        first, after = before(_meant(ledger, values.get("of_day"), at, before))
        found = shares(ledger, entry.session, midnight(ledger, after) - _INSTANT, midnight(ledger, first))
        text = rates_text(ledger, first, after - timedelta(days=1), found)
        entry.on(day, event, words={"report": text, "note": values.get("note")})

    return do


def _meant(ledger: Ledger, day: datetime | None, at: datetime, before: Callable[[date], tuple[date, date]]) -> date:
    """The local date whose week or month before is meant: that of ``at``, or the one after the period of ``day``."""
    today = at.astimezone(ledger.zone).date()
    if day is None:
        return today
    local = day.astimezone(ledger.zone).date()
    for after in (local + timedelta(days=n) for n in range(1, 63)):
        first, end = before(after)
        if first <= local < end:
            if end > today:
                raise Refusal("rates.not_over", first=str(first), last=str(end - timedelta(days=1)))
            return after
    raise AssertionError("every day lies in the period before some later day")


def _verb(name: str, event: str, title: str, about: str, before: Callable[[date], tuple[date, date]]) -> Verb:
    return Verb(
        name,
        event,
        title,
        _take(event, before),
        params=(Param("of_day", "time", about), NOTE),
        subject="day",
        applies=spoken_of(event),
        of=day_id,
    )


VERBS = (
    _verb(
        "rate-week",
        "day.week_rated",
        N_("Take the week's rates"),
        N_("A day of the week meant; else the week before"),
        last_week,
    ),
    _verb(
        "rate-month",
        "day.month_rated",
        N_("Take the month's rates"),
        N_("A day of the month meant; else the month before"),
        last_month,
    ),
)
