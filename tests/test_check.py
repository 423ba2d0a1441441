"""``desk check``: whatever is not as it was written is found and named; what is sound is called so."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from multiprocessing import resource_tracker
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from sqlmodel import select

from desk import resources
from desk.ledger import Act, Doing, Ledger, chain, hands, refold
from desk.ledger.check import Checked, check
from desk.models import Estate, Ticket, new_id
from desk.procedures.estate import open_estate
from desk.procedures.people import StaffData
from desk.store import Store
from desk.wording import troubles
from tests import postgres
from tests.commandline import CommandLine
from tests.desks import make_desk
from tests.estate import NOW

pytestmark = pytest.mark.file_only("it is the file that is tampered with; a server is checked in the ordinary run")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A store with some matters in it: met, overdue with a step, waiting, a sheet signed, an entry corrected."""
    folder = tmp_path_factory.mktemp("whole")
    desk = make_desk(folder)
    first = desk.open("repair", what="漏水", room="3-2-501", at="10:00")
    desk.do("claim", first, by="technician", at="10:03")
    desk.open("complaint", what="楼上吵", person_name="王芳", phone="13800000000", room="3-2-502", at="10:10")
    desk.open("repair", what="灯不亮", room="3-2-501", at="10:20")
    desk.tick("11:30")
    _hand_over(desk)
    desk.store.close()
    return (folder / "desk.db").read_bytes()


def _hand_over(desk: object) -> None:
    from desk.procedures.handover import sign_out
    from desk.queries.sheets import sheet
    from tests.desks import DeskForTest

    assert isinstance(desk, DeskForTest)
    me, now = desk.staff["agent"], desk.at("12:00")
    with desk.store.read() as session:
        found = sheet(desk.ledger, session, me, desk.time("08:00"), now)
    sign_out(desk.ledger, found.snapshot, Doing(now, by=me, recorded_by=me, confirmed=True), None)


@pytest.fixture
def path(whole: bytes, tmp_path: Path) -> Path:
    (tmp_path / "desk.db").write_bytes(whole)
    return tmp_path / "desk.db"


def looked(path: Path, *, quick: bool = False) -> Checked:
    with Store.open(path) as store:
        return check(store, quick=quick)


@pytest.mark.parametrize("quick", [False, True])
def test_what_is_as_it_was_written(path: Path, quick: bool) -> None:
    told: list[tuple[str, int, int]] = []
    with Store.open(path) as store:
        found = check(store, quick=quick, progress=lambda *each: told.append(each))
        ledger = Ledger.only(store)
    assert found.sound, found.troubles
    assert (found.events, found.words, found.deadlines) > (10, 5, 5)
    assert found.heads["阳光花园"][0] == found.events
    assert list(dict.fromkeys(part for part, _, _ in told)) == ["file", "references", "chain", "deadlines"]
    assert told[-1][1] == told[-1][2]
    assert ledger.name == "阳光花园"


