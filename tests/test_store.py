"""The store: what it promises on a file and on a server, and what it says when it cannot keep it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from desk.errors import Refusal
from desk.models import SCHEMA, Counter, Estate, Event, new_id
from desk.store import Store, default_path, default_place, sqlite
from tests import postgres

NOW = datetime(2026, 11, 22, 2, 24, tzinfo=UTC)
ESTATE = new_id()
ORDINARY = 65534


def estate(name: str = "阳光花园", **values: Any) -> Estate:
    return Estate(name=name, created_at=NOW, **values)


def names(store: Store) -> list[str]:
    with store.read() as session:
        return list(session.exec(select(Estate.name).order_by(Estate.name)))


def add(store: Store, *given: str) -> None:
    with store.write() as session:
        session.add_all(estate(name) for name in given)


def beside(path: Path) -> set[str]:
    """What lies in the folder beside ``path``."""
    return {other.name for other in path.parent.iterdir()} - {path.name}


@contextmanager
def refuses(code: str) -> Iterator[pytest.ExceptionInfo[Refusal]]:
    with pytest.raises(Refusal) as caught:
        yield caught
    assert caught.value.code == code, caught.value
    assert caught.value.params["place"]


@pytest.fixture(params=["file", pytest.param("server", marks=pytest.mark.postgres)])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """Where a new store may be made: everything that uses this holds on both."""
    if request.param == "file":
        return tmp_path / "desk.db"
    return postgres.database(request.getfixturevalue("socket_folder"))


@pytest.fixture
def store(where: str | Path) -> Iterator[Store]:
    with Store.open(where, create=True) as opened:
        yield opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with one estate in it, closed."""
    made = tmp_path / "estate" / "desk.db"
    made.parent.mkdir()
    with Store.open(made, create=True) as opened:
        add(opened, "阳光花园")
    return made


# -- what it promises, on a file and on a server -------------------------------------------------------------


def test_what_was_written_is_there_after_reopening(where: str | Path) -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=8)))
    with Store.open(where, create=True) as store, store.write() as session:
        session.add(Estate(name="阳光🏠", created_at=elsewhere, settings={"问候": ["您好", None, 1.5]}))
    with Store.open(where) as store, store.read() as session:
        found = session.exec(select(Estate)).one()
        kept = session.connection().execute(text("SELECT CAST(settings AS text) FROM estate")).scalar_one()
    assert (found.name, found.created_at, found.settings) == ("阳光🏠", NOW, {"问候": ["您好", None, 1.5]})
    assert found.created_at.tzinfo is UTC
    assert "您好" in str(kept)


def test_opening_for_creation_leaves_a_store_that_is_there_alone(store: Store, where: str | Path) -> None:
    add(store, "阳光花园")
    with Store.open(where, create=True) as again:
        assert names(again) == ["阳光花园"]


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt, Refusal])
def test_a_write_that_fails_leaves_nothing(store: Store, fault: type[BaseException]) -> None:
    with pytest.raises(fault), store.write() as session:  # noqa: PT012 - it must come from inside
        session.add(estate())
        session.flush()
        raise fault("ticket.closed")
    assert names(store) == []
    add(store, "afterwards")
    assert names(store) == ["afterwards"]


def test_what_a_reader_changes_is_not_kept(store: Store) -> None:
    add(store, "阳光花园")
    with store.read() as session:
        session.exec(select(Estate)).one().name = "another"
        session.add(estate("new"))
        assert session.exec(select(Estate.name)).all() == ["阳光花园"]
    assert names(store) == ["阳光花园"]


def test_a_reader_sees_one_state_throughout(store: Store) -> None:
    add(store, "before")
    with store.read() as session:
        assert session.exec(select(Estate.name)).all() == ["before"]
        add(store, "meanwhile")
        assert session.exec(select(Estate.name)).all() == ["before"]
    assert names(store) == ["before", "meanwhile"]


