"""Unit tests, floor 0: derived values, assessments, steps and endpoint rules of a protocol fit each other."""

import pytest

from tests.unit.trial.fuller_protocol import FILES, changed
from tests.unit.trial.protocol_files import assert_told, problems_of
from trial.protocol.expressions import Kind
from trial.protocol.loader import load_files
from trial.protocol.scopes import everywhere

PROTOCOL, ENDPOINTS = "protocol.yaml", "endpoints.yaml"
CONSENT, CHECK_UP, TREATED = "forms/consent.yaml", "forms/check_up.yaml", "forms/treated.yaml"
LEAVE = "forms/leave.yaml"
FDA_STYLE = """\
fda_style:
  missed: 2
  new_therapy: [{on: treated.on_day, type: therapy, when: treated.arm == 'B'}]
"""


def test_the_fuller_protocol_is_sound() -> None:
    load_files(FILES)


DERIVED_VALUES = [
    (PROTOCOL, "    count_true: [", "    first_known: [entry.size]\n    count_true: [",
     "  - id: features", "derived[1]", "exactly one way", "Write one of"),
    (PROTOCOL, "    count_true: [entry.smoker == 'yes', entry.packs > 20]\n", "", "  - id: features",
     "derived[1]", "exactly one way", "Write one of"),
    (PROTOCOL, "- id: features", "- id: age", "  - id: age\n    label: {en: Features}", "derived[1].id",
     "stands twice", "its own"),
    (PROTOCOL, "- id: features", "- id: today", "  - id: today", "derived[1].id", "means something else",
     "today_1"),
    (PROTOCOL, "{code: middle, label: {en: Middle}", "{code: late, label: {en: Middle}",
     "      - {code: late, label: {en: Middle}", "derived[2].classes[1].code", "stands twice", "its own"),
    (PROTOCOL, "since: entry.since", "since: entry.sinec", "    completed_years",
     "derived[0].completed_years.since", "no `entry.sinec`", "`entry.since`"),
    (PROTOCOL, "since: entry.since", "since: entry.age", "    completed_years",
     "derived[0].completed_years.since", "type integer, not date or partial_date", "entry.since"),
    (PROTOCOL, "until: participant.consented_on", "until: participant.site", "    completed_years",
     "derived[0].completed_years.until", "type text", "participant.consented_on"),
    (PROTOCOL, "entry.packs > 20]", "entry.packs]", "    count_true", "derived[1].count_true[1]",
     "type integer", "boolean"),
    (PROTOCOL, "[entry.smoker == 'yes',", "[entry.smoker == 'often',", "    count_true",
     "derived[1].count_true[0]", "never holds the code `often`", "no, yes"),
    (PROTOCOL, "entry.size >= 9", "entry.size >= 'x'", "      - {code: late", "derived[2].classes[0].when",
     "column", ""),
    (PROTOCOL, "entry.size >= 9", "derived.stage == 'early'", "      - {code: late",
     "derived[2].classes[0].when", "`derived.stage` is this value", "Move that one up"),
    (PROTOCOL, "entry.packs > 20]", "derived.stage == 'late']", "    count_true",
     "derived[1].count_true[1]", "stands further down", "Move that one up"),
    (PROTOCOL, "entry.packs > 20]", "entry.packs >]", "    count_true", "derived[1].count_true[1]", "column",
     ""),
    (PROTOCOL, "value: participant.randomized_on + 7", "value: entry.size", "    first_known: [treated.on",
     "derived[3].first_known[1].value", "type decimal", "date"),
    (PROTOCOL, "when: treated.arm != 'A'", "when: treated.arm", "    first_known: [treated.on",
     "derived[3].first_known[1].when", "type text", "boolean"),
    (PROTOCOL, "when: treated.arm != 'A'", "when: treated.arm != 'C'", "    first_known: [treated.on",
     "derived[3].first_known[1].when", "never holds the code `C`", "A, B"),
    (PROTOCOL, "when: treated.arm != 'A'", "when: derived.given != 'A'", "    first_known: [treated.on",
     "derived[3].first_known[1].when", "stands further down", "Move that one up"),
    (PROTOCOL, "when: treated.arm != 'A'", "if: treated.arm != 'A'", "    first_known: [treated.on",
     "derived[3].first_known[1].if", "no such key", "value, when"),
    (PROTOCOL, "first_known: [treated.arm]", "first_known: [treated.amr]",
     "    first_known: [treated.amr]", "derived[4].first_known[0].value", "treated.amr", "treated.arm"),
    (PROTOCOL, "any_record: {form: contact", "any_record: {form: contcat", "    any_record",
     "derived[5].any_record.form", "no form `contcat`", "`contact`"),
    (PROTOCOL, "any_record: {form: contact", "any_record: {form: check_up", "    any_record",
     "derived[5].any_record.form", "looks at no item", "`check_up.<item>`"),
    (PROTOCOL, "contact.dead == 'yes' and", "dead == 'yes' and", "    any_record",
     "derived[5].any_record.when", "'dead'", "'contact.dead'"),
    (PROTOCOL, "derived.age < 18", "derived.aeg < 18", "  - {id: young", "eligibility[0].rule",
     "'derived.aeg'", "'derived.age'"),
    (PROTOCOL, "derived.age < 18", "derived.age <", "  - {id: young", "eligibility[0].rule", "column", ""),
    (PROTOCOL, "derived.stage in ['middle', 'early']", "derived.stage in ['middle', 'soon']",
     "  - {id: not_late", "eligibility[1].rule", "never holds the code `soon`", "early"),
    (PROTOCOL, "derived.stage in ['middle', 'early']", "participant.arm == 'A'", "  - {id: not_late",
     "eligibility[1].rule", "'participant.arm'", ""),
    (PROTOCOL, "value: derived.stage", "value: derived.age", "    - {id: stage",
     "randomization.strata[2].value", "no address with codes", "derived.stage"),
    (PROTOCOL, "stage: early}", "stage: old}", "    - {size: large", "randomization.impossible[1].stage",
     "no code `old`", "early"),
    (CHECK_UP, "derived.ever_dead == 'yes'", "derived.ever_dead == 'maybe'", "  - {id: too_early",
     "checks[0].if", "the code `maybe`", "no, yes"),
    ("forms/entry.yaml", "show_if: smoker == 'yes'", "show_if: derived.features > 0", "  - {id: packs",
     "items[4].show_if", "`packs` is asked after this item", "Move it up"),
]  # fmt: skip
SCHEDULE = [
    (PROTOCOL, "counts_from: derived.begun", "counts_from: derived.stage", "    counts_from",
     "visits[5].counts_from", "type text", "derived.begun"),
    (PROTOCOL, "modalities: [touch, scan]", "modalities: [touch, scann]", "    modalities: [",
     "visits[5].modalities[1]", "no modality `scann`", "`scan`"),
    (PROTOCOL, "modalities: [touch, scan]", "modalities: [touch, touch]", "    modalities: [",
     "visits[5].modalities[1]", "stands twice", ""),
    (PROTOCOL, "forms: [treated]}", "forms: [treated], modalities: [scan]}", "  - {id: treatment",
     "visits[3].modalities", "lacks the form of the assessments, `check_up`", "Add `check_up`"),
    (PROTOCOL, "  on: seen_on", "  on: touched", "  on: touched", "assessments.on",
     "no item of type date in the form check_up called `touched`", "seen_on"),
    (PROTOCOL, "done: bled", "done: relapse_on", "    - {id: blood", "assessments.modalities[1].done",
     "no item of type yesno", "relapse"),
    (PROTOCOL, "done: bled", "done: bled, on: relapse_on", "    - {id: blood", "assessments.modalities[1].on",
     "no item of type date in the form check_up called `relapse_on`", "seen_on"),
    (PROTOCOL, "{id: blood", "{id: touch", "    - {id: touch, label: {en: Blood}",
     "assessments.modalities[1].id", "stands twice", ""),
    (PROTOCOL, "kind: examination", "kind: imaging", "  modalities:\n", "assessments.modalities",
     "without an examination", "kind: examination"),
    (PROTOCOL, "[leave.left_on]", "[leave.left]", "no_visits_after", "no_visits_after[0]",
     "no `leave.left`", "`leave.left_on`"),
    (PROTOCOL, "[leave.left_on]", "[entry.smoker]", "no_visits_after", "no_visits_after[0]",
     "type text, not date or partial_date", ""),
]  # fmt: skip
STEPS = [
    (TREATED, "participant.arm == 'B'", "participant.arm == 'C'", "applies", "applies",
     "never holds the code `C`", "A, B"),
    (TREATED, "entry.smoker == 'no'", "treated.arm == 'A'", "applies", "applies", "'treated.arm'", ""),
    (TREATED, "entry.smoker == 'no'", "entry.packs", "applies", "applies", "and, or, not", ""),
    (TREATED, "entry.smoker == 'no'", "derived.given == 'B'", "applies", "applies",
     "hangs on `treated.arm`, an answer of the form itself", "other forms"),
    (TREATED, "entry.smoker == 'no'", "derived.ever_dead == 'yes'", "applies", "applies",
     "hangs on `treated.on_day`", "other forms"),
    (CHECK_UP, "seen_on < derived.begun", "participant.arm == 'B'", "  - {id: too_early", "checks[0].if",
     "'participant.arm'", ""),
    (CONSENT, "on: signed_on", "on: agreed", "milestone", "milestone.on", "no item of type date",
     "signed_on"),
    (CONSENT, "on: signed_on", "on: seen_at", "milestone", "milestone.on", "may stay without a value",
     "required: true"),
    (LEAVE, "required: true", "required: true, missing: [unknown]", "milestone", "milestone.on",
     "may stay without a value", "remove `missing`"),
    (LEAVE, "required: true", "required: true, show_if: entry.age > 3", "milestone", "milestone.on",
     "may stay without a value", "`show_if`"),
    (CONSENT, "version: text_version, when", "when", "milestone", "milestone.version", "a consent has a version",
     "Write `version:`"),
    (LEAVE, "on: left_on}", "on: left_on, version: left_on}", "milestone", "milestone.version",
     "a withdrawal has none", "only there"),
    (CONSENT, "version: text_version", "version: agreed", "milestone", "milestone.version",
     "no item of type choice", "text_version"),
    (CONSENT, "{code: '1'", "{code: '2'", "milestone", "milestone.version", "no consent version `2`", "1"),
    (CONSENT, "when: agreed == 'yes'", "when: agreed == 'true'", "milestone", "milestone.when",
     "the code `true`", "no, yes"),
    (CONSENT, "when: agreed == 'yes'", "when: entry.smoker == 'yes'", "milestone", "milestone.when",
     "'entry.smoker'", ""),
    (CONSENT, "reviewed_on: 2024-01-31", "reviewed_on: 2024-01", "reviewed_on", "reviewed_on",
     "`2024-01` is not a date", "2024-01-31"),
    (CONSENT, "reviewer: {en: B. Reader}\n", "", "form: consent", "reviewer", "a person and a day", "or neither"),
]  # fmt: skip
FACTS = [
    (ENDPOINTS, "same_as: RFS", "same_as: OS", "  - {id: RFSFDA", "endpoints[1].same_as",
     "no endpoint further up called `OS`", "RFS"),
    (ENDPOINTS, "same_as: RFS", "same_as: RFSFDA", "  - {id: RFSFDA", "endpoints[1].same_as",
     "no endpoint further up", "RFS"),
    (ENDPOINTS, "    events: [{on: contact.on_day, type: death, when: contact.dead == 'yes'}]\n", "",
     "  - id: OS", "endpoints[2].events", "has no event", "same_as"),
    (ENDPOINTS, "same_as: RFS", "same_as: RFS, origin: derived.begun", "  - {id: RFSFDA", "endpoints[1]",
     "`origin` comes from", "Remove one"),
    (ENDPOINTS, "same_as: RFS", "same_as: RFS, adjudicated: false", "  - {id: RFSFDA", "endpoints[1]",
     "`adjudicated` comes from", "Remove one"),
    (ENDPOINTS, "origin: derived.begun", "origin: check_up.relapse_on", "    origin", "endpoints[2].origin",
     "type partial_date", "check_up.seen_on"),
    (ENDPOINTS, "arms: [B]", "arms: [C]", "    arms", "endpoints[2].arms[0]", "no arm `C`", "A, B"),
    (ENDPOINTS, "arms: [B]", "arms: [B, B]", "    arms", "endpoints[2].arms[1]", "stands twice", ""),
    (ENDPOINTS, "[derived.begun, contact.on_day]", "[derived.begun, contact.dead]", "        not_after",
     "endpoints[0].events[0].not_after[1]", "type text", "contact.on_day"),
    (ENDPOINTS, "known_alive: [{on: contact.on_day", "known_alive: [{on: contact.dead",
     "known_alive", "known_alive[0].on", "type text", "contact.on_day"),
    (ENDPOINTS, "known_alive: [{on: contact.on_day, type: alive", "known_alive: [{on: contact.on_day, tipe: alive",
     "known_alive", "known_alive[0].type", "", "Add it"),
    (ENDPOINTS, "known_alive: [{on: contact.on_day, type: alive, when: contact.dead == 'no'}]\n", "",
     "    censor: known_alive", "endpoints[2].censor", "how long somebody", "Add `censor:`"),
    (ENDPOINTS, "    censor: known_alive\n", "", "  - id: OS", "endpoints[2].censor", "how long somebody",
     "Add `censor:`"),
    (ENDPOINTS, "censor: known_alive", "censor: known_alife", "    censor: known_alife", "endpoints[2].censor",
     "a list is expected", ""),
    (ENDPOINTS, "on: contact.on_day, type: death, when: contact.dead == 'yes', despite",
     "on: derived.begun, type: death, when: contact.dead == 'yes', despite", "      - {on: derived.begun",
     "endpoints[0].events[1].on", "`derived.begun` is no item of a form", "contact.on_day"),
    (ENDPOINTS, "new_therapy: [{on: treated.on_day", "new_therapy: [{on: participant.randomized_on",
     "  new_therapy", "fda_style.new_therapy[0].on", "`participant.randomized_on` is no item of a form",
     "treated.on_day"),
    (ENDPOINTS, "data_end: [{on: leave.left_on, type: withdrawal}]",
     "data_end: [{on: check_up.seen_on, type: seen, when: record.adequate == 'no'}]", "data_end",
     "data_end[0].when", "record.adequate", ""),
    (CHECK_UP, "{id: scanned, label", "{id: scanned, reveals_when_missing: true, label", "  - {id: scanned",
     "items[3].reveals_when_missing", "no missing reason", "`missing:`"),
    (ENDPOINTS, "        note: {en: Before treatment}\n", "", "      - on: check_up.relapse_on",
     "endpoints[0].events[0].note", "words and a condition", "or neither"),
    (ENDPOINTS, "        note_when: derived.begun is missing\n", "", "        note",
     "endpoints[0].events[0].note", "words and a condition", "or neither"),
    (ENDPOINTS, "note_when: derived.begun is missing", "note_when: derived.begun", "        note_when",
     "endpoints[0].events[0].note_when", "type date", "boolean"),
    (ENDPOINTS, "consent.agreed == 'yes'", "consent.agreed == 'ja'",
     "      - {on: contact.on_day, type: death, when: contact.dead == 'yes', despite",
     "endpoints[0].events[1].despite_withdrawal", "the code `ja`", "no, yes"),
    (ENDPOINTS, "record.adequate == 'yes'", "record.adequate == 'good'", "    censor",
     "endpoints[0].censor[0].when", "the code `good`", "no, yes"),
    (ENDPOINTS, "despite_withdrawal: consent.agreed == 'yes'", "note: {en: x}, note_when: record.adequate == 'no'",
     "      - {on: contact.on_day, type: death, when: contact.dead == 'yes', note",
     "endpoints[0].events[1].note_when", "'record.adequate'", ""),
    (ENDPOINTS, "when: treated.arm == 'B'", "when: record.adequate == 'yes'", "  new_therapy",
     "fda_style.new_therapy[0].when", "'record.adequate'", ""),
    (ENDPOINTS, "when: treated.arm == 'B'", "when: participant.arm == 'B'", "  new_therapy",
     "fda_style.new_therapy[0].when", "'participant.arm'", ""),
    (ENDPOINTS, "[{on: leave.left_on, type", "[{on: leave.left, type", "data_end", "data_end[0].on",
     "no `leave.left`", "leave.left_on"),
    (ENDPOINTS, FDA_STYLE, "", "  - {id: RFSFDA", "endpoints[1].censoring", "what this censoring is",
     "Add `fda_style:`"),
    (ENDPOINTS, "treatment_received: derived.given", "treatment_received: derived.stage",
     "treatment_received", "treatment_received", "no address whose codes are arms", "derived.given"),
    (ENDPOINTS, "treatment_received: derived.given", "treatment_received: treated.amr",
     "treatment_received", "treatment_received", "no address whose codes are arms", "treated.arm"),
    (ENDPOINTS, "treatment_received: derived.given\n", "", "  - {id: AT", "populations[2].by",
     "which treatment was received", "Add `treatment_received:`"),
]  # fmt: skip
POPULATIONS = [
    (ENDPOINTS, ", rule: derived.given is not missing", "", "  - {id: AT", "populations[2]",
     "either a rule or conditions", "Write `rule:`"),
    (ENDPOINTS, "    conditions:", "    rule: 1 > 0\n    conditions:", "  - id: PP", "populations[1]",
     "either a rule or conditions", "Write `rule:`"),
    (ENDPOINTS, "{id: own, label", "{id: begun, label", "      - {id: begun, label: {en: As allocated}",
     "populations[1].conditions[1].id", "stands twice", ""),
    (ENDPOINTS, "participant.arm == 'A' or", "participant.arm == 'C' or", "      - {id: own",
     "populations[1].conditions[1].rule", "the code `C`", "A, B"),
    (ENDPOINTS, "rule: derived.given is not missing", "rule: derived.given", "  - {id: AT",
     "populations[2].rule", "type text", "boolean"),
    (ENDPOINTS, "by: received, reveals_arm: true", "by: received", "  - {id: AT", "populations[2]",
     "hangs on `treated.arm`, which tells about the arm", "reveals_arm: true"),
    (ENDPOINTS, "    reveals_arm: true\n", "", "  - id: PP", "populations[1]",
     "hangs on `treated.on_day`", "reveals_arm: true"),
    (ENDPOINTS, "rule: participant.randomized_on is not missing", "rule: participant.arm == 'A'",
     "  - {id: ITT", "populations[0]", "hangs on `participant.arm`", "reveals_arm: true"),
    (ENDPOINTS, "rule: participant.randomized_on is not missing", "rule: derived.ever_dead == 'yes'",
     "  - {id: ITT", "populations[0]", "hangs on `treated.on_day`", "reveals_arm: true"),
    (ENDPOINTS, "participant.eligible == 'yes'", "participant.eligible == 'open'", "  - {id: ELIG",
     "populations[3].rule", "the code `open`", "no, yes"),
    (ENDPOINTS, "per_protocol: PP", "per_protocol: PPP", "  per_protocol", "analysis.per_protocol",
     "no other population `PPP`", "`PP`"),
    (ENDPOINTS, "per_protocol: PP", "per_protocol: ITT", "  per_protocol", "analysis.per_protocol",
     "no other population `ITT`", "AT"),
    (ENDPOINTS, "primary: RFS", "primary: OS", "  primary", "analysis.primary", "only some of the arms",
     "Remove `arms`"),
    (ENDPOINTS, "hazard_ratio_margin: 2.38", "hazard_ratio_margin: 1", "  hazard_ratio_margin",
     "analysis.hazard_ratio_margin", "greater than 1", ""),
    (ENDPOINTS, "{id: final,", "{id: interim,", "    - {id: interim, label: {en: Final}",
     "analysis.looks[1].id", "stands twice", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "passage", "key", "said", "remedy"),
    [*DERIVED_VALUES, *SCHEDULE, *STEPS, *FACTS, *POPULATIONS],
)
def test_a_broken_rule_is_told_by_file_line_and_key(
    file: str, old: str, new: str, passage: str, key: str, said: str, remedy: str
) -> None:
    problems = assert_told(changed(file, old, new), file, passage, key, said, remedy)
    assert {problem.file for problem in problems} == {file}, problems


