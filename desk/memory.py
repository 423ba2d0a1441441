"""What this machine remembers of its user: language, colours, who sat here last; and where the log is.

None of it matters: what can't be read or written is as though it had never been.
"""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path


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
    def format(self, record: logging.LogRecord) -> str:
        line = {"at": self.formatTime(record), "level": record.levelname, "what": record.getMessage()}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


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
