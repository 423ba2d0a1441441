"""Handover: not there yet."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Static

from desk.i18n import _
from desk.screens.base import DeskScreen
from desk.widgets.text import plain


class HandoverScreen(DeskScreen[None]):
    """Stands in until the screen is written."""

    def body(self) -> ComposeResult:
        yield Static(plain(_("{title}: not there yet.").format(title=_("Handover"))), classes="middle")
