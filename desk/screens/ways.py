"""How what is due gets done: the verbs that would meet a deadline, the most natural first, and doing one of them.

A rule says which events meet it, the vocabulary says which verb records an event; nothing here knows a manual.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Static

from desk.errors import Refusal
from desk.i18n import N_, _, pick
from desk.screens.base import DeskModal, DeskScreen
from desk.text import clean, short_number
from desk.vocabulary import EVENTS, STEPS
from desk.widgets.form import Ask, Form
from desk.widgets.keys import HintBar
from desk.widgets.text import dot, plain

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Doing, Ledger
    from desk.procedures.verbs import Verb
    from desk.queries.due import DueRow

#: verbs that have a screen of their own instead of the general form: (subject, verb) → module and class, made with the
#: subject's id, or without where the whole estate is concerned
OWN_SCREENS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("callback", "callback"): ("call", "CallScreen"),
    ("callback", "hear-handler"): ("call", "CallScreen"),
    ("day", "sweep"): ("day", "DayScreen"),
}


@dataclass(frozen=True, slots=True)
class Way:
    """One verb that would do it. ``why_not`` says why it can't be done now."""

    subject: str
    verb: str
    #: None for what concerns the whole estate
    subject_id: UUID | None
    #: message id
    title: str
    why_not: Refusal | None = None


def ways_of(ledger: Ledger, session: Session, row: DueRow, now: datetime) -> list[Way]:
    """What would do ``row``, in the order of its rule, what can't be done at ``now`` last."""
    from desk.procedures import VERBS, find_verb

    found: dict[tuple[str, str], Way] = {}
    if row.gathered == 1 or not row.until:
        for event in (*_asked_of_all(ledger, row), *row.until):
            for verb in (verb for verb in VERBS.values() if _records(verb, event)):
                way = _way(ledger, session, row, verb, now)
                if way is not None:
                    found.setdefault((verb.subject, verb.name), way)
    if row.form is not None and row.step == 0 and ("day", row.form) in VERBS:
        verb = find_verb(row.form, "day")
        found.setdefault((verb.subject, verb.name), Way(verb.subject, verb.name, None, verb.title))
    elif row.gathered > 1:
        for event in row.until:
            for verb in VERBS.values():
                if verb.of is not None and _records(verb, event):
                    found.setdefault((verb.subject, verb.name), Way(verb.subject, verb.name, None, verb.title))
    ways = sorted(found.values(), key=lambda way: way.why_not is not None)
    if row.step and row.gathered == 1:
        ways.append(Way("step", "acknowledge", row.subject_id, N_("Note it as done")))
    return ways


def _asked_of_all(ledger: Ledger, row: DueRow) -> list[str]:
    """What a missed rule asks of all its subjects at once (publish them): that, not the end of one, is done here."""
    rule = ledger.book.rules.get(row.rule_id)
    came_up = rule.missed[: row.level] if rule is not None and row.step == 0 else ()
    return [event for step in came_up if step.gather for event in STEPS[step.then][1]]


def _records(verb: Verb, event: str) -> bool:
    """Whether ``verb`` records ``event``; of one the vocabulary names, the event need not be its first."""
    return verb.event == event or event in verb.also or (event in EVENTS and EVENTS[event].verb == verb.name)


def _way(ledger: Ledger, session: Session, row: DueRow, verb: Verb, now: datetime) -> Way | None:
    from desk.ledger.rows import fetch
    from desk.procedures.verbs import why_not

    if verb.of is not None:
        return Way(verb.subject, verb.name, None, verb.title)
    ident = _subject(ledger, session, row, verb.subject)
    if ident is None:
        return None
    try:
        found = fetch(session, ledger.estate_id, verb.subject, ident)
    except Refusal:
        # an occurrence the clock's hand has not written yet; it is written before anything is done
        return Way(verb.subject, verb.name, ident, verb.title) if verb.subject == "duty" else None
    if not verb.applies(ledger.book, found):
        return None
    refusal = named(session, ledger, why_not(ledger, session, verb, found, now))
    return Way(verb.subject, verb.name, ident, verb.title, refusal)


def _subject(ledger: Ledger, session: Session, row: DueRow, wanted: str) -> UUID | None:
    """The subject of type ``wanted`` that ``row`` is about: itself, its root, or the latest child of its ticket."""
    from sqlmodel import col, select

    from desk.models import Appointment, Callback

    if wanted == row.subject_type:
        return row.subject_id
    if wanted == row.root_type:
        return row.root_id
    child: Any = {"callback": Callback, "appointment": Appointment}.get(wanted)
    if child is None or row.root_type != "ticket":
        return None
    query = select(child.id).where(child.estate_id == ledger.estate_id, child.ticket_id == row.root_id)
    ident: UUID | None = session.exec(query.order_by(col(child.id).desc())).first()
    return ident


