"""Registers, totals, targets and slips."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from rich.cells import cell_len

from desk.queries.rates import missing_callbacks, rates
from desk.queries.reports import day_of, month_of, people, register, totals
from desk.queries.slips import FORMS, slip_text, wrapped
from desk.queries.tickets import ticket_view
from tests.desks import DeskForTest, make_desk

LONG = "主卧空调不制冷,外机有异响 " * 6 + "and a long line of English words to be broken at its blanks"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> DeskForTest:
    desk = make_desk(tmp_path_factory.mktemp("desk"), "residential")
    first = desk.open(
        "repair", at="2026-03-02 10:00", room="3-2-501", what=LONG, person_name="张伟", phone="13812342211"
    )
    second = desk.open("repair", at="2026-03-02 11:00", room="3-2-502", what="门铃不响", warranty="in")
    third = desk.open(
        "complaint",
        at="2026-03-03 09:00",
        what="楼上夜里太吵",
        person_name="王芳",
        event_time="昨晚十一点",
        demand="请楼上注意",
        complained_person="3-2-602 住户",
        complained_department="秩序维护部",
        channel="phone",
    )
    desk.open("repair", at="2026-04-01 00:00", room="3-2-501", what="四月的")
    desk.do("complete", first, at="2026-03-02 12:00", result="加氟", materials="R32 一瓶", by="technician")
    desk.do("complete", second, at="2026-03-02 15:00", by="technician")
    desk.do(
        "callback",
        desk.callbacks(first)[0].id,
        of="callback",
        at="2026-03-03 10:00",
        outcome="satisfied",
        means="phone",
        answers={"repaired": True, "on_time": True, "clean": True},
        opinion="很满意",
    )
    desk.do("send-sheet", third, at="2026-03-03 09:30", department="秩序维护部", matter="请核实并劝阻")
    return desk


def test_the_repair_register(desk: DeskForTest) -> None:
    with desk.store.read() as session:
        since, until = month_of(desk.ledger, date(2026, 3, 15))
        page = register(desk.ledger, session, ["repair"], since, until)
        parts = register(desk.ledger, session, ["repair"], since, until, limit=1)
        rest = register(desk.ledger, session, ["repair"], since, until, limit=1, after=parts.next)
    assert [row.number for row in page.rows] == ["R-260302-001", "R-260302-002"]
    assert (*parts.rows, *rest.rows) == page.rows
    first, second = page.rows
    assert (first.room, first.person, first.result, first.outcome, first.opinion) == (
        "3-2-501",
        "张伟",
        "加氟",
        "satisfied",
        "很满意",
    )
    assert (second.warranty, second.outcome, second.completed_at) == ("in", None, desk.time("2026-03-02 15:00"))


def test_the_complaint_register_names_the_department_complained_of(desk: DeskForTest) -> None:
    with desk.store.read() as session:
        page = register(desk.ledger, session, ["complaint"], *day_of(desk.ledger, date(2026, 3, 3)))
    assert [(row.number, row.person, row.department) for row in page.rows] == [("C-260303-001", "王芳", "秩序维护部")]


def test_the_months_totals(desk: DeskForTest) -> None:
    with desk.store.read() as session:
        found = {row.kind: row for row in totals(desk.ledger, session, *month_of(desk.ledger, date(2026, 3, 1)))}
        assert totals(desk.ledger, session, *month_of(desk.ledger, date(2026, 5, 1))) == []
    repair = found["repair"]
    assert (repair.opened, repair.completed, repair.unfinished, repair.called_back, repair.satisfied) == (2, 2, 0, 1, 1)
    assert repair.mean == timedelta(hours=3)
    assert (found["complaint"].opened, found["complaint"].unfinished, found["complaint"].mean) == (1, 1, None)


def test_targets_are_measured(desk: DeskForTest) -> None:
    with desk.store.read() as session:
        found = {rate.id: rate for rate in rates(desk.ledger, session, desk.time("2026-03-31 23:00"))}
        still = missing_callbacks(desk.ledger, session, *month_of(desk.ledger, date(2026, 3, 1)))
    rate = found["repair_callback_rate"]
    assert (rate.value, rate.count, rate.met, rate.since) == (0.5, 2, False, desk.time("2026-03-01 00:00"))
    assert found["on_duty"].met is False
    assert still == [desk.opened[1].id]


def test_month_ends_where_the_next_begins(desk: DeskForTest) -> None:
    assert month_of(desk.ledger, date(2026, 12, 31)) == (desk.time("2026-12-01 00:00"), desk.time("2027-01-01 00:00"))


def slip(desk: DeskForTest, ticket: int, form: str | None = None, width: int = 40) -> str:
    with desk.store.read() as session:
        view = ticket_view(desk.ledger, session, desk.opened[ticket].id, desk.now)
        return slip_text(desk.ledger, view, desk.now, form=form, width=width)


@pytest.mark.parametrize("width", [24, 32, 40, 80])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("ticket", [0, 1, 2])
def test_no_line_of_a_slip_is_wider_than_the_paper(desk: DeskForTest, ticket: int, form: str, width: int) -> None:
    for line in slip(desk, ticket, form, width).splitlines():
        assert cell_len(line) <= width, line


@pytest.mark.parametrize(
    ("ticket", "form", "parts"),
    [
        (
            0,
            None,
            ["Work order", "R-260302-001", "加氟", "R32 一瓶", "Outcome: Satisfied", "很满意", "Resident's signature"],
        ),
        (1, None, ["In warranty", "Worker's signature"]),
        (2, None, ["Complaint record", "昨晚十一点", "3-2-602 住户", "请楼上注意", "Work contact sheet sent"]),
        (2, "sheet", ["Work contact sheet", "秩序维护部", "请核实并劝阻", "Sent by: agent", "Reply: ____"]),
    ],
)
def test_slips_say_what_the_forms_ask(desk: DeskForTest, ticket: int, form: str | None, parts: list[str]) -> None:
    text = slip(desk, ticket, form)
    for part in parts:
        assert part in text, text


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, []),
        ("abc", 10, ["abc"]),
        ("one two three", 8, ["one two", "three"]),
        ("漏水漏水漏", 4, ["漏水", "漏水", "漏"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
    ],
)
def test_wrapping_by_cells(text: str, width: int, lines: list[str]) -> None:
    assert wrapped(text, width) == lines


def test_everybody_the_estate_serves(desk: DeskForTest) -> None:
    with desk.store.read() as session:
        whole = people(desk.ledger, session)
        first = people(desk.ledger, session, limit=1)
        rest = people(desk.ledger, session, after=first.next)
    assert (*first.rows, *rest.rows) == whole.rows
    assert {(row.room, row.role) for row in whole.rows} >= {("3-2-501", "owner")}
    assert all(row.name and row.phones for row in whole.rows)
