"""The first picture where nobody need be asked: status line, places and keys, while the place itself is being made."""

from __future__ import annotations

from desk.screens.base import DeskScreen


class FrontScreen(DeskScreen[None]):
    """Painted at once. Keys pressed meanwhile wait in line for the place."""
