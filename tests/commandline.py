"""The command line for tests, in process: an estate's desk worked by what is typed, on a store in a file.

``line = CommandLine(tmp_path / "desk.db")``, ``line("ticket", "claim", number, as_="王强", at="2026-03-02 10:03")``, or
as it is typed, ``run = founded(tmp_path)``, ``run("ticket claim R-0302-001 --at 10:03", as_="王强")``: every call is one
run of ``desk`` with its exit code, its records and its talk.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desk.cli import run_cli


@dataclass(frozen=True)
class Answer:
    """What one command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def record(self) -> Any:
        """The output read as JSON."""
        return json.loads(self.out)


@dataclass
class CommandLine:
    """A store, who sits at it (``as_``) and what o'clock it is (``at``, a day and a time of day)."""

    db: Path
    as_: str = ""
    day: str = ""
    lang: str = "en"
    #: every command typed, for the message of a failed assertion
    typed: list[str] = field(default_factory=list)

    def run(self, *words: str) -> Answer:
        """One command with just these words."""
        out, err = io.StringIO(), io.StringIO()
        self.typed.append(" ".join(words))
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run_cli(words)
        return Answer(code, out.getvalue(), err.getvalue())

    def __call__(
        self, *words: str, at: str | None = None, as_: str | None = None, expect: int = 0, **options: Any
    ) -> Answer:
        """A command with the store, the person and the time added; ``expect`` is its exit code.

        Options are written ``why="…"`` for ``--why …``, True for a switch, a list for one given several times; a
        time of day alone is of :attr:`day`.
        """
        more = ["--db", str(self.db), "--lang", self.lang]
        acts = words[0] not in ("init", "due", "export", "rules", "calendar") and words[:2] not in _LOOKS
        if acts and (who := as_ or self.as_):
            more += ["--as", who]
        if at is not None:
            more += ["--at", self.moment(at)]
        return self._expected(self.run(*words, *more, *_options(options)), expect)

    def line(self, text: str, *more: str, as_: str | None = "", code: int | None = 0) -> Answer:
        """A line as it is typed, split at blanks; ``more`` are words that hold blanks.

        ``as_`` None names nobody; ``code`` is its exit code, None for any.
        """
        words = [*text.split(), *more, "--db", str(self.db)]
        words += ["--as", who] if (who := self.as_ if as_ == "" else as_) else []
        words += [] if "--lang" in words else ["--lang", self.lang]
        return self._expected(self.run(*words), code)

    def _expected(self, answer: Answer, code: int | None) -> Answer:
        told = f"desk {self.typed[-1]}\n→ {answer.code}\n{answer.out}{answer.err}"
        assert "Traceback" not in answer.out + answer.err, told
        assert code is None or answer.code == code, told
        return answer

    def moment(self, at: str) -> str:
        """A time of day on :attr:`day`, or a moment said whole."""
        return f"{self.day} {at}" if len(at) <= len("08:30:00") else at

    # -- what a day is made of -------------------------------------------------------------------------------

    def open(self, kind: str, at: str, as_: str | None = None, **values: Any) -> str:
        """Take a matter down and return its number."""
        return str(self("ticket", "open", kind, at=at, as_=as_, json=True, **values).record["number"])

    def do(self, verb: str, number: str, at: str, as_: str | None = None, expect: int = 0, **values: Any) -> Answer:
        """A verb on a ticket."""
        return self("ticket", verb, number, at=at, as_=as_, expect=expect, **values)

    def due(self, at: str, number: str | None = None) -> dict[str, tuple[str | None, str, int]]:
        """The board at a moment: by rule when it is due, its state and its level. Of one ticket, else without one.

        A step that a miss has opened stands as ``rule/1``, a further one as ``rule/2``. Due times are a time of day
        on :attr:`day`, else month, day and time.
        """
        board: dict[str, tuple[str | None, str, int]] = {}
        for row in self("due", at=at, json=True, limit=10000).record:
            if row["number"] == number:
                seen = sum(1 for name in board if name.partition("/")[0] == row["rule"])
                name = f"{row['rule']}/{seen}" if seen else row["rule"]
                board[name] = (self.local(row["due_at"]), row["state"], row["level"])
        return board

    def local(self, at: str | None) -> str | None:
        """``2026-03-02T10:05:00+08:00`` as ``10:05`` on that day, as ``03-04 10:05`` on another."""
        if at is None:
            return None
        return at[11:16] if at.startswith(self.day) else f"{at[5:10]} {at[11:16]}"

    def show(self, number: str, at: str) -> Any:
        """Everything about one ticket."""
        return self("ticket", "show", number, at=at, json=True).record

    def refused(self, verb: str, number: str, at: str) -> str | None:
        """Why a verb may not be done now; None where it may. A verb the page does not offer is a KeyError."""
        states = {state["verb"]: state["refused"] for state in self.show(number, at)["verbs"]}
        reason: str | None = states[verb]
        return reason


_LOOKS = (
    ("ticket", "show"),
    ("ticket", "list"),
    ("handover", "list"),
    ("handover", "show"),
    ("roster", "show"),
)


def _options(given: Mapping[str, Any]) -> list[str]:
    words: list[str] = []
    for name, value in given.items():
        option = f"--{name.rstrip('_').replace('_', '-')}"
        if value is True:
            words.append(option)
        elif value is False:
            words.append(option.replace("--", "--no-", 1))
        else:
            for each in value if isinstance(value, list) else [value]:
                words += [option, str(each)]
    return words


#: runs ``desk …`` as it is typed
Run = Callable[..., Answer]

_INIT = (
    "init --name 阳光花园 --language zh --staff 李静:agent,supervisor --staff 王师傅:technician --staff 赵工:工程主管 "
    "--staff 陈经理:manager"
)


def runner(db: Path) -> Run:
    """``desk …`` on ``db`` as 李静, unless the line says otherwise."""
    return CommandLine(db, as_="李静").line


#: what the command line sets up, by manual: the others of a kind are copies of the first
_FOUNDED: dict[str, bytes] = {}


def founded(folder: Path, manual: str = "work-orders") -> Run:
    """A new estate under ``manual``, set up by the command line on 2 March 2026 at seven."""
    path = folder / "desk.db"
    run = runner(path)
    if manual in _FOUNDED:
        path.touch(0o600)
        path.write_bytes(_FOUNDED[manual])
    else:
        run(f"{_INIT} --rulebook {manual} --at 2026-03-02T07:00", as_=None)
        _FOUNDED[manual] = path.read_bytes()
    return run
