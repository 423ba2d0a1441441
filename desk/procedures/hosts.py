"""Whom a visitor came to see: in, out or busy; the message, the urgent call, the wait with tea (S1-52…S1-56)."""

from __future__ import annotations

from uuid import UUID

from desk.errors import Refusal
from desk.i18n import N_
from desk.ledger import Entry
from desk.models import Visit
from desk.procedures.verbs import NOTE, Param, Values, Verb, attend, holders, live_visit, present, stay_with
from desk.rulebook import Rulebook


def _host(entry: Entry, visit: Visit, values: Values) -> UUID | None:
    """The host meant: the one named, the one known, else the only management-office director there is."""
    named: UUID | None = values.get("host")
    if named is not None:
        entry.staff(named)
        return named
    there = holders(entry, "office_director")
    return visit.host or (there[0] if len(there) == 1 else None)


def _found(entry: Entry, visit: Visit, values: Values, state: str) -> dict[str, object]:
    return {"host": _host(entry, visit, values), "host_state": state, "host_since": entry.doing.happened_at}


def _in(entry: Entry, visit: Visit, values: Values) -> None:
    """Led in and introduced: the desk is free again (S1-53)."""
    entry.on(
        visit,
        "visit.host_received",
        sets={
            **_found(entry, visit, values, "in"),
            "status": "with_host",
            "served_by": None,
            "served_at": visit.served_at or entry.doing.happened_at,
        },
        words={"note": values.get("note")},
    )


def _out(entry: Entry, visit: Visit, values: Values) -> None:
    """Said where the host is; whoever says so is with the visitor now (S1-54)."""
    if visit.served_by is None:
        stay_with(entry, visit, entry.doing.by)
    entry.on(visit, "visit.host_out", sets=_found(entry, visit, values, "out"), words={"note": values.get("note")})


def _busy(entry: Entry, visit: Visit, values: Values) -> None:
    """The host knows who is waiting; the visitor is seated with tea and something to read (S1-56)."""
    entry.on(
        visit,
        "visit.host_busy",
        sets={
            **_found(entry, visit, values, "busy"),
            "status": "waiting",
            "served_by": None,
            "served_at": visit.served_at or entry.doing.happened_at,
        },
        words={"note": values.get("note")},
    )


def _tea(entry: Entry, visit: Visit, values: Values) -> None:
    entry.on(visit, "visit.tea")


def _phone(entry: Entry, visit: Visit, values: Values) -> None:
    """An urgent matter and the host out: told by telephone at once (S1-55). Not reached is not yet told."""
    name = "visit.host_unreached" if values.get("unreached") else "visit.host_phoned"
    entry.on(visit, name, words={"answer": values.get("answer")})


def _take_message(entry: Entry, visit: Visit, values: Values) -> None:
    """Surname, how to reach them, and what is to be said (S1-54)."""
    attend(entry, visit)
    host = _host(entry, visit, values)
    entry.on(
        visit,
        "visit.message_taken",
        sets={"message": "taken", **({"host": host} if host is not None else {})},
        words={
            "message": values["message"],
            "person_name": values.get("person_name"),
            "phone": values.get("phone"),
        },
    )


def _pass_message(entry: Entry, visit: Visit, values: Values) -> None:
    entry.on(visit, "visit.message_passed", sets={"message": "passed"}, words={"answer": values.get("answer")})


def _may_pass(book: Rulebook, visit: Visit) -> Refusal | None:
    """A message is passed on after the visitor has gone, too."""
    return None if visit.facts.get("message") == "taken" else Refusal("visit.no_message", number=visit.number)


_HOST = Param("host", "staff", N_("Whom they came to see"), duty="office_director", start=present("host"))

VERBS = (
    Verb(
        "host-in",
        "visit.host_received",
        N_("Host in: lead them in"),
        _in,
        params=(_HOST, NOTE),
        subject="visit",
        may=live_visit,
    ),
    Verb("host-out", "visit.host_out", N_("Host is out"), _out, params=(_HOST, NOTE), subject="visit", may=live_visit),
    Verb(
        "host-busy",
        "visit.host_busy",
        N_("Host busy: told who is waiting"),
        _busy,
        params=(_HOST, NOTE),
        subject="visit",
        may=live_visit,
    ),
    Verb(
        "phone-host",
        "visit.host_phoned",
        N_("Telephone the host"),
        _phone,
        params=(Param("answer", "text", N_("Answer")), Param("unreached", "flag", N_("Not reached"))),
        subject="visit",
        may=live_visit,
    ),
    Verb(
        "take-message",
        "visit.message_taken",
        N_("Take a message"),
        _take_message,
        params=(
            Param("message", "prose", N_("Message"), required=True),
            Param("person_name", "text", N_("Name"), start=present("person_name")),
            Param("phone", "text", N_("Telephone"), start=present("phone")),
            _HOST,
        ),
        subject="visit",
        may=live_visit,
    ),
    Verb(
        "pass-message",
        "visit.message_passed",
        N_("Pass the message on"),
        _pass_message,
        params=(Param("answer", "text", N_("Answer")),),
        subject="visit",
        may=_may_pass,
    ),
    Verb("tea", "visit.tea", N_("Offer or refill tea"), _tea, subject="visit", may=live_visit),
)
