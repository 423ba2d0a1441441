"""Stores of any size, made quickly and honestly: every event chained, every present row as its events say.

    python -m benchmarks.stores FOLDER --tickets 1000000 --open 20000

Rows are inserted in bulk, past the procedures: what is measured is reading and opening, not filling.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import insert

from desk import resources
from desk.ledger import Ledger
from desk.ledger.chain import event_hash, ordered
from desk.models import Deadline, Estate, Event, Occupancy, Person, Phone, Recurrence, Room, SearchKey, Ticket, new_id
from desk.pinyin import person_keys, room_keys
from desk.procedures.estate import open_estate
from desk.procedures.people import StaffData
from desk.store import Store

NOW = datetime(2026, 11, 20, 2, 24, tzinfo=UTC)
"""Friday, 10:24 at the estate: what a console on such a store takes for the present."""

WHAT = (
    "厨房水槽漏水",
    "主卧空调不制冷",
    "楼道灯不亮",
    "门禁刷卡没反应",
    "卫生间地漏反味",
    "阳台窗户关不严",
    "电梯异响",
    "楼上半夜吵闹",
)
_CHUNK = 20_000


def make(folder: Path, tickets: int, open_deadlines: int, *, people: int = 3000) -> Path:
    """A store with ``tickets`` closed tickets but for ``open_deadlines`` still open; made once, then kept."""
    path = folder / f"desk-{tickets}-{open_deadlines}.db"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    store = Store.open(part, create=True)
    staff = [StaffData(name="李静", duties=("agent", "supervisor")), StaffData(name="王强", duties=("technician",))]
    book = resources.path("rulebooks/work-orders.toml")
    ledger = open_estate(store, "阳光花园", book, None, "zh_CN", staff, NOW - timedelta(days=400))
    _fill_people(store, ledger.estate_id, people)
    _fill_tickets(store, ledger.estate_id, tickets, open_deadlines)
    _hold_duties(ledger)
    store.close()
    part.rename(path)
    return path


def _hold_duties(ledger: Ledger) -> None:
    """A store lies for months between two benchmarks; its recurring duties would all come up at the first start."""
    with ledger.store.write() as session:
        for rule in ledger.book.recurring:
            session.add(Recurrence(estate_id=ledger.estate_id, rule_id=rule.id, upto=NOW + timedelta(days=36500)))


def _fill_people(store: Store, estate_id: Any, people: int) -> None:
    rows: dict[Any, list[dict[str, Any]]] = {t: [] for t in (Room, Person, Occupancy, Phone, SearchKey)}
    chance = random.Random(3)
    for n in range(people):
        room, person = new_id(), new_id()
        code = f"{n // 400 + 1}-{n // 100 % 4 + 1}-{n % 100 // 4 + 1}{n % 4 + 1:02d}"
        name = (
            chance.choice("王李张刘陈杨赵黄周吴") + chance.choice("伟芳娜敏静丽强磊军洋") + chance.choice("明华平国建")
        )
        phone = f"138{chance.randrange(10**8):08d}"
        own = {"estate_id": estate_id}
        rows[Room].append(
            {
                **own,
                "id": room,
                "code": code,
                "kind": "home",
                "building": "",
                "unit": "",
                "number": "",
                "project": "",
                "note": "",
            }
        )
        rows[Person].append({**own, "id": person, "name": name, "note": ""})
        rows[Occupancy].append({**own, "person_id": person, "room_id": room, "role": "owner"})
        rows[Phone].append({**own, "person_id": person, "position": 0, "number": phone, "reversed": phone[::-1]})
        rows[SearchKey] += [{**own, "owner_id": person, "owner_type": "person", "key": k} for k in person_keys(name)]
        rows[SearchKey] += [{**own, "owner_id": room, "owner_type": "room", "key": k} for k in room_keys(code)]
    with store.write() as session:
        for table, lines in rows.items():
            session.execute(insert(table), lines)


def _fill_tickets(store: Store, estate_id: Any, tickets: int, still_open: int) -> None:
    with store.read() as session:
        estate = session.get_one(Estate, estate_id)
        seq, head = estate.head_seq, estate.head_hash
    lines: dict[Any, list[dict[str, Any]]] = {Ticket: [], Event: [], Deadline: []}
    for ticket, events, deadline in _tickets(estate_id, tickets, still_open):
        for event in events:
            seq += 1
            event["seq"], event["prev_hash"] = seq, head
            event["hash"] = head = event_hash(cast("Event", SimpleNamespace(**event)))
            lines[Event].append(event)
        lines[Ticket].append(ticket)
        lines[Deadline].append(deadline)
        if len(lines[Ticket]) >= _CHUNK:
            _flush(store, estate_id, lines, seq, head)
    _flush(store, estate_id, lines, seq, head)


def _flush(store: Store, estate_id: Any, lines: dict[Any, list[dict[str, Any]]], seq: int, head: str) -> None:
    with store.write() as session:
        for table, rows in lines.items():
            if rows:
                session.execute(insert(table), rows)
                rows.clear()
        estate = session.get_one(Estate, estate_id)
        estate.head_seq, estate.head_hash = seq, head
        session.add(estate)


_Row = dict[str, Any]


def _tickets(estate_id: Any, tickets: int, still_open: int) -> Iterator[tuple[_Row, list[_Row], _Row]]:
    """Rows as plain dictionaries: a million objects of the models would take an hour."""
    chance = random.Random(5)
    step = timedelta(days=380) / tickets
    like_ticket, like_deadline = _blank(Ticket), _blank(Deadline)
    more = {"dispatch": "pool", "callback": "after_close", "area": "in_home", "repair_class": "other"}
    facts = {"kind": "repair", "status": "open", "urgent": False, "emergency": False, **more}
    for n in range(tickets):
        opened = NOW - timedelta(days=380) + step * n
        is_open = n >= tickets - still_open
        closed = None if is_open else opened + timedelta(hours=chance.uniform(0.2, 30))
        ident = new_id()
        ticket = {
            **like_ticket, "estate_id": estate_id, "id": ident, "number": f"R-{opened:%y%m%d}-{n:07d}", "kind": "repair",
            "status": "assigned" if is_open else "closed", "opened_at": opened, "closed_at": closed, "completed_at": closed,
            "what": WHAT[n % len(WHAT)], "room_text": f"{n % 12 + 1}-1-{n % 30 + 1}01", "department": "工程部", "facts": more,
        }  # fmt: skip
        events = [_event(estate_id, ident, "ticket.opened", opened, facts)]
        if closed is not None:
            events.append(_event(estate_id, ident, "ticket.completed", closed, {**facts, "status": "closed"}))
        due = NOW + timedelta(minutes=chance.uniform(-600, 6000)) if is_open else opened + timedelta(hours=24)
        deadline = {
            **like_deadline, "estate_id": estate_id, "id": new_id(), "rule_id": "unfinished.publish",
            "opened_by": events[0]["id"], "subject_type": "ticket", "subject_id": ident, "root_type": "ticket",
            "root_id": ident, "by": "agent", "starts_at": opened, "due_at": due, "met_at": closed, "open": is_open,
            "rulebook_version": 1,
        }  # fmt: skip
        yield ticket, events, deadline


def _event(estate_id: Any, ticket_id: Any, name: str, at: datetime, facts: _Row) -> _Row:
    ident = new_id()
    return {
        "estate_id": estate_id, "id": ident, "seq": 0, "name": name, "happened_at": at, "recorded_at": at, "late": False,
        "done_by": None, "recorded_by": None, "subject_type": "ticket", "subject_id": ticket_id, "root_type": "ticket",
        "root_id": ticket_id, "facts": ordered(facts), "own": [], "sets": {}, "digests": {}, "corrects": None, "batch": ident,
        "rulebook_version": 1, "prev_hash": "", "hash": "",
    }  # fmt: skip


def _blank(table: Any) -> _Row:
    """A row's columns at their defaults."""
    return {
        name: None if info.is_required() else info.get_default(call_default_factory=True)
        for name, info in table.model_fields.items()
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tickets", type=int, default=10_000)
    parser.add_argument("--open", type=int, default=200)
    given = parser.parse_args()
    began = time.perf_counter()
    print(make(given.folder, given.tickets, given.open), f"{time.perf_counter() - began:.1f} s")
