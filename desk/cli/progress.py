"""How far something long has come: said once it has taken a second, on one line at a terminal."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING

import typer

from desk.cli.show import say
from desk.i18n import _

if TYPE_CHECKING:
    from types import TracebackType

#: seconds nobody minds waiting without a word, and between two words
_QUIET = 1.0


class Progress:
    """``with Progress(_("Reading")) as progress: … progress.at(done, total)``; what it says goes to standard error.

    What is counted nowhere says its words alone, after the first second.
    """

    def __init__(self, words: str, *, quiet: float = _QUIET) -> None:
        self._words, self._quiet, self._said, self._line = words, quiet, time.monotonic(), 0
        self._first = threading.Timer(quiet, self._say, (words,))
        self._first.daemon = True

    def __enter__(self) -> Progress:
        self._first.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._first.cancel()
        if self._line:
            typer.echo("", err=True)

    def at(self, done: int, total: int) -> None:
        """``done`` of ``total`` are through."""
        now = time.monotonic()
        if now - self._said >= self._quiet:
            self._first.cancel()
            self._said = now
            self._say(_("{what}: {done} of {total}").format(what=self._words, done=done, total=total))

    def _say(self, text: str) -> None:
        if sys.stderr.isatty():
            # what was longer before is covered
            typer.echo("\r" + text.ljust(self._line), err=True, nl=False)
            self._line = max(self._line, len(text))
        else:
            say(text)
