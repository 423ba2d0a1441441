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

#: seconds given to an orderly end before it is made a disorderly one
GRACE = 4.0
#: seconds between two looks whether the terminal is still there
LOOK = 2.0


def watch(end: Callable[[bool], None]) -> Callable[[], None]:
    """Call ``end(terminal_gone)`` in the running loop on TERM, HUP, or when the terminal has gone.

    If the process is still there :data:`GRACE` seconds later it ends hard. Answers a function that stops watching.
    """
    loop = asyncio.get_running_loop()
    stopped = threading.Event()
    begun = threading.Event()

    def begin(gone: bool, code: int) -> None:
        if begun.is_set():
            return
        begun.set()
        last = threading.Timer(GRACE, os._exit, [code])
        last.daemon = True
        last.start()
        end(gone)

    with suppress(NotImplementedError, AttributeError, ValueError):  # no such signals on Windows
        loop.add_signal_handler(signal.SIGTERM, begin, False, 128 + signal.SIGTERM)
        loop.add_signal_handler(signal.SIGHUP, begin, True, 128 + signal.SIGHUP)

    def look() -> None:
        while not stopped.wait(LOOK):
            if not _terminal_there():
                with suppress(RuntimeError):
                    loop.call_soon_threadsafe(begin, True, 128 + signal.SIGHUP)
                return

    if _terminal_there():
        threading.Thread(target=look, name="desk-terminal", daemon=True).start()

    def stop() -> None:
        stopped.set()
        with suppress(NotImplementedError, AttributeError, ValueError, RuntimeError):
            loop.remove_signal_handler(signal.SIGTERM)
            loop.remove_signal_handler(signal.SIGHUP)

    return stop


def _terminal_there() -> bool:
    """Whether the terminal we were started in still has a foreground group."""
    try:
        return os.tcgetpgrp(sys.__stdin__.fileno()) >= 0 if sys.__stdin__ else False
    except (OSError, ValueError, AttributeError):
        return False
