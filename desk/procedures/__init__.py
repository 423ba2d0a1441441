"""The procedures and their verbs: what can be done at the desk, each module one procedure.

:data:`VERBS` joins what the modules declare; the ticket's page, the palette, the command line and the help read it.
"""

from __future__ import annotations

from desk.errors import Refusal
from desk.procedures import (
    appointments,
    box,
    callbacks,
    classing,
    complaints,
    counter_repairs,
    day,
    dispatch,
    duties,
    handover,
    hosts,
    log,
    notices,
    oncall,
    onsite,
    ownership,
    questions,
    rating,
    relay,
    rescue,
    sampling,
    shifts,
    slips,
    tickets,
    unfinished,
    waiting,
    weekly,
    workload,
)
from desk.procedures.verbs import Verb
from desk.vocabulary import nearest

#: the procedures, in the order in which their verbs are shown
PROCEDURES = (
    tickets,
    classing,
    # where a manual has its own way of telling, that comes before the general one
    relay,
    dispatch,
    appointments,
    counter_repairs,
    slips,
    onsite,
    ownership,
    unfinished,
    rescue,
    oncall,
    workload,
    day,
    box,
    weekly,
    rating,
    complaints,
    questions,
    waiting,
    hosts,
    callbacks,
    notices,
    sampling,
    shifts,
    handover,
    duties,
    log,
)

#: every verb by subject type and name
VERBS: dict[tuple[str, str], Verb] = {
    (verb.subject, verb.name): verb for procedure in PROCEDURES for verb in procedure.VERBS
}


def verbs_of(subject: str) -> tuple[Verb, ...]:
    """The verbs of a type of subject, in the order in which they are shown."""
    return tuple(verb for (kind, _name), verb in VERBS.items() if kind == subject)


def find_verb(name: str, subject: str = "ticket") -> Verb:
    """The verb called ``name``. Raises :class:`Refusal` ``verb.unknown`` with the nearest one."""
    found = VERBS.get((subject, name))
    if found is None:
        known = [verb.name for verb in verbs_of(subject)]
        raise Refusal("verb.unknown", verb=name, nearest=nearest(name, known), known=known)
    return found
