"""What a check of the records found, in words: what is wrong and where."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from desk.i18n import N_, _, pick
from desk.text import clean, short_number
from desk.wording.spans import moment

SENTENCES: Mapping[str, str] = {
    "file": N_("The file itself is damaged: {detail}"),
    "schema.table": N_("The table “{table}” is missing."),
    "schema.column": N_("The column “{column}” of the table “{table}” is missing."),
    "schema.index": N_("The index “{index}” of the table “{table}” is missing: finding things may be slow."),
    "schema.trigger": N_("The lock that keeps entries from being changed is missing ({trigger})."),
    "reference": N_("{count} rows of “{table}” point with “{column}” at {id}, which is not in “{to}”."),
    "subject": N_("Entry {seq} is about {type} {id}, which is not there."),
    "chain.gap": N_("Entry {expected} is missing: entry {seq} comes in its place."),
    "chain.order": N_("Entry {seq} does not follow the entry before it."),
    "chain.event": N_("Entry {seq} is not as it was written."),
    "chain.head": N_("The last entry is {seq}, but {head} were written."),
    "word": N_("The words “{name}” of entry {seq} are not as they were written."),
    "word.missing": N_("{count} words that entries speak of are missing."),
    "sheet": N_("The handover sheet of {at} is not as it was signed."),
    "sheet.head": N_("The handover sheet of {at} names entry {seq} with another check code."),
    "rulebook": N_("The rules in force can't be read ({reason})."),
    "rulebook.version": N_("Entry {seq} goes by version {version} of the rules, which is not there."),
    "deadline.missing": N_("{number} should have the deadline “{rule}” (entry {seq}), and has not."),
    "deadline.differs": N_(
        "{number}: of the deadline “{rule}”, {field} is {was} and should be {should} (entry {seq})."
    ),
    "deadline.unfounded": N_("{number}: the deadline “{rule}” follows from nothing that was recorded."),
}

_FIELDS: Mapping[str, str] = {
    "starts_at": N_("the beginning"),
    "due_at": N_("the due time"),
    "warn_at": N_("the warning"),
    "met_at": N_("when it was met"),
    "cancelled_at": N_("when it was withdrawn"),
    "cancelled_why": N_("why it was withdrawn"),
    "open": N_("whether it is open"),
    "paused": N_("whether it is paused"),
    "level": N_("how many steps came up"),
    "fires_at": N_("when the next step comes up"),
    "by": N_("whose it is"),
    "staff_id": N_("whose it is"),
    "then": N_("what the step asks for"),
    "count": N_("how often it came up"),
}


def line(code: str, params: Mapping[str, Any], *, zone: tzinfo = UTC, now: datetime | None = None) -> str:
    """One sentence; times are shown in ``zone``."""
    said = {name: _shown(name, value, zone, now) for name, value in params.items()}
    if code.startswith("deadline."):
        said["number"] = said.get("number") or _("A matter without a number")
        if params.get("step"):
            said["rule"] = _("{rule}, step {step}").format(rule=said["rule"], step=said["step"])
    return _(SENTENCES[code]).format_map(said)


def _shown(name: str, value: Any, zone: tzinfo, now: datetime | None) -> str:
    if isinstance(value, datetime):
        return moment(value, zone, now, seconds=True)
    if value is None:
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "field":
        return _(_FIELDS.get(str(value), str(value)))
    if name == "number":
        return short_number(str(value)) if value else ""
    return clean(pick(value) if isinstance(value, Mapping) else str(value), 200)
