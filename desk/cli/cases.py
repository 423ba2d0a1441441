"""``desk calendar verify``: the arithmetic held against a table of cases, ours or other projects'."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from desk import files, resources, wording
from desk.calendars import load_calendar
from desk.calendars.cases import Checked, check
from desk.cli.call import Call
from desk.cli.files import calendar_file
from desk.cli.show import as_json, out, table
from desk.errors import Refusal
from desk.i18n import N_, _

#: a table of cases is no larger
_MOST_BYTES = 64_000_000


def verify(
    call: Call,
    file: Annotated[Path, typer.Argument(metavar="CASES.json", help=N_("A list of cases."))],
    calendar: Annotated[
        str | None,
        typer.Option(
            "--calendar",
            metavar="NAME|FILE",
            help=N_("One of ours by name, or a file: for the cases that describe no calendar."),
        ),
    ] = None,
) -> None:
    """Every case reckoned and held against what it expects."""
    cases = _read(file)
    hours = load_calendar(calendar_file(calendar), resources.path("calendars")) if calendar else None
    found = [check(case, number, hours) for number, case in enumerate(cases, 1)]
    wrong = [each for each in found if each.agrees is False or (each.agrees is None and each.refusal is not None)]
    if call.json:
        as_json([_record(each, case) for each, case in zip(found, cases, strict=True)])
    else:
        if wrong:
            told = {each.id: case for each, case in zip(found, cases, strict=True)}
            table(
                [_("Case"), _("Asked"), _("Expected"), _("Found")],
                ((each.id, _asked(told[each.id]), each.expected or "—", _found(each)) for each in wrong),
            )
        out(
            _(
                "{n} cases: {agree} agree, {differ} differ, {refused} could not be reckoned, {open} expect nothing."
            ).format(
                n=len(found),
                agree=sum(each.agrees is True for each in found),
                differ=sum(each.agrees is False and each.refusal is None for each in found),
                refused=sum(each.refusal is not None and not each.agrees for each in found),
                open=sum(each.agrees is None and each.refusal is None for each in found),
            )
        )
    if wrong:
        raise typer.Exit(1)


def _read(file: Path) -> Sequence[Any]:
    """The cases of a file: a list, or the list under ``cases``. Raises :class:`Refusal` ``cases.unreadable``."""
    try:
        data = files.json_value(files.read_text(file, _MOST_BYTES))
    except OSError as fault:
        raise Refusal("cases.unreadable", file=file.name, reason=fault.strerror or str(fault)) from fault
    except ValueError as fault:
        raise Refusal("cases.unreadable", file=file.name, reason=str(fault)) from fault
    cases = data.get("cases") if isinstance(data, dict) else data
    if not isinstance(cases, list):
        raise Refusal("cases.unreadable", file=file.name, reason=_("it holds no list of cases"))
    return cases


def _record(each: Checked, case: object) -> dict[str, Any]:
    ident = case.get("id", each.id) if isinstance(case, dict) else each.id
    record: dict[str, Any] = {"id": ident, "due": _written(each.due) if each.due is not None else None}
    if each.refusal is not None:
        record["refused"] = wording.sentence(each.refusal)
    return record


def _asked(case: object) -> str:
    given = case if isinstance(case, dict) else {}
    return " ".join(str(given.get(key, "?")) for key in ("start", "add", "unit"))


def _found(each: Checked) -> str:
    if each.refusal is not None:
        return wording.sentence(each.refusal)
    return _written(each.due) if each.due is not None else "—"


def _written(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
