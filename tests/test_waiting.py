"""Visitors and callers: waiting, being served, explained to, moved up, their host, what comes of it, and the board."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from desk import procedures
from desk.errors import Refusal
from desk.models import Visit
from desk.procedures.corrections import last_act, undo
from desk.procedures.people import StaffData, staff_in
from desk.prompts import card, tips
from desk.queries.due import due_page
from desk.queries.log import log_page
from desk.queries.waiting import Board, VisitRow, board, visit_numbered, visit_page
from desk.queries.waits import waits
from desk.vocabulary import FACTS
from tests.desks import DeskForTest, make_desk


@pytest.fixture
def counter(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path, "reception")


def come(counter: DeskForTest, at: str, **values: Any) -> UUID:
    return counter.do("arrive-visitor", of="visit", at=at, **values).subject_id


def visit(counter: DeskForTest, ident: UUID) -> Visit:
    row = counter.row("visit", ident)
    assert isinstance(row, Visit)
    return row


def look(counter: DeskForTest, at: str | None = None) -> Board:
    now = counter.at(at) if at is not None else counter.now
    with counter.store.read() as session:
        return board(counter.ledger, session, now)


def row(counter: DeskForTest, ident: UUID, at: str | None = None) -> VisitRow:
    return next(each for each in look(counter, at).rows if each.id == ident)


def acts(counter: DeskForTest, ident: UUID) -> list[str]:
    """What was done for a visitor, without what the machine noted."""
    return [name for name in counter.names(ident) if name != "escalation.fired"]


def refusal(counter: DeskForTest, name: str, ident: UUID | None, **values: Any) -> str:
    with pytest.raises(Refusal) as caught:
        counter.do(name, ident, of="visit", **values)
    return caught.value.code


# -- coming and waiting ---------------------------------------------------------------------------------------


def test_nothing_need_be_known_of_a_visitor(counter: DeskForTest) -> None:
    ident = come(counter, "10:00")
    shown = visit(counter, ident)
    assert (shown.number, shown.status, shown.channel, shown.urgent) == ("W-260302-001", "waiting", "visit", False)
    assert counter.due(ident, "visit.wait") == "2026-03-02 10:03"
    assert row(counter, ident).waited(counter.now) == timedelta(0)


def test_what_is_learned_later_is_added(counter: DeskForTest) -> None:
    ident = come(counter, "10:00")
    counter.do(
        "change-visit", ident, of="visit", at="10:01", person_name="张伟", matter="repair", room="3-2-501", note="漏水"
    )
    shown = row(counter, ident)
    assert (shown.name, shown.matter, shown.room, shown.what) == ("张伟", "repair", "3-2-501", "漏水")
    assert refusal(counter, "change-visit", ident, person_name="张伟") == "correct.nothing"


@pytest.mark.parametrize(
    ("doing", "rule", "state"),
    [("nothing", "visit.wait", "free"), ("counter", "visit.wait", "busy"), ("phone", "visit.wait_phone", "phone")],
)
def test_what_the_desk_was_doing(counter: DeskForTest, doing: str, rule: str, state: str) -> None:
    """S1-05 with somebody at the counter, S1-07 on the telephone: both wait three minutes (D-22, D-23)."""
    if doing == "counter":
        counter.do("serve", come(counter, "9:50"), of="visit")
    if doing == "phone":
        come(counter, "9:50", channel="phone")
    ident = come(counter, "10:00")
    assert counter.events(ident)[0].facts["desk"] == state
    assert counter.open_rules(ident) == [rule]
    assert counter.due(ident, rule) == "2026-03-02 10:03"


def test_a_caller_on_hold_leaves_the_desk_free_of_the_telephone(counter: DeskForTest) -> None:
    call = come(counter, "9:50", channel="phone")
    counter.do("hold", call, of="visit")
    assert counter.events(come(counter, "9:51"))[0].facts["desk"] == "free"


def test_another_receptionist_is_free(counter: DeskForTest) -> None:
    counter.do("serve", come(counter, "9:50"), of="visit")
    other = counter.do("arrive-visitor", of="visit", at="10:00", by="agent2").subject_id
    assert counter.events(other)[0].facts["desk"] == "free"


def test_served_in_time(counter: DeskForTest) -> None:
    ident = come(counter, "10:00")
    counter.do("serve", ident, of="visit", at="10:02")
    assert counter.deadlines(ident)["visit.wait"].met_at == counter.now
    shown = row(counter, ident)
    assert (shown.status, shown.served_by, shown.waited(counter.now)) == ("served", "agent", timedelta(minutes=2))


def test_three_minutes_ask_for_a_colleague(counter: DeskForTest) -> None:
    ident = come(counter, "10:00")
    waiting = row(counter, ident, "10:03:30")
    assert [(each.rule_id, each.then, each.state) for each in waiting.due] == [
        ("visit.wait", None, "overdue"),
        ("visit.wait", "colleague", "soon"),
    ]
    assert waiting.next is not None
    assert waiting.next.then == "colleague"
    counter.do("call-colleague", ident, of="visit", at="10:03:40", whom="agent2")
    assert acts(counter, ident)[-2:] == ["visit.colleague_called", "visit.served"]
    assert row(counter, ident).served_by == "agent2"
    assert counter.open_rules(ident) == []


def test_a_colleague_who_is_only_looked_for_does_not_end_the_wait(counter: DeskForTest) -> None:
    ident = come(counter, "10:00")
    counter.do("call-colleague", ident, of="visit", at="10:01")
    assert counter.open_rules(ident) == ["visit.wait"]
    counter.tick("10:05")  # nobody came: the director is told as well
    assert counter.open_rules(ident) == ["visit.wait", "visit.wait/1", "visit.wait/2"]


def test_urgent_is_at_once(counter: DeskForTest) -> None:
    ident = come(counter, "10:00", urgent=True)
    assert counter.open_rules(ident) == ["visit.urgent"]
    assert counter.due(ident, "visit.urgent") == "2026-03-02 10:01"


def test_what_turns_out_urgent_is_at_once_from_then(counter: DeskForTest) -> None:
    ident = come(counter, "10:00")
    counter.do("change-visit", ident, of="visit", at="10:02", urgent=True)
    assert counter.names(ident)[-1] == "visit.turned_urgent"
    assert counter.open_rules(ident) == ["visit.urgent"]
    assert counter.due(ident, "visit.urgent") == "2026-03-02 10:03"
    counter.do("change-visit", ident, of="visit", at="10:02:30", person_name="张伟")
    assert counter.due(ident, "visit.urgent") == "2026-03-02 10:03"  # a name begins nothing anew


def test_gone_unserved(counter: DeskForTest) -> None:
    ident = come(counter, "10:00")
    counter.do("gone", ident, of="visit", at="10:10")
    assert (visit(counter, ident).status, counter.open_rules(ident)) == ("left", [])
    assert refusal(counter, "serve", ident) == "visit.over"
    served = come(counter, "10:11")
    counter.do("serve", served, of="visit")
    assert refusal(counter, "gone", served) == "visit.not_waiting"


# -- on the line ----------------------------------------------------------------------------------------------


def test_a_caller_is_served_by_whoever_took_the_call(counter: DeskForTest) -> None:
    call = come(counter, "10:00", channel="phone")
    assert (row(counter, call).status, row(counter, call).served_by) == ("served", "agent")
    assert counter.open_rules(call) == []
    assert [(busy.name, busy.phone) for busy in look(counter).busy] == [("agent", True)]


def test_twenty_seconds_on_hold(counter: DeskForTest) -> None:
    """The caller's twenty seconds (D-24), while a colleague is found for who waits (S1-08)."""
    call, waits = come(counter, "10:00", channel="phone"), come(counter, "10:00")
    counter.do("hold", call, of="visit", at="10:03:05")
    due = counter.deadlines(call)["visit.hold"].due_at
    assert due == counter.now + timedelta(seconds=20)
    assert row(counter, call).doing == "hold"
    assert not look(counter).busy[0].phone
    assert refusal(counter, "hold", call) == "visit.held"
    counter.do("call-colleague", waits, of="visit", at="10:03:15", whom="agent2")
    counter.do("back", call, of="visit", at="10:03:20")
    assert counter.open_rules(call) == []
    assert refusal(counter, "back", call) == "visit.not_held"


