"""Running the command line in the test's own process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from desk.cli import run_cli


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left: its exit code, result and talk."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


def runner(db: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """A function that runs ``desk …`` on ``db`` as 李静, unless the words say otherwise."""

    def run(line: str, *more: str, code: int | None = 0, as_: str | None = "李静") -> Ran:
        capsys.readouterr()
        words = [*line.split(), *more, "--db", str(db)]
        words += ["--as", as_] if as_ else []
        words += [] if "--lang" in words else ["--lang", "en"]
        ran = Ran(run_cli(words), *capsys.readouterr())
        assert code is None or ran.code == code, ran
        return ran

    return run


INIT = (
    "init --name 阳光花园 --language zh --staff 李静:agent,supervisor --staff 王师傅:technician --staff 赵工:工程主管 "
    "--staff 陈经理:manager"
)


def founded(folder: Path, capsys: pytest.CaptureFixture[str], manual: str = "work-orders") -> Run:
    """A new estate under ``manual``, set up by the command line on 2 March 2026 at seven."""
    run = runner(folder / "desk.db", capsys)
    run(f"{INIT} --rulebook {manual} --at 2026-03-02T07:00", as_=None)
    return run
