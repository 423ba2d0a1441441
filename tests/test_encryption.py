"""The records in an encrypted file: opened with its passphrase only, backed up encrypted, put back, opened up again."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from desk.cli import call as calls
from desk.errors import Refusal
from desk.ledger.check import check
from desk.screens.fault import FaultScreen
from desk.screens.passphrase import PassphraseScreen
from desk.session import DeskSession
from desk.store import Store, backups, cipher, sealing, sqlite
from tests.commandline import CommandLine
from tests.desks import make_desk
from tests.screens import run_desk
from tests.test_migrations import following
from tests.test_store import refuses

pytest.importorskip("sqlcipher3")
pytestmark = pytest.mark.file_only("a server encrypts with its own tools")

NOW = datetime(2026, 11, 22, 2, 24, tzinfo=UTC)
WORDS = "正确的马 电池 订书钉 staple"
WORD = "主卧空调不制冷"


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    """A key costs half a second on purpose; here one is made a hundred times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cipher, "_ROUNDS", 500)
        yield


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An estate's desk with a matter and a backup, encrypted."""
    folder = tmp_path_factory.mktemp("sealed")
    desk = make_desk(folder)
    desk.open("repair", what=WORD, room="3-2-501")
    path = desk.store.path
    assert path is not None
    desk.store.close()
    backups.make(path, "start", NOW)
    sealing.seal(path, cipher.Key.made(WORDS), NOW)
    assert backups.make(path, "asked", NOW + timedelta(hours=1)).copy is not None
    Store.open(path).close()
    cipher.forget()
    return path


