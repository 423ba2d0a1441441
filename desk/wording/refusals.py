"""A sentence for every refusal: what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any
from uuid import UUID

from desk.errors import Refusal
from desk.i18n import LANGUAGES, _, language, pick
from desk.text import clean
from desk.vocabulary import DUTIES, EVENTS, FACTS
from desk.wording.sentences import SENTENCES
from desk.wording.spans import moment
from desk.wording.values import field, value

#: a value quoted back is cut at so many characters
_QUOTED = 80
#: values listed; of what is quoted from a file there may be thousands
_LISTED = 60

_LONGER = {"detail", "error", "reason", "place", "folder", "file"}
_ROOM_KINDS = ("home", "shop", "public")
_PEOPLE = {"who", "whom", "by", "assignee", "owner"}


class _Params(dict[str, str]):
    """What a sentence asks for and nobody gave is a dash, not a crash."""

    def __missing__(self, key: str) -> str:
        return "—"


def sentence(
    refusal: Refusal, *, zone: tzinfo = UTC, name_of: Callable[[UUID], str] | None = None, now: datetime | None = None
) -> str:
    """One clear sentence in the user's language: what is wrong and what to do.

    ``zone`` is the one times are shown in; ``name_of`` gives the name of a member of staff.
    """
    given = dict(refusal.params)
    template = SENTENCES.get(refusal.code)
    if template is None:
        # Never a traceback: a code we forgot is at least named.
        return _("This can't be done ({code}).").format(code=refusal.code)
    fact = str(given["name"]) if str(given.get("name")) in FACTS else None
    shown = _Params({name: _shown(refusal.code, name, each, zone, name_of, now, fact) for name, each in given.items()})
    if refusal.code == "value.choice" and not given.get("known"):
        shown["known"] = _listed(refusal.code, _names_of_choice(str(given.get("name"))), str(given.get("name")))
    if refusal.code in ("guard.refuse", "guard.approve"):
        shown["text"] = shown["text"].rstrip("。.")
    if refusal.code.startswith(("rulebook.", "limit.")):
        shown["where"] = _where(given)
    text = _(template).format_map(shown)
    nearest = given.get("nearest")
    if nearest and "{nearest}" not in template:
        text = _("{sentence} Did you mean “{nearest}”?").format(sentence=text, nearest=shown["nearest"])
    return text


def _shown(
    code: str,
    name: str,
    given: Any,
    zone: tzinfo,
    name_of: Callable[[UUID], str] | None,
    now: datetime | None,
    fact: str | None,
) -> str:
    if given is None:
        return "—"
    if isinstance(given, datetime):
        return moment(given, zone, now, seconds=True) if given.tzinfo else str(given)
    if isinstance(given, UUID) or (name in _PEOPLE and _is_id(given)):
        return name_of(UUID(str(given))) if name_of is not None else _("somebody else")
    if isinstance(given, Mapping):
        return clean(pick({str(k): str(v) for k, v in given.items()}), _QUOTED * 4)
    if isinstance(given, list | tuple | set | frozenset):
        return _listed(code, given, fact or name)
    text = clean(str(given), 3 * _QUOTED if name in _LONGER else _QUOTED)
    if name == "status":
        return value("status" if code.startswith(("ticket.", "appointment.", "visit.")) else "over", text)
    if name in ("duty", "duties"):
        return value("duty", text)
    if name == "title":
        return field(text) if field(text) != text else _(text)
    if name == "event":
        return _(EVENTS[text].title) if text in EVENTS else _(text)
    return _("any") if name == "year" and given == "every" else text


def _listed(code: str, given: Iterable[Any], name: str) -> str:
    words = [str(each) for each in given]
    if code == "language.unknown":
        words = [f"{each} ({LANGUAGES[each]})" if each in LANGUAGES else each for each in words]
    elif name == "duties" or (words and all(word in DUTIES for word in words)):
        words = [value("duty", word) for word in words]
    elif words and all(word in _ROOM_KINDS for word in words):
        words = [f"{word} ({value('room_kind', word)})" for word in words]
    elif name == "gaps":
        words = [_(word) for word in words]
    elif FACTS.get(name) is not None:
        words = [f"{word} ({value(name, word)})" if value(name, word) != word else word for word in words]
    shown = _(", ").join(clean(word, _QUOTED) for word in words[:_LISTED])
    if len(words) > _LISTED or len(shown) > _LISTED * _QUOTED // 4:
        shown = f"{shown[: _LISTED * _QUOTED // 4]}…"
    return shown or "—"


def _names_of_choice(name: str) -> tuple[str, ...]:
    word = FACTS.get(name)
    return word.values if word else ()


def _where(given: Mapping[str, Any]) -> str:
    """The place in a rulebook: file, rule, key."""
    parts = [clean(str(given["file"]), 3 * _QUOTED)] if given.get("file") else []
    if given.get("line"):
        parts.append(_("line {line}").format(line=given["line"]))
    if given.get("rule"):
        parts.append(_("rule {rule}").format(rule=clean(str(given["rule"]), _QUOTED)))
    key = given.get("key") or given.get("where")
    if key:
        parts.append(_("key {key}").format(key=clean(str(key), _QUOTED)))
    return (", " if language() == "en" else "，").join(parts) or "—"


def _is_id(given: Any) -> bool:
    try:
        UUID(str(given))
    except ValueError:
        return False
    return True
