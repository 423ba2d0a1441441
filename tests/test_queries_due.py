"""The due board: order, states, steps that have come up, pages, and the reasons behind a row."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import func, select

from desk.models import Deadline, Event
from desk.queries.due import DueRow, counts, due_page, of_root
from desk.queries.reasons import reasons
from tests.desks import DeskForTest, make_desk


def board(desk: DeskForTest, at: str, **filters: object) -> list[DueRow]:
    now = desk.time(at)
    with desk.store.read() as session:
        return list(due_page(desk.ledger, session, now, **filters).rows)  # type: ignore[arg-type]


def said(rows: list[DueRow]) -> list[tuple[str, int, str, int]]:
    return [(row.rule_id, row.step, row.state, row.level) for row in rows]


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("10:03", [("repair.claim", 0, "soon", 0)]),
        ("10:06", [("repair.claim", 0, "overdue", 1), ("repair.claim", 1, "soon", 1)]),
        (
            "10:11",
            [("repair.claim", 0, "overdue", 2), ("repair.claim", 1, "overdue", 1), ("repair.claim", 2, "soon", 2)],
        ),
    ],
)
@pytest.mark.parametrize("ticked", [False, True])
def test_steps_come_up_whether_or_not_the_clock_has_written_them(
    desk: DeskForTest, at: str, expected: list[tuple[str, int, str, int]], ticked: bool
) -> None:
    desk.open("repair", at="10:00", room="3-2-501", what="漏水")
    if ticked:
        desk.tick(at)
    rows = [row for row in board(desk, at) if row.rule_id == "repair.claim"]
    assert said(rows) == expected


def test_looking_writes_nothing(desk: DeskForTest) -> None:
    desk.open("repair", at="10:00", room="3-2-501", what="漏水")

    def stored() -> tuple[int, int]:
        with desk.store.read() as session:
            return (
                session.exec(select(func.count()).select_from(Event)).one(),
                session.exec(select(func.count()).select_from(Deadline)).one(),
            )

    before = stored()
    assert len(board(desk, "2026-03-04 10:00")) > before[1]
    with desk.store.read() as session:
        counts(desk.ledger, session, desk.time("2026-03-04 10:00"))
    assert stored() == before


def test_a_row_says_everything_the_board_shows(desk: DeskForTest) -> None:
    ticket = desk.open("repair", at="10:00", room="3-2-501", what="主卧空调不制冷")
    row = next(row for row in board(desk, "10:01") if row.rule_id == "repair.claim")
    assert (row.number, row.ticket_id, row.kind) == ("R-260302-001", ticket, "repair")
    assert (row.what, row.room, row.by, row.who) == ("主卧空调不制冷", "3-2-501", "technician", "Repair worker")
    assert row.title == {"zh": "抢单", "en": "Claim the order"}
    assert row.source == ("S4-05", "S4-06", "D-59")
    assert row.due_at == desk.time("10:05")
    assert row.until == ("ticket.claimed", "ticket.assigned")
    assert row.gathered == 1


def test_order_is_by_time_and_notices_stand_where_they_came_up(desk: DeskForTest) -> None:
    for clock in ("10:00", "10:02", "10:04"):
        desk.open("repair", at=clock, room="3-2-501", what="漏水")
    rows = board(desk, "10:30")
    keys = [row.due_at or row.starts_at for row in rows]
    assert keys == sorted(keys)
    assert {row.state for row in rows if row.due_at is None} == {"soon"}


@pytest.mark.parametrize("ticked", [False, True])
@pytest.mark.parametrize("size", [1, 2, 7])
def test_pages_join_to_the_whole(desk: DeskForTest, size: int, ticked: bool) -> None:
    for minute in range(0, 12, 2):
        desk.open("repair", at=f"10:{minute:02d}", room="3-2-501", what="漏水")
    now = desk.time("11:00")
    if ticked:
        desk.tick("11:00")
    whole = [(row.deadline_id, row.state) for row in board(desk, "11:00")]
    found: list[tuple[UUID, str]] = []
    after = None
    with desk.store.read() as session:
        while True:
            page = due_page(desk.ledger, session, now, limit=size, after=after)
            found += [(row.deadline_id, row.state) for row in page.rows]
            assert len(page.rows) <= size
            if page.next is None:
                break
            after = page.next
    assert found == whole
    assert len(set(found)) == len(found) > 12


def test_what_is_gathered_is_one_row_with_a_count(desk: DeskForTest) -> None:
    for minute in range(3):
        desk.open("repair", at=f"10:{minute:02d}", room="3-2-501", what="漏水")
    for tick in (False, True):
        if tick:
            desk.tick("2026-03-03 11:00")
        rows = [row for row in board(desk, "2026-03-03 11:00") if row.then == "publish"]
        assert [(row.gathered, row.number, row.until) for row in rows] == [
            (3, None, ("ticket.published", "day.published"))
        ]


def test_recurring_duties_that_have_come_up_are_shown_before_the_clock_opens_them(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, "residential")
    for ticked in (False, True):
        if ticked:
            desk.tick("2026-03-04 09:00")
        rows = [row for row in board(desk, "2026-03-04 09:00") if row.rule_id == "day.report"]
        assert [(row.number, row.state, row.starts_at, row.due_at, row.form) for row in rows] == [
            (None, "later", desk.time("2026-03-04 08:00"), desk.time("2026-03-04 17:00"), "report-day")
        ]


def test_what_stands_still_comes_last_and_is_not_overdue(desk: DeskForTest) -> None:
    desk.open("repair", at="10:00", room="3-2-501", what="漏水")
    with desk.store.read() as session:
        now = desk.time("10:03")
        assert counts(desk.ledger, session, now).overdue == 0
    ticket = desk.opened[0].id
    desk.do("pause", ticket, at="10:03", reason="parts")
    rows = board(desk, "2026-03-02 17:30")
    still = [row for row in rows if row.paused]
    assert still
    assert {row.state for row in still} == {"later"}
    assert rows[-len(still) :] == still


@pytest.mark.parametrize(
    ("who", "rules"),
    [
        ("technician", {"repair.claim"}),
        ("engineering_supervisor", {"repair.claim"}),
        ("manager", set()),
        ("agent", {"day.sweep", "repair.movement", "repair.tell_code", "unfinished.publish"}),
    ],
)
@pytest.mark.parametrize("ticked", [False, True])
def test_filters_by_who(desk: DeskForTest, who: str, rules: set[str], ticked: bool) -> None:
    desk.open("repair", at="10:00", room="3-2-501", what="漏水")
    if ticked:
        desk.tick("10:07")
    found = {row.rule_id for row in board(desk, "10:07", who=who)}
    assert found == rules
    assert {row.rule_id for row in board(desk, "10:07", who=desk.staff[who])} == rules


def test_filters_by_kind(desk: DeskForTest) -> None:
    desk.open("repair", at="10:00", room="3-2-501", what="漏水")
    desk.open("incident", at="10:00", what="路灯不亮")
    assert {row.kind for row in board(desk, "10:07")} >= {"repair", "incident"}
    assert {row.kind for row in board(desk, "10:07", kind="incident")} == {"incident"}


@pytest.mark.parametrize("ticked", [False, True])
@pytest.mark.parametrize("at", ["10:03", "10:06", "10:11", "11:30", "2026-03-03 11:00"])
def test_counts_agree_with_the_board(desk: DeskForTest, at: str, ticked: bool) -> None:
    desk.open("repair", at="10:00", room="3-2-501", what="漏水")
    desk.open("complaint", at="10:01", room="3-2-502", what="吵", person_name="王芳", phone="13800000000")
    if ticked:
        desk.tick(at)
    rows = board(desk, at)
    now = desk.time(at)
    with desk.store.read() as session:
        found = counts(desk.ledger, session, now)
    assert found.overdue == sum(row.state == "overdue" for row in rows)
    assert found.soon == sum(row.state == "soon" for row in rows)
    coming = [row for row in rows if row.due_at is not None and row.due_at >= now and not row.paused]
    assert found.next == (coming[0] if coming else None)


def test_a_ticket_shows_what_was_met_and_cancelled_too(desk: DeskForTest) -> None:
    ticket = desk.open("repair", at="10:00", room="3-2-501", what="漏水")
    desk.do("cancel", ticket, at="10:03", reason="业主自行处理")
    with desk.store.read() as session:
        rows = of_root(desk.ledger, session, ("ticket", ticket), desk.time("10:04"))
    assert {row.state for row in rows} == {"cancelled"}
    assert {row.rule_id for row in rows} >= {"repair.claim", "repair.movement"}


@pytest.mark.parametrize(
    ("rule", "step", "starts", "due"), [("repair.claim", 0, "10:00", "10:05"), ("repair.claim", 1, "10:05", "10:10")]
)
def test_every_row_can_say_why(desk: DeskForTest, rule: str, step: int, starts: str, due: str) -> None:
    desk.open("repair", at="10:00", room="3-2-501", what="漏水")
    row = next(r for r in board(desk, "10:06") if (r.rule_id, r.step) == (rule, step))
    with desk.store.read() as session:
        why = reasons(desk.ledger, session, row, desk.time("10:06"))
    assert why is not None
    assert (why.starts_at, why.result.due_at) == (desk.time(starts), desk.time(due))
    assert [span.kind for span in why.result.spans] == ["counted"]


def test_a_duty_not_yet_written_can_say_why(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, "residential")
    row = next(row for row in board(desk, "2026-03-04 09:00") if row.rule_id == "day.report")
    with desk.store.read() as session:
        why = reasons(desk.ledger, session, row, desk.time("2026-03-04 09:00"))
    assert why is not None
    assert why.result.due_at == desk.time("2026-03-04 17:00")
