"""``desk rules check | diff``: what is wrong in a rulebook, and how two of them differ."""

from __future__ import annotations

import re
from datetime import UTC
from pathlib import Path
from typing import Annotated, Any

import typer

from desk import resources, rulebook
from desk.calendars import Calendar, load_calendar
from desk.cli.call import Call
from desk.cli.files import calendar_file, rulebook_file
from desk.cli.show import as_json, out, plain, say
from desk.i18n import N_, _, pick
from desk.rulebook import Rulebook
from desk.rulebook.checking import Checked
from desk.rulebook.findings import Finding

RULEBOOK = typer.Option("--rulebook", metavar="NAME|FILE", help=N_("One of ours by name, or a file."))
CALENDAR = typer.Option(
    "--calendar", metavar="NAME|FILE", help=N_("One of ours by name, or a file; else the rulebook's.")
)


def loaded(book: str, hours: str | None) -> tuple[Rulebook, Calendar]:
    """A rulebook by name or file with its calendar. Raises :class:`Refusal` as their readers do."""
    path = rulebook_file(book)
    found = rulebook.load(path, lambda name: base(path, name))
    return found, opening_hours(hours or found.calendar, path)


def opening_hours(name: str, beside: Path) -> Calendar:
    """The calendar a rulebook names, from beside it or ours."""
    return load_calendar(calendar_file(name, beside=beside), resources.path("calendars"))


def base(path: Path, name: str) -> Path | None:
    """The rulebook called ``name`` that the one at ``path`` extends."""
    beside, ours = path.with_name(f"{name}.toml"), resources.root() / "rulebooks" / f"{name}.toml"
    return next((each for each in (beside, ours) if each.exists() and each != path), None)


def check(
    call: Call,
    file: Annotated[str, typer.Argument(metavar="FILE", help=N_("The rulebook: a file, or one of ours by name."))],
    calendar: Annotated[str | None, CALENDAR] = None,
) -> None:
    """Every fault and every advice; exit code 1 where something can't be right."""
    from desk.rulebook.checking import check as look_through

    path = rulebook_file(file)
    checked = look_through(path, lambda name: base(path, name), lambda name: opening_hours(calendar or name, path))
    if call.json:
        as_json(_record(checked, path))
    else:
        _print(checked)
    if checked.wrong:
        raise typer.Exit(1)


def _record(checked: Checked, path: Path) -> dict[str, Any]:
    book = checked.book
    record: dict[str, Any] = {"rulebook": book.name if book else path.stem, "wrong": checked.wrong}
    if book is not None:
        record |= {
            "digest": book.digest,
            "calendar": checked.calendar.name if checked.calendar else book.calendar,
            "rules": len(book.rules),
            "guards": len(book.guards),
            "targets": len(book.targets),
            "kinds": list(book.kinds),
            "empty": sorted(name for name, text in book.figures.items() if not text),
        }
    return {**record, "findings": [_finding(each, checked) for each in checked.findings]}


def _finding(each: Finding, checked: Checked) -> dict[str, Any]:
    from desk.wording import findings

    params = each.about.params
    zone = checked.calendar.timezone if checked.calendar else UTC
    return {
        "severity": "error" if each.error else "advice",
        "code": each.about.code,
        "rule": each.rule,
        "rules": list(params.get("rules") or filter(None, [each.rule])),  # type: ignore[call-overload]
        "key": params.get("key"),
        "file": params.get("file"),
        "line": params.get("line"),
        "nearest": params.get("nearest"),
        "message": findings.told(each.about, zone),
        "advice": findings.advice(each.about),
    }


def _print(checked: Checked) -> None:
    from desk.wording import findings

    zone = checked.calendar.timezone if checked.calendar else UTC
    for each in checked.findings:
        what = _("error") if each.error else _("advice")
        place, told = findings.place(each.about), findings.told(each.about, zone)
        out(_("{label}: ").format(label=what) + (told if place in told else f"{place} {told}"))
        if advice := findings.advice(each.about):
            out(f"    {advice}")
    wrong = sum(each.error for each in checked.findings)
    book = checked.book
    if book is None or wrong:
        say(_("Faults: {n}. It cannot be adopted until they are mended.").format(n=wrong))
        return
    out(
        _(
            "{title}: rules {rules}, guards {guards}, targets {targets}, kinds of ticket {kinds}; nothing is wrong."
        ).format(
            title=pick(book.title),
            rules=len(book.rules),
            guards=len(book.guards),
            targets=len(book.targets),
            kinds=len(book.kinds),
        )
    )


_MANUAL = Annotated[
    str, typer.Argument(metavar="NAME|FILE", help=N_("One of ours, a file, “adopted”, or “adopted@2” for a version."))
]


def diff(call: Call, a: _MANUAL, b: _MANUAL) -> None:
    """Rules added and gone, limits, steps, settings, figures, kinds: how ``b`` differs from ``a``."""
    from desk.queries.adopted import differences
    from desk.wording.differences import sentences

    before, after = (_tables(call, each) for each in (a, b))
    found = differences(before, after)
    lines = sentences(found, before[0], after[0])
    if call.json:
        as_json([{**plain(each, UTC), "told": line} for each, line in zip(found, lines, strict=True)])
        return
    out("\n".join(lines) or _("Nothing differs."))


def _tables(call: Call, text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Rulebook and calendar as plain tables: of a name, a file, or as adopted."""
    if (version := _adopted(text)) is not None:
        from desk.queries.adopted import adopted

        with call.reading() as session:
            row = adopted(call.ledger, session, version or None)
        return dict(row.rulebook), dict(row.calendar)
    from desk.procedures.estate import read_manual

    book, hours, _name = read_manual(rulebook_file(text))
    return book, hours


def manual(call: Call, text: str, calendar: str | None) -> tuple[Rulebook, Calendar]:
    """A rulebook with the hours to reckon it by: those named, else the estate's own where it means the same ones."""
    if (version := _adopted(text)) is not None:
        with call.reading() as session:
            adopted = call.ledger.adopted(session, version or call.ledger.version)
        book, hours, beside = adopted.book, adopted.calendar, None
    else:
        path = rulebook_file(text)
        book, beside = rulebook.load(path, lambda name: base(path, name)), path
        same = book.calendar == call.ledger.book.calendar
        hours = call.ledger.calendar if same or calendar else opening_hours(book.calendar, path)
    if calendar:
        hours = load_calendar(calendar_file(calendar, beside=beside), resources.path("calendars"))
    return book, hours


def _adopted(text: str) -> int | None:
    """The version meant by ``adopted`` (0: the one in force) or ``adopted@2``; None for a name or a file."""
    found = re.fullmatch(r"adopted(?:@(\d{1,9}))?", text)
    return int(found[1] or 0) if found else None
