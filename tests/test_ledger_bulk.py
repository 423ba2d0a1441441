"""Whole histories written at once are what single acts would have written."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from desk.ledger import Act, Doing, Ledger
from desk.ledger.bulk import Bulk
from desk.ledger.chain import event_hash
from desk.models import Deadline, Event, EventWord, Ticket, new_id
from tests.estate import NOW, open_estate

STEPS: list[tuple[str, timedelta, dict[str, Any]]] = [
    (
        "ticket.opened",
        timedelta(0),
        {
            "sets": {"number": "X-1", "kind": "repair", "status": "open", "dispatch": "told", "area": "in_home"},
            "words": {"what": "厨房漏水 [/b]", "phone": "13812342211", "place": None},
        },
    ),
    (
        "ticket.joined",
        timedelta(hours=1),
        {"sets": {"urges": 1}, "facts": {"channel": "phone"}, "words": {"note": "急"}},
    ),
    ("ticket.told", timedelta(hours=2), {"facts": {"told_to": "维修部", "means": "phone"}}),
    ("ticket.closed", timedelta(days=3), {"sets": {"status": "closed", "urgent": True}}),
]


def _shape(ledger: Ledger) -> tuple[Any, Any, Any, Any]:
    """Everything written, without ids, salts and hashes."""
    with ledger.store.read() as session:
        events = session.exec(select(Event).order_by(col(Event.seq))).all()
        order = {event.id: event.seq for event in events}
        roots = {event.root_id: event.root_type for event in events}
        for former, event in zip([None, *events], events, strict=False):
            assert event.prev_hash == (former.hash if former else "")
            assert event.hash == event_hash(event)
        said = [
            (each.seq, each.name, each.happened_at, each.recorded_at, each.late, each.done_by, each.recorded_by,
             each.facts, each.own, each.sets, sorted(each.digests), order[each.batch], each.rulebook_version)
            for each in events
        ]  # fmt: skip
        words = sorted((order[w.event_id], w.name, w.text) for w in session.exec(select(EventWord)))
        skip = {"id", "opened_by", "subject_id", "root_id"}
        deadlines = sorted(
            str({k: v for k, v in line.model_dump().items() if k not in skip} | {"root": roots[line.root_id]})
            for line in session.exec(select(Deadline))
        )
        tickets = [
            {k: v for k, v in ticket.model_dump().items() if k != "id"}
            for ticket in session.exec(select(Ticket).order_by(col(Ticket.number)))
        ]
    return said, words, deadlines, tickets


@pytest.mark.parametrize("manual", ["residential", "work-orders"])
def test_the_same_as_single_acts(tmp_path: Path, manual: str) -> None:
    opened_at = NOW - timedelta(days=10)
    doing = Doing(NOW, at=opened_at)
    found = []
    for way in ("single", "bulk"):
        (tmp_path / way).mkdir()
        ledger = open_estate(tmp_path / way, manual)
        ticket = Ticket(estate_id=ledger.estate_id, id=new_id(), number="X-1", kind="repair", opened_at=opened_at)
        if way == "single":
            with ledger.write(doing) as entry:
                entry.session.add(ticket)
                entry.session.flush()
                for name, after, parts in STEPS:
                    entry.record(Act(name, ("ticket", ticket.id), **parts), at=opened_at + after)
        else:
            with ledger.store.write() as session:
                bulk = Bulk(ledger, session, doing)
                history = bulk.history(ticket)
                for name, after, parts in STEPS:
                    history.record(name, opened_at + after, **parts)
                history.settle()
                bulk.close()
        said, words, deadlines, tickets = _shape(ledger)
        for row in tickets:
            row.pop("estate_id")
        ident = str(ledger.estate_id)
        found.append((said, words, [line.replace(ident, "") for line in deadlines], tickets))
        ledger.store.close()
    assert found[0] == found[1]
    assert found[0][2]


def test_the_chain_goes_on_after_a_bulk(tmp_path: Path) -> None:
    ledger = open_estate(tmp_path)
    doing = Doing(NOW)
    with ledger.store.write() as session:
        bulk = Bulk(ledger, session, doing)
        for number in range(3):
            history = bulk.history(
                Ticket(estate_id=ledger.estate_id, id=new_id(), number=f"X-{number}", kind="todo", opened_at=NOW)
            )
            history.record("ticket.opened", NOW, sets={"number": f"X-{number}", "kind": "todo"}, words={"what": "x"})
            history.settle()
        bulk.close()
    with ledger.write(doing) as entry:
        entry.record(Act("log.noted", ("log", new_id()), words={"note": "later"}))
    said, _words, _deadlines, tickets = _shape(ledger)
    assert [event[0] for event in said] == [1, 2, 3, 4]
    assert len(tickets) == 3


def test_an_earlier_event_after_a_later_one_is_a_mistake(tmp_path: Path) -> None:
    ledger = open_estate(tmp_path)
    with ledger.store.write() as session:
        bulk = Bulk(ledger, session, Doing(NOW))
        history = bulk.history(
            Ticket(estate_id=ledger.estate_id, id=new_id(), number="X-1", kind="todo", opened_at=NOW)
        )
        history.record("ticket.opened", NOW)
        with pytest.raises(ValueError, match="comes before"):
            history.record("ticket.closed", NOW - timedelta(seconds=1))
