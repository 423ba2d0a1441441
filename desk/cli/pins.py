"""``desk pin``: one's own PIN, first ones for others, whether everybody needs one, when a console locks itself."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from desk.cli.call import Call
from desk.cli.shape import LOOK, command, group
from desk.cli.show import as_json, confirmed, out, plain, table
from desk.errors import Refusal
from desk.i18n import N_, _, ngettext

app = group(N_("PINs: your own, first ones for others, whether everybody needs one."))
_NAME = Annotated[str, typer.Argument(metavar="NAME", help=N_("Name or staff number."))]
_ACT = [*LOOK, "yes"]


def show(call: Call) -> None:
    """Who has one."""
    from desk.queries import pins

    rows, said = pins.standings(call.ledger), pins.settings(call.ledger)
    if call.json:
        as_json({"settings": plain(said, call.zone), "staff": plain(rows, call.zone)})
        return
    table(
        [_("Staff number"), _("Name"), _("PIN"), _("Locked until")],
        ((row.number, row.name, state(row), call.moment(row.locked_until)) for row in rows),
    )
    out(_("Everybody needs a PIN.") if said.required else _("Who has no PIN signs in without one."))
    if said.idle_minutes:
        out(
            ngettext(
                "A console locks itself after {n} minute without a key.",
                "A console locks itself after {n} minutes without a key.",
                said.idle_minutes,
            ).format(n=said.idle_minutes)
        )


def state(row: object) -> str:
    """How somebody stands with their PIN, in a word or two."""
    if not getattr(row, "has", False):
        return _("none")
    return _("first one, to be changed") if getattr(row, "first", False) else _("chosen")


def change(call: Call) -> None:
    """One's own."""
    from desk.procedures import pins

    call.first_pin_will_do = True
    doing = call.doing()
    if call.pin is None:
        raise Refusal("pin.no_such", name=call.me.name)
    new = os.environ.get("DESK_NEW_PIN")
    if new is None:
        new = call.secret(_("New PIN"))
        if new is None:
            raise Refusal("pin.asked", name=call.me.name, variable="DESK_NEW_PIN")
        if call.secret(_("Once more")) != new:
            raise Refusal("pin.twice")
    pins.choose(call.ledger, call.pin, new, doing)
    _told(call, _("Your PIN is changed."))


def give(call: Call, name: _NAME) -> None:
    """A first one for somebody, or a new one for whoever forgot theirs."""
    from desk.procedures import pins

    person = call.person(name)
    call.first_pin_will_do = person.id == call.me.id
    made = pins.give(call.ledger, person.id, call.doing())
    if call.json:
        as_json({"staff": person.name, "pin": made})
        return
    out(
        _("First PIN of {name}: {pin}. It is shown this once; they choose their own when they sign in.").format(
            name=person.name, pin=made
        )
    )


def remove(call: Call, name: _NAME) -> None:
    """Take one away."""
    from desk.procedures import pins

    person = call.person(name)
    if not call.yes and not confirmed(_("Take the PIN of {name} away?").format(name=person.name)):
        raise Refusal("cli.grave", title=N_("Take a PIN away"))
    pins.remove(call.ledger, person.id, call.doing())
    _told(call, _("{name} has no PIN any more.").format(name=person.name))


def require(call: Call, state: Annotated[str, typer.Argument(metavar="on|off", help=N_("On or off."))]) -> None:
    """Whether nobody works without one."""
    from desk.procedures import pins

    if state not in ("on", "off"):
        raise Refusal("value.choice", name="state", title=N_("PIN"), value=state, known=["on", "off"])
    pins.require(call.ledger, state == "on", call.doing())
    _told(call, _("Everybody needs a PIN from now on.") if state == "on" else _("Who has no PIN signs in without one."))


def idle(call: Call, minutes: Annotated[int, typer.Argument(metavar="MINUTES", help=N_("0 for never."))]) -> None:
    """When a console locks itself."""
    from desk.procedures import pins

    pins.lock_after(call.ledger, minutes, call.doing())
    _told(
        call,
        ngettext(
            "A console locks itself after {n} minute without a key.",
            "A console locks itself after {n} minutes without a key.",
            minutes,
        ).format(n=minutes)
        if minutes
        else _("No console locks itself."),
    )


def _told(call: Call, sentence: str) -> None:
    if call.json:
        as_json({"done": sentence})
        return
    out(sentence)


command(app, "show", N_("Who has a PIN, and what is required."), shares=LOOK)(show)
command(app, "change", N_("Change your own PIN."), shares=LOOK)(change)
command(app, "give", N_("Give somebody a first PIN, or a new one for a forgotten one."), shares=LOOK)(give)
command(app, "remove", N_("Take somebody's PIN away."), shares=_ACT)(remove)
command(app, "require", N_("Let nobody work without a PIN: on, or off."), shares=LOOK)(require)
command(app, "idle", N_("Minutes without a key after which a console locks itself."), shares=LOOK)(idle)
