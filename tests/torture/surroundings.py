"""The console in a hostile terminal: hung up, closed, resized, pasted into, full of hostile text.

``python -m tests.torture.surroundings`` runs all of it in full. What is measured is the thread of the interface: how
long the processor was busy with any one thing it did (``longest``), during which no key would be heard.
"""

from __future__ import annotations

import fcntl
import os
import pty
import random
import re
import select
import signal
import sqlite3
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from desk.ledger.check import check
from desk.procedures import drafts
from tests.desks import DeskForTest, make_desk
from tests.hostile import FORBIDDEN
from tests.torture.trials import Tally

ROOT = Path(__file__).resolve().parent.parent.parent
#: seconds of the processor that any one thing may take in the thread of the interface
LONGEST = 0.1

#: what a text must never make a terminal do; each is found again in what the terminal was sent
ESCAPES = (
    "\x1b[31;7;5mred",
    "\x1b]0;title\x07",
    "\x1b]52;c;aGk=\x07",
    "\x1bPq#0\x1b\\",
    "\x1b[6n\x1b[c",
    "\x1bc\x1b[2J",
    "\x9b31m\x9d0;t\x9c",
    "a\x08\x08b\x07\x0e\x0f",
    "\u202egnp.exe\u2066x",
    "line\rover\x85\u2028end",
)
HOSTILE = "".join(ESCAPES) + "[/b][@click=app.exit]x[/]"

START = """
import asyncio, sys, time
from datetime import UTC, datetime
slow, handle = [(0.0, "")], asyncio.events.Handle._run
def run(self):
    began = time.thread_time()
    try:
        return handle(self)
    finally:
        taken = time.thread_time() - began
        if taken > max(slow)[0] or taken > 0.1:
            slow.append((taken, repr(self)[:300]))
from desk.app import run as console
began = time.monotonic()
def clock():
    if time.monotonic() - began > 3 and asyncio.events.Handle._run is not run:
        asyncio.events.Handle._run = run  # the start is measured elsewhere
    return datetime(2026, 3, 2, 2, tzinfo=UTC)
code = console(sys.argv[1], who="agent", lang=sys.argv[3], mode=sys.argv[2], clock=clock)
open(sys.argv[4], "w").write("\\n".join(f"{taken:.3f} {what}" for taken, what in sorted(slow, reverse=True)))
sys.exit(code)
"""


class Console:
    """The console in a pseudo-terminal; everything it writes is kept."""

    def __init__(self, place: Path, mode: str = "intake", lang: str = "en") -> None:
        self.told = place.with_suffix(".longest")
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            env = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "HOME": str(place.parent)}
            words = [sys.executable, "-c", START, str(place), mode, lang, str(self.told)]
            os.execve(sys.executable, words, env)
        self.size(100, 30)
        self.seen = b""
        self.code: int | None = None

    def size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def read(self, seconds: float) -> bool:
        """Take in what is written within so long; whether anything was."""
        before, end = len(self.seen), time.monotonic() + seconds
        while (rest := end - time.monotonic()) > 0 and select.select([self.fd], [], [], rest)[0]:
            try:
                self.seen += os.read(self.fd, 1 << 16)
            except OSError:
                break
        return len(self.seen) > before

    def until(self, text: str, seconds: float = 60, since: int = 0) -> None:
        end = time.monotonic() + seconds
        while text.encode() not in self.seen[since:]:
            assert time.monotonic() < end, f"{text!r} never came: {self.seen[-2000:]!r}"
            self.read(0.2)

    def send(self, keys: str) -> None:
        """Type or paste, reading meanwhile: a terminal that is not read takes nothing either."""
        data = keys.encode()
        os.set_blocking(self.fd, False)
        while data:
            readable, writable, _x = select.select([self.fd], [self.fd], [], 10)
            assert readable or writable, "the console takes nothing any more"
            if readable:
                self.read(0.001)
            if writable:
                with suppress(BlockingIOError):
                    data = data[os.write(self.fd, data[:4096]) :]
        os.set_blocking(self.fd, True)

    def ended(self, seconds: float) -> int | None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with suppress(OSError, ValueError):
                self.read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
                return self.code
        return None

    def leave(self) -> float:
        """Leave by its key; the longest time anything took in the thread of the interface, in seconds."""
        end = time.monotonic() + 180
        while time.monotonic() < end:
            self.send("\x1b[21~")
            self.read(0.5)
            self.send("\r")
            if self.ended(2) is not None:
                break
        assert self.code == 0, (self.code, self.seen[-2000:])
        slowest, *_rest = told = self.told.read_text().splitlines()
        seconds = float(slowest.partition(" ")[0])
        if seconds > LONGEST:
            print(*told[:8], sep="\n", flush=True)  # noqa: T201 - what took so long is told
        return seconds

    def close(self) -> None:
        if self.code is None:
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
        with suppress(OSError):
            os.close(self.fd)


