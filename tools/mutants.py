"""Turn one thing round at a time in what reckons, and say which changes no test notices.

    python tools/mutants.py desk/calendars/pauses.py          # every site
    python tools/mutants.py desk/rules.py --every 2 --skip 1  # the second of each two
    python tools/mutants.py desk/limits.py --only 41,57       # these sites again

What is turned round: each comparison, operator, whole number, ``and``/``or``, ``not``, truth value, condition (of an
``if``, a choice, a loop, a comprehension), choice of ``min``/``max`` and of ``bisect_left``/``bisect_right``. Each
mutant runs the quick tests of its module; what lives runs all of them. The working tree is copied first and is not
touched. What lives is explained in the developer's handbook, one by one, or gets a test.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.machinery
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
#: so many times as long as the tests take with nothing changed, and so many seconds, is an end that never comes
PATIENCE, LONGEST = 5, 600

_FILES = "tests/test_calendars_files.py"
_CASES = "tests/test_calendars_cases.py"
_IMPORT = "tests/test_calendars_import.py"
_SLOW = tuple(
    f"tests/test_calendars.py::test_{name}"
    for name in (
        "years_far_apart_in_any_order",
        "amounts_of_every_size_over_the_years",
        "far_starts_either_way",
        "what_lies_centuries_away_is_refused",
    )
)
_QUICK = ("tests/test_calendars.py", *(f"--deselect={name}" for name in _SLOW))
_RECKONED = ("tests/test_explain.py", "tests/test_limits.py", *_SLOW, "tests/test_calendars_properties.py")
#: of each module: what is run first, and what runs when that noticed nothing
TESTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "limits": (
        ("tests/test_limits.py",),
        ("tests/test_rulebook.py", "tests/test_rules.py", "tests/test_rules_manuals.py", "tests/test_explain.py"),
    ),
    "rules": (
        ("tests/test_rules.py", "tests/test_rules_follow.py"),
        ("tests/test_rules_manuals.py", "tests/test_replay.py", "tests/test_ledger.py", "tests/test_explain.py"),
    ),
    "cases": ((_CASES,), (*_QUICK,)),
    "reading": ((_FILES, _CASES), (_IMPORT, *_QUICK)),
    "statutory": ((_FILES, _IMPORT), (_CASES, *_QUICK)),
    "amounts": ((*_QUICK, "tests/test_limits.py", _FILES, _CASES), (_IMPORT, *_RECKONED, "tests/test_rulebook.py")),
    "explain": (("tests/test_explain.py", *_QUICK), (_FILES, *_RECKONED)),
    "": (_QUICK, (_FILES, _CASES, *_RECKONED)),
}

Mutant = tuple[int, str, str]
"""Line, what stood there, what stands there now."""

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_REVERSED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_NAMES = {"min": "max", "max": "min", "bisect_left": "bisect_right", "bisect_right": "bisect_left"}


def sites(tree: ast.AST) -> Iterator[tuple[ast.AST, Callable[[ast.AST], ast.AST]]]:
    """Every node that can be turned round, with how; annotations and decorators are none."""
    skipped = {id(part) for node in ast.walk(tree) for part in _unreckoned(node)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Compare):
            for place, op in enumerate(node.ops):
                if type(op) in _COMPARED:
                    yield node, _compare(place)
        elif isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in _REVERSED:
            yield node, _operator
        elif isinstance(node, ast.BoolOp):
            yield node, _either
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
            yield node, lambda found: found.operand  # type: ignore[attr-defined]
        elif isinstance(node, ast.Constant) and type(node.value) in (int, bool):
            yield node, _constant
        elif isinstance(node, ast.Name) and node.id in _NAMES and isinstance(node.ctx, ast.Load):
            yield node, _name
        if isinstance(node, ast.If | ast.IfExp | ast.While):
            yield node, _negate
        elif isinstance(node, ast.comprehension):
            for place in range(len(node.ifs)):
                yield node, _filter(place)


def _unreckoned(node: ast.AST) -> Iterator[ast.AST]:
    for name in ("annotation", "returns"):
        if isinstance(part := getattr(node, name, None), ast.AST):
            yield from ast.walk(part)
    for each in getattr(node, "decorator_list", ()):
        yield from ast.walk(each)


def _compare(place: int) -> Callable[[ast.AST], ast.AST]:
    def turn(node: ast.AST) -> ast.AST:
        assert isinstance(node, ast.Compare)
        node.ops[place] = _COMPARED[type(node.ops[place])]()
        return node

    return turn


def _filter(place: int) -> Callable[[ast.AST], ast.AST]:
    def turn(node: ast.AST) -> ast.AST:
        assert isinstance(node, ast.comprehension)
        node.ifs[place] = ast.UnaryOp(ast.Not(), node.ifs[place])
        return node

    return turn


def _operator(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.BinOp | ast.AugAssign)
    node.op = _REVERSED[type(node.op)]()
    return node


def _either(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.BoolOp)
    node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    return node


def _constant(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.Constant)
    value = node.value
    node.value = not value if isinstance(value, bool) else value + 1  # type: ignore[operator]
    return node


def _name(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.Name)
    node.id = _NAMES[node.id]
    return node


def _negate(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.If | ast.IfExp | ast.While)
    node.test = ast.UnaryOp(ast.Not(), node.test)
    return node


def mutated(source: str, number: int) -> tuple[ast.Module, Mutant]:
    """The module with its ``number``-th site turned round."""
    tree = ast.parse(source)
    node, turn = list(sites(tree))[number]
    line = getattr(node, "lineno", None) or node.target.lineno  # type: ignore[attr-defined]
    before = _shown(node)
    new = turn(copy.deepcopy(node))
    after = _shown(new)

    class Swap(ast.NodeTransformer):
        def visit(self, each: ast.AST) -> ast.AST:
            return new if each is node else super().generic_visit(each)

    Swap().visit(tree)
    return ast.fix_missing_locations(tree), (line, before, after)


def _shown(node: ast.AST) -> str:
    if isinstance(node, ast.If | ast.While):
        node = node.test
    if isinstance(node, ast.comprehension):
        return " if ".join(ast.unparse(test) for test in node.ifs)[:100]
    return ast.unparse(node)[:100]


def lives(module: Path, tree: ast.Module, tests: tuple[str, ...], longest: int) -> bool:
    """Whether these tests pass with the module so changed. Runs in a process of its own."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == 0
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(longest)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    plain = importlib.machinery.SourceFileLoader.get_code

    def get_code(self: importlib.machinery.SourceFileLoader, fullname: str) -> object:
        if Path(self.path).resolve() == module:
            return compile(tree, str(module), "exec")
        return plain(self, fullname)

    importlib.machinery.SourceFileLoader.get_code = get_code  # type: ignore[method-assign,assignment]
    import pytest

    os._exit(int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests])))


