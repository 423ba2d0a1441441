"""The table of sentences by code of refusal. Written out whole, so that the catalogue holds whole sentences."""

from __future__ import annotations

from collections.abc import Mapping

from desk.i18n import N_

SENTENCES: Mapping[str, str] = {
    # -- the store -----------------------------------------------------------------------------------------
    "store.missing": N_("There is no store at {place} yet. Set one up with “desk init”, or name another with --db."),
    "store.exists": N_("{place} is there already and is not written over. Choose another name."),
    "store.no_folder": N_("The folder for {place} does not exist. Make it, or choose another place."),
    "store.no_access": N_("{place} may not be opened by this user. Ask whoever looks after this machine for access."),
    "store.read_only": N_(
        "{place} can only be read: nothing can be recorded. Make the file and its folder writable, or choose another "
        "place."
    ),
    "store.not_a_database": N_(
        "{place} is no desk store, or it is damaged. Choose another file, or put back a backup: “desk restore "
        "--newest”."
    ),
    "store.foreign": N_("{place} is a database of another program. Nothing was changed; choose another file."),
    "store.newer": N_(
        "{place} was written by a newer version of desk ({found}; this one knows {known}). Install the newer version."
    ),
    "store.older": N_(
        "{place} comes from an older version of desk ({found}) and can only be read here. Make it writable, so that it "
        "can be brought up to date."
    ),
    "store.upgrade": N_("{place} could not be brought up to date and is as it was before: {detail}"),
    "store.locked": N_("{place} is being written by another program. Try again in a moment."),
    "store.full": N_("The disk that holds {place} is full: nothing was recorded. Make room, then try again."),
    "store.reserve": N_(
        "The disk that holds {place} is full: this was not recorded. The reserve has been freed: save again, close the "
        "shift, and make room at once."
    ),
    "store.little": N_("Only {left} MB are left on the disk that holds {place}. Make room before it is full."),
    "store.io": N_("{place} could not be read or written: {detail}. Check the disk or the network drive."),
    "store.corrupt": N_(
        "{place} is damaged: {detail}. Stop writing and put back the last backup: “desk restore --newest”."
    ),
    "store.conflict": N_("Somebody else has recorded the same thing at {place} meanwhile. Look again, then try again."),
    "store.replaced": N_("{place} was moved or replaced while it was open. Leave desk and start it again."),
    "store.text": N_("That text has characters that cannot be kept. Type it again."),
    "store.address": N_("{place} is no address of a store. Give a file, or postgresql://user@host/name."),
    "store.driver": N_("The server at {place} needs the package {package}: install desk with the extra “postgres”."),
    "store.unreachable": N_("The server at {place} does not answer or refuses entry: {detail}"),
    "store.unsure": N_(
        "The server at {place} went away while saving, and it is not known yet whether that was kept. Wait until it "
        "answers, then save again: nothing is saved twice."
    ),
    "store.not_saved": N_("The server at {place} went away while saving. Nothing was recorded: save again."),
    "store.plain": N_(
        "{place} is on another machine, and sslmode={mode} lets everybody on the way read along. Say sslmode=require, "
        "or better sslmode=verify-full."
    ),
    "store.encrypted": N_(
        "{place} is encrypted. Its passphrase is asked for at a terminal, or put into DESK_PASSPHRASE; it is never "
        "written behind a command."
    ),
    "store.passphrase": N_(
        "That is not the passphrase of {place}. Nothing was changed. If it is right for sure, the file's beginning may "
        "be destroyed: “desk restore” puts a backup back."
    ),
    "store.cipher": N_(
        "To encrypt {place}, or to open it encrypted, the package {package} is needed: install desk with the extra "
        "“encrypted”."
    ),
    "store.server": N_("{place} is a server: back it up with the server's own tools."),
    "act.kept": N_(
        "What was being saved when the server went away was kept after all: {number} {event}. Look at it; save again "
        "only if this is something else."
    ),
    "act.meanwhile": N_("Somebody else has done something here meanwhile. Look again, then record yours."),
    # -- who acts --------------------------------------------------------------------------------------------
    "grant.denied": N_("Not your right: “{title}”. Here it is done by: {duties}."),
    "grant.own": N_("“{title}”: nobody does that for another. Whoever does it signs in."),
    "pin.wrong": N_("That is not the PIN. Tries left before it is locked for a while: {left}."),
    "pin.locked": N_("Too many wrong PINs: none is taken before {until}. A supervisor can give a new one."),
    "pin.none": N_("{name} has no PIN yet, and without one nobody works here. A supervisor gives a first one."),
    "pin.first": N_("{name} has a first PIN: choose your own before you go on, with “desk pin change”."),
    "pin.asked": N_("{name} has a PIN: run this at a terminal, where it is asked for, or put it into {variable}."),
    "pin.form": N_("A PIN has {least} to {most} digits."),
    "pin.easy": N_("That PIN is guessed at once. Not one digit only, no run, not your staff number."),
    "pin.same": N_("The new PIN is the old one. Choose another."),
    "pin.twice": N_("The two are not the same. Type the new PIN twice."),
    "pin.self": N_("First choose a PIN of your own: else nobody could get in any more."),
    "pin.idle": N_("Minutes until the console locks itself: 1 to {most}, or 0 for never."),
    "pin.no_such": N_("{name} has no PIN."),
    "staff.last": N_("{name} is the last one with a PIN who may change who works here. Give somebody else that first."),
    "store.gone": N_(
        "The records at {place} are not there any more, but backups are. Put the newest back with “desk restore "
        "--newest”, or name another place with --db."
    ),
    "restore.none": N_("There is no backup of {place} that is whole."),
    "access.file": N_("{place} is a file: who may open it is the folder's matter. Roles are a server's."),
    "access.name": N_("“{given}” is no name of a role: small letters, digits and _, beginning with a letter."),
    "move.occupied": N_("{place} holds an estate already. Everything goes to an empty place."),
    "move.differs": N_(
        "What arrived is not what was sent ({what}). Nothing was changed; run “desk check” on both places."
    ),
    "move.ask": N_("Nothing was changed. Repeat the command with --yes to carry the records over."),
    "encrypt.already": N_("{place} is encrypted already. “desk encrypt --again” gives it another passphrase."),
    "encrypt.not": N_("{place} is not encrypted. “desk encrypt” does that."),
    "encrypt.asked": N_("Run this at a terminal, where the passphrase is asked for, or put it into {variable}."),
    "encrypt.twice": N_("The two are not the same. Nothing was changed."),
    "encrypt.short": N_(
        "A passphrase has at least {least} characters: whoever gets the file can try as many as they like. Several "
        "words are easiest to keep."
    ),
    "encrypt.ask": N_("Nothing was changed. Repeat the command with --yes to do it."),
    "restore.no_file": N_("There is no file {file}. “desk restore” alone lists the backups."),
    "restore.ask": N_("Nothing was changed. Repeat the command with --yes to put this backup in place."),
    # -- the estate and setting it up ----------------------------------------------------------------------
    "estate.none": N_("This store holds no estate yet. Set one up with “desk init”."),
    "estate.no_such": N_("There is no estate called “{name}” in this store."),
    "estate.unknown": N_("That estate is not in this store."),
    "estate.which": N_("This store holds several estates: {names}. Say which with --estate."),
    "estate.exists": N_("An estate called “{name}” is there already. Choose another name."),
    "estate.no_name": N_("The estate needs a name."),
    "estate.no_staff": N_("Name at least one person who works here."),
    "demo.not_empty": N_(
        "{place} holds an estate already: {names}. The demonstration estate wants a store of its own: "
        "name one with --db."
    ),
    "adopt.no_reason": N_("Say why the rules are changed."),
    "adopt.ask": N_("Nothing is changed yet. Repeat the command with --yes to adopt this."),
    "deadline.unknown": N_("There is no deadline {id}."),
    "days.no_holidays": N_("The opening hours in force ({calendar}) do not follow statutory days: nothing to import."),
    "days.same": N_("The statutory days of {year} are known already, and these are the same."),
    "recompute.none": N_("Everything open goes by the rules in force already."),
    "rules.no_such": N_("There is no rule, guard or target “{name}” in the rules in force."),
    "rules.no_such_key": N_("There is no “{name}” in the rules in force. Write RULE.KEY or figures.NAME."),
    "rules.not_off": N_("“{name}” is not switched off, or never was there."),
    "adopt.same": N_("Nothing differs from the rules in force ({name})."),
    "setup.duty": N_("“{word}” ({name}) is no duty. There are: {known}."),
    "language.unknown": N_("There is no interface in “{given}”. Choose one of: {known}."),
    "resource.missing": N_("This installation lacks {name} (looked in {folder}). Install desk again."),
    # -- rulebooks -----------------------------------------------------------------------------------------
    "rulebook.no_file": N_("There is no rulebook at {file}."),
    "rulebook.unreadable": N_("The rulebook {file} cannot be read: {error}"),
    "rulebook.toml": N_("The rulebook {file} is not written in TOML: {error}"),
    "rulebook.circle": N_("The rulebook {file} extends itself by way of “{word}”. Take one “extends” out."),
    "rulebook.no_base": N_("The rulebook {file} extends “{word}”, which is not there."),
    "rulebook.no_version": N_("The store lacks version {version} of the estate's rules. Put back a backup."),
    "rulebook.part_unknown": N_("The rulebook {file} takes “{word}” from another, which has nothing of that name."),
    "rulebook.off_unknown": N_("The rulebook {file} switches off “{word}”, which is not in it."),
    "rulebook.missing_key": N_("{where}: this key is missing."),
    "rulebook.unknown_key": N_("{where}: “{word}” is no key a rulebook may have here."),
    "rulebook.unknown_word": N_("{where}: “{word}” is not one of the words allowed here."),
    "rulebook.unknown_event": N_("{where}: there is no event “{word}”."),
    "rulebook.unknown_fact": N_("{where}: there is no fact “{word}”."),
    "rulebook.unknown_value": N_("{where}: the fact does not take the value “{word}”."),
    "rulebook.unknown_kind": N_("{where}: there is no kind of ticket “{word}” in this rulebook."),
    "rulebook.unknown_duty": N_("{where}: there is no duty “{word}”."),
    "rulebook.unknown_anchor": N_("{where}: “{word}” is no fact that holds a time."),
    "rulebook.unknown_figure": N_("{where}: there is no figure “{word}” under [figures]."),
    "rulebook.unknown_table": N_("{where}: there is no table “{word}”."),
    "rulebook.twice": N_("{where}: “{word}” is there twice."),
    "rulebook.bad_text": N_('{where}: write a text, or {{ zh = "…", en = "…" }}.'),
    "rulebook.bad_setting": N_("{where}: “{word}” is not what this setting takes."),
    "rulebook.bad_list": N_("{where}: write a text or a list of texts."),
    "rulebook.bad_where": N_("{where}: write conditions as {{ fact = value }}."),
    "rulebook.bad_rrule": N_("{where}: “{word}” is no recurrence rule. Write it like FREQ=WEEKLY;BYDAY=MO."),
    "rulebook.not_a_flag": N_("{where}: this fact is true or false, not “{word}”."),
    # -- what a check finds in a rulebook that reads well (desk.rulebook.findings) ---------------------------
    "rulebook.same_key": N_("{where}: the key {word} chooses {other} already."),
    "rulebook.same_number": N_("{where}: numbers begin with {word}, as those of {other} do."),
    "rulebook.never_opens": N_("{where}: no event can open this rule; {event} never has {fact} as asked ({word})."),
    "rulebook.never_met": N_("{where}: nothing that follows {event} can meet this rule ({word})."),
    "rulebook.no_such_kind": N_("{where}: no kind it speaks of ({kinds}) is {word}, so it never opens as things are."),
    "rulebook.anchor_never": N_("{where}: {event} never has {word}, so there is no due time."),
    "rulebook.met_and_withdrawn": N_("{where}: {word} both meets and withdraws it; it counts as met."),
    "rulebook.warn_after": N_("{where}: “{word}” is not before the deadline."),
    "rulebook.warn_before_start": N_("{where}: “{word}” is before the start: the limit is only “{limit}”."),
    "rulebook.warn_at_once": N_(
        "{where}: “{word}” is before the start where what begins is due soon: begun {start}, it is due {due}, and "
        "warns from the first moment."
    ),
    "rulebook.endless_steps": N_("{where}: missed steps open these rules again without end: {word}."),
    "rulebook.endless": N_("{where}: whatever meets one of these rules opens the next, without end: {word}."),
    "rulebook.two_figures": N_(
        "{where}: one duty with two figures: “{limit}” here, “{word}” in {other}; one event opens both, for the same "
        "people."
    ),
    "rulebook.same_duty": N_("{where}: {other} asks for the same thing within the same limit."),
    "rulebook.empty_figure": N_("{where}: ${word} is empty; the estate must fill it in. Asked for by: {rules}."),
    "rulebook.unused_figure": N_("{where}: no rule asks for ${word}."),
    "rulebook.empty_row": N_("{where}: {word} is empty; the estate must fill it in."),
    "rulebook.stretched": N_(
        "{where}: “{word}” counts in opening hours only. Begun {start}, it is due {due}. Rules: {rules}."
    ),
    "rulebook.through_closing": N_(
        "{where}: “{word}” runs by the clock, through closed hours too. Begun {start}, it is due {due}. Rules: {rules}."
    ),
    "rulebook.bad_shape": N_("{where}: this does not have the form a rulebook wants ({word})."),
    "rulebook.on_and_every": N_("{where}: a rule has either “on” or “every”, not both."),
    # -- limits and calendars ------------------------------------------------------------------------------
    "limit.unknown": N_("{where}: “{text}” is no time limit. Did you mean “{nearest}”?"),
    "limit.unknown_key": N_("{where}: “{key}” is no word of a time limit. Valid: {valid}."),
    "limit.bad_table": N_("{where}: write one of earliest, latest, limit, or table with key; here is: {text}."),
    "limit.not_an_amount": N_("{figure} stands before an anchor and must be an amount such as 30 min, not “{text}”."),
    "limit.fact_not_a_time": N_("{fact} is “{text}”, which is no point in time."),
    "calendar.unreadable": N_("{file} cannot be read: {reason}"),
    "calendar.missing_key": N_("{file}: {key} is missing."),
    "calendar.unknown_key": N_("{file}: {key} is no word of a calendar. Valid here: {valid}."),
    "calendar.bad_value": N_("{file}: {key} cannot be “{text}”. Write it like {expected}."),
    "calendar.bad_hours": N_('{file}: {key} has “{text}”, which are no opening hours. Write "08:00-12:00".'),
    "calendar.hours_overlap": N_("{file}: the hours of {key} overlap: {text}."),
    "calendar.day_twice": N_("{file}: {key} names {text} a second time."),
    "calendar.seasons_overlap": N_("{file}: the season at {key} overlaps the season “{text}”."),
    "calendar.timezone_unknown": N_("{file}: there is no time zone “{text}”."),
    "calendar.statutory_missing": N_(
        '{file}: holidays = "CN", but no year\'s statutory days are installed. Import them, or write holidays = "none".'
    ),
    "calendar.never_open": N_("{file}: {key} leaves the desk no open hour."),
    "calendar.no_open_hour": N_("{file}: with these {key} the desk has no open hour in {year}."),
    "calendar.day_ends_missing": N_(
        '{file}: a desk that never closes must say where its day ends: day_ends = "24:00".'
    ),
    "cases.no_case": N_("{file}: a case is an object with timezone, hours, start, add and unit."),
    "cases.unreadable": N_("{file} is no table of cases: {reason}"),
    "calendar.too_far": N_("That lies centuries away. Check the date and the figure."),
    # -- values and verbs ----------------------------------------------------------------------------------
    "pick.which": N_("“{text}” does not say who is meant: pick one with Enter, or empty the field."),
    "value.missing": N_("{title} is missing: fill it in."),
    "value.choice": N_("{title} cannot be “{value}”. Choose one of: {known}."),
    "value.flag": N_("{title} is yes or no, not “{value}”."),
    "value.number": N_("{title} must be a number, not “{value}”."),
    "value.negative": N_("{title} cannot be less than zero ({value})."),
    "value.time": N_("{title} must be a time, such as 14:00 or 11-24 10:00, not “{value}”."),
    "value.past": N_("{title} lies in the past ({value}). Give a time to come."),
    "value.unknown": N_("“{name}” is not asked here. Asked are: {known}."),
    "value.wrong": N_("{title} cannot be “{value}”. Choose one of: {known}."),
    "verb.unknown": N_("There is no command “{verb}” for this."),
    "verb.not_here": N_("“{verb}” makes no sense for this one under the estate's rules."),
    "time.unclear": N_("“{text}” is no time. Write 14:00, 明天 9:30, 11-24 10:00 or +30."),
    "subject.unknown": N_("That entry is not there (any more). Look again."),
    "subject.which": N_("Say which one “{verb}” is meant for."),
    "guard.refuse": N_("{text}."),
    "guard.ask": N_("{text} Confirm to go on."),
    "guard.approve": N_("{text}. It must be approved by: {duties}."),
    # -- the contact box, the week, the monthly sample -----------------------------------------------------
    "box.count": N_("“{value}” is no number of letters. Write 0, 1, 2 …"),
    "box.nothing": N_("Write the letters out, one a line, or say how many were taken down elsewhere."),
    "box.more_than_found": N_("{written} letters are written out, but {found} are there to be taken down."),
    "box.letter_lacks": N_("Letter {letter} lacks what its kind must have ({name}). Take it down at intake."),
    "box.none_left": N_("Every letter of the contact box has been taken down."),
    "week.to_come": N_("That week is still to come ({day})."),
    "sample.month": N_("“{text}” is no month. Write it like 2026-10."),
    "sample.not_over": N_("{month} is not over: draw when every callback of the month can be drawn."),
    "sample.again": N_("The sample of {month} has been drawn. To draw again, say why."),
    "sample.none": N_("No sample has been drawn yet: desk day draw-sample."),
    "sample.size": N_("“{value}” is no number of callbacks to draw. Write 1 or more."),
    # -- people, rooms, staff ------------------------------------------------------------------------------
    "person.unknown": N_("That person is not there (any more). Look them up again."),
    "person.no_name": N_("The person needs a name."),
    "person.phone": N_("“{number}” is no telephone number."),
    "person.phones": N_("A person has at most {most} telephone numbers here."),
    "person.role": N_("“{role}” is nobody's role at a home. There are: {known}."),
    "person.no_such": N_("Nobody on record has this whole name, telephone number or id: “{text}”."),
    "person.which": N_("Several people are called so or have this number. Say the id of the one you mean: {people}"),
    "export.whom": N_("Say whose: desk export person NAME --to FILE. A whole name, a telephone number or an id."),
    "forget.open": N_("{name} still has something open: {numbers}. Close it first, then they can be forgotten."),
    "forget.ask": N_("Nobody was asked: run this at a terminal, or add --yes to forget them without a question."),
    "retention.kind": N_("“{kind}” is no kind that is kept. There are: {known}."),
    "retention.months": N_("Months are 1 to {most}, or 0 to keep it for good."),
    "retention.form": N_("“{text}” is not understood. Write the kind and the months: repair=36."),
    "retention.nothing": N_("Nothing has been kept long enough to go."),
    "retention.ask": N_("Nobody was asked: run this at a terminal, or add --yes to do it without a question."),
    "room.unknown": N_("That room is not there (any more). Look it up again."),
    "room.exists": N_("The room {room} is there already."),
    "room.no_code": N_("The room needs a number or a name."),
    "room.kind": N_("“{kind}” is no kind of room. There are: {known}."),
    "staff.unknown": N_("That member of staff is not there."),
    "staff.exists": N_("Somebody called {name} works here already. Add a word that tells them apart."),
    "staff.number": N_("{who} has the staff number {number} already. Each has their own: one signs in by it."),
    "staff.no_name": N_("The member of staff needs a name."),
    "staff.duty": N_("“{duty}” is no duty. There are: {known}."),
    # -- tickets -------------------------------------------------------------------------------------------
    "kind.unknown": N_("There is no kind of ticket “{kind}”. There are: {known}."),
    "kind.gone": N_("The estate's rules no longer know the kind “{kind}” of this ticket. Close it by hand."),
    "ticket.no_such": N_("There is no ticket {number}. Check the number, or look it up in the list."),
    "ticket.over": N_("{number} is over ({status}). Reopen it first."),
    "ticket.not_over": N_("{number} is still open: there is nothing to reopen."),
    "ticket.not_unfinished": N_("The work on {number} is done already ({status}). Reopen it first."),
    "ticket.callback_first": N_("{number} closes after its callback. Complete it, then call back."),
    "ticket.paused": N_("{number} is paused already."),
    "ticket.not_paused": N_("{number} is not paused."),
    "ticket.unclaimed": N_("Nobody has claimed {number} yet, nor was it given to anybody. Do that first."),
    "ticket.working": N_("Work on {number} has begun already."),
    "ticket.claimed_already": N_("{number} has been claimed already, by {who}."),
    "ticket.accepted_already": N_("{number} has been accepted already, by {who}."),
    "ticket.not_given": N_("{number} has not been given to anybody yet. Dispatch it first."),
    "correct.nothing": N_("Nothing was changed. Correct at least one entry."),
    "transfer.same": N_("{number} is theirs already. Choose somebody else."),
    "transfer.not_theirs": N_("{number} was delegated to {who}, who must take it over."),
    "class.begun": N_(
        "Work on {number} has begun under its class, or its slip is out. Take the slip back first, or open another "
        "ticket."
    ),
    "slip.out": N_("The slip of {number} is signed out already, to {who}."),
    "slip.not_out": N_("The slip of {number} is not out. Sign it out first."),
    "slip.not_back": N_("The slip of {number} is not back at the desk. Note its return first."),
    "slip.not_done": N_("The work of {number} is not done. Complete it first."),
    "slip.signed": N_("{number} is accepted and signed already."),
    "slip.incomplete": N_("The slip of {number} is not complete. Missing: {gaps}. Fill them in and check again."),
    "rates.not_over": N_("The time from {first} to {last} is not over yet. Choose an earlier day."),
    "meeting.listed": N_("{number} is on the managers' meeting's list already."),
    "transfer.none": N_("{number} has not been offered to anybody."),
    "assign.same": N_("{number} is with {who} already. Choose somebody else."),
    "claim.not_theirs": N_("{who} cannot claim this: it is for the duty {duty}."),
    "tell.whom": N_("Say which department or who was told of {number}."),
    "press.whom": N_("Say who was told of {number}."),
    "question.whom": N_("Say which specialist was asked about {number}."),
    "repair.when": N_("{number}: a time was told before. Say in how many minutes, or when, somebody comes now."),
    "appointment.before_offered": N_("{number}: {at} is before the time we offered ({offered}). Agree a later one."),
    "visit.over": N_("{number} has gone already."),
    "visit.not_waiting": N_("{number} is not waiting: {status}."),
    "visit.not_served": N_("Nobody is with {number} yet."),
    "visit.held": N_("{number} is on hold already."),
    "visit.not_held": N_("{number} is not on hold."),
    "visit.not_explaining": N_("Nothing is being explained to {number}."),
    "visit.explaining": N_("{number}: the explanation has begun already."),
    "visit.top": N_("{number} is with the management-office director already: there is nobody further up."),
    "visit.not_up": N_("{number} is there already or further up."),
    "visit.colleague": N_("Say which colleague takes {number} over."),
    "visit.no_message": N_("No message of {number} waits to be passed on."),
    "visit.kind": N_("Say as what the matter of {number} is taken down. There are: {known}."),
    "visit.unknown": N_("There is no visit {number}."),
    "visit.whom": N_("Say who receives the visitor of {number}."),
    "code.first": N_("Check the verification code of {number} first, or verify by telephone with a reason."),
    "code.wrong": N_("That is not the verification code of {number}. Ask the customer again, or verify by telephone."),
    "code.checked": N_("The verification code of {number} has been checked already."),
    "helper.there": N_("{who} is helping on {number} already."),
    "helper.none": N_("Nobody of that name is helping on {number} ({who})."),
    "helper.which": N_("Several people help on {number}: {names}. Say which one leaves."),
    "appointment.already": N_("{number} has an appointment at {at} already. Rebook it instead."),
    "appointment.was_missed": N_("The appointment of {number} at {at} was missed. Agree another time instead."),
    "appointment.not_yet": N_("The appointment at {at} is still to come. Agree another time if it can't be kept."),
    "appointment.not_open": N_("The appointment at {at} is over ({status}). Make a new one."),
    "appointment.past": N_("{at} is past. Give a time to come."),
    "appointment.same": N_("The appointment is at {at} already. Give another time."),
    "rescue.over": N_("Everybody has been freed on {number} already."),
    "workload.past": N_("{at} is past. Give a time to come."),
    "workload.not_full": N_("The workload is not marked as full."),
    "workload.project": N_("No room belongs to a project “{project}”. There are: {known}."),
    # -- complaints ----------------------------------------------------------------------------------------
    "complaint.grade_nothing": N_("Give {number} a grade, or say what is special about it."),
    "complaint.no_sheet": N_("No work contact sheet has been sent for {number} yet. Send it first."),
    "complaint.no_remedy": N_("No remedy has been drafted for {number} yet. Draft one first."),
    "complaint.no_such_remedy": N_("{number} has no remedy {remedy}; there are {drafted}."),
    "complaint.not_agitated": N_("Nobody is agitated on {number}. Call the supervisor first."),
    "complaint.no_harm": N_("No harm is going on on {number}."),
    "complaint.callback_first": N_("Call the complainant of {number} back first."),
    "complaint.filed_already": N_("The papers of {number} have been filed already."),
    # -- callbacks -----------------------------------------------------------------------------------------
    "callback.none": N_("No callback is due on {number}."),
    "callback.over": N_("This callback is over ({status})."),
    "callback.not_over": N_("This callback has not been made yet: there is nothing to review."),
    "callback.reviewed": N_("This callback has been reviewed already."),
    "callback.handler_first": N_("Hear the one who handled it before calling back."),
    "callback.why": N_("Say why the resident of {number} is not satisfied."),
    "callback.answers": N_("Answer each question with yes or no: {known}."),
    "callback.question_unknown": N_("“{name}” is not asked here. Asked are: {known}."),
    # -- shifts, duties, drafts ----------------------------------------------------------------------------
    "roster.nobody": N_("Say who is to be on duty."),
    "roster.days": N_("A roster is made for 1 to 366 days, not {days}."),
    "shift.ends_before": N_("The shift would end ({ends_at}) before it begins ({starts_at}). Check the times."),
    "shift.too_long": N_("A shift from {starts_at} to {ends_at} is longer than a day. Check the times."),
    "shift.overlaps": N_("{name} is on duty from {starts_at} to {ends_at} already. Choose other times."),
    "shift.cancelled": N_("This shift has been cancelled."),
    "shift.arrived": N_("They arrived for this shift at {at} already."),
    "shift.not_arrived": N_("Nobody has arrived for this shift yet. Note the arrival first."),
    "shift.briefed": N_("The briefing was read at {at} already."),
    "shift.left": N_("This shift is over already."),
    "duty.over": N_("This duty is over ({status})."),
    "step.none": N_("No such step is open. Look again: it may have been done meanwhile."),
    "draft.gone": N_("That draft is not there any more: it was saved or dropped elsewhere."),
    # -- shifts handed over ---------------------------------------------------------------------------------
    "handover.same_person": N_("Whoever takes over on the same day must be somebody else than the one who leaves."),
    "handover.signed_in": N_("{name} has taken over already."),
    "handover.own": N_("A handover is reviewed by somebody else than those who signed it."),
    "handover.not_yours": N_("Only the one who leaves can sign this handover."),
    "handover.changed": N_("Something has changed since this handover was shown. Read it again, then sign."),
    # -- the day --------------------------------------------------------------------------------------------
    "carry.already": N_("{number} has been carried over already."),
    "carry.not": N_("{number} has not been carried over."),
    "promise.past": N_("{at} is past: {number} cannot be promised for then. Give a time to come."),
    # -- imports --------------------------------------------------------------------------------------------
    "import.no_file": N_("There is no file {file}."),
    "import.unreadable": N_("{file} cannot be read: {error}"),
    "import.encoding": N_("{file} is neither UTF-8 nor GB18030. Save it as CSV in UTF-8."),
    "import.empty": N_("{file} holds nothing."),
    "import.no_headings": N_(
        "{file} has no line of headings that can be understood (found: {found}). Name the columns, such as 房号, 姓名, "
        "电话."
    ),
    "import.no_lines": N_("{file} has headings but no lines to bring in."),
    "import.not_written": N_("The rejected lines could not be written to {file}: {error}"),
    "import.rejects": N_(
        "{file}: {rejects} lines are rejected, so nothing was written. Put them right, or bring in the other {lines} "
        "with --accept-rejects."
    ),
    "import.nothing": N_("No line of {file} can be brought in ({rejects} rejected). Nothing was written."),
    "import.no_column": N_("{file} has no column “{column}”, which the mapping names ({key}). It has: {found}."),
    "import.map_no_file": N_("There is no mapping at {file}."),
    "import.map_toml": N_(
        "The mapping {file} is not written in TOML: {error} (words before “=” that are not plain English letters stand "
        "in quotation marks)."
    ),
    "import.map_key": N_("The mapping {file} has an unknown key {key}."),
    "import.map_missing": N_("The mapping {file} lacks {key}."),
    "import.map_value": N_("The mapping {file} says {key} = “{value}”, which cannot be. There are: {known}."),
    # -- the command line -----------------------------------------------------------------------------------
    "cli.who": N_("Say who records this: --as NAME. Here work: {known}."),
    "cli.grave": N_("“{title}” cannot simply be taken back. Repeat the command with --yes to do it."),
    "cli.kind": N_("Say what kind of ticket it is. There are: {known}."),
    "cli.person": N_("Several people fit “{name}”: {known}. Say more of the name, or the room."),
    "cli.fact": N_("There is no fact “{name}”. “desk rules words” lists them."),
    "cli.pair": N_("“{text}” should be written name=value."),
    "cli.event": N_("There is no event “{name}”. “desk rules words” lists them."),
    "cli.rule": N_("There is no rule “{name}” in that rulebook."),
    "cli.day": N_("“{text}” is no day. Write 2026-11-22, or a month as 2026-11."),
    "cli.no_file": N_("There is no file {file}, and none of ours is called so. Ours are: {known}."),
    "staff.no_such": N_("Nobody called or numbered “{name}” works here. Here work: {known}."),
    "appointment.none": N_("{number} has no appointment."),
    "duty.none": N_("The duty “{rule}” is not open. Open are: {known}."),
    "handover.none_waiting": N_("No handover waits to be signed."),
    "handover.no_such": N_("There is no handover “{id}”, or several. “desk handover list” shows them."),
    "shift.none": N_("They are not on duty now. Come on duty first."),
    "export.format": N_("{file} should end in one of: {known}."),
    "export.exists": N_("{file} is there already. Choose another name, or add --force to write over it."),
    "export.failed": N_("{file} could not be written: {error}"),
    # -- taking back and correcting ------------------------------------------------------------------------
    "undo.none": N_("There is nothing to take back."),
    "undo.already": N_("That has been taken back already."),
    "undo.apart": N_("“{event}” cannot be taken back. Record what is right instead."),
    "undo.later": N_("“{event}” has come after it on {number}. Take that back first."),
    "undo.opened": N_("{number} cannot be unopened. Cancel it with the reason."),
    "undo.other": N_("{name} recorded that. Ask them, or correct it by a new entry."),
    "correct.unknown": N_("That entry is not there."),
    "correct.apart": N_("“{event}” cannot be corrected. Record what is right instead."),
    "correct.retracted": N_("“{event}” was taken back already."),
    "correct.order": N_("It cannot have happened then: “{event}” was at {at}. Check the time."),
    "correct.no_such": N_("That entry has no “{name}”. It has: {known}."),
}
