"""A merged rulebook checked word by word and frozen. Everything unknown is refused by name, never half-loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar

from desk import vocabulary as words
from desk.conditions import Where
from desk.errors import Refusal
from desk.limits import Limit, parse_limit
from desk.rulebook.every import is_sound
from desk.rulebook.parts import ROWS, Guard, Kind, Raw, Responsible, Rule, Rulebook, Step, Target, Text

T = TypeVar("T")

_TOP = (
    "prompts",
    "extends",
    "off",
    "name",
    "title",
    "calendar",
    "settings",
    "figures",
    "table",
    "kind",
    "rule",
    "guard",
    "target",
    "responsible",
)
_KIND = ("title number key fields required facts dispatch department closes questions duty code").split()
_RULE = (
    "id source title on every where until cancel within warn by missed again counts_from not_before "
    "runs_through_pauses times only_if lands form off note"
).split()
_STEP = "then who within repeat gather".split()
_GUARD = "id source before where unless do who text off".split()
_TARGET = "id source measure where at_least below per title off".split()
_RESPONSIBLE = "id source where who superior off".split()
_DO = ("say", "ask", "refuse", "approve")
_CLOSES = ("after callback", "before callback", "by hand")


def build(raw: Raw, *, name: str, file: str) -> Rulebook:
    """Check a merged rulebook word by word and freeze it. Raises :class:`Refusal` ``rulebook.*``."""
    return Builder(raw, name, file).rulebook()


class Builder:
    """Walks the raw tables; every complaint knows file, rule and key."""

    def __init__(self, raw: Raw, name: str, file: str) -> None:
        self.raw, self.name, self.file = raw, name, file
        self.rule: str | None = None

    def fail(self, code: str, key: str, word: object = None, known: Iterable[str] = ()) -> Refusal:
        nearest = words.nearest(str(word), known) if word is not None else None
        return Refusal(f"rulebook.{code}", file=self.file, rule=self.rule, key=key, word=word, nearest=nearest)

    def complain(self, refusal: Refusal) -> None:
        """The first fault ends it; a check goes on (:class:`desk.rulebook.checking.Collector`)."""
        raise refusal

    def each(self, read: Callable[[Any], T], row: Any) -> T | None:
        """One row of a table; None only where a check goes on after a fault."""
        self.rule = None
        try:
            found = read(row)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            # a number where a table should be, a table where a text should be
            raise self.fail("bad_shape", "", str(error)) from None
        self.rule = None
        return found

    def known(self, value: str, known: Iterable[str], key: str, code: str = "unknown_word") -> str:
        options = list(known)
        if value not in options:
            raise self.fail(code, key, value, options)
        return value

    def keys(self, table: Raw, allowed: Iterable[str], where: str) -> None:
        for key in table:
            self.known(key, allowed, where, "unknown_key")

    def rulebook(self) -> Rulebook:
        raw = self.raw
        self.each(self.top, raw)
        self.settings = raw.get("settings", {})
        self.figures: dict[str, str] = raw.get("figures", {})
        self.tables: dict[str, dict[str, str]] = raw.get("table", {})
        for name, limit in self.figures.items():
            if limit:
                self.each(partial(self.limit, key=f"figures.{name}"), limit)
        for name, table in self.tables.items():
            for code, limit in table.items():
                self.each(partial(self.limit, key=f"table.{name}.{code}"), limit)
        self.kind_names = tuple(raw.get("kind", {}))
        kinds = {name: self.each(partial(self.kind, name), body) for name, body in raw.get("kind", {}).items()}
        self.check_settings()
        if "calendar" not in raw:
            self.complain(self.fail("missing_key", "calendar"))
        rules: dict[str, Rule] = {}
        for row in raw.get("rule", []):
            rule = self.each(self.read_rule, row)
            if rule is not None and rule.id in rules:
                self.complain(self.fail("twice", "id", rule.id))
            elif rule is not None:
                rules[rule.id] = rule
        guards = (self.each(self.guard, row) for row in raw.get("guard", []))
        targets = (self.each(self.target, row) for row in raw.get("target", []))
        responsible = (self.each(self.read_responsible, row) for row in raw.get("responsible", []))
        return Rulebook(
            name=raw.get("name", self.name),
            title=self.each(partial(self.text, key="title"), raw.get("title", self.name)) or {"zh": "", "en": ""},
            calendar=raw.get("calendar", ""),
            settings=self.settings,
            figures=self.figures,
            tables=self.tables,
            kinds={name: kind for name, kind in kinds.items() if kind is not None},
            rules=rules,
            guards=tuple(guard for guard in guards if guard is not None),
            targets=tuple(target for target in targets if target is not None),
            raw=raw,
            responsible=tuple(row for row in responsible if row is not None),
        )

    def top(self, raw: Raw) -> None:
        """Its keys, and whether tables are tables and lists of tables are that."""
        for key, value in raw.items():
            rows = value if key in ROWS and isinstance(value, list) else [value]
            if key in (*ROWS, "settings", "figures", "table", "kind") and not all(
                isinstance(row, dict) for row in rows
            ):
                raise self.fail("bad_shape", key, value)
        for name, rows in raw.get("table", {}).items():
            if not isinstance(rows, dict):
                raise self.fail("bad_shape", f"table.{name}", rows)
        for key in ("calendar", "name", "prompts"):
            if not isinstance(raw.get(key, ""), str):
                raise self.fail("bad_shape", key, raw[key])
        self.keys(raw, _TOP, "")

    def check_settings(self) -> None:
        """Each setting is known and has its form; a misspelt one would silently leave the default."""
        for name in self.settings:
            self.each(self.check_setting, name)

    def check_setting(self, name: str) -> None:
        """One of them."""
        key, value = f"settings.{name}", self.settings[name]
        form = words.SETTINGS[self.known(name, words.SETTINGS, "settings", "unknown_key")]
        if isinstance(form, tuple):
            if not isinstance(value, dict):
                raise self.fail("bad_setting", key, value)
            for kind, word in value.items():
                self.known(kind, self.kind_names, key, "unknown_kind")
                self.known(str(word), form, f"{key}.{kind}")
        elif form in ("kind", "kinds"):
            for kind in self.strings(value, key):
                self.known(kind, self.kind_names, key, "unknown_kind")
        elif form == "shifts":
            if not isinstance(value, list) or not all(
                isinstance(row, dict) and row.keys() == {"name", "from", "to"} for row in value
            ):
                raise self.fail("bad_setting", key, value)
        elif not isinstance(value, str if form == "text" else int) or isinstance(value, bool):
            raise self.fail("bad_setting", key, value)

    def text(self, value: object, key: str) -> Text:
        if isinstance(value, str):
            return {"zh": value, "en": value}
        if isinstance(value, dict) and value.keys() == {"zh", "en"}:
            return value
        raise self.fail("bad_text", key, value)

    def strings(self, value: object, key: str) -> tuple[str, ...]:
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise self.fail("bad_list", key, value)
        return tuple(items)

    def limit(self, value: object, key: str) -> Limit:
        try:
            limit = parse_limit(value, where=key)
        except Refusal as refusal:
            raise Refusal(
                refusal.code, **{"file": self.file, "rule": self.rule, "key": key, **refusal.params}
            ) from None
        for fact in limit.anchors():
            word = words.FACTS.get(fact)
            if word is None or word.type != "time":
                times = [f.name for f in words.FACTS.values() if f.type == "time"]
                raise self.fail("unknown_anchor", key, f"@{fact}", times)
        for figure in limit.figures():
            self.known(figure, self.figures, key, "unknown_figure")
        for table, fact in limit.tables():
            self.known(table, self.tables, key, "unknown_table")
            self.known(fact, words.FACTS, key, "unknown_fact")
        return limit

    def where(self, value: object, key: str) -> Where:
        if not isinstance(value, dict):
            raise self.fail("bad_where", key, value)
        for fact, test in value.items():
            self.known(fact, words.FACTS, key, "unknown_fact")
            self.fact_values(fact, test, f"{key}.{fact}")
        return Where.of(value)

    def fact_values(self, fact: str, test: object, key: str) -> None:
        """A choice fact takes only its own words, a flag only true and false."""
        if isinstance(test, dict):
            self.keys(test, ("min", "max", "not"), key)
            if "not" in test:
                self.fact_values(fact, test["not"], key)
            return
        word = words.FACTS[fact]
        for item in test if isinstance(test, list) else [test]:
            if fact == "kind":
                self.known(str(item), self.kind_names, key, "unknown_kind")
            elif word.values:
                self.known(str(item), word.values, key, "unknown_value")
            elif word.type == "flag" and not isinstance(item, bool):
                raise self.fail("not_a_flag", key, item)

    def duty(self, value: str, key: str) -> str:
        """``duty``, ``duty@department`` or ``@fact`` naming a member of staff."""
        if value.startswith("@"):
            staff = [name for name, fact in words.FACTS.items() if fact.type == "staff"]
            self.known(value[1:], staff, key, "unknown_fact")
        else:
            self.known(value.partition("@")[0], words.DUTIES, key, "unknown_duty")
        return value

    def events(self, value: object, key: str) -> tuple[str, ...]:
        return tuple(self.known(name, words.EVENTS, key, "unknown_event") for name in self.strings(value, key))

    def kind(self, name: str, body: Raw) -> Kind:
        self.rule = f"kind.{name}"
        self.keys(body, _KIND, self.rule)
        for need in ("title", "number", "key"):
            if need not in body:
                raise self.fail("missing_key", need)
        asked = body.get("fields", ["room", "person", "phone", "what"])
        fields = tuple(self.known(f, words.FIELDS, "fields") for f in asked)
        required = tuple(self.known(f, fields, "required") for f in body.get("required", ["what"]))
        kind = Kind(
            id=name,
            title=self.text(body["title"], "title"),
            number=body["number"],
            key=str(body["key"]),
            fields=fields,
            required=required,
            dispatch=self.known(body.get("dispatch", "none"), words.FACTS["dispatch"].values, "dispatch"),
            department=body.get("department"),
            closes=self.known(body.get("closes", "by hand"), _CLOSES, "closes"),
            questions=tuple((q["id"], self.text(q["text"], "questions")) for q in body.get("questions", [])),
            duty=self.duty(body["duty"], "duty") if "duty" in body else None,
            code=bool(body.get("code", False)),
            facts=self.defaults(body.get("facts", {})),
        )
        self.rule = None
        return kind

    def defaults(self, value: Raw) -> Raw:
        for fact, item in value.items():
            self.known(fact, words.FACTS, "facts", "unknown_fact")
            self.fact_values(fact, item, f"facts.{fact}")
        return value

    def read_rule(self, row: Raw) -> Rule:
        self.rule = self.ident(row, None)
        self.keys(row, _RULE, "")
        every = row.get("every")
        for need in ("title", "within", "by", "until", "on") if every is None else ("title", "within", "by"):
            if need not in row:
                raise self.fail("missing_key", need)
        if every is not None:
            if "on" in row:
                raise self.fail("on_and_every", "every")
            if not is_sound(every):
                raise self.fail("bad_rrule", "every", every)
            on: tuple[tuple[str, Where], ...] = (("duty.opened", Where.of({"rule": self.rule})),)
        else:
            on = self.opened_by(row["on"])
        if "only_if" in row:
            self.known(row["only_if"], words.COUNTS, "only_if")
        rule = Rule(
            id=self.rule,
            source=self.strings(row.get("source", []), "source"),
            title=self.text(row["title"], "title"),
            on=on,
            until=self.events(row.get("until", []), "until"),
            within=self.limit(row["within"], "within"),
            by=self.duty(row["by"], "by"),
            where=self.where(row.get("where", {}), "where"),
            cancel=self.events(row.get("cancel", ["ticket.cancelled"]), "cancel"),
            warn=self.limit(row["warn"], "warn") if "warn" in row else None,
            missed=tuple(self.step(step) for step in row.get("missed", [])),
            again=self.known(row.get("again", "restart"), ("restart", "keep", "another"), "again"),
            counts_from="opening"
            if "counts_from" in row and self.known(row["counts_from"], ("opening",), "counts_from")
            else None,
            not_before=self.limit(row["not_before"], "not_before") if "not_before" in row else None,
            runs_through_pauses=bool(row.get("runs_through_pauses", False)),
            every=every,
            times=int(row.get("times", 1)),
            only_if=row.get("only_if"),
            lands=self.known(row.get("lands", "exact"), ("before", "after", "exact"), "lands"),
            form=row.get("form"),
        )
        self.rule = None
        return rule

    def ident(self, row: Raw, otherwise: str | None) -> str:
        """What the row is called; ``otherwise`` where it need not have a name."""
        found = row.get("id", otherwise)
        if not found:
            raise self.fail("missing_key", "id")
        if not isinstance(found, str):
            raise self.fail("bad_shape", "id", found)
        return found

    def opened_by(self, value: object) -> tuple[tuple[str, Where], ...]:
        found = []
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                self.keys(item, ("event", "where"), "on")
                found.append((item.get("event", ""), self.where(item.get("where", {}), "on")))
            else:
                found.append((item, Where()))
        if not found:
            raise self.fail("missing_key", "on")
        for name, _ in found:
            self.known(name, words.EVENTS, "on", "unknown_event")
        return tuple(found)

    def step(self, row: Raw) -> Step:
        self.keys(row, _STEP, "missed")
        for need in ("then", "who"):
            if need not in row:
                raise self.fail("missing_key", f"missed.{need}")
        return Step(
            then=self.known(row["then"], words.STEPS, "missed.then"),
            who=self.duty(row["who"], "missed.who"),
            within=self.limit(row["within"], "missed.within") if "within" in row else None,
            repeat="repeat" in row and bool(self.known(row["repeat"], ("each duty",), "missed.repeat")),
            gather=bool(row.get("gather", False)),
        )

    def guard(self, row: Raw) -> Guard:
        self.rule = self.ident(row, "guard")
        self.keys(row, _GUARD, "guard")
        for need in ("before", "do", "text"):
            if need not in row:
                raise self.fail("missing_key", need)
        guard = Guard(
            id=self.rule or "guard",
            source=self.strings(row.get("source", []), "source"),
            before=self.events(row["before"], "before"),
            do=self.known(row["do"], _DO, "do"),
            text=self.text(row["text"], "text"),
            where=self.where(row.get("where", {}), "where"),
            unless=self.where(row["unless"], "unless") if "unless" in row else None,
            who=tuple(self.duty(duty, "who") for duty in self.strings(row.get("who", []), "who")),
        )
        self.rule = None
        return guard

    def read_responsible(self, row: Raw) -> Responsible:
        self.rule = row.get("id")
        self.keys(row, _RESPONSIBLE, "responsible")
        for need in ("id", "who"):
            if need not in row:
                raise self.fail("missing_key", need)
        return Responsible(
            id=row["id"],
            who=self.duty(row["who"], "who"),
            where=self.where(row.get("where", {}), "where"),
            superior=self.duty(row["superior"], "superior") if "superior" in row else None,
            source=self.strings(row.get("source", []), "source"),
        )

    def target(self, row: Raw) -> Target:
        self.rule = self.ident(row, "target")
        self.keys(row, _TARGET, "target")
        target = Target(
            id=self.rule or "target",
            source=self.strings(row.get("source", []), "source"),
            measure=self.known(row.get("measure", ""), words.MEASURES, "measure"),
            title=self.text(row.get("title", self.rule), "title"),
            where=self.where(row.get("where", {}), "where"),
            at_least=row.get("at_least"),
            below=row.get("below"),
            per=row.get("per"),
        )
        self.rule = None
        return target
