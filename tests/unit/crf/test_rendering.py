"""Unit tests, floor 1: a form definition becomes a page, and what comes back from it becomes an entry."""

from typing import Any

import pytest
from django import forms
from django.http import QueryDict
from django.utils import translation

from crf import checks, rendering
from crf.checks import Finding
from crf.definitions import Stored
from crf.rendering import Beside, DateParts
from tests.unit.crf.sample_forms import VISIT, choices_of, form
from trial.protocol.expressions import UNKNOWN
from trial.protocol.forms import CheckLevel

FORM = form()
LIGHT = Finding("light", CheckLevel.SOFT, "weight", "35", say={"en": "Light for somebody well."})
SILENT = Finding("silent", CheckLevel.SOFT, "", "", say={"en": "There is no note."})
HIDDEN = Finding("hidden", CheckLevel.HARD, "symptoms", "a")

STORED: dict[str, Stored] = {
    "weight": "70.5",
    "steps": 12,
    "note": "as told",
    "well": "no",
    "symptoms": ["a", "b"],
    "worst": "b",
    "letter": "h",
    "seen_on": "2024-02-29",
    "began": "2024-03",
}


def built(**given: Any) -> forms.Form:
    options: dict[str, Any] = {"items": FORM.items, "findings": [], "correcting": False, **given}
    return rendering.entry_form(FORM, choices_of, **options)


def posted(text: str = "", **fields: str | list[str]) -> QueryDict:
    data = QueryDict(text, mutable=True)
    for name, value in fields.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


def filled(values: dict[str, Stored], reasons: dict[str, str] | None = None) -> QueryDict:
    data = posted()
    for item in FORM.items:
        rendering.put(data, item, values.get(item.id), (reasons or {}).get(item.id, ""))
    return data


@pytest.mark.parametrize(
    ("item", "widget"),
    [
        ("weight", forms.TextInput),
        ("steps", forms.TextInput),
        ("note", forms.Textarea),
        ("well", forms.RadioSelect),
        ("symptoms", forms.CheckboxSelectMultiple),
        ("worst", forms.RadioSelect),
        ("letter", forms.Select),
        ("seen_on", DateParts),
        ("began", DateParts),
    ],
)
def test_each_type_has_its_widget(item: str, widget: type[forms.Widget]) -> None:
    assert type(built().fields[item].widget) is widget


def test_numbers_are_text_fields_with_a_keyboard_for_numbers() -> None:
    page = built()
    assert 'inputmode="decimal"' in str(page["weight"])
    assert 'inputmode="numeric"' in str(page["steps"])
    assert "number" not in {
        field.widget.input_type for field in page.fields.values() if hasattr(field.widget, "input_type")
    }


def test_only_items_with_allowed_reasons_can_be_marked_missing() -> None:
    names = [name for name in built().fields if name.endswith("__missing")]
    assert names == ["weight__missing"]
    options = built().fields["weight__missing"].widget.choices  # type: ignore[attr-defined]
    assert [code for code, _label in options] == ["", "not_done", "refused"]


def test_labels_are_those_of_the_readers_language() -> None:
    with translation.override("zh-hans"):
        assert built().fields["weight"].label == "体重"
        assert built().fields["steps"].label == "Steps"


def test_labels_of_a_protocol_are_untrusted_text() -> None:
    nasty = form(items=[{**VISIT["items"][3], "label": {"en": "<script>alert(1)</script>"}}], checks=[])
    page = rendering.entry_form(nasty, choices_of, items=nasty.items, findings=[], correcting=False)
    assert "<script>" not in page.as_p()


@pytest.mark.parametrize("item", [item.id for item in FORM.items])
def test_the_page_shows_a_stored_answer_and_reads_it_back(item: str) -> None:
    data = filled({item: STORED[item]})
    typed = rendering.typed(FORM, choices_of, data)
    reading = checks.read(FORM, choices_of, typed.raw, typed.reasons)
    assert (reading.values, reading.missing, reading.findings) == ({item: STORED[item]}, {}, ())


def test_the_page_shows_a_missing_reason_and_reads_it_back() -> None:
    typed = rendering.typed(FORM, choices_of, filled({}, {"weight": "refused"}))
    assert typed.reasons == {"weight": "refused"}
    assert checks.read(FORM, choices_of, typed.raw, typed.reasons).missing == {"weight": "refused"}


def test_initial_values_are_those_of_the_record() -> None:
    first = rendering.initial(STORED, {}, {"light:weight": "measured twice"}, 4)
    page = built(first=first, findings=[LIGHT])
    assert 'value="70.5"' in str(page["weight"])
    assert 'value="4"' in str(page[rendering.VERSION])
    assert "measured twice" in str(page["light:weight"])
    days = [str(page["seen_on"]), str(page["began"])]
    assert [f'value="{part}"' in days[0] for part in ("29", "02", "2024")] == [True] * 3
    assert ['value="03"' in days[1], 'name="began-day" inputmode' in days[1]] == [True, True]


