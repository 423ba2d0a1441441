"""What comes from the terminal, in as few pieces as it makes.

Textual makes a key of every letter, and carries each through the whole program. Nobody types two dozen letters between
two looks: that is a paste of a terminal that does not say so. Such letters come as one piece (:class:`Letters`), and
in a paste that says so nothing is looked at letter by letter either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from textual import events
from textual._xterm_parser import BRACKETED_PASTE_END, XTermParser
from textual.message import Message

#: letters that come at once from which they are one piece
AT_ONCE: Final = 24

_RUN = re.compile(f"[^\x00-\x1f\x7f]{{{AT_ONCE},}}")


class Letters(events.Paste):
    """Letters that came at once. Whoever does not write takes them for keys (:meth:`as_keys`)."""

    def as_keys(self) -> Iterator[events.Key]:
        """The keys they would have been."""
        parser = XTermParser()
        return (key for letter in self.text for key in parser._sequence_to_key_events(letter))


class Reader(XTermParser):
    """Textual's own (8.2, pinned), but for long runs of letters, and for pastes: what stands in one presses no key."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._rest = ""

    def feed(self, data: str) -> Iterable[Message]:
        if not data:
            yield from super().feed(data)
        while data:
            if self._awaiting.timeout is not None:
                # within a sequence of the terminal's
                yield from super().feed(data[0])
                data = data[1:]
            elif self._state["bracketed_paste"]:
                whole = self._rest + data
                text, ended, data = whole.partition(BRACKETED_PASTE_END)
                self._rest = "" if ended else _begun(text)
                self._state["paste_buffer"].append(text.removesuffix(self._rest))
                yield from super().feed(ended) if ended else ()
            else:
                text, escape, data = data.partition("\x1b")
                yield from self._typed(text)
                yield from super().feed(escape) if escape else ()

    @property
    def _state(self) -> Any:
        """What Textual's reader stands in the middle of."""
        return self._gen.gi_frame.f_locals  # type: ignore[attr-defined]

    def _typed(self, text: str) -> Iterable[Message]:
        at = 0
        for run in _RUN.finditer(text):
            yield from super().feed(text[at : run.start()]) if run.start() > at else ()
            yield Letters(run[0])
            at = run.end()
        yield from super().feed(text[at:]) if at < len(text) else ()


def _begun(text: str) -> str:
    """The beginning of a paste's end with which ``text`` ends."""
    end = BRACKETED_PASTE_END
    return next((end[:length] for length in range(len(end) - 1, 0, -1) if text.endswith(end[:length])), "")


def install() -> None:
    """Every terminal opened from now on is read so."""
    try:
        from textual.drivers import linux_driver
    except ImportError:
        return  # another system's terminals
    linux_driver.XTermParser = Reader  # type: ignore[attr-defined]
