"""Several counters on one PostgreSQL: they see each other, do not do things twice, and outlive the server."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url
from sqlmodel import select

from desk import resources
from desk.errors import Refusal
from desk.ledger import Doing, Ledger, meanwhile
from desk.ledger.check import check
from desk.models import Event, Staff
from desk.procedures import VERBS
from desk.procedures.estate import open_estate
from desk.procedures.intake import Intake, open_ticket
from desk.procedures.people import StaffData
from desk.procedures.verbs import act
from desk.store import Store, postgres
from tests import postgres as servers
from tests.desks import DeskForTest, make_desk
from tests.engines import Databases, stores, use

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)


@pytest.fixture
def desk(socket_folder: Path, tmp_path: Path) -> Iterator[DeskForTest]:
    """A desk on a server, whatever the rest of the suite stands on."""
    before, databases = stores(), Databases(socket_folder)
    use(databases)
    yield make_desk(tmp_path)
    use(before)
    databases.tidy()


# -- they see each other -------------------------------------------------------------------------------------

_LOOKS_ON = """
import sys, time
from desk.store import Store
with Store.open(sys.argv[1]) as store:
    mark = store.change_mark()
    print("looking", flush=True)
    for _ in range(3):
        while store.change_mark() == mark:
            time.sleep(0.05)
        mark = store.change_mark()
        print(time.time(), flush=True)
"""


def test_another_process_sees_a_write_within_a_second(desk: DeskForTest) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", _LOOKS_ON, desk.store.url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    with other:
        assert other.stdout.readline() == "looking\n"
        late = []
        for _ in range(3):
            desk.open("repair", what="漏水", room="3-2-501")
            saved = time.time()
            late.append(float(other.stdout.readline()) - saved)
    assert other.returncode == 0
    assert min(late) < 1, late  # the others may have been kept waiting by a busy machine


def test_looking_asks_the_server_nothing(desk: DeskForTest) -> None:
    mark = desk.store.change_mark()
    asked = _queries_of_the_listener(desk.store)
    for _ in range(20):
        assert desk.store.change_mark() == mark
    assert _queries_of_the_listener(desk.store) == asked


def _queries_of_the_listener(store: Store) -> list[object]:
    with store.read() as session:
        query = (
            "SELECT query, query_start FROM pg_stat_activity WHERE query LIKE 'LISTEN%%' AND datname=current_database()"
        )
        return [tuple(row) for row in session.connection().exec_driver_sql(query)]


# -- two at one thing ----------------------------------------------------------------------------------------

_CLAIMS = """
import sys
from datetime import datetime
from uuid import UUID
from desk.errors import Refusal
from desk.ledger import Doing, Ledger
from desk.procedures import VERBS
from desk.procedures.verbs import act
from desk.store import Store
from desk.wording import sentence
url, ticket, who, agent, now = sys.argv[1:]
with Store.open(url) as store:
    ledger = Ledger.only(store)
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        doing = Doing(datetime.fromisoformat(now), by=UUID(who), recorded_by=UUID(agent))
        print("won", act(ledger, VERBS["ticket", "claim"], UUID(ticket), {}, doing).number)
    except Refusal as refusal:
        print("lost", refusal.code, sentence(refusal))
"""


def test_of_two_who_claim_one_order_one_wins_and_the_other_is_told_who(desk: DeskForTest) -> None:
    ticket = desk.open("repair", what="漏水", room="3-2-501")
    rivals = ("technician", "technician2")
    python = [sys.executable, "-c", _CLAIMS, desk.store.url, str(ticket)]
    running = [
        subprocess.Popen(
            [*python, str(desk.staff[who]), str(desk.staff["agent"]), desk.now.isoformat()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for who in rivals
    ]
    for each in running:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in running:
        assert each.stdin is not None
        each.stdin.write("\n")
        each.stdin.flush()
    said = [each.communicate(timeout=60)[0] for each in running]
    assert sorted(line.split()[0] for line in said) == ["lost", "won"]
    winner = rivals[0 if said[0].startswith("won") else 1]
    lost = next(line for line in said if line.startswith("lost"))
    assert lost.split()[1] == "ticket.claimed_already"
    assert f"by {winner}." in lost
    assert desk.ticket(ticket).assignee == desk.staff[winner]
    assert desk.names(ticket).count("ticket.claimed") == 1


_TICKS = """
import sys
from datetime import datetime
from desk.ledger import Ledger
from desk.ledger.tick import tick
from desk.store import Store
with Store.open(sys.argv[1]) as store:
    ledger = Ledger.only(store)
    print("ready", flush=True)
    sys.stdin.readline()
    tick(ledger, datetime.fromisoformat(sys.argv[2]))
