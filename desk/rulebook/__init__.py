"""A rulebook: TOML in, frozen rules out. Everything unknown is refused by name, never half-loaded.

``data/rulebooks/*.toml`` hold the five manuals; an estate extends one, overriding by id. The wording of a refusal
(file, rule id, key, nearest valid word) is made at the edge from the parameters given here (design, section 4).

``parts`` is what a rulebook is once read, ``building`` checks and freezes it, ``reading`` takes it from files.
"""

from desk.rulebook.building import build
from desk.rulebook.parts import Guard, Kind, Opening, Raw, Responsible, Rule, Rulebook, Step, Target, Text, digest
from desk.rulebook.reading import extend, load, read

__all__ = [
    "Guard",
    "Kind",
    "Opening",
    "Raw",
    "Responsible",
    "Rule",
    "Rulebook",
    "Step",
    "Target",
    "Text",
    "build",
    "digest",
    "extend",
    "load",
    "read",
]
