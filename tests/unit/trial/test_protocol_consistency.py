"""Unit tests, floor 0: rules between the parts of a protocol, expressions apart."""

import pytest

from tests.unit.trial.protocol_files import assert_told, changed
from trial.protocol.forms import RevealsArm
from trial.protocol.loader import load_files
from trial.protocol.problems import ProtocolError, dotted, nearest
from trial.protocol.vocabulary import in_language

SECOND_CHOICE = "choices: [{code: x, label: {en: X}}, {code: x, label: {en: Y}}]"


@pytest.mark.parametrize(
    ("file", "old", "new", "passage", "key", "said"),
    [
        ("protocol.yaml", "control: true", "control: false", "arms", "arms", "marked are: none"),
        ("protocol.yaml", "{en: New arm}}", "{en: New arm}, control: true}", "arms", "arms",
         "marked are: A, B"),
        ("protocol.yaml", "{id: word,", "{id: count,", "  - {id: count, label: {en: Word}",
         "parameters[3].id", "twice"),
        ("protocol.yaml", "method: permuted_blocks", "method: uploaded_list", "  strata", "randomization.strata",
         "has no strata"),
        ("protocol.yaml", "{A: 1, B: 2}", "{A: 1}", "  ratio", "randomization.ratio", "`B` has no share"),
        ("protocol.yaml", "{A: 1, B: 2}", "{A: 1, B: 2, C: 1}", "  ratio", "randomization.ratio.C",
         "no arm `C`"),
        ("protocol.yaml", "value: entry.sex}",
         "value: entry.sex, levels: [{code: a, label: {en: A}, when: 1 > 0}]}",
         "    - {id: sex", "randomization.strata[1]", "either"),
        ("protocol.yaml", ", value: participant.site", "", "    - {id: site", "randomization.strata[0]",
         "either"),
        ("protocol.yaml", "{code: large,", "{code: small,", "        - {code: small, label: {en: Large}",
         "randomization.strata[2].levels[1].code", "twice"),
        ("protocol.yaml", "{id: sex,", "{id: site,", "    - {id: site, label: {en: Sex}",
         "randomization.strata[1].id",
         "twice"),
        ("protocol.yaml", "{size: small, sex", "{size: tiny, sex", "    - {size",
         "randomization.impossible[0].size",
         "no level `tiny`"),
        ("protocol.yaml", "{size: small, sex", "{weight: small, sex", "    - {weight",
         "randomization.impossible[0].weight", "no stratification factor"),
        ("protocol.yaml", "needs: [entry]", "needs: [entri]", "  needs", "randomization.needs[0]",
         "no form `entri`"),
        ("protocol.yaml", "forms: [entry]", "forms: [entry, entri]", "  - {id: screening",
         "visits[0].forms[1]",
         "no form `entri`"),
        ("protocol.yaml", "forms: [entry]", "forms: [contact]", "form: entry", "form",
         "no visit has this form"),
        ("protocol.yaml", "target_month: 3", "target_month: 3, target_day: 90", "  - {id: month_3",
         "visits[1].target_month", "two targets"),
        ("protocol.yaml", "repeats: true", "repeats: true, target_day: 3", "  - {id: any", "visits[2]",
         "no target"),
        ("protocol.yaml", "unscheduled: true", "window: [0, 1]", "  - {id: any", "visits[2].window",
         "needs a target"),
        ("protocol.yaml", "[-14, 14]", "[14, 14]", "  - {id: month_3", "visits[1].window", "does not hold"),
        ("protocol.yaml", "[-14, 14]", "[-14, -1]", "  - {id: month_3", "visits[1].window", "does not hold"),
        ("protocol.yaml", "{id: month_3,", "{id: any,", "  - {id: any, label: {en: Any time}", "visits[2].id",
         "twice"),
        ("codelists.yaml", "code: male", "code: female", "  - {code: female, label: {en: Male}",
         "sex[1].code", "twice"),
        ("forms/entry.yaml", "form: entry", "form: entrance", "form", "form", "called entry.yaml"),
        ("forms/entry.yaml", "{id: packs", "{id: age", "  - {id: age, label: {en: Packs}", "items[4].id",
         "twice"),
        ("forms/entry.yaml", "{id: later", "{id: young", "  - {id: young, if: since", "checks[1].id",
         "twice"),
        ("forms/entry.yaml", "{id: packs", "{id: today", "  - {id: today", "items[4].id",
         "means something else"),
        ("forms/entry.yaml", "{id: packs", "{id: is", "  - {id: is", "items[4].id", "means something else"),
        ("forms/entry.yaml", "choices: sex, ", "", "  - {id: sex", "items[1].choices", "needs choices"),
        ("forms/entry.yaml", "choices: sex", "choices: sexes", "  - {id: sex", "items[1].choices",
         "no code list"),
        ("forms/entry.yaml", "type: yesno", "type: yesno, choices: sex", "  - {id: smoker",
         "items[3].choices",
         "has no choices"),
        ("forms/entry.yaml", "choices: [{code: x, label: {en: X}}, {code: y, label: {en: Y}}]", SECOND_CHOICE,
         "    choices: [", "items[5].choices[1].code", "twice"),
        ("forms/entry.yaml", "type: yesno", "type: yesno, hard_range: [0, 1]", "  - {id: smoker",
         "items[3].hard_range", "has no range"),
        ("forms/entry.yaml", "[0, 120]", "[120, 0]", "  - {id: age", "items[0].hard_range",
         "no value is between"),
        ("forms/entry.yaml", "[18, null]", "[18, 121]", "  - {id: age", "items[0].soft_range", "beyond"),
        ("forms/entry.yaml", "[18, null]", "[-1, 90]", "  - {id: age", "items[0].soft_range", "beyond"),
        ("forms/entry.yaml", "item: age", "item: aeg", "  - {id: young", "checks[0].item",
         "no item of this form"),
        ("endpoints.yaml", "primary: OS", "primary: DFS", "  primary", "analysis.primary",
         "no endpoint `DFS`"),
        ("endpoints.yaml", "population: ITT", "population: PP", "  population: PP", "analysis.population",
         "no population"),
        ("endpoints.yaml", "experimental: B", "experimental: C", "  comparisons",
         "analysis.comparisons[0].experimental",
         "no arm `C`"),
        ("endpoints.yaml", "experimental: B", "experimental: A", "  comparisons", "analysis.comparisons[0]",
         "itself"),
        ("endpoints.yaml", "[12, 36]", "[36, 12]", "  landmarks", "analysis.landmarks_months",
         "do not increase"),
        ("endpoints.yaml", "[12, 36]", "[12, 12]", "  landmarks", "analysis.landmarks_months",
         "do not increase"),
    ],
)  # fmt: skip
def test_a_rule_between_parts_is_told_by_file_line_and_key(
    file: str, old: str, new: str, passage: str, key: str, said: str
) -> None:
    place = "forms/entry.yaml" if passage == "form: entry" else file
    assert_told(changed(file, old, new), place, passage, key, said)


