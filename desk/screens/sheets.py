"""A handover sheet as rows of a table: the same before it is signed, when it is taken over, and years later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from desk.errors import Refusal
from desk.i18n import N_, _, ngettext, pick
from desk.text import clean, short_number
from desk.vocabulary import EVENTS, STATUSES, STEPS
from desk.widgets.groups import GroupedTable, heading
from desk.widgets.table import Column, TableRow
from desk.widgets.text import dot

if TYPE_CHECKING:
    from sqlmodel import Session
    from textual.app import App

    from desk.ledger import Ledger
    from desk.queries.handovers import HandoverRow
    from desk.queries.sheets import Sheet
    from desk.screens.base import Shell

SECTIONS = {
    "notes": N_("Log notes"),
    "visits": N_("Visitors still here"),
    "messages": N_("Messages to pass on"),
    "open": N_("Open matters"),
    "overdue": N_("Overdue"),
    "promised": N_("Promised"),
    "callbacks": N_("Callbacks"),
    "drafts": N_("Drafts"),
}
#: the sections a manual without visitors has not
GUESTS = ("visits", "messages")
#: what a resident was promised
SORTS = {"promised": N_("Promised finish"), "reply": N_("Agreed reply time"), "appointment": N_("Appointment")}
_LONG = 300
#: cells of a line on paper
PAPER = 72


class SheetTable(GroupedTable):
    """A sheet. A row's data is what it is about, for :func:`open_marked`, or None."""

    ABOUT = N_(
        "Who is still here, what stands open, overdue, promised and to be called back. Enter opens the ticket or visit "
        "of the marked row."
    )

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        columns = [Column("at", _("Time"), 11), Column("number", _("Number"), 10), Column("what", _("What"))]
        super().__init__([*columns, Column("who", _("Who"), 12)], lines=2, id=id)


def sheet_rows(
    sheet: Sheet, kinds: Mapping[str, str], zone: ZoneInfo, now: datetime, prefix: str = ""
) -> list[TableRow]:
    """The sheet's rows under their headings; ``kinds`` gives titles, ``prefix`` sets apart the keys of two sheets."""
    about = {
        row["number"]: (kind, UUID(row[kind]))
        for part in ("visits", "messages", "open", "overdue", "promised", "callbacks")
        for row in sheet.snapshot.get(part, ())
        for kind in ("ticket", "visit")
        if row.get(kind)
    }
    found: list[TableRow] = []
    for section, title in SECTIONS.items():
        if section not in sheet.totals:
            continue  # a manual without visitors, or one that calls nobody back
        lines = list(_lines(section, sheet, kinds, zone, now))
        total = sheet.totals[section]
        found.append(heading(f"{prefix}{section}", f"{_(title)} ({total})"))
        for place, (at, number, what, who, style) in enumerate(lines):
            cells = (at, short_number(number), what, who)
            found.append(TableRow(f"{prefix}{section}{place}", cells, style, about.get(number or "")))
        if total > len(lines):
            more = _("… and {count} more").format(count=total - len(lines))
            found.append(TableRow(f"{prefix}{section}+", ("", "", more, ""), "dim"))
    return found


_Line = tuple[str, str | None, str, str, str]


