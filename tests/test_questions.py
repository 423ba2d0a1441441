"""Specialist questions and their promised replies; people who come or call for somebody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from desk import procedures
from desk.errors import Refusal
from tests.desks import DeskForTest, make_desk


@pytest.fixture
def counter(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path, "residential")


def test_a_specialist_question_from_asking_to_answer(counter: DeskForTest) -> None:
    ticket = counter.open("inquiry", at="10:00", what="中央空调能效怎么算", specialist=True)
    assert counter.due(ticket, "inquiry.consult") == "2026-03-02 10:30"
    counter.do("consult", ticket, at="10:05", whom="specialist", note="周工在现场")
    assert "inquiry.consult" in counter.open_rules(ticket)
    counter.do("agree-reply", ticket, at="10:10", reply_at=counter.time("2026-03-04 15:30"))
    assert "inquiry.consult" not in counter.open_rules(ticket)
    assert counter.due(ticket, "inquiry.reply") == "2026-03-04 15:30"
    counter.do("agree-reply", ticket, at="2026-03-04 09:00", reply_at=counter.time("2026-03-05 10:00"))
    assert counter.due(ticket, "inquiry.reply") == "2026-03-05 10:00"
    counter.do("answer", ticket, at="2026-03-05 09:30", answer="按季节能效比")
    assert counter.deadlines(ticket)["inquiry.reply"].met_at == counter.now
    assert counter.ticket(ticket).status == "closed"
    assert counter.events(ticket)[-1].facts["reason"] == "answered"


def test_a_broken_promise_is_reported(counter: DeskForTest) -> None:
    ticket = counter.open("inquiry", what="?", specialist=True)
    counter.do("agree-reply", ticket, reply_at=counter.time("15:00"))
    counter.tick("15:01")
    assert "inquiry.reply/1" in counter.open_rules(ticket)


def test_consulting_makes_it_a_specialist_question(counter: DeskForTest) -> None:
    ticket = counter.open("inquiry", at="10:00", what="?")
    assert "inquiry.consult" not in counter.open_rules(ticket)
    counter.do("consult", ticket, at="10:10", specialist="设计院王工")
    assert counter.due(ticket, "inquiry.consult") == "2026-03-02 10:30"
    assert counter.words(ticket, "ticket.consulted") == {"specialist_name": "设计院王工"}


def test_a_visitor_is_passed_on_and_received(counter: DeskForTest) -> None:
    ticket = counter.open("visit", at="10:00", what="消防检查", official=True, person_name="消防队")
    assert counter.due(ticket, "visit.host") == "2026-03-02 10:05"
    counter.do("pass-on", ticket, at="10:02", whom="manager")
    assert "visit.host" not in counter.open_rules(ticket)
    counter.do("receive", ticket, at="10:20", by="manager")
    assert counter.ticket(ticket).status == "closed"


def test_what_is_answered_may_stay_open(counter: DeskForTest) -> None:
    ticket = counter.open("inquiry", what="?")
    counter.do("answer", ticket, answer="先这样", keep_open=True)
    assert counter.ticket(ticket).status == "open"


@pytest.mark.parametrize(
    ("kind", "verb", "values", "code"),
    [
        ("inquiry", "consult", {}, "question.whom"),
        ("inquiry", "agree-reply", {}, "value.missing"),
        ("inquiry", "agree-reply", {"reply_at": "2026-03-02 09:00"}, "value.past"),
        ("inquiry", "answer", {}, "value.missing"),
        ("inquiry", "pass-on", {"whom": "manager"}, "verb.not_here"),
        ("visit", "pass-on", {}, "visit.whom"),
        ("visit", "consult", {"whom": "specialist"}, "verb.not_here"),
    ],
)
def test_refusals(counter: DeskForTest, kind: str, verb: str, values: dict[str, Any], code: str) -> None:
    ticket = counter.open(kind, what="?")
    if "reply_at" in values:
        values = {"reply_at": counter.time(values["reply_at"])}
    with pytest.raises(Refusal) as refused:
        counter.do(verb, ticket, **values)
    assert refused.value.code == code


def test_only_kinds_whose_intake_asks_are_offered_these(counter: DeskForTest) -> None:
    offered = {
        kind: {
            name
            for name in ("consult", "agree-reply", "answer", "pass-on", "receive")
            if procedures.VERBS["ticket", name].applies(
                counter.ledger.book, counter.ticket(counter.open(kind, what="?", room="3-2-501"))
            )
        }
        for kind in counter.ledger.book.kinds
    }
    assert {kind for kind, verbs in offered.items() if verbs} == {"inquiry", "visit"}