@pytest.mark.parametrize(
    ("day", "month", "year", "text"),
    [
        ("29", "2", "2024", "2024-2-29"),
        ("", "2", "2024", "2024-2"),
        ("", "", "2024", "2024"),
        ("", "", "", ""),
        (" 5 ", "", "2024", "2024--5"),
        ("5", "3", "", "-3-5"),
    ],
)
def test_the_parts_of_a_date_are_one_text(day: str, month: str, year: str, text: str) -> None:
    data = posted(**{"seen_on-day": day, "seen_on-month": month, "seen_on-year": year})
    assert rendering.typed(FORM, choices_of, data).raw["seen_on"] == text


def test_what_was_typed_into_a_date_stays_as_it_was_typed() -> None:
    data = posted(**{"seen_on-day": "31", "seen_on-month": "2-", "seen_on-year": "twenty"})
    page = str(built(data=data)["seen_on"])
    assert all(f'value="{part}"' in page for part in ("31", "2-", "twenty"))


@pytest.mark.parametrize(
    ("text", "version"), [("7", 7), ("", -1), ("-1", -1), ("x", -1), ("²", -1), ("9" * 30, -1)]
)
def test_the_version_comes_back_or_is_known_to_be_unreadable(text: str, version: int) -> None:
    assert rendering.typed(FORM, choices_of, posted(**{rendering.VERSION: text})).version == version


def test_only_reasons_that_this_form_can_ask_for_are_read() -> None:
    data = posted(
        **{"light:weight": "twice", "soft_range:steps": "pedometer", "future:seen_on": "x", "a:b": "x"}
    )
    assert rendering.typed(FORM, choices_of, data).soft_reasons == {
        "light:weight": "twice",
        "soft_range:steps": "pedometer",
    }
    assert rendering.soft_keys(FORM) == [
        "soft_range:weight",
        "soft_range:steps",
        "light:weight",
        "silent:",
        "window:seen_on",
    ]


def test_free_text_is_fit_for_every_database() -> None:
    data = posted(**{rendering.REASON: " typing\x00 error\r\nsorry "})
    assert rendering.typed(FORM, choices_of, data).reason == "typing error\nsorry"


def test_errors_stand_at_their_items_and_the_rest_above_all() -> None:
    hard = Finding("future", CheckLevel.HARD, "seen_on", say={"en": "This date lies in the future."})
    general = Finding("whole", CheckLevel.HARD, "", say={"en": "The whole does not fit."})
    page = built(data=posted(), findings=[LIGHT])
    rendering.add_errors(page, [hard, general, LIGHT])
    assert page.errors["seen_on"] == ["This date lies in the future."]
    assert page.non_field_errors() == ["The whole does not fit."]
    assert page.errors["light:weight"] == ["Say why it is right, or change the answer."]


def test_a_correction_asks_for_its_reason_and_first_entry_does_not() -> None:
    assert rendering.REASON in built(correcting=True).fields
    assert rendering.REASON not in built().fields


def test_a_line_carries_everything_about_its_item() -> None:
    page = built(findings=[LIGHT, SILENT])
    beside = Beside(previous="70", history_url="/h/", changed=True)
    lines = rendering.lines(page, FORM.items, [LIGHT, SILENT, HIDDEN], lambda item: beside)
    weight = lines[0]
    assert (weight.unit, weight.mark, weight.beside) == ("kg", "", beside)
    assert weight.warnings == ("Light for somebody well.",)
    assert [field.name for field in weight.soft] == ["light:weight"]
    assert weight.missing is not None
    assert weight.missing.name == "weight__missing"
    assert (lines[1].mark, lines[1].missing) == ("optional", None)
    symptoms = next(line for line in lines if line.item.id == "symptoms")
    assert symptoms.warnings == (
        "This item does not apply after the other answers. Clear it or change them.",
    )
    assert [sentence for sentence, _field in rendering.loose(page, [LIGHT, SILENT])] == ["There is no note."]


def test_a_hint_that_is_an_error_already_is_not_said_twice() -> None:
    page = built(data=posted())
    rendering.add_errors(page, [HIDDEN])
    lines = rendering.lines(page, FORM.items, [HIDDEN])
    assert next(line for line in lines if line.item.id == "symptoms").warnings == ()


def test_a_partial_date_says_that_parts_may_be_empty() -> None:
    assert "empty where unknown" in built().fields["began"].help_text
    assert built().fields["note"].help_text == "In your words."


def test_nothing_is_judged_by_the_page_itself() -> None:
    nonsense = posted(weight="heavy", letter="z", **{"seen_on-day": "99"})
    assert built(data=nonsense).is_valid()
    typed = rendering.typed(FORM, choices_of, nonsense)
    found = checks.judge(
        FORM, checks.read(FORM, choices_of, typed.raw, typed.reasons), lambda address: UNKNOWN
    )
    assert {"decimal", "choices", "date", "required"} <= {finding.rule for finding in found}
