"""Replay: what was recorded, run again under other rules (palette, or from the rules). Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from desk.actions import LEAVE_UNKEPT, RUN_REPLAY
from desk.errors import Refusal
from desk.i18n import N_, _
from desk.screens.base import DeskScreen
from desk.screens.paper import plain_lines
from desk.widgets.form import Ask, Form, PassingForm
from desk.widgets.keys import bindings
from desk.widgets.text import plain

if TYPE_CHECKING:
    from pathlib import Path

    from sqlmodel import Session

    from desk.calendars import Calendar
    from desk.ledger import Ledger
    from desk.rulebook import Rulebook

#: days back from today unless somebody says otherwise
_DAYS = 30


class _Left(Exception):
    """Somebody has left: the replay ends."""


class _RunForm(PassingForm, inherit_bindings=False):
    """Ctrl+S runs what is asked, and saves nothing."""

    BINDINGS = bindings(RUN_REPLAY, LEAVE_UNKEPT)
    ABOUT = N_("Enter goes from field to field; Ctrl+S runs it; Esc leaves, and nothing is kept.")


class ReplayScreen(DeskScreen[None]):
    """Which rules, which period; then what would have been late."""

    ABOUT = N_(
        "What was recorded, run again under other rules: those in force with one thing changed, a manual, a file. "
        "Nothing is written. Ctrl+S runs it."
    )

    def body(self) -> ComposeResult:
        with Vertical(id="replay"):
            yield Static(plain(_("What would have been late under other rules"), "bold"))
            yield Static(id="replay-progress")
            yield VerticalScroll(Static(id="replay-found"), id="replay-scroll")

    def __init__(self, name: str = "", value: str = "") -> None:
        """``name`` and ``value``: what is to be changed of the rules in force, and what it says now."""
        super().__init__()
        self._changed = name, value

    form: Form | None = None
    _gone = False

    def on_mount(self) -> None:
        super().on_mount()
        self.job(self._begin(), group="begin")

    async def _begin(self) -> None:
        def read(ledger: Ledger, session: Session) -> list[tuple[str, str]]:
            from desk import resources
            from desk.i18n import pick
            from desk.rulebook import load

            names = resources.names("rulebooks")
            return [(name, pick(load(resources.path(f"rulebooks/{name}.toml")).title)) for name in names]

        found = await self.desk.reading(read)
        name, value = (text or None for text in self._changed)
        options = [("", _("Those in force, with one thing changed")), *found, ("file", _("A file"))]
        asks = [
            Ask("book", "choice", _("Rules"), options=tuple(options), start=""),
            Ask("name", "text", _("Changed"), start=name, placeholder=_("repair.claim.within, or a file's path")),
            Ask("value", "text", _("Shall say"), start=value, placeholder=_("3 min, 2 working hours …")),
            Ask("days", "number", _("Days back"), required=True, start=_DAYS),
        ]
        self.form = _RunForm(asks, self.desk.clock)
        await self.query_one("#replay").mount(self.form, before="#replay-progress")
        self.form.fields["value" if name else "book"].focus()

    def on_form_saved(self, event: Form.Saved) -> None:
        event.stop()
        self.job(self._run(dict(event.values)), group="replay", exclusive=True)

    async def _run(self, values: Mapping[str, Any]) -> None:
        now, progress = self.desk.now(), self.query_one("#replay-progress", Static)
        result = self.query_one("#replay-found", Static)
        result.update("")

        def told(done: int, of: int) -> None:
            if self._gone:
                raise _Left
            words = _("{done} of {of} matters").format(done=done, of=of)
            self.app.call_from_thread(progress.update, plain(words, "dim"))

        def read(ledger: Ledger, session: Session) -> list[str]:
            from desk.ledger.replay import replay

            try:
                book, hours = other_rules(ledger, values)
            except Refusal as refusal:
                return [self.desk.sentence(refusal)]
            since = now - timedelta(days=max(1, min(36500, int(values.get("days") or _DAYS))))
            try:
                found = replay(ledger, book, hours, since, now, now, told)
            except _Left:
                return []
            return lines(ledger, book, found)

        text = await self.desk.reading(read)
        if not self._gone:
            result.update(plain_lines("\n".join(text)))

    def on_form_left(self, event: Form.Left) -> None:
        event.stop()
        self._gone = True
        self.dismiss(None)

    def on_unmount(self) -> None:
        self._gone = True


def other_rules(ledger: Ledger, values: Mapping[str, Any]) -> tuple[Rulebook, Calendar]:
    """The rules asked for, with the hours in force. Raises :class:`Refusal` ``rulebook.*``, ``rules.*``."""
    from pathlib import Path

    from desk import resources
    from desk.rulebook import build, changing, load

    chosen, name = str(values.get("book") or ""), str(values.get("name") or "")
    if not chosen:
        raw = changing.with_value(ledger.book.raw, name, str(values.get("value") or ""))
        return build(raw, name=ledger.book.name, file=ledger.book.name), ledger.calendar
    if chosen != "file":
        return load(resources.path(f"rulebooks/{chosen}.toml")), ledger.calendar

    def find(base: str) -> Path | None:
        beside, ours = path.with_name(f"{base}.toml"), resources.root() / "rulebooks" / f"{base}.toml"
        return next((each for each in (beside, ours) if each.exists() and each != path), None)

    path = Path(name).expanduser()
    return load(path, find), ledger.calendar


def lines(ledger: Ledger, book: Rulebook, found: Any) -> list[str]:
    """What it came to: by rule, then by hour."""
    from desk.wording import replay as wording

    said = wording.lines(found, book)
    hours = wording.hours(found.rules) if found.rules else []
    if hours:
        words = _("{hour}: {opened} opened, {was_late} were late, {would_be_late} would be late")
        said += ["", _("By the hour at which it began:")]
        said += [words.format(**{**row, "hour": f"{row['hour']:02d}:00"}) for row in hours]
    left = wording.left_out(found, book)
    return [*said, *([left] if left else [])]
