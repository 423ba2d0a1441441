"""The fields a kind of the rulebook asks for, in as few rows as fit; nothing here knows a manual."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from rich.cells import cell_len
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from desk.errors import Refusal
from desk.i18n import _
from desk.screens.intake.fields import CALLER, TITLE, Marks, choice_width, sort_of, title_of
from desk.vocabulary import FACTS, FIELDS
from desk.widgets.fields import Choice, Line, Number, Prose, TimeLine
from desk.widgets.form import Clock, Row, Sentence
from desk.widgets.pick import Find, Item, Picker

if TYPE_CHECKING:
    from desk.rulebook import Kind

#: cells of half a row
_HALF = 36


@dataclass(frozen=True, slots=True)
class Finds:
    """How the form finds people: callers, anybody who works here, those who may do the work."""

    callers: Find
    staff: Find
    workers: Find


class Details(Vertical):
    """The kind's own fields. What was typed stays over a change of kind, where the other kind asks for it too."""

    def __init__(self, finds: Finds, clock: Clock) -> None:
        super().__init__(id="intake-details")
        self.finds, self.clock = finds, clock
        self.kind: Kind | None = None
        #: in the order in which Enter goes through them
        self.fields: dict[str, Widget] = {}
        #: said at the appointment while the workload is full
        self.workload = ""
        #: clear while fields are being exchanged
        self.settled = asyncio.Event()
        self.settled.set()
        self._turn = asyncio.Lock()
        self._typed: dict[str, Any] = {}
        self._starts: dict[str, Any] = {}

    @staticmethod
    def title_width() -> int:
        """Cells of the titles, the same for every kind, so that nothing moves."""
        titles = [title_of(name) for name in FIELDS if name not in CALLER and sort_of(name) != "flag"]
        return min(TITLE, max(map(cell_len, titles))) + 2

    # -- laying out ------------------------------------------------------------------------------------------

    async def lay_out(self, kind: Kind | None, typed: Mapping[str, Any] | None = None) -> None:
        """Show the fields of ``kind``; ``typed`` is what a draft says of them, instead of what stands there."""
        async with self._turn:  # of two at once the fields of both would stand there
            if typed is None and kind == self.kind:
                return
            if typed is None:
                self.remember()
            else:
                self._typed = dict(typed)
            self.settled.clear()
            try:
                await self._exchange(kind)
            except asyncio.CancelledError:
                self.kind = None  # overtaken: whatever comes next lays out anew, this kind too
                raise

    async def _exchange(self, kind: Kind | None) -> None:
        self.kind = kind
        self.fields = {} if kind is None else self._fields(kind)
        self._starts = {name: w.given for name, w in self.fields.items() if isinstance(w, Choice | Marks)}
        rows = list(self._rows(kind)) if kind is not None else []
        with self.app.batch_update():
            await self.remove_children()
            await self.mount_all(rows)
        for name, widget in self.fields.items():
            if name in self._typed:
                put(widget, self._typed[name])
        self.settled.set()
        self.tell_workload(self.workload)

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
                return Choice(_options(name), kind.opening.get(name), id=ident)
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

    def _rows(self, kind: Kind) -> Iterator[Widget]:
        """Two short fields a row, a long one alone."""
        left, pair = self.title_width(), list[str]()
        for name in self.fields:
            if _short(name, left):
                pair.append(name)
            if pair and (len(pair) == 2 or pair[-1] != name):
                yield self._line(kind, pair, left)
                pair = []
            if not _short(name, left):
                yield self._line(kind, [name], left)
                if name == "appointment":
                    yield Sentence(id="workload")
        if pair:
            yield self._line(kind, pair, left)

    def _line(self, kind: Kind, names: Sequence[str], left: int) -> Widget:
        rows = []
        for place, name in enumerate(names):
            title = _("Mark") if name == "marks" else title_of(name) + ("*" if name in kind.required else "")
            rows.append(Row(title, self.fields[name], cell_len(title) + 2 if place else left))
        return rows[0] if len(rows) == 1 else Horizontal(*rows, classes="line")

    def tell_workload(self, text: str) -> None:
        """Say at the appointment that the workload is full; empty: it is not."""
        self.workload = text
        for line in self.query("#workload").results(Sentence):
            line.say(text)

    # -- values ----------------------------------------------------------------------------------------------

    def usual(self, room_kind: str) -> dict[str, Any]:
        """The facts such a ticket opens with anyway, in such a room."""
        if self.kind is None:
            return {}
        return {**self.kind.opening, **({"area": "public"} if room_kind == "public" else {})}

    def facts(self, room_kind: str) -> dict[str, Any]:
        """What rules may ask for, where it is not as usual. Raises :class:`Refusal` with ``name``."""
        usual, found = self.usual(room_kind), dict[str, Any]()
        for name, widget in self.fields.items() if self.settled.is_set() else ():
            sort = "marks" if name == "marks" else sort_of(name)
            if sort == "marks":
                found |= {flag: on for flag, on in read(name, widget).items() if on != bool(usual.get(flag))}
            elif sort in ("choice", "time", "number", "staff"):
                value = read(name, widget)
                if value is not None and (sort != "choice" or value != usual.get(name)):
                    found[name] = UUID(value) if sort == "staff" else value
        return found

    def words(self) -> dict[str, str]:
        """Free text and personal data."""
        found = {}
        for name, widget in self.fields.items():
            if name != "marks" and sort_of(name) in ("prose", "text", "worker"):
                picked = widget.picked if isinstance(widget, Picker) else None
                found[name] = picked.title if picked else read(name, widget)
        return {name: text for name, text in found.items() if text is not None}

    def remember(self) -> dict[str, Any]:
        """What has been typed and chosen by now, fit for a draft."""
        for name, widget in self.fields.items() if self.settled.is_set() else ():
            value = drafted(widget)
            if value not in (None, "") and value != self._starts.get(name):
                self._typed[name] = value
            else:
                self._typed.pop(name, None)
        return dict(self._typed)


def read(name: str, widget: Any) -> Any:
    """A field's value. Raises :class:`Refusal` with ``name`` where what was typed can't be read."""
    try:
        return widget.given
    except Refusal as refusal:
        raise Refusal(refusal.code, **{**refusal.params, "name": name}) from None


def drafted(widget: Any) -> Any:
    """A field's content as plain data."""
    if isinstance(widget, TimeLine):
        return widget.text
    if isinstance(widget, Picker):
        item = widget.picked
        return widget.text if item is None else {"key": item.key, "title": item.title}
    return widget.given


def put(widget: Any, value: Any) -> None:
    """What :func:`drafted` gave, back into the field."""
    if isinstance(widget, Picker):
        widget.put(Item(value["key"], value["title"]) if isinstance(value, dict) else value or "")
    else:
        widget.put(value)


def _options(name: str) -> list[tuple[str, str]]:
    from desk.wording import value

    return [(each, value(name, each)) for each in FACTS[name].values]


def _short(name: str, left: int) -> bool:
    """Whether half a row will do."""
    match "marks" if name == "marks" else sort_of(name):
        case "choice":
            return choice_width(_options(name)) <= _HALF - left - 1
        case "text" | "worker" | "staff" | "number":
            return True
        case _:
            return False
