"""``desk export``: tickets, events or people as CSV, XLSX or JSON; nothing in them is a formula to a spreadsheet."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from desk import i18n
from desk.cli.call import Call
from desk.cli.files import harmless, write_whole
from desk.cli.shape import LOOK, command
from desk.cli.show import as_json, out, plain
from desk.errors import Refusal
from desk.i18n import N_, _, ngettext, pick
from desk.vocabulary import STATUSES

_PAGE = 1000

Row = Sequence[Any]

#: headings of the columns; of one export alone with its name before
_HEADS = {
    "number": N_("Number"),
    "kind": N_("Kind's word"),
    "kind_title": N_("Kind"),
    "status": N_("Status"),
    "opened_at": N_("Opened at"),
    "room": N_("Room"),
    "person": N_("Name"),
    "name": N_("Name"),
    "phone": N_("Telephone"),
    "phones": N_("Telephone"),
    "what": N_("Matter"),
    "place": N_("Place"),
    "owner": N_("Owner"),
    "assignee": N_("Assignee"),
    "urgent": N_("Urgent"),
    "emergency": N_("Emergency"),
    "paused": N_("Paused"),
    "urges": N_("Urges"),
    "due_at": N_("Due"),
    "role": N_("As what"),
    "note": N_("Note"),
    "seq": N_("No."),
    "happened_at": N_("Happened at"),
    "recorded_at": N_("Written down at"),
    "late": N_("Written up later"),
    "events.name": N_("Event's word"),
    "subject_type": N_("About"),
    "done_by": N_("Who did it"),
    "recorded_by": N_("Written down by"),
    "title": N_("What happened"),
    "facts": N_("Facts"),
    "words": N_("Words"),
}


def add(app: typer.Typer, name: str, about: str) -> None:
    """Add the command."""
    command(app, name, about, shares=LOOK)(export)


def export(
    call: Call,
    what: Annotated[str, typer.Argument(metavar="tickets|events|people|person", help=N_("What to write."))],
    to: Annotated[
        Path,
        typer.Option(
            "--to",
            metavar="FILE",
            help=N_("Where: a name ending in .csv, .xlsx or .json; of a person, .json or a folder."),
        ),
    ],
    who: Annotated[
        str | None,
        typer.Argument(metavar="NAME|PHONE|ID", help=N_("Of “person”: whose whole record; name, number or id.")),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help=N_("Only from this time or day on."))
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="TIME", help=N_("Only before this time, or up to the end of this day.")),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help=N_("With telephone numbers and names in full, where your duty allows it."))
    ] = False,
    force: Annotated[bool, typer.Option("--force", help=N_("Write over a file that is there."))] = False,
) -> None:
    """Export."""
    sources: dict[str, Callable[[Call, datetime | None, datetime | None], Iterator[Row]]] = {
        "tickets": _tickets,
        "events": _events,
        "people": _people,
    }
    writers = {".csv": _csv, ".xlsx": _xlsx, ".json": _json}
    if what not in (*sources, "person"):
        raise Refusal("value.choice", name="what", title=N_("What to write"), value=what, known=[*sources, "person"])
    if what == "person":
        from desk.cli.privacy import export_person

        if who is None:
            raise Refusal("export.whom")
        if to.is_file() and not force:
            raise Refusal("export.exists", file=str(to))
        call.allowed("export")
        call.sight(full=True)
        export_person(call, who, to)
        return
    writer = writers.get(to.suffix.lower())
    if writer is None:
        raise Refusal("export.format", file=str(to), known=list(writers))
    if to.exists() and not force:
        raise Refusal("export.exists", file=str(to))
    call.allowed("export")
    call.sight(full, files=True)
    rows = sources[what](call, call.since(since) if since else None, call.until(until) if until else None)
    if writer is not _json and i18n.language() != "en":
        rows = _read_by_people(what, rows)
    count = write_whole(to, lambda path: writer(path, rows))
    if full:
        to.chmod(0o600)
    if full or call.named:
        from desk.procedures import privacy

        privacy.exported(call.ledger, what, count, call.doing(), full=full)
    if call.json:
        as_json({"file": str(to), "rows": count})
        return
    out(
        ngettext("{count} row written to {file}.", "{count} rows written to {file}.", count).format(
            count=count, file=to
        )
    )


def _read_by_people(what: str, rows: Iterator[Row]) -> Iterator[Row]:
    """The same rows for whoever opens them in a spreadsheet: headings, words and times in their own language.

    In English they stand as programs read them; a JSON file is for programs in any language.
    """
    heads = list(next(rows))
    yield [_(_HEADS.get(f"{what}.{head}") or _HEADS.get(head, head)) for head in heads]
    for row in rows:
        yield [_in_words(head, cell) for head, cell in zip(heads, row, strict=True)]


def _in_words(head: str, cell: Any) -> Any:
    from desk.wording.values import value

    if isinstance(cell, bool) or head == "role":
        return value(head, cell)
    if head == "status":
        return _(STATUSES.get(str(cell), str(cell)))
    if head.endswith("_at") and cell:
        return f"{datetime.fromisoformat(str(cell)):%Y-%m-%d %H:%M:%S}"
    return cell


def _csv(path: Path, rows: Iterator[Row]) -> int:
    # the mark at the beginning is how Excel knows UTF-8
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        count = -1
        for row in rows:
            writer.writerow([harmless(cell) if cell is not None else "" for cell in row])
            count += 1
    return count


def _json(path: Path, rows: Iterator[Row]) -> int:
    heads = next(rows)
    count = 0
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for row in rows:
            file.write(",\n" if count else "\n")
            json.dump(dict(zip(heads, row, strict=True)), file, ensure_ascii=False)
            count += 1
        file.write("\n]\n")
    return count


def _xlsx(path: Path, rows: Iterator[Row]) -> int:
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    book = xlsxwriter.Workbook(str(path), options)
    sheet = book.add_worksheet()
    count = -1
    try:
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, int | float) and not isinstance(cell, bool):
                    sheet.write_number(line, column, cell)
                elif cell not in (None, ""):
                    sheet.write_string(line, column, harmless(str(cell))[:32767])
            count += 1
    finally:
        book.close()
    return count


def _tickets(call: Call, since: datetime | None, until: datetime | None) -> Iterator[Row]:
    from desk.queries.tickets import ticket_page

    columns = (
        "number kind status opened_at room person phone what place owner assignee urgent emergency paused urges due_at"
    ).split()
    yield [*columns[:2], "kind_title", *columns[2:]]
    after = None
    while True:
        with call.reading() as session:
            page = ticket_page(call.ledger, session, limit=_PAGE, after=after)
        for row in call.seen.over(page.rows):
            if (since is None or row.opened_at >= since) and (until is None or row.opened_at < until):
                cells = [plain(getattr(row, name), call.zone) for name in columns]
                yield [*cells[:2], pick(row.kind_title), *cells[2:]]
        if page.next is None or (since is not None and page.rows and page.rows[-1].opened_at < since):
            return
        after = page.next


def _events(call: Call, since: datetime | None, until: datetime | None) -> Iterator[Row]:
    from desk.queries.log import log_page

    columns = "seq happened_at recorded_at late name number subject_type done_by recorded_by".split()
    yield [*columns, "title", "facts", "words"]
    after = (since, -1) if since is not None else None
    while True:
        with call.reading() as session:
            page = log_page(call.ledger, session, oldest_first=True, limit=_PAGE, after=after)
        for row in call.seen.over(page.rows):
            if until is not None and row.happened_at >= until:
                return
            cells = [plain(getattr(row, name), call.zone) for name in columns]
            facts = json.dumps(plain({**row.sets, **row.facts}, call.zone), ensure_ascii=False)
            yield [*cells, _(row.title), facts, json.dumps(dict(row.words), ensure_ascii=False)]
        if page.next is None:
            return
        after = page.next


def _people(call: Call, since: datetime | None, until: datetime | None) -> Iterator[Row]:
    from desk.queries.reports import people

    yield "room role name phones note".split()
    after = None
    while True:
        with call.reading() as session:
            page = people(call.ledger, session, limit=_PAGE, after=after)
        for row in call.seen.over(page.rows):
            yield [row.room, row.role, row.name, " / ".join(row.phones), row.note]
        if page.next is None:
            return
        after = page.next
