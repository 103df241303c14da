"""Views room of floor 1: what is open about a participant, as rows to read."""

from typing import Any

from django.utils.translation import gettext as _

from crf import findings
from crf.checks import range_findings
from crf.findings import KeptFinding
from crf.views.desk import Desk
from crf.views.places import record_url
from crf.wording import sentence
from trial.eligibility import CriterionOutcome
from trial.protocol.forms import Item
from trial.protocol.revealing import answer_tells
from trial.wording import answer, broken_words, sentences, words


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
    return [
        {"text": broken_words(criterion), "note": words(criterion.note)},
        {"text": _("Eligibility")},
        {"missing": _("not answered yet")},
    ]


def _kept(desk: Desk, found: KeptFinding) -> list[dict[str, Any]]:
    form = found.form
    items = {item.id: item for item in form.items}
    item = items.get(found.item)
    place = {"text": words(form.title), "url": record_url(desk.participant, found.record)}
    if not desk.knows_arm and answer_tells(form, [found.item]):
        hidden = {"missing": _("Hidden: it would tell the arm.")}
        return [hidden, place, hidden]
    return [
        {"text": _says(found, item), "note": words(item.label) if item else ""},
        place,
        {"text": found.reason},
    ]


def _says(found: KeptFinding, item: Item | None) -> str:
    """What was found, as it was said when it was kept; the window of that day is not kept with it."""
    says = {check.id: check.say for check in found.form.checks}
    if found.rule in says:
        return words(says[found.rule])
    value = found.record.values.get(found.item, "")
    if item is not None and found.rule == "window":
        shown = answer(item, found.protocol.choices(item), value)
        return _("%(day)s lies outside the window of the visit.") % {"day": shown}
    return sentences(*(sentence(each) for each in range_findings(item, value))) if item else ""
