"""Turn one thing round at a time in what reckons, and say which changes no test notices.

    python tools/mutants.py desk/calendars/pauses.py          # every site
    python tools/mutants.py desk/rules.py --every 2 --skip 1  # the second of each two
    python tools/mutants.py desk/limits.py --only 41,57       # these sites again

What is turned round: each comparison, operator, whole number, ``and``/``or``, ``not``, truth value, condition (of an
``if``, a choice, a loop, a comprehension), choice of ``min``/``max`` and of ``bisect_left``/``bisect_right``. The
tests are collected once; for each mutant a fork exchanges the code of the function it lies in and runs those that go
through this function, what noticed its neighbours first. What was already gone through while the tests were loaded
runs the first tests of the module once more in a fresh process, if it lived. The working tree is copied first and is
not touched. What lives is explained in the developer's handbook, one by one, or gets a test.
"""

from __future__ import annotations

import argparse
import ast
import copy
import functools
import importlib.machinery
import inspect
import itertools
import os
import pickle
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
import types
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parent.parent
#: so many times as long as a test takes with nothing changed, and so many seconds more, is an end that never comes
PATIENCE, GRACE = 10, 5
#: bytes one mutant may take: a loop turned round may gather without end
ROOM = 4 << 30

_CALENDARS = ("tests/test_calendars.py", "tests/test_calendars_cases.py", "tests/test_calendars_files.py")
_RULES = tuple(f"tests/test_rules{part}.py" for part in ("", "_follow"))
_MANUALS = tuple(f"tests/test_rules_{name}.py" for name in ("manuals", "service_centre", "serviced_apartment"))
#: of each module: what runs first, also in a fresh process, and what runs besides. Tables, not the properties and whole
#: stores that would notice too: what only chance or a long way round notices is to have a row of its own
TESTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "limits": (("tests/test_limits.py", "tests/test_rulebook.py"), (*_RULES, *_MANUALS)),
    "rules": (_RULES, (*_MANUALS, "tests/test_replay.py")),
    "following": ((*_RULES, "tests/test_following.py"), (*_MANUALS, "tests/test_replay.py")),
    "conditions": (("tests/test_conditions.py", *_RULES), ("tests/test_rulebook.py", *_MANUALS)),
    "reading": (_CALENDARS, ("tests/test_calendars_import.py",)),
    "statutory": (_CALENDARS, ("tests/test_calendars_import.py",)),
    "": (_CALENDARS, ("tests/test_limits.py",)),
}

#: what becomes of a mutant; unsure is what was already gone through, as it stood, when the tests were loaded
NOTICED, LIVES, UNSURE = "noticed", "lives", "unsure"

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


def statement(source: str, number: int) -> set[int]:
    """The lines of the statement, without what is nested in it, in which the ``number``-th site lies."""
    tree = ast.parse(source)
    node, _turn = list(sites(tree))[number]
    found: ast.stmt | None = None
    for each in ast.walk(tree):  # outer ones come first
        if isinstance(each, ast.stmt) and any(part is node for part in ast.walk(each)):
            found = each
    assert found is not None
    inner = getattr(found, "body", None) or getattr(found, "cases", None)
    if not inner or not found.end_lineno:
        return set(range(found.lineno, (found.end_lineno or found.lineno) + 1))
    last = max((part.end_lineno or 0 for part in ast.iter_child_nodes(found) if isinstance(part, ast.expr)), default=0)
    return set(range(found.lineno, max(last, found.lineno) + 1))


def _shown(node: ast.AST) -> str:
    if isinstance(node, ast.If | ast.While):
        node = node.test
    if isinstance(node, ast.comprehension):
        return " if ".join(ast.unparse(test) for test in node.ifs)[:100]
    return ast.unparse(node)[:100]


def functions(code: types.CodeType) -> dict[str, types.CodeType]:
    """The outermost functions of a module by their full names; methods are such, what lies within them is not."""
    found: dict[str, types.CodeType] = {}
    for part in code.co_consts:
        if isinstance(part, types.CodeType):
            if part.co_flags & inspect.CO_OPTIMIZED:
                found[part.co_qualname] = part
            else:  # the body of a class
                found |= functions(part)
    return found