def test_a_faulty_derived_value_is_told_once_and_not_for_each_of_its_uses() -> None:
    (problem,) = problems_of(changed(PROTOCOL, "entry.size >= 9", "entry.sice >= 9"))
    assert problem.key == "derived[2].classes[0].when"


def test_censoring_by_missed_assessments_needs_assessments() -> None:
    start = FILES[PROTOCOL].index("assessments:")
    end = FILES[PROTOCOL].index("no_visits_after:")
    text = FILES[PROTOCOL][:start] + FILES[PROTOCOL][end:]
    files = {**FILES, PROTOCOL: text.replace("    modalities: [touch, scan]\n", "")}
    files[ENDPOINTS] = files[ENDPOINTS].replace("record.adequate", "check_up.touched")
    (problem,) = problems_of(files)
    assert (problem.file, problem.key) == (ENDPOINTS, "fda_style")
    assert "no assessments" in problem.message


def test_assessments_need_their_form() -> None:
    problems = problems_of(changed(PROTOCOL, "  form: check_up", "  form: checkup"))
    (problem,) = (problem for problem in problems if problem.key == "assessments.form")
    assert "no form `checkup`" in problem.message
    assert problem.remedy == "Did you mean `check_up`?"


def test_two_derived_values_of_one_name_cannot_wait_for_each_other() -> None:
    """a, x from a, and a again from x: nobody may follow that round."""
    again = "  - id: age\n    label: {en: Age}\n    count_true: [derived.features > 1]\neligibility:"
    text = FILES[PROTOCOL].replace("entry.packs > 20]", "derived.age > 20]").replace("eligibility:", again)
    (problem,) = problems_of({**FILES, PROTOCOL: text})
    assert problem.key == "derived[6].id"


