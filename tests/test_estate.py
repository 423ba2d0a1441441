"""Founding an estate, and adopting another manual later."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from desk import resources
from desk.errors import Refusal
from desk.ledger import Ledger
from desk.models import Estate, Event, Staff
from desk.procedures.estate import adopt, open_estate, read_manual
from desk.procedures.people import StaffData
from desk.store import Store
from tests.desks import make_desk

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
AGENT = StaffData("agent", ("agent",))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "desk.db", create=True)


def manual(name: str) -> Path:
    return resources.path(f"rulebooks/{name}.toml")


@pytest.mark.parametrize("name", resources.names("rulebooks"))
def test_an_estate_is_founded_under_each_manual(store: Store, name: str) -> None:
    ledger = open_estate(store, " 阳光花园\n", manual(name), None, "zh", [AGENT], NOW)
    assert (ledger.name, ledger.language, ledger.version) == ("阳光花园", "zh_CN", 1)
    assert Ledger.only(store).book.digest == ledger.book.digest
    with store.read() as session:
        names = [event.name for event in session.exec(select(Event))]
    assert names == ["estate.opened", "rulebook.adopted", "staff.added"]


@pytest.mark.parametrize(
    ("name", "staff", "language", "code"),
    [
        ("  ", [AGENT], "en", "estate.no_name"),
        ("阳光花园", [], "en", "estate.no_staff"),
        ("阳光花园", [StaffData(" ")], "en", "staff.no_name"),
        ("阳光花园", [AGENT, AGENT], "en", "staff.exists"),
        ("阳光花园", [StaffData("李静", number="07"), StaffData("王芳", number=" 07")], "en", "staff.number"),
        ("阳光花园", [AGENT], "fr", "language.unknown"),
    ],
)
def test_a_bad_founding_writes_nothing(
    store: Store, name: str, staff: list[StaffData], language: str, code: str
) -> None:
    with pytest.raises(Refusal) as caught:
        open_estate(store, name, manual("work-orders"), None, language, staff, NOW)
    assert caught.value.code == code
    with store.read() as session:
        assert not session.exec(select(Estate)).all()
        assert not session.exec(select(Staff)).all()


def test_a_store_holds_several_estates_but_no_two_of_one_name(store: Store) -> None:
    open_estate(store, "阳光花园", manual("work-orders"), None, "zh", [AGENT], NOW)
    open_estate(store, "Riverside", manual("residential"), None, "en", [AGENT], NOW)
    with pytest.raises(Refusal, match=r"estate\.exists"):
        open_estate(store, "阳光花园", manual("residential"), None, "zh", [AGENT], NOW)
    assert Ledger.only(store, "Riverside").language == "en"


def test_an_own_manual_may_extend_ours_and_bring_its_calendar(store: Store, tmp_path: Path) -> None:
    for folder in ("rulebooks", "calendars"):
        (tmp_path / folder).mkdir()
    own = tmp_path / "rulebooks" / "garden.toml"
    own.write_text('extends = "work-orders"\ncalendar = "garden"\n[figures]\npromptly = "10 min"\n')
    hours = tmp_path / "calendars" / "garden.toml"
    hours.write_text('timezone = "Asia/Shanghai"\nholidays = "none"\n[hours]\nmon-sun = ["07:00-19:00"]\n')
    ledger = open_estate(store, "花园", own, None, "zh", [AGENT], NOW)
    assert ledger.book.figures["promptly"] == "10 min"
    assert ledger.book.rules["repair.claim"].source == ("S4-05", "S4-06", "D-59")
    assert ledger.calendar.name == "garden"


def test_a_broken_manual_opens_no_desk(store: Store, tmp_path: Path) -> None:
    own = tmp_path / "broken.toml"
    own.write_text('extends = "work-orders"\n[[rule]]\nid = "repair.claim"\nuntil = ["ticket.claimd"]\n')
    with pytest.raises(Refusal) as caught:
        open_estate(store, "花园", own, None, "zh", [AGENT], NOW)
    assert caught.value.code == "rulebook.unknown_event"
    assert (
        caught.value.params | {"file": str(own), "rule": "repair.claim", "nearest": "ticket.claimed"}
        == caught.value.params
    )
    with store.read() as session:
        assert not session.exec(select(Estate)).all()


def test_what_runs_keeps_the_manual_it_was_opened_under(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    former = desk.open("repair", room="3-2-501", what="漏水", at="10:00")
    own = tmp_path / "quick.toml"
    own.write_text('extends = "work-orders"\n[[rule]]\nid = "repair.claim"\nwithin = "3 min"\n')
    book, calendar, calendar_name = read_manual(own)
    desk.at("10:01")
    assert adopt(desk.ledger, "quick", book, calendar_name, calendar, desk.doing("administrator"), "更快") == 2
    later = desk.open("repair", room="3-2-501", what="没电", at="10:02")
    desk.do("note", former, note="又来电话", at="10:03")
    assert desk.due(former, "repair.claim") == "2026-03-02 10:05"
    assert desk.due(later, "repair.claim") == "2026-03-02 10:05"
    assert Ledger.only(desk.store).version == 2
    for reason, code in (("", "adopt.no_reason"), ("又一次", "adopt.same")):
        with pytest.raises(Refusal) as caught:
            adopt(desk.ledger, "quick", book, calendar_name, calendar, desk.doing("administrator"), reason)
        assert caught.value.code == code
    assert Ledger.only(desk.store).version == 2
