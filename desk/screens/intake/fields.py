"""The parts of the intake form that are its own: who, marks, a telephone number, and which field a kind's word is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from rich.cells import cell_len
from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget

from desk.i18n import N_, _
from desk.text import clean, fold, mask_phone, narrow, phone_digits, room_code
from desk.vocabulary import FACTS
from desk.widgets.fields import Changed, Choice, Entered, Line
from desk.widgets.pick import Item, Picker
from desk.widgets.text import flow

#: the key of the item that stands for what was typed, fit or not
AS_TYPED = "="

#: longest title of a field, in cells
TITLE = 13

#: short titles, where the vocabulary's own is too long for a form or has none
TITLES = {
    "what": N_("What"),
    "place": N_("Place"),
    "convenient_time": N_("Suits them"),
    "event_time": N_("Happened"),
    "complained_person": N_("About whom"),
    "complained_department": N_("About dept."),
    "demand": N_("Demand"),
    "service": N_("Service"),
    "fee": N_("Fee"),
    "area": N_("Area"),
    "repair_class": N_("Class"),
    "named_worker": N_("Worker"),
    "source": N_("Reported by"),
    "source_department": N_("Department"),
    "resident_limit": N_("Own limit"),
    "leader": N_("Given by"),
    "definite_time": N_("Wants a time"),
    "beyond_department": N_("Several departments"),
    "harm": N_("Harm goes on"),
}
#: short titles of flags and values are the vocabulary's; these stand among many
_PROSE = ("what", "demand")
_TEXT = ("place", "convenient_time", "event_time", "complained_person", "service", "fee")
#: the caller's own part of the form, not the kind's
CALLER = ("room", "person", "phone")


def title_of(name: str) -> str:
    """What a field is called on the form, in the user's language."""
    if name in TITLES:
        return _(TITLES[name])
    return _(FACTS[name].title) if name in FACTS else name


def sort_of(name: str) -> str:
    """``prose``, ``text``, ``worker`` (staff by name, or any text), or the type of the fact."""
    if name in _PROSE:
        return "prose"
    if name == "named_worker":
        return "worker"
    if name in _TEXT or name not in FACTS:
        return "text"
    return FACTS[name].type


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, as far as is known. Ids are None for people and rooms that are not on record."""

    room: str = ""
    name: str = ""
    phone: str = ""
    room_id: UUID | None = None
    person_id: UUID | None = None
    #: ``home`` | ``shop`` | ``public``, or empty
    room_kind: str = ""
    project: str = ""
    #: ``owner`` | ``tenant`` | ``family``, or empty
    role: str = ""

    def plain(self) -> dict[str, str]:
        """Fit for a draft."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {name: str(value) for name, value in found.items() if value}

    @classmethod
    def read(cls, kept: Mapping[str, str]) -> Caller:
        """What :meth:`plain` gave."""
        known: dict[str, Any] = {name: value for name, value in kept.items() if name in cls.__slots__}
        for name in ("room_id", "person_id"):
            if name in known:
                known[name] = UUID(known[name])
        return cls(**known)

    def in_room(self, other: Caller) -> Caller:
        """The same person, at the room of ``other``."""
        return replace(self, room=other.room, room_id=other.room_id, room_kind=other.room_kind, project=other.project)


_TELEPHONE = re.compile(r"(?<![\d-])(?:\+|00)?\d(?:[\d ]|-(?=\d)){5,}\d(?![\d-])")
_ROOM = re.compile(r"(?<![\w-])[0-9a-z]+(?:-[0-9a-z]+)+(?![0-9a-z-])|(?<![\w-])\d{2,5}(?![\w-])", re.IGNORECASE)


def parse_caller(text: str) -> Caller:
    """Room, name and telephone out of what was typed about somebody who is not on record, in any order."""
    rest = re.sub(r"[,;]", " ", narrow(clean(text)))
    phone = room = ""
    for found in _TELEPHONE.finditer(rest):
        # 3-2-501 is a room, 021-5555 1234 a telephone: seven digits and more
        if len(phone_digits(found[0])) >= 7:
            phone, rest = found[0].strip(), rest.replace(found[0], " ", 1)
            break
    rest = room_code(rest)
    if (at := _ROOM.search(rest)) is not None:
        room, rest = at[0], f"{rest[: at.start()]} {rest[at.end() :]}"
    return Caller(room, clean(rest), phone)


def same(one: str, other: str) -> bool:
    """Whether two rooms or names are written alike, but for width, case and blanks."""
    return fold(one) == fold(other)


