"""The owners' contact box: opened each day at its time, every letter in it a matter of its own.

Sources: S2-17, S2-22; R-09; form F-52.

An opening is a subject of its own, so that what was not taken down the same day stays due until it is.
``settings.letters_kind`` is the kind of a letter that names none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID, uuid5

from sqlmodel import col, select

from desk.errors import Refusal
from desk.i18n import N_
from desk.ledger import Doing, Entry, Ledger
from desk.models import Room, Subject
from desk.procedures.intake import Intake, open_in
from desk.procedures.verbs import LONG, NOTE, Param, Values, Verb
from desk.rulebook import Rulebook
from desk.text import clean, fold, room_code

#: what may stand between a letter's kind, its room and the matter, half or full width
_BETWEEN = re.compile("[:,\uff1a\uff0c\u3001]")


@dataclass(frozen=True, slots=True)
class _Letter:
    kind: str
    room: Room | None
    what: str


def _open(entry: Entry, box: Subject, values: Values) -> None:
    """The box is opened; none in it is worth noting too. Letters written out beside become tickets at once."""
    found = _whole(values["letters"])
    written = _written(entry, values.get("contents"), found)
    entry.on(
        box,
        "box.opened",
        sets={"status": "open", "letters_left": found - len(written)},
        facts={"letters": found},
        words={"note": values.get("note")},
    )
    _take_down(entry, written)
    if found and len(written) == found:
        entry.on(box, "box.emptied", sets={"status": "done"})


def _enter(entry: Entry, box: Subject, values: Values) -> None:
    """What was left is taken down here; ``elsewhere`` counts letters taken down at intake, or that need no ticket."""
    left = int(box.facts.get("letters_left", 0))
    elsewhere = _whole(values.get("elsewhere", 0))
    written = _written(entry, values.get("contents"), left - elsewhere)
    count = len(written) + elsewhere
    if not count:
        raise Refusal("box.nothing")
    sets = {"letters_left": left - count}
    entry.on(box, "box.entered", sets=sets, facts={"letters": count}, words={"note": values.get("note")})
    _take_down(entry, written)
    if left == count:
        entry.on(box, "box.emptied", sets={"status": "done"})


def _whole(number: float) -> int:
    if number < 0 or int(number) != number:
        raise Refusal("box.count", value=number)
    return int(number)


def _take_down(entry: Entry, letters: list[_Letter]) -> None:
    for place, letter in enumerate(letters, 1):
        room = letter.room
        try:
            open_in(entry, Intake(letter.kind, {"what": letter.what, "channel": "box"}, room.id if room else None))
        except Refusal as refusal:
            if refusal.code != "value.missing":
                raise
            raise Refusal("box.letter_lacks", letter=place, name=refusal.params["name"]) from None


def _written(entry: Entry, contents: str | None, most: int) -> list[_Letter]:
    """One letter a line: its kind and its room may come first (``投诉 3-2-501 电梯异响``)."""
    lines = [clean(line, LONG) for line in (contents or "").splitlines()]
    letters = [_letter(entry, line) for line in lines if line]
    if len(letters) > most:
        raise Refusal("box.more_than_found", written=len(letters), found=max(0, most))
    return letters


def _letter(entry: Entry, line: str) -> _Letter:
    kinds = entry.ledger.book.kinds
    named = {fold(word): kind.id for kind in kinds.values() for word in (kind.id, *kind.title.values())}
    kind, rest = named.get(fold(_head(line))), line
    if kind is not None:
        rest = _tail(line)
    query = select(Room).where(Room.estate_id == entry.estate_id, Room.code == room_code(_head(rest)))
    room = entry.session.exec(query).first()
    if room is not None:
        rest = _tail(rest)
    return _Letter(kind or letters_kind(entry.ledger.book), room, rest or line)


def _head(text: str) -> str:
    return next(iter(_BETWEEN.sub(" ", text).split()), "")


def _tail(text: str) -> str:
    return _BETWEEN.sub(" ", text[text.index(_head(text)) + len(_head(text)) :], count=1).lstrip()


def letters_kind(book: Rulebook) -> str:
    """The kind of a letter that names none: as set, else the first that needs nothing but the matter."""
    plain = [kind.id for kind in book.kinds.values() if set(kind.required) <= {"what"}]
    return str(book.settings.get("letters_kind") or next(iter([*plain, *book.kinds])))


def _fresh(ledger: Ledger, doing: Doing) -> UUID:
    """Each opening is its own: the box may be opened twice a day."""
    return uuid5(ledger.estate_id, f"box@{doing.happened_at.isoformat()}")


def _unread(ledger: Ledger, doing: Doing) -> UUID:
    """The earliest opening of which letters are left. Raises :class:`Refusal` ``box.none_left``."""
    query = select(Subject).where(
        Subject.estate_id == ledger.estate_id, Subject.type == "box", Subject.status == "open"
    )
    with ledger.store.read() as session:
        waiting = [box for box in session.exec(query.order_by(col(Subject.id))) if box.facts.get("letters_left")]
    if not waiting:
        raise Refusal("box.none_left")
    return waiting[0].id


VERBS = (
    Verb(
        "open-box",
        "box.opened",
        N_("Open the contact box"),
        _open,
        params=(
            Param("letters", "number", N_("Letters found"), required=True, start=lambda ledger, row, doing: 0),
            Param("contents", "prose", N_("Letters, one a line")),
            NOTE,
        ),
        subject="box",
        of=_fresh,
    ),
    Verb(
        "enter-letters",
        "box.entered",
        N_("Take down the letters left"),
        _enter,
        params=(
            Param("contents", "prose", N_("Letters, one a line")),
            Param("elsewhere", "number", N_("Letters taken down at intake, or that need no ticket")),
            NOTE,
        ),
        subject="box",
        of=_unread,
    ),
)
