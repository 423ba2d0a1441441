"""Edges of the fold that a mutation run showed no other test to hold: instants that coincide, who is meant, duties."""

from __future__ import annotations

from uuid import UUID

import pytest

from desk.rules import Standing, asked, fold, reckon, whose
from desk.rules import guards as guards_of
from tests.test_rules import CALENDAR, CLAIM, OPEN, STEPS, TICKET, Story, at, book

WANG = UUID(int=42)


def only(story: Story, *rules: object, now: float = 10_000) -> Standing:
    (one,) = story.under(book(*rules), now=now)  # type: ignore[arg-type]
    return one


def test_a_step_done_at_the_instant_it_comes_up() -> None:
    story = Story().tell("ticket.opened", 0, OPEN).tell("ticket.chased", 5)
    one = only(story, STEPS)
    assert [(step.at, step.met_at, step.count) for step in one.steps] == [(at(5), at(5), 1)]


@pytest.mark.parametrize(
    ("claimed", "steps"),
    [(4.9, 0), (5, 0), (5.1, 1), (10, 1), (10.1, 2)],
)
def test_met_at_the_very_instant_is_in_time(claimed: float, steps: int) -> None:
    story = Story().tell("ticket.opened", 0, OPEN).tell("ticket.claimed", claimed)
    assert len(only(story, STEPS).steps) == steps


def test_withdrawn_by_what_changes_a_fact_too_and_open_again() -> None:
    """Taken up again it goes on as it was; the next change of facts finds that it is no longer asked for."""
    rule = {**CLAIM, "where": {"grade": "major"}, "cancel": ["ticket.cancelled"]}
    story = Story().tell("ticket.opened", 0, {**OPEN, "grade": "major"}).tell("ticket.cancelled", 1, {"grade": "minor"})
    assert only(story, rule).cancelled_why == "event"
    assert only(story.tell("ticket.reopened", 2), rule).open
    one = only(story.tell("ticket.noted", 3, {"place": "kitchen"}), rule)
    assert (one.cancelled_why, one.cancelled_at) == ("facts", at(3))


def test_a_kind_that_changes_is_asked_anew() -> None:
    rule = {**CLAIM, "where": {"kind": "complaint"}}
    story = Story().tell("ticket.opened", 0, OPEN)
    assert story.under(book(rule)) == []
    one = only(story.tell("ticket.corrected", 1, {"kind": "complaint"}), rule)
    assert (one.open, one.starts_at) == (True, at(0))


def test_who_is_meant() -> None:
    assert whose("@assignee", {"assignee": str(WANG)}) == WANG
    assert whose("@assignee", {}) is None
    assert whose("@assignee", {"assignee": ""}) is None
    # a duty that is called like a fact is nobody in particular
    assert whose("agent", {"agent": str(WANG), "gent": str(WANG)}) is None
    rule = {**CLAIM, "by": "@assignee", "missed": [{"then": "chase", "who": "@assignee", "within": "5 min"}]}
    one = only(Story().tell("ticket.opened", 0, {**OPEN, "assignee": str(WANG)}), rule)
    assert (one.staff_id, [step.staff_id for step in one.steps]) == (WANG, [WANG])


DUTY = {"id": "d", "every": "RRULE:FREQ=DAILY;BYHOUR=9", "until": ["day.published"], "within": "1 hour", "times": 2}


def test_a_duty_that_is_done_twice_ends_when_missed_or_skipped_and_a_ticket_does_not() -> None:
    said = {"rule": "d", "occurrence": at(0).isoformat()}
    for name in ("duty.missed", "duty.skipped"):
        story = Story().tell("duty.opened", 0, said, own=said).tell(name, 30)
        assert only(story, DUTY).cancelled_at == at(30)
    story = Story().tell("duty.opened", 0, said, own=said).tell("duty.done", 10)
    assert only(story, DUTY).open
    assert only(story.tell("day.published", 20), DUTY).met_at == at(20)
    once = {key: value for key, value in DUTY.items() if key != "times"}
    assert only(story, once).met_at == at(10)
    # of what no clock brings round, these words say nothing
    ticket = Story().tell("ticket.opened", 0, OPEN).tell("duty.missed", 1).tell("duty.done", 2)
    assert only(ticket, CLAIM).open


