"""A list to choose from, also by the keys of the field it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from textual.widgets import OptionList

_MOVES: Mapping[str, str] = {
    "down": "cursor_down",
    "up": "cursor_up",
    "pagedown": "page_down",
    "pageup": "page_up",
}


class Options(OptionList):
    """Textual's list, moved through by whoever has the focus."""

    def move(self, key: str) -> bool:
        """Move the mark as ``key`` says; whether it is a key that moves it."""
        if key not in _MOVES:
            return False
        getattr(self, f"action_{_MOVES[key]}")()
        return True

    def _move_page(self, direction: Literal[-1, 1]) -> None:
        # Textual asks on which line the mark stands, also where no line has been drawn yet or there is no room for one.
        if self._lines:
            super()._move_page(direction)