def test_modalities_need_assessments() -> None:
    start = FILES[PROTOCOL].index("assessments:")
    end = FILES[PROTOCOL].index("no_visits_after:")
    files = {**FILES, PROTOCOL: FILES[PROTOCOL][:start] + FILES[PROTOCOL][end:]}
    keys = [problem.key for problem in problems_of(files) if problem.file == PROTOCOL]
    assert keys == ["visits[5].modalities[0]", "visits[5].modalities[1]"]


def test_a_consent_with_a_code_list_nobody_wrote_is_told_once() -> None:
    files = changed(CONSENT, "choices: [{code: '1', label: {en: One}}]", "choices: texts")
    (problem,) = problems_of(files)
    assert (problem.file, problem.key) == (CONSENT, "items[3].choices")


@pytest.mark.parametrize("mark", ["yes", "content"])
def test_a_single_item_that_reveals_the_arm_marks_a_population(mark: str) -> None:
    files = changed("forms/contact.yaml", "type: yesno,", f"type: yesno, reveals_arm: {mark},")
    files[ENDPOINTS] = files[ENDPOINTS].replace(
        "rule: participant.randomized_on is not missing", "rule: contact.dead == 'no'"
    )
    (problem,) = problems_of(files)
    assert "`contact.dead`" in problem.message


