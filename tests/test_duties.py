"""Recurring duties done or skipped; steps acknowledged."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from desk.errors import Refusal
from desk.i18n import pick
from desk.models import Event, Subject
from desk.procedures.duties import acknowledge
from desk.queries.log import event_rows
from desk.wording.events import summary
from tests.desks import DeskForTest, make_desk

THRICE = """
extends = "residential"
[[rule]]
id = "day.patrol"
title = { zh = "巡查三次", en = "Three patrols" }
every = "each duty"
times = 3
within = "end of duty"
by = "agent"
"""


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path, "residential")


def duty(desk: DeskForTest, rule: str) -> Subject:
    """The occurrence of a duty that was opened last."""
    return [row for row in desk.subjects("duty") if row.facts["rule"] == rule][-1]


def code(call: object) -> str:
    with pytest.raises(Refusal) as caught:
        call()  # type: ignore[operator]
    return caught.value.code


@pytest.mark.parametrize(
    ("verb", "values", "status"),
    [("duty-done", {"note": "已报经理"}, "done"), ("duty-skip", {"reason": "当日无投诉报修"}, "skipped")],
)
def test_a_duty_is_done_or_skipped_once(desk: DeskForTest, verb: str, values: dict[str, Any], status: str) -> None:
    desk.tick("10:00")
    row = duty(desk, "day.report")
    assert desk.due(row.id, "day.report") == "2026-03-02 17:00"
    desk.do(verb, row.id, of="duty", at="16:00", **values)
    assert duty(desk, "day.report").status == status
    assert desk.open_rules(row.id) == []
    assert code(lambda: desk.do("duty-done", row.id, of="duty")) == "duty.over"
    assert code(lambda: desk.do("duty-skip", row.id, of="duty", reason="x")) == "duty.over"


def test_the_log_says_which_duty_was_done_skipped_or_missed(desk: DeskForTest) -> None:
    desk.tick("10:00")
    desk.do("duty-done", duty(desk, "day.report").id, of="duty", at="16:00")
    desk.tick("2026-03-03 10:00")
    desk.do("duty-skip", duty(desk, "day.report").id, of="duty", at="2026-03-03 16:00", reason="当日无投诉报修")
    desk.tick("2026-03-05 10:00")
    with desk.store.read() as session:
        events = event_rows(session, desk.ledger.estate_id, list(session.exec(select(Event).order_by(col(Event.seq)))))
    told = {row.name: row.facts["rule"] for row in events if row.subject_type == "duty"}
    assert (told["duty.done"], told["duty.skipped"]) == ("day.report", "day.report")
    assert told["duty.missed"] in desk.ledger.book.rules
    done = next(row for row in events if row.name == "duty.done")
    assert summary(done, desk.ledger.zone, desk.ledger.book).endswith(pick(desk.ledger.book.rules["day.report"].title))


def test_a_duty_of_several_times(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(THRICE, "utf-8")
    desk = make_desk(tmp_path, own)
    desk.tick("10:00")
    row = duty(desk, "day.patrol")
    for at, still in (("10:30", True), ("14:00", True), ("16:00", False)):
        desk.do("duty-done", row.id, of="duty", at=at)
        assert bool(desk.open_rules(row.id)) is still
    assert duty(desk, "day.patrol").status == "done"


def missed(desk: DeskForTest) -> UUID:
    """A repair nobody told the department of: the desk is chased at 10:30, and nobody has done it."""
    return desk.open("repair", at="10:00", what="漏水", room="3-2-501")


def test_a_step_is_acknowledged(desk: DeskForTest) -> None:
    ticket = missed(desk)
    desk.tick("10:31")
    assert "repair.tell/1" in desk.open_rules(ticket)
    acknowledge(desk.ledger, ("ticket", ticket), "repair.tell", 1, desk.doing("supervisor"), note="已电话催办\x07")
    deadline = desk.deadlines(ticket)["repair.tell/1"]
    assert deadline.met_at == desk.now
    done = desk.events(ticket)[-1]
    assert (done.name, done.facts["deadline"], done.done_by) == (
        "escalation.done",
        str(deadline.id),
        desk.staff["supervisor"],
    )
    assert desk.words(ticket, "escalation.done") == {"note": "已电话催办"}
    # the matter itself is still to be done
    assert "repair.tell" in desk.open_rules(ticket)


def test_a_step_the_clocks_hand_has_not_written_yet(desk: DeskForTest) -> None:
    ticket = missed(desk)
    desk.at("10:31")
    assert "repair.tell/1" not in desk.deadlines(ticket)
    acknowledge(desk.ledger, ("ticket", ticket), "repair.tell", 1, desk.doing("supervisor"))
    assert desk.deadlines(ticket)["repair.tell/1"].met_at == desk.now


@pytest.mark.parametrize(
    ("rule", "step", "at"), [("repair.tell", 0, "10:31"), ("repair.tell", 1, "10:20"), ("x", 1, "10:31")]
)
def test_nothing_to_acknowledge(desk: DeskForTest, rule: str, step: int, at: str) -> None:
    ticket = missed(desk)
    desk.at(at)
    before = desk.names()
    assert code(lambda: acknowledge(desk.ledger, ("ticket", ticket), rule, step, desk.doing())) == "step.none"
    assert desk.names() == before


def test_one_of_several_under_a_root(tmp_path: Path) -> None:
    """Two visits of one ticket, both missed: to acknowledge the one is not to acknowledge the other."""
    desk = make_desk(tmp_path, "residential")
    ticket = desk.open("repair", at="10:00", what="漏水", room="3-2-501", appointment=desk.time("11:00"))
    desk.do("tell", ticket, department="维修部")
    (first,) = desk.appointments(ticket)
    desk.tick("11:01")
    assert "repair.appointment/1" in desk.open_rules(ticket)
    step = ("ticket", ticket), "repair.appointment", 1, desk.doing()
    assert code(lambda: acknowledge(desk.ledger, *step, subject=ticket)) == "step.none"
    acknowledge(desk.ledger, *step, subject=first.id)
    assert "repair.appointment/1" not in desk.open_rules(ticket)
