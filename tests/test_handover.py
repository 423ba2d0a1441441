"""A shift handed over: what was read is what is signed, and it never changes afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select

from desk import i18n
from desk.errors import Refusal
from desk.ledger import Doing
from desk.ledger.chain import digest
from desk.models import EventWord, Handover
from desk.procedures import drafts
from desk.procedures.corrections import correct_event
from desk.procedures.handover import sign_out
from desk.procedures.shifts import come
from desk.queries import handovers
from desk.queries.handovers import HandoverView, Sheet
from desk.queries.sheets import NOTES
from tests.desks import DeskForTest, make_desk


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path, "residential")


def read(desk: DeskForTest, by: str = "agent", since: datetime | None = None) -> Sheet:
    with desk.store.read() as session:
        start = since or handovers.since(desk.ledger, session, desk.staff[by], desk.now)
        return handovers.sheet(desk.ledger, session, desk.staff[by], start, desk.now)


def sign(desk: DeskForTest, by: str = "agent", notes: str | None = None, confirmed: bool = False) -> UUID:
    sheet = read(desk, by)
    return sign_out(desk.ledger, sheet.snapshot, Doing(desk.now, by=desk.staff[by], confirmed=confirmed), notes)


def one(desk: DeskForTest, handover: UUID) -> HandoverView:
    with desk.store.read() as session:
        return handovers.one(desk.ledger, session, handover)


def refused(code: str, call: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        call()
    assert caught.value.code == code
    return caught.value


@pytest.fixture
def busy(desk: DeskForTest) -> DeskForTest:
    """An afternoon: a repair overdue to be told, one promised, a callback, an inquiry with a reply time, notes, a draft."""
    desk.open("repair", at="10:00", what="厨房漏水", room="3-2-501")
    promised = desk.open("repair", at="10:10", what="灯不亮", room="3-2-502", appointment=desk.time("15:00"))
    desk.do("tell", promised, at="10:12", department="维修部")
    inquiry = desk.open("inquiry", at="10:20", what="契税怎么交", specialist=True)
    desk.do("agree-reply", inquiry, reply_at=desk.time("2026-03-03 10:00"))
    mended = desk.open("repair", at="10:30", what="门锁坏了", room="3-2-501")
    desk.do("complete", mended, at="11:30")
    desk.do("log", of="log", at="11:40", note="物业费收据用完了", urgent=True)
    drafts.save(desk.ledger, "intake", {"what": "半句"}, desk.now, staff_id=desk.staff["agent"])
    # the notes of this very sheet are no draft
    drafts.save(desk.ledger, NOTES, {"words": "钥匙"}, desk.now, staff_id=desk.staff["agent"])
    desk.tick("12:00")
    return desk


# -- the sheet -----------------------------------------------------------------------------------------------


def test_the_sheet_says_how_things_stand(busy: DeskForTest) -> None:
    sheet = read(busy)
    assert [line.what for line in sheet.open] == ["厨房漏水", "灯不亮", "契税怎么交"]
    assert (sheet.open[0].room, sheet.open[0].who) == ("3-2-501", "agent")
    assert ("R-260302-001", "开工单并通知维修部") in [(line.number, line.title["zh"]) for line in sheet.overdue]
    assert [(line.sort, line.what) for line in sheet.promised] == [("appointment", "灯不亮"), ("reply", "契税怎么交")]
    assert [line.what for line in sheet.callbacks] == ["门锁坏了"]
    assert [(line.form, line.who) for line in sheet.drafts] == [("intake", "agent")]
    assert [(line.text, line.by, line.urgent) for line in sheet.notes] == [("物业费收据用完了", "agent", True)]
    assert sheet.done == {"ticket.opened": 4, "ticket.completed": 1}
    wanted = {"open": 3, "promised": 2, "callbacks": 1, "drafts": 1, "notes": 1, "emergencies": 0, "carried": 0}
    assert wanted.items() <= sheet.totals.items()
    assert sheet.totals["overdue"] == len(sheet.overdue) > 0
    assert sheet.totals["uncarried"] == 3


def test_looking_at_it_writes_nothing(busy: DeskForTest) -> None:
    before = len(busy.events())
    read(busy)
    assert len(busy.events()) == before


def test_notes_are_those_since_they_came(busy: DeskForTest) -> None:
    assert read(busy, since=busy.time("11:50")).notes == ()


def test_the_snapshot_holds_no_free_text_and_no_person(busy: DeskForTest) -> None:
    text = json.dumps(read(busy).snapshot, ensure_ascii=False)
    for word in ("漏水", "灯不亮", "收据", "半句", "agent2"):
        assert word not in text


# -- signing -------------------------------------------------------------------------------------------------


def test_signed_by_both_and_kept_for_good(busy: DeskForTest) -> None:
    shown = read(busy)
    ident = sign(busy, notes="3-2-501 的人下午在家")
    busy.do("sign-in", ident, of="handover", by="agent2", at="12:10", differences="少一把备用钥匙")
    view = one(busy, ident)
    assert view.sheet == shown
    row = view.row
    assert (row.outgoing, row.incoming) == ("agent", "agent2")
    assert (row.notes, row.differences) == ("3-2-501 的人下午在家", "少一把备用钥匙")
    assert busy.names(ident) == ["handover.signed_out", "handover.signed_in"]
    assert busy.events(ident)[0].sets["snapshot_digest"] == digest(view.sheet.snapshot)


def test_nothing_that_happens_afterwards_changes_it(busy: DeskForTest) -> None:
    ident = sign(busy)
    before = one(busy, ident)
    first = busy.opened[0].id
    busy.do("correct", first, at="13:00", what="其实是卫生间漏水")
    busy.do("tell", first, at="13:05", department="维修部")
    busy.do("complete", first, at="14:00")
    busy.do("cancel", busy.opened[2].id, reason="不问了")
    busy.do("log", of="log", note="又一条", late="2026-03-02 11:00")
    note = next(event for event in busy.events() if event.name == "log.noted")
    correct_event(busy.ledger, note.id, busy.doing(), words={"note": "收据没用完"}, reason="看错了")
    for draft in drafts.kept(busy.ledger):
        drafts.drop(busy.ledger, draft.id)
    busy.do("sign-in", ident, of="handover", by="agent2", at="14:30", differences="无")
    busy.do("review-handover", ident, of="handover", by="supervisor", at="2026-03-03 09:00", comment="写得清楚")
    busy.tick("2026-03-09 09:00")
    after = one(busy, ident)
    assert after.sheet == before.sheet
    assert after.sheet.snapshot == before.sheet.snapshot
    assert after.intact
    # and what was signed is written up again from its events as it was
    assert [comment.text for comment in after.comments] == ["写得清楚"]


def test_who_took_over_without_a_turn_goes_on_where_the_sheet_ended(busy: DeskForTest) -> None:
    ident = sign(busy)
    ended = busy.now
    busy.do("sign-in", ident, of="handover", by="agent2", at="14:30")
    with busy.store.read() as session:
        assert handovers.since(busy.ledger, session, busy.staff["agent2"], busy.now) == ended
        assert handovers.since(busy.ledger, session, busy.staff["supervisor"], busy.now) == busy.time(
            "2026-03-02 00:00"
        )


def test_a_snapshot_changed_by_other_means_is_known(busy: DeskForTest) -> None:
    ident = sign(busy)
    with busy.store.write() as session:
        row = session.get_one(Handover, (busy.ledger.estate_id, ident))
        row.snapshot = {**row.snapshot, "overdue": []}
        session.add(row)
    assert not one(busy, ident).intact


def test_a_late_entry_on_the_handover_leaves_the_snapshot(busy: DeskForTest) -> None:
    ident = sign(busy, notes="好")
    before = one(busy, ident).sheet
    busy.do("review-handover", ident, of="handover", by="supervisor", at="15:00", comment="一")
    busy.do("sign-in", ident, of="handover", by="agent2", at="15:10", late="2026-03-02 12:30")
    view = one(busy, ident)
    assert view.sheet == before
    assert (view.row.notes, busy.local(view.row.signed_in_at)) == ("好", "2026-03-02 12:30")


def test_words_forgotten_since_are_gone_from_it_too(busy: DeskForTest) -> None:
    ident = sign(busy)
    with busy.store.write() as session:
        for word in session.exec(select(EventWord).where(EventWord.text == "厨房漏水")):
            word.text = None
            session.add(word)
    view = one(busy, ident)
    assert [line.what for line in view.sheet.open] == ["", "灯不亮", "契税怎么交"]
    assert busy.events(ident)[0].sets["snapshot_digest"] == digest(view.sheet.snapshot)


def test_what_was_not_read_is_not_signed(busy: DeskForTest) -> None:
    sheet = read(busy)
    doing = busy.doing()
    refused("handover.not_yours", lambda: sign_out(busy.ledger, sheet.snapshot, busy.doing("agent2")))
    late = Doing(busy.now + timedelta(minutes=11), by=busy.staff["agent"])
    refused("handover.changed", lambda: sign_out(busy.ledger, sheet.snapshot, late))
    busy.do("log", of="log", note="刚刚又来一个电话", by="agent2")
    refused("handover.changed", lambda: sign_out(busy.ledger, sheet.snapshot, doing))
    with busy.store.read() as session:
        assert session.exec(select(Handover)).all() == []
    sign(busy)


def test_an_open_emergency_is_asked_about(busy: DeskForTest) -> None:
    busy.open("repair", what="水管爆了", room="3-2-502", emergency=True)
    asked = refused("guard.ask", lambda: sign(busy))
    assert asked.params["guard"] == "handover.emergency"
    with busy.store.read() as session:
        assert session.exec(select(Handover)).all() == []
    ident = sign(busy, confirmed=True)
    assert busy.events(ident)[0].facts["emergency"] is True


@pytest.mark.parametrize(("at", "last"), [("12:00", False), ("12:59", False), ("13:00", True), ("17:00", True)])
def test_the_last_duty_of_the_day_leaves_nothing_unsaid(desk: DeskForTest, at: str, last: bool) -> None:
    """The manual's guard asks where the day ends with a matter neither done nor carried over (S0-25, S0-28)."""
    desk.open("repair", at="10:00", what="?", room="3-2-501")
    desk.at(at)
    if last:
        assert refused("guard.ask", lambda: sign(desk)).params["guard"] == "handover.carry_over"
    ident = sign(desk, confirmed=last)
    facts = desk.events(ident)[0].facts
    assert (facts["last_duty"], facts["uncarried"]) == (last, 1)


