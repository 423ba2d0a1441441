"""What is typed as text, read as what the vocabulary says it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from desk.errors import Refusal
from desk.text import narrow
from desk.vocabulary import FACTS, nearest

_YES = {"yes", "y", "true", "1", "good", "是", "好", "对", "有"}
_NO = {"no", "n", "false", "0", "bad", "否", "不", "没有", "没"}


def yes_or_no(name: str, text: str) -> bool:
    """``yes`` or ``no``, in either language. Raises :class:`Refusal` ``value.flag``."""
    word = narrow(text).strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Refusal("value.flag", name=name, title=name, value=text)


def answers(given: Iterable[str]) -> dict[str, bool]:
    """``repaired=yes`` … as the callback takes them; a name alone is a yes."""
    found = {}
    for each in given:
        name, equals, text = narrow(each).partition("=")
        found[name.strip()] = yes_or_no(name, text) if equals else True
    return found


def pairs(given: Iterable[str] | None) -> dict[str, str]:
    """``key=value`` …. Raises :class:`Refusal` ``cli.pair``."""
    found = {}
    for each in given or ():
        name, equals, text = each.partition("=")
        if not equals or not name.strip():
            raise Refusal("cli.pair", text=each)
        found[name.strip().replace("-", "_")] = text.strip()
    return found


def typed(name: str, text: str, time: Callable[[str], datetime]) -> Any:
    """A fact's value: true, false, a number, a time, its own words. Raises ``Refusal``: ``cli.fact``, ``value.*``."""
    word = FACTS.get(name)
    if word is None:
        raise Refusal("cli.fact", name=name, nearest=nearest(name, FACTS))
    if word.type == "flag":
        return yes_or_no(name, text)
    if word.type == "number":
        try:
            return float(text) if "." in text else int(text)
        except ValueError:
            raise Refusal("value.number", name=name, title=word.title, value=text) from None
    if word.type == "time":
        return time(text)
    if word.values and text not in word.values:
        known, close = list(word.values), nearest(text, word.values)
        raise Refusal("value.choice", name=name, title=word.title, value=text, known=known, nearest=close)
    return text
