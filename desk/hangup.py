"""A terminal that goes away, and a request to end: drafts are kept, the terminal is given back, nothing spins.

Measured: left alone, Textual dies at once on HUP and TERM, without giving the terminal back; with HUP ignored (nohup)
it spins at full speed when the terminal goes. So both signals are handled in the loop, and a watchdog looks whether
the terminal is still there.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

#: seconds given to an orderly end before it is made a disorderly one
GRACE = 6.0
#: seconds between two looks whether the terminal is still there
LOOK = 2.0


@dataclass(frozen=True, slots=True)
class Watching:
    """``stop`` watching; ``gone``: somebody else noticed that the terminal has gone."""

    stop: Callable[[], None]
    gone: Callable[[], None]


def watch(end: Callable[[bool], None]) -> Watching:
    """Call ``end(terminal_gone)`` once, in the running loop, on TERM, HUP, or when the terminal has gone.

    If the process is still there :data:`GRACE` seconds later it ends hard.
    """
    loop = asyncio.get_running_loop()
    stopped = threading.Event()
    begun = threading.Event()

    def begin(gone: bool, code: int) -> None:
        if not begun.is_set():
            begun.set()
            _end_hard_after(GRACE, code)
            end(gone)

    with suppress(NotImplementedError, AttributeError, ValueError):  # no such signals on Windows
        loop.add_signal_handler(signal.SIGTERM, begin, False, 128 + signal.SIGTERM)
        loop.add_signal_handler(signal.SIGHUP, begin, True, 128 + signal.SIGHUP)

    def look() -> None:
        while not stopped.wait(LOOK):
            if not terminal_there():
                _end_hard_after(GRACE, 128 + signal.SIGHUP)  # should the loop stand still
                with suppress(RuntimeError):
                    loop.call_soon_threadsafe(begin, True, 128 + signal.SIGHUP)
                return

    if terminal_there():
        threading.Thread(target=look, name="desk-terminal", daemon=True).start()

    def stop() -> None:
        stopped.set()
        with suppress(NotImplementedError, AttributeError, ValueError, RuntimeError):
            loop.remove_signal_handler(signal.SIGTERM)
            loop.remove_signal_handler(signal.SIGHUP)

    return Watching(stop, lambda: begin(True, 128 + signal.SIGHUP))


_OWN: list[Any] = []


def remember_terminal() -> None:
    """Note how the terminal is set before it is changed, for :func:`give_back`."""
    with suppress(Exception):
        import termios

        _OWN[:] = [termios.tcgetattr(0)]


def give_back() -> None:
    """Leave the terminal as it was, whatever state the console is in."""
    with suppress(Exception):
        os.write(2, b"\x1b[?1003l\x1b[?1000l\x1b[?1015l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[?25h\x1b[?1049l")
        import termios

        termios.tcsetattr(0, termios.TCSANOW, _OWN[0])


def _end_hard_after(seconds: float, code: int) -> None:
    def end() -> None:
        if terminal_there():
            give_back()
        os._exit(code)

    last = threading.Timer(seconds, end)
    last.daemon = True
    last.start()


def terminal_there() -> bool:
    """Whether the terminal we were started in still has a foreground group."""
    try:
        return os.tcgetpgrp(sys.__stdin__.fileno()) >= 0 if sys.__stdin__ else False
    except (OSError, ValueError, AttributeError):
        return False
