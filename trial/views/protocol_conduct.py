"""Views room of floor 0: how the trial is run: eligibility, derived values, strata, schedule, forms."""

from typing import Any

from django.utils.translation import gettext as _

from trial.protocol.derived import Alternative, Derived
from trial.protocol.schedule import AssessmentPlan, Visit
from trial.protocol.schema import CriterionKind, Protocol, StratificationFactor
from trial.views.protocol_sections import Section, Table, table
from trial.wording import address_words, source_cell, words


def sections(text: Protocol) -> list[Section]:
    """The cards about the conduct of the trial, in the order in which a participant meets them."""
    return [_eligibility(text), _derived(text), _strata(text), _schedule(text), _forms(text)]


def _eligibility(text: Protocol) -> Section:
    captions = {
        CriterionKind.INCLUSION: _("Inclusion: each must be true"),
        CriterionKind.EXCLUSION: _("Exclusion: each must be false"),
    }
    tables = [_criteria(text, kind, caption) for kind, caption in captions.items()]
    about = _(
        "A criterion that hangs on a missing value cannot be judged, and nobody is randomized on a guess."
    )
    return Section("eligibility", _("Eligibility"), about, tables=[each for each in tables if each["rows"]])


def _criteria(text: Protocol, kind: CriterionKind, caption: str) -> Table:
    rows = [
        [
            {"text": words(each.label), "note": words(each.note)},
            each.rule,
            source_cell(each.source),
        ]
        for each in text.eligibility
        if each.kind is kind
    ]
    return table(caption, [_("Criterion"), _("As the system judges it"), _("Source")], rows)


def _derived(text: Protocol) -> Section:
    tables = [_classes(each) for each in text.derived if each.classes]
    plain = [[words(each.label), _way(text, each), source_cell(each.source)] for each in text.derived]
    if plain:
        tables.append(table(_("Derived values"), [_("Value"), _("How"), _("Source")], plain))
    about = _("Computed from what was recorded whenever it is needed, and never stored.")
    return Section("derived", _("Derived values and classes"), about, tables=tables)


def _way(text: Protocol, derived: Derived) -> dict[str, str]:
    """How a derived value is computed."""
    note = words(derived.note)
    if derived.completed_years:
        years = derived.completed_years
        told = {"since": address_words(text, years.since), "until": address_words(text, years.until)}
        return {"text": _("Completed years from %(since)s to %(until)s") % told, "note": note}
    if derived.classes:
        return {"text": _("The first class whose condition is true; see above"), "note": note}
    if derived.any_record:
        told = {"form": words(text.forms[derived.any_record.form].title), "when": derived.any_record.when}
        return {"text": _("Whether any form “%(form)s” has %(when)s") % told, "note": note}
    if derived.first_known:
        listed = _("; ").join(_alternative(each) for each in derived.first_known)
        return {"text": _("The first that is known of: %(listed)s") % {"listed": listed}, "note": note}
    listed = _("; ").join(derived.count_true)
    return {"text": _("How many are known to be true of: %(listed)s") % {"listed": listed}, "note": note}


def _alternative(alternative: Alternative) -> str:
    """A value of which the first that is known counts, with the condition under which it does."""
    if alternative.when is None:
        return alternative.value
    return _("%(value)s where %(when)s") % {"value": alternative.value, "when": alternative.when}


def _classes(derived: Derived) -> Table:
    rows: list[list[Any]] = [
        [{"text": words(each.label), "note": words(each.note)}, each.when] for each in derived.classes
    ]
    if derived.incomplete:
        rows.append([words(derived.incomplete), _("A value is missing that could change the answer.")])
    return table(words(derived.label), [_("Class"), _("Condition, in this order")], rows)


def _strata(text: Protocol) -> Section:
    about = _("The page of randomization shows ratio, method and what may never occur.")
    rows = [{"label": words(each.label), "value": levels(each)} for each in text.randomization.strata]
    return Section("strata", _("Stratification"), about, rows=rows)


def levels(factor: StratificationFactor) -> str:
    """The levels of a factor in words; the codes of an address stand for themselves."""
    if factor.levels:
        return _("; ").join(f"{words(each.label)} ({each.code})" for each in factor.levels)
    return _("each site") if factor.value == "participant.site" else str(factor.value)


def _schedule(text: Protocol) -> Section:
    modalities = {
        each.id: words(each.label) for each in (text.assessments.modalities if text.assessments else ())
    }
    rows = [
        [
            words(each.label),
            {"text": due(text, each), "note": _counted(text, each)},
            window(each),
            _("; ").join(words(text.forms[form].title) for form in each.forms),
            _("; ").join(modalities.get(one, one) for one in each.modalities),
            source_cell(each.source),
        ]
        for each in text.visits
    ]
    columns = [_("Visit"), _("Target"), _("Window"), _("Forms"), _("Examinations"), _("Source")]
    tables = [table(_("Visits"), columns, rows, caption_hidden=True)]
    if text.assessments:
        tables.append(_assessments(text, text.assessments))
    return Section("schedule", _("Schedule"), tables=tables)


def _assessments(text: Protocol, plan: AssessmentPlan) -> Table:
    adequate = _(
        "An examination together with all imaging and endoscopy that the visit asks for. Laboratory values alone are"
        " not adequate."
    )
    row = [adequate, words(text.forms[plan.form].title), source_cell(plan.source)]
    return table(_("Disease assessments"), [_("Adequate"), _("Form"), _("Source")], [row])


def due(text: Protocol, visit: Visit) -> str:
    """When a visit is planned."""
    if visit.target_day is not None:
        return _("Day %(day)s") % {"day": visit.target_day}
    if visit.target_month is not None:
        return _("Month %(month)s") % {"month": visit.target_month}
    return _("As needed") if visit.unscheduled else _("No fixed day")


def _counted(text: Protocol, visit: Visit) -> str:
    """From where the target is counted, where that is not randomization."""
    if not visit.has_target or visit.counts_from == "participant.randomized_on":
        return ""
    return _("counted from: %(what)s") % {"what": address_words(text, visit.counts_from)}


def window(visit: Visit) -> str:
    """The days allowed around the target: “± 14 days”."""
    if visit.window is None:
        return ""
    before, after = visit.window
    if before == after == 0:
        return _("On the day")
    if -before == after:
        return _("± %(days)s days") % {"days": after}
    return _("−%(before)s to +%(after)s days") % {"before": -before, "after": after}


def _forms(text: Protocol) -> Section:
    """The forms in the order in which the visits ask for them."""
    order = dict.fromkeys(form for visit in text.visits for form in visit.forms)
    rows = [
        [
            {"text": words(form.title), "note": words(form.source)},
            {"number": form.version},
            words(form.author),
            {"text": words(form.reviewer), "note": form.reviewed_on or ""},
        ]
        for form in (text.forms[name] for name in order)
    ]
    columns = [_("Form"), {"label": _("Version"), "numeric": True}, _("Author"), _("Reviewer")]
    return Section("forms", _("Forms"), tables=[table(_("Forms"), columns, rows, caption_hidden=True)])
