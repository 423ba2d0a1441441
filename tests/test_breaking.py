"""Lines of Chinese: full, and none beginning with what closes or ending with what opens."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from rich.cells import cell_len
from textual.content import Content

from desk.breaking import CLOSING, OPENING, breaks, broken
from desk.widgets import wide

LINES = [
    ("属于别人的业务，请稍等", 14, ["属于别人的业", "务，请稍等"]),
    ("不说“不归我管”、“不知道”", 14, ["不说“不归我", "管”、“不知道”"]),
    ("12 中文一句话说得很长", 10, ["12 中文一", "句话说得很", "长"]),  # beside the number, not below it
    ("见 R-0302-001。", 12, ["见", "R-0302-001。"]),
    ("one two three", 7, ["one two", "three"]),
    ("甲乙 · 丙丁", 8, ["甲乙 ·", "丙丁"]),
    ("x" * 12, 5, ["xxxxx", "xxxxx", "xx"]),
    ("，，，，", 4, ["，，", "，，"]),
    ("", 5, []),
    ("   ", 5, []),
]


@pytest.mark.parametrize(("text", "width", "lines"), LINES)
def test_broken(text: str, width: int, lines: list[str]) -> None:
    assert broken(text, width) == lines


def test_nothing_is_lost_and_nothing_too_wide() -> None:
    chance = random.Random(7)
    letters = "客户等候接待abc 12-·" + CLOSING + OPENING
    for _ in range(400):
        text = "".join(chance.choice(letters) for _ in range(chance.randint(0, 60)))
        width = chance.randint(4, 30)
        places = [0, *breaks(text, width), len(text)]
        lines = [text[a:b] for a, b in pairwise(places)]
        assert "".join(lines) == text
        assert places == sorted(places)
        assert all(cell_len(line.rstrip()) <= width for line in lines)


def test_the_consoles_texts_are_broken_so() -> None:
    wide.install()  # as the console's screens do
    lines = Content("属于别人的业务，请稍等")._wrap_and_format(14)
    assert [line.content.plain for line in lines] == ["属于别人的业", "务，请稍等"]
