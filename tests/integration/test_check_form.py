"""Integration: trying the rules of a protocol at the command line, without a database."""

import io
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import translation

from crf.management.commands.check_form import document
from crf.rehearsal import rehearse
from tests.protocol_texts import loaded
from tests.spec.tables import table

PATHOLOGY = {
    "local_excision.excised_on": "2024-05-02",
    "local_excision.technique": "ESD",
    "local_excision.pt": "pT1",
    "local_excision.size_mm": 29.5,
    "local_excision.grade": "well",
    "local_excision.lvi": "no",
    "local_excision.pni": "no",
    "local_excision.haggitt": "H2",
    "local_excision.resection_plane": "no",
}
OTHERS = {
    str(address): value
    for address, value in table("eligible_participant").rows
    if not str(address).startswith("local_excision.")
}
# What no record of these forms makes true or false.
NO_RECORDS = dict.fromkeys(
    [
        "important_deviation",
        "later_surgery",
        "later_therapy",
        "public_records_refused",
        "public_death_counts",
        "follow_up_withdrawn",
        "death_after_withdrawal",
        "visit_after_death",
        "contact_after_death",
        "recurrence_after_death",
        "therapy_after_death",
        "withdrawal_after_death",
    ],
    "no",
)


@pytest.fixture
def values(tmp_path: Path) -> Path:
    return tmp_path / "values.json"


def said(values: Path, given: object, trial: str = "t1-salvage", form: str = "local_excision") -> str:
    values.write_text(given if isinstance(given, str) else json.dumps(given, default=str), encoding="utf-8")
    out = io.StringIO()
    call_command("check_form", trial, form, values=str(values), stdout=out)
    return out.getvalue()


def refusal(values: Path, given: object, **place: str) -> str:
    with pytest.raises(CommandError) as caught:
        said(values, given, **place)
    assert caught.value.returncode == 2
    return str(caught.value)


@pytest.mark.shows("TRY-01")
def test_the_answer_is_one_json_object_in_english_whatever_the_language(values: Path) -> None:
    with translation.override("zh-hans"):
        answer = json.loads(said(values, {**OTHERS, **PATHOLOGY, "local_excision.margin_mm": 0}))
    assert answer == {
        "findings": [
            {
                "rule": "plane_and_margin",
                "level": "soft",
                "item": "margin_mm",
                "message": "The distance to the margin and the answer about the resection plane contradict each other.",
            }
        ],
        "computed": {
            "age_at_consent": 60,
            "sm3": "absent",
            "risk_features": 0,
            "risk_class": "low",
            **NO_RECORDS,
        },
        "risk_class": "low",
        "eligible": False,
        "reasons": [
            {
                "criterion": "intermediate_risk",
                "value": {
                    "derived.risk_class": "low",
                    "local_excision.pt": "pT1",
                    "local_excision.size_mm": 29.5,
                    "local_excision.grade": "well",
                    "local_excision.lvi": "no",
                    "local_excision.pni": "no",
                    "derived.sm3": "absent",
                    "local_excision.kikuchi": None,
                    "local_excision.haggitt": "H2",
                },
                "message": "Inclusion criterion not met: Intermediate risk: pT1 of 30 to 50 mm, or pT1 up to 30 mm "
                "with poor differentiation, lymphovascular invasion, perineural invasion or SM3",
            }
        ],
    }


@pytest.mark.shows("TRY-01")
def test_an_open_class_is_incomplete_and_names_what_it_waits_for(values: Path) -> None:
    given = {**OTHERS, **PATHOLOGY, "local_excision.lvi": {"missing": "unknown"}}
    answer = json.loads(said(values, given))
    assert (answer["findings"], answer["risk_class"], answer["eligible"]) == ([], "incomplete", None)
    (reason,) = answer["reasons"]
    assert (reason["criterion"], reason["value"]) == ("intermediate_risk", None)
    assert reason["message"].endswith("SM3: cannot be judged without local_excision.lvi.")


def test_levels_that_contradict_each_other_are_told_as_the_reason(values: Path) -> None:
    answer = json.loads(said(values, {**OTHERS, **PATHOLOGY, "local_excision.kikuchi": "SM3"}))
    assert answer["eligible"] is None
    assert answer["reasons"][0]["message"].endswith("cannot be judged, because values contradict each other.")


@pytest.mark.shows("TRY-01")
def test_each_finding_bears_rule_level_item_and_the_sentence_of_the_page(values: Path) -> None:
    given = {**PATHOLOGY, "local_excision.size_mm": 201, "local_excision.lvi": None}
    assert json.loads(said(values, given))["findings"] == [
        {
            "rule": "hard_range",
            "level": "hard",
            "item": "size_mm",
            "message": "201 is impossible here: enter a number from 0 to 200.",
        },
        {
            "rule": "required",
            "level": "hard",
            "item": "lvi",
            "message": "Enter a value, or the reason why it is missing.",
        },
    ]