@contextmanager
def hostile_desk(folder: Path, *, each: int = 3) -> Iterator[DeskForTest]:
    """A desk with work of every kind, its people and texts hostile, past every door, as a bad import would."""
    desk = make_desk(folder, "work-orders")
    for kind in ("repair", "complaint", "incident", "inquiry"):
        for _ in range(each):
            desk.open(
                kind, what=HOSTILE, room="3-2-501", person="业主1", phone="13800001111", place=HOSTILE, confirmed=True
            )
    assert desk.store.path is not None
    desk.store.close()
    spoil(desk.store.path)
    yield desk


def spoil(path: Path) -> None:
    """Put hostile text into every column that holds words of people."""
    with closing(sqlite3.connect(path)) as store, store:
        for trigger, sql in store.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall():
            assert sql
            store.execute(f'DROP TRIGGER "{trigger}"')
        for table, column in (
            ("ticket", "what"),
            ("ticket", "place"),
            ("ticket", "person_name"),
            ("person", "name"),
            ("person", "note"),
            ("room", "note"),
            ("room", "project"),
            ("staff", "name"),
        ):
            with suppress(sqlite3.OperationalError):
                who = " WHERE name <> 'agent'" if table == "staff" else ""
                store.execute(f"UPDATE {table} SET {column} = {column} || ?{who}", (HOSTILE,))
        store.execute("UPDATE eventword SET text = text || ?", (HOSTILE,))
        store.execute("UPDATE estate SET name = ? || name", ("\x1b[31;7;5m\x9b\n\u202e",))


#: sequences the toolkit itself sends: colours, places, modes, erasing, what it asks the terminal
_OURS = re.compile(
    rb"\x1b\[[0-9;:]*m|\x1b\[[0-9;]*[HfABCDGJKtrqd]|\x1b\[\?[0-9;]*[hl]|\x1b\[\?[0-9;]*\$p|\x1b\[[<>=]?[0-9;]*[uc]|"
    rb"\x1b\]22;[a-z-]*\x07|\x1b\[\?u|\x1b[78=>]|\x1b\(B|\x1b\]0;[^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[>[0-9;]*[mq]|\x1b_G[^\x1b]*\x1b\\|\x1b\[1[46]t"
)
_THEIRS = (b"\x1b[31;7;5m", b"\x1b]0;title", b"\x1b]52", b"\x1bPq", b"\x1bc")


def leaked(seen: bytes) -> list[str]:
    """What came from a text and would be obeyed by the terminal."""
    found = [repr(each) for each in _THEIRS if each in seen]
    rest = _OURS.sub(b"", seen).decode("utf-8", "replace")
    found += sorted({repr(character) for character in rest if character in FORBIDDEN and character not in "\r\t"})
    return found


#: the places by their keys, and a few things done in each
PLACES = {
    "F2": "\x1bOQ",
    "F3": "\x1bOR",
    "F4": "\x1bOS",
    "F5": "\x1b[15~",
    "F6": "\x1b[17~",
    "F7": "\x1b[18~",
    "F8": "\x1b[19~",
}
DOINGS = ("\x1b[B", "\x1b[B", "\r", "\x1bOP", "\x1b", "\x1b[20~", "\x1b", "\x1b[A", "\x10", "note", "\x1b")


def texts_shown(lang: str = "en") -> Tally:
    """A store full of escape sequences, looked at in every place: none reaches the terminal."""
    tally = Tally("hostile text on every screen")
    with tempfile.TemporaryDirectory(prefix="desk-torture-") as folder, hostile_desk(Path(folder)) as desk:
        assert desk.store.path is not None
        console = Console(desk.store.path, "due", lang)
        try:
            console.until("Overdue" if lang == "en" else "逾期")
            console.read(3)
            for place in PLACES.values():
                for keys in (place, *DOINGS):
                    console.send(keys)
                    console.read(0.4)
                tally.times += 1
            console.send("\x1b\x1b")
            longest = console.leave()
        finally:
            console.close()
        found = leaked(console.seen)
        tally.acknowledged, tally.damaged = len(console.seen), len(found)
        tally.heard = {f"longest {longest * 1000:.0f} ms": 1, **dict.fromkeys(found, 1)}
        tally.unclear += (b"Traceback" in console.seen) + (longest > LONGEST)
    return tally


