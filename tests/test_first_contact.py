"""First-contact ownership: who heard it first, who follows it up, how it is handed down, and when it may be closed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from desk import i18n, procedures, resources
from desk.errors import Refusal
from desk.procedures.handover import sign_out
from desk.procedures.shifts import plan_shift
from desk.queries.handovers import sheet as handover_sheet
from desk.queries.responsible import Call, call_list, responsible
from desk.wording import sentence
from tests.desks import DeskForTest, make_desk

HOLDS: dict[str, Any] = {"result": "换了垫圈", "materials": "垫圈1个", "charge": 0}


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path, "serviced-apartment")


@pytest.fixture
def matter(desk: DeskForTest) -> UUID:
    return desk.open("repair", at="10:00", room="3-2-501", what="水龙头滴水")


def done(desk: DeskForTest, matter: UUID) -> None:
    """The whole way to a checked slip."""
    desk.do("relay", matter, to="technician", at="10:01")
    desk.do("sign-out", matter, by="technician", at="10:03")
    desk.do("arrive", matter, by="technician", at="10:08")
    desk.do("complete", matter, by="technician", at="10:30", **HOLDS)
    desk.do("sign-off", matter, by="technician", at="10:32", signed_by="业主1")
    desk.do("return-slip", matter, at="10:35")
    desk.do("check-slip", matter, at="10:35")


# -- who heard it first --------------------------------------------------------------------------------------


def test_whoever_takes_it_down_owns_it(desk: DeskForTest, matter: UUID) -> None:
    ticket = desk.ticket(matter)
    assert ticket.first_contact == ticket.owner == desk.staff["agent"]


def test_a_colleague_away_from_the_desk_is_the_first_contact(desk: DeskForTest) -> None:
    """Heard in the corridor at 9:50, written up at the desk at 10:00 (S3-12, S3-13)."""
    desk.at("10:00")
    matter = desk.open(
        "cleaning",
        what="大堂地面有水",
        source="department",
        first_contact=desk.staff["security"],
        received_at=desk.time("09:50"),
    )
    ticket = desk.ticket(matter)
    assert ticket.first_contact == ticket.owner == desk.staff["security"]
    opening = desk.events(matter)[:2]
    assert [(event.name, desk.local(event.happened_at)) for event in opening] == [
        ("ticket.came_in", "2026-03-02 09:50"),
        ("ticket.opened", "2026-03-02 10:00"),
    ]
    assert opening[1].recorded_by == desk.staff["agent"]


@pytest.mark.parametrize(("seconds", "late"), [(20, False), (60, False), (90, True)])
def test_entered_within_a_minute_of_coming_in(desk: DeskForTest, seconds: int, late: bool) -> None:
    now = desk.at("10:00")
    came = now - (desk.time("10:01") - now) * seconds / 60
    matter = desk.open("help", what="忘带房卡", received_at=came)
    entered = desk.deadlines(matter)["entry.minute"]
    assert entered.met_at == now
    assert entered.due_at is not None
    assert (entered.met_at > entered.due_at) is late


@pytest.mark.parametrize(
    ("given", "customer"),
    [({}, "outside"), ({"source": "internal"}, "inside"), ({"source": "leader"}, "outside"),
     ({"source": "department"}, "outside"), ({"source": "desk"}, "outside"),
     ({"source": "department", "customer": "inside"}, "inside")],
)  # fmt: skip
def test_customers_outside_and_inside(desk: DeskForTest, given: dict[str, Any], customer: str) -> None:
    assert desk.ticket(desk.open("help", what="求助", **given)).facts["customer"] == customer


def test_nobody_unknown_is_the_first_contact(desk: DeskForTest) -> None:
    with pytest.raises(Refusal, match=r"staff\.unknown"):
        desk.open("help", what="求助", first_contact=UUID(int=7))


# -- handed down ---------------------------------------------------------------------------------------------


def test_delegated_step_by_step_and_the_first_is_never_lost(desk: DeskForTest, matter: UUID) -> None:
    desk.do("delegate", matter, to="engineering_supervisor", node="换管", at="10:05")
    assert desk.ticket(matter).owner == desk.staff["agent"]  # until it is taken over
    row = desk.deadlines(matter)["delegation.taken"]
    assert (desk.local(row.due_at), row.staff_id) == ("2026-03-02 10:10", desk.staff["engineering_supervisor"])
    with pytest.raises(Refusal, match=r"transfer\.not_theirs"):
        desk.do("take-over", matter, by="technician")
    desk.do("take-over", matter, by="engineering_supervisor", at="10:07")
    desk.do("delegate", matter, to="technician", by="engineering_supervisor", at="10:08")
    desk.do("take-over", matter, by="technician", at="10:09")
    ticket = desk.ticket(matter)
    people = [desk.staff[name] for name in ("agent", "engineering_supervisor", "technician")]
    assert (ticket.first_contact, ticket.owner) == (people[0], people[2])
    assert ticket.facts["chain"] == [str(person) for person in people]
    assert "delegation.taken" not in desk.open_rules(matter)


def test_declined_it_stays_where_it_was(desk: DeskForTest, matter: UUID) -> None:
    desk.do("delegate", matter, to="technician", at="10:05")
    desk.do("decline", matter, by="technician", reason="手上有紧急件", at="10:06")
    assert desk.ticket(matter).owner == desk.staff["agent"]
    assert "delegation.taken" not in desk.open_rules(matter)
    with pytest.raises(Refusal, match=r"transfer\.none"):
        desk.do("take-over", matter, by="technician")


def test_not_to_oneself_and_not_when_it_is_over(desk: DeskForTest, matter: UUID) -> None:
    with pytest.raises(Refusal, match=r"transfer\.same"):
        desk.do("delegate", matter, to="agent")
    desk.do("cancel", matter, reason="误报")
    with pytest.raises(Refusal, match=r"ticket\.over"):
        desk.do("delegate", matter, to="technician")


def test_where_one_delegates_nobody_simply_transfers(desk: DeskForTest, matter: UUID, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"verb\.not_here"):
        desk.do("transfer", matter, to="technician")
    (tmp_path / "other").mkdir()
    other = make_desk(tmp_path / "other")
    order = other.open("repair", what="灯不亮", room="东门岗")
    with pytest.raises(Refusal, match=r"verb\.not_here"):
        other.do("delegate", order, to="technician")
    other.do("transfer", order, to="supervisor")
    other.do("take-over", order, by="technician")  # there it may be noted by anybody
    assert other.ticket(order).owner == other.staff["supervisor"]


def test_the_follow_up_passes_with_the_shift(desk: DeskForTest, matter: UUID) -> None:
    """What the one who leaves follows passes on; what was delegated stays; the first contact stays (S3-09)."""
    delegated = desk.open("cleaning", what="地毯有污渍", at="10:05")
    desk.do("delegate", delegated, to="cleaner", at="10:06")
    desk.do("take-over", delegated, by="cleaner", at="10:07")
    now = desk.at("18:00")
    with desk.store.read() as session:
        sheet = handover_sheet(desk.ledger, session, desk.staff["agent"], desk.time("08:00"), now)
    handover = sign_out(desk.ledger, sheet.snapshot, desk.doing("agent", confirmed=True))
    desk.do("sign-in", handover, of="handover", by="agent2", at="18:05")
    ticket = desk.ticket(matter)
    assert (ticket.first_contact, ticket.owner) == (desk.staff["agent"], desk.staff["agent2"])
    assert ticket.facts["chain"] == [str(desk.staff["agent"]), str(desk.staff["agent2"])]
    assert "ticket.followed_on" in desk.names(matter)
    assert "ticket.followed_on" not in desk.names(delegated)
    assert desk.ticket(delegated).owner == desk.staff["cleaner"]


# -- replied, agreed, closed ---------------------------------------------------------------------------------


def test_asked_above_the_source_has_its_reply_in_five_minutes(desk: DeskForTest) -> None:
    matter = desk.open("inquiry", what="能不能延迟退房", at="10:00")
    assert desk.due(matter, "reply.at_once") == "2026-03-02 10:05"
    desk.do("ask-supervisor", matter, whom="supervisor", question="延到几点", at="10:02")
    assert desk.due(matter, "reply.after_asking") == "2026-03-02 10:07"
    assert "reply.at_once" not in desk.open_rules(matter)
    desk.do("answer-source", matter, answer="可延到14点", means="phone", at="10:06")
    assert desk.open_rules(matter) == []


def test_a_question_answered_closes_once_the_source_agrees(desk: DeskForTest) -> None:
    matter = desk.open("inquiry", what="停车怎么收费", at="10:00")
    with pytest.raises(Refusal, match=r"guard\.ask"):
        desk.do("answer", matter, answer="每小时5元", at="10:01")
    desk.do("answer", matter, answer="每小时5元", at="10:01", confirmed=True)
    assert desk.ticket(matter).status == "closed"
    assert desk.open_rules(matter) == []


def test_nothing_is_closed_before_the_source_agrees(desk: DeskForTest, matter: UUID) -> None:
    with pytest.raises(Refusal, match=r"ticket\.callback_first"):
        desk.do("close", matter)
    done(desk, matter)
    (callback,) = desk.callbacks(matter)
    desk.do("callback", callback.id, of="callback", outcome="satisfied", at="10:36")
    ticket = desk.ticket(matter)
    assert (ticket.status, ticket.facts["source_agreed"]) == ("closed", True)
    assert desk.open_rules(matter) == []


def test_content_but_not_agreed_stays_open(desk: DeskForTest, matter: UUID) -> None:
    done(desk, matter)
    (callback,) = desk.callbacks(matter)
    answers = {"repaired": True, "charged": True, "agrees": False}
    desk.do("callback", callback.id, of="callback", outcome="satisfied", answers=answers, at="10:36")
    assert desk.ticket(matter).status == "done"
    desk.do("source-agrees", matter, who="业主1", means="visit", at="11:30")
    assert desk.ticket(matter).status == "closed"


def test_not_spoken_with_is_not_agreed(desk: DeskForTest, matter: UUID) -> None:
    """Who refuses to talk has agreed to nothing: somebody goes and asks (S3-40, S3-41)."""
    done(desk, matter)
    (callback,) = desk.callbacks(matter)
    for minute in range(36, 56, 2):
        desk.do("callback", callback.id, of="callback", outcome="unanswered", at=f"10:{minute}")
    assert desk.callbacks(matter)[0].status == "open"
    desk.do("callback", callback.id, of="callback", outcome="refused", at="11:00")
    assert desk.ticket(matter).status == "done"
    assert desk.due(matter, "close.agreement") == "2026-03-02 11:30"
    desk.do("source-agrees", matter, means="visit", at="11:20")
    assert desk.ticket(matter).status == "closed"
    assert desk.open_rules(matter) == []


def test_the_source_may_agree_early(desk: DeskForTest, matter: UUID) -> None:
    """Agreeing at the door does not spare the callback, and what is taken up again must be agreed with anew."""
    done(desk, matter)
    desk.do("source-agrees", matter, at="10:36")
    assert desk.ticket(matter).status == "done"
    (callback,) = desk.callbacks(matter)
    desk.do("callback", callback.id, of="callback", outcome="unsatisfied", why="又滴了", at="10:37")
    ticket = desk.ticket(matter)
    assert (ticket.status, ticket.facts["source_agreed"], ticket.facts["slip"]) == ("open", False, "none")


def test_why_it_cannot_be_closed_is_a_sentence(desk: DeskForTest, matter: UUID) -> None:
    i18n.install("en")
    with pytest.raises(Refusal) as caught:
        desk.do("take-over", matter, by="technician")
    assert "offered" in sentence(caught.value)


# -- passed on, rung, directed -------------------------------------------------------------------------------


def calls(desk: DeskForTest, matter: UUID) -> list[Call]:
    with desk.store.read() as session:
        return call_list(desk.ledger, session, desk.ticket(matter), desk.now)


def test_passed_on_to_the_one_the_table_names_and_read_back(desk: DeskForTest, matter: UUID) -> None:
    assert desk.due(matter, "relay.read_back") == "2026-03-02 10:02"
    desk.do("tell", matter, to="technician", at="10:01")
    assert "relay.read_back" in desk.open_rules(matter)  # told, but not read back
    desk.do("relay", matter, to="technician", at="10:02")
    assert "relay.read_back" not in desk.open_rules(matter)
    assert desk.due(matter, "site.ten_minutes") == "2026-03-02 10:11"  # from when it was first passed on
    assert desk.ticket(matter).assignee == desk.staff["technician"]


def test_the_form_begins_with_the_one_who_answers(desk: DeskForTest) -> None:
    matter = desk.open("cleaning", what="电梯厅有垃圾", at="10:00")
    start = procedures.VERBS["ticket", "relay"].params[0].start
    assert start is not None
    assert start(desk.ledger, desk.ticket(matter), desk.doing()) == desk.staff["cleaner"]
    # of two with the duty, the one on the roster
    order = desk.open("repair", what="灯不亮")
    assert start(desk.ledger, desk.ticket(order), desk.doing()) is None
    plan_shift(desk.ledger, desk.staff["technician2"], desk.time("08:00"), desk.time("20:00"), desk.doing())
    assert start(desk.ledger, desk.ticket(order), desk.doing()) == desk.staff["technician2"]


def test_an_emergency_is_rung_by_the_list(desk: DeskForTest) -> None:
    matter = desk.open("fire", what="三楼冒烟", urgent=True, at="10:00")
    assert {name: desk.due(matter, name) for name in desk.open_rules(matter) if name.startswith("urgent")} == {
        "urgent.direct": "2026-03-02 10:05",
        "urgent.responsible": "2026-03-02 10:01",
        "urgent.superior": "2026-03-02 10:01",
    }
    assert [(call.role, call.name) for call in calls(desk, matter)] == [
        ("responsible", "security"),
        ("superior", "supervisor"),
    ]
    desk.do("ring", matter, whom="security", role="responsible", answered=False, at="10:00")
    assert "urgent.responsible" in desk.open_rules(matter)
    desk.do("ring", matter, whom="security", role="responsible", at="10:01")
    desk.do("ring", matter, whom="supervisor", role="superior", at="10:01")
    assert not {"urgent.responsible", "urgent.superior"} & set(desk.open_rules(matter))
    assert [desk.local(call.answered_at) for call in calls(desk, matter)] == ["2026-03-02 10:01"] * 2
    desk.do("direct", matter, direction="关闭三楼新风,疏散", whom="security", flow="火警", at="10:02")
    assert "urgent.direct" not in desk.open_rules(matter)
    assert desk.words(matter, "ticket.directed")["flow"] == "火警"


def test_the_next_call_stands_in_the_form(desk: DeskForTest) -> None:
    matter = desk.open("fire", what="三楼冒烟", urgent=True, at="10:00")
    params = {param.name: param for param in procedures.VERBS["ticket", "ring"].params}

    def first(name: str) -> object:
        start = params[name].start
        assert start is not None
        return start(desk.ledger, desk.ticket(matter), desk.doing())

    assert (first("whom"), first("role")) == (desk.staff["security"], "responsible")
    desk.do("ring", matter, whom="security", role="responsible", answered=False)
    assert (first("whom"), first("role")) == (desk.staff["supervisor"], "superior")
    desk.do("ring", matter, whom="supervisor", role="superior")
    assert first("whom") == desk.staff["security"]


def test_what_turns_out_urgent_counts_from_then(desk: DeskForTest, matter: UUID) -> None:
    """S3-18: 90 seconds from when it was known; nothing was missed before. Corrected or classified, it is the same."""
    desk.do("relay", matter, to="technician", at="10:01")
    desk.do("reclassify", matter, urgent=True, at="10:20")
    assert desk.due(matter, "urgent.responsible") == desk.due(matter, "urgent.superior") == "2026-03-02 10:21"
    assert {"urgent.responsible", "urgent.superior", "urgent.direct"} <= set(desk.open_rules(matter))
    assert not [name for name in desk.deadlines(matter) if "/" in name and name.startswith("urgent")]
    other = desk.open("cleaning", what="水漫进大堂", at="10:30")
    desk.do("correct", other, urgent=True, note="配电房进水", at="10:40")
    assert desk.due(other, "urgent.superior") == "2026-03-02 10:41"
    assert desk.words(other, "ticket.reclassified")["note"] == "配电房进水"
    desk.do("reclassify", other, urgent=False, at="10:41")
    assert not [name for name in desk.open_rules(other) if name.startswith("urgent")]
    assert desk.due(other, "relay.read_back") == "2026-03-02 10:43"


def test_another_class_is_passed_on_anew(desk: DeskForTest) -> None:
    """S3-20, S3-21: two minutes to whoever answers for the new class; the number stays what people know it by."""
    asked = desk.open("inquiry", what="灯总是闪", room="3-2-501", at="10:00")
    number = desk.ticket(asked).number
    desk.do("reclassify", asked, kind="工程", at="10:20")
    ticket = desk.ticket(asked)
    assert (ticket.kind, ticket.number, ticket.facts["dispatch"], ticket.facts["slip"]) == (
        "repair",
        number,
        "signed_out",
        "none",
    )
    assert desk.open_rules(asked) == ["meeting.same_day", "relay.read_back"]
    assert desk.due(asked, "relay.read_back") == "2026-03-02 10:22"
    desk.do("relay", asked, to="technician", at="10:21")
    desk.do("reclassify", asked, kind="security", at="10:25")
    assert (desk.ticket(asked).status, desk.ticket(asked).assignee) == ("open", None)
    assert desk.open_rules(asked) == ["meeting.same_day", "relay.read_back"]  # nothing is asked of the former one
    assert desk.due(asked, "relay.read_back") == "2026-03-02 10:27"
    desk.do("relay", asked, to="security", at="10:26")
    desk.do("sign-out", asked, by="security", at="10:28")
    for kind, code in (("fire", "class.begun"), ("security", "correct.nothing"), ("boats", "kind.unknown")):
        with pytest.raises(Refusal, match=code.replace(".", r"\.")):
            desk.do("reclassify", asked, kind=kind)


def test_a_manual_without_classes_changes_none(tmp_path: Path) -> None:
    """Elsewhere a wrong kind is cancelled with its reason and taken down anew: those manuals know no second class."""
    desk = make_desk(tmp_path, "residential")
    with pytest.raises(Refusal, match=r"verb\.not_here"):
        desk.do("reclassify", desk.open("repair", what="灯", room="3-2-501"), kind="inquiry")


def test_nobody_named_the_next_of_the_list_is_rung(desk: DeskForTest) -> None:
    """As on the form, so at the command line; one role alone where that is asked for."""
    matter = desk.open("fire", what="三楼冒烟", urgent=True, at="10:00")

    def rung() -> tuple[object, object]:
        event = next(each for each in reversed(desk.events(matter)) if "role" in each.facts)
        return event.facts["whom"], event.facts["role"]

    desk.do("ring", matter, answered=False)
    assert rung() == (str(desk.staff["security"]), "responsible")
    desk.do("ring", matter, role="superior")
    assert rung() == (str(desk.staff["supervisor"]), "superior")
    desk.do("ring", matter)
    assert rung() == (str(desk.staff["security"]), "responsible")
    with pytest.raises(Refusal, match=r"press\.whom"):
        desk.do("ring", matter)  # both have answered
    desk.do("ring", matter, whom="supervisor")
    assert rung() == (str(desk.staff["supervisor"]), "superior")


def test_only_what_is_urgent_is_rung_and_directed(desk: DeskForTest, matter: UUID) -> None:
    with pytest.raises(Refusal, match=r"verb\.not_here"):
        desk.do("ring", matter, whom="technician")
    with pytest.raises(Refusal, match=r"verb\.not_here"):
        desk.do("direct", matter, direction="断水")


def test_nobody_has_the_duty_the_table_names(desk: DeskForTest) -> None:
    with desk.store.read() as session:
        found = responsible(desk.ledger, session, {"kind": "nothing"}, desk.now)
    assert found == []


# -- who owns: an estate's choice (annex a, 6) ---------------------------------------------------------------

OWNS = """
extends = "work-orders"
name = "own"
prompts = "work-orders"

[settings]
owner = {{ repair = "{owner}" }}
"""


@pytest.mark.parametrize(("owner", "expected"), [("assignee", "technician"), ("first_contact", "agent")])
@pytest.mark.parametrize(
    ("verb", "values"),
    [("claim", {}), ("assign", {"assignee": "technician"}), ("tell", {"to": "technician"})],
)
def test_an_estate_says_who_follows_it_up(
    tmp_path: Path, owner: str, expected: str, verb: str, values: dict[str, Any]
) -> None:
    shutil.copy(resources.path("rulebooks/work-orders.toml"), tmp_path / "work-orders.toml")
    own = tmp_path / "own.toml"
    own.write_text(OWNS.format(owner=owner), "utf-8")
    desk = make_desk(tmp_path, own)
    order = desk.open("repair", what="灯不亮", room="东门岗")
    desk.do(verb, order, by="technician" if verb == "claim" else "agent", **values)
    ticket = desk.ticket(order)
    assert (ticket.first_contact, ticket.owner) == (desk.staff["agent"], desk.staff[expected])
