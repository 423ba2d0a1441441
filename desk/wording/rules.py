"""What a rule says, line by line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desk.i18n import _, pick
from desk.rulebook import Kind, Rule, Rulebook
from desk.vocabulary import STEPS
from desk.wording.events import title
from desk.wording.reasons import limit_words
from desk.wording.values import field, value


def rule_words(rule: Rule, book: Rulebook) -> list[str]:
    """What a rule says, in words."""
    sources = _(", ").join([rule.id, *rule.source])
    lines = [_("{title} ({id})").format(title=pick(rule.title), id=sources)]
    if rule.every:
        lines.append(_("Comes round: {rule}").format(rule=rule.every))
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
