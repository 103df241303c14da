"""The roof: the cards of home, what one trial asks of one person, by her rights."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from crf.views.places import form_url
from crf.worklists import FormPlace, VisitTask, Work, work
from outcomes.models import Snapshot
from randomization.selectors import Screening, screening_of
from trial.access import TrialRoom
from trial.models import Participant
from trial.permissions import Permission
from trial.selectors import protocol_of, visible_sites
from trial.states import ParticipantState
from trial.wording import STATES, address_words, day, moment, quoted, words

# So many lines of each kind; the rest is counted.
SHOWN = 10
# And so many of what is done already, which nobody has to count.
RECENT = 5

Card = dict[str, Any]


def cards(where: TrialRoom, newest: Snapshot | None) -> list[Card]:
    """Her cards in this trial, whose newest snapshot is given: first what waits for her, then what there is to see."""
    makers = [
        (Permission.FORM_ENTER, _site_work),
        (Permission.PARTICIPANT_VIEW, _seen),
        (Permission.OUTCOMES_BY_ARM, _report),
        (Permission.SNAPSHOT_VIEW, partial(_snapshot, newest=newest)),
        (Permission.SITE_MANAGE, _first_steps),
        (Permission.AUDIT_VIEW, _audit),
        (Permission.TOKEN_MAKE, _tokens),
    ]
    waits = work(where) if where.can_somewhere(Permission.PARTICIPANT_VIEW) else Work()
    found: list[Card] = []
    for right, make in makers:
        if where.can_somewhere(right):
            found += make(where, waits)
    return found


def _site_work(where: TrialRoom, waits: Work) -> list[Card]:
    """What the staff of a site has to do."""
    return [
        _tasks(
            _("To do next"),
            _("Nobody is waiting for a step before randomization."),
            _steps(where, waits.waiting[:SHOWN]),
            len(waits.waiting),
        ),
        _tasks(
            _("Overdue"),
            _("No visit is overdue."),
            [_visit(where, each) for each in waits.overdue[:SHOWN]],
            len(waits.overdue),
        ),
        _tasks(
            _("Due this week"),
            _("No visit is due within seven days."),
            [_visit(where, each) for each in waits.due[:SHOWN]],
            len(waits.due),
        ),
        _tasks(
            _("Drafts to finish"),
            _("No form is waiting to be finished."),
            [_form(where, each) for each in waits.drafts[:SHOWN]],
            len(waits.drafts),
        ),
        _tasks(
            _("Submitted last"),
            _("No form has been submitted yet."),
            [_form(where, each) for each in waits.recent[:RECENT]],
        ),
    ]


def _tasks(title: str, nothing: str, tasks: Sequence[dict[str, Any]], number: int = 0) -> Card:
    """A list of what is shown of `number` things; without a number the rest is not counted."""
    rest = number - len(tasks)
    return {
        "title": title,
        "text": "" if tasks else nothing,
        "tasks": tasks,
        "body": "config/home_tasks.html" if tasks else "",
        "more": _("and %(number)s more") % {"number": rest} if tasks and rest > 0 else "",
    }


def _steps(where: TrialRoom, waiting: Sequence[Participant]) -> list[dict[str, Any]]:
    """Those who are not randomized yet, each with what comes next."""
    notes = {ParticipantState.SCREENING: _("Record the consent"), ParticipantState.ENROLLED: _("Randomize")}
    judged = screening_of([each for each in waiting if each.state == ParticipantState.CONSENTED], where.trial)
    return [
        {
            "label": each.label,
            "url": reverse(
                "casebook" if each.state == ParticipantState.SCREENING else "eligibility",
                args=[where.trial.key, each.label],
            ),
            "note": _judged(where, judged[each.pk]) if each.pk in judged else notes[each.state],
            "state": each.state,
        }
        for each in waiting
    ]


def _judged(where: TrialRoom, screening: Screening) -> str:
    """What comes next for somebody who has consented and is not confirmed yet."""
    protocol = protocol_of(where.trial)
    if screening.eligibility.broken:
        return _("Not eligible: record the screen failure")
    missing = [address for outcome in screening.eligibility.open for address in outcome.missing]
    wanted = [quoted(address_words(protocol, address)) for address in missing]
    wanted += [words(protocol.forms[form].title) for form in screening.forms]
    return (
        _("Complete the screening: %(first)s") % {"first": wanted[0]} if wanted else _("Confirm eligibility")
    )


def _visit(where: TrialRoom, task: VisitTask) -> dict[str, Any]:
    label, planned = task.participant.label, task.planned
    return {
        "label": f"{label} · {words(planned.visit.label)}",
        "url": form_url(
            where.trial.key, label, visit=planned.visit.id, visit_repeat=1, form=task.form, repeat=1
        ),
        "note": _("%(opens)s to %(closes)s")
        % {"opens": day(planned.window.opens), "closes": day(planned.window.closes)},
        "state": planned.due.value,
    }


def _form(where: TrialRoom, place: FormPlace) -> dict[str, Any]:
    label, forms = place.participant.label, protocol_of(where.trial).forms
    title = words(forms[place.form].title) if place.form in forms else place.form
    url = form_url(
        where.trial.key,
        label,
        visit=place.visit,
        visit_repeat=place.visit_repeat,
        form=place.form,
        repeat=place.repeat,
    )
    return {"label": f"{label} · {title}", "url": url, "state": place.state}


def _seen(where: TrialRoom, waits: Work) -> list[Card]:
    """Counts of the participants she may see; those of several sites site by site. Counts are live, without arms."""
    counts = waits.by_state
    actions = [_link(where, "participants", _("Open the list"))]
    if where.can_somewhere(Permission.PARTICIPANT_REGISTER):
        actions.insert(0, _link(where, "register", _("Register a participant"), kind="primary"))
    people = {
        "title": _("Participants"),
        "text": "" if counts else _("No participant is registered yet at a site you work for."),
        "facts": [
            (_("All"), sum(counts.values())),
            (_("Randomized in all"), sum(waits.randomized_at.values())),
            # Who was randomized may have withdrawn since.
            *[
                (_("Now: %(state)s") % {"state": word}, counts[state])
                for state, word in STATES.items()
                if state in counts
            ],
        ],
        "actions": actions,
    }
    return [people, *_sites(where, waits)] if where.can(Permission.PARTICIPANT_VIEW) else [people]


def _sites(where: TrialRoom, waits: Work) -> list[Card]:
    rows = [
        {
            "cells": [
                {"text": str(site)},
                {"number": waits.randomized_at.get(site.code, 0)},
                {"number": waits.overdue_at.get(site.code, 0)},
            ]
        }
        for site in visible_sites(where)
    ]
    columns = [
        {"label": _("Site")},
        {"label": _("Randomized"), "numeric": True},
        {"label": _("Visits overdue"), "numeric": True},
    ]
    card = {"title": _("Sites"), "body": "config/home_sites.html", "columns": columns, "rows": rows}
    return [card] if rows else []


def _report(where: TrialRoom, _waits: Work) -> list[Card]:
    return [
        {
            "title": _("Outcomes by arm"),
            "text": _("Estimates, verdicts and figures of the newest snapshot. Each look is recorded."),
            "actions": [_link(where, "report", _("Open the report"), kind="primary")],
        }
    ]


def _snapshot(where: TrialRoom, _waits: Work, *, newest: Snapshot | None) -> list[Card]:
    facts = (
        [
            (_("Newest"), newest.number),
            (_("Data cut-off"), day(newest.cut_off)),
            (_("Frozen"), moment(newest.taken_at)),
        ]
        if newest
        else []
    )
    told = _("What is frozen no longer changes; data entered later wait for the next snapshot.")
    actions = [_link(where, "snapshots", _("See all snapshots"))]
    if where.can_somewhere(Permission.SNAPSHOT_FREEZE):
        actions.append(_link(where, "snapshot_freeze", _("Freeze a snapshot")))
    return [
        {
            "title": _("Snapshots"),
            "text": told
            if newest
            else _("The data have not been frozen yet: nothing can be analysed before."),
            "facts": facts,
            "actions": actions,
        }
    ]


def _first_steps(where: TrialRoom, _waits: Work) -> list[Card]:
    return [
        {
            "title": _("First steps"),
            "text": _("What it takes until participants can be randomized, and what is done of it."),
            "actions": [_link(where, "first_steps", _("See the steps"), kind="primary")],
        }
    ]


def _audit(where: TrialRoom, _waits: Work) -> list[Card]:
    return [
        {
            "title": _("Audit trail"),
            "text": _("Who did what, when and why, in this trial."),
            "actions": [_link(where, "audit", _("Open the trail"))],
        }
    ]


def _tokens(where: TrialRoom, _waits: Work) -> list[Card]:
    return [
        {
            "title": _("API tokens"),
            "text": _("Programs read frozen data with a token of yours, within your rights."),
            "actions": [_link(where, "tokens", _("See your tokens"))],
        }
    ]


def _link(where: TrialRoom, name: str, label: str, *, kind: str = "secondary") -> dict[str, str]:
    return {"label": label, "url": reverse(name, args=[where.trial.key]), "kind": kind}
