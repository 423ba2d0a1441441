"""The interface language: Chinese first, English beside it.

Message ids are the English sentences, so English needs no catalogue. Texts are looked up when they are shown,
never when a module is imported: mark a text in a table or a class body with :func:`N_` and call :func:`_` on
it later.
Kept free of heavy imports; it is loaded before the first paint.
"""

from __future__ import annotations

import gettext as _gettext
import os
from collections.abc import Mapping
from pathlib import Path

from desk.errors import Refusal

LANGUAGES: Mapping[str, str] = {"zh_CN": "简体中文", "en": "English"}
"""The languages of the interface, each with its own name for itself."""

LOCALE_DIR = Path(__file__).parent / "locale"

_language = ""
_texts: _gettext.NullTranslations = _gettext.NullTranslations()


def _normal(given: str) -> str | None:
    """``zh``, ``zh-CN``, ``zh_CN.UTF-8`` → ``zh_CN``; ``en_GB`` → ``en``; anything else → None."""
    head = given.strip().replace("-", "_").split(".")[0].split("_")[0].lower()
    return {"zh": "zh_CN", "en": "en"}.get(head)


def shows_chinese(env: Mapping[str, str] = os.environ) -> bool:
    """Whether the terminal can show Chinese at all: the Linux console (``TERM=linux``) has no such glyphs."""
    return env.get("TERM") != "linux"


def choose(env: Mapping[str, str] = os.environ) -> str:
    """The language where nobody asked for one: ``DESK_LANG``, else by terminal and locale.

    Chinese unless the locale is clearly English or the terminal cannot show it. Raises
    ``Refusal("language.unknown")`` for a ``DESK_LANG`` that is no language of ours.
    """
    if asked := env.get("DESK_LANG"):
        return known(asked)
    if not shows_chinese(env):
        return "en"
    locale = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    return _normal(locale) or "zh_CN"


def known(lang: str) -> str:
    """The language meant by ``lang`` (``zh``, ``en_GB.UTF-8`` …). Raises ``Refusal("language.unknown")``."""
    found = _normal(lang)
    if found is None:
        raise Refusal("language.unknown", given=lang, known=sorted(LANGUAGES))
    return found


def install(lang: str | None = None, env: Mapping[str, str] = os.environ) -> str:
    """Make ``lang`` (None: as :func:`choose` says) the interface language and return it.

    Raises ``Refusal("language.unknown")``; the language in force then stays.
    """
    global _language, _texts
    chosen = known(lang) if lang else choose(env)
    if chosen != _language:
        # fallback=True: English has no catalogue, and a text shown in English is better than none shown.
        _texts = _gettext.translation("desk", LOCALE_DIR, [chosen], fallback=True)
        _language = chosen
    return chosen


def language() -> str:
    """The language in force, ``zh_CN`` or ``en``; English before :func:`install`."""
    return _language or "en"


def _(message: str) -> str:
    """``message`` in the language in force."""
    # gettext answers the catalogue's header for the empty string.
    return _texts.gettext(message) if message else ""


def in_language(message: str, lang: str) -> str:
    """``message`` in one of :data:`LANGUAGES`, whichever is in force: to understand what people type."""
    found = _gettext.translation("desk", LOCALE_DIR, [lang], fallback=True)
    return found.gettext(message) if message else ""


def N_(message: str) -> str:  # noqa: N802 - gettext's customary name
    """Mark ``message`` for the catalogue; it is looked up later, by :func:`_`."""
    return message


def ngettext(singular: str, plural: str, n: int) -> str:
    """The form that fits ``n``, in the language in force; the caller fills in the number."""
    return _texts.ngettext(singular, plural, n)


def pick(texts: Mapping[str, str]) -> str:
    """The text of a ``{zh = …, en = …}`` pair from a data file, in the language in force.

    A pair that has only the other language gives that one: an estate that wrote its rules in Chinese alone
    still reads them.
    """
    wanted = "zh" if language() == "zh_CN" else "en"
    return texts.get(wanted) or next((text for text in texts.values() if text), "")
