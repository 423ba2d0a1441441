"""What the palette offers: what the focused part and its screen can do, then the console's own commands."""

from __future__ import annotations

from collections.abc import Iterable

from textual.screen import Screen

from desk.i18n import _
from desk.screens import more
from desk.screens.base import DeskScreen
from desk.widgets.keys import ours
from desk.widgets.palette import Command


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
