"""What the palette offers: what the focused part and its screen can do, then the console's own commands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from textual.screen import Screen

from desk.i18n import _
from desk.screens import more
from desk.screens.base import DeskScreen, Working
from desk.text import narrow
from desk.widgets.keys import ours
from desk.widgets.palette import Command

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Ledger

#: a ticket's number as people type it, with or without dashes and year
_NUMBER = re.compile(r"[A-Z]{1,3}-?\d{4,6}-?\d{1,5}", re.IGNORECASE)


def gather(screen: Screen[object], general: Iterable[Command]) -> list[Command]:
    """Every command that makes sense now, each title once."""
    found: list[Command] = []
    for active in ours(screen.active_bindings.values()):
        binding = active.binding
        if active.node is screen.app or not binding.description or not active.enabled:
            continue

        def run(action: str = binding.action, node: object = active.node) -> None:
            screen.app.run_worker(screen.app.run_action(action, node), exit_on_error=False)  # type: ignore[arg-type]

        found.append(Command(_(binding.description), run, _(binding.tooltip), binding.key, keys=(binding.description,)))
    if isinstance(screen, DeskScreen):
        found += screen.commands()
        found += more.commands(screen)
    found += general
    return list({command.title: command for command in reversed(found)}.values())[::-1]


def looks_like_number(text: str) -> bool:
    """Whether ``text`` could be a ticket's number: ``r1122017``, ``R-1122-017``, full-width ones too."""
    return _NUMBER.fullmatch(re.sub(r"\s", "", narrow(text))) is not None


def typed(screen: Working, text: str) -> list[Command]:
    """What a text typed into the palette means by itself: a ticket's number opens that ticket."""
    if not looks_like_number(text):
        return []

    async def jump() -> None:
        def read(ledger: Ledger, session: Session) -> UUID:
            from desk.queries.tickets import by_number

            return by_number(session, ledger.estate_id, text)

        screen.desk.open_ticket(await screen.desk.reading(read))

    async def visit() -> None:
        now = screen.desk.now()

        def read(ledger: Ledger, session: Session) -> UUID:
            from desk.queries.waiting import visit_numbered

            return visit_numbered(ledger, session, text, now)

        screen.desk.open_visit(await screen.desk.reading(read))

    if "waiting" in screen.desk.places and narrow(text).strip()[:1] in "Ww":
        title = _("Open visit {number}").format(number=narrow(text).strip().upper())
        return [Command(title, lambda: screen.job(visit(), group="jump"))]
    title = _("Open ticket {number}").format(number=narrow(text).strip().upper())
    return [Command(title, lambda: screen.job(jump(), group="jump"))]
