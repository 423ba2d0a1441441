"""The terminal goes away, or the process is asked to end: drafts are kept, the terminal is given back, nothing spins.

Through a real pseudo-terminal: the console is started as a user would, and read back by a small screen reader.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from desk.procedures import drafts
from tests.desks import DeskForTest, make_desk

ROOT = Path(__file__).resolve().parent.parent
START = """
import sys
from datetime import UTC, datetime
from desk.app import run
sys.exit(run(sys.argv[1], who="agent", lang="en", mode=sys.argv[2], clock=lambda: datetime(2026, 3, 2, 2, tzinfo=UTC)))
"""


class Terminal:
    """The console in a pseudo-terminal of 100×30."""

    def __init__(self, place: Path, mode: str = "intake", *, ignore_hup: bool = False) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            if ignore_hup:
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
            os.chdir(ROOT)
            env = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
            os.execve(sys.executable, [sys.executable, "-c", START, str(place), mode], env)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.seen = b""
        self.code: int | None = None

    def read(self, seconds: float) -> None:
        """Take in what is written for so long."""
        end = time.monotonic() + seconds
        while (rest := end - time.monotonic()) > 0:
            ready, _w, _x = select.select([self.fd], [], [], rest)
            if not ready:
                return
            try:
                self.seen += os.read(self.fd, 65536)
            except OSError:
                return

    def until(self, text: str, seconds: float = 30) -> None:
        """Wait until ``text`` was written."""
        end = time.monotonic() + seconds
        while text.encode() not in self.seen:
            assert time.monotonic() < end, f"{text!r} never came:\n{self.seen[-3000:].decode(errors='replace')}"
            self.read(0.2)

    def send(self, keys: str) -> None:
        os.write(self.fd, keys.encode())

    def ended(self, seconds: float) -> int:
        """The exit code, which must come within so long; negative: killed by that signal."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with suppress(OSError):
                self.read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
                return self.code
        raise AssertionError("still running")

    def close(self) -> None:
        if self.code is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(self.pid, 0)
        with suppress(OSError):
            os.close(self.fd)


pytestmark = pytest.mark.file_only("the program in the terminal opens a file")


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path, "residential")


@pytest.fixture
def terminal(desk: DeskForTest) -> Iterator[Terminal]:
    assert desk.store.path is not None
    running = Terminal(desk.store.path)
    yield running
    running.close()


GIVEN_BACK = b"\x1b[?1049l"
"""Leaves the alternate screen: the terminal is as it was."""


def test_quits_by_key_and_gives_the_terminal_back(terminal: Terminal) -> None:
    terminal.until("F2 Intake")
    terminal.until("agent")
    terminal.send("\x1b[21~")  # F10
    terminal.until("Leave the console?")
    terminal.send("\r")
    assert terminal.ended(15) == 0
    assert GIVEN_BACK in terminal.seen


def test_term_keeps_the_draft_and_gives_the_terminal_back(desk: DeskForTest, terminal: Terminal) -> None:
    terminal.until("F2 Intake")
    terminal.until("agent")
    terminal.send("3-2-501")
    terminal.until("业主1")  # who lives there is found: all of it has been read
    os.kill(terminal.pid, signal.SIGTERM)
    assert terminal.ended(15) == 143
    assert GIVEN_BACK in terminal.seen
    assert b"Traceback" not in terminal.seen
    assert [draft.form for draft in drafts.kept(desk.ledger)] == ["intake"]


def test_a_terminal_that_closes_ends_the_console(desk: DeskForTest, terminal: Terminal) -> None:
    terminal.until("F2 Intake")
    terminal.until("agent")
    terminal.send("3-2-501")
    terminal.until("业主1")  # who lives there is found: all of it has been read
    os.close(terminal.fd)
    assert terminal.ended(15) == 129
    assert [draft.form for draft in drafts.kept(desk.ledger)] == ["intake"]


def test_a_terminal_that_closes_under_nohup_ends_it_too(desk: DeskForTest) -> None:
    assert desk.store.path is not None
    terminal = Terminal(desk.store.path, ignore_hup=True)
    try:
        terminal.until("F2 Intake")
        terminal.until("agent")
        os.close(terminal.fd)
        assert terminal.ended(15) in (129, 128 + signal.SIGHUP)
    finally:
        terminal.close()


def test_without_a_terminal_one_sentence(desk: DeskForTest) -> None:
    import subprocess

    ran = subprocess.run(
        [sys.executable, "-c", START, str(desk.store.path), "intake"],
        capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False, cwd=ROOT,
    )  # fmt: skip
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert ran.stderr.strip().count("\n") == 0
    assert "terminal" in ran.stderr
