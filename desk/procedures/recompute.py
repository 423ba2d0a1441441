"""Open deadlines reckoned anew by the rules in force, because somebody said so.

What is open keeps the rules it was opened under (design, section 1). Told to, the desk lets every matter with an open
deadline go by the newest rules from now on: an event on each says so, in the name of whoever decided it.
"""

from __future__ import annotations

from dataclasses import dataclass

from desk.errors import Refusal
from desk.ledger import Act, Doing, Ledger
from desk.ledger.deadlines import version_of
from desk.queries.changed import Change, Progress, Ref, changes, open_roots
from desk.text import clean

#: matters reckoned in one transaction: other counters get their turn in between
_BATCH = 100


@dataclass(frozen=True, slots=True)
class Recomputed:
    """The version everything open goes by now, how many matters that concerned, and what moved."""

    version: int
    matters: int
    changes: tuple[Change, ...]


def recompute(ledger: Ledger, doing: Doing, reason: str, progress: Progress = lambda done, of: None) -> Recomputed:
    """Reckon every open deadline of an older version anew.

    Done in parts, each whole or not at all; what another counter has done meanwhile is left as it is. ``progress``
    is told how many matters of how many are reckoned.

    Raises :class:`Refusal` ``recompute.none`` where all go by the rules in force, ``adopt.no_reason``.
    """
    why = clean(reason, 200)
    if not why:
        raise Refusal("adopt.no_reason")
    ledger.refresh()
    with ledger.store.read() as session:
        roots = [
            root
            for root in open_roots(ledger, session)
            if (version_of(session, ledger.estate_id, root) or ledger.version) != ledger.version
        ]
        if not roots:
            raise Refusal("recompute.none")
    found: list[Change] = []
    for start in range(0, len(roots), _BATCH):
        found += _part(ledger, doing, why, roots[start : start + _BATCH])
        progress(min(start + _BATCH, len(roots)), len(roots))
    return Recomputed(ledger.version, len(roots), tuple(found))


def _part(ledger: Ledger, doing: Doing, why: str, roots: list[Ref]) -> list[Change]:
    with ledger.write(doing) as entry:
        found = changes(ledger, entry.session, ledger.book, ledger.calendar, doing.happened_at, roots)
        for root in roots:
            entry.record(Act("rulebook.applied", root, words={"reason": why}))
    return found
