"""A small sound protocol as text, for tests that break one thing in it."""

import pytest

from trial.protocol.loader import load_files
from trial.protocol.problems import Problem, ProtocolError

PROTOCOL = """\
trial: small-trial
version: 1
title: {en: A small trial, zh-hans: 小试验}
arms:
  - {id: A, label: {en: Control arm}, control: true}
  - {id: B, label: {en: New arm}}
parameters:
  - {id: start, label: {en: Start}, type: date, value: 2024-01-01, source: assumption}
  - {id: threshold, label: {en: Threshold}, type: decimal, value: 3, source: registry}
  - {id: count, label: {en: Count}, type: integer, value: 2, source: publication}
  - {id: word, label: {en: Word}, type: text, value: plain, source: assumption}
quirks:
  - {id: odd, says: {en: This}, does: {en: That}, why: {en: Because}}
consent_versions:
  - {id: '1', label: {en: First}, effective_from: 2024-01-01}
eligibility:
  - {id: adult, kind: inclusion, label: {en: Adult}, rule: entry.age >= 18}
randomization:
  method: permuted_blocks
  ratio: {A: 1, B: 2}
  needs: [entry]
  strata:
    - {id: site, label: {en: Site}, value: participant.site}
    - {id: sex, label: {en: Sex}, value: entry.sex}
    - id: size
      label: {en: Size}
      levels:
        - {code: small, label: {en: Small}, when: entry.size < 3}
        - {code: large, label: {en: Large}, when: entry.size >= 3}
  impossible:
    - {size: small, sex: male}
visits:
  - {id: screening, label: {en: Screening}, target_day: 0, window: [-28, 0], forms: [entry]}
  - {id: month_3, label: {en: Month 3}, target_month: 3, window: [-14, 14], forms: [contact]}
  - {id: any, label: {en: Any time}, forms: [contact], unscheduled: true, repeats: true}
"""
ENTRY = """\
form: entry
version: 1
title: {en: Entry}
items:
  - {id: age, label: {en: Age}, type: integer, required: true, hard_range: [0, 120], soft_range: [18, null]}
  - {id: sex, label: {en: Sex}, type: choice, choices: sex, required: true}
  - {id: size, label: {en: Size}, type: decimal, unit: {en: mm}, missing: [unknown]}
  - {id: smoker, label: {en: Smoker}, type: yesno}
  - {id: packs, label: {en: Packs}, type: integer, show_if: smoker == 'yes'}
  - id: signs
    label: {en: Signs}
    type: choices
    choices: [{code: x, label: {en: X}}, {code: y, label: {en: Y}}]
  - {id: since, label: {en: Since}, type: partial_date}
checks:
  - {id: young, if: age < 21 and sex == 'male', level: soft, item: age, say: {en: Young.}}
  - {id: later, if: since > today or 'x' in signs, level: hard, say: {en: Later.}}
"""
CONTACT = """\
form: contact
version: 1
title: {en: Contact}
reveals_arm: no
items:
  - {id: on_day, label: {en: Day}, type: date, required: true}
  - {id: dead, label: {en: Dead}, type: yesno, required: true}
checks:
  - id: early
    if: on_day < participant.randomized_on or entry.age is missing
    level: hard
    say: {en: Early.}
"""
ENDPOINTS = """\
horizon_months: 36
endpoints:
  - id: OS
    label: {en: Survival}
    events: [{on: contact.on_day, type: death, when: contact.dead == 'yes'}]
    censor: [{on: contact.on_day, type: alive, when: contact.dead == 'no'}]
populations:
  - {id: ITT, label: {en: All}, rule: participant.randomized_on is not missing}
estimand:
  population: {en: All}
  treatment: {en: B against A}
  variable: {en: Survival}
  summary: {en: Difference}
analysis:
  primary: OS
  population: ITT
  ci: wald
  km_interval: loglog
  confidence: 0.95
  alpha: 0.025
  margins: [10, 5]
  min_at_risk: 10
  landmarks_months: [12, 36]
  comparisons: [{experimental: B, control: A}]
"""
CODELISTS = """\
sex:
  - {code: female, label: {en: Female}}
  - {code: male, label: {en: Male}}
"""
IMPORTS = """\
source: data/rows.csv
row_key: number
columns:
  number: {type: integer, range: [1, 999]}
  kind: {type: text, codes: [first, last]}
  arm: {type: text, codes: [A, B]}
  sex: {type: integer, codes: ['0', '1']}
  age: {type: integer}
  size: {type: decimal, optional: true, range: [0, null]}
  day: {type: date}
sites:
  - {code: '01', name: {en: One}, time_zone: Asia/Shanghai}
  - {code: '02', name: {en: Two}}
facts:
  entered_on: {rows: kind == 'first', value: day}
  waited: day - entered_on
  is_last: kind == 'last'
refuse:
  - {id: backwards, if: waited < 0, say: {en: The last day is before the first.}}
participants:
  rows: kind == 'first'
  label: "{site}/{number:03}"
  site: {value: number % parameter.count, codes: {0: '01', 1: '02'}}
  consented_on: parameter.start
  randomized_on: entered_on
  arm: arm
forms:
  - form: entry
    visit: screening
    rows: kind == 'first'
    values:
      age: age
      sex: {value: sex, codes: {0: female, 1: male}}
      size: {value: size, missing: unknown}
      since: entered_on
  - form: contact
    visit: any
    rows: is_last
    values: {on_day: day, dead: {value: sex, codes: {0: no, 1: yes}}}
"""
FILES = {
    "protocol.yaml": PROTOCOL,
    "endpoints.yaml": ENDPOINTS,
    "codelists.yaml": CODELISTS,
    "imports.yaml": IMPORTS,
    "forms/entry.yaml": ENTRY,
    "forms/contact.yaml": CONTACT,
}


def changed(file: str, old: str, new: str, *, among: dict[str, str] = FILES) -> dict[str, str]:
    """The files with the passage `old` of `file` replaced; it must stand there exactly once."""
    assert among[file].count(old) == 1, f"{old!r} stands {among[file].count(old)} times in {file}"
    return {**among, file: among[file].replace(old, new)}


def line_of(files: dict[str, str], file: str, passage: str) -> int:
    """The line on which the passage begins."""
    text = files[file]
    return text[: text.index(passage)].count("\n") + 1


def problems_of(files: dict[str, str]) -> list[Problem]:
    """Everything for which these files are refused."""
    with pytest.raises(ProtocolError) as refused:
        load_files(files)
    return refused.value.problems


def assert_told(
    files: dict[str, str], file: str, passage: str, key: str, said: str, remedy: str = ""
) -> list[Problem]:
    """One problem is told at this key and at the line of the passage, with these words and a remedy; gives all."""
    problems = problems_of(files)
    found = [problem for problem in problems if (problem.file, problem.key) == (file, key)]
    assert len(found) == 1, [str(problem) for problem in problems]
    assert found[0].line == line_of(files, file, passage)
    assert said in found[0].message
    assert remedy in found[0].remedy
    assert found[0].remedy
    return problems
