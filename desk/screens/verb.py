"""Doing a verb: a form made from what the verb asks for, over whatever screen one came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from desk import i18n
from desk.errors import Refusal
from desk.i18n import N_, _
from desk.screens.base import DeskModal
from desk.screens.drafts import DraftKeeper
from desk.screens.paper import plain_lines
from desk.widgets.dialog import Confirm
from desk.widgets.form import Ask, Form
from desk.widgets.keys import HintBar
from desk.widgets.pick import Item
from desk.widgets.text import dot, plain

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Doing, Ledger
    from desk.procedures.verbs import Done, Param

#: verbs of these are done by people without a console too, and often written down later
_BY_OTHERS = ("ticket", "appointment", "callback", "duty", "visit")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a verb's form needs, read in a thread: plain data."""

    title: str
    grave: bool
    params: tuple[tuple[Param, Any, tuple[tuple[str, str], ...]], ...]
    #: (id, title) of the kind's questions, for ``answers``
    questions: tuple[tuple[str, str], ...] = ()
    #: lines of the prompt card
    card: tuple[str, ...] = ()
    #: what to read before doing it
    shown: str = ""
    #: parameters of which one must be given
    one_of: tuple[str, ...] = ()
    #: the ledger's head as of all this
    seen: int | None = None


class VerbScreen(DeskModal["Done | None"]):
    """One verb's form. Dismisses with what was done, or None.

    ``values`` fills fields beforehand; with ``ready`` Enter records at once where nothing more is needed.
    """

    ABOUT = N_("One act and what it asks for. Ctrl+S records it; Esc leaves and keeps what you wrote as a draft.")

    def __init__(
        self,
        subject: str,
        verb: str,
        subject_id: UUID | None,
        about: str = "",
        values: Mapping[str, Any] | None = None,
        *,
        ready: bool = False,
        shown: str = "",
    ) -> None:
        """``about`` says on what it is done: the ticket's number and matter; ``shown`` what it is decided by."""
        super().__init__()
        self.shown = shown
        self.subject, self.verb, self.subject_id, self.about = subject, verb, subject_id, about
        self.values, self.ready = dict(values or {}), ready
        self.wanted: Wanted | None = None
        self.form: Form | None = None
        self._began: Mapping[str, Any] | None = None
        #: what stands masked in the form, and what it stands for
        self._whole: dict[str, tuple[str, str]] = {}
        #: which of those are texts, where what was not written over stays in full
        self._prose: set[str] = set()
        self.keeper = DraftKeeper(self.desk, self, f"{subject}:{verb}:{subject_id}", self._content)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="verb"):
            yield Static(plain(self.about), id="verb-title")
        yield HintBar()

    def on_mount(self) -> None:
        self.job(self._load())

    def on_unmount(self) -> None:
        self.keeper.let_go()

    async def _load(self) -> None:
        doing_now, who = self.desk.now(), self.desk.who
        by = who.id if who else None

        def read(ledger: Ledger, session: Session) -> Wanted:
            from desk.ledger import Doing, permits
            from desk.ledger.meanwhile import head
            from desk.ledger.rows import fetch
            from desk.procedures import find_verb
            from desk.prompts import card

            verb = find_verb(self.verb, self.subject)
            # told before anything is written in vain
            if (denied := permits.why_not_event(ledger, session, verb.event)) is not None:
                raise denied
            row = fetch(session, ledger.estate_id, self.subject, self.subject_id) if self.subject_id else None
            doing = Doing(doing_now, by=by)
            params = tuple(
                (
                    _needed(p, ledger, row, doing),
                    p.start(ledger, row, doing) if p.start and row else None,
                    _options(p, ledger),
                )
                for p in verb.params
            )
            questions: tuple[tuple[str, str], ...] = ()
            if any(p.type == "answers" for p in verb.params):
                questions = _questions(ledger, session, row)
            shown = verb.shows(ledger, row, doing) if verb.shows is not None else self.shown
            rows = card(ledger.book, "verb", verb.name)
            seen = head(session, ledger.estate_id)
            return Wanted(_(verb.title), verb.grave, params, questions, rows, shown, verb.one_of, seen)

        wanted = self.wanted = await self.desk.reading(read)
        title = self.wanted.title + (dot() + self.about if self.about else "")
        self.query_one("#verb-title", Static).update(plain(title, "bold"))
        asks = self._asks(self.wanted)
        lacking = bool(wanted.one_of) and not any(ask.start for ask in asks if ask.name in wanted.one_of)
        ready = _("Nothing more is needed: Enter records it.") if (self.ready and not lacking) or not asks else ""
        self.form = Form(asks, self.desk.clock, ready=ready)
        card = [Static(plain("\n".join(self.wanted.card), "dim"), classes="card")] if self.wanted.card else []
        text = [VerticalScroll(Static(plain_lines(self.wanted.shown)), classes="shown")] if self.wanted.shown else []
        await self.query_one("#verb").mount(*card, *text, self.form)
        self._began = self.form.draft()
        kept = await self.keeper.restore()
        if kept:
            self.form.restore(kept)
        self.form.focus()

    def _asks(self, wanted: Wanted) -> list[Ask]:
        asks: list[Ask] = []
        for param, start, options in wanted.params:
            start = self.values.get(param.name, start)
            if param.type == "answers":
                good = self.values.get(param.name) or {}
                asks += [
                    Ask(f"answers.{ident}", "flag", title, start=good.get(ident)) for ident, title in wanted.questions
                ]
            elif param.type == "staff":
                find = self.desk.colleagues(param.duty)
                asks.append(
                    Ask(param.name, "staff", _(param.title), param.required, find=find, start=self._person(start))
                )
            else:
                sort = "choice" if param.type == "kind" else param.type
                start = self._masked(param.name, sort, start)
                asks.append(Ask(param.name, sort, _(param.title), param.required, options=options, start=start))
        if self.subject in _BY_OTHERS:
            asks.append(Ask("_by", "staff", _("Done by, if not you"), find=self.desk.colleagues()))
            asks.append(Ask("_at", "time", _("When, if earlier")))
        return asks

    def _masked(self, name: str, sort: str, start: Any) -> Any:
        """A number as lists show it, in a text too; left so it stays what it is. So does a name, where the duty says.

        Numbers are seen in full on the ticket's page, which asks and records it (``desk.revealed``).
        """
        if not isinstance(start, str):
            return start
        sight = self.desk.sight()
        if name in ("person_name", "caller"):
            shown = sight.name(start)
        else:
            shown = sight.phone(start) if name == "phone" else sight.prose(start) if sort == "prose" else start
        if shown != start:
            self._whole[name] = (shown, start)
            if sort == "prose":
                self._prose.add(name)
        return shown

    def _person(self, ident: object) -> Item | None:
        person = self.desk.colleague(ident)
        return None if person is None else Item(str(person.id), person.name, data=person)

    def _content(self) -> Mapping[str, Any]:
        if self.form is None or self._began is None:  # not read yet: what is kept stays
            return self.keeper.kept
        # a form that was only looked at is no draft
        return {} if (written := self.form.draft()) == self._began else written

    # -- saving ----------------------------------------------------------------------------------------------

    def on_form_edited(self, event: Form.Edited) -> None:
        event.stop()
        self.keeper.changed()

    def on_form_saved(self, event: Form.Saved) -> None:
        event.stop()
        # never exclusive: a write that has begun is carried to its end
        self.once(partial(self._save, dict(event.values)), group="save")

    async def _save(self, values: dict[str, Any]) -> None:
        assert self.wanted is not None
        question = _("{verb}: this can't simply be taken back. Go on?").format(verb=self.wanted.title)
        if self.wanted.grave and not await self.app.push_screen_wait(Confirm(question)):
            return
        by, at = values.pop("_by", None), values.pop("_at", None)
        for name, (shown, whole) in self._whole.items():
            if values.get(name) == shown:
                values[name] = whole
            elif name in self._prose and isinstance(written := values.get(name), str):
                from desk.privacy import unmask_numbers

                values[name] = unmask_numbers(written, whole)
        given = packed(values, {param.name: param.type for param, _start, _options in self.wanted.params})

        def write(ledger: Ledger, doing: Any) -> Done:
            from desk.procedures import find_verb
            from desk.procedures.verbs import act

            return act(ledger, find_verb(self.verb, self.subject), self.subject_id, given, doing)

        done = await self.desk.writing(write, at=at, by=UUID(by) if by else None, seen=self.wanted.seen)
        if done is None:
            return
        await self.keeper.drop()
        self.desk.say(
            _("Recorded: {what}.").format(what=" ".join(filter(None, (self.wanted.title, done.number, *done.opened))))
        )
        self.dismiss(done)

    def refused(self, error: Exception) -> None:
        if isinstance(error, Refusal) and self.form is not None:
            self.form.refuse(self.desk.sentence(error), str(error.params.get("name", "")))
        else:
            super().refused(error)
            if self.form is None:
                self.dismiss(None)

    def on_form_left(self, event: Form.Left) -> None:
        event.stop()
        self.once(self._leave, group="leave")

    async def _leave(self) -> None:
        if await self.keeper.may_go():
            self.dismiss(None)