def test_rows_stay_readable_after_their_session(store: Store) -> None:
    with store.write() as session:
        written = estate()
        session.add(written)
    with store.read() as session:
        found = session.exec(select(Estate)).one()
    assert (written.name, found.name) == ("阳光花园", "阳光花园")


def test_the_change_mark_moves_with_every_write_of_anybody(store: Store, where: str | Path) -> None:
    mark = store.change_mark()
    with Store.open(where) as other:
        for writer in (store, other, store, other):
            add(writer, "阳光花园")
            # a server tells a moment later
            end = time.monotonic() + 1
            while store.change_mark() == mark and time.monotonic() < end:
                time.sleep(0.005)
            assert store.change_mark() != mark
            mark = store.change_mark()


def test_the_change_mark_of_a_file_stays_while_nobody_writes(path: Path) -> None:
    with Store.open(path) as store:
        mark = store.change_mark()
        names(store)
        with refuses("store.conflict"), store.write() as session:
            session.add_all([estate(estate_id=ESTATE), estate(estate_id=ESTATE)])
        assert store.change_mark() == mark


def test_eight_threads_lose_no_update(store: Store, where: str | Path) -> None:
    """Each reads the number, thinks, and writes the next, as tickets get theirs: two programs of four threads."""
    with store.write() as session:
        session.add(Counter(estate_id=ESTATE, scope="R-261122", value=0))

    def count(mine: Store) -> None:
        for _ in range(12):
            with mine.write() as session:
                row = session.get_one(Counter, (ESTATE, "R-261122"))
                given = row.value
                time.sleep(0.0005)
                row.value = given + 1

    with Store.open(where, wait=30) as first, Store.open(where, wait=30) as second:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(count, [first, second] * 4))
        with first.read() as session:
            assert session.get_one(Counter, (ESTATE, "R-261122")).value == 96


def test_readers_are_not_kept_waiting_by_a_writer(store: Store) -> None:
    with store.write() as session:
        session.add(estate("not yet"))
        session.flush()
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(names, [store] * 16)) == [[]] * 16


def test_a_second_writer_is_refused_after_a_while(where: str | Path) -> None:
    with (
        Store.open(where, create=True, wait=0.2) as store,
        Store.open(where, wait=0.2) as other,
        store.write() as session,
    ):
        session.add(estate())
        for second in (store, other):
            with refuses("store.locked"):
                add(second, "two at once")
    assert names(store) == ["阳光花园"]


def test_a_row_that_contradicts_the_schema(store: Store) -> None:
    one = new_id()
    with refuses("store.conflict"), store.write() as session:
        session.add(estate(estate_id=one))
        session.flush()
        session.connection().execute(
            Estate.__table__.insert(),  # type: ignore[attr-defined]
            {"estate_id": one, "name": "twice", "created_at": NOW},
        )
    assert names(store) == []


def test_text_that_cannot_be_stored(store: Store) -> None:
    with refuses("store.text"), store.write() as session:
        session.add(estate("half a pair \ud83d"))
    if store.path is None:
        with refuses("store.text"), store.write() as session:
            session.add(estate("a NUL \x00"))
    assert names(store) == []


HOSTILE = [
    "[/b]",
    "'); DROP TABLE estate; --",
    "\u202eexe.x",
    "👩‍👩‍👧‍👦" * 50,
    "\x1b[2J",
    "字" * 100_000,
    "%s %(x)s :name ?",
]


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_comes_back_as_it_was(store: Store, words: str) -> None:
    with store.write() as session:
        session.add(estate(words, settings={words: words}))
    with store.read() as session:
        found = session.exec(select(Estate).where(Estate.name == words)).one()
    assert found.settings == {words: words}


def event() -> Event:
    subject = new_id()
    return Event(
        estate_id=ESTATE,
        seq=1,
        name="ticket.opened",
        happened_at=NOW,
        recorded_at=NOW,
        subject_type="ticket",
        subject_id=subject,
        root_type="ticket",
        root_id=subject,
        batch=new_id(),
        prev_hash="",
        hash="0",
    )


