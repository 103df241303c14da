"""Tests: a protocol that stratifies by site, size and number of known risk features, and facts to look up in it."""

from decimal import Decimal
from typing import Any

from tests.unit.crf import sample_trial
from trial.protocol.derivations import Lookup, with_derived
from trial.protocol.expressions import UNKNOWN, Unknown, Value
from trial.protocol.schema import Protocol

Facts = dict[str, Value | Unknown]

PROTOCOL: dict[str, Any] = {
    "trial": "sample",
    "version": 1,
    "title": {"en": "Sample"},
    "arms": [{"id": "TME", "label": {"en": "TME"}, "control": True}, {"id": "CRT", "label": {"en": "CRT"}}],
    "consent_versions": [
        {"id": "1", "label": {"en": "First"}, "effective_from": "2024-01-01"},
        {"id": "2", "label": {"en": "Second"}, "effective_from": "2024-06-01"},
    ],
    "derived": [
        {
            "id": "deep",
            "label": {"en": "Deep invasion"},
            "classes": [
                {
                    "code": "present",
                    "label": {"en": "Present"},
                    "when": "(specimen.kikuchi is not missing and specimen.kikuchi == 'SM3') "
                    "or (specimen.haggitt is not missing and specimen.haggitt == 'H4')",
                },
                {
                    "code": "absent",
                    "label": {"en": "Absent"},
                    "when": "specimen.kikuchi == 'SM1' or specimen.haggitt == 'H1'",
                },
            ],
        },
        {
            "id": "features",
            "label": {"en": "Known risk features"},
            "count_true": ["specimen.grade == 'poor'", "derived.deep == 'present'"],
        },
    ],
    "eligibility": [
        {"id": "small", "kind": "inclusion", "label": {"en": "At most 50 mm"}, "rule": "specimen.size <= 50"},
        {
            "id": "pregnant",
            "kind": "exclusion",
            "label": {"en": "Pregnant"},
            "rule": "specimen.pregnant == 'yes'",
        },
    ],
    "randomization": {
        "method": "permuted_blocks",
        "ratio": {"CRT": 1, "TME": 1},
        "needs": ["specimen"],
        "strata": [
            {"id": "site", "label": {"en": "Site"}, "value": "participant.site"},
            {
                "id": "size",
                "label": {"en": "Size"},
                "levels": [
                    {"code": "lt30", "label": {"en": "below 30 mm"}, "when": "specimen.size < 30"},
                    {"code": "30to50", "label": {"en": "30 to 50 mm"}, "when": "30 <= specimen.size <= 50"},
                ],
            },
            {
                "id": "features",
                "label": {"en": "Risk features"},
                "levels": [
                    {"code": "0", "label": {"en": "none"}, "when": "derived.features == 0"},
                    {"code": "1", "label": {"en": "one"}, "when": "derived.features == 1"},
                    {"code": "2plus", "label": {"en": "two or more"}, "when": "derived.features >= 2"},
                ],
            },
        ],
        "impossible": [{"size": "lt30", "features": "0"}],
    },
    "visits": [{"id": "screening", "label": {"en": "Screening"}, "forms": ["specimen"]}],
    "forms": {
        "specimen": {
            "form": "specimen",
            "version": 1,
            "title": {"en": "Specimen"},
            "items": [
                {"id": "size", "label": {"en": "Size"}, "type": "decimal"},
                {"id": "grade", "label": {"en": "Grade"}, "type": "text"},
                {"id": "kikuchi", "label": {"en": "Kikuchi"}, "type": "text"},
                {"id": "haggitt", "label": {"en": "Haggitt"}, "type": "text"},
                {"id": "pregnant", "label": {"en": "Pregnant?"}, "type": "yesno"},
            ],
        }
    },
    # Nothing here asks for endpoints; a protocol has some.
    "endpoints": sample_trial.PROTOCOL["endpoints"],
}


def protocol(**changes: Any) -> Protocol:
    """The protocol with some of its keys changed."""
    return Protocol.model_validate({**PROTOCOL, **changes})


def randomization(**changes: Any) -> dict[str, Any]:
    """The protocol's randomization with some of its keys changed."""
    return {**PROTOCOL["randomization"], **changes}


def look(text: Protocol, facts: Facts) -> Lookup:
    """Answers the facts and what is derived from them; everything else is unknown."""
    return with_derived(text, lambda address: facts.get(address, UNKNOWN), lambda form: [])


def specimen(size: str | None, **more: str) -> Facts:
    """A specimen at site 01; what is not given is unknown."""
    facts: Facts = {"participant.site": "01", **{f"specimen.{item}": value for item, value in more.items()}}
    return facts if size is None else {**facts, "specimen.size": Decimal(size)}
