"""The parts forms are made of: a line, prose, one of several by digit, yes or no, a time with its preview.

Every field has ``value`` (plain data, None when empty), posts :class:`Changed` when it changes and :class:`Entered`
when the person is done with it (Enter, or a digit that chooses). What is typed or pasted is cleaned and capped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive, reactive
from textual.widget import Widget
from textual.widgets import Input, OptionList, TextArea

from desk.actions import NEW_LINE
from desk.errors import Refusal
from desk.i18n import N_, _
from desk.text import LINE, PROSE, clean, narrow
from desk.widgets.keys import bindings
from desk.widgets.text import flow, plain

#: seconds within which one paste after another is cut, and that is said once
_SAID = 5.0

W = TypeVar("W", Input, TextArea, OptionList)


def compactly(widget: W) -> W:
    """``widget`` without a border, as ``compact=True`` makes it, which would have it styled three times over."""
    widget.set_reactive(type(widget).compact, True)
    widget.add_class("-textual-compact", update=False)
    return widget


@dataclass
class Changed(Message):
    """The field's value may be another now."""

    field: Widget

    @property
    def control(self) -> Widget:
        return self.field


@dataclass
class Entered(Message):
    """The person is done with this field: on to the next one."""

    field: Widget

    @property
    def control(self) -> Widget:
        return self.field


def pasted(field: Line | Prose, text: str, limit: int, room: int, *, lines: bool = False) -> str:
    """What of a pasted ``text`` there is room for in a field of ``limit`` characters; that it was cut is said."""
    kept = clean(text, max(0, room), lines=lines)
    if len(text) > len(kept) and len(clean(text, max(0, room) + 1, lines=lines)) > len(kept):
        now = time.monotonic()
        if now - field.cut_at > _SAID:
            said = _("This field holds {n} characters: what came beyond was left out.").format(n=limit)
            field.app.notify(said, severity="warning", markup=False)
        field.cut_at = now
    return kept


