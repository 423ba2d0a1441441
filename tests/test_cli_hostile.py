"""Bad input and faults at the command line: one clear sentence, its exit code, nothing half-written, no traceback."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from desk.procedures import VERBS
from desk.vocabulary import FACTS, FIELDS
from tests.commandline import Answer, CommandLine

#: what must be kept as text, cut to length or refused; never obeyed
TEXTS = (
    "[/b]",
    "[@click=app.exit]x[/]",
    "a\x1b[31mred\x07\x08b",
    "\u202egnp.exe\u2066",
    "'; DROP TABLE ticket; --",
    '"); SELECT * FROM event; --',
    "👩‍👩‍👧‍👦🇨🇳 emoji",
    "长" * 100_000,
    "{0.__class__} %s %(x)s {number}",
    "\n\n\t ",
    "",
    "\ud800half a character",
    "--yes",
    "../../../../etc/passwd",
)
#: what is no time, though it looks like one
TIMES = (
    "25:99",
    "2026-13-45 10:00",
    "9999-12-31 23:59",
    "0001-01-01 00:00",
    "yesterday's dinner",
    "NaN",
    "-1",
    "1e999",
)


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    line = CommandLine(tmp_path_factory.mktemp("founded") / "desk.db", as_="李静", day="2026-03-02")
    staff = ["李静:agent", "王强:technician", "周敏:supervisor"]
    line("init", at="7:00", name="阳光花园", rulebook="work-orders", language="zh", staff=staff)
    line.open("repair", "8:05", room="3-2-501", person="张伟", phone="13800001111", what="厨房漏水")
    line.open("complaint", "8:06", room="3-2-501", person="张伟", phone="13800001111", what="太吵")
    return line.db


@pytest.fixture
def desk(founded: Path, tmp_path: Path) -> Iterator[CommandLine]:
    """A desk with a repair and a complaint; after the test its store must be whole."""
    line = CommandLine(tmp_path / "desk.db", as_="李静", day="2026-03-02")
    shutil.copy(founded, line.db)
    yield line
    with sqlite3.connect(line.db) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("SELECT count(*) FROM ticket").fetchone()[0] >= 2


def fair(answer: Answer, line: CommandLine, codes: tuple[int, ...] = (0, 1, 2, 3)) -> None:
    """One sentence where it is refused, and nothing that a terminal would obey."""
    typed = line.typed[-1][:300]
    assert answer.code in codes, (typed, answer)
    assert "Traceback" not in answer.err, typed
    if answer.code:
        assert answer.err.strip(), typed
        assert answer.err.count("\n") <= 3, (typed, answer.err)
        assert len(answer.err) < 2000, typed
    for shown in (answer.out, answer.err):
        assert not {"\x1b", "\x07", "\x08", "\u202e", "\u2066"} & set(shown), (typed, shown)


def test_every_option_of_every_verb(desk: CommandLine) -> None:
    """Hostile text in every option that takes text, on a ticket of each kind: kept as text or refused."""
    texts, times = cycle(TEXTS), cycle(TIMES)
    for (subject, name), verb in VERBS.items():
        if subject not in ("ticket", "appointment", "callback"):
            continue
        for number in ("R-260302-001", "C-260302-001"):
            words = ["ticket", name, number, "--db", str(desk.db), "--lang", "en", "--as", "李静", "--yes"]
            words += ["--at", "2026-03-02 9:00"]
            for param in verb.params:
                if param.type != "flag":
                    flag = f"--{param.name.replace('_', '-')}"
                    words.append(f"{flag}={next(times if param.type == 'time' else texts)}")
            fair(desk.run(*words), desk)


def test_every_field_of_an_intake(desk: CommandLine) -> None:
    texts, times = cycle(TEXTS), cycle(TIMES)
    for field in dict.fromkeys(("room", "person", *FIELDS)):
        if field in FACTS and FACTS[field].type == "flag":
            continue
        given = {"room": "3-2-501", "what": "漏水", field: next(times if _is_time(field) else texts)}
        options = [f"--{name.replace('_', '-')}={value}" for name, value in given.items()]
        base = ["--db", str(desk.db), "--lang", "en", "--as", "李静", "--at", "2026-03-02 9:30"]
        fair(desk.run("ticket", "open", "repair", *base, *options), desk, (0, 1, 2, 3, 4))
    # what was kept can be looked at everywhere
    for words in (("due",), ("ticket", "list", "--limit", "1000"), ("log",), ("handover", "sheet"), ("callback",)):
        who = () if words[0] in ("due", "ticket") else ("--as", "李静")
        fair(desk.run(*words, "--db", str(desk.db), "--lang", "en", "--at", "2026-03-02 9:40", *who), desk, (0,))


#: a matter of each of the other desks
DESKS: dict[str, tuple[tuple[str, dict[str, Any]], ...]] = {
    "reception": (("visit", {"matter": "question", "person_name": "张伟"}), ("repair", {})),
    "service-centre": (("repair", {"emergency": True}),),
    "serviced-apartment": (("engineering", {}),),
}


@pytest.mark.parametrize("manual", DESKS)
def test_every_option_of_the_other_desks_verbs(manual: str, tmp_path: Path) -> None:
    """The same at the reception, the service centre and the apartments, visits with them."""
    desk = CommandLine(tmp_path / "desk.db", as_="李静", day="2026-03-02")
    staff = ["李静:agent", "王强:technician", "周敏:supervisor", "吴涛:director"]
    desk("init", at="7:00", name="阳光花园", rulebook=manual, language="zh", staff=staff)
    texts, times = cycle(TEXTS), cycle(TIMES)
    for kind, given in DESKS[manual]:
        if kind == "visit":
            number = str(desk("visit", "arrive", at="8:30", json=True, **given).record["number"])
        else:
            number = desk.open(kind, "8:40", room="3-2-501", person="张伟", what="漏水", **given)
        for (subject, name), verb in VERBS.items():
            if subject not in (("visit",) if kind == "visit" else ("ticket", "appointment", "callback")):
                continue
            words = ["visit" if kind == "visit" else "ticket", name, number, "--db", str(desk.db), "--lang", "en"]
            words += ["--as", "李静", "--yes", "--at", "2026-03-02 9:00"]
            for param in verb.params:
                if param.type != "flag":
                    flag = f"--{param.name.replace('_', '-')}"
                    words.append(f"{flag}={next(times if param.type == 'time' else texts)}")
            fair(desk.run(*words), desk)
    for words in (["due"], ["visit", "board"], ["log", "--as", "李静"], ["handover", "sheet", "--as", "李静"]):
        if words[0] != "visit" or manual == "reception":
            fair(desk.run(*words, "--db", str(desk.db), "--lang", "en", "--at", "2026-03-02 9:40"), desk, (0,))


def _is_time(field: str) -> bool:
    return field in FACTS and FACTS[field].type == "time"


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: repr(text[:12]))
def test_arguments_and_shared_options(desk: CommandLine, text: str) -> None:
    base = ("--db", str(desk.db), "--lang", "en")
    for words in (
        ("ticket", "show", "--", text),
        ("ticket", "list", f"--text={text}"),
        ("ticket", "list", f"--kind={text}"),
        ("due", f"--who={text}"),
        ("log", f"--text={text}"),
        ("log", f"--day={text}"),
        ("log", "--note=x", f"--as={text}"),
        ("log", "--note=x", "--as=李静", f"--at={text}"),
        ("log", "--note=x", "--as=李静", f"--by={text}"),
        ("due", f"--estate={text}"),
        ("callback", "--", text),
        ("rules", "check", "--", text),
        ("import", "people", "--as=李静", "--", text),
        ("export", "--", text),
    ):
        at = words.index("--") if "--" in words else len(words)
        fair(desk.run(*words[:at], *base, *words[at:]), desk, (0, 1, 2, 4))
    fair(desk.run("due", f"--lang={text}"), desk, (0, 1, 2, 4))


# -- stores that cannot be used ------------------------------------------------------------------------------


def test_a_file_that_is_no_store(tmp_path: Path) -> None:
    """Told plainly, left as it is."""
    line = CommandLine(tmp_path / "x.db")
    for name, content in {"text": b"hello\n", "noise": bytes(range(256)) * 40, "cut": b"SQLite format 3\x00"}.items():
        path = tmp_path / name
        path.write_bytes(content)
        for words in (("due",), ("init", "--name", "x", "--staff", "a"), ("log", "--note", "x", "--as", "a")):
            answer = line.run(*words, "--db", str(path), "--lang", "en")
            fair(answer, line, (4,))
            assert str(path) in answer.err
        assert path.read_bytes() == content
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as database:
        database.execute("CREATE TABLE theirs (x)")
    before = other.read_bytes()
    fair(line.run("init", "--db", str(other), "--name", "x", "--staff", "a", "--lang", "en"), line, (4,))
    assert other.read_bytes() == before
    for place in (str(tmp_path), str(tmp_path / "none.db"), "http://x", "postgresql://", "长" * 5000, "/dev/null"):
        fair(line.run("due", "--db", place, "--lang", "en"), line, (4,))


def test_a_refused_founding_leaves_nothing(tmp_path: Path) -> None:
    """No name, nobody, an unknown duty, a broken rulebook: no store is made."""
    line = CommandLine(tmp_path / "new.db")
    broken = tmp_path / "broken.toml"
    source = Path(__file__).resolve().parent.parent / "data" / "rulebooks" / "residential.toml"
    broken.write_text(source.read_text("utf-8").replace('on = "ticket.opened"', 'on = "ticket.opend"', 1), "utf-8")
    (tmp_path / "no.toml").write_text("x = [", "utf-8")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    for words, says in (
        (("--staff", "a"), "name"),
        (("--name", "x"), "work"),
        (("--name", "x", "--staff", "a:boss"), "boss"),
        (("--name", "x", "--staff", ":agent"), "name"),
        (("--name", "x", "--staff", "a", "--rulebook", "nosuch"), "nosuch"),
        (("--name", "x", "--staff", "a", "--rulebook", str(broken)), "ticket.opened"),
        (("--name", "x", "--staff", "a", "--rulebook", str(tmp_path / "no.toml")), "no.toml"),
        (("--name", "x", "--staff", "a", "--rulebook", str(tmp_path / "bytes.toml")), "bytes.toml"),
        (("--name", "x", "--staff", "a", "--calendar", str(tmp_path / "no.toml")), "no.toml"),
        (("--name", "x", "--staff", "a", "--at", "25:99"), "25:99"),
        (("--name", "x", "--staff", "a", "--language", "fr"), "fr"),
    ):
        answer = line.run("init", "--db", str(line.db), "--lang", "en", *words)
        fair(answer, line, (1, 2))
        assert says in answer.err, (words, answer.err)
        assert not line.db.exists(), words
    assert line.run("init", "--db", str(line.db), "--name", "x", "--staff", "a", "--lang", "en").code == 0


_HOLDS = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN IMMEDIATE")
print("held", flush=True)
input()
"""