@pytest.fixture
def path(sealed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of it, in a process that knows nothing."""
    monkeypatch.delenv(cipher.VARIABLE, raising=False)
    shutil.copytree(sealed.parent, tmp_path, dirs_exist_ok=True)
    cipher.forget()
    yield tmp_path / sealed.name
    cipher.forget()


@pytest.fixture
def opened(path: Path) -> Path:
    cipher.give(WORDS)
    return path


def spoil(path: Path, at: int, count: int = 64) -> None:
    with path.open("rb+") as file:
        file.seek(at)
        file.write(bytes(count))


def test_nothing_of_it_can_be_read_without_the_passphrase(opened: Path) -> None:
    with Store.open(opened) as store:
        log = opened.with_name(opened.name + "-wal")
        with store.engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE note AS SELECT '尊敬的业主' AS said")
        assert log.stat().st_size
        for file in (opened, log, backups.copies(opened)[0].path):
            lies = file.read_bytes()
            assert WORD.encode() not in lies
            assert "尊敬的业主".encode() not in lies
            assert b"CREATE TABLE" not in lies
    before = next(opened.parent.glob("desk.db.before-encryption-*")).read_bytes()
    assert WORD.encode() in before


def test_the_passphrase_decides_and_a_wrong_one_is_no_damage(path: Path) -> None:
    lies = path.read_bytes()
    with refuses("store.encrypted"):
        Store.open(path)
    cipher.give("something else")
    with refuses("store.passphrase"):
        Store.open(path)
    session = DeskSession(path)
    assert session.backup_there() is None  # or a sound file would be moved aside
    assert session.locked_backup() is None
    assert path.read_bytes() == lies
    # full-width letters and another way of writing the same characters come to the same
    cipher.give(WORDS.replace("staple", "ｓｔａｐｌｅ"))
    with Store.open(path) as store:
        assert check(store).sound


def test_any_sqlcipher_opens_it_with_its_passphrase(opened: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cipher.recognised(opened)
    monkeypatch.setattr(cipher, "_ROUNDS", 256_000)
    sealing.seal(opened, cipher.Key.made("four ｗords 足够长"), NOW)
    with closing(cipher.driver("").connect(str(opened))) as raw:
        raw.execute("PRAGMA key = 'four words 足够长'")
        assert raw.execute("SELECT count(*) FROM estate").fetchone() == (1,)


def test_the_environment_gives_it_where_nobody_can_be_asked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cipher.VARIABLE, WORDS)
    with Store.open(path) as store:
        assert store.check(thorough=True) == ()


def test_it_is_kept_as_safely_as_any_file(opened: Path) -> None:
    with Store.open(opened) as store, store.engine.connect() as connection:

        def said(pragma: str) -> object:
            return connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()

        assert cipher.driver("").sqlite_version_info >= (3, 51, 3)
        assert said("journal_mode") == "wal"
        assert said("synchronous") == 3
        assert said("foreign_keys") == 1
        assert said("trusted_schema") == 0
        assert said("temp_store") == 2  # nothing in a file beside it
        with pytest.raises(Exception, match="events are never changed"):
            connection.exec_driver_sql("DELETE FROM event")


def test_the_key_is_made_once_and_shown_nowhere(opened: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = cipher.recognised(opened)
    assert key is not None
    assert key.secret.hex() not in repr(key)
    monkeypatch.setattr(cipher.Key, "made", lambda *_: pytest.fail("made again"))
    with Store.open(opened) as store, store.read():
        store.change_mark()
    backups.look(backups.copies(opened)[0].path)


def told(path: Path) -> str:
    """What comes of opening a file and looking through it."""
    try:
        with Store.open(path) as store:
            return "found" if store.check(thorough=True) else ""
    except Refusal as refusal:
        return refusal.code


DAMAGE = {"a page": 4096 * 40 + 900, "the first page": 900, "the salt": 0}


@pytest.mark.parametrize("where", DAMAGE)
def test_damage_is_told_from_a_wrong_passphrase(opened: Path, where: str) -> None:
    spoil(opened, DAMAGE[where], 200 if where == "the salt" else 64)
    assert told(opened) == ("found" if where == "a page" else "store.corrupt")
    cipher.forget()
    session = DeskSession(opened)
    if where == "the salt":  # nothing says any more what the file's passphrase was made into
        locked = session.locked_backup()
        assert locked == str(backups.copies(opened)[0].path)
        session.unlock(locked, WORDS)
    else:
        cipher.give(WORDS)
    found = session.backup_there()
    assert found is not None
    assert found[0].why == "asked"
    kept = session.put_back(found[0], NOW)
    assert kept is not None
    with Store.open(opened) as store:
        assert check(store).sound


def test_random_bytes_in_it_are_no_passphrase_either(opened: Path) -> None:
    """Wherever a byte is turned round, it opens, or it is said to be damaged."""
    size = opened.stat().st_size
    lies = opened.read_bytes()
    for at in range(16, size, size // 12):
        opened.write_bytes(lies[:at] + bytes([lies[at] ^ 0xFF]) + lies[at + 1 :])
        assert told(opened) in ("found", "store.corrupt"), at


def test_backups_are_encrypted_and_an_older_plain_one_is_when_it_comes_back(opened: Path) -> None:
    copy, plain = backups.copies(opened)
    assert (cipher.encrypted(copy.path), cipher.encrypted(plain.path)) == (True, False)
    assert backups.lost(opened, plain.path).entries == 0
    for back in (copy, plain):
        backups.put_back(opened, back.path, NOW)
        assert cipher.encrypted(opened)
        with Store.open(opened) as store:
            assert check(store).sound
    with Store.open(opened) as store:
        store.backup(opened.with_name("by-hand.db"))
    assert cipher.encrypted(opened.with_name("by-hand.db"))


def test_what_is_encrypted_is_upgraded_encrypted(opened: Path) -> None:
    """The copy that is kept before an upgrade is not the hole in it."""
    with Store.open(opened, schema=following(opened.parent / "later")) as store:
        assert store.check() == ()
    (kept,) = opened.parent.glob("desk.db.before-9001-*")
    assert cipher.encrypted(kept)


HOLD = """
import sys
from sqlcipher3 import dbapi2
held = dbapi2.connect(sys.argv[1])
held.execute('PRAGMA key = "' + sys.stdin.readline().strip() + '"')
held.execute("SELECT count(*) FROM estate").fetchone()
print("open", flush=True)
sys.stdin.read()
"""


def test_it_is_refused_while_another_program_has_the_file(opened: Path) -> None:
    lies, key = opened.read_bytes(), cipher.recognised(opened)
    assert key is not None
    command = [sys.executable, "-c", HOLD, str(opened)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        other.stdin.write(key.pragma + "\n")
        other.stdin.flush()
        assert other.stdout.readline() == "open\n"
        with refuses("store.locked"):
            sealing.seal(opened, None, NOW)
        other.stdin.close()
    assert opened.read_bytes() == lies
    assert not list(opened.parent.glob("*.part*"))


def test_what_arrives_otherwise_is_not_put_in_place(opened: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dropping(raw: Any, part: Path, key: cipher.Key | None, place: str, progress: sealing.Progress) -> None:
        carry(raw, part, key, place, progress)
        with closing(sqlite.connect(part, mode="rw", wait=1, query_only=False)) as copied:
            copied.execute("UPDATE estate SET head_seq = head_seq - 1")

    carry = sealing._carry
    monkeypatch.setattr(sealing, "_carry", dropping)
    before = backups.held(opened)
    with refuses("store.corrupt"):
        sealing.seal(opened, None, NOW)
    assert cipher.encrypted(opened)
    assert backups.held(opened) == before
    assert not list(opened.parent.glob("*.part*"))
    with closing(sealing._connect(cipher.driver(""), opened)) as raw:
        raw.execute("ATTACH ':memory:' AS sealed KEY ''")
        raw.execute("SELECT sqlcipher_export('sealed')").fetchone()
        raw.execute("DELETE FROM sealed.room WHERE number = (SELECT min(number) FROM room)")
        with refuses("store.corrupt"):
            sealing._compare(raw, str(opened), lambda *_: None)


def test_without_the_package_a_sentence_says_what_to_install(opened: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlcipher3", None)
    run = CommandLine(opened)
    answer = run("due", expect=4)
    assert "sqlcipher3" in answer.err
    assert "“encrypted”" in answer.err


# -- the command line ----------------------------------------------------------------------------------------


def test_encrypted_and_opened_up_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = make_desk(tmp_path)
    desk.store.close()
    path = tmp_path / "desk.db"
    run = CommandLine(path, as_="supervisor")
    run("backup")
    assert "DESK_NEW_PASSPHRASE" in run("encrypt", expect=1).err
    assert "not encrypted" in run("decrypt", yes=True, expect=1).err
    monkeypatch.setenv(cipher.NEW_VARIABLE, "short")
    assert "at least 10" in run("encrypt", yes=True, expect=1).err
    monkeypatch.setenv(cipher.NEW_VARIABLE, WORDS)
    assert "--yes" in run("encrypt", expect=3).err
    assert not cipher.encrypted(path)
    told = run("encrypt", yes=True).out
    assert "desk.db.before-encryption-" in told
    assert "-asked.db" in told
    assert cipher.encrypted(path)
    cipher.forget()
    assert "DESK_PASSPHRASE" in run("due", expect=4).err
    monkeypatch.setenv(cipher.VARIABLE, "not it at all")
    assert "not the passphrase" in run("check", expect=4).err
    monkeypatch.setenv(cipher.VARIABLE, WORDS)
    run("check")
    assert "already" in run("encrypt", yes=True, expect=1).err
    monkeypatch.setenv(cipher.NEW_VARIABLE, "another one altogether")
    gone = json.loads(run("encrypt", "--again", "--remove-plain", yes=True, json=True).out)
    assert gone["plain"] == []
    assert len(gone["removed"]) == 2
    cipher.forget()
    assert "not the passphrase" in run("due", expect=4).err
    monkeypatch.setenv(cipher.VARIABLE, "another one altogether")
    run("restore", "--newest", yes=True)
    run("decrypt", yes=True)
    monkeypatch.delenv(cipher.VARIABLE)
    cipher.forget()
    run("check")


def test_at_a_terminal_it_is_asked_for_three_times(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter(["wrong one", "wrong two", WORDS])
    monkeypatch.setattr(calls.Call, "secret", staticmethod(lambda question: next(typed)))
    answer = CommandLine(path)("due")
    assert answer.err.count("That is not the passphrase") == 2
    cipher.forget()
    typed = iter(["1", "2", "3", "4"])
    assert CommandLine(path)("due", expect=4).err.count("That is not the passphrase") == 3
    assert next(typed) == "4"


# -- the console ---------------------------------------------------------------------------------------------


async def test_the_console_asks_before_it_opens(path: Path) -> None:
    async with run_desk(path, who=None) as pilot:
        await pilot.until(lambda: isinstance(pilot.app.screen, PassphraseScreen), "the passphrase is asked for")
        await pilot.type("wrong")
        await pilot.press("enter")
        await pilot.sees("That is not the passphrase")
        await pilot.press("escape")
        await pilot.until(lambda: isinstance(pilot.app.screen, FaultScreen), "without it nothing opens")
        await pilot.press("enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, PassphraseScreen), "it is asked for again")
        await pilot.type(WORDS)
        await pilot.press("enter")
        await pilot.until(lambda: pilot.app.session.ledger is not None, "the records are open")
    assert not list(path.parent.glob("desk.db.before-restore-*"))