def test_values_are_plain_json() -> None:
    protocol = loaded("t1-salvage").protocol
    given: dict[str, Any] = {
        **PATHOLOGY,
        "local_excision.size_mm": 60,
        "treatment_start.started_on": "2024-07-01",
        "demography.birth_date": "2020-01-01",
        "participant.consented_on": "2024-05-17",
    }
    answer = document(rehearse(protocol, protocol.forms["demography"], given, today=date(2024, 8, 1)))
    assert answer["computed"]["first_treatment_on"] == "2024-07-01"
    reasons = {each["criterion"]: each["value"] for each in answer["reasons"]}
    assert reasons["age"]["participant.consented_on"] == "2024-05-17"
    size = reasons["intermediate_risk"]["local_excision.size_mm"]
    assert (size, type(size)) == (60, int)
    assert json.loads(json.dumps(answer)) == answer


def test_a_protocol_without_criteria_has_no_class(values: Path) -> None:
    answer = json.loads(said(values, {}, trial="colon-moertel", form="baseline"))
    assert (answer["risk_class"], answer["eligible"], answer["reasons"]) == (None, True, [])


@pytest.mark.shows("TRY-01")
@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"screening.ecg": 1}, "There is no address screening.ecg. Did you mean screening.ecog?"),
        ({"ecog": 1}, "There is no address ecog. Did you mean screening.ecog?"),
        ({"screening.ecog": 9}, "screening.ecog: “9” is not one of the answers: 0, 1, 2, 3, 4, 5."),
        (
            {"local_excision.size_mm": "big"},
            "local_excision.size_mm: “big” is not a number. Enter digits with at most one decimal point.",
        ),
        (
            {"local_excision.size_mm": {"missing": "refused"}},
            "local_excision.size_mm: “refused” is not a reason this item allows: unknown.",
        ),
        (
            {"screening.cn": {"missing": "unknown"}},
            "screening.cn takes no reason why it is missing. Give a value, or null.",
        ),
        ({"demography.history": 5}, "demography.history: 5 is not a text. Write it in quotes."),
        (
            {"derived.risk_class": "low"},
            "derived.risk_class is computed. Give the values that it is computed from instead.",
        ),
        (
            '{"screening.ecog": 1, "screening.ecog": 2}',
            "screening.ecog stands twice. Give each address once.",
        ),
        ({"here": 1, "screening.cn": "cN9"}, "screening.cn: “cN9” is not one of the answers"),
    ],
)
def test_what_is_not_understood_is_named_with_the_remedy(values: Path, given: object, told: str) -> None:
    assert told in refusal(values, given)


@pytest.mark.parametrize("text", ["", "{", "screening.ecog: 1", '{"screening.ecog": 01}', "[" * 100_000])
def test_what_is_no_json_is_refused_with_an_example(values: Path, text: str) -> None:
    told = refusal(values, text)
    assert told.startswith(f"{values}: this is not JSON (")
    assert told.endswith(
        'Write an object such as {"screening.ecog": 1, "participant.consented_on": "2024-01-31"}.'
    )


@pytest.mark.parametrize("text", ["[]", "null", '"screening.ecog"', "1"])
def test_json_without_addresses_is_refused(values: Path, text: str) -> None:
    assert f"{values}: there are no addresses." in refusal(values, text)


def test_a_file_that_cannot_be_read_is_refused(values: Path) -> None:
    with pytest.raises(CommandError, match=r"values\.json cannot be read: .*\. Name a file, or -") as caught:
        call_command("check_form", "t1-salvage", "screening", values=str(values))
    assert caught.value.returncode == 2


def test_a_file_that_is_not_utf_8_is_refused(values: Path) -> None:
    values.write_bytes(b'{"demography.history": "\xff"}')
    with pytest.raises(CommandError, match="this is not JSON"):
        call_command("check_form", "t1-salvage", "screening", values=str(values))


def test_the_mark_of_utf_8_at_the_beginning_of_a_file_does_no_harm(values: Path) -> None:
    assert json.loads(said(values, "\ufeff{}"))["eligible"] is False


def test_an_unknown_trial_or_form_is_refused_with_those_there_are(values: Path) -> None:
    told = refusal(values, {}, trial="../t1-salvage")
    assert told == "There is no trial ../t1-salvage. Write one of: colon-moertel, t1-salvage."
    told = refusal(values, {}, form="pathology")
    assert told.startswith("The trial t1-salvage has no form pathology. Write one of: adverse_event, ")


def test_a_protocol_with_a_problem_is_refused_with_it(values: Path, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "protocol.yaml").write_text("trial: broken\n")
    with override_settings(PROTOCOLS=tmp_path):
        assert "endpoints.yaml: this file is missing" in refusal(values, {}, trial="broken")


def test_values_come_from_standard_input_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO('{"local_excision.pt": "pTis"}'))
    out = io.StringIO()
    call_command("check_form", "t1-salvage", "local_excision", values="-", stdout=out)
    assert json.loads(out.getvalue())["risk_class"] == "not_invasive"
    monkeypatch.setattr(sys, "stdin", io.StringIO("["))
    with pytest.raises(CommandError, match=r"^Standard input: this is not JSON"):
        call_command("check_form", "t1-salvage", "local_excision", values="-")
