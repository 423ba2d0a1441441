"""Where in its files a rulebook says something: file and line of a rule's key.

The TOML reader keeps no line numbers, so the files are looked over once more, line by line, when something is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*(?:"([^"]+)"|'([^']+)'|([A-Za-z0-9_-]+))\s*=\s*(.*)$""")
#: what is told apart by ``id``, not by its place
_ROWS = ("rule", "guard", "target", "responsible")


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, counted from 1; 0 where only the file is known."""

    file: str
    line: int = 0


@dataclass(slots=True)
class _Block:
    """One table of one file: where it begins, where each of its keys stands."""

    file: str
    line: int
    name: str
    id: str = ""
    keys: dict[str, int] = field(default_factory=dict)


class Places:
    """The places of everything a rulebook says; ``files`` begin with its own, then what it extends."""

    def __init__(self, files: Sequence[Path]) -> None:
        self.file = str(files[0]) if files else ""
        self._blocks = [block for file in files for block in _blocks(file)]

    def of(self, ident: str | None, key: str = "") -> Place:
        """Where ``ident`` (a rule, guard, target, or ``kind.repair``) says ``key``; without it, a key of the top.

        A dotted key (``where.kind``, ``figures.promptly``) is looked for whole, then by its parts.
        """
        first, _dot, rest = key.partition(".")
        wanted = [key, first] if ident else [key.rpartition(".")[2], rest.partition(".")[0], first]
        tables = ("", first, key.rpartition(".")[0])
        blocks = [block for block in self._blocks if (block.id == ident if ident else block.name in tables)]
        for name in filter(None, wanted):
            for block in blocks:
                if name in block.keys and (ident or block.name or name == first):
                    return Place(block.file, block.keys[name])
        for block in blocks:
            if block.name and (ident or first):
                return Place(block.file, block.line)
        return Place(self.file)


def _blocks(file: Path) -> list[_Block]:
    """The tables of a file, in order."""
    try:
        lines = file.read_bytes().decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    found = [_Block(str(file), 0, "")]
    for number, line in enumerate(lines, 1):
        if header := _HEADER.match(line):
            name = header[2].replace('"', "").replace(" ", "")
            found.append(_Block(str(file), number, name, "" if name in _ROWS else name))
        elif key := _KEY.match(line):
            block, name = found[-1], key[1] or key[2] or key[3]
            block.keys.setdefault(name, number)
            if name == "id" and block.name in _ROWS:
                block.id = key[4].partition("#")[0].strip().strip("\"'")
    return found
