"""A form: rows of title and field, one error line; what it asks for comes in as plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from textual import events
from textual.app import ComposeResult, RenderResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from desk.actions import LEAVE, LEAVE_UNKEPT, SAVE
from desk.errors import Refusal
from desk.i18n import N_, _
from desk.text import clean
from desk.widgets.fields import Changed, Choice, Entered, Flag, Line, Number, Prose, TimeLine
from desk.widgets.keys import bindings
from desk.widgets.pick import Find, Item, Picker
from desk.widgets.text import cut, plain

FormField = Line | Prose | Choice | TimeLine | Picker
"""What a form's rows hold; Flag is a Choice, Number a Line."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One value a form asks for; ``type`` as in a verb's parameter, or ``pick``. Titles are already translated."""

    name: str
    type: str  # text | prose | staff | pick | time | choice | flag | number
    title: str
    required: bool = False
    #: (value, title) for ``choice``
    options: tuple[tuple[str, str], ...] = ()
    #: for ``pick`` and ``staff``
    find: Find | None = None
    #: a pick that fits nothing may stand as typed
    free: bool = False
    start: Any = None
    placeholder: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """How a form reads and shows times, and says what is wrong with one."""

    parse: Callable[[str], datetime]
    show: Callable[[datetime], str]
    sentence: Callable[[Refusal], str]


class Sentence(Widget):
    """One sentence for the person: what is wrong and what to do, or what has been done."""

    DEFAULT_CSS = """
    Sentence { height: auto; max-height: 4; width: 1fr; padding: 0 1; display: none; }
    Sentence.-said { display: block; }
    Sentence.-error { color: $text-error; }
    """
    text: reactive[str] = reactive("", layout=True)

    def say(self, text: str, *, error: bool = False) -> None:
        """Show ``text``; empty hides it."""
        self.set_class(error, "-error")
        self.set_class(bool(text), "-said")
        self.text = text

    def render(self) -> RenderResult:
        # A word, not only a colour, says that something is wrong.
        return plain(f"! {self.text}" if self.has_class("-error") else self.text)


class Row(Widget):
    """A field and its title; a mark shows where the keys go."""

    DEFAULT_CSS = "Row { layout: horizontal; height: auto; width: 1fr; }"

    class Words(Widget):
        """The mark and the title, ``width`` cells and one more."""

        DEFAULT_CSS = "Words { height: 1; padding: 0 1 0 0; }"
        on: reactive[bool] = reactive(False)

        def __init__(self, text: str, width: int) -> None:
            super().__init__(classes="title")
            self.text = text
            self.styles.width = width + 1

        def render(self) -> RenderResult:
            return Content(cut((">" if self.on else " ") + clean(self.text), self.size.width))

    def __init__(self, title: str, field: Widget, width: int) -> None:
        super().__init__()
        self.title, self.field, self._width = title, field, width

    def compose(self) -> ComposeResult:
        yield self.Words(self.title, self._width)
        yield self.field

    def on_descendant_focus(self) -> None:
        self.query_one(self.Words).on = True

    def on_descendant_blur(self) -> None:
        self.query_one(self.Words).on = False


class Form(VerticalScroll):
    """Fields one under another. Enter goes on, Ctrl+S saves, Esc leaves.

    Posts :class:`Saved` with the values and :class:`Left`. A value that can't be read stops the save and is told in
    the error line; whoever listens tells refusals there too, by :meth:`refuse`.
    """

    DEFAULT_CSS = """
    Form { height: auto; max-height: 100%; width: 1fr; }
    """
    BINDINGS = bindings(SAVE, LEAVE)
    ABOUT = N_("Enter goes from field to field; Ctrl+S saves; Esc leaves and keeps what you wrote as a draft.")

    @dataclass
    class Saved(Message):
        form: Form
        values: Mapping[str, Any]

        @property
        def control(self) -> Form:
            return self.form

    @dataclass
    class Left(Message):
        form: Form

        @property
        def control(self) -> Form:
            return self.form

    @dataclass
    class Edited(Message):
        """Something was changed: time to keep a draft."""

        form: Form

        @property
        def control(self) -> Form:
            return self.form

    def __init__(
        self,
        asks: Sequence[Ask],
        clock: Clock,
        *,
        ready: str = "",
        id: str | None = None,  # noqa: A002
    ) -> None:
        """With ``ready`` (a sentence that says so) Enter saves at once a form that lacks nothing and is untouched."""
        super().__init__(id=id, can_focus=not asks)  # where nothing is asked its keys work all the same
        self._ready = ready
        #: how it began, and what was in it when last told of; None until it stands
        self._first: dict[str, Any] | None = None
        self._told: dict[str, Any] | None = None
        self.asks, self.clock = tuple(asks), clock
        self.fields: dict[str, FormField] = {ask.name: self._field(ask) for ask in asks}

    def compose(self) -> ComposeResult:
        from rich.cells import cell_len

        width = min(24, 2 + max((cell_len(self._title(ask)) for ask in self.asks), default=0))
        for ask in self.asks:
            yield Row(self._title(ask), self.fields[ask.name], width)
        yield Sentence()

    @staticmethod
    def _title(ask: Ask) -> str:
        return f"{ask.title}*" if ask.required else ask.title

    def on_mount(self) -> None:
        for ask in self.asks:
            if ask.start is not None and ask.type in ("staff", "pick"):
                self._put(ask.name, ask.start)
        # Here and not after the next painting: what is typed by then is an edit already, and to be kept.
        self._first = self._told = self.draft()
        if self._ready and self._complete():
            self.call_after_refresh(self._say_ready)

    def _say_ready(self) -> None:
        if self._untouched():
            for sentence in self.query(Sentence):  # none, where it was left before it was painted
                sentence.say(self._ready)

    def _untouched(self) -> bool:
        return self._first is not None and self.draft() == self._first

    def _complete(self) -> bool:
        return not any(ask.required and self._is_empty(field) for ask, field in self._rows())

    def _field(self, ask: Ask) -> FormField:
        match ask.type:
            case "prose":
                return Prose(ask.start or "")
            case "choice":
                return Choice(ask.options, ask.start)
            case "flag":
                return Flag(ask.start)
            case "number":
                return Number("" if ask.start is None else str(ask.start), limit=20)
            case "time":
                return TimeLine(self.clock.parse, self.clock.show, ask.start, sentence=self.clock.sentence)
            case "staff" | "pick":
                assert ask.find is not None
                return Picker(
                    ask.find, free=ask.free, empty=True, must=ask.required and not ask.free, placeholder=ask.placeholder
                )
            case _:
                return Line(ask.start or "", ask.placeholder)

    def _put(self, name: str, value: Any) -> None:
        self.fields[name].put(value)

    # -- values ----------------------------------------------------------------------------------------------

    def values(self) -> dict[str, Any]:
        """What was given, by name; empty ones left out. Raises :class:`Refusal` for a time that is none."""
        given: dict[str, Any] = {}
        for ask in self.asks:
            try:
                value = self.fields[ask.name].given
            except Refusal as refusal:
                raise Refusal(refusal.code, **{**refusal.params, "name": ask.name}) from None
            if value is not None:
                given[ask.name] = value
        return given

    def draft(self) -> dict[str, Any]:
        """What has been written so far, as plain data fit for a draft."""
        kept: dict[str, Any] = {}
        for name, field in self.fields.items():
            if isinstance(field, TimeLine):
                kept[name] = field.text
            elif isinstance(field, Picker):
                item = field.picked
                kept[name] = field.text if item is None else {"key": item.key, "title": item.title}
            else:
                kept[name] = field.given
        return {name: value for name, value in kept.items() if value not in (None, "")}

    def restore(self, draft: Mapping[str, Any]) -> None:
        """Put a draft's content back into the fields."""
        for name, value in draft.items():
            if name in self.fields:
                self._put(name, Item(value["key"], value["title"]) if isinstance(value, dict) else value)
        self._told = self.draft()

    def refuse(self, text: str, name: str | None = None) -> None:
        """Tell why it can't be saved, and go to the field it is about."""
        sentence = self.query_one(Sentence)
        sentence.say(text, error=True)
        if name in self.fields:
            self.fields[str(name)].focus()
        # a long form on a small screen ends below its foot; the field is gone to first, and stays in view where it can
        self.call_after_refresh(sentence.scroll_visible, animate=False)

    def focus(self, scroll_visible: bool = True, *args: Any, **kwargs: Any) -> Form:
        """To the first field that is required and empty, else the first."""
        for ask, field in self._rows():
            if ask.required and self._is_empty(field):
                field.focus()
                return self
        for _ask, field in self._rows():
            field.focus()
            return self
        super().focus(scroll_visible)
        return self

    def _rows(self) -> Iterator[tuple[Ask, FormField]]:
        return ((ask, self.fields[ask.name]) for ask in self.asks)

    @staticmethod
    def _is_empty(field: FormField) -> bool:
        try:
            return field.given is None
        except Refusal:
            return False

    # -- keys ------------------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        if event.key == "enter" and self.has_focus:  # there is no field to have it
            event.stop()
            self.action_save()

    def on_entered(self, event: Entered) -> None:
        event.stop()
        if self._ready and self._untouched() and self._complete():
            self.action_save()
            return
        fields = list(self.fields.values())
        at = fields.index(event.field) if event.field in fields else -1
        if at + 1 < len(fields):
            fields[at + 1].focus()
        else:
            self.action_save()  # Enter on the last field is what a form of one line expects

    def on_changed(self, event: Changed) -> None:
        event.stop()
        # Fields tell of what they begin with too. What was taken out again is an edit: it may be on the disk.
        if self._told is not None and (now := self.draft()) != self._told:
            self._told = now
            self.query_one(Sentence).say("")
            self.post_message(self.Edited(self))

    def action_save(self) -> None:
        try:
            values = self.values()
        except Refusal as refusal:
            self.refuse(self.clock.sentence(refusal), str(refusal.params.get("name", "")))
            return
        for ask in self.asks:
            if ask.required and values.get(ask.name) is None:
                self.refuse(_("{title} is still missing.").format(title=ask.title), ask.name)
                return
        self.post_message(self.Saved(self, values))

    def action_leave_form(self) -> None:
        self.post_message(self.Left(self))


class PassingForm(Form, inherit_bindings=False):
    """A form of which nothing is kept when it is left."""

    BINDINGS = bindings(SAVE, LEAVE_UNKEPT)
    ABOUT = N_("Enter goes from field to field; Ctrl+S saves; Esc leaves, and nothing is kept.")