def _objects(names: Mapping[str, object], path: str) -> Iterator[object]:
    """Everything in a namespace, its classes and its wrappers that may be or hold a function of the file."""
    for each in list(names.values()):
        if inspect.isclass(each) and getattr(sys.modules.get(each.__module__), "__file__", None) == path:
            yield from _objects(vars(each), path)
        while each is not None:
            yield each
            inner = (getattr(each, name, None) for name in ("__wrapped__", "__func__", "fget"))
            each = next((one for one in inner if one is not None), None)


def exchange(path: str, name: str, code: types.CodeType) -> bool:
    """Give the function of that name, in the module loaded from ``path``, other code; whether it was found."""
    done = False
    for module in [each for each in sys.modules.values() if getattr(each, "__file__", None) == path]:
        for each in _objects(vars(module), path):
            if isinstance(each, types.FunctionType) and each.__code__.co_filename == path:
                if each.__code__.co_qualname == name:
                    each.__code__ = code
                    done = True
            elif isinstance(each, functools._lru_cache_wrapper):  # what was remembered came from the other code
                each.cache_clear()
    return done


class Session:
    """A plugin: the tests are collected, and then run over and over, in a fork for each mutant."""

    def __init__(self, path: Path, source: str, numbers: Sequence[int], out: IO[bytes]) -> None:
        self.path, self.source, self.numbers, self.out = str(path), source, numbers, out
        self.took: list[float] = []
        self.lines: list[set[int]] = []
        #: lines of functions that were gone through while the tests were loaded
        self.loaded: set[int] = set()
        self.kills: Counter[tuple[str, int]] = Counter()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        sys.settrace(None)
        self.session, self.items = session, session.items
        failed, self.took, self.lines = self._in_fork(self._traced, 600)
        if failed is not None:
            self._say(("failed", self.items[failed].nodeid))
            return True
        plain = functions(compile(ast.parse(self.source), self.path, "exec"))
        every = {line for lines in self.lines for line in lines}
        for name, code in plain.items():  # the same code again must live, or living and dying would mean nothing
            within = {line for *_span, line in code.co_lines() if line is not None}
            if within & every:
                if self._fate({name: code}, within) == NOTICED:
                    self._say(("failed", f"the code of {name}, exchanged for itself,"))
                    return True
                break
        for number in self.numbers:
            tree, _mutant = mutated(self.source, number)
            lines = statement(self.source, number)
            changed = {
                name: code for name, code in functions(compile(tree, self.path, "exec")).items() if code != plain[name]
            }
            self._say((number, self._fate(changed, lines) if changed else UNSURE))
        return True

    def _say(self, what: object) -> None:
        pickle.dump(what, self.out)
        self.out.flush()

    def _in_fork(self, run: Callable[[], object], seconds: float) -> Any:
        """What a fork comes to; None from one that was ended."""
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            os.close(reader)
            resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))
            signal.alarm(int(seconds))
            with os.fdopen(writer, "wb") as out:
                pickle.dump(run(), out)
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as said:
            found = said.read()
        return pickle.loads(found) if os.waitpid(child, 0)[1] == 0 else None

    def _run(self, places: Sequence[int]) -> int | None:
        """The first of these tests that fails."""
        failed = self.session.testsfailed
        for place, following in itertools.zip_longest(places, places[1:]):
            # processor time, because others may need the machine
            signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE * self.took[place] + GRACE if self.took else 0)
            item, after = self.items[place], None if following is None else self.items[following]
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if self.session.testsfailed > failed:
                return int(place)
        return None

    def _traced(self) -> tuple[int | None, list[float], list[set[int]]]:
        """Which test fails as it stands, how long each takes and which lines it goes through."""
        lines: set[int] = set()
        took, seen = [], []
        self.trace(lines)
        for place in range(len(self.items)):
            begun = time.process_time()
            if self._run([place]) is not None:
                return place, [], []
            took.append(time.process_time() - begun)
            seen.append(set(lines))
            lines.clear()
        return None, took, seen

    def trace(self, lines: set[int]) -> None:
        """Write down, from now on, which lines of the module's functions are gone through."""

        def line(frame: types.FrameType, event: str, arg: object) -> Any:
            lines.add(frame.f_lineno)
            return line

        def call(frame: types.FrameType, event: str, arg: object) -> Any:
            code = frame.f_code
            if code.co_filename != self.path or not code.co_flags & inspect.CO_OPTIMIZED:
                return None
            lines.add(frame.f_lineno)
            return line

        sys.settrace(call)
        threading.settrace(call)

    def _fate(self, changed: dict[str, types.CodeType], at: set[int]) -> str:
        ((name, code),) = changed.items()
        if not any(lines & at for lines in self.lines):  # "while True" leaves no trace
            at = {line for *_span, line in code.co_lines() if line is not None}
        places = [place for place, lines in enumerate(self.lines) if lines & at]
        places.sort(key=lambda place: (-self.kills[name, place], self.took[place]))

        def run() -> int | None:
            return self._run(places) if exchange(self.path, name, code) else None

        allowed = 20 * sum(self.took[place] for place in places) + 60
        found = self._in_fork(lambda: (run(),), allowed)
        if found is None:  # it never came to an end
            return NOTICED
        if found[0] is not None:
            self.kills[name, found[0]] += 1
            return NOTICED
        return UNSURE if self.loaded & at else LIVES


