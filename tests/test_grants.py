"""Which duty may do what: the table itself, each verb by each duty, and what becomes of an act that is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlmodel import col, select

from desk import grants, procedures
from desk.errors import Refusal
from desk.ledger import Act, Doing, permits
from desk.models import Event, Staff, Subject
from desk.procedures import people
from desk.procedures.corrections import correct_event, last_act
from desk.procedures.verbs import Verb, act, why_not
from desk.vocabulary import DUTIES, EVENTS
from tests.desks import DeskForTest, make_desk
from tools import grant_table


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskForTest]:
    """One desk for all: nothing here rests on what another test did."""
    made = make_desk(tmp_path_factory.mktemp("grants"), "residential")
    yield made
    made.store.close()


def refused(desk: DeskForTest) -> list[Event]:
    with desk.store.read() as session:
        return list(session.exec(select(Event).where(Event.name == "act.refused").order_by(col(Event.seq))))


# -- the table -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("right", grants.RIGHTS.values(), ids=lambda right: right.name)
def test_a_right_speaks_the_vocabulary(right: grants.Right) -> None:
    assert right.duties
    assert set(right.duties) <= set(DUTIES)
    assert len(set(right.duties)) == len(right.duties)
    assert set(right.events) <= set(EVENTS)
    assert right.title


def test_an_event_wants_one_right() -> None:
    assert len(grants.OF_EVENT) == sum(len(right.events) for right in grants.RIGHTS.values())


def test_a_right_nobody_here_could_have_is_everybodys() -> None:
    assert grants.allows("rules", ["agent"], {"agent", "technician"})
    assert not grants.allows("rules", ["agent"], {"agent", "manager"})
    assert grants.allows("rules", ["agent", "manager"], {"agent", "manager"})


# -- each verb by each duty ----------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", procedures.VERBS.values(), ids=lambda verb: f"{verb.subject}.{verb.name}")
def test_each_verb_by_each_duty(desk: DeskForTest, verb: Verb) -> None:
    """The screens' answer and the ledger's are one: both go by the table."""
    right = grants.OF_EVENT.get(verb.event)
    with desk.store.read() as session:
        for duty in DUTIES:
            desk.ledger.who = desk.staff[duty]
            found = permits.why_not_event(desk.ledger, session, verb.event)
            may = right is None or duty in grants.RIGHTS[right].duties
            assert (found is None) == may, duty
    desk.ledger.who = None


@pytest.mark.parametrize("name", sorted(grants.OF_EVENT))
def test_the_ledger_holds_each_event_to_its_right(desk: DeskForTest, name: str) -> None:
    """Whatever path leads to it: the event itself is not recorded by whoever lacks the right."""
    right = grants.RIGHTS[grants.OF_EVENT[name]]
    for duty in DUTIES:
        doing = Doing(desk.now, by=desk.staff[duty])
        outcome = InterruptedError if duty in right.duties else Refusal
        with pytest.raises(outcome, match=None if duty in right.duties else r"grant\.denied"):
            _stop_after(desk, doing, name)


def _stop_after(desk: DeskForTest, doing: Doing, name: str) -> None:
    """Record an event, then take everything back: the next one finds the desk as it was."""
    with desk.ledger.write(doing) as entry:
        entry.record(Act(name, ("log", uuid4())))
        raise InterruptedError


# -- what becomes of it --------------------------------------------------------------------------------------


def test_a_refused_act_is_an_event_without_words(desk: DeskForTest) -> None:
    ticket = desk.open("complaint", what="太吵", room="3-2-501")
    with pytest.raises(Refusal, match=r"grant\.denied"):
        desk.do("grade", ticket, by="cashier", grade="major")
    event = refused(desk)[-1]
    assert (event.subject_id, event.root_id) == (ticket, ticket)
    assert (event.done_by, event.recorded_by) == (desk.staff["cashier"], desk.staff["cashier"])
    assert {name: event.facts[name] for name in event.own} == {"refused": "grade", "right": "grade"}
    assert not event.digests
    # it is nobody's last act, and nothing rests on it
    assert last_act(desk.ledger, desk.staff["cashier"]) is None
    last = last_act(desk.ledger, desk.staff["agent"])
    assert last is not None
    assert "ticket.opened" in last.names


def test_nobody_records_a_grade_in_anothers_name(desk: DeskForTest) -> None:
    ticket = desk.open("complaint", what="太吵", room="3-2-501")
    doing = Doing(desk.now, by=desk.staff["supervisor"], recorded_by=desk.staff["cashier"])
    with pytest.raises(Refusal, match=r"grant\.denied"):
        act(desk.ledger, procedures.find_verb("grade"), ticket, {"grade": "major"}, doing)


def test_a_correction_wants_the_right_of_what_it_corrects(desk: DeskForTest) -> None:
    ticket = desk.open("complaint", what="太吵", room="3-2-501")
    desk.do("grade", ticket, by="supervisor", grade="major")
    event = [each for each in desk.events(ticket) if each.name == "complaint.graded"][-1]
    with pytest.raises(Refusal, match=r"grant\.denied"):
        correct_event(desk.ledger, event.id, Doing(desk.now, by=desk.staff["cashier"]), facts={"grade": "minor"})


def test_nobody_signs_a_handover_for_another(desk: DeskForTest) -> None:
    doing = Doing(desk.now, by=desk.staff["agent2"], recorded_by=desk.staff["agent"])
    with pytest.raises(Refusal, match=r"grant\.own"), desk.ledger.write(doing) as entry:
        entry.record(Act("handover.signed_in", ("handover", uuid4())))
    assert refused(desk)[-1].subject_type == "estate"


def test_what_records_nothing_is_asked_for_by_name(desk: DeskForTest) -> None:
    permits.require(desk.ledger, desk.doing("manager"), "export")
    before = len(refused(desk))
    with pytest.raises(Refusal) as caught:
        permits.require(desk.ledger, desk.doing("agent"), "forget")
    assert "director" in str(caught.value.params["duties"])
    assert len(refused(desk)) == before + 1


def test_the_machine_itself_is_not_asked(desk: DeskForTest) -> None:
    with desk.ledger.write(Doing(desk.now)) as entry:
        entry.record(Act("rulebook.adopted", ("estate", entry.estate_id)))


def test_whoever_has_left_has_no_right(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, "residential")
    people.change_staff(desk.ledger, desk.staff["director"], {"active": False}, desk.doing("manager"))
    with pytest.raises(Refusal, match=r"grant\.denied"):
        people.change_staff(desk.ledger, desk.staff["agent"], {"department": "x"}, desk.doing("director"))
    with desk.store.read() as session:
        assert session.get(Staff, (desk.ledger.estate_id, desk.staff["agent"])).department == ""  # type: ignore[union-attr]


def test_screens_say_why_not(desk: DeskForTest) -> None:
    verb = procedures.find_verb("duty-skip", "duty")
    row = Subject(estate_id=desk.ledger.estate_id, id=uuid4(), type="duty")
    desk.ledger.who = desk.staff["cashier"]
    with desk.store.read() as session:
        refusal = why_not(desk.ledger, session, verb, row, desk.now)
        desk.ledger.who = desk.staff["supervisor"]
        assert why_not(desk.ledger, session, verb, row, desk.now) is None
    desk.ledger.who = None
    assert refusal is not None
    assert refusal.code == "grant.denied"


# -- the handbook's table ------------------------------------------------------------------------------------


def test_the_handbooks_table_is_current() -> None:
    assert grant_table.PAGE.read_text("utf-8") == grant_table.page(), "run: python tools/grant_table.py"