"""


def test_a_step_comes_up_once_however_many_counters_tick(desk: DeskForTest) -> None:
    tickets = [desk.open("repair", what="漏水", room="3-2-501") for _ in range(3)]
    later = desk.at("2026-03-02 16:00")
    running = [
        subprocess.Popen(
            [sys.executable, "-c", _TICKS, desk.store.url, later.isoformat()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for each in running:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in running:
        each.communicate("\n", timeout=120)
        assert each.returncode == 0
    fired = [e for e in desk.events() if e.name == "escalation.fired"]
    assert {event.root_id for event in fired} >= set(tickets)
    steps = [(e.root_id, e.facts["rule"], e.facts["step"], e.happened_at) for e in fired]
    assert len(steps) == len(set(steps))
    assert [event.seq for event in desk.events()] == list(range(1, len(desk.events()) + 1))


# -- two estates on one server ----------------------------------------------------------------------------------

_EIGHT = """
import json, os, sys
from datetime import datetime, timedelta
from uuid import UUID
from sqlmodel import select
from desk.errors import Refusal
from desk.ledger import Doing, Ledger
from desk.ledger.tick import tick
from desk.models import Staff
from desk.procedures import VERBS
from desk.procedures.intake import Intake, open_ticket
from desk.procedures.verbs import act
from desk.store import Store
url, now = sys.argv[1], datetime.fromisoformat(sys.argv[2])
ORDERS = [[UUID(each) for each in orders] for orders in json.loads(sys.argv[3])]