def _silent() -> None:
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)


def _pytest(*more: str, plugins: Sequence[object] = ()) -> int:
    import pytest

    # the folder of the tests' files is emptied by each that begins: they run one after another
    return int(pytest.main(["-x", "-q", "--tb=no", "-p", "no:cacheprovider", "--basetemp=tmp", *more], plugins))


def noticed(module: Path, source: str, numbers: Sequence[int], tests: tuple[str, ...]) -> Iterator[tuple[Any, Any]]:
    """Of each mutant what became of it; or which test fails as it stands."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        _silent()
        with os.fdopen(writer, "wb") as out:
            session = Session(module, source, numbers, out)
            session.trace(session.loaded)
            _pytest(*tests, plugins=[session])
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as said:
        while True:
            try:
                yield pickle.load(said)
            except EOFError:
                break
    os.waitpid(child, 0)


def lives(module: Path, tree: ast.Module, tests: tuple[str, ...], longest: int) -> bool:
    """Whether these tests pass with the module so changed from its loading on. Runs in a process of its own."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == 0
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(longest)
    resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))
    _silent()
    plain = importlib.machinery.SourceFileLoader.get_code

    def get_code(self: importlib.machinery.SourceFileLoader, fullname: str) -> object:
        if Path(self.path).resolve() == module:
            return compile(tree, str(module), "exec")
        return plain(self, fullname)

    importlib.machinery.SourceFileLoader.get_code = get_code  # type: ignore[method-assign,assignment]
    os._exit(_pytest(*tests))


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
        begun, living = time.monotonic(), 0
        longest = int(20 * _seconds(lambda: lives(here / path, ast.parse(source), quick, 600))) + 60
        unsure = []
        for number, fate in noticed(here / path, source, numbers, (*quick, *rest)):
            if number == "failed":
                print(f"{path}: {fate} fails as it stands", file=sys.stderr)
                return 1
            if fate == LIVES:
                living += 1
                _tell(path, source, number)
            elif fate == UNSURE:
                unsure.append(number)
        for number in unsure:
            if lives(here / path, mutated(source, number)[0], quick, longest):
                living += 1
                _tell(path, source, number)
        minutes = (time.monotonic() - begun) / 60
        print(f"{path}: {len(numbers)} of {count} sites, {living} lived; {minutes:.1f} min", flush=True)
    return 0


def _tell(path: Path, source: str, number: int) -> None:
    line, before, after = mutated(source, number)[1]
    print(f"{number:4} {path}:{line}: {before}  →  {after}", flush=True)


def _seconds(run: Callable[[], object]) -> float:
    begun = time.monotonic()
    run()
    return time.monotonic() - begun


if __name__ == "__main__":
    sys.exit(main())