def _lines(section: str, sheet: Sheet, kinds: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Iterator[_Line]:
    from desk.queries.sheet_visits import said_of
    from desk.wording import moment

    def at(moment_: datetime | None, *, until: bool = False) -> str:
        return moment(moment_, zone, now, until=until)[-11:] if moment_ is not None else ""

    if section == "notes":
        for note in sheet.notes:
            text = _("(forgotten)") if note.text is None else clean(note.text, _LONG)
            urgent = _("Know first: {text}").format(text=text) if note.urgent else text
            yield at(note.at), None, urgent, note.by, "bold" if note.urgent else ""
    elif section in GUESTS:
        for guest in sheet.visits if section == "visits" else sheet.messages:
            style = "bold" if guest.urgent else ""
            yield at(guest.came_at), guest.number, clean(dot().join(said_of(guest)), _LONG), guest.who, style
    elif section == "open":
        for line in sheet.open:
            flags = [_("Emergency") if line.emergency else _("Urgent") if line.urgent else ""]
            flags.append(_("Paused") if line.paused else _(STATUSES[line.status]))
            flags.append(_("Carried over") if line.carried else "")
            matter = _joined(kinds.get(line.kind, line.kind), line.room, clean(line.what, _LONG))
            style = "bold" if line.emergency or line.urgent else ""
            yield at(line.opened_at), line.number, dot().join(filter(None, (*flags, matter))), line.who, style
    elif section == "overdue":
        for row in sheet.overdue:
            step = _(STEPS[row.then][0]) if row.then in STEPS else ""
            title = _("{step}: {title}").format(step=step, title=pick(row.title)) if step else pick(row.title)
            count = f"×{row.count}" if row.count > 1 else ""
            yield at(row.due_at, until=True), row.number, _joined(title, count, clean(row.what, _LONG)), row.who, ""
    elif section == "promised":
        for promise in sheet.promised:
            matter = _joined(promise.room, clean(promise.what, _LONG))
            what = dot().join(filter(None, (_(SORTS[promise.sort]), matter)))
            yield at(promise.at, until=True), promise.number, what, "", ""
    elif section == "callbacks":
        for call in sheet.callbacks:
            tried = (
                ngettext("called once", "called {n} times", call.attempts).format(n=call.attempts)
                if call.attempts
                else ""
            )
            matter = _joined(call.room, clean(call.what, _LONG))
            yield at(call.opened_at), call.number, dot().join(filter(None, (matter, tried))), "", ""
    else:
        for draft in sheet.drafts:
            what = dot().join(filter(None, (_("a form begun and not saved"), _form_title(draft.form))))
            yield at(draft.updated_at), None, what, draft.who, "dim"


def _form_title(form: str) -> str:
    """What a draft's form is for, as far as its name says so: ``intake``, ``ticket:complete:<id>`` …"""
    from desk.actions import PLACES
    from desk.procedures import find_verb

    subject, _colon, rest = form.partition(":")
    if subject in PLACES:
        return _(PLACES[subject].title)
    try:
        return _(find_verb(rest.partition(":")[0], subject).title)
    except Refusal:
        return ""


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def done_words(sheet: Sheet) -> str:
    """What was done since they came, in one line."""
    return dot().join(f"{_(EVENTS[name].title)} {count}" for name, count in sheet.done.items() if name in EVENTS)


def span_words(name: str, since: datetime, until: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Whose sheet, from when to when."""
    from desk.wording import moment

    return _("{name}, from {since} to {at}").format(
        name=name, since=moment(since, zone, now), at=moment(until, zone, now)
    )


def kinds_of(ledger: Any) -> dict[str, str]:
    """Titles of the kinds, for :func:`sheet_rows`."""
    return {kind.id: pick(kind.title) for kind in ledger.book.kinds.values()}


def count_words(totals: Mapping[str, int]) -> str:
    """The totals in one line."""
    counted = (*GUESTS, "open", "overdue", "promised", "callbacks")
    return dot().join(f"{_(SECTIONS[name])} {totals[name]}" for name in counted if name in totals)


def open_marked(desk: Shell, data: tuple[str, UUID] | None) -> None:
    """Open what a row of a sheet is about: its ticket or its visit."""
    if data is not None:
        kind, ident = data
        (desk.open_visit if kind == "visit" else desk.open_ticket)(ident)


async def show_paper(
    desk: Shell, app: App[Any], sheet: Sheet, row: HandoverRow | None = None, notes: str | None = None
) -> None:
    """The sheet as it stands on paper, over whatever is shown: to read, file or print. ``row`` once it is signed."""
    from desk.screens.paper import PaperScreen

    def read(ledger: Ledger, session: Session) -> str:
        from desk.queries.handovers import sheet_text

        return sheet_text(ledger, sheet, row, notes=notes, width=PAPER)

    text = await desk.reading(read)
    app.push_screen(PaperScreen(text.rstrip("\n"), f"handover-{sheet.at.astimezone(desk.zone):%Y%m%d-%H%M}.txt"))
