"""Lines that can't be taken over: the line, the reason, and a file of them to put right and import again."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from desk.errors import Refusal
from desk.i18n import N_, _

REASONS: Final[Mapping[str, str]] = {
    "quotes": N_("The quotation marks don't match."),
    "too_long": N_("A cell is longer than {most} characters."),
    "no_room": N_("The room is missing."),
    "no_name": N_("The name is missing."),
    "name_long": N_("The name is longer than {most} characters."),
    "room_long": N_("The room is longer than {most} characters."),
    "formula": N_("“{text}” is a formula, not a text."),
    "phone": N_("“{text}” is no telephone number."),
    "phones": N_("There are more than {most} telephone numbers."),
    "role": N_("“{text}” is not owner, tenant or family."),
    "kind": N_("“{text}” is not home, shop or public area."),
    "date": N_("“{text}” is no date."),
    "no_what": N_("It does not say what the matter is."),
    "no_number": N_("The number is missing."),
    "no_time": N_("The time of opening is missing."),
    "time": N_("“{text}” is no time."),
    "order": N_("It ended ({end}) before it was opened ({start})."),
    "status": N_("The status “{text}” is not in the mapping."),
    "channel": N_("The channel “{text}” is not in the mapping."),
}
"""Why a line is rejected, by code."""

# What a spreadsheet would run as a formula, also after blanks and in full width.
_FORMULA: Final = re.compile(r"[\s']*[=+\-@\uff1d\uff0b\uff0d\uff20]|\s*\t")


@dataclass(frozen=True, slots=True)
class Reject:
    """A line not taken over: its number in the file, why (a code of :data:`REASONS`), and what stood there."""

    line: int
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    cells: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """One sentence in the language in force."""
        return _(REASONS[self.code]).format(**self.params)


def write_rejects(path: Path, headings: Sequence[str], rejects: Iterable[Reject]) -> None:
    """Write rejected lines as CSV that a spreadsheet opens well: line, reason, and the cells as they were.

    Corrected, the file can be imported again. Raises :class:`Refusal` ``import.not_written``.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([_("Line"), _("Reason"), *map(harmless, headings)])
    for reject in rejects:
        writer.writerow([reject.line, harmless(reject.reason), *map(harmless, reject.cells)])
    try:
        path.write_bytes(out.getvalue().encode("utf-8-sig", "replace"))
    except OSError as error:
        raise Refusal("import.not_written", file=str(path), error=error.strerror or str(error)) from None


def harmless(cell: str) -> str:
    """The cell, marked as text where a spreadsheet would take it for a formula; :func:`unmarked` takes it off."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unmarked(cell: str) -> str:
    """The cell without the mark :func:`harmless` put there."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell
