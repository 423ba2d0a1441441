"""One person, room or member of staff: the form by which they are added and changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from desk.errors import Refusal
from desk.i18n import N_, _
from desk.screens.drafts import DraftedForm
from desk.text import clean, fold, mask_phone, room_code
from desk.vocabulary import DUTIES
from desk.widgets.form import Ask, Form
from desk.widgets.keys import HintBar
from desk.widgets.text import plain

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Doing, Ledger


#: what sets apart several things on one line; full width, as an input method writes them
_SIGNS = ",;、\uff0c\uff1b"
#: the field a refusal is about
_FIELDS = {
    "staff.number": "number",
    **dict.fromkeys(("staff.exists", "staff.no_name", "person.no_name"), "name"),
    **dict.fromkeys(("room.exists", "room.no_code"), "code"),
    "staff.duty": "duties",
}


def masks(card: Any) -> dict[str, str]:
    """The telephone numbers of a card by how they are shown while they are not asked for."""
    numbers = [*getattr(card, "phones", ()), *filter(None, [getattr(card, "phone", "")])]
    found: dict[str, str] = {}
    for number in numbers:
        if (mask := mask_phone(number)) != number:
            while mask in found:  # two that look alike: a star more tells them apart
                mask = mask.replace("*", "**", 1)
            found[mask] = number
    return found


def start_of(card: Any, whole: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What a form begins with; numbers as they stand in ``whole``."""
    from desk.wording.values import value

    if hasattr(card, "duties"):
        titles = _(", ").join(_(DUTIES[duty]) for duty in card.duties if duty in DUTIES)
        kept = {"name": card.name, "number": card.number, "department": card.department}
        phone = next((mask for mask, number in (whole or {}).items() if number == card.phone), card.phone)
        return {**kept, "duties": titles, "phone": phone, "active": card.active}
    if hasattr(card, "phones"):
        rooms = "\n".join(f"{hit.room} {value('role', hit.role)}" for hit in card.rooms)
        shown = {number: mask for mask, number in (whole or {}).items()}
        phones = "\n".join(shown.get(number, number) for number in card.phones)
        return {"name": card.name, "phones": phones, "rooms": rooms, "note": card.note}
    day = card.handed_over_on.isoformat() if card.handed_over_on else ""
    return {"code": card.code, "kind": card.kind, "project": card.project, "handed_over_on": day, "note": card.note}


class RecordScreen(DraftedForm):
    """One person, room or member of staff: added, or changed."""

    ABOUT = N_(
        "A number a line, a room a line with what they are there. Ctrl+S saves; what stood before stays in the log."
    )

    TITLES: Mapping[tuple[str, bool], str] = {
        ("person", True): N_("New person"),
        ("person", False): N_("Change the person"),
        ("room", True): N_("New room"),
        ("room", False): N_("Change the room"),
        ("staff", True): N_("New staff"),
        ("staff", False): N_("Change the member of staff"),
    }

    def __init__(
        self,
        kind: str,
        ident: UUID | None,
        start: Mapping[str, Any],
        typed: str = "",
        whole: Mapping[str, str] | None = None,
    ) -> None:
        """``whole``: numbers that stand masked in the form, by their masks; left so they stay what they are."""
        super().__init__(f"record:{kind}:{ident or ''}")
        self.kind, self.ident, self.start, self.typed = kind, ident, dict(start), typed
        self.whole = dict(whole or {})

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(plain(_(self.TITLES[self.kind, self.ident is None]), "bold"))
            yield Form(self._asks(), self.desk.clock)
        yield HintBar()

    def _asks(self) -> list[Ask]:
        from desk.procedures.people import ROOM_KINDS
        from desk.wording.values import value

        start = self.start
        if self.kind == "person":
            return [
                Ask("name", "text", _("Name"), required=True, start=start.get("name", self.typed)),
                Ask("phones", "prose", _("Telephones"), start=start.get("phones")),
                Ask("rooms", "prose", _("Rooms"), start=start.get("rooms")),
                Ask("note", "prose", _("Note"), start=start.get("note")),
            ]
        if self.kind == "room":
            kinds = tuple((each, value("room_kind", each)) for each in ROOM_KINDS)
            return [
                Ask("code", "text", _("Room"), required=True, start=start.get("code", self.typed)),
                Ask("kind", "choice", _("Room kind"), required=True, options=kinds, start=start.get("kind", "home")),
                Ask("project", "text", _("Project"), start=start.get("project")),
                Ask(
                    "handed_over_on",
                    "text",
                    _("Handed over on"),
                    start=start.get("handed_over_on"),
                    placeholder="2024-06-01",
                ),
                Ask("note", "prose", _("Note"), start=start.get("note")),
            ]
        asks = [
            Ask("name", "text", _("Name"), required=True, start=start.get("name", self.typed)),
            Ask("duties", "text", _("Duties"), required=True, start=start.get("duties", _(DUTIES["agent"]))),
            Ask("number", "text", _("Staff number"), start=start.get("number")),
            Ask("department", "text", _("Department"), start=start.get("department")),
            Ask("phone", "text", _("Telephone"), start=start.get("phone")),
        ]
        if self.ident is not None:
            asks.append(Ask("active", "flag", _("Works here"), start=start.get("active", True)))
        return asks

    # -- saving ----------------------------------------------------------------------------------------------

    async def save(self, values: dict[str, Any]) -> bool:
        kind, ident = self.kind, self.ident
        if kind == "person":
            told = await self._person(values)
        elif kind == "room":
            told = self._room(values)
        else:
            told = self._staff(values)
        if told is None:
            return False
        given = told

        def write(ledger: Ledger, doing: Doing) -> bool:
            from desk.procedures import people

            changes = {key: value for key, value in given.items() if ident is None or value != before.get(key)}
            if ident is None:
                made = {"person": people.PersonData, "room": people.RoomData, "staff": people.StaffData}[kind]
                add: Any = {"person": people.add_person, "room": people.add_room, "staff": people.add_staff}[kind]
                add(ledger, made(**changes), doing)
            elif changes:
                change: Any = {
                    "person": people.change_person,
                    "room": people.change_room,
                    "staff": people.change_staff,
                }[kind]
                change(ledger, ident, changes, doing)
            return True

        before = {key: value for key, value in self.start.items() if isinstance(value, str | bool)}
        if given.get("phone") not in (None, before.get("phone")):  # one that was left masked is the one on record
            given["phone"] = self.whole.get(given["phone"], given["phone"])
        if not await self.desk.writing(write):
            return False
        self.desk.say(_("Saved: {name}.").format(name=clean(str(given.get("name") or given.get("code")), 60)))
        return True

    def refused(self, error: Exception) -> None:
        if isinstance(error, Refusal) and (name := self._field_of(error.code)) is not None:
            self.form.refuse(self.desk.sentence(error), name)
        else:
            super().refused(error)

    def _field_of(self, code: str) -> str | None:
        """The field a refusal is about."""
        if code in ("person.phone", "person.phones"):
            return "phones" if self.kind == "person" else "phone"
        return _FIELDS.get(code)

    async def _person(self, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """The values as kept; rooms by their id. None where a room is not known."""
        wanted = [line for line in (values.get("rooms") or "").splitlines() if line.strip()]
        rooms: list[tuple[UUID, str]] = []
        for line in wanted:
            code, role = split_room(line)
            room = await self._room_id(code)
            if room is None:
                said = _("There is no room “{room}”. Add it first, or write it otherwise.").format(room=code)
                self.query_one(Form).refuse(said, "rooms")
                return None
            rooms.append((room, role))
        phones = [part for line in (values.get("phones") or "").splitlines() for part in split_phones(line)]
        return {
            "name": values["name"],
            "phones": tuple(self.whole.get(phone, phone) for phone in phones),
            "rooms": tuple(rooms),
            "note": values.get("note") or "",
        }

    async def _room_id(self, code: str) -> UUID | None:
        def read(ledger: Ledger, session: Session) -> UUID | None:
            from desk.queries.people import find_rooms

            wanted = room_code(code)
            hits = find_rooms(session, ledger.estate_id, wanted, 20)
            return next((hit.room_id for hit in hits if hit.code == wanted), None)

        return await self.desk.reading(read)

    def _room(self, values: Mapping[str, Any]) -> dict[str, Any] | None:
        day: date | None = None
        if text := values.get("handed_over_on"):
            try:
                day = date.fromisoformat(str(text).replace("/", "-"))
            except ValueError:
                self.query_one(Form).refuse(
                    _("“{text}” is no date. Write 2024-06-01.").format(text=text), "handed_over_on"
                )
                return None
        texts = {name: values.get(name) or "" for name in ("project", "note")}
        return {"code": values["code"], "kind": values["kind"], "handed_over_on": day, **texts}

    def _staff(self, values: Mapping[str, Any]) -> dict[str, Any] | None:
        told = {name: values.get(name) or "" for name in ("number", "department", "phone")}
        given: dict[str, Any] = {"name": values["name"], "duties": duties_in(values.get("duties") or ""), **told}
        if self.ident is not None:
            given["active"] = values.get("active", True)
        return given


def split_room(line: str) -> tuple[str, str]:
    """``3-2-501 tenant`` → the room and the role; without a role they own it."""
    from desk.procedures.people import ROLES
    from desk.wording.values import value

    told = clean(line, 120)
    for role in ROLES:
        for word in (value("role", role), role):
            head = told[: -len(word)].strip()
            if head and fold(told[-len(word) :]) == fold(word):
                return head, role
    return told, "owner"


def split_phones(line: str) -> Sequence[str]:
    """Numbers of a line, however they are set apart."""
    for sign in (*_SIGNS, "/"):
        line = line.replace(sign, "\n")
    return [part for each in line.split("\n") if (part := clean(each, 40))]


def duties_in(text: str) -> tuple[str, ...]:
    """Duties by what they are called; a word that is none is left for the procedure to refuse."""
    from desk.wording.values import duty_named

    for sign in _SIGNS:
        text = text.replace(sign, ",")
    parts = [clean(part, 40) for part in text.split(",")]
    return tuple(dict.fromkeys(duty_named(part) or part for part in parts if part))
