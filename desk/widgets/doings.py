"""What can be done here, always in sight: a line to type in and under it the acts; those that can't be done say why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from desk.i18n import N_, _
from desk.text import clean
from desk.widgets.fields import Changed, Entered, Line
from desk.widgets.options import Options
from desk.widgets.palette import Command, matches
from desk.widgets.text import cut, dot

#: a list narrower than this gives a reason a line of its own
_WIDE = 60


class Doings(Widget):
    """Type part of a name (or its initials), arrows mark, Enter does it. The first is what is due next."""

    DEFAULT_CSS = """
    Doings { width: 1fr; height: 1fr; layout: vertical; }
    Doings > OptionList { height: 1fr; border: none; padding: 0; background: $background; scrollbar-size-vertical: 1; }
    """
    ABOUT = N_(
        "What can be done with it now: type part of the name or its pinyin initials, arrows mark, Enter does it. "
        "What can't be done now stands last, with the reason."
    )

    @dataclass
    class Chosen(Message):
        """An act was chosen."""

        doings: Doings
        command: Command

        @property
        def control(self) -> Doings:
            return self.doings

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.commands: tuple[Command, ...] = ()
        self.shown: list[Command] = []
        #: somebody has put the mark where it stands; otherwise it is on what is due next
        self._moved = False

    def compose(self) -> ComposeResult:
        yield Line("", _("What to do? Type part of its name"), limit=40)
        yield Options(markup=False, compact=True)

    def on_mount(self) -> None:
        self._list.can_focus = False

    @property
    def _line(self) -> Line:
        return self.query_one(Line)

    @property
    def _list(self) -> Options:
        return self.query_one(Options)

    def focus(self, scroll_visible: bool = True) -> Doings:
        self._line.focus(scroll_visible)
        return self

    def offer(self, commands: Sequence[Command]) -> None:
        """Show these; a mark somebody has moved stays on its act until that is chosen, else it is on the first."""
        at = self._list.highlighted if self._moved else None
        kept = self.shown[at].title if at is not None and at < len(self.shown) else None
        self.commands = tuple(commands)
        self._show(kept)

    def clear(self) -> None:
        """Empty the line: every act is offered again."""
        self._line.put(None)

    @property
    def typed(self) -> str:
        """What stands in the line."""
        return clean(self._line.value)

    def _show(self, kept: str | None = None) -> None:
        ranked = [(rank, i) for i, c in enumerate(self.commands) if (rank := matches(c, self.typed)) is not None]
        order = sorted(ranked, key=lambda r: (bool(self.commands[r[1]].why_not), r))
        self.shown = [self.commands[i] for _rank, i in order]
        self._list.clear_options()
        self._list.add_options([Option(self._row(command), disabled=bool(command.why_not)) for command in self.shown])
        if not self.shown:
            self._list.add_option(Option(Content(_("Nothing of that name can be done here.")), disabled=True))
        able = [place for place, command in enumerate(self.shown) if not command.why_not]
        same = next((place for place in able if kept and self.shown[place].title == kept), None)
        self._list.highlighted = same if same is not None else (able[0] if able else None)

    def _row(self, command: Command) -> Content:
        width = max(20, self.size.width - 2)
        title, more = clean(command.title), clean(command.why_not or command.help)
        if not command.why_not:
            line = cut(title + (dot() + more if more else ""), width)
            return Content.assemble((line[: len(title)], "bold"), (line[len(title) :], "dim"))
        if width >= _WIDE:
            return Content.styled(cut(f"{title}{dot()}{more}", width), "dim")
        return Content.styled(f"{cut(title, width)}\n  {cut(more, width - 2)}", "dim")

    def on_resize(self) -> None:
        self._show()

    # -- keys ------------------------------------------------------------------------------------------------

    def on_changed(self, event: Changed) -> None:
        event.stop()
        self._show()

    def on_key(self, event: events.Key) -> None:
        if self._list.move(event.key):
            self._moved = True
            event.stop()
            event.prevent_default()

    def on_entered(self, event: Entered) -> None:
        event.stop()
        at = self._list.highlighted
        if at is not None and at < len(self.shown) and not self.shown[at].why_not:
            self._choose(self.shown[at])
        else:
            self.app.bell()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._choose(self.shown[event.option_index])

    def _choose(self, command: Command) -> None:
        self._moved = False
        self.post_message(self.Chosen(self, command))