def test_only_a_call_is_held(counter: DeskForTest) -> None:
    ident = come(counter, "10:00")
    assert refusal(counter, "hold", ident) == "verb.not_here"


# -- explaining, and moving up --------------------------------------------------------------------------------


def test_three_minutes_each_up_to_the_management_office(counter: DeskForTest) -> None:
    ident = come(counter, "10:00", matter="question")
    counter.do("explain-start", ident, of="visit", at="10:01", question="公摊怎么算")
    assert row(counter, ident).served_by == "agent"  # whoever explains serves
    assert counter.due(ident, "visit.answer") == "2026-03-02 10:04"  # D-25
    counter.tick("10:04:30")
    assert counter.open_rules(ident) == ["visit.answer", "visit.answer/1"]
    counter.do("upgrade", ident, of="visit", at="10:04:40")
    event = counter.events(ident)[-1]
    assert (event.facts["upgrade_to"], event.facts["cause"]) == ("director", "unexplained")
    shown = row(counter, ident)
    assert (shown.status, shown.level, shown.served_by, shown.doing) == ("upgraded", 1, "director", "director")
    assert counter.open_rules(ident) == ["visit.answer_director"]
    assert counter.deadlines(ident)["visit.answer_director"].due_at == counter.now + timedelta(minutes=3)  # D-26
    counter.tick("10:08")
    assert "visit.answer_director/1" in counter.open_rules(ident)
    counter.do("upgrade", ident, of="visit", at="10:08:10")
    assert (row(counter, ident).level, row(counter, ident).served_by) == (2, "office_director")
    assert counter.open_rules(ident) == []
    assert refusal(counter, "upgrade", ident) == "visit.top"
    counter.do("clear-answer", ident, of="visit", at="10:12", answer="按套内面积分摊")
    assert refusal(counter, "clear-answer", ident) == "visit.not_explaining"


