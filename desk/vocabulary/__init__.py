"""The words a rulebook may use: events, facts, duties, anchors, steps, counts, measures.

An unknown word in a rulebook is refused with the nearest one here. Titles are message ids; their Chinese is in the
catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from desk.vocabulary.duties import ANCHORS, COUNTS, DUTIES, MEASURES, SETTINGS, SHARES, STEPS
from desk.vocabulary.events import EVENTS, Word
from desk.vocabulary.facts import APART, FACTS, FIELDS, FactWord
from desk.vocabulary.states import ANSWERS, CHANNELS, LIVE, MATTERS, STATUSES, UNFINISHED, VISIT_STATUSES

__all__ = [
    "ANCHORS",
    "ANSWERS",
    "APART",
    "CHANNELS",
    "COUNTS",
    "DUTIES",
    "EVENTS",
    "FACTS",
    "FIELDS",
    "LIVE",
    "MATTERS",
    "MEASURES",
    "SETTINGS",
    "SHARES",
    "STATUSES",
    "STEPS",
    "UNFINISHED",
    "VISIT_STATUSES",
    "FactWord",
    "Word",
    "nearest",
]


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like ``word``, or None: for a refusal that helps."""
    found = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return found[0] if found else None