# -- who comes -----------------------------------------------------------------------------------------------


def test_where_nobody_comes_the_next_morning_signs(desk: DeskForTest) -> None:
    desk.at("17:00")
    ident = sign(desk)
    refused("handover.same_person", lambda: desk.do("sign-in", ident, of="handover", at="17:05"))
    with desk.store.read() as session:
        waiting = handovers.waiting(desk.ledger, session)
    assert waiting is not None
    assert waiting.id == ident
    desk.do("sign-in", ident, of="handover", at="2026-03-03 07:50")
    with desk.store.read() as session:
        assert handovers.waiting(desk.ledger, session) is None
    taken = refused("handover.signed_in", lambda: desk.do("sign-in", ident, of="handover", by="agent2"))
    assert taken.params["name"] == "agent"


def test_nobody_reviews_their_own(desk: DeskForTest) -> None:
    ident = sign(desk)
    desk.do("sign-in", ident, of="handover", by="supervisor")
    with pytest.raises(Refusal, match=r"handover\.own"):
        desk.do("review-handover", ident, of="handover", by="supervisor", comment="好")
    for comment in ("一", "二"):
        desk.do("review-handover", ident, of="handover", by="manager", comment=comment)
    assert [each.text for each in one(desk, ident).comments] == ["一", "二"]