def test_what_stands_on_a_child_is_no_fact_of_its_parent() -> None:
    """A callback's channel is how it was made; how the matter came in stays as it was."""
    told = {**OPEN, "channel": "hotline"}
    call = ("callback", UUID(int=7))
    line = {**CLAIM, "where": {"channel": "hotline"}}
    other = {**CLAIM, "id": "other", "where": {"channel": {"not": "hotline"}}}
    story = Story().tell("ticket.opened", 0, told).tell("callback.tried", 1, {"channel": "phone"}, subject=call)
    one = only(story, line, other)
    assert (one.rule.id, one.open) == ("claim", True)
    assert [each.rule.id for each in story.tell("ticket.corrected", 2, {"channel": "window"}).under(book(other))] == [
        "other"
    ]


def test_paused_while_its_time_is_not_known() -> None:
    rule = {**CLAIM, "within": "15 min before @appointment"}
    story = Story().tell("ticket.opened", 0, OPEN).tell("ticket.paused", 1)
    one = only(story, rule)
    assert (one.due_at, one.paused) == (None, False)
    # and an appointment, which no pause moves, is not held up by one
    one = only(story.tell("ticket.noted", 2, {"appointment": at(120).isoformat()}), rule, now=3)
    assert (one.due_at, one.paused) == (at(105), False)


def test_paused_after_it_was_due_or_done_it_does_not_stand_still() -> None:
    late = Story().tell("ticket.opened", 0, OPEN).tell("ticket.paused", 5)
    assert (only(late, CLAIM, now=20).paused, only(late, CLAIM, now=20).due_at) == (False, at(5))
    soon = Story().tell("ticket.opened", 0, OPEN).tell("ticket.paused", 4)
    assert only(soon, CLAIM, now=20).paused
    at_last = Story().tell("ticket.opened", 0, OPEN).tell("ticket.paused", 4.995)
    assert only(at_last, CLAIM, now=20).paused
    assert not only(soon.tell("ticket.claimed", 10), CLAIM, now=20).paused


def test_a_pause_counts_once_whatever_is_said_in_between() -> None:
    story = Story().tell("ticket.opened", 0, OPEN)
    for name, minute in (("paused", 1), ("paused", 2), ("resumed", 4), ("resumed", 6), ("noted", 7)):
        story.tell(f"ticket.{name}", minute)
    one = only(story, CLAIM)
    assert one.pauses == ((at(1), at(4)),)
    assert one.due_at == at(8)


def test_what_is_done_stays_done_when_the_facts_change() -> None:
    rule = {**CLAIM, "where": {"grade": "major"}, "cancel": ["ticket.cancelled"]}
    for name in ("ticket.claimed", "ticket.cancelled"):
        story = Story().tell("ticket.opened", 0, {**OPEN, "grade": "major"}).tell(name, 3)
        before = only(story, rule)
        after = only(story.tell("complaint.graded", 4, {"grade": "minor"}), rule)
        assert (after.met_at, after.cancelled_at, after.cancelled_why) == (
            before.met_at,
            before.cancelled_at,
            before.cancelled_why,
        )


def test_what_opens_again_at_the_instant_it_was_done_opens_anew() -> None:
    rule = {"id": "r", "on": "ticket.urged", "until": ["ticket.claimed"], "within": "5 min"}
    story = Story().tell("ticket.opened", 0, OPEN).tell("ticket.urged", 1)
    first, second = story.tell("ticket.claimed", 3).tell("ticket.urged", 3).under(book(rule))
    assert (first.met_at, first.cancelled_at) == (at(3), None)
    assert (second.starts_at, second.open) == (at(3), True)


def test_what_is_kept_hides_nothing_of_another() -> None:
    rule = {"id": "r", "on": "appointment.made", "until": ["appointment.kept"], "within": "5 min", "again": "keep"}
    story = Story().tell("ticket.opened", 0, OPEN)
    for minute, visit in ((1, 1), (2, 1), (3, 2)):
        story.tell("appointment.made", minute, subject=("appointment", UUID(int=visit)))
    assert [one.starts_at for one in story.under(book(rule))] == [at(1), at(3)]


