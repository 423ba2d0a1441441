"""Personal data as it may lie in the records, and as it may be shown.

Identity numbers are taken out of every text before it is stored. Telephone numbers, and for those without the right
``names`` also residents' names, are masked wherever records are shown or written to a file; whose duty allows it sees
them whole when they ask (:mod:`desk.grants`). Loaded before the first paint: standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from typing import Any, Final

from desk.i18n import N_
from desk.text import digits, fold, mask_phone, narrow

# -- identity numbers: never stored --------------------------------------------------------------------------

#: what whoever wrote one is told
TOLD: Final = N_("An identity number stood in it. Only its last four signs were kept: no more of it is ever stored.")
#: the first two digits: provinces
_PLACES: Final = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91")
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
# looked for at every place: a number beside it must not hide one; blanks or dashes may stand between the digits
_EIGHTEEN: Final = re.compile(r"(?<![0-9A-Za-z])(?=((?:\d[ -]?){17}[\dXx])(?![0-9A-Za-z]))")
_FIFTEEN: Final = re.compile(r"(?<![0-9A-Za-z])\d{15}(?![0-9A-Za-z])")
_MANY_DIGITS: Final = re.compile(r"\d[\d \u3000‐-―－-]{13,}.")
#: signs of an identity number that stay, so that it can be told from another
_TAIL: Final = 4


def without_identities(text: str) -> tuple[str, int]:
    """``text`` with all but the last four signs of each identity number starred out, and how many there were.

    Chinese ones: of 18 signs with their checksum, of 15 digits with a place and a day of birth that can be.
    """
    # most texts hold nothing of the kind, and cost no more than this look
    if not _MANY_DIGITS.search(text) or len(plain := narrow(text)) != len(text):
        return text, 0
    kept, count = list(text), 0
    for found in _EIGHTEEN.finditer(plain):
        if _is_eighteen(re.sub("[ -]", "", found[1])):
            _star(kept, plain, found.start(1), found.end(1))
            count += 1
    for found in _FIFTEEN.finditer(plain):
        if _is_fifteen(found[0]):
            _star(kept, plain, found.start(), found.end())
            count += 1
    return ("".join(kept), count) if count else (text, 0)


def _star(kept: list[str], plain: str, start: int, end: int) -> None:
    signs = [at for at in range(start, end) if plain[at].isalnum()]
    for at in signs[:-_TAIL]:
        kept[at] = "*"


def _is_eighteen(number: str) -> bool:
    if not number[:17].isascii() or not _PLACES.match(number) or not _day(number[6:14]):
        return False
    total = sum(int(sign) * weight for sign, weight in zip(number[:17], _WEIGHTS, strict=True))
    return _CHECKS[total % 11] == number[17].upper()


def _is_fifteen(number: str) -> bool:
    return number.isascii() and bool(_PLACES.match(number)) and _day(f"19{number[6:12]}")


def _day(said: str) -> bool:
    try:
        return 1850 <= date(int(said[:4]), int(said[4:6]), int(said[6:])).year <= 2200
    except ValueError:
        return False


# -- what is shown -------------------------------------------------------------------------------------------

_NUMBER: Final = re.compile(
    r"(?<![0-9A-Za-z*])(?:(?:(?:\+|00)?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}|(?<!-)0\d{2,3}[ -]?\d{7,8})(?![0-9A-Za-z])"
)
_SOME_DIGITS: Final = re.compile(r"\d[\d \u3000‐-―－-]{7,}\d")
_CJK: Final = re.compile("[\u3400-\u9fff]")
#: how people are addressed: says nothing of who they are
_ADDRESS: Final = re.compile("^(.)(.*?)(先生|女士|小姐|太太|师傅|阿姨|老师|经理|大爷|大妈)?$")
_WORD: Final = re.compile(r"\w+")

#: fields and words that hold a telephone number, a person's name
_PHONES: Final = frozenset("phone phones caller_phone number_given".split())
_NAMES: Final = frozenset("person person_name caller".split())
#: records whose ``name`` is a resident's or visitor's, not a colleague's
_NAMED: Final = frozenset("PersonHit PersonCard PersonRow PersonLine VisitRow VisitLine Caller".split())
#: what is no prose: never looked through
_APART: Final = frozenset("number rule_id digest hash head_hash kind status seq".split())


def mask_name(name: str) -> str:
    """A name fit to be shown: ``张小伟`` → ``张**``, ``张先生`` stays, ``John Smith`` → ``J*** S****``."""
    if _CJK.search(name):
        found = _ADDRESS.match(name)
        assert found is not None or "\n" in name
        return f"{found[1]}{'*' * len(found[2])}{found[3] or ''}" if found else name[:1] + "*" * (len(name) - 1)
    return _WORD.sub(lambda word: word[0][0] + "*" * (len(word[0]) - 1), name)


def spoken_to(said: str, name: str) -> bool:
    """Whether ``said`` may be how ``name`` was taken down: ``张先生`` for ``张伟``, ``Smith`` for ``John Smith``."""
    one, other = fold(said), fold(name)
    if one == other or (one and one in other):
        return True
    found = _ADDRESS.match(said.strip())
    return found is not None and bool(found[3]) and not found[2] and said.strip()[0] == name[:1]


def mask_numbers(text: str) -> str:
    """Prose with the telephone numbers in it masked: ``回电 13812342211`` → ``回电 138****2211``."""
    if not _SOME_DIGITS.search(text) or len(plain := narrow(text)) != len(text):
        return text
    parts, at = [], 0
    for found in _NUMBER.finditer(plain):
        parts += [text[at : found.start()], mask_phone(digits(found[0]))]
        at = found.end()
    return "".join([*parts, text[at:]]) if parts else text


def unmask_numbers(text: str, whole: str) -> str:
    """``text``, written over what :func:`mask_numbers` made of ``whole``, with the numbers it kept in full again.

    Of several numbers that look alike masked the first left is the first that was there.
    """
    at = 0
    for found in _NUMBER.finditer(narrow(whole)):
        masked = mask_phone(digits(found[0]))
        if (place := text.find(masked, at)) < 0:
            continue
        number = whole[found.start() : found.end()]
        text, at = text[:place] + number + text[place + len(masked) :], place + len(number)
    return text


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody sees of people: names, and telephone numbers in full."""

    names: bool = True
    phones: bool = False

    def name(self, text: str) -> str:
        return text if self.names or not text else mask_name(text)

    def phone(self, text: str) -> str:
        """A field that holds a number, or several."""
        if self.phones or not text:
            return text
        return re.sub(r"[^,/;、\n]+", lambda each: _padded(each[0]), text)

    def prose(self, text: str) -> str:
        return text if self.phones else mask_numbers(text)

    def over(self, value: Any) -> Any:
        """A record of a query, or several in whatever they stand, as this one sees it."""
        return value if self.names and self.phones else self._over(value, "", "")

    def _over(self, value: Any, name: str, kind: str) -> Any:
        if name == "snapshot":  # what is signed is signed as it is
            return value
        if isinstance(value, str):
            return self._text(value, name, kind) if value else value
        if isinstance(value, tuple | list):
            several = [self._over(each, name, kind) for each in value]
            return several if isinstance(value, list) else _like(value, several)
        if isinstance(value, Mapping):
            inner = "person" if str(kind) == "person" else ""
            return {key: self._over(each, str(key), inner) for key, each in value.items()}
        if is_dataclass(value) and not isinstance(value, type):
            return self._record(value)
        return value

    def _record(self, value: Any) -> Any:
        title = type(value).__name__
        # an entry about a person has their name among its words
        about = "person" if getattr(value, "subject_type", "") == "person" else title
        changed: dict[str, Any] = {}
        for each in _fields_of(type(value)):
            was = getattr(value, each)
            now = self._over(was, each, about if each == "words" else title)
            if now is not was and now != was:
                changed[each] = now
        if not self.names:
            changed |= self._named(value, changed)
        return replace(value, **changed) if changed else value

    def _named(self, value: Any, changed: Mapping[str, Any]) -> dict[str, Any]:
        """The name of the one the record is about is masked in its prose too."""
        called = next((each for name in _NAMES if isinstance(each := getattr(value, name, None), str) and each), "")
        if len(called) < 2:
            return {}
        found = {}
        for name in _fields_of(type(value)):
            text = changed.get(name, getattr(value, name))
            if isinstance(text, str) and called in text:
                found[name] = text.replace(called, mask_name(called))
        return found

    def _text(self, text: str, name: str, kind: str) -> str:
        if name in _PHONES:
            return self.phone(text)
        if name in _NAMES or (name == "name" and (kind in _NAMED or kind == "person")):
            return self.name(text)
        return text if name in _APART else self.prose(text)


def _padded(text: str) -> str:
    bare = text.strip()
    return text.replace(bare, mask_phone(bare)) if bare else text


def _like(former: tuple[Any, ...], several: list[Any]) -> tuple[Any, ...]:
    """The same sort of tuple."""
    make = getattr(type(former), "_make", tuple)
    return tuple(make(several))


def _fields_of(kind: Any) -> tuple[str, ...]:
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(each.name for each in fields(kind) if each.init)
    return _FIELDS[kind]


_FIELDS: dict[Any, tuple[str, ...]] = {}
