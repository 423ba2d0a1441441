"""Everything of ours that reads what others wrote, and what the worst of them might write.

Shared by ``tests/test_hostile.py`` (small) and ``tests/torture/parsers.py`` (in full, and with a fuzzer that learns).
A parser takes text or plain data and gives something or raises :class:`Refusal`; the sentence made of it must be short
and harmless. Anything else is a fault.
"""

from __future__ import annotations

import json
import math
import tempfile
import time
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from desk import i18n, pinyin, resources, rulebook, text, when, wording
from desk.calendars import Amount, Calendar, Statutory, statutory_years
from desk.calendars.cases import check as check_case
from desk.calendars.reading import read_toml
from desk.calendars.statutory import read_year
from desk.cli import typing as typed
from desk.errors import Refusal
from desk.importing import people_lines, register
from desk.importing.mapping import read_mapping
from desk.importing.rejects import harmless, unmarked
from desk.importing.table import read_table
from desk.ledger.adopted import make_adopted
from desk.limits import parse_limit
from desk.queries import finding
from desk.recurrence import occurrences
from desk.rulebook import checking
from desk.rulebook.changing import with_value

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
LATER = datetime(2026, 3, 9, 2, tzinfo=UTC)
MAPPING = resources.path("imports/stlouis-csb-2012.toml")

#: what no terminal may get from a text: control characters, and marks that turn the direction of writing
FORBIDDEN = {
    *map(chr, range(0x20)),
    *map(chr, range(0x7F, 0xA0)),
    *"\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
} - {"\n"}

#: pieces that have broken programs; a text is some of them, or anything at all
PIECES = (
    *"\"'`,;:|=+-@#./\\()[]{}<>%$&*~^_ \t\n\r\0",
    *"\x07\x08\x1b\x7f\x85\x9b\u200b\u200d\u202e\u2028\ufeff\ufffe\ud800\U0010ffff",
    *"０９：。，？／（）＝＠年月日号点时分半周星期明今昨后前早晚上下午个小钟头栋单元室零十两",
    *("\x1b[31m", "\x1b]0;x\x07", "[/b]", "{0.__class__}", "%s", "${x}", "=cmd|'/c'!A1", "\r\n", '""', "'''", '"""'),
    *(
        "tomorrow",
        "next",
        "mon",
        "am",
        "pm",
        "in",
        "ago",
        "h",
        "min",
        "d",
        "working",
        "days",
        "before",
        "after",
        "end of",
    ),
    *(
        "@appointment",
        "$promptly",
        "24:00",
        "9999-12-31",
        "0001-01-01T00:00",
        "2026-02-30",
        "+30",
        "-1",
        "1e999",
        "NaN",
    ),
    *(
        "9" * 25,
        "0" * 25,
        "१२३",
        "٣",
        "ß",
        "İ",
        "ﬃ",
        "e\u0301" * 5,
        "👩‍👩‍👧‍👦",
        "张伟",
        "zhang",
        "3-2-501",
        "138****2211",
    ),
)
piece = st.sampled_from(PIECES)
texts = st.lists(piece | st.text(max_size=4), max_size=30).map("".join)
#: one piece again and again: what costs the square of its length shows
long_texts = st.builds(lambda a, b, n: (a + b) * n, piece, piece | st.just(""), st.integers(200, 3000))

scalars = (
    st.sampled_from(
        [None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**18, 10**300, 1e308, math.inf, math.nan, ""]
    )
    | texts
    | st.sampled_from([date(2026, 3, 2), datetime(2026, 3, 2, 9), datetime.max, datetime.min])  # noqa: DTZ001, DTZ901
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=6
)


@contextmanager
def file(content: str | bytes, name: str) -> Iterator[Path]:
    """``content`` in a file of that name."""
    with tempfile.TemporaryDirectory(prefix="desk-hostile-") as folder:
        path = Path(folder) / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
        yield path


def fair(read: Callable[[Any], object], given: Any) -> Refusal | None:
    """Read it: it is read, or refused in a sentence a terminal and a person can take."""
    try:
        read(given)
    except Refusal as refused:
        found = refused
    else:
        return None
    said = wording.sentence(found)
    assert said, found
    assert not said.startswith("This can't be done"), found
    assert len(said) < 2000, said[:200]
    assert not FORBIDDEN & set(said), ascii(said)
    return found