def resized(times: int, seed: int = 6) -> Tally:
    """Made one cell large, none, and any size, in every place: it lives and can be left."""
    tally, chance = Tally("resized"), random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="desk-torture-") as folder, hostile_desk(Path(folder)) as desk:
        assert desk.store.path is not None
        console = Console(desk.store.path, "intake", "zh_CN")
        try:
            console.until("逾期")
            console.read(2)
            sizes = [(1, 1), (1, 60), (300, 1), (2, 2), (9, 3)]
            sizes += [(chance.randrange(1, 220), chance.randrange(1, 80)) for _ in range(max(0, times - len(sizes)))]
            for number, size in enumerate(sizes):
                if number % max(1, times // 7) == 0:
                    console.send(chance.choice(list(PLACES.values())))
                console.size(*size)
                console.read(chance.choice((0.0, 0.02, 0.1, 0.3)))
                tally.times += 1
            console.size(100, 30)
            console.read(1)
            longest = console.leave()
        finally:
            console.close()
        tally.unclear += b"Traceback" in console.seen
        tally.heard = {f"longest {longest * 1000:.0f} ms": 1}
        tally.unclear += longest > LONGEST
        tally.acknowledged = tally.times
    return tally


def pasted(characters: int = 1_000_000) -> Tally:
    """A million characters into every field of the intake, as a paste and as though typed: the next key is heard."""
    tally = Tally(f"{characters:,} characters pasted")
    texts = {
        "one line": ("\x1b[200~", "长" * characters, "\x1b[201~"),
        "escapes": ("\x1b[200~", "x\x1b[31m\n\t\x13\r" * (characters // 10), "\x1b[201~"),
        # a terminal that does not say so: letters, and lines that each end with Enter
        "letters": ("", "长" * characters, ""),
        "lines": ("", f"{'x' * 79}\r" * (characters // 80), ""),
        "breaks": ("", "\r" * (characters // 10), ""),
    }
    with tempfile.TemporaryDirectory(prefix="desk-torture-") as folder:
        desk = make_desk(Path(folder), "work-orders")
        assert desk.store.path is not None
        console, slowest = Console(desk.store.path, "intake"), 0.0
        try:
            console.until("F2 Intake")
            console.until("agent")
            console.read(4)
            for name, (before, text, after) in texts.items():
                for _field in range(4 if after else 1):
                    began = time.monotonic()
                    console.send(f"{before}{text}{after}")
                    sent, since = time.monotonic() - began, len(console.seen)
                    # a key pressed while it is still flooding in is left out with it
                    while b"[F3" not in console.seen[since:] and time.monotonic() < began + 60:
                        console.send(PLACES["F3"])
                        console.read(1)
                    console.until("[F3", 1, since)
                    slowest = max(slowest, time.monotonic() - began)
                    console.send(f"\x1b{PLACES['F2']}")
                    console.until("[F2", 60, since)
                    console.send("\t")
                    tally.times += 1
                    tally.acknowledged += len(text)
                tally.heard[f"{name} in {sent:.1f} s"] = 1
            longest = console.leave()
        finally:
            console.close()
        told = b"characters: what came beyond" in console.seen and b"than anybody types" in console.seen
        tally.heard |= {f"longest {longest * 1000:.0f} ms": 1, f"answered in {slowest:.1f} s": 1}
        tally.unclear += (b"Traceback" in console.seen) + (longest > LONGEST) + (not told)
    return tally


def hung_up(times: int, seed: int = 7) -> Tally:
    """The terminal closed, HUP or TERM while one types: it ends, the draft is there, the store whole."""
    tally, chance = Tally("hung up, ended, closed"), random.Random(seed)
    for _ in range(times):
        with tempfile.TemporaryDirectory(prefix="desk-torture-") as folder:
            desk = make_desk(Path(folder), "residential")
            assert desk.store.path is not None
            console = Console(desk.store.path, "intake")
            try:
                console.until("F2 Intake")
                console.until("agent")
                console.read(1.5)
                console.send("3-2-501")
                console.read(1 + chance.random())
                how = chance.choice((signal.SIGHUP, signal.SIGTERM, None))
                if chance.random() < 0.5:
                    console.send(chance.choice(list(PLACES.values())))
                    console.read(chance.random() / 5)
                if how is None:
                    os.close(console.fd)
                else:
                    os.kill(console.pid, how)
                code = console.ended(20)
                tally.heard[f"exit {code}"] = tally.heard.get(f"exit {code}", 0) + 1
                tally.unclear += code not in (129, 143)
                tally.unclear += b"Traceback" in console.seen
            finally:
                console.close()
            tally.times += 1
            tally.acknowledged += 1
            tally.lost += "intake" not in [draft.form for draft in drafts.kept(desk.ledger)]
            tally.damaged += sum(check(desk.store).counts.values())
            desk.store.close()
    return tally


def main() -> int:
    held = True
    trials: tuple[Callable[[], Tally], ...] = (
        lambda: texts_shown("en"),
        lambda: texts_shown("zh_CN"),
        lambda: resized(300),
        pasted,
        lambda: hung_up(30),
    )
    for trial in trials:
        tally = trial()
        print(tally, flush=True)  # noqa: T201
        held &= tally.held
    return 0 if held else 1


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