def test_made_clear_in_time(counter: DeskForTest) -> None:
    ident = come(counter, "10:00")
    counter.do("explain-start", ident, of="visit", at="10:01")
    assert refusal(counter, "explain-start", ident) == "visit.explaining"
    counter.do("clear-answer", ident, of="visit", at="10:03")
    assert counter.deadlines(ident)["visit.answer"].met_at == counter.now
    counter.do("explain-start", ident, of="visit", at="10:05")  # another question, another three minutes
    assert counter.due(ident, "visit.answer") == "2026-03-02 10:08"


def test_with_a_question_whoever_serves_explains(counter: DeskForTest) -> None:
    """S1-58: three minutes from when somebody is with them; what becomes a ticket is answered there (D-25)."""
    ident = come(counter, "10:00", matter="question")
    counter.do("serve", ident, of="visit", at="10:02")
    assert row(counter, ident).doing == "explaining"
    assert counter.due(ident, "visit.answer") == "2026-03-02 10:05"
    counter.do("call-colleague", ident, of="visit", at="10:03", whom="agent2")
    assert counter.due(ident, "visit.answer") == "2026-03-02 10:05"
    counter.do("open-ticket", ident, of="visit", at="10:04", what="公摊怎么算")
    assert counter.open_rules(ident) == []
    assert (row(counter, ident).explained_since, row(counter, ident).doing) == (None, "answered")


def test_who_was_sent_up_wants_it_made_clear_in_spite_of_a_ticket(counter: DeskForTest) -> None:
    ident = come(counter, "10:00", matter="question")
    counter.do("serve", ident, of="visit", at="10:01")
    counter.do("upgrade", ident, of="visit", at="10:04")
    counter.do("open-ticket", ident, of="visit", at="10:05", what="公摊怎么算")
    assert counter.open_rules(ident) == ["visit.answer_director"]
    assert row(counter, ident).doing == "director"


