"""A free note in the duty log: what happened and belongs to no ticket (S0-23)."""

from __future__ import annotations

from uuid import UUID

from desk.i18n import N_
from desk.ledger import Doing, Entry, Ledger
from desk.models import Subject, new_id
from desk.procedures.verbs import Param, Values, Verb


def _note(entry: Entry, row: Subject, values: Values) -> None:
    facts = {"urgent": True} if values.get("urgent") else {}
    entry.on(row, "log.noted", sets={"status": "noted"}, facts=facts, words={"note": values["note"]})


def _new(ledger: Ledger, doing: Doing) -> UUID:
    return new_id()


VERBS = (
    Verb(
        "log",
        "log.noted",
        N_("Write in the log"),
        _note,
        subject="log",
        of=_new,
        params=(
            Param("note", "prose", N_("Note"), required=True),
            Param("urgent", "flag", N_("Whoever comes next must know")),
        ),
    ),
)