def test_they_came_when_they_arrived(desk: DeskForTest) -> None:
    desk.at("07:46")
    come(desk.ledger, desk.doing())
    desk.at("17:00")
    assert desk.local(read(desk).since) == "2026-03-02 07:46"


def test_a_second_sheet_begins_where_the_first_ended(desk: DeskForTest) -> None:
    desk.at("12:00")
    sign(desk)
    desk.at("16:00")
    assert desk.local(read(desk).since) == "2026-03-02 12:00"
    desk.at("2026-03-03 09:00")
    assert desk.local(read(desk).since) == "2026-03-03 00:00"


def test_past_ones_come_by_pages(desk: DeskForTest) -> None:
    signed = []
    for hour in range(10, 15):
        desk.at(f"{hour}:00")
        signed.append(sign(desk))
    with desk.store.read() as session:
        first = handovers.past(desk.ledger, session, limit=2)
        second = handovers.past(desk.ledger, session, limit=2, after=first.next)
        third = handovers.past(desk.ledger, session, limit=2, after=second.next)
    found = [row.id for page in (first, second, third) for row in page.rows]
    assert found == signed[::-1]
    assert third.next is None


# -- on paper ------------------------------------------------------------------------------------------------


def test_the_sheet_on_paper(busy: DeskForTest) -> None:
    ident = sign(busy, notes="无其他")
    view = one(busy, ident)
    text = handovers.sheet_text(busy.ledger, view.sheet, view.row)
    for part in ("R-260302-001", "厨房漏水", "Open matters (3)", "2026-03-02 15:00", "物业费收据用完了", "无其他"):
        assert part in text
    assert "agent 2026-03-02 12:00" in text
    assert view.sheet.head_hash[:12] in text
    i18n.install("zh_CN")
    assert "R-260302-001" in handovers.sheet_text(busy.ledger, view.sheet)


