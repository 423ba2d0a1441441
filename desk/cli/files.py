"""Rulebooks and calendars by the name of one of ours, or by path; files written whole or not at all."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from desk import resources
from desk.errors import Refusal
from desk.i18n import _
from desk.text import clean
from desk.vocabulary import nearest

#: a cell that begins so, also after blanks, would be run as a formula by a spreadsheet; full-width twins too
_FORMULA = re.compile(r"^\s*[=+\-@＝＋－＠\t\r]")
#: what only looks like one: a plain number, a telephone number
_HARMLESS = re.compile(r"^[+-]?\d[\d .()-]*$")


def rulebook_file(text: str) -> Path:
    """Raises :class:`Refusal` ``cli.no_file``."""
    return _file("rulebooks", text)


def calendar_file(text: str, beside: Path | None = None) -> Path:
    """``beside`` is the rulebook that names it: a ``calendars`` folder next to its own comes first.

    Raises :class:`Refusal` ``cli.no_file``.
    """
    if beside is not None:
        near = beside.parent.parent / "calendars" / f"{text}.toml"
        if near.is_file():
            return near
    return _file("calendars", text)


def _file(folder: str, text: str) -> Path:
    ours = resources.names(folder)
    if text in ours:
        return resources.path(f"{folder}/{text}.toml")
    path = Path(text).expanduser()
    try:
        found = path.is_file()
    except OSError:  # a name too long for any file
        found = False
    if not found:
        raise Refusal("cli.no_file", file=text, known=list(ours), nearest=nearest(text, ours))
    return path


def write_whole(to: Path, write: Callable[[Path], int]) -> int:
    """Write beside the file and put it in place when it is whole; a fault leaves nothing behind.

    Returns what ``write`` does, given the file to write. Raises :class:`Refusal` ``export.failed``.
    """
    if not to.parent.is_dir():
        raise Refusal("export.failed", file=str(to), error=_("the folder does not exist"))
    try:
        handle, name = tempfile.mkstemp(dir=to.parent, prefix=f".{to.name}.")
        os.close(handle)
        path = Path(name)
        try:
            count = write(path)
            path.chmod(0o644)
            path.replace(to)
        except BaseException:
            with suppress(OSError):
                path.unlink()
            raise
    except OSError as fault:
        raise Refusal("export.failed", file=str(to), error=fault.strerror or str(fault)) from fault
    return count


def harmless(cell: Any) -> Any:
    """A cell no spreadsheet takes for a formula: with an apostrophe before it where it would be."""
    if not isinstance(cell, str):
        return cell
    text = clean(cell, None, lines=True)
    return f"'{text}" if _FORMULA.match(text) and not _HARMLESS.match(text) else text
