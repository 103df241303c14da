"""Views room of floor 2: the checklist before a randomization, in words: criteria, classes, gate, stratum."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crf.selectors import lookup
from randomization.criteria import Criterion
from randomization.selectors import Readiness, Step
from randomization.views.evidence import Evidence
from randomization.wording import criterion_name, factor_words, level_words, stratum_words
from trial.eligibility import CriterionOutcome, Standing, classify
from trial.protocol.derivations import PREFIX, Lookup, computed_from
from trial.protocol.derived import Derived
from trial.protocol.expressions import UNKNOWN, parse
from trial.protocol.schema import CriterionKind, Protocol
from trial.wording import address_words, sentences, words

# The standing of a criterion → the state of components/status.html.
STATUS = {Standing.MET: "met", Standing.BROKEN: "broken", Standing.OPEN: "unjudged"}


def criteria(evidence: Evidence, now: Readiness) -> list[dict[str, Any]]:
    """Inclusion and exclusion criteria, each with its standing and the values it hangs on."""
    titles = {
        CriterionKind.INCLUSION: _("Inclusion criteria: each must be true"),
        CriterionKind.EXCLUSION: _("Exclusion criteria: none may apply"),
    }
    groups = [
        {
            "title": title,
            "rows": [
                _criterion(evidence, outcome)
                for outcome in now.eligibility.outcomes
                if outcome.criterion.kind is kind
            ],
        }
        for kind, title in titles.items()
    ]
    return [group for group in groups if group["rows"]]


def missing(evidence: Evidence, now: Readiness) -> list[dict[str, Any]]:
    """The forms that would supply what is missing, each with the items wanted there."""
    wanted = [address for outcome in now.eligibility.open for address in outcome.missing]
    return [
        {"title": origin.title, "url": origin.url, "note": origin.note, "items": origin.values}
        for origin in evidence.behind(wanted, lambda address: UNKNOWN)
        if origin.url
    ]


def steps(evidence: Evidence, now: Readiness) -> list[dict[str, Any]]:
    """What the gate asks for, besides the criteria, with what to do where it is not met."""
    return [
        {
            "label": criterion_name(step.id),
            "state": STATUS[step.standing],
            "state_label": _("Not yet") if step.standing is Standing.OPEN else "",
            # Which criteria are not met stands above.
            "note": "" if step.id is Criterion.ELIGIBILITY else sentences(step.words, step.remedy),
            "url": _where_to_mend(evidence, step),
        }
        for step in now.steps
    ]


def classes(evidence: Evidence, now: Readiness) -> list[dict[str, Any]]:
    """The classifications of the protocol: those that criteria ask for first, the others as information."""
    protocol = evidence.protocol
    look = lookup(evidence.participant, protocol=protocol, among=evidence.everything)
    judged = [(each, _asked_for(protocol, each)) for each in protocol.derived if each.classes]
    shown = [pair for pair in judged if pair[1] or _for_information(protocol, pair[0])]
    return [
        _class(evidence, each, look, asked) for each, asked in sorted(shown, key=lambda pair: not pair[1])
    ]


def stratum(protocol: Protocol, now: Readiness) -> dict[str, Any] | None:
    """The level of every factor as it will be used, and the values that were counted as not present."""
    if now.stratum is None:
        return None
    return {
        "rows": level_rows(protocol, now.stratum.values),
        "unknown": [address_words(protocol, address) for address in now.stratum.unknown],
    }


def level_rows(protocol: Protocol, levels: Mapping[str, str]) -> list[dict[str, str]]:
    """Rows of components/description_list.html, a factor each."""
    return [
        {"label": factor_words(protocol, factor), "value": level_words(protocol, factor, code)}
        for factor, code in levels.items()
    ]


def stratum_line(protocol: Protocol, levels: Mapping[str, str]) -> str:
    """A stratum in one line, or that there is none."""
    return stratum_words(protocol, levels) or _("not stratified")


def _criterion(evidence: Evidence, outcome: CriterionOutcome) -> dict[str, Any]:
    facts = {fact.address: fact.value for fact in outcome.facts}
    return {
        "label": words(outcome.criterion.label),
        "note": words(outcome.criterion.note),
        "state": STATUS[outcome.standing],
        "state_label": _standing(outcome),
        "origins": evidence.behind(facts, facts.__getitem__),
        "count": len(facts),
    }


def _standing(outcome: CriterionOutcome) -> str:
    """The word for where a criterion stands: that of an exclusion says whether it applies."""
    if outcome.criterion.kind is CriterionKind.EXCLUSION:
        applies = {Standing.MET: _("Does not apply"), Standing.BROKEN: _("Applies")}
        return applies.get(outcome.standing, "")
    return ""


def _where_to_mend(evidence: Evidence, step: Step) -> str:
    """The form at which a step that is not met can be mended, "" where there is none."""
    form = step.item.partition(".")[0]
    return evidence.form_url(form) if form in evidence.protocol.forms else ""


def _class(evidence: Evidence, derived: Derived, look: Lookup, asked: bool) -> dict[str, Any]:
    found = classify(derived, look, within=evidence.protocol.derived)
    return {
        "title": words(derived.label),
        "label": words(found.label) or pgettext("class", "Open"),
        "note": words(found.note) or words(derived.note),
        "asked": asked,
        "missing": _(", ").join(address_words(evidence.protocol, each) for each in found.missing),
        "origins": evidence.behind(found.hangs_on, look),
    }


def _asked_for(protocol: Protocol, derived: Derived) -> bool:
    """Whether a criterion names the derived value itself."""
    return any(PREFIX + derived.id in parse(each.rule).addresses for each in protocol.eligibility)


def _for_information(protocol: Protocol, derived: Derived) -> bool:
    """Whether it classifies what was recorded, and no other derived value is made from it."""
    recorded = any(
        not address.startswith(PREFIX) for each in derived.classes for address in parse(each.when).addresses
    )
    return recorded and not any(PREFIX + derived.id in addresses for addresses in _made_from(protocol))


def _made_from(protocol: Protocol) -> Iterator[frozenset[str]]:
    for each in protocol.derived:
        yield from (parse(text).addresses for text in computed_from(each))