#: what somebody did to the file with a tool of their own, and what is said of it
TAMPERED: dict[str, tuple[str, set[str]]] = {
    "an entry's time": (
        "UPDATE event SET happened_at = '2026-03-02 01:00:00.000000' WHERE seq = :opened",
        {"chain.event"},
    ),
    "an entry's facts": (
        "UPDATE event SET facts = replace(facts, 'repair', 'advice') WHERE seq = :opened",
        {"chain.event"},
    ),
    "an entry no longer JSON": ("UPDATE event SET digests = '{' WHERE seq = :head", {"chain.event"}),
    "an entry taken out": ("DELETE FROM event WHERE seq = :head - 1", {"chain.gap"}),
    "the last entry taken out": ("DELETE FROM event WHERE seq = :head", {"chain.head"}),
    "an entry's place": ("UPDATE event SET prev_hash = hash WHERE seq = :opened", {"chain.order", "chain.event"}),
    "the head": ("UPDATE estate SET head_seq = head_seq + 1", {"chain.head"}),
    "a word": ("UPDATE eventword SET text = '别的' WHERE name = 'what'", {"word"}),
    "a word gone": ("DELETE FROM eventword WHERE name = 'what'", {"word.missing"}),
    "a deadline's time": (
        "UPDATE deadline SET due_at = '2026-03-09 01:00:00.000000' WHERE rule_id = 'repair.claim' AND open",
        {"deadline.differs"},
    ),
    "a deadline called met": (
        "UPDATE deadline SET open = 0, met_at = due_at WHERE rule_id = 'repair.claim' AND open AND step = 0",
        {"deadline.differs"},
    ),
    "a deadline gone": ("DELETE FROM deadline WHERE rule_id = 'repair.claim'", {"deadline.missing"}),
    "a deadline of another rule": (
        "UPDATE deadline SET rule_id = 'nobody.knows' WHERE rule_id = 'repair.claim' AND open AND step = 0",
        {"deadline.missing", "deadline.unfounded"},
    ),
    "a deadline of a matter that never was": (
        "UPDATE deadline SET root_id = 'ffffffffffffffffffffffffffffffff' WHERE rule_id = 'repair.claim'",
        {"deadline.missing", "deadline.unfounded"},
    ),
    "a ticket gone": ("DELETE FROM ticket WHERE kind = 'complaint'", {"subject"}),
    "a room gone": ("DELETE FROM room WHERE code = '3-2-501'", {"reference"}),
    "the people gone": (
        "DELETE FROM person",
        {"reference"},
    ),
    "a sheet": ("UPDATE handover SET snapshot = json_set(snapshot, '$.totals.open', 99)", {"sheet"}),
    "rules gone": ("DELETE FROM rulebookversion", {"rulebook"}),
    "a table gone": ("DROP TABLE draft", {"schema.table"}),
    "a column gone": ("ALTER TABLE person DROP COLUMN note", {"schema.column"}),
    "an index gone": ("DROP INDEX ix_deadline_open", {"schema.index"}),
    "the lock gone": ("DROP TRIGGER event_no_update", {"schema.trigger"}),
}


def tamper(path: Path, statement: str) -> None:
    """Change the file past the program, as if the lock on events were not there."""
    with closing(sqlite3.connect(path)) as raw:
        locks = dict(raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall())
        for name in locks:
            raw.execute(f"DROP TRIGGER {name}")
        (head,) = raw.execute("SELECT max(seq) FROM event").fetchone()
        (opened,) = raw.execute("SELECT min(seq) FROM event WHERE name = 'ticket.opened'").fetchone()
        if statement.startswith("DROP TRIGGER"):
            del locks[statement.split()[-1]]
        else:
            raw.execute(statement.replace(":head", str(head)).replace(":opened", str(opened)))
        for sql in locks.values():
            raw.execute(sql)
        raw.commit()


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_tampered_with_is_named(path: Path, what: str) -> None:
    statement, codes = TAMPERED[what]
    tamper(path, statement)
    found = looked(path)
    assert codes <= set(found.counts), found.troubles
    for trouble in found.troubles:
        sentence = troubles.line(trouble.code, trouble.params)
        assert sentence
        assert "{" not in sentence.replace("'{'", "")


def test_a_chain_written_anew_does_not_fit_the_sheets_people_signed(path: Path) -> None:
    """Whoever can write the file can reckon every hash anew; the code on the paper cannot be changed."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("UPDATE handover SET snapshot = json_set(snapshot, '$.head_hash', 'another')")
        raw.commit()
    assert "sheet.head" in looked(path).counts


def test_of_many_of_one_kind_some_are_named_and_all_counted(path: Path) -> None:
    tamper(path, "UPDATE event SET late = 1 - late")
    found = looked(path)
    assert found.counts["chain.event"] == found.events
    assert len(found.troubles) < found.events


@pytest.mark.parametrize("column", sorted(set(chain.COVERED) - {"estate_id"}))
def test_each_column_is_covered_by_the_hash(path: Path, column: str) -> None:
    other = {"late": "1 - late", "seq": "seq + 0.5", "rulebook_version": "rulebook_version + 1"}.get(column, "'~'")
    tamper(path, f"UPDATE event SET {column} = {other} WHERE seq = :opened")
    with Store.open(path) as store, store.read() as session:
        (estate_id,) = session.exec(select(Estate.estate_id)).all()
        differing = [seq for seq, _, said, reckoned in chain.walk(session, estate_id) if said != reckoned]
    assert len(differing) == 1


# -- by several processes ------------------------------------------------------------------------------------


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each matter is a piece of its own."""
    monkeypatch.setattr(refold, "TOGETHER", 1)


