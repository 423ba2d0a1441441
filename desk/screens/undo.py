"""Taking back the last entry: asked once, told what was taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk.i18n import _

if TYPE_CHECKING:
    from desk.app import DeskApp


async def take_back(app: DeskApp) -> None:
    """Take back what was recorded last at this console. Raises :class:`Refusal` where it can't be."""
    app.say(_("{title}: not there yet.").format(title=_("Take back the last entry")))
