"""A lift out of order, people trapped in it (S4-24, D-63)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from desk.errors import Refusal
from tests.desks import DeskForTest, make_desk


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path)


def test_people_trapped_from_the_call_to_their_freeing(desk: DeskForTest) -> None:
    order = desk.open("incident", at="10:00", what="电梯困人", place="3栋2单元", lift=True, trapped=True)
    assert desk.ticket(order).emergency
    at_once = {"lift.calm", "lift.contact", "lift.rescue"}
    assert at_once <= set(desk.open_rules(order))
    assert {desk.due(order, rule) for rule in at_once} == {"2026-03-02 10:01"}
    acts: list[tuple[str, dict[str, Any]]] = [
        ("calm", {"means": "phone", "note": "两人,一人胸闷"}),
        ("tell-lift", {"contact": "维保联系人", "means": "phone"}),
        ("send-rescue", {"whom": "technician", "who": "保安两人"}),
    ]
    for verb, values in acts:
        desk.do(verb, order, by="engineering_supervisor", **values)
    assert not at_once & set(desk.open_rules(order))
    desk.do("rescue-arrived", order, at="10:06")
    desk.do("freed", order, at="10:20", note="均无恙")
    ticket = desk.ticket(order)
    assert (ticket.facts["rescue"], ticket.facts["trapped"]) == ("freed", True)
    assert [name for name in desk.names(order) if name.startswith("rescue.")] == [
        "rescue.calmed", "rescue.lift_contact_told", "rescue.sent", "rescue.arrived", "rescue.freed",
    ]  # fmt: skip
    facts = str([event.facts | event.sets for event in desk.events(order)])
    assert "维保联系人" not in facts
    assert "保安" not in facts


def test_nobody_told_in_a_minute_goes_up(desk: DeskForTest) -> None:
    order = desk.open("incident", at="10:00", what="电梯停运", lift=True)
    assert "lift.calm" not in desk.deadlines(order)
    steps = desk.tick("10:01:30").steps
    assert {(step.rule_id, step.by) for step in steps} >= {
        ("lift.contact", "engineering_supervisor"),
        ("lift.rescue", "engineering_supervisor"),
    }
    desk.tick("10:02:30")
    assert desk.deadlines(order)["lift.rescue/2"].by == "manager"
    desk.do("report", order, whom="manager", at="10:03")
    assert not desk.deadlines(order)["lift.rescue/2"].open


@pytest.mark.parametrize(
    ("facts", "verb", "code"),
    [
        ({}, "calm", "verb.not_here"),
        ({}, "send-rescue", "verb.not_here"),
        ({"lift": True}, "calm", "verb.not_here"),
        ({"lift": True}, "freed", "verb.not_here"),
        ({"lift": True}, "tell-lift", None),
        ({"trapped": True}, "calm", None),
        ({"trapped": True}, "send-rescue", None),
    ],
)
def test_only_where_there_is_something_to_rescue(
    desk: DeskForTest, facts: dict[str, Any], verb: str, code: str | None
) -> None:
    order = desk.open("incident", what="电梯", **facts)
    if code is None:
        desk.do(verb, order)
        return
    with pytest.raises(Refusal) as caught:
        desk.do(verb, order)
    assert caught.value.code == code


def test_freed_once(desk: DeskForTest) -> None:
    order = desk.open("incident", what="电梯困人", trapped=True)
    desk.do("freed", order)
    with pytest.raises(Refusal, match=r"rescue\.over"):
        desk.do("freed", order)
