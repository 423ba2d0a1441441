"""What comes from the terminal: pastes whole, letters that come at once in one piece, all else as Textual reads it."""

from __future__ import annotations

import random

import pytest
from textual import events
from textual._xterm_parser import XTermParser

from desk.incoming import AT_ONCE, Letters, Reader

PASTE, END = "\x1b[200~", "\x1b[201~"
LONG = "厨房漏水" * AT_ONCE


def read(reader: XTermParser, *pieces: str) -> list[str]:
    """What is told of the pieces, in words: ``key:a``, ``paste:…``, ``letters:…``."""
    found = []
    for piece in pieces:
        for event in reader.feed(piece):
            match event:
                case Letters():
                    found.append(f"letters:{event.text}")
                case events.Paste():
                    found.append(f"paste:{event.text}")
                case events.Key():
                    found.append(f"key:{event.key}")
                case _:
                    found.append(type(event).__name__)
    return found


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("ab\r", ["key:a", "key:b", "key:enter"]),
        ("\x1bOR", ["key:f3"]),
        (LONG, [f"letters:{LONG}"]),
        (f"{LONG}\r{LONG}\x1bOR", [f"letters:{LONG}", "key:enter", f"letters:{LONG}", "key:f3"]),
        (f"\x1b[B{LONG}", ["key:down", f"letters:{LONG}"]),
        (f"{PASTE}ab{END}c", ["paste:ab", "key:c"]),
        (f"{PASTE}{LONG}\r\x13{END}", [f"paste:{LONG}\r\x13"]),
        # what stands in a paste presses no key, whatever it looks like
        (
            f"{PASTE}a\x1bOR\x1b[31m\x1b\x1b{LONG}\r\x13{END}\x1bOR",
            [f"paste:a\x1bOR\x1b[31m\x1b\x1b{LONG}\r\x13", "key:f3"],
        ),
        (f"{PASTE}a\x1b[20{END}b", ["paste:a\x1b[20", "key:b"]),
        (f"{PASTE}{END}", ["paste:"]),
    ],
)
def test_what_is_told(sent: str, told: list[str]) -> None:
    assert read(Reader(), sent) == told
    chance = random.Random(1)
    for _ in range(20):
        # a terminal's pieces end anywhere
        cuts = sorted(chance.sample(range(1, len(sent)), min(len(sent) - 1, 4)))
        pieces = [sent[a:b] for a, b in zip([0, *cuts], [*cuts, None], strict=True)]
        assert whole(read(Reader(), *pieces)) == whole(told), pieces


def whole(told: list[str]) -> list[str]:
    """Letters in one piece or several, or as keys: the same."""
    found: list[str] = []
    for each in told:
        letters = each.removeprefix("letters:") if each.startswith("letters:") else ""
        if each.startswith("key:") and (len(each) == 5 or ord(each[4]) > 127):
            letters = each[4:]
        if letters and found and found[-1].startswith("letters:"):
            found[-1] += letters
        else:
            found.append(f"letters:{letters}" if letters else each)
    return found


def test_letters_are_the_keys_they_would_have_been() -> None:
    text = "a1 漏-?" * AT_ONCE
    told = [key.key for key in Letters(text).as_keys()]
    assert told == [event.key for event in XTermParser().feed(text) if isinstance(event, events.Key)]
