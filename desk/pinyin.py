"""The keys a person or a room is found by, made when the name is written down.

Looking up needs none of this: it folds what was typed (:func:`desk.text.fold`) and reads a range of keys,
so the console never loads pypinyin.
"""

from __future__ import annotations

import os
import re
from functools import cache
from itertools import islice, product
from typing import Final

from desk.text import fold, narrow, room_code

#: readings kept of one name; the likeliest come first, so the cap costs only unlikely ones
_READINGS: Final = 12
#: longest key kept
_KEY: Final = 64

# Readings as a surname, before all others (and where pypinyin does not know them). Keys of both readings are
# kept: nobody at a counter knows how this Mr 查 says it.
_SURNAMES: Final = dict(
    re.findall(
        "(.)=([a-z]+)",
        "单=shan 曾=zeng 解=xie 仇=qiu 查=zha 区=ou 翟=zhai 覃=qin 朴=piao 盖=ge 乐=yue 繁=po 黑=he 宓=mi "
        "员=yun 折=she 召=shao 洗=xian 么=yao 缪=miao 逄=pang 尉=yu 秘=bi 谌=chen 幺=yao 褚=chu 郇=xun 卜=bu "
        "种=chong 重=chong 晟=cheng 隗=wei 訾=zi 撒=sa 南=nan 石=shi 车=che 叶=ye 沈=shen",
    )
)
_COMPOUNDS: Final = {
    "单于": ("chan", "yu"),
    "尉迟": ("yu", "chi"),
    "万俟": ("mo", "qi"),
    "澹台": ("tan", "tai"),
    "长孙": ("zhang", "sun"),
}
_HAN: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_WORDS: Final = re.compile(r"[\s.·・,'’-]+")


def person_keys(name: str) -> set[str]:
    """What finds a person: the name and its endings, full pinyin and initials of every reading."""
    folded = fold(name)[:_KEY]
    keys = {folded}
    if _HAN.search(folded):
        # 伟 and 志伟 find 张志伟
        keys.update(folded[i:] for i in range(1, min(len(folded), 4)))
        for reading in _readings(folded):
            keys.add("".join(reading)[:_KEY])
            keys.add("".join(syllable[0] for syllable in reading))
    else:
        words = [fold(word) for word in _WORDS.split(narrow(name)) if word]
        keys.update(word[:_KEY] for word in words)
        keys.add("".join(word[0] for word in words if word))
    return {key for key in keys if key}


def room_keys(code: str, number: str = "") -> set[str]:
    """What finds a room: its code, the code without dashes, its number at the door, and a name's pinyin."""
    folded = fold(room_code(code))[:_KEY]
    keys = {folded, folded.replace("-", ""), fold(number)[:_KEY]}
    if _HAN.search(folded):
        for reading in _readings(folded):
            keys.add("".join(reading)[:_KEY])
            keys.add("".join(part if part.isdigit() else part[0] for part in reading))
    return {key for key in keys if key}


@cache
def _syllables(character: str) -> tuple[str, ...]:
    # The phrase table costs 70 ms to load and is wrong for surnames: switched off before the first import.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import Style, pinyin

    found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="default")
    readings = dict.fromkeys(fold(syllable) for syllable in (found[0] if found else [character]))
    return tuple(reading for reading in readings if reading) or (character,)


def _readings(folded: str) -> list[tuple[str, ...]]:
    """The name's readings, syllable by syllable; a run of letters or digits stays one piece."""
    likely = _COMPOUNDS.get(folded[:2]) or (_SURNAMES.get(folded[:1], ""),)
    pieces: list[tuple[str, ...]] = []
    for place, piece in enumerate(re.findall(r"[0-9]+|[a-z]+|.", folded)):
        known = _syllables(piece) if _HAN.match(piece) else (piece,)
        first = likely[place : place + 1] if _HAN.match(piece) else ()
        pieces.append(tuple(dict.fromkeys(filter(None, (*first, *known)))))
    return list(islice(product(*pieces), _READINGS))