def works(number):
    with Store.open(url, wait=60) as store:
        ledger = Ledger.only(store, ("甲园", "乙园")[number % 2])
        orders = ORDERS[number % 2]
        with store.read() as session:
            people = session.exec(select(Staff.id).where(Staff.estate_id == ledger.estate_id).order_by(Staff.number)).all()
        agent, mine = people[0], people[1 + number // 2]
        said = []
        for order in orders:
            try:
                act(ledger, VERBS["ticket", "claim"], order, {}, Doing(now, by=mine, recorded_by=agent, confirmed=True))
                said.append(f"won {order}")
            except Refusal as refusal:
                said.append(f"{refusal.code} {order}")
            new = open_ticket(ledger, Intake("repair", {"what": "漏水", "phone": "13812342211", "area": "public", "place": "楼道", "room_text": "门厅"}), Doing(now, by=agent, confirmed=True))
            said.append(f"opened {number % 2} {new.number}")
        tick(ledger, now + timedelta(minutes=30))
        os.write(1, ("\\n".join(said) + "\\n").encode())

for number in range(8):
    if os.fork() == 0:
        try:
            works(number)
        except BaseException as fault:
            os.write(1, f"fault {fault!r}\\n".encode())
        finally:
            os._exit(0)
for _ in range(8):
    os.wait()
"""


@pytest.fixture
def two(socket_folder: Path) -> Iterator[tuple[Store, list[Ledger]]]:
    """Two estates in one database, five people each."""
    url = servers.database(socket_folder)
    with Store.open(url, create=True) as store:
        yield store, [_estate(store, name) for name in ("甲园", "乙园")]
    servers.drop(socket_folder, url)


def _estate(store: Store, name: str) -> Ledger:
    staff = [StaffData(name="李静", duties=("agent", "supervisor"), number="0")]
    staff += [StaffData(name=f"技工{number}", duties=("technician",), number=str(number)) for number in range(1, 5)]
    book = resources.path("rulebooks/work-orders.toml")
    return open_estate(store, name, book, None, "zh_CN", staff, NOW)


def test_eight_counters_of_two_estates(two: tuple[Store, list[Ledger]]) -> None:
    """Each order is claimed once, no number is given twice, no step comes up twice, and both chains are whole."""
    store, ledgers = two
    orders = []
    for ledger in ledgers:
        with store.read() as session:
            agent = session.exec(select(Staff.id).where(Staff.estate_id == ledger.estate_id, Staff.number == "0")).one()
        wants = {"what": "灯不亮", "phone": "13812342211", "area": "public", "place": "楼道", "room_text": "门厅"}
        doing = Doing(NOW, by=agent, confirmed=True)
        orders.append([str(open_ticket(ledger, Intake("repair", wants), doing).id) for _ in range(2)])
    ran = subprocess.run(
        [sys.executable, "-c", _EIGHT, store.url, NOW.isoformat(), json.dumps(orders)],
        capture_output=True,
        text=True,
        check=True,
    )
    said = [line.partition(" ")[::2] for line in ran.stdout.splitlines()]
    assert {word for word, _ in said} == {"won", "ticket.claimed_already", "opened"}, ran.stdout + ran.stderr
    won = [what for word, what in said if word == "won"]
    opened = [what for word, what in said if word == "opened"]
    assert len(won) == len(set(won)) == 4
    assert len(opened) == len(set(opened)) == 16
    with store.read() as session:
        events = session.exec(select(Event)).all()
    names = [event.name for event in events]
    assert (names.count("ticket.claimed"), names.count("ticket.opened")) == (4, 4 + 16)
    steps = [
        (e.root_id, e.facts["rule"], e.facts["step"], e.happened_at) for e in events if e.name == "escalation.fired"
    ]
    assert steps
    assert len(steps) == len(set(steps))
    found = check(store)
    assert found.sound, found.troubles


def test_who_writes_in_one_estate_keeps_nobody_in_another_waiting(two: tuple[Store, list[Ledger]]) -> None:
    store, (one, other) = two
    with Store.open(store.url, wait=0.2) as hasty, store.write(one.estate_id):
        with hasty.write(other.estate_id):
            pass
        # its own, and what concerns all of them, such as an upgrade
        for where in (one.estate_id, None):
            with pytest.raises(Refusal, match=r"store\.locked"), hasty.write(where):
                pass


# -- the server goes away ------------------------------------------------------------------------------------


def _lose(desk: DeskForTest, monkeypatch: pytest.MonkeyPatch, *, kept: bool) -> None:
    """Let the server end our connection once: just after it has kept the next transaction, or just before."""
    commit = psycopg.Connection.commit

    def lost(connection: psycopg.Connection[Any]) -> None:
        monkeypatch.setattr(psycopg.Connection, "commit", commit)
        if kept:
            connection.commit()
        servers.end(connection)
        connection.commit()
        connection.execute("SELECT 1")

    monkeypatch.setattr(psycopg.Connection, "commit", lost)


def test_what_was_kept_before_the_server_went_is_not_asked_for_again(
    desk: DeskForTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    _lose(desk, monkeypatch, kept=True)
    ticket = desk.open("repair", what="漏水", room="3-2-501")
    assert desk.names(ticket) == ["ticket.opened"]


def test_what_was_not_kept_is_said_not_to_be(desk: DeskForTest, monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(desk.events())
    _lose(desk, monkeypatch, kept=False)
    with pytest.raises(Refusal, match=r"store\.not_saved"):
        desk.open("repair", what="漏水", room="3-2-501")
    assert len(desk.events()) == before
    desk.open("repair", what="漏水", room="3-2-501")


@pytest.mark.parametrize("kept", [True, False])
def test_asked_for_again_nothing_is_recorded_twice(
    desk: DeskForTest, monkeypatch: pytest.MonkeyPatch, kept: bool
) -> None:
    """The server doesn't come back in time to say; whoever saves again later learns, and has it once."""
    ticket = desk.open("repair", what="漏水", room="3-2-501")
    with monkeypatch.context() as patch:
        patch.setattr("desk.ledger.record.was_kept", lambda *_: None)
        _lose(desk, monkeypatch, kept=kept)
        with pytest.raises(Refusal, match=r"store\.unsure"):
            desk.do("claim", ticket, by="technician")
    done = desk.do("claim", ticket, by="technician")
    assert (done.event, done.subject_id) == ("ticket.claimed", ticket)
    assert desk.names(ticket).count("ticket.claimed") == 1
    with monkeypatch.context() as patch:
        patch.setattr("desk.ledger.record.was_kept", lambda *_: None)
        _lose(desk, monkeypatch, kept=kept)
        with pytest.raises(Refusal, match=r"store\.unsure"):
            desk.open("repair", what="跳闸", room="3-2-502")
    again = desk.open("repair", what="跳闸", room="3-2-502")
    assert desk.ticket(again).number.endswith("-002")
    assert [e.name for e in desk.events()].count("ticket.opened") == 2


def test_something_else_is_recorded_only_after_it_is_known(desk: DeskForTest, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("desk.ledger.record.was_kept", lambda *_: None)
        _lose(desk, monkeypatch, kept=True)
        with pytest.raises(Refusal, match=r"store\.unsure"):
            desk.open("repair", what="漏水", room="3-2-501")
    with pytest.raises(Refusal) as told:
        desk.open("repair", what="漏水严重", room="3-2-501")
    assert told.value.code == "act.kept"
    assert str(told.value.params["number"]).endswith("-001")
    desk.open("repair", what="另一处漏水", room="3-2-501")
    assert [e.name for e in desk.events()].count("ticket.opened") == 2


def test_a_server_that_stops_and_starts_again_loses_nothing(tmp_path: Path) -> None:
    """Acts go on while the server is stopped at once and started again, twice."""
    with servers.server() as folder:
        before, databases = stores(), Databases(folder)
        use(databases)
        try:
            desk = make_desk(tmp_path)
            kept, refused = _acts_through(desk, folder)
        finally:
            use(before)
        found = {event.sets["number"] for event in desk.events() if event.name == "ticket.opened"}
        words = [event.digests["what"] for event in desk.events() if event.name == "ticket.opened"]
        desk.store.close()
    assert refused
    assert kept == found, f"acknowledged {len(kept)}, lost {len(kept - found)}"
    assert len(words) == len(kept)


def _acts_through(desk: DeskForTest, folder: Path) -> tuple[set[str], int]:
    """Numbers acknowledged, and how often an act was refused because the server was away."""
    kept: set[str] = set()
    refused = 0
    numbers = itertools.count(1)

    def act() -> int:
        what, away = f"漏水 {next(numbers)}", 0
        for _attempt in range(40):
            try:
                desk.open("repair", what=what, room="3-2-501")
                kept.add(desk.opened[-1].number)
                break
            except Refusal as refusal:
                if refusal.code not in ("store.unreachable", "store.not_saved", "store.unsure"):
                    raise
                away += 1
                time.sleep(0.1)
        return away

    for _stop in range(2):
        refused += sum(act() for _ in range(4))
        stopping = threading.Thread(target=servers.again, args=(folder,))
        stopping.start()
        while stopping.is_alive():  # so that it is surely stopped under an act, however fast it comes back
            refused += act()
        stopping.join()
    return kept, refused + sum(act() for _ in range(4))


# -- edits of one thing --------------------------------------------------------------------------------------


def test_what_another_did_meanwhile_is_shown_before_ones_own_is_recorded(desk: DeskForTest) -> None:
    ticket = desk.open("repair", what="漏水", room="3-2-501")
    with desk.store.read() as session:
        seen = meanwhile.head(session, desk.ledger.estate_id)
    desk.do("claim", ticket, by="technician")
    verb = VERBS["ticket", "cancel"]
    mine = replace(desk.doing("agent2"), recorded_by=desk.staff["agent2"], seen=seen)
    with pytest.raises(Refusal) as told:
        act(desk.ledger, verb, ticket, {"reason": "报错了"}, mine)
    assert told.value.code == "act.meanwhile"
    given: Any = told.value.params
    assert [(title, who) for title, who, _at in given["events"]] == [("Claimed", "agent")]
    assert desk.ticket(ticket).status == "accepted"
    act(desk.ledger, verb, ticket, {"reason": "报错了"}, replace(mine, seen=given["head"]))
    assert desk.ticket(ticket).status == "cancelled"


def test_ones_own_acts_are_no_surprise(desk: DeskForTest) -> None:
    ticket = desk.open("repair", what="漏水", room="3-2-501")
    with desk.store.read() as session:
        seen = meanwhile.head(session, desk.ledger.estate_id)
    desk.do("claim", ticket, by="technician")
    mine = replace(desk.doing("agent"), seen=seen)
    act(desk.ledger, VERBS["ticket", "cancel"], ticket, {"reason": "报错了"}, mine)


# -- towards another machine nothing goes in the clear -------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "mode"),
    [
        ("postgresql://u@db.example/desk", "require"),
        ("postgresql://u@192.0.2.7/desk?sslmode=verify-full", "verify-full"),
        ("postgresql://u@/desk?host=db.example", "require"),
        ("postgresql://u@/desk?host=localhost,db.example", "require"),
        ("postgresql://u@localhost/desk", None),
        ("postgresql://u@127.0.0.1/desk", None),
        ("postgresql://u@[::1]/desk?sslmode=disable", "disable"),
        ("postgresql://u@/desk?host=/run/postgresql", None),
    ],
)
def test_an_address_demands_encryption_towards_another_machine(address: str, mode: str | None) -> None:
    assert postgres.secured(make_url(address), "place").query.get("sslmode") == mode


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer"])
def test_an_address_that_allows_the_clear_is_refused(mode: str) -> None:
    with pytest.raises(Refusal, match=r"store\.plain"):
        postgres.secured(make_url(f"postgresql://u@db.example/desk?sslmode={mode}"), "place")


def test_a_server_is_named_by_its_driver_as_well(desk: DeskForTest, socket_folder: Path) -> None:
    assert desk.store.url.startswith("postgresql+psycopg://")
    with Store.open(desk.store.url) as again, pytest.raises(Refusal, match=r"store\.server"):
        again.backup(socket_folder / "copy.db")
    assert servers.database(socket_folder) != desk.store.url