class Line(Input):
    """One line of text."""

    DEFAULT_CSS = "Line { width: 1fr; }"
    #: when a paste was cut last, seconds of a clock that only goes on
    cut_at = -_SAID
    # How far the text goes changes with every key; laying out the whole screen for it would cost a tenth of a second.
    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False)

    def __init__(self, value: str = "", placeholder: str = "", *, limit: int = LINE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(
            value=clean(value, limit),
            placeholder=placeholder,
            max_length=limit,
            select_on_focus=False,
            id=id,
        )
        self.limit = limit
        compactly(self)
        # What Textual would set, and style anew for, at the first key.
        self.add_class("-valid", update=False)

    @property
    def given(self) -> Any:
        """The value as plain data; None when empty."""
        return clean(self.value, self.limit) or None

    def put(self, value: Any) -> None:
        """Show ``value`` as though it had been typed."""
        self.value = "" if value is None else clean(str(value), self.limit)

    def _on_paste(self, event: events.Paste) -> None:
        # A paste of a million characters would block for seconds: cut before it is laid out.
        event.prevent_default()
        event.stop()
        room = self.limit - len(self.value) + len(self.selected_text)
        if text := pasted(self, event.text, self.limit, room):
            self.replace(text, *sorted(self.selection))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(Changed(self))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(Entered(self))


class Prose(TextArea):
    """Several lines of text. Enter goes on to the next field; Ctrl+J begins a new line."""

    DEFAULT_CSS = "Prose { width: 1fr; height: 3; border: none; padding: 0 1; scrollbar-size-vertical: 1; }"
    BINDINGS = bindings(NEW_LINE)
    cut_at = -_SAID

    def __init__(self, value: str = "", *, limit: int = PROSE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(
            clean(value, limit, lines=True),
            soft_wrap=True,
            tab_behavior="focus",
            id=id,
            highlight_cursor_line=False,
            show_line_numbers=False,
        )
        self.limit = limit
        compactly(self)

    @property
    def given(self) -> Any:
        return clean(self.text, self.limit, lines=True) or None

    def put(self, value: Any) -> None:
        self.load_text("" if value is None else clean(str(value), self.limit, lines=True))
        self.move_cursor(self.document.end)

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self.post_message(Entered(self))
        elif event.key == NEW_LINE.key:
            # here and not as a binding, which a busy screen runs after the letters that follow it
            event.stop()
            event.prevent_default()
            self.action_new_line()
        elif event.is_printable and len(self.text) >= self.limit:
            event.stop()
            event.prevent_default()
            self.app.bell()

    def action_new_line(self) -> None:
        self.insert("\n")

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        room = self.limit - len(self.text) + len(self.selected_text)
        if text := pasted(self, event.text, self.limit, room, lines=True):
            self.replace(text, *sorted(self.selection))

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.post_message(Changed(self))


class Choice(Widget, can_focus=True):
    """One of several, all in sight: a digit chooses, arrows move. The chosen one stands in brackets."""

    DEFAULT_CSS = """
    Choice { width: 1fr; height: auto; }
    Choice:focus { background: $boost; }
    """
    chosen: reactive[str | None] = reactive(None, layout=True, init=False)

    def __init__(
        self,
        options: Sequence[tuple[str, str]],
        value: str | None = None,
        *,
        keys: str = "1234567890",
        id: str | None = None,  # noqa: A002
    ) -> None:
        """``options`` are (value, title already in the user's language); ``keys`` choose them in order."""
        super().__init__(id=id)
        self.options = tuple(options)
        self.keys = keys
        self.set_reactive(Choice.chosen, value)

    @property
    def given(self) -> Any:
        return self.chosen

    def put(self, value: Any) -> None:
        self.chosen = value if value in dict(self.options) else None

    def watch_chosen(self) -> None:
        self.post_message(Changed(self))

    def on_key(self, event: events.Key) -> None:
        values = [value for value, _title in self.options]
        at = values.index(self.chosen) if self.chosen in values else -1
        pressed = narrow(event.character).lower() if event.character and event.is_printable else ""
        if pressed and pressed in self.keys[: len(values)]:
            self.chosen = values[self.keys.index(pressed)]
            self.post_message(Entered(self))
        elif event.key in ("right", "space"):
            self.chosen = values[(at + 1) % len(values)]
        elif event.key == "left":
            self.chosen = values[(at - 1 if at >= 0 else -1) % len(values)]
        elif event.key in ("backspace", "delete"):
            self.chosen = None
        elif event.key == "enter":
            self.post_message(Entered(self))
        else:
            return
        event.stop()
        event.prevent_default()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return 1 + self._drawn(width).plain.count("\n")

    def render(self) -> RenderResult:
        return self._drawn(self.content_size.width)

    def _drawn(self, width: int) -> Content:
        parts = []
        for key, (value, title) in zip(self.keys.ljust(len(self.options)), self.options, strict=False):
            text = clean(f"{key} {title}")
            on = value == self.chosen
            # Brackets and not only colour; they stand where blanks were, so that nothing moves.
            parts.append(Content.styled(f"[{text}]" if on else f" {text} ", "bold reverse" if on else ""))
        return flow(parts, width)


class Flag(Choice):
    """Yes or no; empty until one is chosen."""

    def __init__(self, value: bool | None = None, *, id: str | None = None) -> None:  # noqa: A002
        start = None if value is None else ("yes" if value else "no")
        super().__init__([("yes", _("Yes")), ("no", _("No"))], start, keys="12", id=id)

    @property
    def given(self) -> Any:
        return None if self.chosen is None else self.chosen == "yes"

    def put(self, value: Any) -> None:
        self.chosen = None if value is None else ("yes" if value else "no")

    def on_key(self, event: events.Key) -> None:
        if event.character and narrow(event.character).lower() in ("y", "n"):
            self.chosen = "yes" if narrow(event.character).lower() == "y" else "no"
            self.post_message(Entered(self))
            event.stop()
            event.prevent_default()


class Number(Line):
    """A number; ``given`` is an int or a float."""

    @property
    def given(self) -> Any:
        text = narrow(self.value).strip().replace(",", "")
        if not text:
            return None
        try:
            return int(text)
        except ValueError:
            pass
        try:
            number = float(text)
        except ValueError:
            return text  # refused, by name, where it is checked
        return number if number == number and abs(number) != float("inf") else text


class TimeLine(Widget):
    """A time as people say it, and at once what it means."""

    DEFAULT_CSS = """
    TimeLine { width: 1fr; height: 1; layout: horizontal; }
    TimeLine > Line { width: 20; }
    TimeLine > Meaning { width: 1fr; height: 1; padding: 0 1; }
    """

    class Meaning(Widget):
        """The time understood."""

        text: reactive[str] = reactive("")

        def render(self) -> RenderResult:
            return plain(self.text)

    def __init__(
        self,
        parse: Callable[[str], datetime],
        show: Callable[[datetime], str],
        value: datetime | None = None,
        *,
        sentence: Callable[[Refusal], str] = str,
        id: str | None = None,  # noqa: A002
    ) -> None:
        """``parse`` raises :class:`Refusal` for what it does not understand; ``show`` says a time in words."""
        super().__init__(id=id)
        self.parse, self.show, self.sentence = parse, show, sentence
        self._exact: datetime | None = value
        # held here: what stands in it is asked for, to be kept as a draft, before it is mounted and while it is removed
        self._line = Line(show(value) if value else "", _("14:00, tomorrow 9:30, +30 min"), limit=40)

    def compose(self) -> Any:
        yield self._line
        yield self.Meaning()

    def focus(self, scroll_visible: bool = True, *args: Any, **kwargs: Any) -> TimeLine:
        self._line.focus(scroll_visible)
        return self

    @property
    def text(self) -> str:
        """What was typed."""
        return self._line.value

    @property
    def given(self) -> Any:
        """The time, aware, in UTC. Raises :class:`Refusal` where what was typed is no time."""
        text = clean(self.text)
        if not text:
            return None
        if self._exact is not None and text == self.show(self._exact):
            return self._exact
        return self.parse(text)

    def put(self, value: Any) -> None:
        """Show a time, or a text as though it had been typed."""
        self._exact = value if isinstance(value, datetime) else None
        self._line.put(self.show(value) if isinstance(value, datetime) else value)

    def on_changed(self, event: Changed) -> None:
        if event.field is self:
            return
        event.stop()
        meaning = self.query_one(self.Meaning)
        try:
            at = self.given
            meaning.text = "" if at is None else f"= {self.show(at)}"
        except Refusal as refusal:
            meaning.text = self.sentence(refusal)
        self.post_message(Changed(self))

    def on_entered(self, event: Entered) -> None:
        if event.field is not self:
            event.stop()
            self.post_message(Entered(self))


#: what a field of each kind is for, for the help
ABOUT = {
    Line: N_("A line of text. Enter goes on to the next field."),
    Prose: N_("Several lines of text. Enter goes on to the next field, Ctrl+J begins a new line."),
    Choice: N_("One of several: its digit chooses it and goes on; arrows move the choice, Backspace empties it."),
    Flag: N_("Yes or no: 1 or Y for yes, 2 or N for no."),
    Number: N_("A number. Full-width digits will do."),
    TimeLine: N_(
        "A time as you would say it: 14:00, tomorrow 9:30, 11-24 10:00, +30 min. What it means stands beside it."
    ),
}