def test_a_population_of_the_eligible_hangs_on_what_the_criteria_hang_on() -> None:
    (problem,) = problems_of(changed(PROTOCOL, "rule: derived.age < 18", "rule: derived.given == 'B'"))
    assert (problem.file, problem.key) == (ENDPOINTS, "populations[3]")
    assert "hangs on `treated.arm`" in problem.message


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (PROTOCOL, "rule: derived.age < 18", "rule: participant.eligible == 'no'"),
        (PROTOCOL, "entry.packs > 20]", "participant.eligible == 'no']"),
        (PROTOCOL, "value: derived.stage", "value: participant.eligible"),
        (TREATED, "entry.smoker == 'no'", "participant.eligible == 'no'"),
        (CHECK_UP, "seen_on < derived.begun", "participant.eligible == 'no'"),
        (ENDPOINTS, "when: treated.arm == 'B'", "when: participant.eligible == 'yes'"),
    ],
)
def test_whether_somebody_is_eligible_may_be_named_in_populations_only(file: str, old: str, new: str) -> None:
    (problem,) = problems_of(changed(file, old, new))
    assert problem.file == file
    assert "participant.eligible" in problem.message


def test_adequacy_belongs_to_records_of_the_assessments_only() -> None:
    load_files(changed(ENDPOINTS, "when: check_up.relapse == 'yes'", "when: record.adequate == 'no'"))


