"""Colours, and for older terminals lines of plain characters.

``plain`` draws borders of ``+ - |`` and no glyph whose width is uncertain (code page 936 draws ``·`` and ``─`` two
cells wide). States are always said in words too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.theme import Theme

from desk.i18n import N_
from desk.widgets.text import draw_plainly

#: drawn by desk.tcss: the kind of line around a box
_LINES = {"desk-box": "round"}
_PLAIN = {"desk-box": "ascii"}

THEMES = (
    Theme(
        name="desk-dark",
        primary="#7aa2f7",
        secondary="#7dcfff",
        accent="#e0af68",
        warning="#e0af68",
        error="#f7768e",
        success="#9ece6a",
        foreground="#d5d9e8",
        background="#16181f",
        surface="#1b1e27",
        panel="#262b38",
        dark=True,
        variables=_LINES,
    ),
    Theme(
        name="desk-light",
        primary="#1f5fbf",
        secondary="#0f7f8f",
        accent="#9a5b00",
        warning="#9a5b00",
        error="#b3261e",
        success="#2b7a2b",
        foreground="#1a1c22",
        background="#f6f6f3",
        surface="#ffffff",
        panel="#e4e7ee",
        dark=False,
        variables=_LINES,
    ),
    Theme(
        name="desk-plain",
        primary="#5f87ff",
        secondary="#00afaf",
        accent="#ffd75f",
        warning="#ffd75f",
        error="#ff5f5f",
        success="#5fd75f",
        foreground="#e4e4e4",
        background="#000000",
        surface="#000000",
        panel="#1c1c1c",
        dark=True,
        variables=_PLAIN,
    ),
)

TITLES: Mapping[str, str] = {
    "desk-dark": N_("Dark"),
    "desk-light": N_("Light"),
    "desk-plain": N_("Plain lines, for older terminals"),
}
DEFAULT = "desk-dark"
PLAIN = "desk-plain"


class PlainBars(ScrollBarRender):
    """A scrollbar of colour alone, without half blocks."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "]
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "]


def draw(theme: str) -> None:
    """Let everything that is drawn from now on use the characters of ``theme``."""
    ScrollBar.renderer = PlainBars if plainly(theme) else ScrollBarRender
    draw_plainly(plainly(theme))


def plainly(theme: str) -> bool:
    """Whether a theme draws with plain characters only."""
    return theme == PLAIN
