"""Why a deadline is due when it is, line by line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from desk.calendars import Amount, Span
from desk.i18n import N_, _, ngettext, pick
from desk.limits import Anchor, Beside, Bounded, Choice, Figure, For, Limit, LimitResult, Lookup
from desk.rulebook import Rule, Step
from desk.vocabulary import EVENTS, STEPS
from desk.when import ending
from desk.wording.spans import day, duration, weekday
from desk.wording.values import field, value

if TYPE_CHECKING:
    from desk.queries.reasons import Reasons, StepTime

_SKIPPED: Mapping[str, str] = {
    "paused": N_("paused, not counted"),
    "lunch": N_("lunch, not counted"),
    "night": N_("closed for the night, not counted"),
    "weekend": N_("weekend, not counted"),
    "holiday": N_("{name}, not counted"),
    "closed": N_("closed, not counted"),
}
_UNITS: Mapping[str, str] = {
    "seconds": N_("{n} s"),
    "minutes": N_("{n} min"),
    "hours": N_("{n} h"),
    "days": N_("{n} d"),
    "working_seconds": N_("{n} working s"),
    "working_minutes": N_("{n} working min"),
}
_START = N_("the start")
_MOMENTS: Mapping[str, str] = {
    "end of duty": N_("the end of duty"),
    "start of next duty": N_("the start of the next duty"),
    "end of day": N_("the end of the day"),
    "end of month": N_("the end of the month"),
}


def explain(
    rule: Rule,
    limit: Limit | None,
    starts_at: datetime,
    result: LimitResult,
    *,
    zone: tzinfo,
    figures: Mapping[str, str] | None = None,
    step: Step | None = None,
    event: str = "",
    looked_up: tuple[str, str] | None = None,
) -> list[str]:
    """Rule and source, start and what began it, limit, each stretch counted, skipped or paused, and what it came to."""
    name = pick(rule.title)
    if step is not None:
        name = _("{title} missed: {step}").format(title=name, step=_(STEPS[step.then][0]))
    source = _(", ").join(rule.source)
    lines = [_("{title} (source: {source})").format(title=name, source=source) if source else name]
    began = _("Began {time}: {event}.") if event else _("Began {time}.")
    lines.append(began.format(time=_at(starts_at, zone), event=event))
    if limit is None:
        return [*lines, _("A notice: acknowledge it; it has no time limit.")]
    said = limit_words(limit, figures)
    if looked_up is not None and isinstance(limit, Lookup):
        asked, text = looked_up
        words = _("{limit} (table {table}, {fact} “{value}”)")
        shown = value(limit.key, asked)
        said = words.format(limit=_figure(text), table=limit.table, fact=field(limit.key), value=shown)
    lines.append(_("Limit: {limit}.").format(limit=said))
    if rule.counts_from and step is None:
        lines.append(_("Counts from the next opening."))
    lines += _spans(result.spans, zone, in_all=_has_length(limit, figures))
    if result.due_at is None:
        lines.append(missing_words(result.missing))
        return lines
    if result.not_before is not None and result.not_before >= result.due_at:
        lines.append(_("Not before {time}.").format(time=_at(result.not_before, zone)))
    lines.append(_("Due {time}.").format(time=_at(result.due_at, zone, until=True)))
    if result.provisional:
        lines.append(_("Provisional: the statutory days of that year are not known yet."))
    return lines


def explain_deadline(found: Reasons) -> list[str]:
    """All there is to say of a deadline: what opened it, the reckoning, its pauses, its warning, what a miss opens."""
    rule, standing, zone = found.rule, found.standing, found.zone
    lines = explain(
        rule,
        found.limit,
        found.starts_at,
        found.result,
        zone=zone,
        figures=found.figures,
        step=found.step,
        event=_event(found),
        looked_up=found.looked_up,
    )
    if found.step is None:
        lines += _pauses(found)
        if rule.warn is not None and standing.warn_at is not None:
            limit = limit_words(rule.warn, found.figures, _("the due time"))
            lines.append(_("Warns {time} ({limit}).").format(time=_at(standing.warn_at, zone), limit=limit))
        if standing.met_at is not None:
            lines.append(_("Done {time}.").format(time=_at(standing.met_at, zone)))
        elif standing.cancelled_at is not None:
            lines.append(_("Withdrawn {time}.").format(time=_at(standing.cancelled_at, zone)))
    lines += [_step(each, found) for each in found.steps]
    if found.version:
        words = _("Reckoned by version {version} of the rules, opening hours {hours}.")
        if found.version < 0:
            words = _("Reckoned by the rules that came in with its register, opening hours {hours}.")
        lines.append(words.format(version=found.version, hours=found.hours))
    return lines


def _event(found: Reasons) -> str:
    if not found.event or found.step is not None:
        return ""
    title = _(EVENTS[found.event].title) if found.event in EVENTS else found.event
    return _("{event} ({who})").format(event=title, who=found.who) if found.who else title


def _pauses(found: Reasons) -> list[str]:
    """The pauses a reckoning does not show: those that do not move it, and the one that still lasts."""
    standing, zone, lines = found.standing, found.zone, []
    if not any(span.kind == "paused" for span in found.result.spans):
        for start, end in standing.pauses:
            times = _between(start, end, zone)
            lines.append(_("{times}: paused; it does not move this time").format(times=times))
    if standing.paused:
        lines.append(_("Paused now: the clock stands still until it goes on."))
    return lines


def _step(each: StepTime, found: Reasons) -> str:
    asked, who = _(STEPS[each.step.then][0]), value("by", each.step.who)
    words = _("Missed, step {n}: {step} ({who}) came up {time}") if each.came_up else None
    words = words or _("If missed, step {n}: {step} ({who}) from {time}")
    said = words.format(n=each.number, step=asked, who=who, time=_at(each.at, found.zone))
    parts = [said]
    if each.count > 1:
        parts.append(_("{n} times").format(n=each.count))
    if each.due_at is not None:
        parts.append(_("due {time}").format(time=_at(each.due_at, found.zone, until=True)))
    if each.met_at is not None:
        parts.append(_("done {time}").format(time=_at(each.met_at, found.zone)))
    elif each.cancelled_at is not None:
        parts.append(_("withdrawn {time}").format(time=_at(each.cancelled_at, found.zone)))
    elif each.step.repeat:
        parts.append(_("again at each start of duty while it is open"))
    return _("{text}.").format(text=_("; ").join(parts))


def missing_words(missing: str | None) -> str:
    """Why there is no due time yet."""
    if missing is None:
        return _("No due time.")
    if missing.startswith("@"):
        return _("No due time yet: {fact} is not known.").format(fact=field(missing[1:]))
    if missing.startswith("$"):
        return _("No due time: the figure {figure} is empty; the estate must fill it in.").format(figure=missing)
    return _("No due time: {row} is empty; the estate must fill it in.").format(row=missing)


def limit_words(limit: Limit, figures: Mapping[str, str] | None = None, start: str | None = None) -> str:
    """A limit as people say it; ``figures`` gives what the estate put for the manual's words.

    ``start`` says what the start is, where it is something else: for a warning, the due time.
    """
    match limit:
        case For(amount):
            return _amount(amount)
        case Figure(name):
            text = (figures or {}).get(name)
            return f"{_figure(text)} (${name})" if text else f"${name}"
        case Anchor(moment="fact", fact=fact):
            return field(fact)
        case Anchor(moment="day of month", day=number):
            return _("the end of day {n} of next month").format(n=number)
        case Anchor(moment="start"):
            return start or _(_START)
        case Anchor(moment=moment):
            return _(_MOMENTS[moment])
        case Beside(amount, way, anchor):
            words = _("{amount} before {anchor}") if way == "before" else _("{amount} after {anchor}")
            return words.format(amount=limit_words(amount, figures), anchor=limit_words(anchor, figures, start))
        case Choice(which, options):
            words = _("the earliest of: {options}") if which == "earliest" else _("the latest of: {options}")
            return words.format(options=_(", ").join(limit_words(option, figures) for option in options))
        case Lookup(table, key):
            return _("what table {table} says for {fact}").format(table=table, fact=field(key))
        case Bounded(inner, bound):
            return _("{limit}, not before {bound}").format(
                limit=limit_words(inner, figures), bound=limit_words(bound, figures)
            )
    return limit.words()


def _figure(text: str) -> str:
    amount = Amount.parse(" ".join(text.split()))
    return _amount(amount) if amount is not None else text


def _amount(amount: Amount) -> str:
    n = amount.value
    match amount.unit:
        case "months":
            words = ngettext("{n} month", "{n} months", n)
        case "working_hours":
            words = ngettext("{n} working hour", "{n} working hours", n)
        case "working_days":
            words = ngettext("{n} working day", "{n} working days", n)
        case unit:
            words = _(_UNITS[unit])
    return words.format(n=n)


def _has_length(limit: Limit, figures: Mapping[str, str] | None) -> bool:
    """Whether what is counted adds up to the limit: hours and minutes do, days keep the wall clock."""
    if isinstance(limit, Figure):
        amount = Amount.parse(" ".join((figures or {}).get(limit.name, "").split()))
        return amount is not None and amount.length is not None
    return isinstance(limit, For) and limit.amount.length is not None


def _spans(spans: tuple[Span, ...], zone: tzinfo, *, in_all: bool) -> list[str]:
    total, lines = timedelta(0), []
    for span in spans:
        length = span.end - span.start
        times = _between(span.start, span.end, zone)
        name = pick(span.name._asdict()) if span.name is not None else ""
        if span.kind == "counted":
            total += length
            words = _("{times}: {length} counted")
            if name:
                words = _("{times}: {length} counted ({name})")
            lines.append(words.format(times=times, length=duration(length), name=name))
        else:
            why = _(_SKIPPED[span.kind]).format(name=name or _("holiday"))
            lines.append(_("{times}: {why}").format(times=times, why=why))
    if in_all and len(lines) > 1:
        lines.append(_("Counted in all: {length}.").format(length=duration(total)))
    return lines


def _at(at: datetime, zone: tzinfo, *, until: bool = False) -> str:
    local = at.astimezone(zone)
    day, clock = (local.date(), _clock(local)) if local.second or not until else ending(local)
    return _("{year}-{month}-{day} {weekday} {clock}").format(
        year=day.year, month=f"{day.month:02d}", day=f"{day.day:02d}", weekday=weekday(day), clock=clock
    )


def _between(start: datetime, end: datetime, zone: tzinfo) -> str:
    first, last = start.astimezone(zone), end.astimezone(zone)
    ends, clock = (last.date(), _clock(last)) if last.second else ending(last)
    until = clock if first.date() == ends else f"{day(ends)} {clock}"
    return f"{day(first.date())} {_clock(first)}–{until}"


def _clock(local: datetime) -> str:
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
