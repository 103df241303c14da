"""Unit tests, floor 0: every address of a protocol exists and has the type that its use needs."""

import pytest

from tests.unit.trial.protocol_files import FILES, assert_told, changed, problems_of
from trial.protocol.loader import load_files

OTHER_ITEM = "show_if: smoker == 'yes'"


@pytest.mark.parametrize(
    ("file", "old", "new", "passage", "key", "said", "remedy"),
    [
        ("protocol.yaml", "entry.age >= 18", "entry.aeg >= 18", "  - {id: adult", "eligibility[0].rule",
         "'entry.aeg'", "'entry.age'"),
        ("protocol.yaml", "entry.age >= 18", "entry.age", "  - {id: adult", "eligibility[0].rule",
         "type integer",
         "boolean"),
        ("protocol.yaml", "entry.age >= 18", "entry.age >=", "  - {id: adult", "eligibility[0].rule",
         "column", "Write"),
        ("protocol.yaml", "entry.age >= 18", "entry.age >= today", "  - {id: adult", "eligibility[0].rule",
         "'today'", ""),
        ("protocol.yaml", "entry.age >= 18", "entry.sex == 'femal'", "  - {id: adult", "eligibility[0].rule",
         "never holds the code `femal`", "`female`"),
        ("protocol.yaml", "value: participant.site", "value: entry.age", "    - {id: site",
         "randomization.strata[0].value",
         "no address with codes", "`entry.sex`"),
        ("protocol.yaml", "value: entry.sex", "value: entry.signs", "    - {id: sex",
         "randomization.strata[1].value",
         "no address with codes", "entry.sex"),
        ("protocol.yaml", "when: entry.size < 3", "when: entry.size < 'x'", "        - {code: small",
         "randomization.strata[2].levels[0].when", "column", ""),
        ("protocol.yaml", "sex: male}", "sex: men}", "    - {size", "randomization.impossible[0].sex",
         "no code `men`",
         "male"),
        ("protocol.yaml", "{id: any, label", "{id: any, counts_from: contact.dead, label", "  - {id: any",
         "visits[2].counts_from", "of type text", "contact.on_day"),
        ("protocol.yaml", "{id: any, label", "{id: any, counts_from: contact.onday, label", "  - {id: any",
         "visits[2].counts_from", "no `contact.onday`", "`contact.on_day`"),
        ("forms/entry.yaml", OTHER_ITEM, "show_if: smoker", "  - {id: packs", "items[4].show_if", "type text",
         "boolean"),
        ("forms/entry.yaml", OTHER_ITEM, "show_if: packs > 1", "  - {id: packs", "items[4].show_if",
         "asked after",
         "Move it up"),
        ("forms/entry.yaml", OTHER_ITEM, "show_if: since is missing", "  - {id: packs", "items[4].show_if",
         "asked after", "Move it up"),
        ("forms/entry.yaml", OTHER_ITEM, "show_if: \"smoker in ['yes', 'often']\"", "  - {id: packs",
         "items[4].show_if",
         "the code `often`", "Write one of: no, yes"),
        ("forms/entry.yaml", OTHER_ITEM, "show_if: not ('maybe' == smoker)", "  - {id: packs",
         "items[4].show_if",
         "the code `maybe`", "no, yes"),
        ("forms/entry.yaml", "'x' in signs", "'z' in signs", "  - {id: later", "checks[1].if", "the code `z`",
         "x, y"),
        ("forms/entry.yaml", "since > today", "since > entry.since", "  - {id: later", "checks[1].if",
         "'entry.since'",
         ""),
        ("forms/entry.yaml", "since > today", "since > participant.arm", "  - {id: later", "checks[1].if",
         "'participant.arm'", ""),
        ("forms/contact.yaml", "entry.age is missing", "age is missing", "    if:", "checks[0].if",
         "'age'",
         "'entry.age'"),
        ("endpoints.yaml", "label: {en: Survival}\n", "label: {en: Survival}\n    origin: entry.since\n",
         "    origin",
         "endpoints[0].origin", "partial_date", "contact.on_day"),
        ("endpoints.yaml", "[{on: contact.on_day, type: death", "[{on: contact.day, type: death",
         "    events",
         "endpoints[0].events[0].on", "no `contact.day`", "contact.on_day"),
        ("endpoints.yaml", "[{on: contact.on_day, type: alive", "[{on: today, type: alive", "    censor",
         "endpoints[0].censor[0].on", "no `today`", ""),
        ("endpoints.yaml", "contact.dead == 'no'", "contact.dead", "    censor",
         "endpoints[0].censor[0].when", "type text",
         "boolean"),
        ("endpoints.yaml", "participant.randomized_on is not missing", "randomized_on is not missing",
         "  - {id: ITT",
         "populations[0].rule", "'randomized_on'", "'participant.randomized_on'"),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_used_is_told_by_file_line_and_key(
    file: str, old: str, new: str, passage: str, key: str, said: str, remedy: str
) -> None:
    problems = assert_told(changed(file, old, new), file, passage, key, said, remedy)
    assert [problem.key for problem in problems].count(key) == 1


def test_partial_dates_may_date_an_event_but_not_begin_one() -> None:
    on = "[{on: contact.on_day, type: death, when: contact.dead == 'yes'}]"
    competing = on + "\n    competing: [{on: entry.since, type: other}]"
    load_files(changed("endpoints.yaml", on, competing))
    bad = changed("endpoints.yaml", on, competing.replace("entry.since", "entry.age"))
    (problem,) = problems_of(bad)
    assert problem.key == "endpoints[0].competing[0].on"


def test_a_missing_code_list_is_told_once() -> None:
    """Expressions over an item whose code list is absent are not reported as well."""
    files = {name: text for name, text in FILES.items() if name not in ("codelists.yaml", "imports.yaml")}
    for passage in ("    - {id: sex, label: {en: Sex}, value: entry.sex}\n", ", sex: male"):
        files["protocol.yaml"] = files["protocol.yaml"].replace(passage, "")
    (problem,) = problems_of(files)
    assert problem.key == "items[1].choices"
    assert problem.remedy == "Define one first: there is none yet"


def test_strata_and_levels_alone_are_enough() -> None:
    load_files(changed("protocol.yaml", "  impossible:\n    - {size: small, sex: male}\n", ""))


def test_skip_logic_may_look_at_other_forms() -> None:
    load_files(changed("forms/entry.yaml", OTHER_ITEM, "show_if: contact.on_day is missing and age > 3"))


def test_an_allowed_address_named_twice_in_one_comparison_chain_is_accepted() -> None:
    load_files(
        changed("forms/entry.yaml", OTHER_ITEM, "show_if: 0 < age < 3 or -age < age + 1 and 'yes' == smoker")
    )
