"""The demonstration estate: everybody the manuals ask for, and something of every kind around the moment it is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from desk import demo, resources
from desk.cli import run_cli
from desk.errors import Refusal
from desk.importing.people import read_people
from desk.ledger import Ledger
from desk.ledger.chain import event_hash
from desk.models import Callback, Deadline, Estate, Event, Occupancy, Person, Room, Shift, Staff, Ticket
from desk.procedures.oncall import on_call
from desk.queries import handovers
from desk.queries.people import find_people
from desk.queries.waiting import board
from desk.rulebook import Rulebook
from desk.store import Store
from tests.commandline import founded

TUESDAY_MORNING = datetime(2026, 11, 24, 2, 24, tzinfo=UTC)
SUNDAY_NIGHT = datetime(2026, 11, 22, 15, 50, tzinfo=UTC)


@pytest.fixture(scope="module", params=["residential", "work-orders"])
def ledger(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    with Store.open(tmp_path_factory.mktemp("demo") / "desk.db", create=True) as store:
        yield demo.load(store, TUESDAY_MORNING, manual=request.param)


def _duties(book: Rulebook) -> set[str]:
    asked = {rule.by for rule in book.rules.values()}
    asked |= {step.who for rule in book.rules.values() for step in rule.missed}
    asked |= {duty for guard in book.guards for duty in guard.who}
    asked |= {kind.duty for kind in book.kinds.values() if kind.duty}
    return {duty.partition("@")[0] for duty in asked if not duty.startswith("@")}


def test_everybody_the_manual_asks_for_works_there(ledger: Ledger) -> None:
    with ledger.store.read() as session:
        there = {duty for duties in session.exec(select(Staff.duties)) for duty in duties}
    assert _duties(ledger.book) <= there


def test_rooms_and_people_are_there(ledger: Ledger) -> None:
    with ledger.store.read() as session:
        kinds = dict(session.exec(select(Room.kind, func.count()).group_by(Room.kind)).all())
        assert kinds == {"home": 60, "shop": 6, "public": 8}
        assert session.exec(select(func.count()).select_from(Person)).one() == 90
        assert session.exec(select(func.count()).select_from(Occupancy)).one() == 90
        assert [hit.room for hit in find_people(session, ledger.estate_id, "zw 2211")] == ["3-2-501"]


def test_something_of_every_kind_is_going_on(ledger: Ledger) -> None:
    with ledger.store.read() as session:
        assert set(session.exec(select(Ticket.kind))) == set(ledger.book.kinds)
        running = (col(Deadline.open).is_(True), col(Deadline.due_at).is_not(None))
        overdue = select(func.count()).where(*running, col(Deadline.due_at) <= TUESDAY_MORNING)
        soon = select(func.count()).where(
            *running,
            col(Deadline.due_at) > TUESDAY_MORNING,
            col(Deadline.due_at) <= TUESDAY_MORNING + timedelta(hours=1),
        )
        assert 4 <= session.exec(overdue).one() <= 16
        assert 2 <= session.exec(soon).one() <= 8
        assert session.exec(select(func.count()).where(col(Callback.status) == "open")).one() >= 1
        assert session.exec(select(func.count()).where(col(Shift.starts_at) > TUESDAY_MORNING)).one() >= 3


def test_its_chain_holds_and_nothing_lies_ahead(ledger: Ledger) -> None:
    with ledger.store.read() as session:
        events = session.exec(select(Event).order_by(col(Event.seq))).all()
    former = ""
    for event in events:
        assert (event.prev_hash, event.hash) == (former, event_hash(event))
        assert event.happened_at <= event.recorded_at <= TUESDAY_MORNING
        former = event.hash


def test_it_can_be_loaded_in_the_night_of_a_sunday_and_only_once(tmp_path: Path) -> None:
    with Store.open(tmp_path / "desk.db", create=True) as store:
        demo.load(store, SUNDAY_NIGHT, language="en")
        with pytest.raises(Refusal, match=r"demo\.not_empty"):
            demo.load(store, SUNDAY_NIGHT)


def test_handovers_of_the_days_before_are_signed_by_both(ledger: Ledger) -> None:
    with ledger.store.read() as session:
        rows = handovers.past(ledger, session).rows
        assert rows
        assert all(row.signed_in_at and row.reviewed_at and row.notes for row in rows)
        assert all(handovers.one(ledger, session, row.id).intact for row in rows)


def test_a_run_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "desk.db"
    monkeypatch.setattr(demo, "fill", _stop)
    assert run_cli(["demo", "--db", str(place), "--at", "2026-11-24T10:24"]) == 130
    assert not list(tmp_path.iterdir())
    Store.open(place, create=True).close()
    assert run_cli(["demo", "--db", str(place), "--at", "2026-11-24T10:24"]) == 130
    with Store.open(place) as store, store.read() as session:
        assert not session.exec(select(Estate)).all()
        assert not session.exec(select(Room)).all()


def _stop(ledger: Ledger, now: datetime) -> None:
    raise KeyboardInterrupt


def test_a_store_in_use_is_left_as_it_is(tmp_path: Path) -> None:
    run = founded(tmp_path)
    refused = run("demo", as_=None, code=1)
    assert refused.err.startswith(f"{tmp_path / 'desk.db'} holds an estate already: 阳光花园.")
    assert [row["name"] for row in run("log --day all --json").record if row["name"] == "estate.opened"] == [
        "estate.opened"
    ]


def test_its_list_of_people_is_one_that_can_be_imported() -> None:
    people = read_people(resources.path("demo/people.csv"))
    assert not people.rejects
    assert not people.unused


def test_visitors_come_where_the_manual_receives_them(tmp_path: Path) -> None:
    """The waiting board has somebody in every state it knows; a manual without it has nobody."""
    with Store.open(tmp_path / "desk.db", create=True) as store:
        ledger = demo.load(store, TUESDAY_MORNING, manual="reception")
        with store.read() as session:
            found = board(ledger, session, TUESDAY_MORNING)
    assert {row.doing for row in found.rows} == {"urgent", "waiting", "host_busy", "repair", "explaining"}
    assert [busy.phone for busy in found.busy] == [False, True]
    assert [row.name for row in found.messages] == ["何经理"]


def test_the_service_centre_has_its_box_its_night_and_its_notice(tmp_path: Path) -> None:
    with Store.open(tmp_path / "desk.db", create=True) as store:
        ledger = demo.load(store, TUESDAY_MORNING, manual="service-centre")
        with store.read() as session:
            kinds = set(session.exec(select(Ticket.kind)))
            names = set(session.exec(select(Event.name)))
            ring = [each.name for each in on_call(ledger, session, TUESDAY_MORNING)]
            there = {duty for duties in session.exec(select(Staff.duties)) for duty in duties}
    assert kinds == set(ledger.book.kinds)
    assert {"box.opened", "box.emptied", "oncall.coming", "notice.issued", "opinion.passed_on"} <= names
    assert sorted(ring) == ["刘强", "孙伟", "郑刚"]
    assert _duties(ledger.book) <= there