def test_ranges_open_on_a_side_are_accepted() -> None:
    for bounds in ("[null, null]", "[null, 130]", "[-5, null]"):
        load_files(changed("forms/entry.yaml", "hard_range: [0, 120]", f"hard_range: {bounds}"))


def test_a_form_that_an_expression_could_not_name_is_refused() -> None:
    files = changed("forms/contact.yaml", "form: contact", "form: today")
    files["forms/today.yaml"] = files.pop("forms/contact.yaml")
    with pytest.raises(ProtocolError, match="means something else"):
        load_files(files)


@pytest.mark.parametrize(
    ("form", "item", "answer"),
    [
        ("no", "no", "no"),
        ("no", "content", "content"),
        ("content", "no", "content"),
        ("content", "yes", "yes"),
        ("yes", "content", "yes"),
        ("yes", "no", "yes"),
    ],
)
def test_the_stricter_mark_of_form_and_item_counts(form: str, item: str, answer: str) -> None:
    files = changed("forms/contact.yaml", "reveals_arm: no", f"reveals_arm: {form}")
    files["forms/contact.yaml"] = files["forms/contact.yaml"].replace(
        "type: date,", f"type: date, reveals_arm: {item},"
    )
    contact = load_files(files).protocol.forms["contact"]
    assert contact.reveals(contact.item("on_day")) is RevealsArm(answer)


@pytest.mark.parametrize(
    ("form", "missing", "answer"),
    [("no", "true", "yes"), ("content", "true", "content"), ("no", "false", "no")],
)
def test_rows_of_an_item_whose_missing_reason_tells_the_arm_are_withheld(
    form: str, missing: str, answer: str
) -> None:
    files = changed("forms/contact.yaml", "reveals_arm: no", f"reveals_arm: {form}")
    files["forms/contact.yaml"] = files["forms/contact.yaml"].replace(
        "type: date,", f"type: date, missing: [not_applicable], reveals_when_missing: {missing},"
    )
    contact = load_files(files).protocol.forms["contact"]
    assert contact.row_reveals(contact.item("on_day")) is RevealsArm(answer)
    assert contact.reveals(contact.item("on_day")) is RevealsArm(form)


def test_the_remedy_is_the_closest_word_or_all_words_or_the_lack_of_any() -> None:
    assert nearest("basline", ["baseline", "death"]) == "Did you mean `baseline`?"
    assert nearest("zzz", ["b", "a"]) == "Write one of: a, b"
    assert nearest("zzz", []) == "Define one first: there is none yet"


def test_a_path_is_written_as_people_write_it() -> None:
    assert dotted(("items", 2, "choices", 0)) == "items[2].choices[0]"
    assert dotted(()) == ""


def test_words_fall_back_to_english() -> None:
    assert in_language({"en": "Age", "zh-hans": "年龄"}, "zh-hans") == "年龄"
    assert in_language({"en": "Age"}, "zh-hans") == "Age"
