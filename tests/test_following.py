"""Matters that go the same way are followed once; those that only look alike are not taken for the same."""

from __future__ import annotations

import random
from collections.abc import Mapping
from uuid import UUID

import pytest

from desk import resources
from desk.rulebook import Rulebook, load
from desk.rules import Happening, Standing, asked, fold
from tests.test_rules import CALENDAR, CLAIM, OPEN, TICKET, Story, at, book

FIRST, SECOND = ("appointment", UUID(int=1)), ("appointment", UUID(int=2))
URGENT = {**CLAIM, "where": {"urgent": True}}
NUMBERED = {**CLAIM, "where": {"urges": 1}}
GRADED = {**CLAIM, "where": {"grade": "major"}}
KEPT = {"id": "kept", "on": "appointment.made", "until": ["appointment.kept"], "within": "5 min"}
PAUSED = {**CLAIM, "within": "2 hours"}


def opened(minute: float = 0, **facts: object) -> Story:
    return Story().tell("ticket.opened", minute, {**OPEN, **facts})


def made(*kept: tuple[str, UUID]) -> Story:
    story = opened().tell("appointment.made", 1, subject=FIRST).tell("appointment.made", 1, subject=SECOND)
    for subject in kept:
        story.tell("appointment.kept", 2, subject=subject)
    return story


#: rule, two stories: what is kept of the one must not be taken for the other
PAIRS: dict[str, tuple[Mapping[str, object], Story, Story]] = {
    "met or not": (CLAIM, opened().tell("ticket.claimed", 3), opened().tell("ticket.noted", 3)),
    "true is not one": (URGENT, opened(urgent=True), opened(urgent=1)),
    "one is not true": (NUMBERED, opened(urges=1), opened(urges=True)),
    "changed to true or to one": (URGENT, opened().tell("ticket.noted", 1, {"urgent": True}), opened().tell("ticket.noted", 1, {"urgent": 1})),
    "another grade": (GRADED, opened().tell("complaint.graded", 1, {"grade": "major"}), opened().tell("complaint.graded", 1, {"grade": "minor"})),
    "another child": (KEPT, made(FIRST), made(SECOND)),
    "a child's column, or its parent's": (
        GRADED,
        opened(grade="major").tell("ticket.noted", 1, {"grade": "minor"}),
        opened(grade="major").tell("ticket.noted", 1, {"grade": "minor"}, subject=FIRST),
    ),
    "the second child's, or its parent's": (
        GRADED,
        opened(grade="major").tell("ticket.noted", 1, subject=FIRST).tell("ticket.noted", 2, {"grade": "minor"}),
        opened(grade="major")
        .tell("ticket.noted", 1, subject=FIRST)
        .tell("ticket.noted", 2, {"grade": "minor"}, subject=SECOND),
    ),
    "a fact of the act alone": (
        GRADED,
        Story().tell("ticket.opened", 0, OPEN, own={"grade": "major"}).tell("ticket.noted", 1, {"grade": "minor"}),
        opened(grade="major").tell("ticket.noted", 1, {"grade": "minor"}),
    ),
    "again at the same moment, or later": (
        CLAIM,
        opened().tell("ticket.claimed", 5).tell("ticket.opened", 5, OPEN),
        opened().tell("ticket.claimed", 4).tell("ticket.opened", 5, OPEN),
    ),
    "another order": (CLAIM, opened().tell("ticket.cancelled", 1).tell("ticket.claimed", 2), opened().tell("ticket.claimed", 1).tell("ticket.cancelled", 2)),
    "paused for longer": (
        PAUSED,
        opened().tell("ticket.paused", 5).tell("ticket.resumed", 10),
        opened().tell("ticket.paused", 5).tell("ticket.resumed", 50),
    ),
    "still paused": (PAUSED, opened().tell("ticket.paused", 5), opened().tell("ticket.paused", 500)),
    "a list among the facts": ({**CLAIM, "where": {"urgent": {"not": True}}}, opened(urgent=["a"]), opened(urgent=True)),
}  # fmt: skip


