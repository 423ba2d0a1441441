"""``make torture``: every trial in full. Prints what was acknowledged, lost, damaged; exit code 1 if anything was.

``python -m tests.torture killed clock`` runs those alone.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from tests.torture import keys, parsers, surroundings, trials
from tests.torture.trials import Tally

FULL: dict[str, tuple[Callable[[], Tally], ...]] = {
    "parsers": (lambda: parsers.fuzzed(300),),
    "learning": (lambda: parsers.learning(60),),
    "texts": (lambda: surroundings.texts_shown("en"), lambda: surroundings.texts_shown("zh_CN")),
    "resized": (lambda: surroundings.resized(300),),
    "pasted": (surroundings.pasted,),
    "keys": (lambda: keys.pressed(500),),
    "hung-up": (lambda: surroundings.hung_up(30),),
    "clock": (lambda: trials.clock(300),),
    "random-bytes": (lambda: trials.random_bytes(1000),),
    "power-cut": (lambda: trials.power_cut(1000, 60),),
    "every-write": (
        lambda: trials.at_every_write(2000),
        lambda: trials.at_every_write(200, "error=ENOSPC", "disk full from the write no. N", 9),
        lambda: trials.at_every_write(200, "error=EIO", "I/O error from the write no. N", 9),
        lambda: trials.at_every_write(100, "error=EIO", "I/O error from the fsync no. N"),
    ),
    "together": (lambda: trials.together(8, 250),),
    "killed": (lambda: trials.killed(50_000),),
}


def main(chosen: list[str]) -> int:
    held = True
    for trial in (trial for name, several in FULL.items() if not chosen or name in chosen for trial in several):
        began = time.monotonic()
        tally = trial()
        print(f"{tally}  {time.monotonic() - began:.0f} s", flush=True)  # noqa: T201 - a table is what this is for
        held &= tally.held
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
