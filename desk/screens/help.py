"""F1: what the focused part is for, and which keys work here; made from the actions themselves."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import ActiveBinding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from desk.actions import CLOSE, Action
from desk.i18n import N_, _
from desk.screens.base import DeskModal
from desk.widgets.fields import ABOUT as FIELDS
from desk.widgets.keys import HintBar, bindings, key_name, ours
from desk.widgets.text import fill, plain

GENERAL = (
    (N_("Tab, Shift+Tab"), N_("Next part, part before.")),
    (N_("arrows, PgUp, PgDn"), N_("Move in a list or a text.")),
    (N_("Ctrl+Z"), N_("In a longer text: undo what was typed.")),
)


def about(screen: Screen[object], focused: Widget | None) -> list[str]:
    """What the focused part and the screens around it are for, the nearest first; translated."""
    found: list[str] = []
    node = focused
    while isinstance(node, Widget) and node is not screen:
        text = getattr(node, "ABOUT", "") or FIELDS.get(type(node), "")
        if text:
            found.append(_(text))
        node = node.parent if isinstance(node.parent, Widget) else None
    if text := getattr(screen, "ABOUT", ""):
        found.append(_(text))
    return list(dict.fromkeys(found))


class HelpScreen(DeskModal[None]):
    """Help for what had the focus when F1 was pressed. Esc, Enter or F1 goes back."""

    BINDINGS = bindings(CLOSE, Action("close", "enter,f1", "", show=False, first=True))

    def __init__(self, screen: Screen[object], focused: Widget | None) -> None:
        super().__init__()
        self.about = about(screen, focused)
        self.active: list[ActiveBinding] = list(ours(screen.active_bindings.values()))

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog help"):
            yield Static(plain(_("Help"), "bold"))
            for text in self.about:
                yield Static(plain(text), classes="about")
            yield Static(Content("\n".join(self._keys())), classes="keys")
        yield HintBar()

    def _keys(self) -> list[str]:
        rows: dict[str, tuple[str, str]] = {}
        for active in self.active:
            binding = active.binding
            if not binding.description:
                continue
            text = _(binding.tooltip) if binding.tooltip else _(binding.description)
            rows.setdefault(binding.action, (key_name(binding.key), text))
        lines = [*rows.values(), *((_(keys), _(text)) for keys, text in GENERAL)]
        return [f"{fill(keys, 20)} {text}" for keys, text in lines]

    def action_close(self) -> None:
        self.dismiss(None)