@pytest.mark.usefixtures("apart")
def test_several_find_the_same_in_the_same_order(path: Path) -> None:
    for what in ("an entry no longer JSON", "a deadline's time", "a deadline gone", "a room gone", "a word"):
        tamper(path, TAMPERED[what][0])
    told: list[tuple[str, int, int]] = []
    with Store.open(path) as store:
        alone = check(store, workers=1)
        together = check(store, workers=2, progress=lambda *so_far: told.append(so_far))
    assert together == alone
    assert len(alone.troubles) > 5
    assert told[0] == ("file", 0, 1)
    assert told[-1] == ("deadlines", alone.matters, alone.matters)
    assert not multiprocessing.active_children()


@pytest.mark.usefixtures("apart")
def test_where_no_process_can_be_had_it_is_done_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resource_tracker.ensure_running()
    monkeypatch.setattr("multiprocessing.spawn._python_exe", b"/nowhere/python")
    with Store.open(path) as store:
        assert check(store, workers=2) == check(store, workers=1)


def test_stopped_in_the_middle_no_process_is_left(path: Path) -> None:
    begun: list[BaseProcess] = []

    def stopped(store: Store) -> None:
        with hands.hands(store, [(looked, (path,))], 2):
            begun.extend(multiprocessing.active_children())
            raise KeyboardInterrupt

    with Store.open(path) as store, pytest.raises(KeyboardInterrupt):
        stopped(store)
    assert begun
    # Asked of the system: the pool waits for its processes too, and for as long as it has an answer that the others
    # have not, they take the process for alive.
    end = time.monotonic() + 60
    while (left := [process for process in begun if _there(process)]) and time.monotonic() < end:
        time.sleep(0.01)
    assert not left


def _there(process: BaseProcess) -> bool:
    assert process.pid is not None
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_on_the_command_line(path: Path) -> None:
    line = CommandLine(path)
    good = line.run("check", "--db", str(path), "--lang", "en")
    assert good.code == 0, good.err
    assert "Everything is as it was written." in good.out
    tamper(path, TAMPERED["a word"][0])
    bad = line.run("check", "--db", str(path), "--lang", "en")
    assert bad.code == 1
    assert "are not as they were written" in bad.out
    assert line.run("check", "--db", str(path), "--json").record["sound"] is False
    assert line.run("check", "--quick", "--db", str(path), "--lang", "zh").code == 1


@pytest.fixture(params=["file", pytest.param("server", marks=pytest.mark.postgres)])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str | Path]:
    if request.param == "file":
        yield tmp_path / "desk.db"
    else:
        yield postgres.database(request.getfixturevalue("socket_folder"))


def test_on_a_file_and_on_a_server_alike(where: str | Path) -> None:
    with Store.open(where, create=True) as store:
        staff = [StaffData("李静", ("agent",))]
        ledger = open_estate(store, "阳光花园", resources.path("rulebooks/work-orders.toml"), None, "zh_CN", staff, NOW)
        with ledger.write(Doing(NOW)) as entry:
            ticket = Ticket(
                estate_id=ledger.estate_id, id=new_id(), number="R-261122-001", kind="repair", opened_at=NOW
            )
            sets = {"number": ticket.number, "opened_at": NOW, "kind": "repair", "status": "open", "dispatch": "pool"}
            entry.open(
                ticket, "ticket.opened", Act("ticket.opened", ("ticket", ticket.id), sets=sets, words={"what": "漏水"})
            )
        # at the very moment the order should have been claimed by: not missed yet, and nothing wrong with that
        with ledger.write(Doing(NOW + timedelta(minutes=5))) as entry:
            noted = entry.row("ticket", ticket.id)
            entry.on(noted, "ticket.noted", words={"note": "催了"})
        found = check(store)
    assert found.sound, found.troubles
    assert found.deadlines > 0
    assert found.words > 0
