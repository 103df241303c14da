"""Unit tests, floor 0: the mapping of imports.yaml fits the columns it reads and the items it fills."""

import re

import pytest

from tests.unit.trial.protocol_files import changed, line_of, problems_of
from trial.protocol.imports import filled, placeholders
from trial.protocol.loader import load_files
from trial.protocol.problems import ProtocolError

SEX = "sex: {value: sex, codes: {0: female, 1: male}}"
SITE = "site: {value: number % parameter.count, codes: {0: '01', 1: '02'}}"


@pytest.mark.parametrize(
    ("old", "new", "passage", "key", "said"),
    [
        ("row_key: number", "row_key: nmber", "row_key", "row_key", "no column `nmber`"),
        ("age: {type: integer}", "today: {type: integer}", "  today", "columns.today", "something else"),
        ("day: {type: date}", "day: {type: date, range: [0, 1]}", "  day", "columns.day.range",
         "has no range"),
        ("[1, 999]", "[999, 1]", "  number", "columns.number.range", "no value is between"),
        ("[1, 999]}", "[1, 999], optional: true}", "  number", "columns.number.optional", "may be empty"),
        ("code: '02'", "code: '01'", "  - {code: '01', name: {en: Two}", "sites[1].code", "twice"),
        ("Asia/Shanghai", "Asia/Shanghia", "  - {code: '01'", "sites[0].time_zone", "no time zone"),
        ("Asia/Shanghai", "../etc", "  - {code: '01'", "sites[0].time_zone", "no time zone"),
        ("rows: kind == 'first', value: day", "rows: kind, value: day", "  entered_on",
         "facts.entered_on.rows", "type text"),
        ("rows: kind == 'first', value: day", "rows: kind == 'frist', value: day", "  entered_on",
         "facts.entered_on.rows", "never holds the code `frist`"),
        ("waited: day - entered_on", "waited: day - left_on", "  waited", "facts.waited.value", "'left_on'"),
        ("waited: day - entered_on", "age: day - entered_on", "  age: day", "facts.age",
         "is a column already"),
        ("waited: day - entered_on", "today: day - entered_on", "  today", "facts.today", "something else"),
        ("if: waited < 0", "if: waited", "  - {id: backwards", "refuse[0].if", "type integer"),
        ("label: \"{site}/{number:03}\"", "label: \"{side}\"", "  label: \"{side", "participants.label",
         "`side`"),
        ("label: \"{site}/{number:03}\"", "label: \"{number\"", "  label: \"{number", "participants.label",
         "bracket"),
        ("label: \"{site}/{number:03}\"", "label: \"{kind:03}\"", "  label: \"{kind", "participants.label",
         "no integer"),
        ("label: \"{site}/{number:03}\"", "label: \"{site:03}\"", "  label: \"{site:", "participants.label",
         "no integer"),
        ("consented_on: parameter.start", "consented_on: parameter.stat", "  consented_on",
         "participants.consented_on",
         "'parameter.stat'"),
        ("randomized_on: entered_on", "randomized_on: waited", "  randomized_on",
         "participants.randomized_on",
         "type integer"),
        ("arm: arm", "arm: kind", "  arm: kind", "participants.arm.value", "holds `first`"),
        ("arm: arm", "arm: age", "  arm: age", "participants.arm.value", "type integer"),
        ("arm: arm", "arm: {missing: unknown}", "  arm: {missing", "participants.arm.missing",
         "always has one arm"),
        (SITE, SITE.replace("'02'", "'03'"), "  site", "participants.site.codes.1", "no code `03`"),
        (SITE, "site: {codes: {0: '01'}}", "  site", "participants.site", "nothing says"),
        (SITE, "site: {codes: {0: '01'}, missing: unknown}", "  site: {codes", "participants.site",
         "nothing says"),
        ("form: entry", "form: entri", "  - form", "forms[0].form", "no form `entri`"),
        ("visit: screening", "visit: sreening", "    visit", "forms[0].visit", "no visit `sreening`"),
        ("visit: screening", "visit: any", "  - form", "forms[0].form", "at the visit `any`"),
        ("rows: is_last", "rows: age", "    rows: age", "forms[1].rows", "type integer"),
        ("      age: age\n", "      aeg: age\n      age: age\n", "      aeg", "forms[0].values.aeg",
         "no item of the form"),
        ("      age: age\n", "", "    values", "forms[0].values", "`age` gets no value"),
        ("      age: age\n", "      age: size\n", "      age: size", "forms[0].values.age.value",
         "type decimal"),
        ("      age: age\n", "      age: {}\n", "      age: {}", "forms[0].values.age", "nothing says"),
        ("      age: age\n", "      age: {missing: unknown}\n", "      age: {missing",
         "forms[0].values.age.missing",
         "no reason this item allows"),
        ("size: {value: size, missing: unknown}", "size: {value: size, missing: not_done}", "      size",
         "forms[0].values.size.missing", "no reason this item allows"),
        ("      since: entered_on\n", "      since: age\n", "      since", "forms[0].values.since.value",
         "type integer"),
        (SEX, "sex: {value: sex, codes: {0: female, 1: man}}", "      sex", "forms[0].values.sex.codes.1",
         "no code `man`"),
        (SEX, "sex: {value: sex, codes: {0: female}}", "      sex", "forms[0].values.sex.codes",
         "the code `1`"),
        (SEX, "sex: {value: size, codes: {0: female}}", "      sex", "forms[0].values.sex.value",
         "type decimal"),
        (SEX, "sex: kind", "      sex: kind", "forms[0].values.sex.value", "holds `first`"),
        ("dead: {value: sex, codes: {0: no, 1: yes}}", "dead: kind", "    values: {on_day",
         "forms[1].values.dead.value",
         "holds `first`"),
    ],
)  # fmt: skip
def test_a_mapping_that_cannot_work_is_told_by_line_and_key(
    old: str, new: str, passage: str, key: str, said: str
) -> None:
    files = changed("imports.yaml", old, new)
    problems = problems_of(files)
    found = [problem for problem in problems if problem.key == key and said in problem.message]
    assert found, [str(problem) for problem in problems]
    assert found[0].line == line_of(files, "imports.yaml", passage)
    assert {problem.file for problem in problems} == {"imports.yaml"}


