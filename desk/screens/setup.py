"""The first start: what the estate is called, which manual it works by, who works here; or the demonstration estate."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from desk import i18n, resources
from desk.actions import END_SETUP, SAVE_SETUP
from desk.errors import Refusal
from desk.i18n import N_, _
from desk.screens.base import DeskScreen
from desk.session import Founding
from desk.vocabulary import DUTIES
from desk.widgets.fields import Changed, Choice, Entered, Line, Prose
from desk.widgets.form import Row, Sentence
from desk.widgets.keys import bindings
from desk.widgets.text import plain

if TYPE_CHECKING:
    from desk.app import DeskApp

_BETWEEN = re.compile(r"[,，、;；:：\t/]+")


def manuals() -> list[tuple[str, str]]:
    """The shipped rulebooks by name, with their titles."""
    found = []
    for name in resources.names("rulebooks"):
        raw = tomllib.loads(resources.path(f"rulebooks/{name}.toml").read_text("utf-8"))
        title = raw.get("title", name)
        found.append((name, i18n.pick(title) if isinstance(title, Mapping) else str(title)))
    return found


def read_staff(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """``李静 客服专员、主管``, a person a line: names with their duties; the first is an agent where none is given.

    Raises :class:`Refusal` ``setup.duty`` for a word that is no duty.
    """
    from desk.wording.values import duty_named

    people: list[tuple[str, tuple[str, ...]]] = []
    for line in text.splitlines():
        head, *said = list(filter(None, map(str.strip, _BETWEEN.split(line)))) or [""]
        name, *words = head.split() or [""]
        # a name of several words, as in Latin letters
        while words and words[0].istitle() and duty_named(words[0]) is None:
            name += " " + words.pop(0)
        duties = []
        for title in [" ".join(words), *said]:
            for word in [title] if duty_named(title) else title.split():
                duty = duty_named(word)
                if duty is None:
                    raise Refusal("setup.duty", word=word, name=name, known=[_(title) for title in DUTIES.values()])
                duties.append(duty)
        if name:
            people.append((name, tuple(dict.fromkeys(duties)) or ("agent",)))
    return people


def _understood(line: str) -> str:
    """One line of people, as it is understood so far."""
    try:
        people = read_staff(line)
    except Refusal as refusal:
        return _("{name}: “{word}”?").format(**refusal.params)
    comma = _(", ")
    said = _("{name}: {duties}")
    return "".join(
        said.format(name=name, duties=comma.join(_(DUTIES[duty]) for duty in duties)) for name, duties in people
    )


class SetupScreen(DeskScreen[None]):
    """Asked once, on a fresh machine."""

    ABOUT = N_(
        "The estate's name, the manual it works by and the people who work here. All of it can be changed later."
    )
    PLACE = False
    BINDINGS = bindings(SAVE_SETUP, END_SETUP)

    def body(self) -> ComposeResult:
        with VerticalScroll(classes="middle wide", can_focus=False):
            yield Static(plain(_("Welcome. There are no records on this machine yet."), "bold"))
            yield Row(
                "", Choice([("new", _("A new estate")), ("demo", _("The demonstration estate"))], "new", id="what"), 14
            )
            yield Row(_("Language"), Choice(list(i18n.LANGUAGES.items()), i18n.language(), id="language"), 14)
            yield Row(_("Estate"), Line("", _("Its name"), limit=60, id="name"), 14)
            yield Row(_("Manual"), Choice(manuals(), "residential", id="manual"), 14)
            people = Prose("", id="people")
            people.placeholder = plain(_("Li Jing, agent, customer-service supervisor"), "dim")
            yield Row(_("People"), people, 14)
            yield Static(id="understood")
            wanted = [("no", _("not yet")), ("yes", _("nobody works without one"))]
            yield Row(_("PINs"), Choice(wanted, "no", id="pins"), 14)
            yield Sentence()
            yield Static(plain(self._how(), "dim"), id="how")

    @staticmethod
    def _how() -> str:
        how = _("One person a line: name, duty, duty. Ctrl+J begins a new line.")
        duties = _(", ").join(_(title) for title in DUTIES.values())
        usual = _("As they are usually called will do; without one: agent.")
        return "\n".join((how, usual, _("Duties: {duties}.").format(duties=duties)))

    def on_mount(self) -> None:
        self.query_one("#what", Choice).focus()

    def on_changed(self, event: Changed) -> None:
        event.stop()
        self.query_one(Sentence).say("")
        demo = self.query_one("#what", Choice).chosen == "demo"
        for row in self.query(Row):
            if row.field.id in ("name", "people", "pins"):
                row.display = not demo
        self.query_one("#how").display = not demo
        understood = self.query_one("#understood", Static)
        understood.display = not demo
        text = self.query_one("#people", Prose).text
        understood.update(plain("\n".join(filter(None, map(_understood, text.splitlines()))), "dim"))

    def on_entered(self, event: Entered) -> None:
        event.stop()
        fields = [row.field for row in self.query(Row) if row.display]
        at = fields.index(event.field)
        if at + 1 < len(fields):
            fields[at + 1].focus()
        else:
            self.action_found()

    def action_found(self) -> None:
        """Make the estate, once everything is there."""
        language = self.query_one("#language", Choice).chosen or "zh_CN"
        if self.query_one("#what", Choice).chosen == "demo":
            demo_of = self.query_one("#manual", Choice).chosen or "residential"
            self._make(Founding(manual=demo_of, language=language, demo=True))
            return
        name = self.query_one("#name", Line).given
        try:
            people = read_staff(self.query_one("#people", Prose).text)
        except Refusal as refusal:
            self._wrong(self.desk.sentence(refusal), "#people")
            return
        manual = self.query_one("#manual", Choice).chosen
        if not name:
            self._wrong(_("What is the estate called?"), "#name")
        elif manual is None:
            self._wrong(_("Which manual does the estate work by? A digit chooses."), "#manual")
        elif not people:
            self._wrong(_("Who works here? At least one person must be able to sign in."), "#people")
        else:
            self._make(Founding(name, manual, language, people, pins=self.query_one("#pins", Choice).chosen == "yes"))

    def _wrong(self, text: str, field: str) -> None:
        self.query_one(Sentence).say(text, error=True)
        self.query_one(field).focus()

    def _make(self, founding: Founding) -> None:
        self.query_one(Sentence).say(_("One moment…"))
        app = cast("DeskApp", self.app)
        # A job of the console, not of this screen: it goes on when the screen has gone.
        app.once(partial(app.found, founding, self.refused), group="found")

    def refused(self, error: Exception) -> None:
        if isinstance(error, Refusal):
            self.query_one(Sentence).say(self.desk.sentence(error), error=True)
        else:
            self.query_one(Sentence).say("")  # nothing is under way any more
            super().refused(error)

    def action_end(self) -> None:
        self.app.exit(0)