def test_derived_values_have_the_kind_and_codes_of_what_they_are_made_of() -> None:
    scope = everywhere(load_files(FILES).protocol)
    derived = {address: kind for address, kind in scope.kinds.items() if address.startswith("derived.")}
    assert derived == {
        "derived.age": Kind.INTEGER,
        "derived.features": Kind.INTEGER,
        "derived.stage": Kind.TEXT,
        "derived.begun": Kind.DATE,
        "derived.given": Kind.TEXT,
        "derived.ever_dead": Kind.TEXT,
    }
    codes = {address: [*scope.codes[address]] for address in derived if address in scope.codes}
    assert codes == {
        "derived.stage": ["late", "middle", "early"],
        "derived.given": ["A", "B"],
        "derived.ever_dead": ["yes", "no"],
    }


def test_a_first_known_value_has_codes_only_if_all_of_its_parts_have() -> None:
    mixed = changed(PROTOCOL, "first_known: [treated.arm]", "first_known: [treated.arm, entry.sex]")
    mixed[ENDPOINTS] = mixed[ENDPOINTS].replace(
        "treatment_received: derived.given", "treatment_received: treated.arm"
    )
    mixed[ENDPOINTS] = mixed[ENDPOINTS].replace("derived.given == 'B'", "derived.given == 'male'")
    codes = everywhere(load_files(mixed).protocol).codes
    assert [*codes["derived.given"]] == ["A", "B", "female", "male"]
    mixed[PROTOCOL] = mixed[PROTOCOL].replace("treated.arm, entry.sex]", "treated.arm, participant.site]")
    assert "derived.given" not in everywhere(load_files(mixed).protocol).codes


def test_checks_of_a_form_see_derived_values_of_its_own_answers() -> None:
    load_files(changed("forms/entry.yaml", "if: age < 21", "if: derived.stage == 'late' and age < 21"))
    load_files(changed("forms/contact.yaml", "if: on_day <", "if: derived.ever_dead == 'yes' or on_day <"))


def test_skip_logic_sees_derived_values_of_earlier_answers() -> None:
    load_files(changed("forms/entry.yaml", "show_if: smoker == 'yes'", "show_if: derived.stage == 'late'"))
