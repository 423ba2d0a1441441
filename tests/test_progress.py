"""How far something long has come, on the command line."""

from __future__ import annotations

import contextlib
import io
import threading

from desk.cli.progress import Progress


def test_what_takes_long_says_how_far_it_has_come() -> None:
    err = io.StringIO()
    with contextlib.redirect_stderr(err), Progress("Reckoning anew", quiet=0) as progress:
        progress.at(1, 2)
        progress.at(2, 2)
    lines = err.getvalue().splitlines()
    assert [line for line in lines if "of" in line] == ["Reckoning anew: 1 of 2", "Reckoning anew: 2 of 2"]


def test_what_is_quick_says_nothing_and_leaves_nothing_behind() -> None:
    err, threads = io.StringIO(), threading.active_count()
    with contextlib.redirect_stderr(err), Progress("Reading", quiet=3600) as progress:
        progress.at(1, 2)
    assert (err.getvalue(), progress._first.finished.is_set()) == ("", True)
    assert threading.active_count() <= threads + 1


def test_what_is_counted_nowhere_says_its_words_alone() -> None:
    err = io.StringIO()
    with contextlib.redirect_stderr(err), Progress("Reading", quiet=0) as progress:
        progress._first.join()
    assert err.getvalue() == "Reading\n"