def test_a_question_sent_on_keeps_its_three_minutes(counter: DeskForTest) -> None:
    """S1-57: the right colleague is found; being sent from one to the next starts nothing anew."""
    ident = come(counter, "10:00")
    counter.do("pass-question", ident, of="visit", at="10:01", whom="specialist", question="质保")
    assert counter.due(ident, "visit.answer") == "2026-03-02 10:04"
    assert counter.deadlines(ident)["visit.wait"].met_at is not None
    counter.do("pass-question", ident, of="visit", at="10:03", whom="agent2")
    assert counter.due(ident, "visit.answer") == "2026-03-02 10:04"
    assert counter.deadlines(ident)["visit.answer"].staff_id == counter.staff["agent2"]


@pytest.mark.parametrize(
    ("to", "whom", "level", "served_by"),
    [
        ("colleague", "agent2", 0, "agent2"),
        ("director", None, 1, "director"),
        ("office_director", None, 2, "office_director"),
        ("director", "supervisor", 1, "supervisor"),
    ],
)
def test_moving_up_at_the_visitors_wish(
    counter: DeskForTest, to: str, whom: str | None, level: int, served_by: str
) -> None:
    ident = come(counter, "10:00")
    counter.do("serve", ident, of="visit")
    counter.do("upgrade", ident, of="visit", at="10:02", upgrade_to=to, whom=whom, cause="insists", reason="要找领导")
    shown = row(counter, ident)
    assert (shown.status, shown.level, shown.served_by) == ("upgraded", level, served_by)
    assert counter.events(ident)[-1].facts["cause"] == "insists"


def test_moving_up_says_who_and_never_down(counter: DeskForTest) -> None:
    ident = come(counter, "10:00")
    assert refusal(counter, "upgrade", ident, upgrade_to="colleague") == "visit.colleague"
    counter.do("upgrade", ident, of="visit")
    assert counter.events(ident)[-1].facts["cause"] == "dissatisfied"
    assert refusal(counter, "upgrade", ident, upgrade_to="director") == "visit.not_up"


def test_moved_up_to_a_colleague_the_question_runs_on(counter: DeskForTest) -> None:
    ident = come(counter, "10:00")
    counter.do("explain-start", ident, of="visit", at="10:01")
    counter.do("upgrade", ident, of="visit", at="10:02", upgrade_to="colleague", whom="agent2")
    assert counter.open_rules(ident) == ["visit.answer"]
    assert counter.due(ident, "visit.answer") == "2026-03-02 10:04"


# -- whom they came to see ------------------------------------------------------------------------------------


def test_the_host_is_in(counter: DeskForTest) -> None:
    ident = come(counter, "10:00", matter="business", person_name="李总")
    counter.do("serve", ident, of="visit", at="10:01")
    assert counter.due(ident, "visit.host") == "2026-03-02 10:03"
    counter.do("host-in", ident, of="visit", at="10:02")
    shown = row(counter, ident)
    assert (shown.status, shown.host, shown.host_state, shown.served_by) == ("with_host", "office_director", "in", "")
    assert counter.open_rules(ident) == []
    assert look(counter).busy == ()


def test_the_host_is_out_a_message_is_taken_and_passed_on(counter: DeskForTest) -> None:
    ident = come(counter, "10:00", matter="business")
    counter.do("host-out", ident, of="visit", at="10:01")
    assert (row(counter, ident).served_by, row(counter, ident).doing) == ("agent", "host_out")
    done = counter.do("send-off", ident, of="visit", at="10:02")
    assert [guard.id for guard in done.said] == ["visit.offer_message"]
    again = come(counter, "10:03", matter="business")
    counter.do("host-out", again, of="visit")
    counter.do("take-message", again, of="visit", at="10:04", person_name="李", phone="13900000000", message="请回电")
    assert counter.due(again, "visit.message") == "2026-03-02 18:00"
    done = counter.do("send-off", again, of="visit", at="10:05", satisfied=True)
    assert done.said == ()
    assert counter.open_rules(again) == ["visit.message"]  # it outlives the visit
    assert [each.name for each in look(counter).messages] == ["李"]
    counter.do("pass-message", again, of="visit", at="15:00", answer="明天回电")
    assert (counter.open_rules(again), look(counter).messages) == ([], ())
    assert refusal(counter, "pass-message", again) == "visit.no_message"