def test_a_long_list_says_how_many_more(desk: DeskForTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.queries.sheets.LIMIT", 2)
    for n in range(4):
        desk.open("inquiry", what=f"问题{n}")
    sheet = read(desk)
    assert (len(sheet.open), sheet.totals["open"]) == (2, 4)
    assert "… and 2 more" in handovers.sheet_text(desk.ledger, sheet)


# -- visitors ------------------------------------------------------------------------------------------------


@pytest.fixture
def counter(tmp_path: Path) -> DeskForTest:
    """A reception towards evening: one is served, one waits, one left a message, one has gone."""
    desk = make_desk(tmp_path, "reception", now="2026-03-02 17:00")
    come_in = {"served": "张伟", "waits": "刘芳", "message": "钱", "gone": "赵敏"}
    ids = {
        name: desk.do("arrive-visitor", of="visit", person_name=who, matter="business").subject_id
        for name, who in come_in.items()
    }
    desk.do("serve", ids["served"], of="visit", at="17:01")
    desk.do("host-out", ids["message"], of="visit", at="17:01")
    desk.do("take-message", ids["message"], of="visit", at="17:01", message="合同下周一签", host="office_director")
    for name in ("message", "gone"):
        desk.do("send-off", ids[name], of="visit", at="17:02", satisfied=True)
    desk.do("arrive-visitor", of="visit", at="17:02", channel="phone", urgent=True)
    desk.tick("17:02:10")
    return desk


def test_who_is_still_here_stands_on_the_sheet(counter: DeskForTest) -> None:
    """Nobody at the counter is lost between two shifts, nor is a message (S0-29, S1-54, S1-60)."""
    sheet = read(counter)
    assert [(line.number[-3:], line.status, line.name, line.who) for line in sheet.visits] == [
        ("002", "waiting", "刘芳", ""),
        ("005", "served", "", "agent"),
        ("001", "served", "张伟", "agent"),
    ]
    (message,) = sheet.messages
    assert (message.number[-3:], message.name, message.message) == ("003", "钱", "合同下周一签")
    assert message.who == "office_director"
    assert counter.local(message.due_at) == "2026-03-02 18:00"
    assert (sheet.totals["visits"], sheet.totals["messages"]) == (3, 1)
    assert (sheet.done["visit.arrived"], sheet.done["visit.sent_off"]) == (5, 2)
    text = json.dumps(sheet.snapshot, ensure_ascii=False)
    assert not any(word in text for word in ("张伟", "刘芳", "合同"))


def test_visitors_are_frozen_with_the_sheet(counter: DeskForTest) -> None:
    shown = read(counter)
    ident = sign(counter, confirmed=True)
    counter.do("send-off", shown.visits[2].visit_id, of="visit", at="17:10", satisfied=True)
    counter.do("change-visit", shown.visits[0].visit_id, of="visit", at="17:11", person_name="刘方")
    counter.do("pass-message", shown.messages[0].visit_id, of="visit", at="17:12")
    view = one(counter, ident)
    assert view.sheet == shown
    assert view.intact
    assert read(counter).totals["messages"] == 0


def test_visitors_on_paper(counter: DeskForTest) -> None:
    sheet = read(counter)
    text = handovers.sheet_text(counter.ledger, sheet)
    assert "Visitors still here (3)" in text
    assert "W-260302-002  2026-03-02 17:00  Waiting  Business talk  刘芳" in text
    assert "Messages to pass on (1)" in text
    assert "钱  Message: 合同下周一签  office_director" in text


def test_a_manual_without_visitors_has_no_such_section(busy: DeskForTest) -> None:
    sheet = read(busy)
    assert "visits" not in sheet.totals
    assert "Visitors" not in handovers.sheet_text(busy.ledger, sheet)
