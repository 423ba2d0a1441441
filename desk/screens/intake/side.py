"""Beside the form: the caller's card, the prompts, and the deadlines that saving will open; the clock of the intake."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from rich.cells import cell_len
from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from desk.i18n import _
from desk.text import clean
from desk.widgets.text import cut, dot, fill, plain


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """An open ticket of the room, as the card shows it; ``due_at`` is the next thing due, UTC."""

    id: UUID
    number: str
    what: str
    status: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of who calls; texts ready for the eye."""

    title: str
    lines: tuple[str, ...] = ()
    #: numbered from 1
    tickets: tuple[OpenTicket, ...] = ()
    #: on record
    known: bool = True


class Section(Widget):
    """A title and lines under it. Where there is no room (``flat``) all stands in one line, cut off with a mark."""

    DEFAULT_CSS = "Section { height: auto; width: 1fr; }"
    #: titles are bars that set one part off from the other
    barred: reactive[bool] = reactive(False)
    flat: reactive[bool] = reactive(False, layout=True)
    shown: reactive[tuple[str, tuple[Content, ...]]] = reactive(("", ()), layout=True)

    def show(self, title: str, lines: Sequence[Content]) -> None:
        """Show ``lines`` (texts of people as plain content) under ``title``; without either nothing."""
        self.shown = (title, tuple(lines))

    def render(self) -> RenderResult:
        title, lines = self.shown
        if self.flat:
            head = [plain(title, "bold $primary")] if title else []
            text = Content(" ").join([*head, Content(dot()).join(lines)])
            return text.truncate(self.content_size.width or 200, ellipsis=True)
        if not title:
            return Content("\n").join(lines)
        bar = fill(clean(title), self.content_size.width) if self.barred else clean(title)
        style = "bold $primary on $panel" if self.barred else "bold $primary"
        return Content("\n").join([Content.styled(bar, style), *lines])


def card_lines(card: Card, show: Callable[[datetime], str], width: int) -> list[Content]:
    """A card as lines: its open tickets with their numbers, then what else is known."""
    lines = []
    for place, ticket in enumerate(card.tickets[:9], 1):
        head = f"{place} {ticket.number} "
        tail = " ".join(filter(None, ("", ticket.status, show(ticket.due_at) if ticket.due_at else "")))
        what = cut(ticket.what, max(8, width - cell_len(head + tail)))
        lines.append(Content.assemble((head, "bold"), plain(what), (cut(tail, width - cell_len(head + what)), "dim")))
    if len(card.tickets) > 9:
        lines.append(plain(_("and {n} more").format(n=len(card.tickets) - 9), "dim"))
    if not card.tickets and card.known:
        lines.append(plain(_("No open ticket."), "dim"))
    return [*lines, *(plain(line) for line in card.lines)]


class Stopwatch(Widget):
    """Time since the first key of an intake, of the minute it may take. Drawn anew by itself, nothing else is."""

    DEFAULT_CSS = "Stopwatch { width: 18; height: 1; content-align-horizontal: right; }"
    text: reactive[str] = reactive("", layout=False)

    def __init__(self, now: Callable[[], datetime], goal: int = 60) -> None:
        super().__init__()
        self.now, self.goal = now, goal
        self.started_at: datetime | None = None
        self._timer: Any = None

    def start(self, at: datetime | None = None) -> None:
        """From now, or from ``at`` where a draft was taken up; a running watch goes on."""
        if self.started_at is None:
            self.started_at = at or self.now()
            self._timer = self.set_interval(1, self._tick)
            self._tick()

    def stop(self) -> None:
        """An intake is over."""
        if self._timer is not None:
            self._timer.stop()
        self.started_at = self._timer = None
        self.text = ""

    def _tick(self) -> None:
        assert self.started_at is not None
        gone = max(0, int((self.now() - self.started_at).total_seconds()))
        words = f"{_clock(gone)} / {_clock(self.goal)}"
        # The colour is never alone: a word says that the minute is over.
        self.text = _("{time} over").format(time=words) if gone > self.goal else words

    def render(self) -> RenderResult:
        over = self.started_at is not None and (self.now() - self.started_at).total_seconds() > self.goal
        return plain(self.text, "bold $text-warning" if over else "bold")


def _clock(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02d}"