def test_urgent_and_the_host_out_is_telephoned_at_once(counter: DeskForTest) -> None:
    ident = come(counter, "10:00", matter="business", urgent=True)
    counter.do("host-out", ident, of="visit", at="10:00:30", host="office_director")
    assert counter.deadlines(ident)["visit.host_phone"].due_at == counter.now + timedelta(minutes=1)  # D-31
    assert row(counter, ident).doing == "host_phone"
    counter.do("phone-host", ident, of="visit", at="10:01", unreached=True)
    assert "visit.host_phone" in counter.open_rules(ident)  # not reached is not told
    counter.do("phone-host", ident, of="visit", at="10:01:20", answer="马上回来")
    assert counter.open_rules(ident) == []
    later = come(counter, "11:00", matter="business")
    counter.do("host-out", later, of="visit", at="11:01")
    counter.do("change-visit", later, of="visit", at="11:05", urgent=True)
    assert counter.due(later, "visit.host_phone") == "2026-03-02 11:06"


def test_the_host_is_busy(counter: DeskForTest) -> None:
    ident = come(counter, "10:00", matter="business")
    counter.do("host-busy", ident, of="visit", at="10:01", host="office_director")
    shown = row(counter, ident)
    assert (shown.status, shown.host_state, shown.doing, shown.served_by) == ("waiting", "busy", "host_busy", "")
    assert counter.deadlines(ident)["visit.wait"].met_at is not None  # they wait for the host now, with tea
    assert counter.due(ident, "visit.tea") == "2026-03-02 10:11"
    counter.do("tea", ident, of="visit", at="10:09")
    assert counter.due(ident, "visit.tea") == "2026-03-02 10:19"
    counter.do("host-in", ident, of="visit", at="10:15")
    assert counter.open_rules(ident) == []


# -- what comes of it, and leaving ----------------------------------------------------------------------------


def test_a_ticket_comes_of_it(counter: DeskForTest) -> None:
    ident = come(
        counter, "10:00", matter="repair", person_name="张伟", room="3栋2单元501室", note="水龙头漏水", urgent=True
    )
    done = counter.do("open-ticket", ident, of="visit", at="10:02", parts="customer")
    ticket = counter.numbered(done.opened[0])
    assert (ticket.kind, ticket.what, ticket.person_name, ticket.urgent) == ("repair", "水龙头漏水", "张伟", True)
    assert ticket.room_id == counter.rooms["3-2-501"]
    assert (ticket.facts["parts"], ticket.facts["in_house"]) == ("customer", True)
    assert (ticket.facts["visit"], row(counter, ident).ticket) == ("W-260302-001", ticket.number)
    assert visit(counter, ident).led_to == ticket.id
    # the visit goes on in its own right
    counter.do("send-off", ident, of="visit", at="10:04", satisfied=True)
    assert acts(counter, ident) == ["visit.arrived", "visit.served", "visit.ticket_opened", "visit.sent_off"]


def test_a_matter_nobody_named_needs_its_kind(counter: DeskForTest) -> None:
    ident = come(counter, "10:00")
    assert refusal(counter, "open-ticket", ident, what="?") == "visit.kind"
    assert refusal(counter, "open-ticket", ident, kind="gibt's nicht", what="?") == "kind.unknown"
    assert refusal(counter, "open-ticket", ident, kind="repair", room="没有这间", what=None) == "value.missing"


def test_not_satisfied_asks_first(counter: DeskForTest) -> None:
    ident = come(counter, "10:00")
    counter.do("serve", ident, of="visit")
    assert refusal(counter, "send-off", ident, satisfied=False) == "guard.ask"
    assert visit(counter, ident).status == "served"
    counter.do("send-off", ident, of="visit", at="10:05", satisfied=False, confirmed=True)
    shown = visit(counter, ident)
    assert (shown.status, shown.facts["satisfied"], shown.ended_at) == ("left", False, counter.now)


