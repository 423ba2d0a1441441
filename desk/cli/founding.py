"""``desk init`` and ``desk demo``: an estate in a store."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from desk import i18n, resources
from desk.cli.call import Call
from desk.cli.files import calendar_file, rulebook_file
from desk.cli.shape import LOOK, command
from desk.cli.show import as_json, out, say
from desk.errors import Refusal
from desk.i18n import N_, _, pick
from desk.vocabulary import DUTIES
from desk.wording.values import duty_named

#: what these two take of the shared options
_SHARES = LOOK


def add(app: typer.Typer, name: str, about: str) -> None:
    """Add the one asked for."""
    works: dict[str, Callable[..., None]] = {"init": init, "demo": demo}
    command(app, name, about, shares=_SHARES)(works[name])


def init(
    call: Call,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help=N_("Name of the estate."))] = None,
    rulebook: Annotated[
        str | None,
        typer.Option("--rulebook", metavar="NAME|FILE", help=N_("The manual: one of ours by name, or a file.")),
    ] = None,
    calendar: Annotated[
        str | None,
        typer.Option(
            "--calendar",
            metavar="NAME|FILE",
            help=N_("Opening hours: one of ours by name, or a file. Else the manual's."),
        ),
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="zh|en", help=N_("The estate's own language: zh or en."))
    ] = None,
    staff: Annotated[
        list[str] | None,
        typer.Option("--staff", metavar="NAME:DUTY", help=N_("Who works here, once for each: 李静:agent,supervisor")),
    ] = None,
    pins: Annotated[
        bool | None, typer.Option("--pins/--no-pins", help=N_("Whether nobody is to work without a PIN."))
    ] = None,
) -> None:
    """Found an estate; what is not given is asked for at a terminal."""
    from desk.ledger import Doing
    from desk.procedures.estate import check_founding, open_estate, read_manual
    from desk.procedures.people import StaffData
    from desk.procedures.pins import want_from_the_start
    from desk.store import Store

    asking = sys.stdin.isatty() and sys.stderr.isatty()
    if name is None and asking:
        name = typer.prompt(_("Name of the estate"), err=True)
    if rulebook is None and asking:
        for each, title in manuals():
            say(f"  {each}  {title}")
        rulebook = typer.prompt(_("Manual"), default="residential", err=True)
    if not staff and asking:
        say(_("Who works here? One a line, with their duties: 李静:agent,supervisor. An empty line ends it."))
        say("  " + ", ".join(f"{duty} {_(title)}" for duty, title in DUTIES.items()))
        staff = list(_lines())
        if pins is None:
            pins = typer.confirm(_("Should nobody work without a PIN?"), default=False, err=True)
    people = [StaffData(*person(each)) for each in staff or ()]
    manual = rulebook_file(rulebook or "residential")
    hours = calendar_file(calendar) if calendar else None
    language = language or i18n.language()
    # all that can be wrong is found before a store is made: a refusal leaves no empty one behind
    check_founding(name or "", language, people)
    _book, times, _name = read_manual(manual, hours)
    now = call.time(call.at, ZoneInfo(str(times["timezone"]))) if call.at else call.clock
    call.unlock(call.place)
    with Store.open(call.place, create=True) as store:
        ledger = open_estate(store, name or "", manual, hours, language, people, now)
        made = want_from_the_start(ledger, Doing(now)) if pins else None
        if call.json:
            told = {"estate": ledger.name, "id": str(ledger.estate_id), "rulebook": manual.stem, "store": store.place}
            as_json({**told, "pin": {"staff": made[0], "pin": made[1]}} if made else told)
            return
        out(
            _("{estate} is set up at {place} under the manual “{manual}”.").format(
                estate=ledger.name, place=store.place, manual=pick(ledger.book.title)
            )
        )
        if made:
            first = _("First PIN of {name}: {pin}. It is shown this once; they choose their own when they sign in.")
            out(first.format(name=made[0], pin=made[1]))
        else:
            say(_("Nobody has a PIN: anybody can sign as anybody. “desk pin give NAME” gives first ones."))


def demo(
    call: Call,
    rulebook: Annotated[
        str | None,
        typer.Option("--rulebook", metavar="NAME", help=N_("The manual it works under: one of ours by name.")),
    ] = None,
) -> None:
    """The demonstration estate, in a store of its own."""
    from desk import demo as estate
    from desk.store import Store

    manual, known = rulebook or "residential", list(resources.names("rulebooks"))
    if manual not in known:
        raise Refusal("value.choice", name="rulebook", title=N_("Rulebook"), value=manual, known=known)
    now = call.time(call.at, _demo_zone()) if call.at else call.clock
    call.unlock(call.place)
    try:
        with Store.open(call.place) as store:
            estate.check_empty(store)
    except Refusal as refusal:
        if refusal.code not in ("store.missing", "store.no_folder"):
            raise  # where a folder may be made it is made below; elsewhere that opening says so
    # the store is made when all that goes into it is there
    with (
        estate.built(now, language=i18n.language(), manual=manual) as made,
        Store.open(call.place, create=True) as store,
    ):
        ledger = estate.bring(made, store)
        if call.json:
            as_json({"estate": ledger.name, "id": str(ledger.estate_id), "store": store.place})
            return
        out(_("The demonstration estate {estate} is at {place}.").format(estate=ledger.name, place=store.place))


def _lines() -> Any:
    while line := typer.prompt("", default="", show_default=False, prompt_suffix="> ", err=True).strip():
        yield line


def manuals() -> list[tuple[str, str]]:
    """The rulebooks that travel with desk, with their titles."""
    titles = []
    for name in resources.names("rulebooks"):
        title = tomllib.loads(resources.path(f"rulebooks/{name}.toml").read_text("utf-8")).get("title", name)
        titles.append((name, pick(title) if isinstance(title, dict) else str(title)))
    return titles


def person(text: str) -> tuple[str, tuple[str, ...]]:
    """``李静:agent,supervisor`` → name and duties; an agent where none is said. Raises ``Refusal("setup.duty")``."""
    name, _colon, rest = text.replace("：", ":").partition(":")
    duties = []
    for word in filter(None, (part.strip() for part in rest.replace("，", ",").replace("、", ",").split(","))):
        duty = duty_named(word)
        if duty is None:
            raise Refusal("setup.duty", word=word, name=name.strip(), known=list(DUTIES))
        duties.append(duty)
    return name.strip(), tuple(duties) or ("agent",)


def _demo_zone() -> Any:
    return ZoneInfo("Asia/Shanghai")
