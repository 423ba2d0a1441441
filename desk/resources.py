"""The one way to the files that travel with desk: rulebooks, calendars, prompts, the demonstration estate.

In a checkout they stand in ``data/`` at the root; in a wheel inside the package.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from desk.errors import Refusal

_PACKAGE = Path(__file__).parent


@cache
def root() -> Path:
    """The folder that holds ``rulebooks``, ``calendars``, ``prompts`` and ``demo``."""
    packed = _PACKAGE / "_data"
    return packed if packed.is_dir() else _PACKAGE.parent / "data"


def path(name: str) -> Path:
    """The file or folder ``name``, for example ``"rulebooks/residential.toml"``.

    Raises ``Refusal("resource.missing", name, folder)`` when this installation lacks it.
    """
    found = root() / name
    if not found.exists():
        raise Refusal("resource.missing", name=name, folder=str(root()))
    return found


def names(folder: str, suffix: str = ".toml") -> tuple[str, ...]:
    """The names, without ``suffix`` and in order, of the files in ``folder``: ``names("rulebooks")``."""
    return tuple(sorted(file.stem for file in path(folder).glob(f"*{suffix}")))