def test_nobody_further_up_nothing_is_asked(counter: DeskForTest) -> None:
    ident = come(counter, "10:00")
    counter.do("upgrade", ident, of="visit", upgrade_to="office_director")
    counter.do("send-off", ident, of="visit", satisfied=False)
    assert look(counter).rows == ()


# -- taking back, writing down late ---------------------------------------------------------------------------


def test_the_last_act_is_taken_back(counter: DeskForTest) -> None:
    ident = come(counter, "10:00", person_name="张伟")
    counter.do("send-off", ident, of="visit", at="10:01")
    last = last_act(counter.ledger, counter.staff["agent"], ident)
    assert last is not None
    assert (last.names, last.number) == (("visit.served", "visit.sent_off"), "W-260302-001")
    undo(counter.ledger, last.batch, counter.doing())
    shown = visit(counter, ident)
    assert (shown.status, shown.ended_at, shown.person_name) == ("waiting", None, "张伟")
    assert counter.open_rules(ident) == ["visit.wait"]
    first = last_act(counter.ledger, counter.staff["agent"], ident)
    assert first is not None
    undo(counter.ledger, first.batch, counter.doing())
    assert look(counter).rows == ()  # put on the board by mistake: not there


def test_served_in_time_but_written_down_late(counter: DeskForTest) -> None:
    ident = come(counter, "10:00")
    counter.tick("10:04")
    assert "visit.wait/1" in counter.open_rules(ident)
    counter.do("serve", ident, of="visit", at="10:06", late="10:02")
    assert counter.open_rules(ident) == []
    assert row(counter, ident).waited(counter.now) == timedelta(minutes=2)


# -- the board ------------------------------------------------------------------------------------------------


def test_the_board_in_order(counter: DeskForTest) -> None:
    served = come(counter, "9:50", person_name="甲")
    counter.do("serve", served, of="visit")
    come(counter, "9:55", person_name="乙")
    come(counter, "9:56", person_name="丙", urgent=True)
    call = come(counter, "9:57", person_name="丁", channel="phone")
    found = look(counter, "9:58")
    assert [each.name for each in found.rows] == ["丙", "乙", "甲", "丁"]
    assert [each.name for each in found.waiting] == ["丙", "乙"]
    assert [(busy.name, busy.visit.name, busy.phone) for busy in found.busy] == [
        ("agent", "甲", False),
        ("agent", "丁", True),
    ]
    assert [each.name for each in look(counter, "9:52").rows] == ["甲"]  # who came later was not there yet
    counter.at("9:59")
    counter.do("send-off", call, of="visit")
    with counter.store.read() as session:
        day = visit_page(counter.ledger, session, counter.time("0:00"), counter.time("23:59"), counter.now)
    assert [each.name for each in day] == ["甲", "乙", "丙", "丁"]


def test_looking_writes_nothing(counter: DeskForTest) -> None:
    ident = come(counter, "10:00")
    before = len(counter.events())
    assert [each.then for each in row(counter, ident, "10:09").due] == [None, "colleague", "tell"]
    assert len(counter.events()) == before


@pytest.mark.parametrize("text", ["W-260302-001", "w-0302-001", "W-1", "1", "Ｗ-００１"])
def test_a_visit_is_found_by_what_people_say(counter: DeskForTest, text: str) -> None:
    ident = come(counter, "10:00")
    with counter.store.read() as session:
        assert visit_numbered(counter.ledger, session, text, counter.now) == ident


@pytest.mark.parametrize("text", ["W-9", "R-260302-001", "", "W-", "W-260302-0001x"])
def test_no_such_visit(counter: DeskForTest, text: str) -> None:
    come(counter, "10:00")
    with counter.store.read() as session, pytest.raises(Refusal) as caught:
        visit_numbered(counter.ledger, session, text, counter.now)
    assert caught.value.code == "visit.unknown"


