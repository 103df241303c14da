"""Unit tests, floor 0: criteria and classes are judged with reasons, and never by guessing."""

import pytest

from tests.unit.trial.fuller_protocol import FILES
from tests.unit.trial.test_derivations import PROTOCOL, looking
from trial.eligibility import Classified, Fact, Standing, assess, classify, with_eligibility
from trial.protocol.expressions import UNKNOWN, Unknown, Value
from trial.protocol.loader import load_files

STAGE = PROTOCOL.derived[2]
MET, BROKEN, OPEN = Standing.MET, Standing.BROKEN, Standing.OPEN


@pytest.mark.parametrize(
    ("changes", "young", "not_late"),
    [
        ({}, MET, MET),
        ({"entry.since": "2006-06-01"}, MET, MET),
        ({"entry.since": "2006-06-02"}, BROKEN, MET),
        ({"entry.since": "2006-06"}, OPEN, MET),
        ({"entry.since": UNKNOWN}, OPEN, MET),
        ({"entry.size": 9}, MET, BROKEN),
        ({"entry.size": UNKNOWN}, MET, OPEN),
        ({"entry.size": 9, "entry.since": "2020-05"}, BROKEN, BROKEN),
    ],
)
def test_an_inclusion_must_be_true_and_an_exclusion_false(
    changes: dict[str, Value | Unknown], young: Standing, not_late: Standing
) -> None:
    found = assess(PROTOCOL, looking(changes))
    assert [each.criterion.id for each in found.outcomes] == ["young", "not_late"]
    assert [each.standing for each in found.outcomes] == [young, not_late]
    assert found.eligible is (young is not_late is MET)
    assert [each.criterion.id for each in found.broken] == [
        name for name, standing in (("young", young), ("not_late", not_late)) if standing is BROKEN
    ]
    assert [each.criterion.id for each in found.open] == [
        name for name, standing in (("young", young), ("not_late", not_late)) if standing is OPEN
    ]


def test_a_broken_criterion_may_be_one_to_ask_about() -> None:
    found = assess(PROTOCOL, looking({"entry.since": "2020-05", "entry.size": 9}))
    assert [each.criterion.id for each in found.queried] == ["young"]
    assert assess(PROTOCOL, looking({"entry.since": UNKNOWN})).queried == ()


def test_a_criterion_shows_its_values_through_derived_ones_and_what_is_missing() -> None:
    found = assess(PROTOCOL, looking({"entry.since": UNKNOWN, "entry.size": UNKNOWN}))
    young, not_late = found.outcomes
    assert [fact.address for fact in young.facts] == [
        "derived.age",
        "entry.since",
        "participant.consented_on",
    ]
    assert young.missing == ("entry.since",)
    assert not_late.facts == (
        Fact("derived.stage", UNKNOWN),
        Fact("entry.size", UNKNOWN),
        Fact("entry.smoker", "no"),
    )
    assert not_late.missing == ("entry.size",)


def test_nothing_is_missing_once_a_criterion_is_judged() -> None:
    changes: dict[str, Value | Unknown] = {"entry.size": 9, "entry.smoker": UNKNOWN}
    (_, not_late) = assess(PROTOCOL, looking(changes)).outcomes
    assert (not_late.standing, not_late.missing) == (BROKEN, ())


def test_a_protocol_without_criteria_excludes_nobody() -> None:
    nothing_asked = PROTOCOL.model_copy(update={"eligibility": ()})
    assert assess(nothing_asked, looking()).eligible
    assert with_eligibility(nothing_asked, looking())("participant.eligible") == "yes"


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({}, "yes"),
        ({"entry.size": 9}, "no"),
        ({"entry.size": UNKNOWN}, UNKNOWN),
        ({"entry.since": UNKNOWN}, UNKNOWN),
        # One broken criterion decides, whatever is open.
        ({"entry.size": 9, "entry.since": UNKNOWN}, "no"),
        ({"entry.size": UNKNOWN, "entry.since": "2020-05"}, "no"),
    ],
)
def test_eligible_is_yes_no_or_unknown_as_the_criteria_together(
    changes: dict[str, Value | Unknown], answer: Value | Unknown
) -> None:
    assert with_eligibility(PROTOCOL, looking(changes))("participant.eligible") == answer


def test_eligibility_is_judged_once_and_only_when_asked_for() -> None:
    asked: list[str] = []
    answers = looking()

    def look(address: str) -> Value | Unknown:
        asked.append(address)
        return answers(address)

    seen = with_eligibility(PROTOCOL, look)
    assert (seen("entry.size"), asked) == (2, ["entry.size"])
    assert seen("participant.eligible") == "yes"
    judged = list(asked)
    assert {"derived.age", "derived.stage"} <= {*judged}
    assert seen("participant.eligible") == "yes"
    assert asked == judged


def test_a_class_comes_with_its_words_and_its_values() -> None:
    assert classify(STAGE, looking({"entry.size": 3}), within=PROTOCOL.derived) == Classified(
        "middle", {"en": "Middle"}, ("entry.size", "entry.smoker"), (), {"en": "From 3 mm."}
    )


def test_an_open_class_says_what_it_waits_for() -> None:
    found = classify(STAGE, looking({"entry.size": UNKNOWN, "entry.smoker": "yes"}), within=PROTOCOL.derived)
    assert found == Classified(
        None, {"en": "Not yet known"}, ("entry.size", "entry.smoker"), ("entry.size",), None
    )


def test_a_class_by_derived_values_is_explained_by_what_was_recorded() -> None:
    files = {
        **FILES,
        "protocol.yaml": FILES["protocol.yaml"].replace(
            "eligibility:",
            "  - id: group\n    label: {en: Group}\n    classes:\n"
            "      - {code: old, label: {en: Old}, when: derived.age >= 70}\n"
            "      - {code: other, label: {en: Other}, when: derived.age < 70 and entry.size > 0}\n"
            "eligibility:",
        ),
    }
    protocol = load_files(files).protocol
    group = protocol.derived[-1]
    look = looking({"entry.since": "1954"})
    found = classify(group, look, within=protocol.derived)
    assert found.hangs_on == ("entry.since", "participant.consented_on", "entry.size")
    assert (found.code, found.missing) == (None, ("entry.since",))
