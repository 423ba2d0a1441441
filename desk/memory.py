"""What this machine remembers of its user: language, colours, who sat here last; and where the log is.

None of it matters: what can't be read or written is as though it had never been.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from desk.errors import Refusal


def _folder() -> Path:
    from platformdirs import user_state_path

    return user_state_path("desk", appauthor=False)


def log_path() -> Path:
    """The file in which bugs are noted."""
    return _folder() / "desk.log"


@dataclass
class Memory:
    """Kept between two runs of the console."""

    language: str | None = None
    theme: str = ""
    #: by store: id of the person who signed in last
    people: dict[str, str] = field(default_factory=dict)

    def save(self) -> None:
        """Write it down, if that is possible."""
        with suppress(OSError):
            folder = _folder()
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            new = folder / "console.json.new"
            new.write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")
            new.replace(folder / "console.json")


def load() -> Memory:
    """What was remembered; nothing, where that can't be read."""
    with suppress(OSError, ValueError, TypeError):
        kept = json.loads((_folder() / "console.json").read_text(encoding="utf-8"))
        people = {str(k): str(v) for k, v in dict(kept.get("people") or {}).items()}
        language = kept.get("language")
        return Memory(language if language in ("zh_CN", "en") else None, str(kept.get("theme") or ""), people)
    return Memory()


class _JsonLine(logging.Formatter):
    """Where in the program it happened and what sort of error it was, never what anybody had written.

    Of a message only what the program itself says is kept: its arguments, and the words of errors that may quote a
    value, stay out, so that no name and no number gets into the log.
    """

    def format(self, record: logging.LogRecord) -> str:
        line = {"at": self.formatTime(record), "level": record.levelname, "what": _scrubbed(str(record.msg))}
        if record.exc_info and record.exc_info[1] is not None:
            line["trace"] = "\n".join(_trace(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=False)


#: errors whose words the interpreter makes of the program's own names
_OWN_WORDS = (AttributeError, ImportError, IndexError, NameError, RecursionError, TypeError, ZeroDivisionError)
#: errors of one error that are followed
_DEEP = 8


def _trace(error: BaseException, depth: int = 0) -> Iterator[str]:
    """Where it was raised, and from which errors it came, oldest first."""
    if depth > _DEEP:
        return
    former = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if former is not None:
        yield from _trace(former, depth + 1)
        yield "then:"
    for each in getattr(error, "exceptions", ()):
        yield from _trace(each, depth + 1)
        yield "among others:"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} {frame.name}: {frame.line or ''}".rstrip(": ")
    yield f"{type(error).__module__}.{type(error).__qualname__}{_said(error)}"


def _said(error: BaseException) -> str:
    """What can be said of an error without quoting anybody."""
    if isinstance(error, Refusal):
        return f" {error.code} ({', '.join(sorted(error.params))})"
    if isinstance(error, OSError):
        return f" {error.errno} {error.strerror}"
    if isinstance(error, _OWN_WORDS):
        return f": {_scrubbed(str(error))}"
    # what the database was asked, without the values
    cause, statement = getattr(error, "orig", None), getattr(error, "statement", None)
    if cause is not None and isinstance(statement, str):
        return f" ({type(cause).__qualname__}): {_scrubbed(statement)}"
    return ""


def _scrubbed(text: str) -> str:
    """Only plain signs, no long numbers, not much of it."""
    return re.sub(r"[^\x20-\x7e]+|\d{4,}", "…", text)[:400]


def start_log() -> None:
    """Note bugs in :func:`log_path`, a line of JSON each, 1 MB at most and one former file."""
    from logging.handlers import RotatingFileHandler

    with suppress(OSError):
        path = log_path()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = RotatingFileHandler(path, maxBytes=1_000_000, backupCount=1, encoding="utf-8", delay=True)
        handler.setFormatter(_JsonLine())
        logging.getLogger("desk").addHandler(handler)
    logging.getLogger("desk").propagate = False
