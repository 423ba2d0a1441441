"""What every test shares: a home of its own, the English interface, and honest skips.

A test that needs something this machine may lack says so by a mark or fixture and is skipped with the reason;
where ``CI=true`` nothing of the kind may be lacking, and the skip is a failure.
"""

from __future__ import annotations

import gc
import inspect
import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

from desk import i18n
from tests import engines, postgres

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
IN_CI = os.environ.get("CI") == "true"


def _postgres() -> bool:
    debian = Path("/usr/lib/postgresql")
    return bool(shutil.which("initdb")) or any(debian.glob("*/bin/initdb"))


NEEDS: dict[str, tuple[Callable[[], bool], str]] = {
    "terminal": (lambda: shutil.which("tmux") is not None, "tmux is not installed"),
    "postgres": (_postgres, "no PostgreSQL server (initdb) is installed"),
}
"""By mark: whether this machine has what the test needs, and what to say where it has not."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    _own_surroundings()
    for mark, (present, reason) in NEEDS.items():
        if item.get_closest_marker(mark) and not present():
            pytest.skip(reason)
    if _on_postgresql(item.config) and (only := item.get_closest_marker("file_only")):
        pytest.skip(f"of a file only: {only.args[0]}")


def _own_surroundings() -> None:
    """No test reads or writes the estate of whoever runs it, nor depends on their language."""
    for name in [name for name in os.environ if name.startswith("DESK_")]:
        del os.environ[name]
    home = _Home.made or tempfile.mkdtemp(prefix="desk-home-")
    _Home.made = home
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        os.environ[name] = f"{home}/{name.lower()}"
    i18n.install("en")


class _Home:
    """Of this process, once a test has run in it. A fixture would be asked for by every test, a millisecond each."""

    made = ""


def pytest_sessionfinish() -> None:
    if _Home.made:
        shutil.rmtree(_Home.made, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None, None, None]:
    yield
    i18n.install("en")


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """What drives a program in a terminal hangs on how fast a busy machine paints: it may try twice, and says so."""
    if item.get_closest_marker("terminal") is None:
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, nextitem=nextitem, log=False)
    if any(report.failed for report in reports):
        first = next(report.longreprtext for report in reports if report.failed)
        why = next((line for line in first.splitlines() if line.startswith("E ")), first.strip().splitlines()[-1])
        item.warn(pytest.PytestWarning(f"{item.nodeid} failed once: {why}"))
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is loaded now stays to the end: let the collector of garbage not go through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


#: what is made once costs seconds, by the fixture that makes it: tests that share it keep to one worker, else each makes it
MADE_ONCE = ("socket_folder", "brought")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Groups keep to one worker and some mostly wait: they go first, for begun last they would be waited for.

    What is quick goes file by file, for to hand out tests one by one costs the quick ones more than to run them. Walks
    through the console, each dear, are handed out singly and last: they fill what is left of each worker's time.
    """
    if not config.pluginmanager.hasplugin("xdist"):
        return
    rank = {}
    for item in items:
        given = item.get_closest_marker("xdist_group") is not None
        group = None if given else _group(item)
        if group is None and not given and not _is_walk(item):
            rank[item], group = 1, item.nodeid.partition("::")[0]
        else:
            rank[item] = 0 if given or group else 2
        if group is not None:
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=rank.__getitem__)


def _is_walk(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.function)


def _group(item: pytest.Item) -> str | None:
    """What a test shares with others that is dear to make: a server, or what its module makes for its tests."""
    names = getattr(item, "fixturenames", ())
    for fixture in MADE_ONCE:
        if fixture in names or (fixture == "socket_folder" and _on_a_server(item)):
            return fixture
    made = item._fixtureinfo.name2fixturedefs if isinstance(item, pytest.Function) else {}
    if any(made[name][-1].scope == "module" for name in names if name in made):
        return item.nodeid.partition("::")[0]
    return None


def _on_a_server(item: pytest.Item) -> bool:
    return item.get_closest_marker("postgres") is not None


def pytest_addoption(parser: pytest.Parser) -> None:
    text = "the engine on which the tests' desks stand (tests/engines.py); everything else runs as ever"
    parser.addoption("--engine", choices=engines.NAMES, default=engines.NAMES[0], help=text)


@pytest.fixture(scope="session", autouse=True)
def _engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where the stores of tests stand: with ``--engine postgresql`` each worker has a server of its own."""
    if _on_postgresql(request.config):
        engines.use(engines.Databases(request.getfixturevalue("socket_folder")))
    elif "PYTEST_XDIST_WORKER" in os.environ:
        engines.use(engines.Files(tmp_path_factory.getbasetemp().parent / "founded"))


@pytest.fixture(autouse=True)
def _tidy_engine(_engine: None) -> Iterator[None]:
    engines.stores().keep()
    yield
    engines.stores().tidy()


def _on_postgresql(config: pytest.Config) -> bool:
    return bool(config.getoption("--engine") == "postgresql")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    # longrepr of a skip is (file, line, reason); an expected failure has none.
    if IN_CI and report.skipped and isinstance(report.longrepr, tuple) and _may_not_skip(item, report):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow here: {report.longrepr[2]}"
    return report


def _may_not_skip(item: pytest.Item, report: pytest.TestReport) -> bool:
    if _on_postgresql(item.config) and item.get_closest_marker("file_only"):
        return False
    fixtures = set(getattr(item, "fixturenames", ()))
    return (
        bool(fixtures & {"shared", "shared_real"})
        or any(item.get_closest_marker(mark) for mark in NEEDS)
        or "../shared" in str(report.longrepr)
    )


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared material beside the checkout: ``../shared``."""
    if not SHARED.is_dir():
        pytest.skip("../shared is not beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def shared_real(shared: Path) -> Path:
    """The folder of real registers: ``../shared/real``."""
    real = shared / "real"
    if not real.is_dir():
        pytest.skip("../shared/real is not beside this checkout")
    return real


@pytest.fixture(scope="session")
def socket_folder() -> Iterator[Path]:
    """The folder of a PostgreSQL server's socket; every test makes a database of its own on it."""
    with postgres.server() as folder:
        yield folder
