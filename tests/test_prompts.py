"""Every kind of the shipped manuals has its card, in both languages, with as many lines in each."""

from __future__ import annotations

import re
import tomllib

import pytest

from desk import i18n, resources
from desk.prompts import card
from desk.rulebook import load
from desk.vocabulary import EVENTS


@pytest.mark.parametrize("manual", resources.names("prompts"))
def test_cards(manual: str) -> None:
    book = load(resources.path(f"rulebooks/{manual}.toml"))
    cards = tomllib.loads(resources.path(f"prompts/{manual}.toml").read_text("utf-8"))
    assert set(book.kinds) <= set(cards["intake"])
    assert {name for name, kind in book.kinds.items() if kind.closes != "by hand"} <= set(cards.get("callback", {}))
    assert set(cards["verb"]) <= {word.verb for word in EVENTS.values()}
    for place in cards.values():
        for lines in place.values():
            assert len(lines["zh"]) == len(lines["en"]) > 0
            assert set(lines.get("tips", ())) <= set(cards.get("tip", {}))


def test_every_standard_and_tip_of_the_reception_manual_has_its_card() -> None:
    text = resources.path("prompts/reception.toml").read_text("utf-8")
    told = {int(number) for number in re.findall(r"S1-(\d\d)", text)}
    assert set(range(3, 66)) | {1} <= told  # S1-02 is the list of matters itself


def test_language_chooses() -> None:
    book = load(resources.path("rulebooks/residential.toml"))
    i18n.install("en")
    assert "Ask" in card(book, "intake", "repair")[0]
    i18n.install("zh_CN")
    assert "问清" in card(book, "intake", "repair")[0]
    assert card(book, "intake", "nothing") == ()