def seconds(read: Callable[[Any], object], given: Any) -> float:
    """How long it takes the processor to read it, or to refuse it."""
    began = time.thread_time()
    fair(read, given)
    return time.thread_time() - began


# -- texts people type ---------------------------------------------------------------------------------------


def _when(given: str) -> None:
    at = when.parse_time(given, NOW, ZONE)
    when.show_time(at, ZONE, NOW)


def _day(given: str) -> None:
    when.parse_day(given, NOW, ZONE)


def _limit(given: str) -> None:
    limit = parse_limit(given, where="rule x")
    limit.reckon(NOW, calendar=calendar(), facts={"appointment": NOW}, figures={"promptly": given}, tables={})
    limit.words()


def _amount(given: str) -> None:
    amount = Amount.parse(given)
    if amount is not None:
        calendar().add(NOW, amount)
        calendar().add(NOW, -amount, explain=True)


def _who(given: str) -> None:
    for word in finding._words(given):
        word.bounds(0)
    text.fold(given)
    text.room_code(text.clean(given))
    text.mask_phone(text.phone_digits(given))
    pinyin.person_keys(text.clean(given, 60))
    pinyin.room_keys(text.clean(given, 60), "501")


def _clean(given: str) -> None:
    for lines in (False, True):
        kept = text.clean(given, None, lines=lines)
        assert not FORBIDDEN & set(kept), ascii(kept)
        assert text.clean(kept, None, lines=lines) == kept
        kept.encode()


def _cell(given: str) -> None:
    safe = harmless(given)
    assert safe.lstrip(" \t\n'")[:1] not in tuple("=+-@") or safe.startswith("'"), ascii(safe)
    assert unmarked(safe) == given or given.startswith("'")


def _typed(given: str) -> None:
    for name in ("amount", "count", "urgent", "kind"):
        try:
            value = typed.typed(name, given, lambda text: when.parse_time(text, NOW, ZONE))
        except Refusal as refusal:
            if refusal.code == "cli.fact":
                continue
            raise
        json.dumps(value, allow_nan=False)


def _setting(given: str) -> None:
    for name in ("repair.claim.within", "figures.promptly", "settings.callback_attempts"):
        book = with_value(plain_book(), name, given)
        rulebook.build(book, name="x", file="x.toml")


def _every(given: str) -> None:
    _recurring({**recurring_rule(), "every": given})


def _recurring(row: dict[str, Any]) -> None:
    book = rulebook.build({"calendar": "residential", "rule": [row]}, name="x", file="x.toml")
    for rule in book.recurring:
        occurrences(rule, calendar(), NOW, LATER)


# -- files ---------------------------------------------------------------------------------------------------


def _rulebook_text(given: str | bytes) -> None:
    with file(given, "hostile.toml") as path:
        fair(lambda _: checking.check(path, None, lambda _name: calendar()), None)
        rulebook.load(path)


def _calendar_text(given: str | bytes) -> None:
    with file(given, "x.toml") as path:
        Calendar.from_dict(read_toml(path), name="x", statutory={})


def _days(given: str | bytes) -> None:
    with file(given, "days.json") as path:
        read_year(path)


def _mapping_text(given: str | bytes) -> None:
    with file(given, "map.toml") as path:
        read_mapping(path)


def _people(given: str | bytes) -> None:
    with file(given, "people.csv") as path:
        for reject in people_lines.understand(read_table(path)).rejects:
            assert reject.reason


def _register(given: str | bytes) -> None:
    with file(given, "register.csv") as path:
        found = register.understand(read_table(path), mapping())
        for reject in (*found.rejects, *found.doubts):
            assert reject.reason


#: the parts of a workbook of one sheet, but for the sheet
PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
SHEET = "xl/worksheets/sheet1.xml"
SPREAD = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</worksheet>'


