"""Beside the form: the caller's card, the prompts, and the deadlines that saving will open; the clock of the intake."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from rich.cells import cell_len
from textual.app import ComposeResult, RenderResult
from textual.containers import Container
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from desk.i18n import _
from desk.text import clean
from desk.widgets.text import cut, cut_content, dot, fill, plain


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
    """What is known of who calls; texts ready for the eye. Without a title there is nobody yet."""

    title: str = ""
    lines: tuple[str, ...] = ()
    #: numbered from 1
    tickets: tuple[OpenTicket, ...] = ()
    #: on record
    known: bool = True


@dataclass(frozen=True, slots=True)
class Coming:
    """A deadline that saving opens, or has opened; ``due_at`` None: not known yet."""

    due_at: datetime | None
    title: str
    by: str


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
            return cut_content(text, self.content_size.width or 200)
        if not title:
            return Content("\n").join(lines)
        bar = fill(clean(title), self.content_size.width) if self.barred else clean(title)
        style = "bold $primary on $panel" if self.barred else "bold $primary"
        return Content("\n").join([Content.styled(bar, style), *lines])


class Side(Container):
    """Card, prompts and what follows; ``show`` says a time in words."""

    def __init__(self, show: Callable[[datetime], str]) -> None:
        super().__init__(id="intake-side")
        self.show_time = show
        self.card, self.coming = Card(), tuple[Coming, ...]()
        self.stacked = False
        self.prompts, self.ring = tuple[str, ...](), tuple[str, ...]()
        self._card, self._prompts, self._coming = Section(), Section(), Section(id="intake-coming")

    def compose(self) -> ComposeResult:
        yield self._card
        yield self._prompts
        yield self._coming

    def on_mount(self) -> None:
        self.show_card(self.card)

    def stack(self, stacked: bool) -> None:
        """Under the form, where rows are few, or beside it."""
        self.stacked = stacked
        self._card.barred = self._prompts.barred = self._coming.flat = stacked
        self.show_card(self.card)
        self._show_prompts()
        self.show_coming(self.coming)

    def show_card(self, card: Card) -> None:
        """Who calls."""
        self.card = card
        if card.title:
            n = len(card.tickets)
            title = dot().join(filter(None, (card.title, _("{n} open").format(n=n) if n else "")))
            self._card.show(title, card_lines(card, self.show_time, self._card.content_size.width or 36))
        else:
            idle = (
                _("Nobody yet. Type part of who it is, in any order:"),
                _("room, name, pinyin initials, the last digits of the telephone."),
                _("Whoever is not on record is taken as typed."),
            )
            self._card.show(_("Caller"), [plain(line, "dim") for line in idle])

    def show_prompts(self, lines: Sequence[str]) -> None:
        """What to ask and say."""
        self.prompts = tuple(lines)
        self._show_prompts()

    def show_ring(self, lines: Sequence[str]) -> None:
        """Whom to ring for an emergency out of hours: before the prompts, or in their place where rows are few."""
        if tuple(lines) != self.ring:
            self.ring = tuple(lines)
            self._show_prompts()

    def _show_prompts(self) -> None:
        if not self.ring:
            self._prompts.show(_("Ask and say") if self.prompts else "", [plain(line) for line in self.prompts])
            return
        rest = () if self.stacked else self.prompts
        ring = [plain(line, "bold") for line in self.ring]
        self._prompts.show(_("Ring in this order"), [*ring, *(plain(line) for line in rest)])

    def show_coming(self, coming: Sequence[Coming]) -> None:
        """What saving will open."""
        self.coming = tuple(coming)
        self._coming.show(_("After saving") if coming else "", [self._deadline(each) for each in coming])

    def _deadline(self, coming: Coming) -> Content:
        at = self.show_time(coming.due_at) if coming.due_at else _("time open")
        by = "" if self.stacked else f" ({coming.by})"
        return Content.assemble((at, "bold"), " ", plain(coming.title), (by, "dim"))


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
        """From now, or as if from ``at`` where a draft was taken up; a running watch goes on."""
        if self.started_at is None:
            self.started_at = at or self.now()
            self._timer = self.set_interval(1, self.tick)
            self.tick()

    def stop(self) -> None:
        """An intake is over."""
        if self._timer is not None:
            self._timer.stop()
        self.started_at = self._timer = None
        self.text = ""

    @property
    def seconds(self) -> int:
        """Whole seconds since the first key."""
        return 0 if self.started_at is None else max(0, int((self.now() - self.started_at).total_seconds()))

    def tick(self) -> None:
        """Draw the time that has passed."""
        words = f"{_clock(self.seconds)} / {_clock(self.goal)}"
        # The colour is never alone: a word says that the minute is over.
        self.text = _("{time} over").format(time=words) if self.seconds > self.goal else words

    def render(self) -> RenderResult:
        return plain(self.text, "bold $text-warning" if self.seconds > self.goal else "bold")


def _clock(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02d}"
