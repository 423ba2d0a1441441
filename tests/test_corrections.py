"""The last act taken back; an entry corrected. What was written stays; what stands is reckoned anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from desk.errors import Refusal
from desk.ledger import Doing, chain
from desk.models import Event
from desk.procedures.corrections import correct_event, last_act, undo
from desk.procedures.handover import sign_out
from desk.queries import handovers
from tests.desks import DeskForTest, make_desk


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path, "residential")


def repair(desk: DeskForTest, at: str = "10:00", **values: Any) -> UUID:
    return desk.open("repair", at=at, what="厨房漏水", room="3-2-501", **values)


def last(desk: DeskForTest, by: str = "agent", root: UUID | None = None) -> UUID:
    found = last_act(desk.ledger, desk.staff[by], root)
    assert found is not None
    return found.batch


def event(desk: DeskForTest, root: UUID, name: str) -> Event:
    return [each for each in desk.events(root) if each.name == name][-1]


def refused(code: str, call: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        call()
    assert caught.value.code == code
    return caught.value


def unbroken(desk: DeskForTest) -> bool:
    former = ""
    for each in desk.events():
        if each.prev_hash != former or chain.event_hash(each) != each.hash:
            return False
        former = each.hash
    return True


def picture(desk: DeskForTest, ticket: UUID) -> tuple[Any, ...]:
    """Everything that stands of a ticket: its row, its callbacks, its deadlines."""
    row = desk.ticket(ticket).model_dump()
    deadlines = {
        name: (desk.local(d.due_at), d.open, d.met_at, d.cancelled_at) for name, d in desk.deadlines(ticket).items()
    }
    callbacks = [(c.status, c.attempts, c.outcome) for c in desk.callbacks(ticket)]
    return row, {name: state for name, state in deadlines.items() if state[1] or state[2]}, callbacks


# -- taking back ---------------------------------------------------------------------------------------------

# what has been done before, then the act that is taken back
ACTS: list[tuple[list[tuple[str, dict[str, Any]]], str, dict[str, Any]]] = [
    ([], "tell", {"department": "维修部"}),
    ([], "complete", {"result": "好了"}),
    ([], "urge", {}),
    ([], "pause", {"reason": "parts"}),
    ([("pause", {"reason": "parts"})], "resume", {}),
    ([], "correct", {"what": "卫生间漏水", "urgent": True}),
    ([], "cancel", {"reason": "打错了"}),
    ([("cancel", {"reason": "打错了"})], "reopen", {"reason": "没打错"}),
    ([], "carry-over", {"reason": "等配件", "note": "明早到货"}),
    ([], "appoint", {"appointment": "15:00"}),
]


@pytest.mark.parametrize(("before", "verb", "values"), ACTS, ids=[act[1] for act in ACTS])
def test_taking_back_leaves_everything_as_it_was(
    desk: DeskForTest, before: list[tuple[str, dict[str, Any]]], verb: str, values: dict[str, Any]
) -> None:
    ticket = repair(desk)
    for name, given in before:
        desk.do(name, ticket, at="10:05", **given)
    stood = picture(desk, ticket)
    times: dict[str, Any] = {
        name: desk.time(v) if isinstance(v, str) and v[:2].isdigit() else v for name, v in values.items()
    }
    desk.do(verb, ticket, at="10:10", **times)
    assert picture(desk, ticket) != stood
    written = len(desk.events())
    desk.at("10:11")
    undo(desk.ledger, last(desk), desk.doing(), "点错了")
    assert picture(desk, ticket) == stood
    assert len(desk.events()) > written
    assert unbroken(desk)


def test_a_callback_is_taken_back_whole(desk: DeskForTest) -> None:
    ticket = repair(desk)
    desk.do("complete", ticket, at="11:00")
    stood = picture(desk, ticket)
    (callback,) = desk.callbacks(ticket)
    desk.do("callback", callback.id, of="callback", at="14:00", outcome="satisfied")
    assert desk.ticket(ticket).status == "closed"
    found = last_act(desk.ledger, desk.staff["agent"])
    assert found is not None
    assert (found.names, found.number, found.refusal) == (("callback.done", "ticket.closed"), "R-260302-001", None)
    undo(desk.ledger, found.batch, desk.doing())
    assert picture(desk, ticket) == stood
    # and the call can be made again
    desk.do("callback", callback.id, of="callback", at="14:05", outcome="unsatisfied", why="又漏了")
    assert desk.ticket(ticket).status == "open"


def test_the_callback_a_completion_brought_goes_with_it(desk: DeskForTest) -> None:
    ticket = repair(desk)
    desk.do("complete", ticket, at="11:00")
    undo(desk.ledger, last(desk), desk.doing())
    assert desk.callbacks(ticket) == []
    assert desk.ticket(ticket).status == "open"
    desk.do("complete", ticket, at="11:30")
    assert [row.status for row in desk.callbacks(ticket)] == ["open"]


def test_one_act_after_the_other(desk: DeskForTest) -> None:
    ticket = repair(desk)
    opened = picture(desk, ticket)
    desk.do("tell", ticket, at="10:05", department="维修部")
    told = picture(desk, ticket)
    desk.do("urge", ticket, at="10:06")
    undo(desk.ledger, last(desk), desk.doing())
    assert picture(desk, ticket) == told
    undo(desk.ledger, last(desk), desk.doing())
    assert picture(desk, ticket) == opened


def test_a_duty_met_by_an_act_is_open_again(desk: DeskForTest) -> None:
    desk.tick("10:00")
    desk.do("report-day", of="day", at="16:30", whom="supervisor")
    (duty,) = [row for row in desk.subjects("duty") if row.facts["rule"] == "day.report"]
    assert duty.status == "done"
    undo(desk.ledger, last(desk), desk.doing())
    (duty,) = [row for row in desk.subjects("duty") if row.facts["rule"] == "day.report"]
    assert duty.status == "open"
    assert desk.open_rules(duty.id) == ["day.report"]


def test_what_cannot_be_taken_back(desk: DeskForTest) -> None:
    ticket = repair(desk)
    # an opening: the ticket is cancelled instead
    found = last_act(desk.ledger, desk.staff["agent"])
    assert found is not None
    assert found.refusal is not None
    assert found.refusal.code == "undo.opened"
    refused("undo.opened", lambda: undo(desk.ledger, last(desk), desk.doing()))
    # somebody else's
    desk.do("tell", ticket, at="10:05", department="维修部")
    told = last(desk)
    theirs = Doing(desk.now, by=desk.staff["supervisor"])
    assert refused("undo.other", lambda: undo(desk.ledger, told, theirs)).params["name"] == "agent"
    # what something rests on
    desk.do("complete", ticket, at="11:00")
    assert refused("undo.later", lambda: undo(desk.ledger, told, desk.doing())).params["number"] == "R-260302-001"
    # a note rests on nothing
    completed = last(desk)
    desk.do("note", ticket, note="住户很客气")
    undo(desk.ledger, completed, desk.doing())
    refused("undo.already", lambda: undo(desk.ledger, completed, desk.doing()))
    refused("undo.none", lambda: undo(desk.ledger, ticket, desk.doing()))


def test_a_signature_is_not_taken_back(desk: DeskForTest) -> None:
    with desk.store.read() as session:
        sheet = handovers.sheet(desk.ledger, session, desk.staff["agent"], desk.now, desk.now)
    sign_out(desk.ledger, sheet.snapshot, desk.doing())
    refused("undo.apart", lambda: undo(desk.ledger, last(desk), desk.doing()))


def test_nothing_has_been_done_yet(desk: DeskForTest) -> None:
    assert last_act(desk.ledger, desk.staff["director"]) is None


def test_a_step_that_came_up_is_no_act(desk: DeskForTest) -> None:
    """Written late, an act may bring up a step in its own batch: taking it back does not take the clock back."""
    ticket = repair(desk)
    desk.do("urge", ticket, at="10:31")
    assert "escalation.fired" in desk.names(ticket)
    undo(desk.ledger, last(desk), desk.doing())
    assert desk.ticket(ticket).urges == 0
    assert "repair.tell/1" in desk.open_rules(ticket)


# -- correcting ----------------------------------------------------------------------------------------------


def test_a_wrong_time_moves_the_clocks(desk: DeskForTest) -> None:
    ticket = repair(desk, at="10:00")
    correct_event(desk.ledger, event(desk, ticket, "ticket.opened").id, desk.doing(), at=desk.time("09:00"))
    assert desk.due(ticket, "repair.tell") == "2026-03-02 09:30"
    row = desk.ticket(ticket)
    assert (desk.local(row.opened_at), row.what, row.number) == ("2026-03-02 09:00", "厨房漏水", "R-260302-001")
    assert unbroken(desk)


def test_what_was_done_together_moves_together(desk: DeskForTest) -> None:
    ticket = repair(desk)
    desk.do("complete", ticket, at="16:00", result="好了")
    correct_event(desk.ledger, event(desk, ticket, "ticket.completed").id, desk.doing(), at=desk.time("14:00"))
    row, (callback,) = desk.ticket(ticket), desk.callbacks(ticket)
    assert desk.local(row.completed_at) == desk.local(callback.opened_at) == "2026-03-02 14:00"
    assert desk.due(ticket, "repair.callback_other") == "2026-03-04 14:00"


def test_corrected_in_time_the_step_is_cancelled(desk: DeskForTest) -> None:
    ticket = repair(desk)
    desk.do("tell", ticket, at="10:40", department="维修部")
    assert "repair.tell/1" in desk.deadlines(ticket)
    told = event(desk, ticket, "ticket.told")
    correct_event(desk.ledger, told.id, desk.doing(), at=desk.time("10:20"), reason="表快了")
    assert desk.local(desk.deadlines(ticket)["repair.tell"].met_at) == "2026-03-02 10:20"
    step = desk.deadlines(ticket)["repair.tell/1"]
    assert (step.open, step.cancelled_why) == (False, "in_time")


def test_facts_and_words_are_corrected(desk: DeskForTest) -> None:
    ticket = repair(desk)
    opened = event(desk, ticket, "ticket.opened")
    words = {"what": "卫生间漏水"}
    correct_event(desk.ledger, opened.id, desk.doing(), facts={"repair_class": "leak"}, words=words)
    row = desk.ticket(ticket)
    assert (row.facts["repair_class"], row.what) == ("leak", "卫生间漏水")
    # the former version stays readable
    assert desk.words(ticket, "ticket.opened")["what"] == "厨房漏水"
    assert event(desk, ticket, "ticket.opened").sets["repair_class"] == "other"


def test_a_promise_corrected_is_due_anew(desk: DeskForTest) -> None:
    ticket = desk.open("inquiry", at="10:00", what="?", specialist=True)
    desk.do("agree-reply", ticket, reply_at=desk.time("15:00"))
    agreed = event(desk, ticket, "ticket.reply_agreed")
    correct_event(desk.ledger, agreed.id, desk.doing(), facts={"reply_at": desk.time("16:00")})
    assert desk.due(ticket, "inquiry.reply") == "2026-03-02 16:00"


def test_an_answer_corrected_counts_as_corrected(desk: DeskForTest) -> None:
    ticket = repair(desk)
    desk.do("complete", ticket, at="11:00")
    (callback,) = desk.callbacks(ticket)
    desk.do("callback", callback.id, of="callback", at="14:00", outcome="satisfied", means="phone")
    call = event(desk, ticket, "callback.done")
    correct_event(desk.ledger, call.id, desk.doing(), facts={"means": "visit"}, words={}, reason="上门问的")
    corrected = [each for each in desk.events(ticket) if each.name == "event.corrected"][-1]
    assert corrected.facts["means"] == "visit"
    # correcting the correction corrects the entry itself
    correct_event(desk.ledger, corrected.id, desk.doing(), at=desk.time("13:30"))
    assert desk.local(desk.callbacks(ticket)[0].done_at) == "2026-03-02 13:30"


def test_a_corrected_note(desk: DeskForTest) -> None:
    note = desk.do("log", of="log", note="十点").subject_id
    correct_event(desk.ledger, event(desk, note, "log.noted").id, desk.doing(), words={"note": "十一点"})
    assert desk.names(note) == ["log.noted", "event.corrected"]


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("ticket.told", {}, "correct.nothing"),
    ("ticket.told", {"at": "09:30"}, "correct.order"),
    ("ticket.opened", {"at": "10:30"}, "correct.order"),
    ("ticket.opened", {"facts": {"kind": "visit"}}, "correct.no_such"),
    ("ticket.opened", {"facts": {"grade": "major"}}, "correct.no_such"),
    ("ticket.opened", {"facts": {"repair_class": "roof"}}, "value.wrong"),
    ("ticket.opened", {"words": {"opinion": "?"}}, "correct.no_such"),
    ("escalation.fired", {"at": "09:30"}, "correct.apart"),
]


@pytest.mark.parametrize(("name", "values", "code"), REFUSED)
def test_corrections_refused(desk: DeskForTest, name: str, values: dict[str, Any], code: str) -> None:
    ticket = repair(desk)
    desk.tick("10:31")
    desk.do("tell", ticket, at="10:10", department="维修部")
    if "at" in values:
        values = {"at": desk.time(values["at"])}
    before = desk.names()
    refused(code, lambda: correct_event(desk.ledger, event(desk, ticket, name).id, desk.doing(), **values))
    assert desk.names() == before


def test_what_was_taken_back_is_not_corrected(desk: DeskForTest) -> None:
    ticket = repair(desk)
    desk.do("urge", ticket, at="10:05")
    undo(desk.ledger, last(desk), desk.doing())
    urged = event(desk, ticket, "ticket.urged")
    refused("correct.retracted", lambda: correct_event(desk.ledger, urged.id, desk.doing(), at=desk.time("10:03")))
    refused("correct.unknown", lambda: correct_event(desk.ledger, ticket, desk.doing(), at=desk.time("10:03")))
