"""Every parser of ours against what the worst of people might write: ``python -m tests.torture.parsers [EXAMPLES]``.

Random and spoilt texts and tables (hypothesis), what costs the square of its length, and a fuzzer that learns from the
paths it sees (atheris, where it is installed). A fault is anything but a result or a short, harmless sentence.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests import hostile
from tests.torture.trials import Tally

#: seconds of the processor that a few ten thousand characters may cost
SLOW = 1.0


def trials() -> Iterator[tuple[str, Callable[[Any], object], st.SearchStrategy[Any]]]:
    """Each parser with what it is given."""
    for name, read in hostile.TYPED.items():
        yield f"{name}, typed", read, hostile.texts
        yield f"{name}, long", partial(_in_time, read), hostile.long_texts
    for name, read in hostile.FILES.items():
        sound = hostile.seed_of(name)
        yield f"{name}, a file spoilt", read, hostile.spoilt_text(sound)
        yield f"{name}, a file of anything", read, hostile.texts | st.binary(max_size=400)
        yield f"{name}, a long file", partial(_in_time, read), _long(sound)
    for name, (read, plain) in hostile.TABLES.items():
        yield f"{name}, its table spoilt", partial(_in_time, read), hostile.spoilt(plain())


def _long(sound: str) -> st.SearchStrategy[str]:
    head, _line, _rest = sound.partition("\n")
    return st.builds(
        lambda before, text, between: before + text.replace("\n", between),
        st.sampled_from(["", f"{head}\n", sound, "a = ", 'a = "', "[", "[["]),
        hostile.long_texts,
        st.sampled_from(["\n", " "]),
    )


def _in_time(read: Callable[[Any], object], value: Any) -> None:
    taken = hostile.seconds(read, value)
    assert taken < SLOW, f"{taken:.1f} s"


def fuzzed(examples: int, only: str = "") -> Tally:
    """So many examples for each parser in each way."""
    tally = Tally("parsers, anything typed or in a file")
    for name, read, strategy in trials():
        if only not in name:
            continue

        try:
            _examples(partial(_told, tally, read), strategy, examples)
        except Exception as error:
            tally.unclear += 1
            told = "".join([*traceback.format_tb(error.__traceback__, limit=-4), f"{error!r}"[:500], "\n"])
            print(f"{name}:\n{told}{''.join(getattr(error, '__notes__', ()))[-800:]}", flush=True)  # noqa: T201
    return tally


def _told(tally: Tally, read: Callable[[Any], object], value: Any) -> None:
    tally.times += 1
    if (refusal := hostile.fair(read, value)) is not None:
        kind = refusal.code.partition(".")[0]
        tally.heard[kind] = tally.heard.get(kind, 0) + 1


def _examples(read: Callable[[Any], None], strategy: st.SearchStrategy[Any], examples: int) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(value=strategy)
    def one(value: Any) -> None:
        read(value)

    one()


def learning(seconds: int) -> Tally:
    """The same parsers under atheris for so long each, in a process of its own: it may end it."""
    tally = Tally("parsers, by a fuzzer that learns")
    if importlib.util.find_spec("atheris") is None:
        tally.skipped = "needs atheris (pip install atheris)"
        return tally
    for name in (*hostile.TYPED, *hostile.FILES):
        with tempfile.TemporaryDirectory(prefix="desk-atheris-") as folder:
            corpus = Path(folder) / "corpus"
            corpus.mkdir()
            with suppress(KeyError):
                (corpus / "sound").write_bytes(_sound(name))
            limits = [f"-max_total_time={seconds}", "-timeout=5", "-max_len=4000", "-rss_limit_mb=2000"]
            command = [sys.executable, "-m", "tests.torture.learn", name, *limits, str(corpus)]
            root = Path(__file__).parent.parent.parent
            ran = subprocess.run(command, capture_output=True, text=True, cwd=root, check=False, errors="replace")
        done = [word for word in ran.stderr.split("Done ")[-1].split() if word.isdigit()]
        tried = int(done[0]) if done and ran.returncode == 0 else 0
        tally.times += tried
        tally.heard[name] = tried
        if ran.returncode:
            tally.unclear += 1
            print(f"{name}:\n{ran.stdout[-1500:]}\n{ran.stderr[-2500:]}", flush=True)  # noqa: T201
    return tally


def _sound(name: str) -> bytes:
    if name != "workbook":
        return hostile.seed_of(name).encode()
    with tempfile.TemporaryDirectory(prefix="desk-hostile-") as folder:
        return hostile.workbook(Path(folder), hostile.seed_of("people sheet")).read_bytes()


def main() -> int:
    began = time.perf_counter()
    tally = fuzzed(int(sys.argv[1]) if sys.argv[1:] else 200, sys.argv[2] if sys.argv[2:] else "")
    print(tally, f"{time.perf_counter() - began:.0f} s")  # noqa: T201
    return 0 if tally.held else 1


if __name__ == "__main__":
    sys.exit(main())
