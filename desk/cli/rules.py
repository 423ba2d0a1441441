"""``desk rules``: check a rulebook, what it makes due and why, the words there are; what the estate has adopted."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from desk import resources, rules, vocabulary, wording
from desk.calendars import Calendar
from desk.cli import adopted, amending, checking, coverage, explaining, replay
from desk.cli.call import Call
from desk.cli.checking import CALENDAR, RULEBOOK, loaded
from desk.cli.shape import ACT, LOOK, PLAIN, command, group
from desk.cli.show import as_json, out, plain, table
from desk.cli.typing import pairs, typed
from desk.errors import Refusal
from desk.i18n import N_, _, pick
from desk.limits import LimitResult
from desk.rulebook import Rulebook
from desk.rules import Standing
from desk.when import parse_time

app = group(N_("Rulebooks: check one, what it makes due, why, and its words."))


@command(app, "due", N_("Every deadline an event would open, and when it would be due."), shares=PLAIN)
def due(
    call: Call,
    event: Annotated[str, typer.Argument(metavar="EVENT", help=N_("ticket.opened, callback.done …"))],
    book: Annotated[str, RULEBOOK],
    calendar: Annotated[str | None, CALENDAR] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="FACT=VALUE", help=N_("A fact as it is then."))
    ] = None,
) -> None:
    """What would be due."""
    if event not in vocabulary.EVENTS:
        raise Refusal("cli.event", name=event, nearest=vocabulary.nearest(event, vocabulary.EVENTS))
    found, hours = loaded(book, calendar)
    at = parse_time(call.at, call.clock, hours.timezone) if call.at else call.clock
    facts = {name: _fact(found, name, text, at, hours) for name, text in pairs(set_).items()}
    standings = rules.preview(found, hours, event, facts, at)
    if call.json:
        as_json([due_record(each, found, hours) for each in standings])
        return
    table(
        [_("Due"), _("Rule"), _("What"), _("Who"), _("Source")],
        (
            (
                _shown(each, hours, at),
                each.rule.id,
                pick(each.rule.title),
                wording.value("by", each.by),
                ", ".join(each.rule.source),
            )
            for each in standings
        ),
    )


def _fact(book: Rulebook, name: str, text: str, at: datetime, hours: Calendar) -> Any:
    if name == "kind" and text not in book.kinds:
        raise Refusal("kind.unknown", kind=text, known=list(book.kinds), nearest=vocabulary.nearest(text, book.kinds))
    value = typed(name, text, lambda each: parse_time(each, at, hours.timezone))
    return value.isoformat() if isinstance(value, datetime) else value


def due_record(standing: Standing, book: Rulebook, hours: Calendar) -> dict[str, Any]:
    """A deadline an event would open, as scripts get it; where it has no time, ``missing`` says why."""
    record: dict[str, Any] = {
        "rule": standing.rule.id,
        "source": list(standing.rule.source),
        "starts_at": plain(standing.starts_at, hours.timezone),
        "due_at": plain(standing.due_at, hours.timezone),
        "by": standing.by,
        "provisional": standing.provisional,
        "explain": reasons(standing, book, hours),
    }
    if standing.due_at is None:
        record["missing"] = standing.missing
    return record


def reasons(standing: Standing, book: Rulebook, hours: Calendar) -> list[str]:
    """Why a standing is due then, line by line."""
    rule = standing.rule
    result: LimitResult = rules.reckon(rule.within, standing, book, hours, explain=True)
    limit = rule.within
    if rule.not_before is not None and result.due_at is not None:
        bound = rules.reckon(rule.not_before, standing, book, hours, explain=True)
        if bound.due_at is not None and bound.due_at > result.due_at:
            limit, result = rule.not_before, bound
    return wording.explain(rule, limit, standing.starts_at, result, zone=hours.timezone, figures=book.figures)


def _shown(standing: Standing, hours: Calendar, at: datetime) -> str:
    if standing.due_at is None:
        return f"— {standing.missing or ''}".rstrip()
    return wording.moment(standing.due_at, hours.timezone, at, seconds=True, until=True) + (
        " ?" if standing.provisional else ""
    )


command(
    app,
    "explain",
    N_("Why the deadlines of a ticket, or one deadline, are due then; or, with --rulebook, what a rule says."),
    shares=LOOK,
)(explaining.explain)


@command(
    app,
    "words",
    N_("Events, facts, kinds, duties and anchors a rulebook may use, and the verb that records each."),
    shares=PLAIN,
)
def words(
    call: Call,
    book: Annotated[str | None, RULEBOOK] = None,
) -> None:
    """The vocabulary."""
    found = word_list(book)
    if call.json:
        as_json(found)
        return
    heads = {
        "events": (_("Events"), ("name", "verb", "title")),
        "facts": (_("Facts"), ("name", "type", "title")),
        "kinds": (_("Kinds of ticket"), ("name", "rulebook", "title")),
        "duties": (_("Duties"), ("name", "title")),
        "anchors": (_("Anchors"), ("name", "title")),
        "steps": (_("Steps"), ("name", "title")),
        "counts": (_("Counts"), ("name", "title")),
        "measures": (_("Measures"), ("name", "title")),
    }
    for section, (title, columns) in heads.items():
        out(title)
        table([""] * len(columns), ([row[column] for column in columns] for row in found[section]))
        out()


def word_list(book: str | None = None) -> dict[str, list[dict[str, Any]]]:
    """Every word, with its title in the language in force and the verbs that record it."""
    recorded = _recorders()
    books = [book] if book else list(resources.names("rulebooks"))
    kinds = [(name, kind) for name in books for kind in loaded(name, None)[0].kinds.values()]
    return {
        "events": [
            {"name": word.name, "title": _(word.title), "verb": word.verb, "facts": list(word.own)}
            for word in vocabulary.EVENTS.values()
        ],
        "facts": [
            {
                "name": fact.name,
                "type": fact.type,
                "title": _(fact.title),
                "values": list(fact.values),
                "verbs": recorded.get(fact.name, []),
            }
            for fact in vocabulary.FACTS.values()
        ],
        "kinds": [
            {"name": kind.id, "rulebook": name, "title": pick(kind.title), "verb": "open"} for name, kind in kinds
        ],
        "duties": [{"name": name, "title": _(title)} for name, title in vocabulary.DUTIES.items()],
        "anchors": [
            *(
                {"name": f"@{fact.name}", "title": _(fact.title), "verbs": recorded.get(fact.name, [])}
                for fact in vocabulary.FACTS.values()
                if fact.type == "time"
            ),
            *({"name": name, "title": _("the calendar's"), "verbs": []} for name in vocabulary.ANCHORS),
        ],
        "steps": [
            {"name": name, "title": _(title), "events": list(events)}
            for name, (title, events) in vocabulary.STEPS.items()
        ],
        "counts": [{"name": name, "title": _(title)} for name, title in vocabulary.COUNTS.items()],
        "measures": [{"name": name, "title": _(title)} for name, title in vocabulary.MEASURES.items()],
    }


def _recorders() -> dict[str, list[str]]:
    """The verbs that ask for each fact; intake counts as ``open``."""
    from desk.procedures import VERBS

    found: dict[str, list[str]] = {name: ["open"] for name in vocabulary.FIELDS if name in vocabulary.FACTS}
    found["kind"] = ["open"]
    for verb in VERBS.values():
        for name in {param.name for param in verb.params} | set(vocabulary.EVENTS[verb.event].own):
            if name in vocabulary.FACTS:
                found.setdefault(name, []).append(verb.name)
    return {name: sorted(set(verbs)) for name, verbs in found.items()}


command(app, "check", N_("Everything wrong in a rulebook, and what to know: file, line, advice."), shares=PLAIN)(
    checking.check
)
command(app, "diff", N_("How two rulebooks differ, in words."), shares=LOOK)(checking.diff)
command(app, "coverage", N_("Every id of the catalogue, its rule and its test; fails on a gap."), shares=PLAIN)(
    coverage.coverage
)
command(app, "replay", N_("What was recorded, run again under other rules: what would have been late."), shares=LOOK)(
    replay.replay
)
command(app, "show", N_("The rules the estate has adopted, as a file."), shares=LOOK)(adopted.show)
command(app, "adopt", N_("Adopt other rules or opening hours from now on; says first what differs."), shares=ACT)(
    adopted.adopt
)
command(app, "set", N_("Change a limit, a figure or a setting; says first what it does to open work."), shares=ACT)(
    amending.set_
)
command(app, "off", N_("Switch a rule off, with a reason."), shares=ACT)(amending.off)
command(app, "on", N_("Switch a rule on again, as it was."), shares=ACT)(amending.on)
command(app, "recompute", N_("Let everything open go by the rules in force, and say what moves."), shares=ACT)(
    amending.recompute_
)
command(app, "export", N_("Write the adopted rules to a file, to change them and adopt it."), shares=LOOK)(
    adopted.export
)