def test_a_visit_has_its_number_wherever_it_is_spoken_of(counter: DeskForTest) -> None:
    ident = come(counter, "10:00", person_name="张伟", note="问停车卡")
    with counter.store.read() as session:
        due = due_page(counter.ledger, session, counter.now, text="停车卡").rows
        log = log_page(counter.ledger, session, root=ident).rows
        found = log_page(counter.ledger, session, text="W-260302-001").rows
    assert [(each.number, each.what, each.ticket_id) for each in due] == [("W-260302-001", "张伟 问停车卡", None)]
    assert [each.number for each in log] == ["W-260302-001"]
    assert [each.id for each in found] == [each.id for each in log]


# -- cards ----------------------------------------------------------------------------------------------------


def test_every_matter_and_state_has_its_card(counter: DeskForTest) -> None:
    book = counter.ledger.book
    states = "greeting waiting waiting_call urgent call hold upgraded explaining director office_director answered leaving".split()
    states += ["host_in", "host_out", "host_phone", "host_busy"]
    for name in (*states, *FACTS["matter"].values):
        assert card(book, "visit", name), name
    assert tips(book, "visit", "move_in")
    assert tips(book, "visit", "hold") == ()


def test_hostile_text_stays_text(counter: DeskForTest) -> None:
    ident = come(counter, "10:00", person_name="[/b]张\x1b[31m伟\u202e", note="'; DROP TABLE visit;--")
    shown = row(counter, ident)
    assert "\x1b" not in shown.name
    assert "\u202e" not in shown.name
    assert shown.what == "'; DROP TABLE visit;--"


def test_every_verb_of_a_visit_is_refused_when_it_is_over(counter: DeskForTest) -> None:
    ident = come(counter, "10:00", channel="phone")
    counter.do("send-off", ident, of="visit")
    shown = visit(counter, ident)
    for verb in procedures.verbs_of("visit"):
        assert not verb.applies(counter.ledger.book, shown) or verb.may(counter.ledger.book, shown) is not None, (
            verb.name
        )


def test_where_several_could_take_over_one_is_named(counter: DeskForTest) -> None:
    with counter.ledger.write(counter.doing("supervisor")) as entry:
        staff_in(entry, StaffData("director2", ("director",)))
    ident = come(counter, "10:00")
    assert refusal(counter, "upgrade", ident) == "visit.colleague"
    counter.do("upgrade", ident, of="visit", whom="director")
    assert row(counter, ident).served_by == "director"


def test_what_the_days_waits_were(counter: DeskForTest) -> None:
    """Each share with what it is a share of; who left in time, and what was taken back, is no miss."""
    quick, late = come(counter, "9:00", matter="payment"), come(counter, "9:00")
    counter.do("serve", quick, of="visit", at="9:01")
    counter.do("gone", come(counter, "9:02"), of="visit", at="9:03")
    counter.do("upgrade", quick, of="visit", at="9:04", whom="director")
    last = last_act(counter.ledger, counter.staff["agent"], quick)
    assert last is not None
    undo(counter.ledger, last.batch, counter.doing())
    counter.do("upgrade", quick, of="visit", at="9:04", cause="insists", whom="director")
    counter.do("serve", late, of="visit", at="9:07")
    come(counter, "9:08", channel="phone")
    come(counter, "9:09")  # waits, still in time
    with counter.store.read() as session:
        found = waits(counter.ledger, session, counter.time("0:00"), counter.time("23:59"), counter.now)
    assert (found.visitors, found.callers) == (4, 1)
    assert (found.in_time, found.unserved, found.satisfied) == ((1, 2), (1, 4), (0, 0))
    assert (found.median, found.longest) == (timedelta(minutes=1), timedelta(minutes=7))
    assert (found.upgraded, found.causes, found.moved_to) == (1, {"insists": 1}, {"director": 1})
    assert found.matters == {None: 4, "payment": 1}
    with counter.store.read() as session:
        empty = waits(
            counter.ledger, session, counter.time("2027-01-01 8:00"), counter.time("2027-01-02 8:00"), counter.now
        )
    assert (empty.visitors, empty.in_time, empty.median) == (0, (0, 0), None)
