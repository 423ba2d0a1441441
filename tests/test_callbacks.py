"""Calling back under both manuals: outcomes, attempts, who is heard first, what an unsatisfied answer brings."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from desk.errors import Refusal
from tests.desks import DeskForTest, make_desk


@pytest.fixture
def pool(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path)


@pytest.fixture
def counter(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path, "residential")


def done(desk: DeskForTest, kind: str = "repair", **values: Any) -> tuple[UUID, UUID]:
    """A ticket whose work is done, and its callback."""
    given: dict[str, Any] = {"what": "厨房漏水", "person_name": "业主", "phone": "13800000000", **values}
    fields = desk.ledger.book.kinds[kind].fields
    ticket = desk.open(kind, room="3-2-501", **{k: v for k, v in given.items() if k in (*fields, "person_name")})
    desk.do("complete", ticket, at="11:00", result="换了垫圈")
    (callback,) = desk.callbacks(ticket)
    return ticket, callback.id


def call(desk: DeskForTest, callback: UUID, outcome: str, **values: Any) -> None:
    desk.do("callback", callback, of="callback", outcome=outcome, **values)


# -- outcomes ------------------------------------------------------------------------------------------------

# manual, outcome, ticket's status, callback's status, events of the call
OUTCOMES = [
    ("work-orders", "satisfied", "closed", "done", ["callback.done"]),
    ("work-orders", "unanswered", "closed", "open", ["callback.tried"]),
    ("work-orders", "hung_up", "closed", "stopped", ["callback.stopped"]),
    ("work-orders", "refused", "closed", "stopped", ["callback.stopped"]),
    ("work-orders", "unsatisfied", "open", "done", ["callback.done", "ticket.reopened"]),
    ("residential", "satisfied", "closed", "done", ["callback.done", "ticket.closed"]),
    ("residential", "unanswered", "done", "open", ["callback.tried"]),
    ("residential", "hung_up", "closed", "stopped", ["callback.stopped", "ticket.closed"]),
    ("residential", "refused", "closed", "stopped", ["callback.stopped", "ticket.closed"]),
    ("residential", "unsatisfied", "open", "done", ["callback.done", "ticket.reopened"]),
]


@pytest.mark.parametrize(("manual", "outcome", "status", "state", "events"), OUTCOMES)
def test_what_a_call_brings(
    tmp_path: Path, manual: str, outcome: str, status: str, state: str, events: list[str]
) -> None:
    desk = make_desk(tmp_path, manual)
    ticket, callback = done(desk)
    before = len(desk.names(ticket))
    call(desk, callback, outcome, at="11:05", means="visit", opinion="还行", why="又漏了")
    assert desk.names(ticket)[before:] == events
    assert desk.ticket(ticket).status == status
    (row,) = desk.callbacks(ticket)
    assert (row.status, row.attempts, row.channel) == (state, 1, "visit")
    assert row.outcome == (None if outcome == "unanswered" else outcome)
    (event,) = [e for e in desk.events(ticket) if e.name == events[0]]
    # who and when stand with every attempt (S4-45)
    assert (event.done_by, event.happened_at) == (desk.staff["agent"], desk.now)
    assert (event.facts["outcome"], event.facts["means"]) == (outcome, "visit")


def test_two_unanswered_in_a_row_end_it_and_are_two_attempts(pool: DeskForTest) -> None:
    ticket, callback = done(pool)
    call(pool, callback, "unanswered", at="11:05")
    assert pool.due(ticket, "callback.again") == "2026-03-02 13:05"
    assert not pool.deadlines(ticket)["callback.at_once"].open
    call(pool, callback, "unanswered", at="12:00")
    (row,) = pool.callbacks(ticket)
    assert (row.status, row.outcome, row.attempts, row.unanswered) == ("stopped", "unanswered", 2, 2)
    assert "callback.again" not in pool.open_rules(ticket)
    with pytest.raises(Refusal) as refused:
        call(pool, callback, "satisfied")
    assert refused.value.code == "callback.over"


def test_the_number_of_attempts_is_the_rulebooks(tmp_path: Path) -> None:
    own = (tmp_path / "own.toml").absolute()
    own.write_text('extends = "work-orders"\n[settings]\ncallback_attempts = 3\n', "utf-8")
    desk = make_desk(tmp_path, own)
    ticket, callback = done(desk)
    for _ in range(2):
        call(desk, callback, "unanswered")
    assert desk.callbacks(ticket)[0].status == "open"
    call(desk, callback, "unanswered")
    assert desk.callbacks(ticket)[0].status == "stopped"


def test_answers_opinion_and_handling_are_kept(counter: DeskForTest) -> None:
    ticket, callback = done(counter)
    answers = {"repaired": True, "on_time": False, "clean": True}
    call(counter, callback, "satisfied", answers=answers, opinion="师傅很好", handling="处理及时")
    (row,) = counter.callbacks(ticket)
    assert row.facts["answers"] == answers
    assert row.opinion == "师傅很好"
    assert counter.words(ticket, "callback.done") == {"opinion": "师傅很好", "handling": "处理及时"}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"outcome": "unsatisfied"}, "callback.why"),
        ({"outcome": "unsatisfied", "why": "  "}, "callback.why"),
        ({"outcome": "satisfied", "answers": {"price": True}}, "callback.question_unknown"),
        ({"outcome": "satisfied", "answers": {"clean": "yes"}}, "callback.answers"),
        ({"outcome": "satisfied", "answers": "clean"}, "callback.answers"),
        ({"outcome": "splendid"}, "value.choice"),
        ({"outcome": "satisfied", "means": "message"}, "value.choice"),
        ({}, "value.missing"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(counter: DeskForTest, values: dict[str, Any], code: str) -> None:
    ticket, callback = done(counter)
    before = counter.names(ticket)
    with pytest.raises(Refusal) as refused:
        counter.do("callback", callback, of="callback", **values)
    assert refused.value.code == code
    assert counter.names(ticket) == before
    assert counter.callbacks(ticket)[0].attempts == 0


# -- not satisfied -------------------------------------------------------------------------------------------

# manual, kind, who did it afterwards, dispatch, rule that opens
UNSATISFIED = [
    ("residential", "repair", "technician", "told", "repair.callback_problem"),
    ("work-orders", "repair", None, "told", "callback.unsatisfied"),
    ("work-orders", "incident", None, "told", "callback.unsatisfied"),
    ("work-orders", "complaint", None, "told", "complaint.to_company"),
]


@pytest.mark.parametrize(("manual", "kind", "worker", "dispatch", "rule"), UNSATISFIED)
def test_an_unsatisfied_answer_goes_where_the_rulebook_says(
    tmp_path: Path, manual: str, kind: str, worker: str | None, dispatch: str, rule: str
) -> None:
    desk = make_desk(tmp_path, manual)
    ticket = desk.open(kind, what="电梯停运", person_name="业主", phone="13800000000", room="3-2-501")
    desk.do("assign", ticket, assignee="technician")
    desk.do("complete", ticket, at="11:00")
    (callback,) = desk.callbacks(ticket)
    if kind == "complaint":
        desk.do("hear-handler", callback.id, of="callback", account="已道歉")
    call(desk, callback.id, "unsatisfied", at="11:05", why="没人联系")
    row = desk.ticket(ticket)
    assert row.status == "open"
    assert row.assignee == (desk.staff[worker] if worker else None)
    assert row.facts["dispatch"] == dispatch
    assert row.facts["reopened"] == 1
    assert desk.words(ticket, "ticket.reopened")["reason"] == "没人联系"
    assert rule in desk.open_rules(ticket)


def test_after_the_second_repair_it_is_called_back_anew(counter: DeskForTest) -> None:
    ticket, callback = done(counter)
    call(counter, callback, "unsatisfied", at="14:00", why="又漏了")
    counter.do("tell", ticket, at="14:10", department="维修部")
    assert "repair.callback_problem" not in counter.open_rules(ticket)
    counter.do("complete", ticket, at="16:00")
    first, second = counter.callbacks(ticket)
    assert (first.status, second.status) == ("done", "open")
    assert counter.due(ticket, "repair.callback_other") == "2026-03-04 16:00"
    call(counter, second.id, "satisfied")
    assert counter.ticket(ticket).status == "closed"


@pytest.mark.parametrize("verb", ["reopen", "cancel"])
def test_what_is_open_again_or_void_leaves_the_queue(counter: DeskForTest, verb: str) -> None:
    ticket, callback = done(counter)
    counter.do(verb, ticket, reason="登记错了")
    (row,) = counter.callbacks(ticket)
    assert (row.status, row.outcome) == ("stopped", None)
    if verb == "reopen":
        counter.do("complete", ticket, at="15:00")
        assert [each.status for each in counter.callbacks(ticket)] == ["stopped", "open"]
        assert counter.callbacks(ticket)[1].id != callback


# -- the handler first, the supervisor afterwards ------------------------------------------------------------


def test_the_handler_is_heard_before_a_complaint_is_called_back(pool: DeskForTest) -> None:
    ticket, callback = done(pool, "complaint")
    with pytest.raises(Refusal) as refused:
        call(pool, callback, "satisfied")
    assert refused.value.code == "callback.handler_first"
    assert "complaint.handler" in pool.open_rules(ticket)
    pool.do("hear-handler", callback, of="callback", at="11:03", account="当面道歉,已换锁")
    assert "complaint.handler" not in pool.open_rules(ticket)
    call(pool, callback, "satisfied", at="11:06")
    assert pool.ticket(ticket).status == "closed"


def test_a_repair_needs_no_handler(pool: DeskForTest) -> None:
    _, callback = done(pool)
    with pytest.raises(Refusal) as refused:
        pool.do("hear-handler", callback, of="callback", account="x")
    assert refused.value.code == "verb.not_here"


def test_the_supervisor_reads_what_was_said(counter: DeskForTest) -> None:
    ticket, callback = done(counter)
    with pytest.raises(Refusal) as refused:
        counter.do("review-callback", callback, of="callback", by="supervisor")
    assert refused.value.code == "callback.not_over"
    call(counter, callback, "satisfied", at="2026-03-03 10:00")
    assert counter.due(ticket, "callback.review") == "2026-03-05 10:00"
    counter.do("review-callback", callback, of="callback", by="supervisor", at="11:00", comment="好")
    assert "callback.review" not in counter.open_rules(ticket)
    with pytest.raises(Refusal) as refused:
        counter.do("review-callback", callback, of="callback", by="supervisor")
    assert refused.value.code == "callback.reviewed"


def test_a_call_written_down_late_counts_at_its_own_time(counter: DeskForTest) -> None:
    ticket, callback = done(counter, repair_class="safety")
    counter.tick("2026-03-04 12:00")
    assert not counter.deadlines(ticket)["repair.callback_safety"].met_at
    assert "repair.callback_safety/1" in counter.open_rules(ticket)
    counter.do("callback", callback, of="callback", outcome="satisfied", late="2026-03-04 10:30")
    deadline = counter.deadlines(ticket)["repair.callback_safety"]
    assert counter.local(deadline.met_at) == "2026-03-04 10:30"
    assert counter.open_rules(ticket) == ["callback.review"]
    assert counter.ticket(ticket).status == "closed"
    assert counter.local(counter.ticket(ticket).closed_at) == "2026-03-04 10:30"
