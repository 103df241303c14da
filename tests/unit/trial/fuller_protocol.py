"""A sound protocol that uses every key of the format, as text, for tests that break one thing in it."""

from functools import partial

from tests.unit.trial import protocol_files
from tests.unit.trial.protocol_files import CODELISTS, CONTACT, ENTRY, PROTOCOL

DERIVED = """\
derived:
  - id: age
    label: {en: Age}
    completed_years: {since: entry.since, until: participant.consented_on}
  - id: features
    label: {en: Features}
    count_true: [entry.smoker == 'yes', entry.packs > 20]
  - id: stage
    label: {en: Stage}
    incomplete: {en: Not yet known}
    classes:
      - {code: late, label: {en: Late}, when: entry.size >= 9}
      - {code: middle, label: {en: Middle}, when: "entry.size >= 3 or entry.smoker == 'yes'", note: {en: From 3 mm.}}
      - {code: early, label: {en: Early}, when: "entry.size < 3 and entry.smoker == 'no'"}
  - id: begun
    label: {en: Begun}
    first_known: [treated.on_day, {value: participant.randomized_on + 7, when: treated.arm != 'A'}]
  - id: given
    label: {en: Given}
    first_known: [treated.arm]
  - id: ever_dead
    label: {en: Ever dead}
    any_record: {form: contact, when: contact.dead == 'yes' and contact.on_day >= derived.begun}
eligibility:
  - {id: young, kind: exclusion, label: {en: Young}, rule: derived.age < 18, query: true}
  - {id: not_late, kind: inclusion, label: {en: Not late}, rule: "derived.stage in ['middle', 'early']"}
"""
CRITERION = "eligibility:\n  - {id: adult, kind: inclusion, label: {en: Adult}, rule: entry.age >= 18}\n"
VISITS = """\
  - {id: treatment, label: {en: Treatment}, forms: [treated]}
  - {id: leaving, label: {en: Leaving}, forms: [leave], unscheduled: true}
  - id: scan_visit
    label: {en: Scan}
    target_month: 6
    counts_from: derived.begun
    forms: [check_up]
    modalities: [touch, scan]
assessments:
  form: check_up
  on: seen_on
  modalities:
    - {id: touch, label: {en: Examination}, kind: examination, done: touched}
    - {id: blood, label: {en: Blood}, kind: laboratory, done: bled}
    - {id: scan, label: {en: Scan}, kind: imaging, done: scanned}
no_visits_after: [leave.left_on]
"""
CONSENT = """\
form: consent
version: 1
title: {en: Consent}
author: {en: A. Writer}
reviewer: {en: B. Reader}
reviewed_on: 2024-01-31
milestone: {kind: consent, on: signed_on, version: text_version, when: agreed == 'yes'}
items:
  - {id: agreed, label: {en: Agreed}, type: yesno, required: true}
  - {id: signed_on, label: {en: Signed}, type: date, required: true}
  - {id: seen_at, label: {en: Seen}, type: date}
  - {id: text_version, label: {en: Version}, type: choice, required: true, choices: [{code: '1', label: {en: One}}]}
"""
CHECK_UP = """\
form: check_up
version: 1
title: {en: Check-up}
items:
  - {id: seen_on, label: {en: Day}, type: date, required: true}
  - {id: touched, label: {en: Touched}, type: yesno}
  - {id: bled, label: {en: Bled}, type: yesno}
  - {id: scanned, label: {en: Scanned}, type: yesno}
  - {id: relapse, label: {en: Relapse}, type: yesno, show_if: derived.stage != 'late'}
  - {id: relapse_on, label: {en: Relapse on}, type: partial_date}
checks:
  - {id: too_early, if: seen_on < derived.begun or derived.ever_dead == 'yes', level: soft, say: {en: Early.}}
"""
TREATED = """\
form: treated
version: 1
title: {en: Treatment}
reveals_arm: yes
applies: participant.arm == 'B' or entry.smoker == 'no'
items:
  - {id: on_day, label: {en: Day}, type: date}
  - {id: arm, label: {en: Arm}, type: choice, choices: [{code: A, label: {en: A}}, {code: B, label: {en: B}}]}
"""
LEAVE = """\
form: leave
version: 1
title: {en: Withdrawal}
after_withdrawal: true
milestone: {kind: withdrawal, on: left_on}
items:
  - {id: left_on, label: {en: Day}, type: date, required: true}
"""
ENDPOINTS = """\
horizon_months: 36
data_end: [{on: leave.left_on, type: withdrawal}]
known_alive: [{on: contact.on_day, type: alive, when: contact.dead == 'no'}]
fda_style:
  missed: 2
  new_therapy: [{on: treated.on_day, type: therapy, when: treated.arm == 'B'}]
treatment_received: derived.given
endpoints:
  - id: RFS
    label: {en: Relapse-free survival}
    adjudicated: true
    events:
      - on: check_up.relapse_on
        type: relapse
        when: check_up.relapse == 'yes'
        not_after: [derived.begun, contact.on_day]
        note_when: derived.begun is missing
        note: {en: Before treatment}
      - {on: contact.on_day, type: death, when: contact.dead == 'yes', despite_withdrawal: consent.agreed == 'yes'}
    censor: [{on: check_up.seen_on, type: adequate, when: record.adequate == 'yes'}]
  - {id: RFSFDA, label: {en: FDA}, same_as: RFS, censoring: fda_style}
  - id: OS
    label: {en: Survival}
    origin: derived.begun
    arms: [B]
    events: [{on: contact.on_day, type: death, when: contact.dead == 'yes'}]
    censor: known_alive
populations:
  - {id: ITT, label: {en: All}, rule: participant.randomized_on is not missing}
  - id: PP
    label: {en: Per protocol}
    reveals_arm: true
    conditions:
      - {id: begun, label: {en: Begun}, rule: treated.on_day is not missing}
      - {id: own, label: {en: As allocated}, rule: participant.arm == 'A' or derived.given == 'B'}
  - {id: AT, label: {en: As treated}, by: received, reveals_arm: true, rule: derived.given is not missing}
  - {id: ELIG, label: {en: Eligible}, rule: participant.eligible == 'yes'}
estimand:
  population: {en: All}
  treatment: {en: B against A}
  variable: {en: Survival}
  summary: {en: Difference}
analysis:
  primary: RFS
  population: ITT
  per_protocol: PP
  ci: wald
  km_interval: loglog
  confidence: 0.95
  alpha: 0.025
  margins: [10, 5]
  hazard_ratio_margin: 2.38
  min_at_risk: 10
  landmarks_months: [12, 36]
  comparisons: [{experimental: B, control: A}]
  looks:
    - {id: interim, label: {en: Interim}, at: {en: After a year}}
    - {id: final, label: {en: Final}, at: {en: At the end}, rule: {en: Both}}
"""
STAGE_FACTOR = "    - {id: sex, label: {en: Sex}, value: entry.sex}\n"
assert PROTOCOL.count(CRITERION) == PROTOCOL.count(STAGE_FACTOR) == 1
FILES = {
    "protocol.yaml": PROTOCOL.replace(CRITERION, DERIVED)
    .replace(STAGE_FACTOR, STAGE_FACTOR + "    - {id: stage, label: {en: Stage}, value: derived.stage}\n")
    .replace("sex: male}\n", "sex: male}\n    - {size: large, stage: early}\n")
    .replace("forms: [entry]", "forms: [consent, entry]")
    + VISITS,
    "endpoints.yaml": ENDPOINTS,
    "codelists.yaml": CODELISTS,
    "forms/entry.yaml": ENTRY,
    "forms/contact.yaml": CONTACT,
    "forms/consent.yaml": CONSENT,
    "forms/check_up.yaml": CHECK_UP,
    "forms/treated.yaml": TREATED,
    "forms/leave.yaml": LEAVE,
}


changed = partial(protocol_files.changed, among=FILES)
