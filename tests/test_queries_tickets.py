"""Tickets in lists, found by number, and shown whole; the log and the callback queue beside them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from desk.errors import Refusal
from desk.procedures import verbs_of
from desk.queries.callbacks import one, open_for, queue
from desk.queries.log import EventRow, log_page
from desk.queries.status import status
from desk.queries.tickets import TicketRow, TicketView, by_number, ticket_page, ticket_view
from tests.desks import DeskForTest, make_desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> DeskForTest:
    """Two years of a small desk; nothing in these tests writes."""
    desk = make_desk(tmp_path_factory.mktemp("desk"), "residential")
    desk.open("repair", at="2025-11-24 09:00", room="3-2-501", what="门铃不响")
    desk.open("repair", at="2026-11-24 09:00", room="3-2-501", what="厨房漏水 100%", place="厨房", phone="13812342211")
    desk.open("complaint", at="2026-11-24 09:05", room="3-2-502", what="楼上夜里太吵", person_name="王芳")
    desk.open("inquiry", at="2026-11-24 09:10", what="停车_收费")
    desk.open("visit", at="2026-11-24 09:15", what="[/b] 100_ 参观", person_name="O'Neil % _")
    repair = desk.opened[1].id
    desk.do("urge", repair, at="09:20", note="孩子发烧,请快点")
    desk.do("note", repair, at="09:21", note="已告知班长")
    desk.do("complete", repair, at="10:00", result="换了密封圈", by="technician")
    return desk


def numbers(desk: DeskForTest, **filters: object) -> list[str]:
    with desk.store.read() as session:
        return [row.number for row in ticket_page(desk.ledger, session, **filters).rows]  # type: ignore[arg-type]


ALL = ["V-261124-001", "Q-261124-001", "C-261124-001", "R-261124-001", "R-251124-001"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ALL),
        ({"kind": "repair"}, ["R-261124-001", "R-251124-001"]),
        ({"status": ["done"]}, ["R-261124-001"]),
        ({"text": "漏水"}, ["R-261124-001"]),
        ({"text": "100%"}, ["R-261124-001"]),
        ({"text": "%"}, ["V-261124-001", "R-261124-001"]),
        ({"text": "_收"}, ["Q-261124-001"]),
        ({"text": "[/b]"}, ["V-261124-001"]),
        ({"text": "O'Neil"}, ["V-261124-001"]),
        ({"text": "r-26"}, ["R-261124-001"]),
        ({"text": "Ｒ－２６"}, ["R-261124-001"]),
        ({"text": "3-2-50"}, ["C-261124-001", "R-261124-001", "R-251124-001"]),
        ({"text": "2211"}, ["R-261124-001"]),
        ({"room": "3-2-501"}, ["R-261124-001", "R-251124-001"]),
        ({"room": "3栋2单元501室"}, ["R-261124-001", "R-251124-001"]),
        ({"room": "9-9-999"}, []),
        ({"text": "没有这件事"}, []),
    ],
)
def test_lists(desk: DeskForTest, filters: dict[str, object], expected: list[str]) -> None:
    assert numbers(desk, **filters) == expected


@pytest.mark.parametrize("size", [1, 2, 5])
def test_pages_join_to_the_whole(desk: DeskForTest, size: int) -> None:
    found: list[str] = []
    after = None
    with desk.store.read() as session:
        while True:
            page = ticket_page(desk.ledger, session, limit=size, after=after)
            found += [row.number for row in page.rows]
            if page.next is None:
                break
            after = page.next
    assert found == ALL


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("R-261124-001", "R-261124-001"),
        ("r-261124-001", "R-261124-001"),
        ("R-1124-001", "R-261124-001"),
        ("R-1124-1", "R-261124-001"),
        ("r1124001", "R-261124-001"),
        ("r261124001", "R-261124-001"),
        ("R251124001", "R-251124-001"),
        ("Ｒ－１１２４－００１", "R-261124-001"),
        (" C 1124 001 ", "C-261124-001"),
    ],
)
def test_a_number_as_people_say_it(desk: DeskForTest, asked: str, expected: str) -> None:
    with desk.store.read() as session:
        found = by_number(session, desk.ledger.estate_id, asked)
        assert ticket_view(desk.ledger, session, found, desk.now).row.number == expected


@pytest.mark.parametrize(
    "asked", ["", "R", "R-1125-001", "X-1124-001", "17", "'; DROP TABLE ticket; --", "%", "R-" + "9" * 500]
)
def test_a_number_nobody_has(desk: DeskForTest, asked: str) -> None:
    with desk.store.read() as session, pytest.raises(Refusal) as refused:
        by_number(session, desk.ledger.estate_id, asked)
    assert refused.value.code == "ticket.no_such"


def view(desk: DeskForTest, ticket: UUID) -> TicketView:
    with desk.store.read() as session:
        return ticket_view(desk.ledger, session, ticket, desk.now, [*verbs_of("ticket"), *verbs_of("callback")])


def test_a_ticket_shown_whole(desk: DeskForTest) -> None:
    found = view(desk, desk.opened[1].id)
    assert isinstance(found.row, TicketRow)
    assert (found.row.room, found.row.status, found.row.urges) == ("3-2-501", "done", 1)
    names = ["ticket.opened", "ticket.urged", "ticket.noted", "ticket.completed", "callback.opened"]
    assert [event.name for event in found.events if event.recorded_by] == names
    assert found.facts["owner"] == found.first_contact == "agent"
    assert {row.state for row in found.deadlines} >= {"met", "cancelled"}
    assert [(callback.status, callback.attempts) for callback in found.callbacks] == [("open", 0)]


def test_what_can_be_done_and_what_cannot_with_the_reason(desk: DeskForTest) -> None:
    states = {state.verb.name: state for state in view(desk, desk.opened[1].id).verbs}
    assert states["note"].refusal is None
    assert states["reopen"].refusal is None
    assert states["complete"].refusal is not None
    assert states["complete"].refusal.code == "ticket.not_unfinished"
    assert states["close"].refusal is not None
    assert states["close"].refusal.code == "ticket.callback_first"


def test_no_such_ticket(desk: DeskForTest) -> None:
    with desk.store.read() as session, pytest.raises(Refusal) as refused:
        ticket_view(desk.ledger, session, UUID(int=5), desk.now)
    assert refused.value.code == "subject.unknown"


def logged(desk: DeskForTest, **filters: object) -> list[EventRow]:
    with desk.store.read() as session:
        return list(log_page(desk.ledger, session, **filters).rows)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"text": "发烧"}, ["ticket.urged"]),
        ({"text": "100%"}, ["ticket.opened"]),
        ({"text": "密封圈"}, ["ticket.completed"]),
        ({"day": date(2026, 11, 24), "group": "callback"}, ["callback.opened"]),
        ({"day": date(2026, 11, 23)}, []),
        ({"name": "ticket.noted"}, ["ticket.noted"]),
        ({"text": "q-261124"}, ["ticket.opened"]),
    ],
)
def test_the_log_is_searched(desk: DeskForTest, filters: dict[str, object], expected: list[str]) -> None:
    assert [row.name for row in logged(desk, **filters)] == expected


def test_the_log_by_person(desk: DeskForTest) -> None:
    assert [row.name for row in logged(desk, by=desk.staff["technician"], system=False)] == [
        "callback.opened",
        "ticket.completed",
    ]


@pytest.mark.parametrize("oldest_first", [False, True])
@pytest.mark.parametrize("size", [1, 3])
def test_pages_of_the_log_join_to_the_whole(desk: DeskForTest, oldest_first: bool, size: int) -> None:
    whole = [row.seq for row in logged(desk, oldest_first=oldest_first)]
    found: list[int] = []
    after = None
    with desk.store.read() as session:
        while True:
            page = log_page(desk.ledger, session, oldest_first=oldest_first, limit=size, after=after)
            found += [row.seq for row in page.rows]
            if page.next is None:
                break
            after = page.next
    assert found == whole
    times = [row.happened_at for row in logged(desk, oldest_first=True)]
    assert times == sorted(times)


def test_a_row_of_the_log_has_names_numbers_and_words(desk: DeskForTest) -> None:
    row = logged(desk, name="ticket.urged")[0]
    assert (row.number, row.done_by, row.recorded_by) == ("R-261124-001", "agent", "agent")
    assert row.words == {"note": "孩子发烧,请快点"}
    assert row.facts == {"channel": "phone"}
    assert row.sets == {"urges": 1}


def test_the_callback_queue(desk: DeskForTest) -> None:
    ticket = desk.opened[1].id
    with desk.store.read() as session:
        page = queue(desk.ledger, session, desk.now)
        callback = open_for(session, desk.ledger.estate_id, ticket)
        assert page.next is None
        assert [row.number for row in page.rows] == ["R-261124-001"]
        row = page.rows[0]
        assert row == one(desk.ledger, session, callback, desk.now)
        assert queue(desk.ledger, session, desk.now, kind="complaint").rows == ()
        with pytest.raises(Refusal) as refused:
            open_for(session, desk.ledger.estate_id, desk.opened[2].id)
    assert refused.value.code == "callback.none"
    assert refused.value.params == {"number": "C-261124-001"}
    assert row.due_at == desk.time("2026-11-26 10:00")
    assert (row.what, row.room, row.phone, row.result) == ("厨房漏水 100%", "3-2-501", "13812342211", "换了密封圈")
    assert [ident for ident, _text in row.questions] == ["repaired", "on_time", "clean"]
    assert (row.attempts, row.history, row.state) == (0, (), "later")


@pytest.mark.parametrize(
    ("at", "open_now", "changes", "season"),
    [
        ("2026-03-02 10:00", True, "2026-03-02 12:00", None),
        ("2026-03-02 12:30", False, "2026-03-02 13:00", None),
        ("2026-07-01 13:10", False, "2026-07-01 13:30", "summer"),
        ("2026-03-01 10:00", False, "2026-03-02 08:00", None),
    ],
)
def test_the_status_line(tmp_path: Path, at: str, open_now: bool, changes: str, season: str | None) -> None:
    desk = make_desk(tmp_path, "residential")
    now = desk.time(at)
    with desk.store.read() as session:
        found = status(desk.ledger, session, now, desk.staff["agent"])
    assert (found.estate, found.staff, found.open_now) == ("阳光花园", "agent", open_now)
    assert desk.local(found.changes_at) == changes
    assert (found.season or {}).get("en") == season
