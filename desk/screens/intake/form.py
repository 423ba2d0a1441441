"""The intake form: who, what kind, what, and under them the fields the kind asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widget import Widget

from desk import i18n
from desk.actions import Action
from desk.errors import Refusal
from desk.i18n import N_, _
from desk.screens.intake.details import Details, Finds, drafted, put, read
from desk.screens.intake.fields import Caller, Kinds, Marks, Telephone, WhoPicker, parse_caller, same
from desk.text import room_code
from desk.widgets.fields import Changed, Choice, Entered, Line, Prose, TimeLine
from desk.widgets.form import Clock, Row, Sentence
from desk.widgets.keys import bindings
from desk.widgets.pick import Item, Picker

if TYPE_CHECKING:
    from desk.rulebook import Kind

#: the key of whoever a draft was about
_RESTORED = "restored"

DOWN = Action("app.focus_next", "down", N_("Next field"), N_("To the next field."), show=False)
UP = Action("app.focus_previous", "up", N_("Field before"), N_("To the field before."), show=False)


@dataclass(frozen=True, slots=True)
class Given:
    """What was taken down, ready for the procedure: ids or texts, aware times."""

    kind: str
    values: Mapping[str, Any]
    room_id: UUID | None
    person_id: UUID | None
    #: who took it, if not who is signed in; when, if earlier
    by: UUID | None
    at: datetime | None


class IntakeForm(VerticalScroll):
    """Enter goes on, arrows move. Tells by messages what others need to know; saving is the screen's."""

    BINDINGS = bindings(DOWN, UP)

    @dataclass
    class Edited(Message):
        """Something was written; ``fact`` where rules may ask for it."""

        fact: bool

    @dataclass
    class Called(Message):
        """The caller is known, or another."""

        caller: Caller

    @dataclass
    class Located(Message):
        """A room was typed that may be on record."""

        room: str

    @dataclass
    class Chosen(Message):
        """A kind was chosen; its fields stand there now."""

        kind: str

    def __init__(self, finds: Finds, clock: Clock) -> None:
        super().__init__(id="intake-fields", can_focus=False)
        self.kinds: dict[str, Kind] = {}
        self.caller = Caller()
        self.who = WhoPicker(finds.callers, free=True, placeholder=_("room, name, initials, end of number"), id="who")
        self.room, self.person, self.phone = Line(id="room"), Line(id="person"), Telephone(id="phone")
        self.kind = Kinds((), id="kind")
        self.what = Prose(id="what")
        self.details = Details(finds, clock)
        self.by = Picker(finds.staff, empty=True, id="by")
        self.at = TimeLine(clock.parse, clock.show, sentence=clock.sentence, id="at")
        self.other = Horizontal(id="intake-other", classes="line")

    def compose(self) -> ComposeResult:
        wide = Details.title_width()
        yield Row(_("Who"), self.who, wide)
        with Horizontal(classes="line"):
            yield Row(_("Room"), self.room, wide)
            yield Row(_("Name"), self.person, cell_len(_("Name")) + 1)
            yield Row(_("Phone"), self.phone, cell_len(_("Phone")) + 1)
        yield Row(_("Kind"), self.kind, wide)
        yield Row(_("What"), self.what, wide)
        yield self.details
        with self.other:
            yield Row(_("Taken by"), self.by, wide).add_class("-first")
            yield Row(_("Happened at"), self.at, wide)

    # -- the kind --------------------------------------------------------------------------------------------

    def offer(self, kinds: Sequence[Kind]) -> None:
        """The kinds of the rulebook in force."""
        if list(self.kinds.values()) == list(kinds):
            return
        self.kinds = {kind.id: kind for kind in kinds}
        self.kind.options = tuple((kind.id, i18n.pick(kind.title)) for kind in kinds)
        self.kind.keys = "".join(kind.key for kind in kinds)
        self.kind.refresh(layout=True)
        if self.kind.chosen is not None:
            self._lay_out()

    @property
    def chosen(self) -> Kind | None:
        """The kind chosen."""
        return self.kinds.get(self.kind.chosen or "")

    def _lay_out(self) -> None:
        self.run_worker(self._show_kind(), group="kind", exclusive=True, exit_on_error=False)

    async def _show_kind(self, typed: Mapping[str, Any] | None = None) -> None:
        kind = self.chosen
        self.what.parent.display = kind is None or "what" in kind.fields  # type: ignore[union-attr]
        await self.details.lay_out(kind, typed)
        self._area()
        if kind is not None:
            self.post_message(self.Chosen(kind.id))

    # -- the caller ------------------------------------------------------------------------------------------

    def call(self, caller: Caller) -> None:
        """Take ``caller`` down: room, name and telephone as known."""
        self.caller = caller
        self.room.put(caller.room)
        self.person.put(caller.name)
        self.phone.put(caller.phone)
        self._area()
        self.post_message(self.Called(caller))

    def locate(self, found: Caller) -> None:
        """The room that was typed is on record: ``found`` has its id."""
        if same(room_code(self.room.value), found.room) and found.room_id != self.caller.room_id:
            self.caller = self.caller.in_room(found)
            self._area()
            self.post_message(self.Called(self.caller))

    def know(self, caller: Caller) -> None:
        """The records say more of the same caller's room."""
        self.caller = caller
        self._area()

    def _area(self) -> None:
        """A public area is one: the form says so, and whoever knows better changes it."""
        area = self.details.fields.get("area")
        if isinstance(area, Choice) and area.chosen == self.details.usual("").get("area"):
            area.chosen = self.details.usual(self.caller.room_kind).get("area")

    def _as_typed(self) -> None:
        """Who was typed and never picked is taken as typed."""
        if self.who.picked is None and self.who.text and not (self.room.value or self.person.value or self.phone.value):
            self.call(parse_caller(self.who.text))

    # -- values ----------------------------------------------------------------------------------------------

    def given(self) -> Given:
        """What was taken down. Raises :class:`Refusal` with ``name`` for what can't be read."""
        self._as_typed()
        kind = self.chosen
        if kind is None:
            raise Refusal("value.missing", name="kind", title=_("Kind"))
        room_id, person_id = self.ids()
        room = self.room.given
        words = {
            "room_text": room_code(room) if room and room_id is None else None,
            "person_name": self.person.given,
            "phone": self.phone.given,
            "what": self.what.given if "what" in kind.fields else None,
        }
        words = {name: text for name, text in words.items() if text is not None}
        by, at = self.late()
        return Given(kind.id, {**self.facts(), **self.details.words(), **words}, room_id, person_id, by, at)

    def late(self) -> tuple[UUID | None, datetime | None]:
        """Who took it down, if another, and when it happened, if earlier. Raises :class:`Refusal` with ``name``."""
        by = read("by", self.by)
        return UUID(by) if by else None, read("at", self.at)

    def ids(self) -> tuple[UUID | None, UUID | None]:
        """Room and person on record, as far as what stands there is still them."""
        caller, room, name = self.caller, self.room.given, self.person.given
        room_id = caller.room_id if room and same(room_code(room), caller.room) else None
        return room_id, caller.person_id if name and same(name, caller.name) else None

    def facts(self) -> dict[str, Any]:
        """What rules may ask for, where it is not as usual. Raises :class:`Refusal` with ``name``."""
        return self.details.facts(self.caller.room_kind)

    @property
    def empty(self) -> bool:
        """Nothing worth keeping was written."""
        return not (any(prose.text for prose in self.query(Prose)) or any(line.value for line in self.query(Line)))

    # -- drafts ----------------------------------------------------------------------------------------------

    def draft(self) -> dict[str, Any]:
        """What has been written, as plain data; empty when there is nothing worth keeping."""
        if not self.is_mounted or self.empty:
            return {}
        kept: dict[str, Any] = {
            "who": self.who.text,
            "caller": self.caller.plain(),
            "room": self.room.given,
            "person": self.person.given,
            "phone": self.phone.given,
            "kind": self.kind.chosen,
            "what": self.what.given,
            "by": drafted(self.by),
            "at": self.at.text,
            "fields": self.details.remember(),
        }
        return {name: value for name, value in kept.items() if value}

    async def restore(self, kept: Mapping[str, Any]) -> None:
        """Put a draft back, or with an empty one clean the form; where one goes on gets the focus."""
        self.say("")
        who = kept.get("who")
        self.who.put(Item(_RESTORED, who) if who and kept.get("caller") else who or "")
        self.caller = Caller.read(kept.get("caller") or {})
        for name in ("room", "person", "phone", "what", "kind"):
            getattr(self, name).put(kept.get(name))
        put(self.by, kept.get("by"))
        put(self.at, kept.get("at"))
        self.other.display = bool(kept.get("by") or kept.get("at"))
        await self._show_kind(dict(kept.get("fields") or {}))
        if kept:
            self.post_message(self.Called(self.caller))
        if self.kind.chosen is None:
            (self.kind if who else self.who).focus()
        else:
            (self.what if "what" in self.details.kind.fields else self.who).focus()  # type: ignore[union-attr]

    # -- moving about ----------------------------------------------------------------------------------------

    @property
    def order(self) -> list[Widget]:
        """The fields in the order in which Enter goes through them."""
        what = [self.what] if self.what.parent.display else []  # type: ignore[union-attr]
        return [self.room, self.person, self.phone, self.kind, *what, *self.details.fields.values()]

    def on_entered(self, event: Entered) -> None:
        event.stop()
        field, order = event.field, self.order
        if field is self.who:
            self._as_typed()
            (self.kind if self.kind.chosen is None else self.what).focus()
        elif field in (self.by, self.at):
            (self.at if field is self.by else self.who).focus()
        elif field in order[:-1]:
            order[order.index(field) + 1].focus()
        elif field is not self.kind:
            self.say(_("That was the last field: Ctrl+S saves."))

    def on_picker_picked(self, event: Picker.Picked) -> None:
        event.stop()
        if event.picker is not self.who:
            return
        item = event.item
        if item is None:
            self.call(Caller())  # somebody else is being looked for
        elif item.key != _RESTORED:
            self.call(item.data if isinstance(item.data, Caller) else parse_caller(item.title))

    def on_changed(self, event: Changed) -> None:
        event.stop()
        field = event.field
        if field is self.kind:
            self._lay_out()
        elif field is self.room and self.room.has_focus:
            self.post_message(self.Located(room_code(self.room.value)))
        self.post_message(self.Edited(isinstance(field, Choice | Marks | TimeLine)))

    def show_other(self) -> None:
        """Who took it down, and when it happened: for what is written up later."""
        self.other.display = True
        self.by.focus()

    # -- what is wrong ---------------------------------------------------------------------------------------

    def widget_of(self, name: str) -> Widget | None:
        """The field a refusal is about."""
        name = {"room_text": "room", "person_name": "person"}.get(name, name)
        if name in ("who", "room", "person", "phone", "kind", "what", "by", "at"):
            found: Widget = getattr(self, name)
            return found
        marks = self.details.fields.get("marks")
        if isinstance(marks, Marks) and name in marks.given:
            return marks
        return self.details.fields.get(name)

    def say(self, text: str, name: str = "", *, error: bool = False) -> None:
        """One sentence under the field called ``name``, which gets the focus; empty takes it away."""
        for old in self.query(".said"):
            old.remove()
        if not text:
            return
        widget = self.widget_of(name)
        row: Widget = widget or self.what
        while row.parent not in (self, self.details):
            row = row.parent  # type: ignore[assignment]
        said = Sentence(classes="said")
        row.parent.mount(said, after=row)
        said.say(text, error=error)
        if widget is not None and error:
            self.other.display = self.other.display or widget in (self.by, self.at)
            widget.focus()
        said.call_after_refresh(said.scroll_visible, animate=False)