def test_a_step_is_acknowledged_by_its_own_entry_alone() -> None:
    missed = [{"then": "report", "who": "manager", "within": "5 min"}, {"then": "chase", "who": "agent"}]
    story = Story().tell("ticket.opened", 0, OPEN)
    for other in ({"rule": "claim", "step": 2}, {"rule": "other", "step": 1}):
        story.tell("escalation.done", 6, own={**other, "then": "report"})
    assert [step.met_at for step in only(story, {**CLAIM, "missed": missed}).steps] == [None, None]
    story.tell("escalation.done", 7, own={"rule": "claim", "step": 1, "then": "report"})
    assert [step.met_at for step in only(story, {**CLAIM, "missed": missed}).steps] == [at(7)]


def test_facts_that_are_not_asked_need_not_be_read() -> None:
    rules = book({**CLAIM, "where": {"grade": "major"}, "missed": [{"then": "report", "who": "manager"}]})
    story = Story().tell("ticket.opened", 0, {**OPEN, "grade": "major"}).tell("ticket.noted", 1, {"place": "x"})
    story.tell("escalation.done", 7, own={"rule": "claim", "step": 1, "then": "report"})
    read = {event.name for event in story.events if asked(rules, event.name)}
    assert read == {"ticket.opened", "escalation.done"}
    bare = [event if event.name in read else event._replace(facts={}) for event in story.events]
    assert fold(bare, rules, CALENDAR, at(10)) == story.under(rules, 10)
    assert [step.met_at for step in story.under(rules, 10)[0].steps] == [at(7)]


def test_which_guards_stand_before_an_act() -> None:
    guard = {"id": "g", "before": "ticket.claimed", "do": "say", "text": "wait"}
    guards = [
        guard,
        {**guard, "id": "w", "where": {"grade": "major"}},
        {**guard, "id": "u", "unless": {"grade": "major"}},
    ]
    rules = book(CLAIM, guard=guards)

    def before(name: str, **facts: object) -> list[str]:
        return [each.id for each in guards_of(rules, name, facts)]

    assert before("ticket.claimed", grade="major") == ["g", "w"]
    assert before("ticket.claimed", grade="minor") == ["g", "u"]
    assert before("ticket.claimed") == ["g", "u"]
    assert before("ticket.closed", grade="major") == []


def test_what_is_done_is_not_opened_by_another_fact() -> None:
    rule = {**CLAIM, "where": {"grade": "major"}, "by": "@assignee"}
    story = Story().tell("ticket.opened", 0, {**OPEN, "grade": "major"}).tell("ticket.claimed", 3)
    one = only(story.tell("ticket.assigned", 4, {"assignee": str(WANG)}), rule)
    assert (one.met_at, one.open, one.staff_id) == (at(3), False, WANG)


def test_what_happens_beside_a_missed_step_does_not_hide_its_doing() -> None:
    rule = {"id": "r", "on": "appointment.made", "until": ["appointment.kept"], "within": "5 min"}
    missed = [{"then": "chase", "who": "agent", "within": "9 min"}]
    one, other = ("appointment", UUID(int=1)), ("appointment", UUID(int=2))
    story = Story().tell("ticket.opened", 0, OPEN).tell("appointment.made", 1, subject=one)
    story.tell("appointment.made", 7, subject=other).tell("ticket.chased", 8)
    first = story.under(book({**rule, "missed": missed}), now=9)[0]
    assert [step.met_at for step in first.steps] == [at(8)]


def test_reasons_only_when_asked_for() -> None:
    rules = book(CLAIM)
    (one,) = Story().tell("ticket.opened", 0, OPEN).under(rules)
    assert reckon(one.rule.within, one, rules, CALENDAR).spans == ()
    assert [span.kind for span in reckon(one.rule.within, one, rules, CALENDAR, explain=True).spans] == ["counted"]


def test_the_warning_hangs_on_the_due_time() -> None:
    rule = {**CLAIM, "warn": "2 min before", "not_before": "end of duty"}
    one = only(Story().tell("ticket.opened", 0, OPEN), rule)
    assert (one.due_at, one.warn_at) == (at(7 * 60), at(7 * 60 - 2))
    assert only(Story().tell("ticket.opened", 0, OPEN), CLAIM).warn_at is None


