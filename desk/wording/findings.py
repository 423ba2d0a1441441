"""What to do about each thing a check of a rulebook finds; what is wrong is said by :func:`desk.wording.sentence`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo

from desk.errors import Refusal
from desk.i18n import N_, _
from desk.wording.refusals import sentence
from desk.wording.sentences import SENTENCES

_ADVICE: Mapping[str, str] = {
    "rulebook.same_key": N_("Give one of the two kinds another key."),
    "rulebook.same_number": N_("Give one of the two kinds another letter, so that a number tells its kind."),
    "rulebook.never_opens": N_("Take one of the conditions out, or name the event that has this fact."),
    "rulebook.never_met": N_("Name under “until” what is recorded when it is done; see “desk rules words”."),
    "rulebook.no_such_kind": N_("Switch the rule off, or set the kind that way."),
    "rulebook.anchor_never": N_("Count from a time this event has, or open the rule by another event."),
    "rulebook.met_and_withdrawn": N_("Name it under one of the two only."),
    "rulebook.warn_after": N_("Write it like “30 min before”."),
    "rulebook.warn_before_start": N_("Warn later, or give more time."),
    "rulebook.warn_at_once": N_("Warn later if it shall not."),
    "rulebook.endless_steps": N_("Say under “on” which rule's step is meant, or leave the “missed” of one out."),
    "rulebook.endless": N_("Give one of them another “until”, or a “cancel” that ends it."),
    "rulebook.two_figures": N_("Keep one of the two, or tell their cases apart under “where”."),
    "rulebook.same_duty": N_("Keep one of the two; the other only doubles it on the board."),
    "rulebook.empty_figure": N_("Fill it in under [figures]; until then these deadlines have no time."),
    "rulebook.unused_figure": N_("Take it out, or use it."),
    "rulebook.empty_row": N_("Fill it in; until then what falls under it has no time."),
    "rulebook.stretched": N_("This is how it is reckoned. To run by the clock, leave “working” out."),
    "rulebook.through_closing": N_("This is how it is reckoned. To stop while closed, write “working”."),
    "rulebook.unknown_key": N_("The keys there are stand in the administrator's handbook."),
    "rulebook.missing_key": N_("Add it."),
    "rulebook.unknown_figure": N_("Add it under [figures], or write an amount."),
    "rulebook.toml": N_("Mend the line named."),
    "rulebook.no_base": N_("Put it beside the file, or name one of ours."),
    "rulebook.off_unknown": N_("Take it out of “off”, or name what is meant."),
    "rulebook.circle": N_("Let one of the files stand for itself."),
    "rulebook.twice": N_("Give one of the two another id."),
}
_WORDS = N_("See “desk rules words” for the words there are.")


def advice(finding: Refusal) -> str:
    """What to do about it."""
    if finding.code in _ADVICE:
        return _(_ADVICE[finding.code])
    return _(_WORDS) if finding.code.startswith(("rulebook.", "limit.")) else ""


def place(finding: Refusal) -> str:
    """``residential.toml:12``: file and line, as editors take them."""
    file, line = finding.params.get("file"), finding.params.get("line")
    return f"{file}:{line}" if line else str(file or "")


def told(finding: Refusal, zone: tzinfo) -> str:
    """What is wrong, without the place (shown beside it)."""
    # a sentence that names its file in the middle keeps it
    beside = () if "{file}" in SENTENCES.get(finding.code, "") else ("file", "line")
    bare = {name: value for name, value in finding.params.items() if name not in beside}
    return sentence(Refusal(finding.code, **bare), zone=zone)
