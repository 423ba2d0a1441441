"""The status line every screen carries: where, when, who; what is overdue and what is due next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from rich.cells import cell_len
from textual.app import ComposeResult, RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from desk.i18n import N_, _
from desk.text import clean
from desk.widgets.text import cut, dot, plain

_WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


@dataclass(frozen=True, slots=True)
class Next:
    """The next thing due: ``due_at`` aware, UTC; texts ready to be shown."""

    due_at: datetime
    #: the clock's time in the estate's zone: ``10:29``
    at: str
    what: str


@dataclass(frozen=True, slots=True)
class Status:
    """What the line shows. Texts come ready for the eye, times in the estate's zone; None: not known yet."""

    estate: str = ""
    season: str = ""
    shift: str = ""
    who: str = ""
    overdue: int | None = None
    soon: int | None = None
    next: Next | None = None
    #: said instead of the counts, such as that the records are being opened
    note: str = ""


def day_words(at: datetime) -> str:
    """Date and weekday of a local time, as :func:`desk.wording.day` says them, which costs too much to load here."""
    return _("{month}-{day} {weekday}").format(
        month=f"{at.month:02d}", day=f"{at.day:02d}", weekday=_(_WEEKDAYS[at.weekday()])
    )


class Countdown(Widget):
    """Time left to the next thing due. The only part that is drawn anew each second."""

    DEFAULT_CSS = "Countdown { width: auto; height: 1; min-width: 8; }"
    text: reactive[str] = reactive("", layout=False)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.due_at: datetime | None = None

    def tick(self, now: datetime) -> None:
        """Draw the time left at ``now`` (aware)."""
        if self.due_at is None:
            self.text = ""
            return
        from desk.wording.spans import left  # loaded by then, with the records

        self.text = left(self.due_at, now)
        if cell_len(self.text) > self.size.width > 0:  # hours take more room than minutes
            self.refresh(layout=True)

    def get_content_width(self, *_sizes: object) -> int:
        # A width that holds still: a layout each second would disturb who is typing.
        return max(cell_len(_("{time} left").format(time="00:00")), cell_len(self.text)) if self.due_at else 0

    def render(self) -> RenderResult:
        return plain(self.text, "bold")


class Part(Widget):
    """A stretch of the status line."""

    DEFAULT_CSS = "Part { height: 1; width: auto; }"
    content: reactive[Content] = reactive(Content(""), layout=True)

    def render(self) -> RenderResult:
        return self.content


class StatusLine(Widget):
    """One line where the screen is wide, two where it is not: nothing is left out."""

    DEFAULT_CSS = """
    StatusLine { height: 1; layout: horizontal; background: $panel; color: $foreground; padding: 0 1; }
    StatusLine #where { width: 1fr; }
    StatusLine.-narrow { height: 2; layout: grid; grid-size: 2 2; grid-columns: 1fr auto; grid-rows: 1 1; }
    StatusLine.-narrow #where { column-span: 2; width: 100%; }
    StatusLine.-narrow #due { width: 100%; }
    """
    #: columns from which everything fits on one line
    WIDE = 110

    @dataclass
    class _Shown:
        status: Status = field(default_factory=Status)
        now: datetime | None = None

    def __init__(self) -> None:
        # known before anything is styled, which would else be done twice
        super().__init__(classes="-narrow" if self.app.size.width < self.WIDE else "")
        self._shown = self._Shown()

    def compose(self) -> ComposeResult:
        yield Part(id="where")
        yield Part(id="due")
        yield Countdown()

    def show(self, status: Status, local: datetime) -> None:
        """Draw ``status`` at ``local``, the present in the estate's zone."""
        self._shown = self._Shown(status, local)
        self._draw()

    def on_mount(self) -> None:
        self._draw()

    def on_resize(self) -> None:
        self.set_class(self.app.size.width < self.WIDE, "-narrow")
        self._draw()

    def _draw(self) -> None:
        status, now = self._shown.status, self._shown.now
        countdown = next(iter(self.query(Countdown)), None)
        if countdown is None:  # not composed yet
            return
        countdown.due_at = status.next.due_at if status.next else None
        parts = [status.estate]
        if now is not None:
            parts.append(f"{day_words(now)} {now:%H:%M}")
        parts += [status.season, " ".join(filter(None, (status.shift, status.who)))]
        where = plain(clean(dot().join(filter(None, parts))), "bold")
        if now is not None:
            countdown.tick(now)
        room = self.size.width - 2 - countdown.get_content_width()
        self.query_one("#where", Part).content = where
        self.query_one("#due", Part).content = self._due(
            status, room if self.has_class("-narrow") else room - where.cell_length - 2
        )
        countdown.refresh(layout=True)

    def _due(self, status: Status, room: int) -> Content:
        if status.note:
            return plain(status.note)
        if status.overdue is None:
            return Content("")
        spans: list[Content] = [
            plain(_("Overdue {n}").format(n=status.overdue), "bold $text-error" if status.overdue else ""),
            plain(_("Within the hour {n}").format(n=status.soon or 0), "bold $text-warning" if status.soon else ""),
        ]
        text = Content(dot()).join(spans)
        if status.next is not None:
            coming = _("Next {at} {what}").format(at=status.next.at, what=clean(status.next.what))
            text += Content(f"{dot()}{cut(coming, max(12, room - text.cell_length - 4))} ")
        return text
