"""What a replay comes to, in words."""

from __future__ import annotations

from collections.abc import Sequence

from desk.i18n import _, pick
from desk.ledger.replay import Replayed, RuleReplayed, Tally
from desk.rulebook import Rulebook
from desk.wording.reasons import limit_words


def told(each: RuleReplayed, after: Rulebook) -> str:
    """One rule: “Callback (repair.callback_other), 2 days instead of 1 week: 31 of 420 would have been late.”"""
    name = _("{title} ({id})").format(title=pick(each.rule.title), id=each.id)
    would, was = each.would, each.was
    if would is None:
        words = _("{name} no longer applies: {late} of {opened} were late.")
        late, opened = (was.late, was.opened) if was else (0, 0)
        return words.format(name=name, late=late, opened=opened)
    limit = limit_words(each.rule.within, after.figures)
    if was is None or each.former is None:
        words = _("{name}, {limit}, which did not apply before: {late} of {opened} would have been late.")
        return words.format(name=name, limit=limit, late=would.late, opened=would.opened)
    former = limit_words(each.former.within, each.figures)
    if former != limit:
        limit = _("{limit} instead of {former}").format(limit=limit, former=former)
    words = _("{name}, {limit}: {late} of {opened} would have been late; {was} of {were} were.")
    return words.format(name=name, limit=limit, late=would.late, opened=would.opened, was=was.late, were=was.opened)


def lines(found: Replayed, after: Rulebook) -> list[str]:
    """A line for each rule with which something would have been otherwise; of the others how many there are."""
    telling = [each for each in found.rules if _tells(each)]
    said = [told(each, after) for each in telling]
    rest = len(found.rules) - len(telling)
    if not said and not rest:
        return [_("Nothing would have been otherwise: these rules come to the same.")]
    if rest:
        words = _("{n} more rules differ, but nothing would have been otherwise.")
        words = words if said else _("Rules that differ: {n}. Nothing would have been otherwise.")
        said.append(words.format(n=rest))
    return said


def _tells(each: RuleReplayed) -> bool:
    was, would = each.was or Tally(), each.would or Tally()
    if (was.opened, was.late) != (would.opened, would.late):
        return True
    # the rule that was changed is named although nothing came of it
    changed = each.former is not None and each.rule.within != each.former.within
    return changed and bool(would.opened)


def left_out(found: Replayed, after: Rulebook) -> str:
    """Which rules cannot be replayed, and why; empty where there are none."""
    names = [_("{title} ({id})").format(title=pick(after.rules[name].title), id=name) for name in found.left_out]
    if not names:
        return ""
    words = _(
        "These come round otherwise than they did, so nothing recorded shows what would have become of them: {names}"
    )
    return words.format(names=_(", ").join(names))


def hours(found: Sequence[RuleReplayed]) -> list[dict[str, int]]:
    """By the hour at which it began, those hours in which anything did: opened, late as it was, late as it would be."""
    rows = []
    for hour in range(24):
        opened = sum(tally.opened_by_hour[hour] for each in found if (tally := each.would or each.was))
        was = sum(each.was.late_by_hour[hour] for each in found if each.was)
        would = sum(each.would.late_by_hour[hour] for each in found if each.would)
        if opened or was or would:
            rows.append({"hour": hour, "opened": opened, "was_late": was, "would_be_late": would})
    return rows
