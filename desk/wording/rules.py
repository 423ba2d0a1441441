"""What a rule says, line by line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desk.i18n import _, pick
from desk.rulebook import Kind, Rule, Rulebook
from desk.vocabulary import STEPS
from desk.wording.events import title
from desk.wording.reasons import limit_words
from desk.wording.spans import WEEKDAYS
from desk.wording.values import field, value

#: days of the week as a recurrence names them
_DAYS = dict(zip("MO TU WE TH FR SA SU".split(), WEEKDAYS, strict=True))


def rule_words(rule: Rule, book: Rulebook) -> list[str]:
    """What a rule says, in words."""
    sources = _(", ").join([rule.id, *rule.source])
    lines = [_("{title} ({id})").format(title=pick(rule.title), id=sources)]
    if rule.every:
        lines.append(_("Comes round: {rule}").format(rule=every_words(rule.every)))
    else:
        lines.append(_("Opens when: {events}").format(events=_(", ").join(title(name) for name, _where in rule.on)))
    tests = [*rule.where.tests, *(test for _name, where in rule.on for test in where.tests if not rule.every)]
    words = _("Only where {fact}: {value}")
    lines += [words.format(fact=field(name), value=_test(name, test, book)) for name, test in tests]
    lines.append(_("Limit: {limit}.").format(limit=limit_words(rule.within, book.figures)))
    if rule.warn is not None:
        lines.append(_("Warns: {limit}").format(limit=limit_words(rule.warn, book.figures, _("the due time"))))
    lines.append(_("Done by: {who}").format(who=value("by", rule.by)))
    if rule.until:
        lines.append(_("Met by: {events}").format(events=_(", ").join(title(name) for name in rule.until)))
    for number, step in enumerate(rule.missed, 1):
        asked = _(STEPS[step.then][0])
        limit = limit_words(step.within, book.figures) if step.within is not None else _("a notice")
        lines.append(
            _("If missed, {number}: {step} ({who}), {limit}").format(
                number=number, step=asked, who=value("by", step.who), limit=limit
            )
        )
    return lines


def every_words(every: str) -> str:
    """When a duty comes round: ``FREQ=WEEKLY;BYDAY=MO;BYHOUR=9…`` → ``each Mon, 09:00``; what is rarer as written."""
    if every == "each duty":
        return _("each duty")
    parts = dict(part.split("=", 1) for part in every.upper().split(";") if "=" in part)
    shape = (parts.pop("FREQ", ""), *sorted(parts.keys() - {"BYHOUR", "BYMINUTE", "BYSECOND"}))
    words = _shape_words(shape, parts)
    if words is None or not {"BYHOUR", "BYMINUTE"} <= parts.keys() or parts.get("BYSECOND", "0") != "0":
        return every
    minute = parts["BYMINUTE"].zfill(2)
    clock = _(", ").join(f"{hour.zfill(2)}:{minute}" for hour in parts["BYHOUR"].split(","))
    return every if "," in minute else words.format(clock=clock)


def _shape_words(shape: tuple[str, ...], parts: Mapping[str, str]) -> str | None:
    """The sentence for a shape that is common, its ``{clock}`` still to be filled in."""
    days = _(", ").join(_(_DAYS[day]) if day in _DAYS else day for day in parts.get("BYDAY", "").split(","))
    day, months = parts.get("BYMONTHDAY", ""), _(", ").join(parts.get("BYMONTH", "").split(","))
    last = day == "-1"
    if not last and not day.isdigit() and day:
        return None
    if shape == ("DAILY",):
        return _("each day, {clock}")
    if shape == ("WEEKLY", "BYDAY"):
        return _("each {days}, {clock}").replace("{days}", days)
    if shape == ("WEEKLY", "BYDAY", "INTERVAL"):
        return _("every {n} weeks on {days}, {clock}").replace("{n}", parts["INTERVAL"]).replace("{days}", days)
    if shape == ("MONTHLY", "BYMONTHDAY"):
        words = _("the last day of each month, {clock}") if last else _("day {day} of each month, {clock}")
        return words.replace("{day}", day)
    if shape in (("MONTHLY", "BYMONTH", "BYMONTHDAY"), ("YEARLY", "BYMONTH", "BYMONTHDAY")):
        words = _("the last day of month {months}, {clock}") if last else _("day {day} of month {months}, {clock}")
        return words.replace("{day}", day).replace("{months}", months)
    return None


def _test(name: str, test: Any, book: Rulebook) -> str:
    if isinstance(test, dict):
        words = {"min": _("at least {value}"), "max": _("at most {value}"), "not": _("not {value}")}
        return _(", ").join(words[key].format(value=_values(name, each, book)) for key, each in test.items())
    return _values(name, test, book)


def _values(name: str, given: Any, book: Rulebook) -> str:
    """One value or several, any of which will do; a kind by its title in this rulebook, a rule by its own."""
    titled: Mapping[str, Rule | Kind] = book.kinds if name == "kind" else book.rules if name == "rule" else {}
    several = given if isinstance(given, list | tuple) else [given]
    return " / ".join(pick(titled[each].title) if each in titled else value(name, each) for each in several)
