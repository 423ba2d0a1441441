"""The wheel, installed into an empty environment away from the checkout, is the whole program."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from desk import __version__, resources

ROOT = Path(__file__).resolve().parent.parent

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("packaging")]


def run(*command: str | Path, cwd: Path, **env: str) -> str:
    """The standard output of ``command``; fails the test with all it said otherwise."""
    ran = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=os.environ | env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, f"{command} exits {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", out, ROOT, cwd=out)
    (built,) = out.glob("desk-*.whl")
    return built


def asked_for(name: str) -> dict[str, tuple[str, frozenset[str]]]:
    """What a list of requirements/ asks for on this machine, by name: the version, and the digests it may have."""
    text = (ROOT / "requirements" / name).read_text("utf-8").replace("\\\n", " ")
    found = {}
    for line in text.splitlines():
        first, *digests = line.split("--hash=")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        requirement = Requirement(first)
        if requirement.marker is None or requirement.marker.evaluate():
            (version,) = requirement.specifier
            found[requirement.name] = (version.version, frozenset(digest.strip() for digest in digests))
    return found


@pytest.fixture(scope="module")
def away(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing of the checkout in it, and an environment with the wheel and what it asks for.

    What it asks for was installed for these tests already, digests and all: each file is linked, compiled as it is.
    """
    folder = tmp_path_factory.mktemp("away")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    (site,) = (folder / "venv" / "lib").glob("python*/site-packages")
    for name in asked_for("run.txt"):
        for file in distribution(name).files or ():
            if ".." not in file.parts and (source := Path(str(file.locate()))).is_file():
                (site / file).parent.mkdir(parents=True, exist_ok=True)
                _link(source, site / file)
    python = folder / "venv" / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "--quiet")
    # The list is whole, which the check says again: nothing is to be worked out. What is run compiles itself.
    run(*pip, "install", "--no-deps", "--no-compile", "--no-index", wheel, cwd=folder)
    run(*pip, "check", cwd=folder)
    return folder


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # on another disk
        shutil.copy2(source, target)


def surroundings(folder: Path) -> dict[str, str]:
    """A user's first day: an empty home, and no word about language. What is run first is compiled for the next."""
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder / "data"), "DESK_LANG": "en"}
    return home | {"PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": ""}


def desk(away: Path, *arguments: str, **env: str) -> str:
    return run(away / "venv" / "bin" / "desk", *arguments, cwd=away, **surroundings(away) | env)


def test_wheel_carries_the_data_and_nothing_else(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    folders = {name.split("/")[0] for name in held}
    assert folders == {"desk", f"desk-{__version__}.dist-info"}
    data = resources.root()
    for file in data.rglob("*"):
        if file.is_file() and not file.name.startswith("."):
            assert f"desk/_data/{file.relative_to(data).as_posix()}" in held
    for file in (ROOT / "desk").rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts and "_data" not in file.parts:
            assert file.relative_to(ROOT).as_posix() in held
    assert "desk/locale/zh_CN/LC_MESSAGES/desk.mo" in held
    assert "desk/py.typed" in held


def test_what_is_asked_for_to_run_is_what_was_installed_for_the_tests() -> None:
    tried, asked = asked_for("dev.txt"), asked_for("run.txt")
    assert len(asked) > 20
    for name, (version, digests) in asked.items():
        assert digests, name
        assert tried[name] == (version, digests), name
        assert distribution(name).version == version, name


def test_it_finds_its_data_away_from_the_checkout(away: Path) -> None:
    probe = "from desk import resources as r; print(r.root(), *r.names('rulebooks'), *r.names('calendars'))"
    said = run(away / "venv" / "bin" / "python", "-c", probe, cwd=away, **surroundings(away)).split()
    assert said[0].startswith(str(away))
    assert said[1:] == [*resources.names("rulebooks"), *resources.names("calendars")]


def test_the_first_commands_of_a_new_user(away: Path) -> None:
    assert __version__ in desk(away, "--version")
    desk(away, "demo")
    english, chinese = desk(away, "due"), desk(away, "due", DESK_LANG="zh")
    assert english.strip()
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert english != chinese