def main() -> int:
    about, _blank, more = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(description=about, epilog=more, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("module", help="the file to turn round")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only one of N sites")
    parser.add_argument("--skip", type=int, default=0, metavar="K", help="the first K are passed over")
    parser.add_argument("--only", default="", metavar="1,2", help="these sites alone, by number")
    given = parser.parse_args()
    path = Path(given.module).resolve().relative_to(ROOT)
    source = (ROOT / path).read_text(encoding="utf-8")
    count = len(list(sites(ast.parse(source))))
    chosen = range(given.skip, count, given.every)
    numbers = [int(each) for each in given.only.split(",")] if given.only else list(chosen)
    quick, rest = TESTS.get(path.stem, TESTS[""])
    with tempfile.TemporaryDirectory(prefix="desk-mutants-") as folder:
        here = Path(folder).resolve()
        for part in ("desk", "data", "tests", "benchmarks", "docs", "tools", "pyproject.toml"):
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, here / part)
            else:
                shutil.copy(ROOT / part, here / part)
        os.chdir(here)
        sys.path[:] = [str(here), *(each for each in sys.path if Path(each or ".").resolve() != ROOT)]
        # what every mutant needs and none changes is loaded once
        import hypothesis
        import pytest
        import sqlmodel

        assert all((hypothesis, pytest, sqlmodel))
        stages = []
        for tests in (quick, rest):
            begun = time.monotonic()
            # tests that fail of themselves would notice everything
            if not lives(here / path, ast.parse(source), tests, LONGEST):
                print(f"{path}: its tests fail as it stands", file=sys.stderr)
                return 1
            stages.append((tests, int(PATIENCE * (time.monotonic() - begun)) + 1))
        begun, living = time.monotonic(), 0
        for number in numbers:
            tree, (line, before, after) = mutated(source, number)
            if all(lives(here / path, tree, *each) for each in stages):
                living += 1
                print(f"{number:4} {path}:{line}: {before}  →  {after}", flush=True)
        minutes = (time.monotonic() - begun) / 60
        print(f"{path}: {len(numbers)} of {count} sites, {living} lived; {minutes:.1f} min", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
