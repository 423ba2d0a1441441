"""What others put into files, read within bounds: never more than fits, never nested deeper than anything of ours.

A file is anybody's: it may be without end, a text of a million brackets, a name of ten thousand dots, a number of five
thousand digits. Each is told as one sentence, and costs no more than the file is long.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any, Final

from desk.i18n import _

#: no rulebook, calendar, mapping or table of cases is larger (bytes)
MOST: Final = 4_000_000
#: tables within tables, lists within lists; what is meant to be read by people is nested five or six deep
DEPTH: Final = 24
#: parts of a dotted name from which the reader of TOML takes its time, which grows with their square
_PARTS: Final = 200
_PART: Final = re.compile(r"\s*[\w\"'-]+\s*")
#: Python itself refuses a number of so many digits, and says so in a way nobody understands
_DIGITS: Final = re.compile(r"[0-9](?:_?[0-9]){399}")


class Malformed(ValueError):
    """The file is not what it should be; the text says why, in the user's language."""


def there(path: Path) -> bool:
    """Whether there is such a file; one whose name no system takes (too long, for one) is not there."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def read_bytes(path: Path, most: int = MOST) -> bytes:
    """A file's bytes, ``most`` of them at most: a device gives bytes without end.

    Raises :class:`Malformed` for more, and OSError as the system has it.
    """
    with path.open("rb") as file:
        found = file.read(most + 1)
    if len(found) > most:
        raise Malformed(_("it is larger than {size} MB").format(size=max(1, most // 1_000_000)))
    return found


def read_text(path: Path, most: int = MOST) -> str:
    """A file's text, UTF-8 with or without a mark in front. Raises as :func:`read_bytes`, and UnicodeDecodeError."""
    return read_bytes(path, most).decode("utf-8-sig")


def toml(text: str) -> dict[str, Any]:
    """The tables of a TOML text. Raises :class:`Malformed`."""
    if _DIGITS.search(text):
        raise Malformed(_("it holds a number of hundreds of digits"))
    if any(_is_long_name(line) for line in text.splitlines() if line.count(".") >= _PARTS):
        raise Malformed(_("it is nested too deeply"))
    try:
        found = tomllib.loads(text)
    except RecursionError:
        raise Malformed(_("it is nested too deeply")) from None
    except ValueError as error:  # a TOMLDecodeError is one, and dates that do not exist are
        raise Malformed(str(error)) from None
    _shallow(found)
    return found


def json_value(text: str) -> Any:
    """The value a JSON text holds. Raises :class:`Malformed`."""
    if _DIGITS.search(text):
        raise Malformed(_("it holds a number of hundreds of digits"))
    try:
        found = json.loads(text)
    except RecursionError:
        raise Malformed(_("it is nested too deeply")) from None
    except ValueError as error:
        raise Malformed(str(error)) from None
    _shallow(found)
    return found


def _is_long_name(line: str) -> bool:
    """Whether a name with :data:`_PARTS` dots or more stands in the line."""
    run = 0
    for part in line.split("."):
        run = run + 1 if _PART.fullmatch(part) else 0
        if run >= _PARTS:
            return True
    return False


def _shallow(found: Any) -> None:
    """Refuses what is nested deeper than :data:`DEPTH`: later it is written down, digested and quoted."""
    waiting = [(found, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEPTH:
            raise Malformed(_("it is nested too deeply"))
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        waiting += [(each, depth + 1) for each in inner]