@pytest.mark.parametrize("what", PAIRS)
def test_what_only_looks_alike_is_followed_for_itself(what: str) -> None:
    rule, one, other = PAIRS[what]
    for first, then in ((one, other), (other, one)):
        rulebook = book(rule)
        first.under(rulebook)
        assert then.under(rulebook) == then.under(book(rule))


def test_a_matter_brings_its_own_times_and_facts() -> None:
    rulebook = book({**CLAIM, "by": "@assignee"})
    for minute, staff in ((0, UUID(int=5)), (60, UUID(int=6))):
        story = (
            opened(minute).tell("ticket.noted", minute + 1, {"assignee": str(staff)}).tell("ticket.claimed", minute + 7)
        )
        (one,) = story.under(rulebook)
        assert (one.starts_at, one.due_at, one.met_at) == (at(minute), at(minute + 5), at(minute + 7))
        assert one.staff_id == staff
    assert len(rulebook.ways) == 1


def test_of_what_goes_on_again_every_change_is_looked_at() -> None:
    """What was cancelled meanwhile need not match any more; nothing of it is kept."""
    rulebook = book(GRADED)
    found = []
    for noted in ("a", "b"):
        story = opened(grade="major", means="a").tell("ticket.cancelled", 1, {"grade": "minor"})
        story.tell("ticket.reopened", 2).tell("ticket.noted", 3, {"means": noted})
        found.append(story.under(rulebook)[0].cancelled_why)
    assert found == [None, "facts"]


def test_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.following._KEPT", 2)
    rulebook = book(GRADED)
    kept = []
    for grade in ("major", "minor", "other", "none"):
        opened(grade=grade).under(rulebook)
        kept.append(len(rulebook.ways))
    assert kept == [1, 2, 1, 2]


@pytest.mark.parametrize("manual", resources.names("rulebooks"))
def test_kept_or_not_it_is_the_same(manual: str) -> None:
    """Random matters, each twice: as it is, and another that goes the same way at other times."""
    warm, cold = (load(resources.path(f"rulebooks/{manual}.toml")) for _ in range(2))
    chance = random.Random(11)
    for _ in range(60):
        past = _matter(warm, chance)
        unasked = [event if asked(warm, event.name) else event._replace(facts={}) for event in past]
        assert fold(unasked, warm, CALENDAR, at(90_000)) == fold(past, warm, CALENDAR, at(90_000))
        for each in (past, _at_other_times(past, chance)):
            cold.ways.clear()
            now = each[-1].at + chance.choice((at(0) - at(0), at(600) - at(0), at(90_000) - at(0)))
            assert _plainly(fold(each, warm, CALENDAR, now)) == _plainly(fold(each, cold, CALENDAR, now))


def _matter(rulebook: Rulebook, chance: random.Random) -> list[Happening]:
    names = chance.sample(sorted(rulebook.mentioned), 5)
    asked = {name: test for rule in rulebook.rules.values() for name, test in rule.where.tests if isinstance(test, str)}
    story = Story().tell(chance.choice(sorted(rulebook.opening)), 0, {"kind": chance.choice(sorted(rulebook.kinds))})
    minute = 0
    for _ in range(chance.randrange(1, 8)):
        minute += chance.choice((0, 1, 7, 90, 3000))
        sets = {
            name: chance.choice((asked[name], "other")) for name in chance.sample(sorted(asked), chance.randrange(3))
        }
        story.tell(chance.choice(names), minute, sets, subject=chance.choice((TICKET, TICKET, FIRST, SECOND)))
    return story.events


def _at_other_times(past: list[Happening], chance: random.Random) -> list[Happening]:
    minute, times = 50_000, {}
    for moment in sorted({event.at for event in past}):
        minute += chance.choice((1, 20, 700))
        times[moment] = at(minute)
    return [event._replace(at=times[event.at], facts={**event.facts, "number": minute}) for event in past]


def _plainly(standings: list[Standing]) -> list[tuple[object, ...]]:
    return [(each.rule.id, *each[1:]) for each in standings]