def test_what_was_withdrawn_is_not_opened_by_another_fact() -> None:
    rule = {**CLAIM, "where": {"grade": "major"}, "cancel": ["ticket.cancelled"]}
    story = Story().tell("ticket.opened", 0, {**OPEN, "grade": "major"}).tell("ticket.cancelled", 3)
    one = only(story.tell("ticket.assigned", 4, {"assignee": str(WANG)}), rule)
    assert (one.cancelled_at, one.cancelled_why, one.open) == (at(3), "event", False)


def test_a_warning_in_working_time_and_one_of_what_waits_for_an_opening() -> None:
    rule = {**CLAIM, "within": "3 hours", "warn": "30 working min before"}
    one = only(Story().tell("ticket.opened", 0, OPEN), rule)
    assert (one.due_at, one.warn_at, one.provisional) == (at(180), at(120 - 30), False)  # 13:00, before lunch
    waits = {**CLAIM, "within": "2 hours", "warn": "5 min before", "counts_from": "opening"}
    one = only(Story().tell("ticket.opened", 8 * 60, OPEN), waits)  # 18:00: counts from 8:00
    assert (one.due_at, one.warn_at) == (at(24 * 60), at(24 * 60 - 5))


@pytest.mark.parametrize(("paused_at", "paused"), [(59, True), (60, False), (61, False)])
def test_a_floor_that_was_reached_stands_still_no_more(paused_at: float, paused: bool) -> None:
    rule = {**CLAIM, "not_before": "1 hour"}
    story = Story().tell("ticket.opened", 0, OPEN).tell("ticket.paused", paused_at)
    assert only(story, rule, now=200).paused is paused


def test_only_the_pause_that_lasts_may_hold_what_was_due() -> None:
    story = Story().tell("ticket.opened", 0, OPEN).tell("ticket.paused", 1).tell("ticket.resumed", 2)
    one = only(story.tell("ticket.paused", 10), STEPS, now=20)  # due at 6, before the second
    assert (one.due_at, one.paused, len(one.steps)) == (at(6), False, 2)
    # said twice, it stands still from the first time
    twice = Story().tell("ticket.opened", 0, OPEN).tell("ticket.paused", 4).tell("ticket.paused", 6)
    assert only(twice, STEPS, now=20).paused


CHILD, SIBLING = ("appointment", UUID(int=1)), ("appointment", UUID(int=2))


@pytest.mark.parametrize(
    ("on", "done_on", "done"),
    [
        ("appointment.made", CHILD, True),
        ("appointment.made", SIBLING, False),
        ("appointment.made", TICKET, True),
        ("ticket.told", CHILD, True),
        ("ticket.told", TICKET, True),
    ],
)
def test_on_what_a_step_is_done(on: str, done_on: tuple[str, UUID], done: bool) -> None:
    rule = {**CLAIM, "on": on, "missed": [{"then": "chase", "who": "agent"}]}
    subject = TICKET if on == "ticket.told" else CHILD
    story = (
        Story().tell("ticket.opened", 0, OPEN).tell(on, 1, subject=subject).tell("ticket.chased", 8, subject=done_on)
    )
    assert [step.met_at for step in only(story, rule).steps] == [at(8) if done else None]


@pytest.mark.parametrize(("chased", "steps"), [(9.9, 1), (10, 1), (10.1, 2)])
def test_a_step_done_at_the_very_instant_is_in_time(chased: float, steps: int) -> None:
    story = Story().tell("ticket.opened", 0, OPEN).tell("ticket.chased", chased)
    assert len(only(story, STEPS).steps) == steps


