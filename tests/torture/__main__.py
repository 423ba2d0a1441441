"""``make torture``: every trial in full. Prints what was acknowledged, lost, damaged; exit code 1 if anything was."""

from __future__ import annotations

import sys
from collections.abc import Callable

from tests.torture import parsers, surroundings, trials
from tests.torture.trials import Tally

FULL: tuple[Callable[[], Tally], ...] = (
    lambda: parsers.fuzzed(300),
    lambda: parsers.learning(20_000),
    lambda: surroundings.texts_shown("en"),
    lambda: surroundings.texts_shown("zh_CN"),
    lambda: surroundings.resized(300),
    surroundings.pasted,
    lambda: surroundings.hung_up(30),
    lambda: trials.clock(300),
    lambda: trials.random_bytes(1000),
    lambda: trials.power_cut(1000, 60),
    lambda: trials.at_every_write(150),
    lambda: trials.at_every_write(30, "error=ENOSPC", "disk full from the write no. N", 5),
    lambda: trials.at_every_write(30, "error=EIO", "I/O error from the write no. N", 5),
    lambda: trials.at_every_write(15, "error=EIO", "I/O error from the fsync no. N", 3),
    lambda: trials.together(8, 250),
    lambda: trials.killed(50_000),
)


def main() -> int:
    held = True
    for trial in FULL:
        tally = trial()
        print(tally, flush=True)  # noqa: T201 - a table is what this is for
        held &= tally.held
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
