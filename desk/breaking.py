"""Where a text may be broken into lines: Chinese between any two characters, but no line begins with what closes.

Rich, whose breaks Textual takes over, knows blanks only: a Chinese sentence is one word to it, put on a line of its own
and then cut anywhere, so that lines stay half empty and begin with "、" or "，". For screens and for paper.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from rich.cells import cell_len

#: no line begins with these
CLOSING: Final = "，。、；：！？）】》〉」』〕”’％…～,.;:!?)]}%·"
#: no line ends with these
OPENING: Final = "（【《〈「『〔“‘([{"

_CLOSE, _OPEN = re.escape(CLOSING), re.escape(OPENING)
_WIDE: Final = "\u2e80-\uffdc\U00020000-\U0003ffff"
# what is never broken: what opens, one wide character or a run of narrow ones, what closes, the blanks behind; and the
# dot between two parts of a line stays with the first
_UNIT: Final = re.compile(rf"[{_OPEN}]*(?:[{_WIDE}]|[^\s{_OPEN}{_WIDE}]+)?[{_CLOSE}]*(?:\s+[·|](?=\s))?\s*")


def breaks(text: str, width: int) -> list[int]:
    """The offsets in ``text``, a single line, at which to begin new ones so that none is wider than ``width`` cells."""
    found: list[int] = []
    used = 0
    for start, unit in _units(text):
        length = cell_len(unit.rstrip())
        if used + length <= width:
            used += cell_len(unit)
            continue
        if start:
            found.append(start)
        used = 0
        for place, character in enumerate(unit):  # wider than a whole line: cut where it must be
            size = cell_len(character)
            if used and used + size > width and not unit[place:].isspace():
                found.append(start + place)
                used = 0
            used += size
    return found


def _units(text: str) -> Iterator[tuple[int, str]]:
    place = 0
    while place < len(text):
        match = _UNIT.match(text, place)
        end = match.end() if match is not None and match.end() > place else place + 1
        yield place, text[place:end]
        place = end


def broken(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` cells, without the blanks at which they were broken."""
    places = [0, *breaks(text, width), len(text)]
    return [text[a:b].rstrip() for a, b in pairwise(places) if text[a:b].strip()]