def packed(values: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, Any]:
    """A form's values as a verb takes them: people as ids, answers as one table."""
    given: dict[str, Any] = {}
    for name, value in values.items():
        if name.startswith("answers."):
            given.setdefault("answers", {})[name.removeprefix("answers.")] = value
        else:
            given[name] = UUID(value) if types.get(name) == "staff" else value
    return given


def _needed(param: Param, ledger: Ledger, row: Any, doing: Doing) -> Param:
    """The parameter, required where this person must say it."""
    if param.must is None or row is None or not param.must(ledger, row, doing):
        return param
    return replace(param, required=True)


def _options(param: Param, ledger: Ledger) -> tuple[tuple[str, str], ...]:
    from desk import wording
    from desk.vocabulary import FACTS

    if param.type == "kind":
        return tuple((kind.id, i18n.pick(kind.title)) for kind in ledger.book.kinds.values())
    if param.type != "choice":
        return ()
    word = FACTS.get(param.name)
    return tuple((value, wording.value(param.name, value)) for value in param.choices or (word.values if word else ()))


def _questions(ledger: Ledger, session: Session, row: Any) -> tuple[tuple[str, str], ...]:
    from desk.ledger.rows import fetch

    ticket: Any = fetch(session, ledger.estate_id, "ticket", row.ticket_id) if hasattr(row, "ticket_id") else row
    kind = ledger.book.kinds.get(ticket.kind)
    return tuple((ident, i18n.pick(text)) for ident, text in kind.questions) if kind else ()