def test_events_are_never_changed(store: Store) -> None:
    with store.write() as session:
        session.add(event())
    for statement in (
        "UPDATE event SET name = 'ticket.closed'",
        "UPDATE event SET hash = hash",
        "DELETE FROM event",
        "TRUNCATE event" if store.path is None else "REPLACE INTO event SELECT * FROM event",
    ):
        with refuses("store.conflict"), store.write() as session:
            session.connection().execute(text(statement))
    with store.read() as session:
        assert session.exec(select(Event.name)).all() == ["ticket.opened"]


def test_a_mistake_of_ours_is_not_called_a_fault_of_the_store(store: Store) -> None:
    with pytest.raises(Exception, match="no_such_column"), store.read() as session:
        session.connection().execute(text("SELECT no_such_column FROM estate"))
    with pytest.raises(FileNotFoundError), store.write():
        Path("/no/such/printer").read_bytes()


# -- files that are not what they should be ------------------------------------------------------------------


def other_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute(f"INSERT INTO alembic_version VALUES ('{SCHEMA}')")
        connection.commit()


def empty_database_of_another(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA application_id = 1")


def newer(path: Path) -> None:
    Store.open(path, create=True).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()


def cut_short(path: Path) -> None:
    with Store.open(path, create=True) as store:
        add(store, *["阳光花园"] * 500)
    path.write_bytes(path.read_bytes()[:9000])


def schema_spoilt(path: Path) -> None:
    """What SQLite says of it quotes a byte that is no text."""
    Store.open(path, create=True).close()
    whole = path.read_bytes()
    assert b"CREATE TABLE ticket" in whole
    path.write_bytes(whole.replace(b"CREATE TABLE ticket", b"CREATE TABL\xc8 ticket"))


def file_for_a_folder(path: Path) -> None:
    path.parent.rmdir()
    path.parent.touch()


UNFIT: dict[str, tuple[Callable[[Path], object], str]] = {
    "not there": (lambda path: None, "store.missing"),
    "no folder": (lambda path: path.parent.rmdir(), "store.no_folder"),
    "a file for a folder": (file_for_a_folder, "store.no_folder"),
    "empty": (lambda path: path.touch(), "store.missing"),
    "a folder": (lambda path: path.mkdir(), "store.not_a_database"),
    "a pipe": (lambda path: os.mkfifo(path), "store.not_a_database"),
    "a letter": (lambda path: path.write_text("尊敬的业主：" * 1000), "store.not_a_database"),
    "noise": (lambda path: path.write_bytes(random.Random(1).randbytes(8192)), "store.not_a_database"),
    "a head only": (lambda path: path.write_bytes(b"SQLite format 3\x00"), "store.not_a_database"),
    "a head and noise": (
        lambda path: path.write_bytes(b"SQLite format 3\x00" + random.Random(2).randbytes(8192)),
        "store.not_a_database",
    ),
    "cut short": (cut_short, "store.corrupt"),
    "spoilt in its schema": (schema_spoilt, "store.corrupt"),
    "another program's": (other_program, "store.foreign"),
    "another program's, empty": (empty_database_of_another, "store.foreign"),
    "newer": (newer, "store.newer"),
}


@pytest.mark.parametrize("kind", UNFIT)
def test_a_file_that_does_not_fit_is_refused_and_left_as_it_was(tmp_path: Path, kind: str) -> None:
    prepare, code = UNFIT[kind]
    path = tmp_path / "inner" / "desk.db"
    path.parent.mkdir()
    prepare(path)
    kept = path.read_bytes() if path.is_file() else None
    others = beside(path) if path.parent.is_dir() else set()
    with refuses(code) as caught:
        Store.open(path)
    assert str(path) == caught.value.params["place"]
    assert (path.read_bytes() if path.is_file() else None) == kept
    if path.parent.is_dir():
        assert beside(path) == others


@pytest.mark.parametrize("kind", [kind for kind in UNFIT if kind not in ("not there", "empty")])
def test_creating_overwrites_nothing(tmp_path: Path, kind: str) -> None:
    prepare, code = UNFIT[kind]
    path = tmp_path / "inner" / "desk.db"
    path.parent.mkdir()
    prepare(path)
    kept = path.read_bytes() if path.is_file() else None
    with refuses(code):
        Store.open(path, create=True)
    assert (path.read_bytes() if path.is_file() else None) == kept


def test_a_newer_store_says_which_version_it_has(tmp_path: Path) -> None:
    newer(tmp_path / "desk.db")
    with refuses("store.newer") as caught:
        Store.open(tmp_path / "desk.db")
    assert (caught.value.params["found"], caught.value.params["known"]) == ("9999", SCHEMA)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("mysql://desk@host/desk", "store.address"),
        ("postgresql://host:port/desk", "store.address"),
        ("nonsense://", "store.address"),
        ("postgresql://desk:secret@127.0.0.1:1/desk", "store.unreachable"),
        ("postgresql://desk:secret@host.invalid/desk", "store.unreachable"),
    ],
)
def test_an_address_that_leads_nowhere(given: str, code: str) -> None:
    with refuses(code) as caught:
        Store.open(given, wait=2)
    assert "secret" not in str(caught.value.params["place"])


