"""Finding somebody or something as one types: a line and, under it, what fits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, cast

from textual import events, work
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from desk.errors import Refusal
from desk.i18n import N_
from desk.text import LINE, clean, fold
from desk.typeahead import HELD, READ, passed
from desk.widgets.fields import Changed, Entered, Line, compactly
from desk.widgets.options import Options
from desk.widgets.text import dot


@dataclass(frozen=True, slots=True)
class Item:
    """One of those found: ``title`` is put in the line when it is picked, ``hint`` stands beside it."""

    key: str
    title: str
    hint: str = ""
    data: Any = None


Find = Callable[[str], Awaitable[Sequence[Item]]]


class Picker(Widget):
    """A line to type in and the list of what fits. Arrows mark, Enter picks.

    With ``free`` a text that fits nothing stands as it was typed. ``picked`` is the item, ``given`` its key, or the
    free text.
    """

    DEFAULT_CSS = """
    Picker { width: 1fr; height: auto; layout: vertical; }
    Picker > OptionList { height: auto; max-height: 6; display: none; border: none; padding: 0; }
    Picker > OptionList.-open { display: block; }
    """
    ABOUT = N_(
        "Type any part: room, name, initials, the end of a number. Arrows mark one of those found, Enter picks it."
    )

    @dataclass
    class Picked(Message):
        """Somebody or something was picked; ``item`` None: nothing any more, or free text."""

        picker: Picker
        item: Item | None

        @property
        def control(self) -> Picker:
            return self.picker

    def __init__(
        self,
        find: Find,
        *,
        placeholder: str = "",
        free: bool = False,
        empty: bool = False,
        must: bool = False,
        id: str | None = None,  # noqa: A002
    ) -> None:
        """``find`` answers what fits a text, best first. With ``empty`` it is asked for the empty text too
        (the arrow down shows everybody); with ``must`` the list stands open at once and Enter picks its first.
        """
        super().__init__(id=id)
        self.find, self.free, self.empty, self.must = find, free, empty or must, must
        # held here: what stands in it is asked for, to be kept as a draft, before it is mounted and while it is removed
        self._line = Line("", placeholder)
        self.items: tuple[Item, ...] = ()
        self.picked: Item | None = None
        self._shown_for: str | None = None
        self._enter_waits = False

    def compose(self) -> ComposeResult:
        yield self._line
        yield compactly(Options(markup=False))

    def on_mount(self) -> None:
        self._list.can_focus = False

    @property
    def _list(self) -> Options:
        return self.query_one(Options)

    def focus(self, scroll_visible: bool = True, *args: Any, **kwargs: Any) -> Picker:
        self._line.focus(scroll_visible)
        return self

    # -- its value -------------------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """What stands in the line."""
        return clean(self._line.value, LINE)

    @property
    def given(self) -> Any:
        """The key of what was picked, else the free text, else None.

        What was typed in full, or fits nobody else, need not be picked. Raises :class:`Refusal` ``pick.which`` for a
        text that leaves open who is meant: it must never be taken for an empty field.
        """
        if self.picked is not None:
            return self.picked.key
        text = self.text
        if self.free or not text:
            return text or None
        fits = self.items if self._shown_for == text else ()
        named = [item for item in fits if fold(item.title) == fold(text)] or list(fits)
        if len(named) != 1:
            raise Refusal("pick.which", text=text)
        return named[0].key

    def put(self, value: Any) -> None:
        """Show an :class:`Item` as picked, or a text as typed."""
        if isinstance(value, Item):
            self._pick(value)
        else:
            self.picked = None
            self._line.put(value)

    # -- finding ---------------------------------------------------------------------------------------------

    def on_changed(self, event: Changed) -> None:
        if event.field is self:
            return
        event.stop()
        if self.picked is not None and self.text == clean(self.picked.title):
            return
        self._enter_waits = False  # it was about what stood there before
        if self.picked is not None:
            self.picked = None
            self.post_message(self.Picked(self, None))
        self.post_message(Changed(self))
        self.look()

    def look(self) -> None:
        """Ask anew for what fits."""
        text = self.text
        if not text and not self.empty:
            self.workers.cancel_group(self, "find")
            self._offer(text, ())
        else:
            self._find(text)

    @work(group="find", exclusive=True, exit_on_error=False)
    async def _find(self, text: str) -> None:
        # What is no letter waits for the answer: arrows and Enter are about what is found. What comes after an Enter
        # that waits is meant for the next field.
        keys = getattr(self.app, "typeahead", None)
        # Before anybody has signed in the answer may take as long as the opening of the records.
        seconds = HELD if self._enter_waits else READ if getattr(self.app, "who", None) is not None else 0.0
        with keys.hold(seconds) if keys is not None and seconds else nullcontext():
            # The letter is painted before anybody looks for what fits it.
            await passed(self.call_after_refresh)
            try:
                found = await self.find(text)
            except Exception as error:
                self._enter_waits = False  # the next answer is another's
                if keys is None:
                    raise
                cast(Any, self.app).fault(error)
                return
            if text == self.text:
                self._offer(text, found)

    def _offer(self, text: str, items: Sequence[Item]) -> None:
        as_many = len(items) == self._list.option_count
        self.items, self._shown_for = tuple(items), text
        if as_many:  # other words in the same rows: nothing need be laid out
            for place, item in enumerate(items):
                self._list.replace_option_prompt_at_index(place, self._row(item))
        else:
            self._list.clear_options()
            self._list.add_options([Option(self._row(item)) for item in items])
        self._list.highlighted = 0 if items else None
        self._list.set_class(bool(items) and self._line.has_focus and self.picked is None, "-open")
        if self._enter_waits:
            self._enter_waits = False
            self._enter()

    @staticmethod
    def _row(item: Item) -> Content:
        return Content.assemble((clean(item.title), "bold"), f"{dot()}{clean(item.hint)}" if item.hint else "")

    # -- picking ---------------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        if not self._list.has_class("-open"):
            if event.key == "down" and self.picked is None:
                self.look()
                event.stop()
            return
        if event.key == "escape":
            self._list.remove_class("-open")
        elif not self._list.move(event.key):
            return
        event.stop()
        event.prevent_default()

    def on_entered(self, event: Entered) -> None:
        if event.field is self:
            return
        event.stop()
        self._enter()

    def _enter(self) -> None:
        text = self.text
        if self.picked is None and not text and not self.must and not self._list.has_class("-open"):
            self.post_message(Entered(self))
            return
        if self.picked is None and self._shown_for != text and (text or self.empty):
            # Fast fingers: Enter before the answer came. It counts for the answer.
            self._enter_waits = True
            self.look()
            return
        if self.picked is None and self.items and self._list.highlighted is not None:
            self._pick(self.items[self._list.highlighted])
        elif self.picked is None and text and not self.free:
            self.app.bell()
            return
        self._list.remove_class("-open")
        self.post_message(Entered(self))

    def _pick(self, item: Item) -> None:
        self.picked = item
        self._line.put(item.title)
        self._line.cursor_position = len(self._line.value)
        self._list.remove_class("-open")
        self.post_message(self.Picked(self, item))
        self.post_message(Changed(self))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        # by mouse
        event.stop()
        self._pick(self.items[event.option_index])
        self.post_message(Entered(self))

    def on_descendant_blur(self) -> None:
        self._list.remove_class("-open")

    def on_descendant_focus(self) -> None:
        if self.must and self.picked is None:
            self.look()
