"""Where writers come from, and how one is listened to and killed. The other side of :mod:`tests.torture.writer`."""

from __future__ import annotations

import ctypes
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


class Nest:
    """A process that has loaded everything, and forks writers."""

    def __init__(self) -> None:
        self._ask, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "tests.torture.writer", str(theirs.fileno())]
            self._process = subprocess.Popen(command, cwd=ROOT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)

    def fork(self, place: str, seed: str, most: int, output: int, go: int) -> int:
        """A writer's process; it begins when something comes from ``go``."""
        socket.send_fds(self._ask, [f"{place}\n{seed}\n{most}".encode()], [output, go])
        return int.from_bytes(self._ask.recv(4), "big")


@cache
def nest() -> Nest:
    """The one of this process. It ends with it, as nobody asks any more."""
    return Nest()


class Writer:
    """One counter that writes; :attr:`heard` holds the whole lines it has said so far."""

    def __init__(self, path: Path, seed: str, most: int = 10**9, *, under: Iterable[str] = ()) -> None:
        """``under``: the words of an strace that traces it from its first line."""
        self.heard: list[str] = []
        self._rest = b""
        self.output, theirs = os.pipe()
        go, start = os.pipe()
        self.pid = nest().fork(str(path), seed, most, theirs, go)
        os.close(theirs)
        os.close(go)
        self._tracer = _traced(self.pid, list(under)) if under else None
        os.write(start, b"\n")
        os.close(start)

    def listen(self) -> bool:
        """Take in what it says next; False at its end."""
        data = os.read(self.output, 1 << 16)
        *lines, self._rest = (self._rest + data).split(b"\n")
        self.heard += [f"{line.decode('utf-8', 'replace')}\n" for line in lines]
        return bool(data)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> list[str]:
        """Listen to its end, by itself or killed; everything it said. A line cut off was not heard."""
        while self.listen():
            pass
        os.close(self.output)
        if self._tracer is not None:
            self._tracer.wait()
        while Path(f"/proc/{self.pid}").exists():  # its locks go with it
            time.sleep(0.001)
        return self.heard


def listen(writers: Iterable[Writer], seconds: float) -> Iterator[Writer]:
    """Take in what any of them says for so long; gives each that has ended."""
    with selectors.DefaultSelector() as selector:
        for writer in writers:
            selector.register(writer.output, selectors.EVENT_READ, writer)
        end = time.monotonic() + seconds
        while selector.get_map() and (rest := end - time.monotonic()) > 0:
            for key, _events in selector.select(rest):
                if not key.data.listen():
                    selector.unregister(key.fd)
                    yield key.data


def _traced(pid: int, command: list[str]) -> subprocess.Popen[bytes]:
    tracer = subprocess.Popen([*command, "-p", str(pid)], stdout=subprocess.DEVNULL)
    while "TracerPid:\t0\n" in Path(f"/proc/{pid}/status").read_text():
        if tracer.poll() is not None:
            raise OSError(f"{command[0]} may not trace {pid}")
        time.sleep(0.002)
    return tracer


def may_be_traced() -> None:
    """Let any process of this user trace this one, where only its parent might (Linux's yama)."""
    with suppress(AttributeError):
        ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)