@pytest.mark.postgres
def test_a_server_that_goes_away(tmp_path: Path) -> None:
    with postgres.server() as folder:
        store = Store.open(postgres.database(folder), create=True, wait=2)
        add(store, "阳光花园")
    for attempt in (names, add, Store.change_mark):
        with refuses("store.unreachable"):
            attempt(store)
    with refuses("store.server"):
        store.backup(tmp_path / "copy.db")
    store.close()


@pytest.mark.postgres
def test_another_programs_server_is_refused(socket_folder: Path) -> None:
    import psycopg

    url = postgres.database(socket_folder)
    with refuses("store.missing"):
        Store.open(url)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE event (id int)")
    with refuses("store.foreign"):
        Store.open(url, create=True)


# -- making one ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["desk.db", "库 a?#%41&mode=ro.db", "file:x.db", ":memory:", "-wal", "a'b\"c"])
def test_names_of_files(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    for place in (path, str(path)):
        with Store.open(place, create=True) as store:
            add(store, "阳光花园")
            store.backup(tmp_path / f"{len(names(store))} copy of {name}")
    assert {path.name, f"1 copy of {name}", f"2 copy of {name}"} == {each.name for each in tmp_path.iterdir()}


def test_the_place_stays_when_the_working_folder_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Store.open("desk.db", create=True) as store:
        monkeypatch.chdir("/")
        add(store, "阳光花园")
        assert store.path == tmp_path / "desk.db"
        with Store.open(store.url) as again:
            assert names(again) == ["阳光花园"]


def test_only_its_owner_may_read_it(path: Path) -> None:
    with Store.open(path) as store:
        add(store, "another")
        store.backup(path.with_name("copy.db"))
        assert {each.stat().st_mode & 0o777 for each in path.parent.iterdir()} == {0o600}


def test_eight_first_starts_at_once_make_one_store(where: str | Path) -> None:
    start = threading.Barrier(8)

    def first(number: int) -> None:
        start.wait()
        with Store.open(where, create=True, wait=30) as store:
            add(store, str(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(first, range(8)))
    with Store.open(where) as store:
        assert names(store) == list("01234567")
        assert store.check() == ()


def test_the_users_own_store_gets_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    with refuses("store.no_folder"):
        Store.open(default_place())
    Store.open(default_place(), create=True).close()
    assert default_path().is_file()
    monkeypatch.setenv("DESK_DB", str(tmp_path / "named.db"))
    assert default_path() == default_place() == tmp_path / "named.db"
    monkeypatch.setenv("DESK_DB", "postgresql://host/desk")
    assert default_place() == "postgresql://host/desk"


def test_opening_a_store_that_is_up_to_date_imports_no_alembic(path: Path) -> None:
    code = "import sys, desk.store as s; s.Store.open(sys.argv[1]).close(); print('alembic' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


STDLIB = """
import sys
sys.modules["pysqlite3"] = None
from desk.store import Store, sqlite
from sqlalchemy import text
with Store.open(sys.argv[1], create=True) as store, store.write() as session:
    mode = session.connection().execute(text("PRAGMA journal_mode")).scalar()
    count = session.connection().execute(text("SELECT count(*) FROM estate")).scalar()
    print(sqlite.driver.__name__, sqlite.driver.sqlite_version_info >= (3, 51, 3), mode, count)
"""


def test_without_a_sqlite_that_logs_safely_the_old_journal_is_used(path: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", STDLIB, path], capture_output=True, text=True, check=True)
    driver, safe, mode, count = ran.stdout.split()
    assert (driver, mode, count) == ("sqlite3.dbapi2", "wal" if safe == "True" else "delete", "1")
    with Store.open(path) as store:
        assert names(store) == ["阳光花园"]


# -- locks, rights, room -------------------------------------------------------------------------------------

HOLD = """
import sys
connection = __import__(sys.argv[1], fromlist=["connect"]).connect(sys.argv[2], isolation_level=None)
for statement in sys.argv[3:]:
    connection.execute(statement).fetchall()
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(path: Path, *statements: str) -> Iterator[None]:
    """Another process holds a lock on the file."""
    command = [sys.executable, "-c", HOLD, sqlite.driver.__name__, str(path), *statements]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        try:
            yield
        finally:
            other.stdin.close()


def test_locked_by_another_program(path: Path, tmp_path: Path) -> None:
    with held(path, "BEGIN IMMEDIATE"), Store.open(path, wait=0.3) as store:
        assert names(store) == ["阳光花园"]
        began = time.monotonic()
        with refuses("store.locked"):
            add(store, "too early")
        assert 0.2 < time.monotonic() - began < 4.5, "as long as was said, not the five seconds of the console"
        store.backup(tmp_path / "copy.db")
    with Store.open(path) as store:
        add(store, "unlocked")


def test_locked_altogether(path: Path) -> None:
    with held(path, "PRAGMA journal_mode = DELETE", "BEGIN EXCLUSIVE"):
        for read_only in (False, True):
            with refuses("store.locked"):
                Store.open(path, wait=0.2, read_only=read_only)
    with Store.open(path) as store:
        add(store, "unlocked")


@contextmanager
def as_somebody_ordinary() -> Iterator[None]:
    """For root no folder is read-only."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(ORDINARY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def anybodys() -> Iterator[Path]:
    """A folder that an ordinary user may reach and write; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="desk-"))
    if os.geteuid() == 0:
        os.chown(folder, ORDINARY, ORDINARY)
    yield folder
    for each in [folder, *folder.rglob("*")]:
        each.chmod(0o700)
    shutil.rmtree(folder)


def test_a_read_only_folder(anybodys: Path) -> None:
    path = anybodys / "desk.db"
    with as_somebody_ordinary():
        with Store.open(path, create=True) as store:
            add(store, "阳光花园")
        anybodys.chmod(0o500)
        with refuses("store.read_only"):
            Store.open(path)
        with refuses("store.read_only"):
            Store.open(anybodys / "new.db", create=True)
        with Store.open(path, read_only=True) as store:
            assert names(store) == ["阳光花园"]
            assert store.change_mark() == store.change_mark()
            assert store.check() == ()
            with refuses("store.read_only"):
                add(store, "never")
            with refuses("store.no_access"):
                store.backup(anybodys / "copy.db")
    assert beside(path) == set()


def test_a_read_only_folder_with_a_log_left_in_it(anybodys: Path) -> None:
    """After a power cut the newest rows are in the log alone: to read without it would show a false state."""
    path = anybodys / "desk.db"
    with as_somebody_ordinary():
        with Store.open(path, create=True) as store:
            add(store, "阳光花园")
            left = anybodys / "left"
            left.mkdir()
            for suffix in ("", "-wal"):
                shutil.copy(f"{path}{suffix}", left)
        left.chmod(0o500)
        with refuses("store.io"):
            Store.open(left / "desk.db", read_only=True)
        left.chmod(0o700)
        with Store.open(left / "desk.db") as store:
            assert names(store) == ["阳光花园"]


@pytest.mark.parametrize(("mode", "code"), [(0o400, "store.read_only"), (0o000, "store.no_access")])
def test_a_file_without_the_rights(anybodys: Path, mode: int, code: str) -> None:
    path = anybodys / "desk.db"
    with as_somebody_ordinary():
        Store.open(path, create=True).close()
        path.chmod(mode)
        with refuses(code):
            Store.open(path)
        with refuses(code):
            Store.open(path, create=True)
        if mode:
            with Store.open(path, read_only=True) as store:
                assert names(store) == []


def test_no_room_left_for_a_page(path: Path) -> None:
    """SQLite's own limit stands for the disk's: it says FULL and has rolled back already."""
    with Store.open(path) as store:
        with store.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 4}")
        with refuses("store.full"):
            add(store, *["字" * 1000] * 50)
        assert names(store) == ["阳光花园"]
        add(store, "small")
        assert names(store) == ["small", "阳光花园"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small file system needs root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path, leave: int = 0) -> Path:
    """Fill the disk but for ``leave`` bytes."""
    ballast = folder / "ballast"
    ballast.write_bytes(b"0" * (shutil.disk_usage(folder).free - leave))
    return ballast


def test_a_disk_that_fills_up(small_disk: Path) -> None:
    path = small_disk / "desk.db"
    written = []
    with Store.open(path, create=True) as store:
        with refuses("store.full"):
            for number in range(1000):
                add(store, f"{number:04}" + "字" * 5000)
                written.append(number)
        assert [int(name[:4]) for name in names(store)] == written
        with refuses("store.full"):
            store.backup(small_disk / "copy.db")
        assert not list(small_disk.glob("*copy*"))
    with Store.open(path) as store:
        assert [int(name[:4]) for name in names(store)] == written


@pytest.mark.parametrize("leave", [0, 4096, 40_960, 120_000])
def test_a_full_disk_at_the_first_start(small_disk: Path, leave: int) -> None:
    fill(small_disk, leave)
    with refuses("store.full"):
        Store.open(small_disk / "desk.db", create=True)
    assert {each.name for each in small_disk.iterdir()} == {"ballast"}


def test_a_full_disk_at_a_later_start(small_disk: Path) -> None:
    path = small_disk / "desk.db"
    with Store.open(path, create=True) as store:
        add(store, "阳光花园")
    ballast = fill(small_disk)
    with pytest.raises(Refusal) as caught, Store.open(path) as store:
        add(store, "one more")
    assert caught.value.code == "store.full"
    ballast.unlink()
    with Store.open(path) as store:
        assert names(store) == ["阳光花园"]


# -- damage --------------------------------------------------------------------------------------------------


def damage(path: Path) -> None:
    """Overwrite the pages after the first ones, as a failing medium does."""
    whole = bytearray(path.read_bytes())
    at = len(whole) * 3 // 4 // 4096 * 4096
    whole[at : at + 8192] = random.Random(3).randbytes(8192)
    path.write_bytes(whole)


def test_damage_is_found(path: Path, tmp_path: Path) -> None:
    with Store.open(path) as store:
        add(store, *(f"{number}" + "字" * 500 for number in range(300)))
        assert store.check() == ()
    damage(path)
    with Store.open(path) as store:
        assert store.check()
        with refuses("store.corrupt"):
            names(store)
        with refuses("store.corrupt"):
            store.backup(tmp_path / "copy.db")
    assert not list(tmp_path.glob("*copy*"))


@pytest.mark.parametrize("what", ["moved", "replaced"])
def test_a_file_taken_away_under_us(path: Path, tmp_path: Path, what: str) -> None:
    """What is written to a file nobody will open again is lost: refused, not acknowledged."""
    with Store.open(path) as store:
        store.backup(tmp_path / "old.db")
        add(store, "newer")
        if what == "moved":
            path.rename(tmp_path / "elsewhere.db")
        else:
            (tmp_path / "old.db").replace(path)
        for attempt in (names, add, Store.change_mark):
            with refuses("store.replaced"):
                attempt(store)
        with refuses("store.replaced"):
            store.backup(tmp_path / "copy.db")


# -- copies --------------------------------------------------------------------------------------------------


def test_a_copy_is_whole_and_stands_alone(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with Store.open(path) as store:
        add(store, "another")
        store.backup(copy)
        add(store, "later")
    assert beside(copy) == {"estate"}
    with Store.open(copy) as again:
        assert names(again) == ["another", "阳光花园"]


def test_a_copy_can_be_made_while_others_write(path: Path, tmp_path: Path) -> None:
    stop = threading.Event()

    def write(store: Store) -> int:
        written = 0
        while not stop.is_set():
            add(store, f"{written:05}")
            written += 1
        return written

    with Store.open(path) as store, ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write, store)
        try:
            for number in range(5):
                store.backup(tmp_path / f"{number}.db")
        finally:
            stop.set()
        assert writing.result() > 0
    for number in range(5):
        with Store.open(tmp_path / f"{number}.db") as copy:
            there = [name for name in names(copy) if name.isdigit()]
            assert there == [f"{each:05}" for each in range(len(there))]


def test_a_copy_overwrites_nothing(path: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("尊敬的业主")
    with Store.open(path) as store:
        for there in (tmp_path / "letter.txt", path, tmp_path):
            with refuses("store.exists"):
                store.backup(there)
        with refuses("store.no_folder"):
            store.backup(tmp_path / "nowhere" / "copy.db")
    assert (tmp_path / "letter.txt").read_text() == "尊敬的业主"


# -- a power cut ---------------------------------------------------------------------------------------------

WRITER = """
import sys
from datetime import UTC, datetime
from desk.models import Counter, Estate, new_id
from desk.store import Store
store, me = Store.open(sys.argv[1]), sys.argv[2]
number = 0
while True:
    with store.write() as session:
        # Two rows that belong together: neither may be there without the other.
        name = f"{me}-{number}"
        session.add(Estate(name=name, created_at=datetime.now(UTC), settings={"text": "字" * 2000}))
        session.add(Counter(estate_id=new_id(), scope=name, value=number))
    print(number, flush=True)
    number += 1
"""


def kept(session: Session) -> tuple[set[str], set[str]]:
    return set(session.exec(select(Estate.name))), set(session.exec(select(Counter.scope)))


def test_killed_while_writing_what_was_acknowledged_is_there(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    Store.open(path, create=True).close()
    acknowledged: set[str] = set()
    chance = random.Random(4)
    for round_ in range(2):
        # Two programs at once: one dies while the other may hold the log.
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", WRITER, str(path), f"{round_}{each}"],
                stdout=subprocess.PIPE,
                text=True,
            )
            for each in "ab"
        ]
        for writer, each in zip(writers, "ab", strict=True):
            assert writer.stdout is not None
            for _ in range(chance.randrange(5, 60)):
                acknowledged.add(f"{round_}{each}-{int(writer.stdout.readline())}")
            time.sleep(chance.random() / 100)
            writer.send_signal(signal.SIGKILL)
            acknowledged |= {f"{round_}{each}-{int(line)}" for line in writer.stdout if line.endswith("\n")}
            writer.wait()
            writer.stdout.close()
        with Store.open(path) as store:
            assert store.check() == ()
            with store.read() as session:
                estates, counters = kept(session)
            assert estates == counters
            assert acknowledged <= estates
    assert len(acknowledged) > 20
