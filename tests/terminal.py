"""A real terminal for tests: the console in tmux, on a server of its own that ends with the test.

``with terminal(home, "python", "-m", "desk", size=(80, 24)) as screen:`` then ``screen.keys("F3")``,
``screen.type("漏水")``, ``screen.sees("Saved")``.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

#: how long a picture may take to come; machines that test are slow
PATIENCE = 30.0
#: between two keys; nobody types faster
PACE = 0.15
#: how long what Escape does may take to be seen
ESCAPED = 3.0


class Screen:
    """What stands in the terminal, and the keyboard in front of it."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        #: when the last key was pressed, by the monotonic clock
        self._pressed = 0.0

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", str(self._socket), *words], capture_output=True, text=True, encoding="utf-8", check=True
        )
        return done.stdout

    def text(self, *, colours: bool = False) -> str:
        """What stands on the screen, line by line."""
        return self._tmux("capture-pane", "-p", "-t", "desk", *(["-e"] if colours else []))

    def keys(self, *names: str) -> None:
        """Press keys by tmux's names, as fast as people do: ``F3``, ``Enter``, ``Escape``, ``C-s``, ``Up``."""
        for name in names:
            self._pace()
            before = self.text()
            self._tmux("send-keys", "-t", "desk", name)
            self._pressed = time.monotonic()
            if name == "Escape":
                # A busy console reads it in one with the key behind it, and that is another key.
                end = self._pressed + ESCAPED
                while self.text() == before and time.monotonic() < end:
                    time.sleep(0.05)

    def type(self, text: str) -> None:
        """Type text, as an input method hands it over."""
        self._pace()
        self._tmux("send-keys", "-t", "desk", "-l", "--", text)
        self._pressed = time.monotonic()

    def _pace(self) -> None:
        time.sleep(max(0.0, self._pressed + PACE - time.monotonic()))

    def kill(self) -> None:
        """End what runs in the terminal as a power cut does: at once, without a word."""
        os.kill(int(self._tmux("display-message", "-p", "-t", "desk", "#{pane_pid}")), signal.SIGKILL)

    def ended(self, seconds: float = PATIENCE) -> int:
        """Wait until what runs has ended by itself; its exit code."""
        end = time.monotonic() + seconds
        while True:
            dead, server, *code = self._tmux(
                "display-message", "-p", "-t", "desk", "#{pane_dead} #{pid} #{pane_dead_status}"
            ).split()
            if dead == "1" and code:
                return int(code[0])
            if dead == "1":
                # The terminal is closed, yet its server has not heard that its child ended: now and then the signal
                # is lost when both come at once. It looks again when it is told again.
                os.kill(int(server), signal.SIGCHLD)
            assert time.monotonic() < end, f"it never ended\n{self.text()}"
            time.sleep(0.05)

    def resize(self, width: int, height: int) -> None:
        """Make the window another size."""
        self._tmux("resize-window", "-t", "desk", "-x", str(width), "-y", str(height))

    def sees(self, *texts: str, seconds: float = PATIENCE) -> str:
        """Wait until all of ``texts`` stand on the screen, and return it."""
        return self.until(lambda text: all(each in text for each in texts), f"seeing {texts}", seconds)

    def press_until(self, key: str, text: str, seconds: float = PATIENCE) -> str:
        """Press a key until ``text`` is seen, as a person does whom a busy console did not hear the first time."""
        end = time.monotonic() + seconds
        while True:
            self.keys(key)
            heard = time.monotonic() + 3.0
            while time.monotonic() < heard:
                if text in (shown := self.text()):
                    return shown
                time.sleep(0.05)
            assert time.monotonic() < end, f"{key} never led to {text!r}\n{self.text()}"

    def until(self, condition: Callable[[str], bool], what: str, seconds: float = PATIENCE) -> str:
        """Wait until ``condition`` holds of the screen's text, and return it; fails with what is there."""
        end = time.monotonic() + seconds
        while True:
            text = self.text()
            assert "Traceback" not in text, text
            if condition(text):
                return text
            assert time.monotonic() < end, f"{what} never came\n{text}"
            time.sleep(0.05)


@contextmanager
def terminal(
    folder: Path, *command: str, size: tuple[int, int] = (100, 30), env: Mapping[str, str] | None = None
) -> Iterator[Screen]:
    """Run ``command`` in a terminal of ``size`` (columns, lines) with ``folder`` as its home; ``env`` comes on top.

    When the command ends its words stay to be read. The server ends with the block.
    """
    kept = {name: os.environ[name] for name in ("PATH", "CI") if name in os.environ}
    surroundings = {**kept, "HOME": str(folder), "LANG": "C.UTF-8", **(env or {})}
    # a socket's path may be 100 bytes long at most, which pytest's folders exceed
    socket = Path(f"/tmp/desk-{os.getpid()}-{time.monotonic_ns()}.tmux")
    screen = Screen(socket)
    width, height = size
    words = ["-f", os.devnull, "new-session", "-d", "-s", "desk", "-x", str(width), "-y", str(height)]
    with_env = [f"{name}={value}" for name, value in surroundings.items()]
    subprocess.run(
        ["tmux", "-S", str(socket), *words, "env", "-i", "TERM=screen-256color", *with_env, *command],
        check=True,
        env={**os.environ, "LANG": "C.UTF-8"},
    )
    try:
        subprocess.run(["tmux", "-S", str(socket), "set-option", "-g", "remain-on-exit", "on"], check=True)
        yield screen
    finally:
        subprocess.run(["tmux", "-S", str(socket), "kill-server"], check=False, capture_output=True)
        socket.unlink(missing_ok=True)
