"""The first picture where nobody need be asked: status line, places and keys, while the place itself is being made."""

from __future__ import annotations

from textual import events

from desk.screens.base import DeskScreen


class FrontScreen(DeskScreen[None]):
    """Painted at once. Keys pressed meanwhile are not lost: the place gets them."""

    def __init__(self) -> None:
        super().__init__()
        self.pressed: list[events.Key] = []

    def on_key(self, event: events.Key) -> None:
        event.stop()
        self.pressed.append(events.Key(event.key, event.character))
