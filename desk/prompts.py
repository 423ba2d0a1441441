"""Prompt cards: what to ask and say, shown beside what is being done. Data per manual, in ``data/prompts``."""

from __future__ import annotations

import tomllib
from functools import cache

from desk import resources
from desk.i18n import language
from desk.rulebook import Rulebook


def card(book: Rulebook, place: str, name: str) -> tuple[str, ...]:
    """The lines of a card in the user's language.

    ``place`` is ``intake``, ``callback``, ``verb``, ``screen``, ``visit`` (what is going on with a visitor) or ``tip``.

    Empty where the manual has none. An estate's own rulebook names whose cards it uses by ``prompts``.
    """
    lines = _found(book, place, name)
    return tuple(lines["zh" if language().startswith("zh") else "en"]) if lines else ()


def tips(book: Rulebook, place: str, name: str) -> tuple[str, ...]:
    """The lines of the tips that go with a card, after it: postures, tea, handing things over (S1-61…S1-65)."""
    lines = _found(book, place, name) or {}
    return tuple(line for tip in lines.get("tips", ()) for line in card(book, "tip", tip))


def _found(book: Rulebook, place: str, name: str) -> dict[str, list[str]] | None:
    wanted = book.raw.get("prompts", book.name)
    for manual in [wanted] if isinstance(wanted, str) else wanted:
        lines = _cards(manual).get(place, {}).get(name)
        if lines:
            return lines
    return None


@cache
def _cards(manual: str) -> dict[str, dict[str, dict[str, list[str]]]]:
    if manual not in resources.names("prompts"):
        return {}
    return tomllib.loads(resources.path(f"prompts/{manual}.toml").read_text("utf-8"))
