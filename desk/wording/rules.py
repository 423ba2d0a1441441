"""What a rule says, line by line."""

from __future__ import annotations

from typing import Any

from desk.i18n import _, pick
from desk.rulebook import Rule, Rulebook
from desk.vocabulary import STEPS
from desk.wording.events import title
from desk.wording.reasons import limit_words
from desk.wording.values import field, value


def rule_words(rule: Rule, book: Rulebook) -> list[str]:
    """What a rule says, in words."""
    lines = [f"{pick(rule.title)} ({rule.id}; {', '.join(rule.source)})"]
    if rule.every:
        lines.append(_("Comes round: {rule}").format(rule=rule.every))
    else:
        lines.append(_("Opens when: {events}").format(events=", ".join(title(name) for name, _where in rule.on)))
    tests = [*rule.where.tests, *(test for _name, where in rule.on for test in where.tests if not rule.every)]
    lines += [_("Only where {fact}: {value}").format(fact=field(name), value=_test(name, test)) for name, test in tests]
    lines.append(_("Limit: {limit}.").format(limit=limit_words(rule.within, book.figures)))
    if rule.warn is not None:
        lines.append(_("Warns: {limit}").format(limit=limit_words(rule.warn, book.figures, _("the due time"))))
    lines.append(_("Done by: {who}").format(who=value("by", rule.by)))
    if rule.until:
        lines.append(_("Met by: {events}").format(events=", ".join(title(name) for name in rule.until)))
    for number, step in enumerate(rule.missed, 1):
        asked = _(STEPS[step.then][0])
        limit = limit_words(step.within, book.figures) if step.within is not None else _("a notice")
        lines.append(
            _("If missed, {number}: {step} ({who}), {limit}").format(
                number=number, step=asked, who=value("by", step.who), limit=limit
            )
        )
    return lines


def _test(name: str, test: Any) -> str:
    if isinstance(test, dict):
        words = {"min": _("at least {value}"), "max": _("at most {value}"), "not": _("not {value}")}
        return ", ".join(words[key].format(value=value(name, each)) for key, each in test.items())
    return value(name, test)
