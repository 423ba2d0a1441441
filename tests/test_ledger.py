"""The ledger on a real store: one transaction, the chain, late entries, corrections, and the clock's hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from desk.errors import Refusal
from desk.ledger import Act, Doing, Entry, Ledger
from desk.ledger.chain import event_hash, word_digest
from desk.ledger.tick import tick
from desk.models import Deadline, Event, EventWord, Ticket, new_id
from desk.store.session import by_key
from tests.estate import open_estate

ZONE_DAY = datetime.fromisoformat("2026-03-02T00:00:00+08:00")  # a Monday
NOBODY = None


def at(hours: float, day: int = 0) -> datetime:
    return ZONE_DAY + timedelta(days=day, hours=hours)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = open_estate(tmp_path, "work-orders", born=at(0))
    yield ledger
    ledger.store.close()


def open_repair(ledger: Ledger, when: datetime, **sets: object) -> UUID:
    with ledger.write(Doing(when)) as entry:
        ticket = Ticket(
            estate_id=ledger.estate_id, id=new_id(), number=entry.number("R", when), kind="repair", opened_at=when
        )
        opening = {
            **ledger.book.kinds["repair"].opening,
            "number": ticket.number,
            "opened_at": when,
            "status": "open",
            **sets,
        }
        entry.open(ticket, "ticket.opened", sets=opening, words={"what": "主卧空调不制冷", "phone": "13800002211"})
        return ticket.id


def record(
    ledger: Ledger,
    ticket_id: UUID,
    name: str,
    now: datetime,
    happened: datetime | None = None,
    **parts: dict[str, object],
) -> Event:
    with ledger.write(Doing(now, at=happened)) as entry:
        return entry.on(entry.row("ticket", ticket_id), name, **parts)


def deadlines(ledger: Ledger, ticket_id: UUID) -> dict[tuple[str, int], Deadline]:
    with ledger.store.read() as session:
        rows = session.exec(select(Deadline).where(Deadline.root_id == ticket_id)).all()
        return {(row.rule_id, row.step): row for row in rows}


def names(ledger: Ledger, root: UUID) -> list[str]:
    with ledger.store.read() as session:
        return list(session.exec(select(Event.name).where(Event.root_id == root).order_by(col(Event.seq))))


def test_event_row_and_deadlines_are_written_together(ledger: Ledger) -> None:
    ticket_id = open_repair(ledger, at(10))
    with ledger.store.read() as session:
        ticket = session.get_one(Ticket, (ledger.estate_id, ticket_id))
        (event,) = session.exec(select(Event).where(Event.root_id == ticket_id)).all()
        words = {w.name: w.text for w in session.exec(select(EventWord).where(EventWord.event_id == event.id))}
    assert (ticket.number, ticket.what, ticket.facts["dispatch"]) == ("R-260302-001", "主卧空调不制冷", "pool")
    assert words == {"what": "主卧空调不制冷", "phone": "13800002211"}
    assert "13800002211" not in str(event.facts) + str(event.sets), "words never stand among the facts"
    claim = deadlines(ledger, ticket_id)["repair.claim", 0]
    assert (claim.due_at, claim.open, claim.fires_at) == (at(10) + timedelta(minutes=5),) * 1 + (
        True,
        at(10) + timedelta(minutes=5),
    )


def test_a_refusal_writes_nothing(ledger: Ledger) -> None:
    ticket_id = open_repair(ledger, at(10))

    def half(entry: Entry) -> None:
        entry.on(entry.row("ticket", ticket_id), "ticket.claimed", sets={"status": "assigned"})
        raise Refusal("ticket.over")

    with pytest.raises(Refusal, match=r"ticket\.over"), ledger.write(Doing(at(10.1))) as entry:
        half(entry)
    assert names(ledger, ticket_id) == ["ticket.opened"]
    assert deadlines(ledger, ticket_id)["repair.claim", 0].open


def test_the_chain_holds_and_a_forgotten_word_does_not_break_it(ledger: Ledger) -> None:
    ticket_id = open_repair(ledger, at(10))
    record(ledger, ticket_id, "ticket.noted", at(10.2), words={"note": "住户说孩子发烧"})
    tick(ledger, at(11))
    with ledger.store.write() as session:
        session.exec(select(EventWord).where(EventWord.name == "note")).one().text = None
    with ledger.store.read() as session:
        before = ""
        for event in session.exec(select(Event).order_by(col(Event.seq))):
            assert event.prev_hash == before
            assert event.hash == event_hash(event)
            before = event.hash
            for word in session.exec(select(EventWord).where(EventWord.event_id == event.id)):
                if word.text is not None:
                    assert event.digests[word.name] == word_digest(word.salt, word.text)


def test_numbers_count_by_kind_and_local_day(ledger: Ledger) -> None:
    with ledger.write(Doing(at(10))) as entry:
        assert [entry.number("R", at(23.5)), entry.number("R", at(23.9)), entry.number("C", at(9)), entry.number("R", at(24.1))] == [
            "R-260302-001", "R-260302-002", "C-260302-001", "R-260303-001",
        ]  # fmt: skip


def test_steps_come_up_once_with_the_time_they_should_have(ledger: Ledger) -> None:
    ticket_id = open_repair(ledger, at(10))
    assert tick(ledger, at(10.05)).steps == []
    (chase,) = tick(ledger, at(10.15)).steps  # 10:09
    assert (chase.rule_id, chase.step, chase.then, chase.starts_at) == (
        "repair.claim",
        1,
        "chase",
        at(10) + timedelta(minutes=5),
    )
    assert tick(ledger, at(10.15)).steps == []
    assert names(ledger, ticket_id) == ["ticket.opened", "escalation.fired"]


def test_after_a_week_off_each_step_comes_up_once(ledger: Ledger) -> None:
    ticket_id = open_repair(ledger, at(10))
    fired = tick(ledger, at(10, day=7)).steps
    by_rule = [(row.rule_id, row.step) for row in fired]
    assert len(by_rule) == len(set(by_rule))
    assert {("repair.claim", 1), ("repair.claim", 2), ("unfinished.publish", 1)} <= set(by_rule)
    claim = deadlines(ledger, ticket_id)
    assert claim["repair.claim", 0].level == 2
    assert claim["repair.claim", 2].starts_at == at(10) + timedelta(minutes=10)
    assert tick(ledger, at(10, day=7)).steps == []


def test_two_counters_fire_a_step_once(ledger: Ledger) -> None:
    ids = [open_repair(ledger, at(10)) for _ in range(20)]
    found: list[int] = []
    threads = [
        Thread(target=lambda: found.append(len(tick(Ledger(ledger.store, ledger.estate_id), at(10.1)).steps)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(found) == 20
    assert all(names(ledger, each).count("escalation.fired") == 1 for each in ids)


def test_written_late_but_done_in_time_takes_the_step_back(ledger: Ledger) -> None:
    ticket_id = open_repair(ledger, at(10))
    tick(ledger, at(10.1))
    event = record(ledger, ticket_id, "ticket.claimed", at(10.12), happened=at(10.05), sets={"status": "assigned"})
    assert event.late
    rows = deadlines(ledger, ticket_id)
    assert rows["repair.claim", 0].met_at == at(10.05)
    assert (rows["repair.claim", 1].open, rows["repair.claim", 1].cancelled_why) == (False, "in_time")


def test_a_late_entry_does_not_overwrite_what_came_after(ledger: Ledger) -> None:
    ticket_id = open_repair(ledger, at(10))
    record(ledger, ticket_id, "ticket.promised", at(11), sets={"promised_at": at(18)})
    record(
        ledger,
        ticket_id,
        "ticket.promised",
        at(12),
        happened=at(10.5),
        sets={"promised_at": at(15), "department": "工程部"},
    )
    with ledger.store.read() as session:
        ticket = session.get_one(Ticket, (ledger.estate_id, ticket_id))
    assert (ticket.promised_at, ticket.department) == (at(18), "工程部")
    assert (ticket.what, ticket.number) == ("主卧空调不制冷", "R-260302-001"), "rebuilt whole"


def test_an_entry_corrected_and_one_taken_back(ledger: Ledger) -> None:
    ticket_id = open_repair(ledger, at(10))
    wrong = record(ledger, ticket_id, "ticket.claimed", at(10.05), sets={"status": "assigned", "department": "绿化"})
    with ledger.write(Doing(at(10.2))) as entry:
        entry.record(Act("event.corrected", ("ticket", ticket_id), sets={"department": "工程部"}), corrects=wrong.id)
    with ledger.store.read() as session:
        assert session.get_one(Ticket, (ledger.estate_id, ticket_id)).department == "工程部"
    with ledger.write(Doing(at(10.3))) as entry:
        entry.record(Act("event.retracted", ("ticket", ticket_id)), corrects=wrong.id)
    with ledger.store.read() as session:
        assert session.get_one(Ticket, (ledger.estate_id, ticket_id)).status == "open"
    assert deadlines(ledger, ticket_id)["repair.claim", 0].open


def test_recurring_duties_after_a_week_off(ledger: Ledger) -> None:
    open_repair(ledger, at(10))
    tick(ledger, at(10))
    tick(ledger, at(10, day=3))
    with ledger.store.read() as session:
        rows = session.exec(
            select(Deadline)
            .where(Deadline.rule_id == "day.publish", Deadline.step == 0)
            .order_by(col(Deadline.starts_at))
        ).all()
        events = session.exec(
            select(Event.name).where(col(Event.name).like("duty.%"), Event.subject_type == "duty")
        ).all()
    assert [row.open for row in rows][-1]
    assert not any(row.open for row in rows[:-1]), "the earlier ones are missed, the newest stands"
    assert events.count("duty.missed") >= len(rows) - 1


def test_a_duty_is_met_by_its_event_wherever_it_is_recorded(ledger: Ledger) -> None:
    open_repair(ledger, at(10))
    tick(ledger, at(10))
    with ledger.write(Doing(at(17))) as entry:
        entry.record(Act("day.swept", ("day", new_id())))
    with ledger.store.read() as session:
        row = session.exec(select(Deadline).where(Deadline.rule_id == "day.sweep", Deadline.step == 0)).one()
    assert row.met_at == at(17)


def test_guards(ledger: Ledger) -> None:
    with pytest.raises(Refusal) as refused:
        open_repair(ledger, at(10), source="self_inspection")
    assert refused.value.code == "guard.approve"
    assert names(ledger, new_id()) == []


def test_what_was_asked_ahead_answers_once_and_never_after_a_write(ledger: Ledger) -> None:
    ticket_id = open_repair(ledger, at(9))
    question = by_key(Ticket, (ledger.estate_id, ticket_id))
    with ledger.store.write(ledger.estate_id, question) as session:
        number = session.ask(question)[0][0]["number"]
        session.connection().execute(update(Ticket).values(number="R-1"))
        assert session.ask(question)[0][0]["number"] == "R-1" != number
    with ledger.store.write(ledger.estate_id, question) as session:
        session.change(Ticket, (ledger.estate_id, ticket_id), {"number": "R-2"})
        # what it is about waits to be written: that goes first
        assert [ticket.number for ticket in session.some(Ticket, *question)] == ["R-2"]


def test_what_an_act_is_about_is_read_with_the_lock_and_counts(ledger: Ledger) -> None:
    ticket_id = open_repair(ledger, at(9))
    with ledger.write(Doing(at(10)), about=("ticket", ticket_id)) as entry:
        row = entry.row("ticket", ticket_id)
        entry.on(row, "ticket.arrived")
        entry.on(row, "ticket.completed", sets={"status": "done"})
    happened = [name for name in names(ledger, ticket_id) if name.startswith("ticket.")]
    assert happened == ["ticket.opened", "ticket.arrived", "ticket.completed"]
    with ledger.store.read() as session:
        assert session.get_one(Ticket, (ledger.estate_id, ticket_id)).status == "done"
