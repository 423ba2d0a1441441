"""Text from people: made harmless at the door, and brought to one form for comparing.

Loaded before the first paint and by every room of the house: standard library only.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

#: longest text a one-line field keeps, and a field for prose, in characters
LINE: Final = 200
PROSE: Final = 4000

# C0 and C1 (an ESC among them would reach the terminal raw), marks that turn the direction of writing,
# invisible joints that make two equal names differ, and lone surrogates, which no store can encode. The
# zero-width joiner stays: emoji are built with it.
_UNWANTED: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_BREAKS: Final = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_BLANKS: Final = re.compile(r"[^\S\n]+")

# full-width forms ！ to ～ lie 0xFEE0 above their ASCII twins
_NARROW: Final[dict[int, str]] = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys(map(ord, "‐‑‒–—―−﹣ー"), "-"),
    ord("\u3000"): " ",
    ord("。"): ".",
    ord("、"): ",",
    ord("·"): ".",
    ord("•"): ".",
    ord("・"): ".",
    ord("【"): "[",
    ord("】"): "]",
    ord("“"): '"',
    ord("”"): '"',
    ord("‘"): "'",
    ord("’"): "'",
}

_NUMERALS: Final = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_NUMERAL: Final = "[一二三四五六七八九十]{1,3}"
_SPOKEN: Final = re.compile(f"({_NUMERAL})(?=\\s*(?:号楼|栋|幢|座|单元|期))")
# 3栋501, but not 3栋电梯: that is the name of a public area
_STOREY: Final = re.compile(r"(?<=[0-9a-z])\s*(?:号楼|栋楼|栋|幢|座|单元|期|#楼?)\s*-?(?=[0-9a-z…]|$)", re.IGNORECASE)
_DOOR: Final = re.compile(r"(?<=[0-9a-z])\s*(?:室|房间|房|号)(?=\s|$)", re.IGNORECASE)
_NOT_DIGITS: Final = re.compile(r"\D+")


def clean(text: str, limit: int | None = LINE, *, lines: bool = False) -> str:
    """``text`` without control and direction marks, trimmed, at most ``limit`` characters (None: any number).

    Line breaks become ``\\n`` where ``lines`` is set, else blanks; runs of blanks become one.
    """
    if limit is not None and len(text) > 4 * limit:
        # a paste of a million characters must not cost a second just to be cut down
        text = text[: 4 * limit]
    text = _BREAKS.sub("\n", text).replace("\t", " ")
    text = _UNWANTED.sub("", text)
    if not lines:
        text = text.replace("\n", " ")
    text = _BLANKS.sub(" ", text).strip()
    return text if limit is None else text[:limit].rstrip()


def narrow(text: str) -> str:
    """Full-width digits, letters and punctuation as their ASCII twins: ``３－２　？`` → ``3-2 ?``.

    For codes, keys and numbers; prose keeps the punctuation it was written with.
    """
    return text.translate(_NARROW)


def fold(text: str) -> str:
    """The form in which names and keys are compared: narrow, lower case, without blanks, dots and accents."""
    text = narrow(text).casefold().replace("ü", "v")
    text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", re.sub(r"[\s.'’]+", "", text))


def room_code(text: str) -> str:
    """A room as people say it → as it is written: ``3栋2单元501室`` → ``3-2-501``. Other names stay."""
    text = _SPOKEN.sub(lambda found: str(_number(found[1])), narrow(text).strip())
    text = _DOOR.sub("", _STOREY.sub("-", text))
    return re.sub(r"\s*-\s*", "-", text).strip()


def digits(text: str) -> str:
    """The digits of ``text``, in order, full-width ones included."""
    return _NOT_DIGITS.sub("", narrow(text))


def phone_digits(text: str) -> str:
    """The digits of a telephone number, without the country's ``+86`` or ``0086``."""
    return re.sub(r"^(?:00)?86(?=1\d{10}$)", "", digits(text))


def mask_phone(number: str) -> str:
    """A number fit to be shown: ``13812342211`` → ``138****2211``. An extension is no secret."""
    kept = digits(number)
    if "*" in number:
        return number
    if len(kept) <= 4:
        return kept
    head = 3 if len(kept) >= 10 else 0
    return f"{kept[:head]}{'*' * (len(kept) - head - 4)}{kept[-4:]}"


def short_number(number: str | None) -> str:
    """A ticket's number as screens show it, without the year: ``R-261122-017`` → ``R-1122-017``."""
    letter, _dash, rest = (number or "").partition("-")
    return f"{letter}-{rest[2:]}" if rest[:6].isdigit() else number or ""


def _number(numeral: str) -> int:
    """``十二`` → 12, up to 99."""
    tens, ten, ones = numeral.partition("十")
    if not ten:
        return _NUMERALS[numeral[-1]]
    return 10 * _NUMERALS.get(tens, 1) + _NUMERALS.get(ones, 0)
