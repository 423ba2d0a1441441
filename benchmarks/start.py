"""The first three goals of the design, through a real terminal: first paint, due board with its rows, key to paint.

    python -m benchmarks.start [--folder FOLDER] [--rounds 7] [--keys 200] [--small]

Each round starts the bare app and the console one after the other in a pseudo-terminal of 120×36 whose screen is
kept by a terminal emulator; a time is that of the bytes which completed the picture. Medians and ratios of one run.
"""

from __future__ import annotations

import argparse
import compileall
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pyte

from benchmarks.stores import make
from desk import i18n
from desk.i18n import _

ROWS, COLUMNS = 36, 120
PATIENCE = 30.0
#: typed again and again; its beginnings stand nowhere else on either screen
WORD = "zxjkvw"


class Terminal:
    """A program in a pseudo-terminal, and what its screen shows."""

    def __init__(self, command: list[str]) -> None:
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self.stream = pyte.ByteStream(self.screen)
        self.began = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8", DESK_LANG="zh_CN")
            os.execvp(command[0], command)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.set_blocking(self.fd, False)

    def until(self, there: Callable[[str], bool]) -> float:
        """Read until the screen satisfies ``there``; the time (s, since the start) of the bytes that made it so."""
        end = time.perf_counter() + PATIENCE
        while time.perf_counter() < end:
            at = self._read(0.5)
            if at is not None and there(self.text()):
                return at - self.began
        raise TimeoutError(self.text())

    def text(self) -> str:
        # a wide character takes two cells, the second empty
        return "\n".join(line.replace("\0", "") for line in self.screen.display)

    def press(self, keys: bytes) -> None:
        os.write(self.fd, keys)

    def settle(self, seconds: float) -> None:
        """Read whatever comes for so long: a cursor blinks, so a screen is never quite quiet."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self._read(left)

    def _read(self, wait: float) -> float | None:
        """Feed what has come to the screen; when it came, or None."""
        if not select.select([self.fd], [], [], wait)[0]:
            return None
        try:
            data = os.read(self.fd, 1 << 16)
        except BlockingIOError:  # it was flushed between the two calls
            return None
        at = time.perf_counter()
        self.stream.feed(data)
        return at

    def end(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def bare() -> list[str]:
    return [sys.executable, "-m", "benchmarks.bare"]


def console(db: Path, mode: str = "intake") -> list[str]:
    code = f"import sys; from desk.app import run; sys.exit(run({str(db)!r}, who='李静', mode={mode!r}))"
    return [sys.executable, "-c", code]


def first_paint(command: list[str], mark: str) -> float:
    terminal = Terminal(command)
    try:
        return terminal.until(lambda text: mark in text)
    finally:
        terminal.end()


def key_to_paint(command: list[str], ready: str, keys: int) -> list[float]:
    """Seconds from writing a key to the bytes that show it, in the input that has the focus."""
    terminal = Terminal(command)
    found: list[float] = []
    try:
        terminal.until(lambda text: ready in text)
        terminal.settle(1.5)
        for n in range(keys):
            typed = WORD[: n % len(WORD) + 1]
            terminal.began = time.perf_counter()
            terminal.press(typed[-1].encode())
            found.append(terminal.until(partial(contains, typed)))
            terminal.settle(0.12)
            if typed == WORD:
                terminal.press(b"\x7f" * len(WORD))
                terminal.settle(0.4)
    finally:
        terminal.end()
    return found


def drop_drafts(db: Path) -> None:
    """Nothing half-typed from an earlier round: the console would give it back."""
    from sqlmodel import delete

    from desk.models import Draft
    from desk.store import Store

    with Store.open(db) as store, store.write() as session:
        session.exec(delete(Draft))


def contains(part: str, text: str) -> bool:
    return part in text


def p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def report(what: str, floor: list[float], ours: list[float], goal: float, pick: Callable[[list[float]], float]) -> None:
    a, b = pick(floor), pick(ours)
    print(
        f"{what:<44} {a * 1000:8.1f} ms {b * 1000:8.1f} ms   {b / a:5.2f} x   goal {goal} x   {'met' if b / a <= goal else 'MISSED'}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "desk-benchmarks")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--keys", type=int, default=120)
    parser.add_argument("--small", action="store_true", help="only the store of 10,000 tickets")
    given = parser.parse_args()
    # Where Python may keep no compiled code, every start would read what was changed last from its source.
    for folder in (Path(i18n.__file__).parent, Path(__file__).parent):
        compileall.compile_dir(folder, quiet=1)
    sizes = [(10_000, 200)] if given.small else [(10_000, 200), (1_000_000, 20_000)]
    i18n.install("zh_CN")
    # the shell stands and takes keys while the records are being opened
    shell = _("Intake")
    print(f"{'':<44} {'floor':>11} {'desk':>11}   ratio")
    for tickets, still_open in sizes:
        db = make(given.folder, tickets, still_open)
        floor: list[float] = []
        paint: list[float] = []
        board: list[float] = []
        drop_drafts(db)
        for _round in range(given.rounds):
            floor.append(first_paint(bare(), "ready to type"))
            paint.append(first_paint(console(db), shell))
            board.append(first_paint(console(db, "due"), "R-"))
        name = f"{tickets:,} tickets"
        report(f"first paint, {name}", floor, paint, 1.5, statistics.median)
        report(f"due board with rows, {name}", floor, board, 3.5, statistics.median)
        keys: list[float] = []
        ours: list[float] = []
        for _round in range(3):  # by turns: what else the machine does falls on both
            keys += key_to_paint(bare(), "ready to type", given.keys // 3)
            drop_drafts(db)
            ours += key_to_paint(console(db), "F2", given.keys // 3)
        report(f"key to paint in intake, median, {name}", keys, ours, 1.5, statistics.median)
        report(f"key to paint in intake, p95, {name}", keys, ours, 1.5, p95)


if __name__ == "__main__":
    main()
