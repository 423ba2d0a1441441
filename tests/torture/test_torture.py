"""The trials of ``make torture`` in small: nothing acknowledged is lost, nothing half-written, every fault has its words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.torture import trials
from tests.torture.trials import Tally

SMALL: dict[str, Callable[[], Tally]] = {
    "clock": lambda: trials.clock(8),
    "random bytes": lambda: trials.random_bytes(6),
    "power cut": lambda: trials.power_cut(6),
    "killed at a write": lambda: trials.at_every_write(2, first=40, step=60),
    "disk full": lambda: trials.at_every_write(1, "error=ENOSPC", "disk full from the write no. N", first=70),
    "killed": lambda: trials.killed(20),
    "together": lambda: trials.together(2, 5),
}


@pytest.mark.parametrize("name", SMALL)
def test_nothing_acknowledged_is_lost(name: str) -> None:
    tally = SMALL[name]()
    print(tally)  # noqa: T201 - seen with pytest -s
    if tally.skipped:
        pytest.skip(tally.skipped)
    assert tally.held, str(tally)
    assert tally.acknowledged > 0 or tally.heard
