"""Keys: bindings made from actions, the line of places at the top, the line of keys at the foot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual.app import RenderResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from desk.actions import HELP, PLACES, VISITOR, Action
from desk.i18n import N_, _

_NAMES = {
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "up": "↑",
    "down": "↓",
    "left": N_("Left arrow"),
    "right": N_("Right arrow"),
    "pageup": "PgUp",
    "pagedown": "PgDn",
}


def bindings(*actions: Action) -> list[BindingType]:
    """Textual's bindings for ``actions``. Descriptions stay message ids and are translated where they are shown."""
    return [
        Binding(
            action.key,
            action.name,
            action.title,
            show=action.show,
            priority=action.first,
            tooltip=action.help,
            id=f"desk.{action.name}",
        )
        for action in actions
        if action.key
    ]


def key_name(key: str) -> str:
    """A key as people read it: ``ctrl+s`` → ``Ctrl+S``."""
    *held, last = key.split("+")
    named = _(_NAMES[last]) if last in _NAMES else last.upper() if len(last) < 4 else last
    return "+".join([*(part.capitalize() for part in held), named])


def ours(active: Iterable[ActiveBinding]) -> Iterator[ActiveBinding]:
    """Those of the active bindings that were made by :func:`bindings`."""
    return (each for each in active if (each.binding.id or "").startswith("desk."))


class KeyBar(Widget):
    """The places of the console and their keys; the one shown is marked by colour and brackets."""

    DEFAULT_CSS = "KeyBar { height: 1; }"
    #: there was room for the key of whoever comes
    tells_visitor = False

    def render(self) -> RenderResult:
        here = self.app.current_mode
        spans: list[Content | tuple[str, str]] = []
        keys = set[str]()
        offered = getattr(self.app, "places", PLACES)
        for mode in offered:
            action = PLACES[mode]
            # of two with one key the first has it; the other is shown while one stands in it
            if action.key in keys and mode != here:
                continue
            name = "" if action.key in keys else f"{key_name(action.key)} "
            keys.add(action.key)
            text = f"{name}{_(action.title)}"
            spans.append((f"[{text}]" if mode == here else f" {text} ", "bold reverse" if mode == here else ""))
        left = Content.assemble(*spans)
        right = Content(f"{key_name(HELP.key)} {_(HELP.title)} ")
        gap = max(1, self.size.width - left.cell_length - right.cell_length)
        came = Content(f"{key_name(VISITOR.key)} {_(VISITOR.title)}  ")
        self.tells_visitor = "waiting" in offered and came.cell_length < gap
        if self.tells_visitor:
            right, gap = came + right, gap - came.cell_length
        return Content.assemble(left, " " * gap, right)


class HintBar(Widget):
    """The keys that work here and now, for the focused part first."""

    DEFAULT_CSS = "HintBar { height: 1; dock: bottom; }"

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, screen: Screen[object]) -> None:
        if screen is self.screen:
            self.refresh()

    def render(self) -> RenderResult:
        parts, seen = list[Content](), set[str]()
        told = any(bar.tells_visitor for bar in self.screen.query(KeyBar))
        for active in ours(self.screen.active_bindings.values()):
            binding = active.binding
            if not binding.show or (active.node is self.app and binding.action.startswith(("mode(", "help"))):
                continue
            if binding.action in seen or (binding.action == VISITOR.name and told):
                continue
            seen.add(binding.action)
            part = Content.assemble((f" {key_name(binding.key)}", "bold"), f" {_(binding.description)} ")
            if not active.enabled:
                part = part.stylize("dim")
            parts.append(part)
        return self._fitting(parts)

    def _fitting(self, parts: list[Content]) -> Content:
        """As many as there is room for; where that is not all, F1 has the rest."""
        line = Content("").join(parts)
        rest = Content.assemble((f" {key_name(HELP.key)}", "bold"), " …")
        while parts and line.cell_length > self.size.width:
            parts = parts[:-1]
            line = Content("").join([*parts, rest])
        return line
