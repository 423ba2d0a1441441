"""The intake form: who, what kind, what, and the fields the rulebook's kind asks for, in as few rows as fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.widget import Widget

from desk import i18n
from desk.actions import Action
from desk.errors import Refusal
from desk.i18n import N_, _
from desk.screens.intake.fields import (
    CALLER,
    TITLE,
    Caller,
    Kinds,
    Marks,
    Telephone,
    WhoPicker,
    choice_width,
    parse_caller,
    same,
    sort_of,
    title_of,
)
from desk.text import room_code
from desk.vocabulary import FACTS, FIELDS
from desk.widgets.fields import Changed, Choice, Entered, Line, Number, Prose, TimeLine
from desk.widgets.form import Clock, Row, Sentence
from desk.widgets.keys import bindings
from desk.widgets.pick import Find, Item, Picker

if TYPE_CHECKING:
    from desk.rulebook import Kind

#: cells of half a row
HALF = 36
#: the key of whoever a draft was about
RESTORED = "restored"

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


@dataclass(frozen=True, slots=True)
class Finds:
    """How the form finds people: callers, anybody who works here, those who may do the work."""

    callers: Find
    staff: Find
    workers: Find


class IntakeForm(VerticalScroll):
    """Posts :class:`Edited` at every change, :class:`Called` when the caller is another, :class:`Chosen` for a kind."""

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
        self.finds, self.clock = finds, clock
        self.kinds: dict[str, Kind] = {}
        self.caller = Caller()
        #: the kind's own fields, in the order in which Enter goes through them
        self.details: dict[str, Widget] = {}
        #: what was typed in them, kept over a change of kind; and what they began with
        self._typed: dict[str, Any] = {}
        self._starts: dict[str, Any] = {}
        self._laid_for: str | None = None
        self.who = WhoPicker(finds.callers, free=True, placeholder=_("room, name, initials, end of number"), id="who")
        self.room, self.person, self.phone = Line(id="room"), Line(id="person"), Telephone(id="phone")
        self.kind = Kinds((), id="kind")
        self.what = Prose(id="what")
        self.by = Picker(finds.staff, empty=True, id="by")
        self.at = TimeLine(clock.parse, clock.show, sentence=clock.sentence, id="at")

    def compose(self) -> ComposeResult:
        titles = [title_of(name) for name in FIELDS if name not in CALLER and sort_of(name) != "flag"]
        wide = self._wide = min(TITLE, max(map(cell_len, titles))) + 2
        yield Row(_("Who"), self.who, wide)
        with Horizontal(classes="line"):
            yield Row(_("Room"), self.room, wide)
            yield Row(_("Name"), self.person, cell_len(_("Name")) + 1)
            yield Row(_("Phone"), self.phone, cell_len(_("Phone")) + 1)
        yield Row(_("Kind"), self.kind, wide)
        yield Row(_("What"), self.what, wide)
        yield Vertical(id="intake-details")
        with Vertical(id="intake-other"):
            yield Row(_("Taken by"), self.by, 14)
            yield Row(_("Happened at"), self.at, 14)

    # -- kinds and their fields ------------------------------------------------------------------------------

    def offer(self, kinds: Sequence[Kind]) -> None:
        """The kinds of the rulebook in force."""
        if list(self.kinds.values()) == list(kinds):
            return
        self.kinds = {kind.id: kind for kind in kinds}
        self.kind.options = tuple((kind.id, i18n.pick(kind.title)) for kind in kinds)
        self.kind.keys = "".join(kind.key for kind in kinds)
        self.kind.refresh(layout=True)

    @property
    def chosen(self) -> Kind | None:
        """The kind chosen."""
        return self.kinds.get(self.kind.chosen or "")

    async def lay_out(self) -> None:
        """Put the fields of the kind chosen under those every kind has; what was typed stays."""
        kind = self.chosen
        if self._laid_for == (kind.id if kind else None):
            return
        self._remember()
        self._laid_for = kind.id if kind else None
        place = self.query_one("#intake-details")
        self.details = {} if kind is None else self._fields(kind)
        self._starts = {name: w.given for name, w in self.details.items() if isinstance(w, Choice | Marks)}
        self.what.display = kind is None or "what" in kind.fields
        with self.app.batch_update():
            await place.remove_children()
            await place.mount_all(list(self._rows(kind)) if kind is not None else [])
        if kind is not None:
            self._restore_details()
            self._area()

    def _fields(self, kind: Kind) -> dict[str, Widget]:
        names = [name for name in kind.fields if name not in (*CALLER, "what")]
        fields = {name: self._field(kind, name) for name in names if sort_of(name) != "flag"}
        flags = [name for name in names if sort_of(name) == "flag"]
        if flags:
            on = [name for name in flags if kind.opening.get(name)]
            fields["marks"] = Marks([(name, title_of(name)) for name in flags], on, id="marks")
        return fields

    def _field(self, kind: Kind, name: str) -> Widget:
        ident = f"field-{name}"
        match sort_of(name):
            case "prose":
                return Prose(id=ident)
            case "choice":
                return Choice(self._options(name), kind.opening.get(name), id=ident)
            case "time":
                return TimeLine(self.clock.parse, self.clock.show, sentence=self.clock.sentence, id=ident)
            case "staff":
                return Picker(self.finds.staff, empty=True, id=ident)
            case "worker":
                return Picker(self.finds.workers, empty=True, free=True, id=ident)
            case "number":
                return Number(limit=20, id=ident)
            case _:
                return Line(id=ident)

    @staticmethod
    def _options(name: str) -> list[tuple[str, str]]:
        from desk.wording import value

        return [(each, value(name, each)) for each in FACTS[name].values]

    def _rows(self, kind: Kind) -> Iterator[Widget]:
        """Two short fields a row, a long one alone; the titles of a column have one width."""
        titles, left = {name: self._title(kind, name) for name in self.details}, self._wide
        pair: list[str] = []
        for name in self.details:
            if not self._short(name, left):
                yield from self._line(pair, titles, left)
                pair = []
                yield Row(titles[name], self.details[name], left)
                if name == "appointment":
                    yield Sentence(id="workload")
                continue
            pair.append(name)
            if len(pair) == 2:
                yield from self._line(pair, titles, left)
                pair = []
        yield from self._line(pair, titles, left)

    def _line(self, names: Sequence[str], titles: Mapping[str, str], left: int) -> Iterator[Widget]:
        rows = [
            Row(titles[name], self.details[name], left if place == 0 else cell_len(titles[name]) + 2)
            for place, name in enumerate(names)
        ]
        if len(rows) == 1:
            yield rows[0]
        elif rows:
            yield Horizontal(*rows, classes="line")

    def _short(self, name: str, left: int) -> bool:
        match "marks" if name == "marks" else sort_of(name):
            case "choice":
                return choice_width(self._options(name)) <= HALF - left - 1
            case "text" | "worker" | "staff" | "number":
                return True
            case _:
                return False

    @staticmethod
    def _title(kind: Kind, name: str) -> str:
        if name == "marks":
            return _("Mark")
        return title_of(name) + ("*" if name in kind.required else "")

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
        if same(room_code(self.room.value), found.room):
            self.caller = self.caller.in_room(found)
            self._area()
            self.post_message(self.Called(self.caller))

    def know(self, caller: Caller) -> None:
        """The records say more of the same caller's room."""
        self.caller = caller
        self._area()

    def _area(self) -> None:
        """A public area is one: the form says so, and whoever knows better changes it."""
        area, kind = self.details.get("area"), self.chosen
        if isinstance(area, Choice) and kind is not None:
            usual = kind.opening.get("area")
            if self.caller.room_kind == "public" and area.chosen == usual:
                area.chosen = "public"

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
        values: dict[str, Any] = {**self.facts(), **self._words()}
        room_id, person_id = self.ids()
        by = self._read("by", self.by)
        return Given(kind.id, values, room_id, person_id, UUID(by) if by else None, self._read("at", self.at))

    def ids(self) -> tuple[UUID | None, UUID | None]:
        """Room and person on record, as far as what stands there is still them."""
        caller, room, name = self.caller, self.room.given, self.person.given
        room_id = caller.room_id if room and same(room_code(room), caller.room) else None
        return room_id, caller.person_id if name and same(name, caller.name) else None

    def _words(self) -> dict[str, Any]:
        """Free text and personal data."""
        room_id, _person = self.ids()
        room = self.room.given
        words = {
            "room_text": room_code(room) if room and room_id is None else None,
            "person_name": self.person.given,
            "phone": self.phone.given,
            "what": self.what.given if self.what.display else None,
        }
        for name, widget in self.details.items():
            if name != "marks" and sort_of(name) in ("prose", "text", "worker"):
                picked = widget.picked if isinstance(widget, Picker) else None
                words[name] = picked.title if picked else widget.given  # type: ignore[attr-defined]
        return {name: value for name, value in words.items() if value is not None}

    def facts(self) -> dict[str, Any]:
        """What rules may ask for, where it differs from how such a ticket opens anyway. Raises :class:`Refusal`."""
        kind = self.chosen
        if kind is None:
            return {}
        usual = dict(kind.opening)
        if self.caller.room_kind == "public":
            usual["area"] = "public"
        found: dict[str, Any] = {}
        for name, widget in self.details.items():
            if name == "marks":
                found |= {flag: on for flag, on in widget.given.items() if on != bool(usual.get(flag))}  # type: ignore[attr-defined]
            elif (sort := sort_of(name)) in ("choice", "time", "number"):
                value = self._read(name, widget)
                if value is not None and (sort != "choice" or value != usual.get(name)):
                    found[name] = value
            elif sort == "staff" and (value := self._read(name, widget)):
                found[name] = UUID(value)
        return found

    @staticmethod
    def _read(name: str, widget: Any) -> Any:
        try:
            return widget.given
        except Refusal as refusal:
            raise Refusal(refusal.code, **{**refusal.params, "name": name}) from None

    @property
    def empty(self) -> bool:
        """Nothing worth keeping was written."""
        return not (
            any(prose.text for prose in self.query(Prose)) or any(line.value for line in self.query(Line))
        )

    # -- drafts ----------------------------------------------------------------------------------------------

    def draft(self) -> dict[str, Any]:
        """What has been written, as plain data; empty when there is nothing worth keeping."""
        if self.empty:
            return {}
        self._remember()
        kept: dict[str, Any] = {
            "who": self.who.text,
            "caller": self.caller.plain(),
            "room": self.room.given,
            "person": self.person.given,
            "phone": self.phone.given,
            "kind": self.kind.chosen,
            "what": self.what.given,
            "by": _drafted(self.by),
            "at": self.at.text,
            "fields": dict(self._typed),
        }
        return {name: value for name, value in kept.items() if value}

    async def restore(self, kept: Mapping[str, Any]) -> None:
        """Put a draft back; the clock of the intake and the card are the screen's."""
        await self.clear()
        self.who.put(Item(RESTORED, kept["who"]) if kept.get("caller") and kept.get("who") else kept.get("who"))
        self.call(Caller.read(kept.get("caller") or {}))
        self.room.put(kept.get("room"))
        self.person.put(kept.get("person"))
        self.phone.put(kept.get("phone"))
        self.what.put(kept.get("what"))
        self._typed = dict(kept.get("fields") or {})
        self.kind.put(kept.get("kind"))
        await self.lay_out()
        _put(self.by, kept.get("by"))
        _put(self.at, kept.get("at"))
        self.query_one("#intake-other").display = bool(kept.get("by") or kept.get("at"))
        if self.kind.chosen:
            self.post_message(self.Chosen(self.kind.chosen))
            (self.what if self.what.display else self).focus()
        else:
            (self.kind if self.who.text else self.who).focus()

    async def clear(self) -> None:
        """Clean and idle again."""
        self.details, self._typed, self.caller = {}, {}, Caller()
        self._laid_for = ""
        self.who.put("")
        for widget in (self.room, self.person, self.phone, self.what, self.kind, self.at):
            widget.put(None)
        self.by.put("")
        self.query_one("#intake-other").display = False
        self.say("")
        await self.lay_out()

    def _remember(self) -> None:
        for name, widget in self.details.items():
            value = _drafted(widget)
            if value not in (None, "") and value != self._starts.get(name):
                self._typed[name] = value
            else:
                self._typed.pop(name, None)

    def _restore_details(self) -> None:
        for name, widget in self.details.items():
            if name in self._typed:
                _put(widget, self._typed[name])

    # -- moving about ----------------------------------------------------------------------------------------

    @property
    def order(self) -> list[Widget]:
        """The fields in the order in which Enter goes through them."""
        what = [self.what] if self.what.display else []
        return [self.room, self.person, self.phone, self.kind, *what, *self.details.values()]

    def on_entered(self, event: Entered) -> None:
        event.stop()
        field = event.field
        if field is self.who:
            self._who_entered()
        elif field in (self.by, self.at):
            (self.at if field is self.by else self.who).focus()
        else:
            order = self.order
            at = order.index(field) + 1 if field in order else 0
            if at < len(order):
                order[at].focus()
            else:
                self.say(_("That was the last field: Ctrl+S saves."))

    def _who_entered(self) -> None:
        self._as_typed()
        if self.kind.chosen is None:
            self.kind.focus()
        elif self.what.display:
            self.what.focus()

    def on_picker_picked(self, event: Picker.Picked) -> None:
        event.stop()
        if event.picker is not self.who:
            return
        item = event.item
        if item is None:
            self.call(Caller())  # somebody else is being looked for
        elif item.key != RESTORED:
            self.call(item.data if isinstance(item.data, Caller) else parse_caller(item.title))

    def on_changed(self, event: Changed) -> None:
        event.stop()
        field = event.field
        if field is self.kind:
            self.run_worker(self._choose(), group="kind", exclusive=True, exit_on_error=False)
        elif field is self.room and self.room.has_focus:
            self.post_message(self.Located(room_code(self.room.value)))
        self.post_message(self.Edited(isinstance(field, Choice | Marks | TimeLine)))

    async def _choose(self) -> None:
        await self.lay_out()
        if self.kind.chosen:
            self.post_message(self.Chosen(self.kind.chosen))
            if not self.what.display and self.details and self.kind.has_focus:
                next(iter(self.details.values())).focus()

    def show_other(self) -> None:
        """Who took it down, and when it happened: for what is written up later."""
        other = self.query_one("#intake-other")
        other.display = True
        self.by.focus()

    # -- what is wrong ---------------------------------------------------------------------------------------

    def widget_of(self, name: str) -> Widget | None:
        """The field a refusal is about."""
        names = {"room_text": "room", "person_name": "person"}
        name = names.get(name, name)
        own = {
            "who": self.who, "room": self.room, "person": self.person, "phone": self.phone, "kind": self.kind,
            "what": self.what, "by": self.by, "at": self.at,
        }
        if name in own:
            return own[name]
        marks = self.details.get("marks")
        if isinstance(marks, Marks) and name in marks.given:
            return marks
        return self.details.get(name)

    def say(self, text: str, name: str = "", *, error: bool = False) -> None:
        """One sentence under the field called ``name``, which gets the focus; empty takes it away."""
        for old in self.query(".said"):
            old.remove()
        if not text:
            return
        widget = self.widget_of(name)
        row: Widget = self.what if widget is None else widget
        while row.parent not in (self, self.query_one("#intake-details"), self.query_one("#intake-other")):
            row = row.parent  # type: ignore[assignment]
        said = Sentence()
        said.add_class("said")
        row.parent.mount(said, after=row)
        said.say(text, error=error)
        if widget is not None and error:
            if widget in (self.by, self.at):
                self.query_one("#intake-other").display = True
            widget.focus()
        said.call_after_refresh(said.scroll_visible, animate=False)

    def tell_workload(self, text: str) -> None:
        """Say at the appointment that the workload is full; empty: it is not."""
        for line in self.query("#workload").results(Sentence):
            line.say(text)


def _drafted(widget: Any) -> Any:
    if isinstance(widget, TimeLine):
        return widget.text
    if isinstance(widget, Picker):
        item = widget.picked
        return widget.text if item is None else {"key": item.key, "title": item.title}
    return widget.given


def _put(widget: Any, value: Any) -> None:
    if isinstance(widget, Picker):
        widget.put(Item(value["key"], value["title"]) if isinstance(value, dict) else value or "")
    else:
        widget.put(value)
