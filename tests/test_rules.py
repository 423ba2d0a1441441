"""Folding events into deadlines: meeting, changing facts, pauses, reopening, late entries, steps, corrections."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.calendars import Calendar
from desk.rulebook import Rulebook, build
from desk.rules import Happening, Standing, fold

T0 = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # Monday 10:00 in Shanghai
TICKET = ("ticket", UUID(int=7))
CALENDAR = Calendar.from_dict(
    {"timezone": "Asia/Shanghai", "holidays": "none", "hours": {"mon-sun": ["08:00-12:00", "13:00-17:00"]}},
    name="test",
    statutory={},
)


def book(*rules: Mapping[str, object], **parts: object) -> Rulebook:
    kind = {
        "repair": {"title": "Repair", "key": 1, "number": "R"},
        "complaint": {"title": "C", "key": 2, "number": "C"},
    }
    base = {"source": [], "title": "t", "by": "agent"}
    return build(
        {"calendar": "test", "kind": kind, "rule": [{**base, **r} for r in rules], **parts},
        name="t",
        file="t.toml",
    )


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


class Story:
    """Events of one ticket, told in minutes after 10:00."""

    def __init__(self) -> None:
        self.events: list[Happening] = []
        self.state: dict[str, object] = {}

    def tell(
        self,
        name: str,
        minute: float,
        sets: Mapping[str, object] | None = None,
        own: Mapping[str, object] | None = None,
        subject: tuple[str, UUID] = TICKET,
        corrects: int | None = None,
    ) -> Story:
        self.state.update(sets or {})
        self.events.append(
            Happening(
                id=UUID(int=100 + len(self.events)),
                seq=len(self.events) + 1,
                name=name,
                at=at(minute),
                subject=subject,
                root=TICKET,
                facts={**self.state, **(own or {})},
                own=frozenset(own or {}),
                sets=sets or {},
                corrects=UUID(int=99 + corrects) if corrects else None,
            )
        )
        return self

    def under(self, rulebook: Rulebook, now: float = 10_000) -> list[Standing]:
        return fold(self.events, rulebook, CALENDAR, at(now))


OPEN = {"kind": "repair", "emergency": False}
CLAIM = {"id": "claim", "on": "ticket.opened", "until": ["ticket.claimed"], "within": "5 min"}


def test_opened_and_met() -> None:
    (one,) = Story().tell("ticket.opened", 0, OPEN).tell("ticket.claimed", 3).under(book(CLAIM))
    assert (one.due_at, one.met_at, one.open, one.steps) == (at(5), at(3), False, ())


def test_a_child_meets_it_and_a_sibling_does_not() -> None:
    visit, other = ("appointment", UUID(int=1)), ("appointment", UUID(int=2))
    rule = {"id": "r", "on": "appointment.made", "until": ["appointment.kept"], "within": "5 min"}
    story = Story().tell("ticket.opened", 0, OPEN).tell("appointment.made", 1, subject=visit)
    assert story.tell("appointment.kept", 2, subject=other).under(book(rule))[0].open
    assert story.tell("appointment.kept", 3, subject=visit).under(book(rule))[0].met_at == at(3)
    on_ticket = {"id": "r", "on": "ticket.opened", "until": ["appointment.kept"], "within": "5 min"}
    assert story.under(book(on_ticket))[0].met_at == at(2)


GRADED = {
    "id": "g",
    "on": "ticket.opened",
    "where": {"grade": "major"},
    "until": ["complaint.put_to_manager"],
    "within": "3 hours",
}


def test_a_fact_that_comes_later_opens_from_the_original_start() -> None:
    story = Story().tell("ticket.opened", 0, OPEN)
    assert story.under(book(GRADED)) == []
    story.tell("complaint.graded", 60, {"grade": "major"})
    (one,) = story.under(book(GRADED))
    assert (one.starts_at, one.due_at, one.open) == (at(0), at(180), True)
    story.tell("complaint.graded", 70, {"grade": "minor"})
    (one,) = story.under(book(GRADED))
    assert (one.cancelled_at, one.cancelled_why) == (at(70), "facts")


def test_what_was_done_before_the_fact_was_known_counts() -> None:
    story = (
        Story()
        .tell("ticket.opened", 0, OPEN)
        .tell("complaint.put_to_manager", 20)
        .tell("complaint.graded", 60, {"grade": "major"})
    )
    assert story.under(book(GRADED))[0].met_at == at(20)


def test_pauses_survive_a_change_of_facts() -> None:
    story = Story().tell("ticket.opened", 0, OPEN).tell("ticket.paused", 10).tell("ticket.resumed", 40)
    story.tell("complaint.graded", 60, {"grade": "major"})
    assert story.under(book(GRADED))[0].due_at == at(180 + 30)


@pytest.mark.parametrize(
    ("within", "through", "due"),
    [
        ("3 hours", False, 210),
        ("3 hours", True, 180),
        ("2 days", False, 2 * 1440 + 30),
        ("@appointment", False, 600),
    ],
)
def test_pauses(within: str, through: bool, due: int) -> None:
    rule = {**GRADED, "where": {}, "within": within, "runs_through_pauses": through}
    opening = {**OPEN, "appointment": at(600).isoformat()}
    story = Story().tell("ticket.opened", 0, opening).tell("ticket.paused", 10).tell("ticket.resumed", 40)
    assert story.under(book(rule))[0].due_at == at(due)


def test_an_open_pause_holds_the_steps_back() -> None:
    rule = {**CLAIM, "missed": [{"then": "chase", "who": "supervisor"}]}
    story = Story().tell("ticket.opened", 0, OPEN).tell("ticket.paused", 2)
    (one,) = story.under(book(rule), now=60)
    assert (one.paused, one.steps, one.fires_at) == (True, (), None)
    (one,) = Story().tell("ticket.opened", 0, OPEN).tell("ticket.paused", 7).under(book(rule), now=60)
    assert (one.paused, len(one.steps)) == (False, 1)  # it was missed before the pause


def test_cancelled_and_reopened_goes_on_where_it_stood() -> None:
    story = Story().tell("ticket.opened", 0, OPEN).tell("ticket.cancelled", 2)
    assert story.under(book(CLAIM))[0].cancelled_at == at(2)
    story.tell("ticket.reopened", 62)
    (one,) = story.under(book(CLAIM))
    assert (one.open, one.due_at) == (True, at(65))


@pytest.mark.parametrize(("again", "dues"), [("restart", [5, 8]), ("keep", [5]), ("another", [5, 8])])
def test_again(again: str, dues: list[int]) -> None:
    rule = {**CLAIM, "on": "ticket.told", "again": again}
    found = Story().tell("ticket.opened", 0, OPEN).tell("ticket.told", 0).tell("ticket.told", 3).under(book(rule))
    assert [s.due_at for s in found] == [at(d) for d in dues]
    assert found[0].cancelled_why == ("restarted" if again == "restart" else None)


STEPS = {
    **CLAIM,
    "missed": [
        {"then": "chase", "who": "engineering_supervisor", "within": "5 min"},
        {"then": "report", "who": "manager"},
    ],
}


@pytest.mark.parametrize(
    ("now", "level", "fires"), [(4, 0, 5), (5, 0, 5), (5.1, 1, 10), (10, 1, 10), (10.1, 2, None), (9999, 2, None)]
)
def test_steps_come_up_one_by_one(now: float, level: int, fires: int | None) -> None:
    (one,) = Story().tell("ticket.opened", 0, OPEN).under(book(STEPS), now=now)
    assert len(one.steps) == level
    assert one.fires_at == (at(fires) if fires else None)
    assert [s.at for s in one.steps] == [at(5), at(10)][:level]


def test_a_step_done_stops_the_next() -> None:
    story = Story().tell("ticket.opened", 0, OPEN).tell("ticket.chased", 7)
    (one,) = story.under(book(STEPS))
    assert [(s.met_at, s.open) for s in one.steps] == [(at(7), False)]
    assert one.open


def test_meeting_the_original_cancels_its_steps() -> None:
    (one,) = Story().tell("ticket.opened", 0, OPEN).tell("ticket.claimed", 12).under(book(STEPS))
    assert [(s.cancelled_at, s.open) for s in one.steps] == [(at(12), False)] * 2


def test_written_down_late_but_done_in_time() -> None:
    """Claimed at 10:03, written down at 10:07: the step of 10:05 never came up."""
    story = Story().tell("ticket.opened", 0, OPEN).tell("escalation.fired", 5).tell("ticket.claimed", 3)
    (one,) = story.under(book(STEPS), now=7)
    assert (one.met_at, one.steps) == (at(3), ())


def test_a_repeating_step_comes_up_at_each_duty() -> None:
    rule = {**CLAIM, "missed": [{"then": "publish", "who": "agent", "repeat": "each duty", "gather": True}]}
    story = Story().tell("ticket.opened", 0, OPEN)
    (one,) = story.under(book(rule), now=6)
    assert (one.steps[0].at, one.steps[0].count) == (at(5), 1)
    (one,) = story.under(book(rule), now=3 * 1440)  # Thursday 10:00: Tuesday, Wednesday and Thursday 8:00 since
    assert (one.steps[0].at, one.steps[0].count, one.fires_at) == (at(3 * 1440 - 120), 4, at(4 * 1440 - 120))
    (one,) = story.tell("ticket.published", 3 * 1440 - 60).under(book(rule), now=3 * 1440)
    assert not one.steps[0].open
    assert one.fires_at is not None


def test_an_anchor_not_known_yet() -> None:
    rule = {**CLAIM, "within": "15 min before @appointment", "until": ["ticket.arrived"]}
    story = Story().tell("ticket.opened", 0, OPEN)
    (one,) = story.under(book(rule))
    assert (one.due_at, one.missing) == (None, "@appointment")
    (one,) = story.tell("ticket.noted", 5, {"appointment": at(120).isoformat()}).under(book(rule))
    assert one.due_at == at(105)


def test_corrections_and_entries_taken_back() -> None:
    story = Story().tell("ticket.opened", 0, OPEN).tell("ticket.claimed", 3)
    story.tell("event.retracted", 4, corrects=2)
    assert story.under(book(CLAIM))[0].open
    story.tell("ticket.claimed", 8).tell("event.corrected", 4, corrects=4)
    assert story.under(book(CLAIM))[0].met_at == at(4)


def test_not_before_is_a_floor() -> None:
    rule = {**CLAIM, "not_before": "start of next duty"}
    assert Story().tell("ticket.opened", 0, OPEN).under(book(rule))[0].due_at == at(22 * 60)


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["ticket.claimed", "ticket.paused", "ticket.resumed", "ticket.cancelled", "ticket.reopened", "ticket.chased", "complaint.graded"]),
        st.integers(0, 200), st.sampled_from([{}, {"grade": "major"}, {"grade": "minor"}]),
    ),
    max_size=10,
)  # fmt: skip


@given(ACTS, st.integers(0, 400), st.randoms())
def test_order_of_writing_does_not_matter_and_steps_only_grow(
    acts: list[tuple[str, int, dict[str, object]]], now: int, rnd: random.Random
) -> None:
    rulebook = book(STEPS, GRADED)
    story = Story().tell("ticket.opened", 0, OPEN)
    for name, minute, sets in acts:
        story.tell(name, minute, dict(sets))
    whole = story.under(rulebook, now)
    shuffled = list(story.events)
    rnd.shuffle(shuffled)
    assert fold(shuffled, rulebook, CALENDAR, at(now)) == whole
    later = {s.rule.id: s for s in story.under(rulebook, now + 100)}
    for each in whole:
        assert len(later[each.rule.id].steps) >= len(each.steps)
        assert not (each.met_at and each.cancelled_at)
        assert each.fires_at is None or each.fires_at >= at(now)


@given(ACTS, st.integers(0, 400))
def test_each_rule_is_followed_for_itself(acts: list[tuple[str, int, dict[str, object]]], now: int) -> None:
    """What a replay under a few rules, and the preview of a change, rest on."""
    story = Story().tell("ticket.opened", 0, OPEN)
    for name, minute, sets in acts:
        story.tell(name, minute, dict(sets))
    together = story.under(book(STEPS, GRADED), now)
    apart = [each for rule in (STEPS, GRADED) for each in story.under(book(rule), now)]
    assert sorted(together, key=lambda s: (s.rule.id, s.starts_at)) == sorted(
        apart, key=lambda s: (s.rule.id, s.starts_at)
    )


@given(ACTS, st.integers(0, 9), st.integers(0, 400))
def test_what_was_taken_back_never_happened(
    acts: list[tuple[str, int, dict[str, object]]], place: int, now: int
) -> None:
    rulebook = book(STEPS, GRADED)
    story, without = Story().tell("ticket.opened", 0, OPEN), Story().tell("ticket.opened", 0, OPEN)
    for number, (name, minute, sets) in enumerate(acts):
        story.tell(name, minute, dict(sets))
        if number != place:
            without.tell(name, minute, dict(sets))
    if place < len(acts):
        story.tell("event.retracted", 500, corrects=place + 2)

    def seen(story: Story) -> list[tuple[object, ...]]:
        found = story.under(rulebook, now)
        return [(s.rule.id, s.starts_at, s.due_at, s.met_at, s.cancelled_at, s.paused, len(s.steps)) for s in found]

    assert seen(story) == seen(without)


@given(ACTS, st.integers(0, 400), st.integers(0, 400))
def test_the_hour_of_looking_moves_no_due_time(
    acts: list[tuple[str, int, dict[str, object]]], one: int, other: int
) -> None:
    story = Story().tell("ticket.opened", 0, OPEN)
    for name, minute, sets in acts:
        story.tell(name, minute, dict(sets))
    first, second = (story.under(book(STEPS, GRADED), now) for now in (one, other))
    assert [(s.due_at, s.warn_at, s.met_at, s.cancelled_at) for s in first] == [
        (s.due_at, s.warn_at, s.met_at, s.cancelled_at) for s in second
    ]
