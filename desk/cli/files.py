"""Rulebooks and calendars by the name of one of ours, or by path."""

from __future__ import annotations

from pathlib import Path

from desk import resources
from desk.errors import Refusal
from desk.vocabulary import nearest


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