@pytest.mark.parametrize(
    ("claimed", "now", "count", "fires"),
    [
        (None, 22 * 60 - 1, 1, 22 * 60),  # until Tuesday 8:00
        (None, 22 * 60, 1, 22 * 60),  # at the very instant it has not come up yet
        (None, 22 * 60 + 1, 2, 46 * 60),
        (22 * 60 - 1, 50 * 60, 1, None),
        (22 * 60, 50 * 60, 1, None),
        (22 * 60 + 1, 50 * 60, 2, None),
    ],
)
def test_how_often_a_step_came_up(claimed: float | None, now: float, count: int, fires: float | None) -> None:
    rule = {**CLAIM, "missed": [{"then": "publish", "who": "agent", "repeat": "each duty", "gather": True}]}
    story = Story().tell("ticket.opened", 0, OPEN)
    if claimed is not None:
        story.tell("ticket.claimed", claimed)
    one = only(story, rule, now=now)
    assert [step.count for step in one.steps] == [count]
    assert one.fires_at == (None if fires is None else at(fires))


def test_what_was_taken_up_again_was_withdrawn_before() -> None:
    """Neither what was done nor what is no longer asked for opens with the ticket."""
    done = Story().tell("ticket.opened", 0, OPEN).tell("ticket.claimed", 3).tell("ticket.reopened", 10)
    assert only(done, CLAIM).met_at == at(3)
    rule = {**CLAIM, "where": {"grade": "major"}}
    other = Story().tell("ticket.opened", 0, {**OPEN, "grade": "major"}).tell("complaint.graded", 2, {"grade": "minor"})
    one = only(other.tell("ticket.reopened", 10), rule)
    assert (one.cancelled_at, one.cancelled_why) == (at(2), "facts")


def test_a_fact_beside_the_one_asked_for_opens_nothing() -> None:
    """The grade changes in the end, so that every change of facts is looked at."""
    rule = {**CLAIM, "where": {"grade": "major"}, "cancel": ["ticket.cancelled"]}
    told = {**OPEN, "grade": "minor"}
    story = Story().tell("ticket.opened", 0, told).tell("ticket.noted", 1, {"place": "kitchen"})
    assert story.under(book(rule)) == []
    assert story.tell("complaint.graded", 2, {"grade": "trivial"}).under(book(rule)) == []
    gone = Story().tell("ticket.opened", 0, {**OPEN, "grade": "major"}).tell("ticket.cancelled", 1)
    gone.tell("ticket.noted", 2, {"place": "kitchen"}).tell("complaint.graded", 3, {"grade": "minor"})
    assert only(gone, rule).cancelled_at == at(1)


def test_what_was_done_while_it_lay_withdrawn_does_not_end_it_later() -> None:
    rule = {**CLAIM, "where": {"grade": "major"}, "cancel": ["ticket.cancelled"]}
    story = Story().tell("ticket.opened", 0, {**OPEN, "grade": "major"}).tell("ticket.cancelled", 1)
    story.tell("ticket.claimed", 2).tell("ticket.reopened", 3).tell("ticket.noted", 4, {"place": "kitchen"})
    story.tell("complaint.graded", 5, {"grade": "major"})
    assert only(story, rule).open


def test_the_first_doing_counts_for_what_is_known_later() -> None:
    rule = {**CLAIM, "where": {"grade": "major"}}
    story = Story().tell("ticket.opened", 0, OPEN)
    for minute in (2, 3):
        story.tell("ticket.claimed", minute)
    story.tell("complaint.graded", 5, {"grade": "major"})
    assert only(story, rule).met_at == at(2)
    assert only(story, {**rule, "times": 2}).met_at == at(3)


def test_open_again_though_no_longer_asked_for_until_a_fact_changes() -> None:
    rule = {**CLAIM, "where": {"grade": "major"}, "cancel": ["ticket.cancelled"], "times": 2}
    story = Story().tell("ticket.opened", 0, {**OPEN, "grade": "major"}).tell("ticket.cancelled", 1, {"grade": "minor"})
    assert only(story.tell("ticket.reopened", 2).tell("ticket.claimed", 3), rule).open


def test_what_an_event_says_itself_no_later_one_changes() -> None:
    rule = {**CLAIM, "on": "ticket.told", "where": {"to": "manager"}}
    story = Story().tell("ticket.opened", 0, OPEN).tell("ticket.told", 1, own={"to": "manager"})
    assert only(story.tell("ticket.noted", 2, {"to": "agent"}), rule).open
    # nor where it was corrected in another point
    story.tell("event.corrected", 1, own={"way": "phone"}, corrects=2)
    assert only(story, rule).open