def test_one_faulty_fact_is_not_reported_again_where_it_is_used() -> None:
    files = changed("imports.yaml", "entered_on: {rows: kind == 'first', value: day}", "entered_on: dya")
    with pytest.raises(ProtocolError) as refused:
        load_files(files)
    assert [problem.key for problem in refused.value.problems] == [
        "facts.entered_on.value",
        "facts.waited.value",
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("size: {value: size, missing: unknown}", "size: {value: age, missing: unknown}"),
        ("size: {value: size, missing: unknown}", "size: {missing: unknown}"),
        ("size: {value: size, missing: unknown}", "smoker: {value: kind, codes: {first: no, last: yes}}"),
        ("  arm: arm\n", "  arm: {value: kind, codes: {first: A, last: B}}\n"),
    ],
)
def test_other_sound_mappings_are_accepted(old: str, new: str) -> None:
    assert load_files(changed("imports.yaml", old, new)).protocol.imports


def test_a_label_is_filled_by_name_and_width() -> None:
    assert placeholders("{site}-{id:04}") == [("site", 0), ("id", 4)]
    assert placeholders("plain") == []
    assert filled("{site}-{id:04}/{id}", {"site": "01", "id": 7}) == "01-0007/7"
    assert filled("{id:02}", {"id": 123}) == "123"


@pytest.mark.parametrize(
    "label", ["{", "}", "{a.b}", "{a!r}", "{a:4}", "{{a}}", "{a[0]}", "{}", "{__class__}"]
)
def test_a_label_holds_names_only(label: str) -> None:
    with pytest.raises(ValueError, match=re.escape(label)):
        placeholders(label)
