"""A question put inside the form instead of over it: yes or no, one of a few, somebody."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, cast

from textual.app import RenderResult
from textual.containers import Vertical
from textual.widget import Widget

from desk.actions import Action
from desk.i18n import N_, _
from desk.widgets.fields import Choice, Entered
from desk.widgets.form import Sentence
from desk.widgets.keys import bindings
from desk.widgets.pick import Find, Item, Picker
from desk.widgets.text import plain

YES = Action("yes", "enter", N_("Yes"), N_("Do it."))
NO = Action("no", "escape", N_("No"), N_("Leave everything as it is."))


class YesNo(Widget, can_focus=True):
    """Waits for Enter."""

    DEFAULT_CSS = "YesNo { height: 1; width: 1fr; }"
    BINDINGS = bindings(YES)

    def render(self) -> RenderResult:
        return plain(_("Enter yes, Esc no"), "bold")

    def action_yes(self) -> None:
        self.post_message(Entered(self))


class Question(Vertical):
    """Asks and waits for the answer; meanwhile the form stays in sight, and changing it is a no."""

    DEFAULT_CSS = """
    Question { height: auto; display: none; padding: 0 1; }
    Question.-asking { display: block; }
    """
    BINDINGS = bindings(NO)

    _answer: asyncio.Future[Any] | None = None
    _from: Widget | None = None

    @property
    def asking(self) -> bool:
        """Whether an answer is waited for."""
        return self._answer is not None

    async def ask_yes(self, question: str) -> bool:
        """Enter is yes."""
        return bool(await self._ask(question, YesNo()))

    async def ask_one(self, question: str, options: Sequence[tuple[str, str]]) -> str | None:
        """One of ``options`` (value, title), by digit or arrows and Enter; None: none of them."""
        answer: str | None = await self._ask(question, Choice(options, options[0][0]))
        return answer

    async def ask_person(self, question: str, find: Find) -> Item | None:
        """Somebody, picked as one types; None: nobody."""
        answer: Item | None = await self._ask(question, Picker(find, must=True))
        return answer

    async def _ask(self, question: str, field: Widget) -> Any:
        self.drop()
        self._from = self.screen.focused
        self._answer = waited = asyncio.get_running_loop().create_future()
        said = Sentence()
        await self.remove_children()
        await self.mount(said, field)
        said.say(question)
        self.add_class("-asking")
        field.focus()
        try:
            with cast(Any, self.app).typeahead.asking():
                return await waited
        finally:
            if self._answer is waited:
                self._answer = None
                self.remove_class("-asking")
                if self._from is not None and self._from.is_attached and self.has_focus_within:
                    self._from.focus()

    def drop(self) -> None:
        """Nobody waits for the answer any more: it is no."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(None)

    def on_entered(self, event: Entered) -> None:
        event.stop()
        field = event.field
        answer = field.picked if isinstance(field, Picker) else field.chosen if isinstance(field, Choice) else True
        if self._answer is not None and not self._answer.done() and answer is not None:
            self._answer.set_result(answer)

    def action_no(self) -> None:
        self.drop()
