"""Views room of floor 1: what is open about a participant, as rows to read."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from crf import findings
from crf.findings import KeptFinding
from crf.views.desk import Desk
from trial.eligibility import CriterionOutcome
from trial.protocol.forms import RevealsArm
from trial.protocol.schema import CriterionKind
from trial.wording import words


def columns() -> list[dict[str, Any]]:
    """The headings of the table."""
    return [{"label": _("Finding")}, {"label": _("Where")}, {"label": _("Reason given")}]


def rows(desk: Desk) -> list[dict[str, Any]]:
    """Broken criteria that ask for an answer, then soft findings that were kept with a reason."""
    broken = findings.broken_criteria(desk.protocol, desk.look)
    kept = findings.kept(desk.records)
    cells = [*(_criterion(each) for each in broken), *(_kept(desk, each) for each in kept)]
    return [{"cells": each} for each in cells]


def _criterion(outcome: CriterionOutcome) -> list[dict[str, Any]]:
    criterion = outcome.criterion
    included = criterion.kind is CriterionKind.INCLUSION
    says = (
        _("Inclusion criterion not met: %(label)s") if included else _("Exclusion criterion met: %(label)s")
    )
    return [
        {"text": says % {"label": words(criterion.label)}, "note": words(criterion.note)},
        {"text": _("Eligibility")},
        {"missing": _("not answered yet")},
    ]


def _kept(desk: Desk, found: KeptFinding) -> list[dict[str, Any]]:
    form = found.protocol.forms[found.record.form]
    items = {item.id: item for item in form.items}
    item = items.get(found.item)
    marks = [form.reveals_arm, *([form.reveals(item)] if item else [])]
    place = {"text": words(form.title), "url": _url(desk, found)}
    if not desk.knows_arm and any(mark is not RevealsArm.NO for mark in marks):
        hidden = {"missing": _("Hidden: it would tell the arm.")}
        return [hidden, place, hidden]
    return [
        {"text": _says(found), "note": words(item.label) if item else ""},
        place,
        {"text": found.reason},
    ]


def _says(found: KeptFinding) -> str:
    checks = {check.id: check for check in found.protocol.forms[found.record.form].checks}
    if found.rule in checks:
        return words(checks[found.rule].say)
    if found.rule == "window":
        return _("The day lies outside the window of the visit.")
    return _("The value is unusual: %(value)s.") % {"value": found.record.values.get(found.item, "")}


def _url(desk: Desk, found: KeptFinding) -> str:
    record = found.record
    place = [record.visit.key, record.visit.repeat, record.form, record.repeat]
    return reverse("form", args=[desk.participant.trial.key, desk.participant.label, *place])
