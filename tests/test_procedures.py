"""The registry: every verb records an event there is, every event has a verb, and a verb asks for plain things."""

from __future__ import annotations

import pytest

from desk import procedures
from desk.errors import Refusal
from desk.procedures.verbs import Verb
from desk.vocabulary import DUTIES, EVENTS, FACTS, Word

#: what records an event without being a verb of the registry: intake, the clock, setting up, people, corrections,
#: and the acts that need more than named values
OTHER_MEANS = {
    "open",
    "tick",
    "init",
    "adopt",
    "recompute",
    "import-days",
    "import",
    "export",
    "reveal",
    "forget",
    "retention",
    "undo",
    "correct-event",
    "plan-shift",
    "sign-out",
    "acknowledge",
    "pin",
    "refuse",
}
OTHER_MEANS |= {f"{act}-{what}" for act in ("add", "change") for what in ("person", "room", "staff")}

#: options every command has: a verb's value may not be called so
TAKEN = {"at", "as", "by", "db", "json", "lang", "yes", "help", "number"}

VERBS = pytest.mark.parametrize("verb", procedures.VERBS.values(), ids=lambda verb: f"{verb.subject}.{verb.name}")


@VERBS
def test_a_verb_records_an_event_that_exists(verb: Verb) -> None:
    assert verb.event in EVENTS
    assert verb.title


@VERBS
def test_a_verb_asks_for_named_plain_things(verb: Verb) -> None:
    names = [param.name for param in verb.params]
    assert len(names) == len(set(names))
    assert not TAKEN & set(names)
    for param in verb.params:
        assert param.type in ("text", "prose", "staff", "time", "choice", "kind", "flag", "number", "answers")
        assert param.duty is None or param.duty in DUTIES
        if param.type == "choice":
            assert param.choices or FACTS[param.name].values


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.name)
def test_every_event_has_what_records_it(event: Word) -> None:
    assert event.verb in OTHER_MEANS or any(event.verb == name for _, name in procedures.VERBS)


def test_no_two_verbs_of_one_subject_bear_one_name() -> None:
    declared = [(verb.subject, verb.name) for procedure in procedures.PROCEDURES for verb in procedure.VERBS]
    assert len(declared) == len(set(declared))


def test_an_unknown_verb_is_refused_with_the_nearest() -> None:
    assert procedures.find_verb("claim").event == "ticket.claimed"
    with pytest.raises(Refusal) as caught:
        procedures.find_verb("clam")
    assert (caught.value.code, caught.value.params["nearest"]) == ("verb.unknown", "claim")
