"""What a check looked at and what it found, in parts that can be put together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

#: of one kind of trouble so many are named; the rest is counted
NAMED = 20


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong: a code of :mod:`desk.wording.troubles` and what its sentence needs."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Checked:
    """What was looked at and what was found."""

    troubles: list[Trouble] = field(default_factory=list)
    #: how many there are of each kind
    counts: dict[str, int] = field(default_factory=dict)
    events: int = 0
    words: int = 0
    matters: int = 0
    deadlines: int = 0
    #: head of each estate's chain, by its name: the last event's number and hash
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)
    #: whether only some matters were reckoned again
    sampled: bool = False

    @property
    def sound(self) -> bool:
        return not self.counts

    def add(self, code: str, **params: Any) -> None:
        self.counts[code] = self.counts.get(code, 0) + 1
        if self.counts[code] <= NAMED:
            self.troubles.append(Trouble(code, params))

    def take(self, part: Checked) -> None:
        """What was found in a further part; as if it had been looked at here."""
        named = dict(self.counts)
        for each in part.troubles:
            named[each.code] = named.get(each.code, 0) + 1
            if named[each.code] <= NAMED:
                self.troubles.append(each)
        for code, count in part.counts.items():
            self.counts[code] = self.counts.get(code, 0) + count
        self.events += part.events
        self.words += part.words
        self.matters += part.matters
        self.deadlines += part.deadlines
        self.heads.update(part.heads)