def test_a_locked_store(desk: CommandLine) -> None:
    """Somebody else writes and does not stop: said after a while, nothing recorded; reading goes on."""
    # locks are a process's: it takes another to be kept out
    other = subprocess.Popen(
        [sys.executable, "-c", _HOLDS, str(desk.db)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdin is not None
    assert other.stdout is not None
    try:
        assert other.stdout.readline() == "held\n"
        desk("due", at="9:00")
        answer = desk.run("log", "--note", "x", "--db", str(desk.db), "--as", "李静", "--lang", "en")
        fair(answer, desk, (4,))
    finally:
        other.communicate("\n", timeout=30)
    assert "x" not in [row["words"].get("note") for row in desk("log", day="all", json=True).record]


ORDINARY = 65534


@pytest.mark.skipif(os.name != "posix", reason="folders are made read-only by their mode")
def test_a_read_only_folder(desk: CommandLine) -> None:
    """What cannot be written can be looked at; writing says that it cannot."""
    desk("log", note="before", at="8:30")
    folder = Path(tempfile.mkdtemp(prefix="desk-"))
    line = CommandLine(folder / "desk.db", as_="李静", day="2026-03-02")
    shutil.copy(desk.db, line.db)
    root = os.geteuid() == 0  # for whom nothing is read-only
    if root:
        os.chown(folder, ORDINARY, ORDINARY)
        os.chown(line.db, ORDINARY, ORDINARY)
    folder.chmod(0o500)
    if root:
        os.seteuid(ORDINARY)
    try:
        looked = line.run("log", "--day", "all", "--db", str(line.db), "--lang", "en")
        written = line.run("log", "--note", "x", "--db", str(line.db), "--as", "李静", "--lang", "en")
        made = line.run("init", "--name", "x", "--staff", "a", "--db", str(folder / "new.db"), "--lang", "en")
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o700)
        shutil.rmtree(folder)
    fair(looked, line, (0,))
    assert "before" in looked.out
    fair(written, line, (4,))
    fair(made, line, (4,))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small file system needs root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk(founded: Path, small_disk: Path) -> None:
    """Told plainly, nothing half-written; with room again the act is repeated as it was."""
    line = CommandLine(small_disk / "desk.db", as_="李静", day="2026-03-02")
    shutil.copy(founded, line.db)
    line("log", note="before", at="8:30")
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"0" * shutil.disk_usage(small_disk).free)
    words = ["ticket", "open", "repair", "--room", "3-2-502", "--what", "长" * 4000, "--db", str(line.db)]
    words += ["--as", "李静", "--at", "2026-03-02 9:00", "--lang", "en"]
    fair(line.run(*words), line, (4,))
    ballast.unlink()
    assert [row["number"] for row in line("ticket", "list", kind="repair", json=True).record] == ["R-260302-001"]
    assert line.run(*words).out.strip() == "R-260302-002"