class WhoPicker(Picker):
    """Who calls. Anybody not on record stands as typed: Esc closes the list, or the last row says so."""

    ABOUT = N_(
        "Room, name, pinyin initials or the end of a telephone number, in any order. Enter takes the marked one;"
        " somebody who is not on record is taken as typed: room, name and telephone."
    )

    #: for which text the list was closed: that stands as typed
    _closed_for = ""

    def on_key(self, event: events.Key) -> None:
        text, is_open = self.text, self._list.has_class("-open")
        if event.key == "tab" and is_open:
            self._enter()
        elif event.key == "escape" and self.picked is None and text and text != self._closed_for:
            # also before the answer came: fast fingers mean the list, not the form
            self._closed_for = text
            self._list.remove_class("-open")
        else:
            super().on_key(event)
            return
        event.stop()
        event.prevent_default()

    def _offer(self, text: str, items: Sequence[Item]) -> None:
        super()._offer(text, items)
        if text == self._closed_for:
            self._list.remove_class("-open")
        else:
            self._closed_for = ""

    def _enter(self) -> None:
        if self.text and self.picked is None and self.text == self._closed_for:
            self.post_message(Entered(self))
        else:
            super()._enter()


def as_typed(text: str) -> Item:
    """The row under those found: nobody of them, but what stands there."""
    return Item(AS_TYPED, text, _("as typed, not on record"))


class Kinds(Choice):
    """The kinds by their digits; where rows are few only the chosen one stands, until one comes back to it."""

    def on_focus(self) -> None:
        self.refresh(layout=True)

    def on_blur(self) -> None:
        self.refresh(layout=True)

    def _drawn(self, width: int) -> Content:
        if self.chosen is None or self.has_focus or not self.screen.has_class("-stacked"):
            return super()._drawn(width)
        key = dict(zip((value for value, _title in self.options), self.keys, strict=False)).get(self.chosen, "")
        return Content.styled(f"[{clean(f'{key} {dict(self.options)[self.chosen]}')}]", "bold reverse")


class Telephone(Line):
    """A telephone number: one from the records is masked until somebody goes into it."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(limit=40, id=id)
        self.known = ""

    @property
    def given(self) -> Any:
        text = clean(narrow(self.value), self.limit)
        return self.known if self.known and text == mask_phone(self.known) else text or None

    def put(self, value: Any) -> None:
        self.known = "" if value is None else clean(narrow(str(value)), self.limit)
        self.value = self.known if self.has_focus else mask_phone(self.known) or self.known

    def on_focus(self) -> None:
        self.value = self.given or ""
        self.cursor_position = len(self.value)

    def on_blur(self) -> None:
        if self.known and self.given == self.known:
            self.value = mask_phone(self.known)


class Marks(Widget, can_focus=True):
    """Several things that are so or not: a digit turns one on or off, Enter goes on."""

    DEFAULT_CSS = """
    Marks { width: 1fr; height: auto; }
    Marks:focus { background: $boost; }
    """
    ABOUT = N_("What applies: a digit turns it on or off, arrows and Space do too; Enter goes on.")
    at: reactive[int] = reactive(0)

    def __init__(self, options: Sequence[tuple[str, str]], on: Iterable[str] = (), *, id: str | None = None) -> None:  # noqa: A002
        """``options`` are (name, title already in the user's language); ``on`` those that hold from the start."""
        super().__init__(id=id)
        self.options = tuple(options)
        self.on = {name for name, _title in self.options} & set(on)

    @property
    def given(self) -> Any:
        """Every option by name: on or off."""
        return {name: name in self.on for name, _title in self.options}

    def put(self, value: Any) -> None:
        """Turn on those of ``value``, by name, that are true."""
        self.on = {name for name, _title in self.options if dict(value or {}).get(name)}
        self.refresh(layout=True)

    def toggle(self, name: str) -> None:
        self.on ^= {name}
        self.refresh(layout=True)
        self.post_message(Changed(self))

    def on_key(self, event: events.Key) -> None:
        pressed = narrow(event.character) if event.character and event.is_printable else ""
        if pressed.isdecimal() and 1 <= int(pressed) <= len(self.options):
            self.at = int(pressed) - 1
            self.toggle(self.options[self.at][0])
        elif event.key == "space":
            self.toggle(self.options[self.at][0])
        elif event.key in ("left", "right"):
            self.at = (self.at + (1 if event.key == "right" else -1)) % len(self.options)
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
        for number, (name, title) in enumerate(self.options):
            text, on = clean(f"{number + 1} {title}"), name in self.on
            style = "bold reverse" if on else ""
            if self.has_focus and number == self.at:
                style = f"{style} underline".strip()
            parts.append(Content.styled(f"[{text}]" if on else f" {text} ", style))
        return flow(parts, width)


def choice_width(options: Sequence[tuple[str, str]]) -> int:
    """Cells a choice takes on one line."""
    return sum(cell_len(title) + 5 for _value, title in options) - 1