def workbook(folder: Path, sheet: str | bytes, more: Mapping[str, str | bytes] | None = None) -> Path:
    """A workbook with that sheet, as a file of people; ``more`` parts come over its own."""
    path = folder / "people.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**PARTS, SHEET: sheet, **(more or {})}.items():
            archive.writestr(name, content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    return path


def _people_sheet(given: str | bytes) -> None:
    with tempfile.TemporaryDirectory(prefix="desk-hostile-") as folder:
        for reject in people_lines.understand(read_table(workbook(Path(folder), given))).rejects:
            assert reject.reason


def _register_sheet(given: str | bytes) -> None:
    with tempfile.TemporaryDirectory(prefix="desk-hostile-") as folder:
        found = register.understand(read_table(workbook(Path(folder), given)), mapping())
        for reject in (*found.rejects, *found.doubts):
            assert reject.reason


def _workbook(given: str | bytes) -> None:
    with file(given, "people.xlsx") as path:
        read_table(path)


def _cases_text(given: str) -> None:
    from desk.cli.cases import _read

    with file(given, "cases.json") as path:
        for number, case in enumerate(_read(path), 1):
            _case(case)
            assert number


TYPED: dict[str, Callable[[Any], None]] = {
    "when": _when,
    "day": _day,
    "limit": _limit,
    "amount": _amount,
    "who": _who,
    "clean": _clean,
    "cell": _cell,
    "typed": _typed,
    "setting": _setting,
    "every": _every,
}
FILES: dict[str, Callable[[Any], None]] = {
    "rulebook": _rulebook_text,
    "calendar": _calendar_text,
    "days": _days,
    "mapping": _mapping_text,
    "people": _people,
    "register": _register,
    "people sheet": _people_sheet,
    "register sheet": _register_sheet,
    "workbook": _workbook,
    "cases": _cases_text,
}


# -- plain data, as a file may hold it -----------------------------------------------------------------------


@cache
def calendar() -> Calendar:
    raw = tomllib.loads(resources.path("calendars/residential.toml").read_text("utf-8"))
    return Calendar.from_dict(raw, name="residential", statutory=statutory_years(resources.path("calendars")))


@cache
def mapping() -> Any:
    return read_mapping(MAPPING)


@cache
def plain_book() -> dict[str, Any]:
    return rulebook.read(resources.path("rulebooks/work-orders.toml"))


@cache
def recurring_rule() -> dict[str, Any]:
    return next(row for row in plain_book()["rule"] if "every" in row)


def _book(raw: Any) -> None:
    rulebook.build(raw, name="x", file="x.toml")


def _adopted(raw: Any) -> None:
    hours = tomllib.loads(resources.path("calendars/work-orders.toml").read_text("utf-8"))
    make_adopted(0, "x", raw, "y", hours)


def _calendar(raw: Any) -> None:
    made = Calendar.from_dict(raw, name="x", statutory={})
    made.add(NOW, Amount(9, "working_hours"), explain=True)
    made.add(NOW, Amount(3, "working_days"))
    made.end_of_duty(NOW)
    made.start_of_next_duty(NOW)


def _case(raw: Any) -> None:
    checked = check_case(raw, 1)
    if checked.refusal is not None:
        fair(_raise, checked.refusal)


def _raise(refusal: Refusal) -> None:
    raise refusal


def _year(raw: Any) -> None:
    Statutory.published(raw, file="x.json")


def _days_table(raw: Any) -> None:
    Statutory.from_dict(raw, file="x.toml")


def _mapping(raw: Any) -> None:
    from desk.importing.mapping import _Mapping

    _Mapping(MAPPING, raw).read()


#: what reads plain data, and sound data to spoil
TABLES: dict[str, tuple[Callable[[Any], None], Callable[[], Any]]] = {
    "rulebook": (_book, plain_book),
    "adopted": (_adopted, plain_book),
    "recurring": (_recurring, recurring_rule),
    "calendar": (_calendar, lambda: tomllib.loads(resources.path("calendars/residential.toml").read_text("utf-8"))),
    "days": (_days_table, lambda: tomllib.loads(resources.path("calendars/cn-2026.toml").read_text("utf-8"))),
    "published": (
        _year,
        lambda: {
            "year": 2027,
            "days": [
                {"name": "元旦", "date": "2027-01-01", "isOffDay": True},
                {"name": "元旦", "date": "2027-01-03", "isOffDay": False},
            ],
        },
    ),
    "mapping": (_mapping, lambda: tomllib.loads(MAPPING.read_text("utf-8"))),
    "case": (
        _case,
        lambda: {
            "id": "a",
            "timezone": "Asia/Shanghai",
            "hours": {"mon-fri": [["08:00", "12:00"], ["13:00", "17:00"]]},
            "holidays": ["2026-03-03"],
            "make_up": ["2026-03-07"],
            "seasons": [{"name": "s", "from": "06-01", "to": "09-30", "hours": {"mon": [["8:00", "11:00"]]}}],
            "days": {"2026-03-04": "closed"},
            "closed": {"2026-03-05": [["10:00", "11:00"]]},
            "pauses": [["2026-03-02T10:00", "2026-03-02T11:00"]],
            "start": "2026-03-02T09:00",
            "add": 4,
            "unit": "working_hours",
            "expected": "2026-03-02T14:00",
        },
    ),
}


@st.composite
def spoilt(draw: st.DrawFn, sound: Any) -> Any:
    """Sound data with one or two of its parts put out, doubled, or made something else."""
    data = deepcopy(sound)
    for _ in range(draw(st.integers(1, 2))):
        node, former = data, None
        key: Any = None
        while isinstance(node, dict | list) and node and (former is None or draw(st.integers(0, 4))):
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            former, key = node, draw(st.sampled_from(keys))
            node = node[key]
        if former is None:
            return draw(values)
        match draw(st.sampled_from(["put", "put", "put", "away", "add", "text"])):
            case "put":
                former[key] = draw(values)
            case "away":
                del former[key]
            case "add":
                value = draw(values)
                former.append(value) if isinstance(former, list) else former.update({draw(texts): value})
            case "text" if isinstance(node, str):
                at = draw(st.integers(0, len(node)))
                former[key] = node[:at] + draw(texts) + node[at:]
    return data


def seed_of(name: str) -> str:
    """A sound file for the parser of that name, to spoil."""
    match name:
        case "rulebook":
            return resources.path("rulebooks/reception.toml").read_text("utf-8")[:6000]
        case "calendar":
            return resources.path("calendars/residential.toml").read_text("utf-8")
        case "days":
            return json.dumps(TABLES["published"][1](), ensure_ascii=False)
        case "mapping":
            return MAPPING.read_text("utf-8")
        case "people":
            return '房号,姓名,电话,身份,备注\n3-2-501,张伟,13812342211,业主,"a\nb"\n商铺12,李静,,租户,\n'
        case "register":
            columns = [column for names in mapping().columns.values() for column in names]
            return ",".join(dict.fromkeys(columns)) + "\n" + ",".join(["2012-01-05 08:05:00"] * len(columns)) + "\n"
        case "people sheet" | "register sheet":
            comma = seed_of(name.partition(" ")[0]).replace('"a\nb"', "a b")
            cells = "".join(
                f'<row r="{y}">'
                + "".join(
                    f'<c r="{chr(64 + x)}{y}" t="str"><v>{said}</v></c>'
                    for x, said in enumerate(line.split(",")[:26], 1)
                )
                + "</row>"
                for y, line in enumerate(comma.splitlines(), 1)
            )
            return SPREAD.format(f"<sheetData>{cells}</sheetData>")
        case "workbook":
            return "PK\x03\x04"
        case "cases":
            return json.dumps([TABLES["case"][1]()])
    raise KeyError(name)


@st.composite
def spoilt_text(draw: st.DrawFn, sound: str) -> str:
    """A sound text with pieces put in, left out, or said many times."""
    found = sound
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(found)))
        end = min(len(found), at + draw(st.integers(0, 30)))
        match draw(st.sampled_from(["put", "away", "over", "again"])):
            case "put":
                found = found[:at] + draw(texts) + found[at:]
            case "away":
                found = found[:at] + found[end:]
            case "over":
                found = found[:at] + draw(texts) + found[end:]
            case "again":
                found = found[:end] + found[at:end] * draw(st.integers(1, 50)) + found[end:]
    return found


i18n.install("en")