def named(session: Session, ledger: Ledger, refusal: Refusal | None) -> Refusal | None:
    """The refusal with names where it has the ids of staff."""
    from desk.queries.naming import names_of

    if refusal is None:
        return None
    names = names_of(session, ledger.estate_id, [v for v in refusal.params.values() if isinstance(v, UUID)])
    params = {k: names.get(v, "") if isinstance(v, UUID) else v for k, v in refusal.params.items()}
    return Refusal(refusal.code, **params)


# -- doing it ------------------------------------------------------------------------------------------------


def about(row: DueRow) -> str:
    """On what it is done, in a few words: number, room, matter."""
    return words(row.number, row.room, row.what)


def words(number: str | None, room: str, what: str) -> str:
    """A ticket in a few words."""
    return " ".join(filter(None, (short_number(number), room, clean(what, 60))))


async def do_it(screen: DeskScreen[Any] | DeskModal[Any], row: DueRow, way: Way) -> None:
    """Put the form of ``way`` before the person. Run it in a job of ``screen``."""
    if row.root_type == "duty":

        def write(ledger: Ledger, doing: Doing) -> None:
            from desk.ledger.tick import tick

            tick(ledger, doing.now)

        await screen.desk.writing(write)
    me = screen.desk.who
    if way.subject == "step":
        await screen.app.push_screen(AcknowledgeScreen(row))
    elif way.verb == "brief" and me is not None and row.who == me.name:
        from desk.screens.briefing import BriefingScreen

        await screen.app.push_screen(BriefingScreen())  # one's own is read, not only noted
    else:
        await screen.app.push_screen(form_of(way.subject, way.verb, way.subject_id, about(row), ready=True))


def form_of(subject: str, verb: str, subject_id: UUID | None, said: str, *, ready: bool = False) -> Screen[Any]:
    """The screen on which a verb is done: one of its own where it has one, else the general form."""
    from desk.screens.verb import VerbScreen

    own = OWN_SCREENS.get((subject, verb))
    if own is not None:
        about = [subject_id] if subject_id is not None else []
        made: Screen[Any] = getattr(importlib.import_module(f"desk.screens.{own[0]}"), own[1])(*about)
        return made
    return VerbScreen(subject, verb, subject_id, said, ready=ready)


def step_words(row: DueRow) -> str:
    """Which step of a missed deadline a row is, or how far one has come; empty where nothing was missed."""
    if row.step:
        then = _(STEPS[row.then][0]) if row.then in STEPS else row.then or ""
        return _("step {n}: {what}").format(n=row.step, what=then)
    return _("missed: step {n} came up").format(n=row.level) if row.level else ""


def to_do(row: DueRow) -> str:
    """What is to be done, a step named first: ``Chase: Claim the order``."""
    title = pick(row.title)
    if row.step and row.then in STEPS:
        return _("{step}: {title}").format(step=_(STEPS[row.then][0]), title=title)
    return title


class AcknowledgeScreen(DeskModal[bool]):
    """A step of a missed deadline that asks for no act of its own is noted as done."""

    ABOUT = N_("A step that came up because something was missed: note that it was done, and what was said.")

    def __init__(self, row: DueRow) -> None:
        super().__init__()
        self.row = row

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(plain(dot().join(filter(None, (to_do(self.row), self.row.who))), "bold"))
            yield Static(plain(about(self.row), limit=200))
            yield Form([Ask("note", "prose", _("Note"))], self.desk.clock, ready=_("Enter notes it as done."))
        yield HintBar()

    def on_mount(self) -> None:
        self.query_one(Form).focus()

    def on_form_saved(self, event: Form.Saved) -> None:
        event.stop()
        self.once(partial(self._save, event.values.get("note")), group="save")

    async def _save(self, note: str | None) -> None:
        row = self.row

        def write(ledger: Ledger, doing: Doing) -> None:
            from desk.procedures.duties import acknowledge

            root = (row.root_type, row.root_id)
            acknowledge(ledger, root, row.rule_id, row.step, doing, subject=row.subject_id, note=note)

        await self.desk.writing(write)
        self.desk.say(_("Recorded: {what}.").format(what=to_do(row)))
        self.dismiss(True)

    def refused(self, error: Exception) -> None:
        if isinstance(error, Refusal):
            self.query_one(Form).refuse(self.desk.sentence(error))
        else:
            super().refused(error)

    def on_form_left(self, event: Form.Left) -> None:
        event.stop()
        self.dismiss(False)
