"""Tests: the main trial, made through actions only: two sites, people of every role, opened blocks, participants.

A participant is eligible unless told otherwise: `screened("01", "01-0001", **{"local_excision.size_mm": "29"})`.
An item given None is missing, its reason `unknown`.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from crf.actions import entry
from crf.actions.entry import Entry
from crf.models import Record
from randomization import actions
from tests.protocol_texts import loaded
from trial.actions import participants, people, protocols, sites
from trial.models import Participant, Person, Site, Trial
from trial.protocol.loader import LoadedProtocol
from trial.roles import ROLES, Scope

TRIAL = "t1-salvage"
SITES = {"01": "Asia/Shanghai", "02": "Europe/Berlin"}
SEED = bytes(range(32))
SIZES = (4, 6, 8)
VISIT = "screening"
# Why every soft finding is kept.
CONFIRMED = "confirmed in the source"

Answers = Mapping[str, str | None]


def open_trial() -> Trial:
    """The trial under the text in protocols/, as a demonstration, its randomization opened with a known seed."""
    by = people.service_identity(name="SALVAGE")
    version = protocols.activate(loaded=text(), demo=True, by=by)
    for code, zone in SITES.items():
        sites.add(trial=version.trial, code=code, name=f"Site {code}", time_zone=zone, by=by)
    for key, role in ROLES.items():
        if role.scope is not Scope.INSTALLATION:
            for code in SITES if role.scope is Scope.SITE else (None,):
                _grant(version.trial, key, code, by)
    statistician = person("unblinded_statistician")
    actions.open_scheme(trial=version.trial, block_sizes=SIZES, seed=SEED, by=statistician)
    return Trial.objects.select_related("protocol").get(pk=version.trial_id)


def text() -> LoadedProtocol:
    """The protocol's text."""
    return loaded(TRIAL)


def person(role: str, *, site: str = "01") -> Person:
    """The person holding that role; site roles are held at `site`."""
    return Person.objects.get(email=_address(role, site if ROLES[role].scope is Scope.SITE else None))


def at_site(code: str) -> Site:
    """The site with that code."""
    return Site.objects.select_related("trial__protocol").get(trial__key=TRIAL, code=code)


def eligible(consented_on: date) -> dict[str, Answers]:
    """Answers, form by form, of somebody of 60 who may be randomized: 35 mm, no risk feature."""
    day = consented_on.isoformat()
    before = (consented_on - timedelta(days=20)).isoformat()
    return {
        "consent": {"version": "1", "given_on": day, "public_records": "yes"},
        "demography": {"birth_date": f"{consented_on.year - 60}-01-01", "sex": "male"},
        "screening": {
            "adenocarcinoma": "yes", "distance_mm": "60", "cn": "cN0", "cm": "cM0", "multiple_crc": "no",
            "organ_function": "yes", "other_malignancy": "no", "unfit_crt": "no", "unfit_surgery": "no",
            "ibd_fap": "no", "asa": "2", "ecog": "0", "severe_organ_disease": "no", "mental_illness": "no",
            "unsuitable": "no",
        },
        "local_excision": {
            "excised_on": before, "technique": "ESD", "pt": "pT1", "size_mm": "35", "grade": "well", "lvi": "no",
            "pni": "no", "kikuchi": "SM1", "margin_mm": "2", "resection_plane": "no",
        },
        "baseline_imaging": {
            "mri_on": day, "mri_finding": "no_tumour", "ct_on": day, "ct_metastasis": "no", "endoscopy_on": day,
        },
    }  # fmt: skip


def nothing_found(day: date) -> dict[str, str | None]:
    """Answers of a follow-up form at which she was examined, nothing else was done and nothing was seen."""
    return {
        "visit_on": day.isoformat(), "examination": "yes", "cea_done": "no", "pelvic_mri": "no", "rectoscopy": "no",
        "ct": "no", "colonoscopy": "no", "status": "no_evidence",
    }  # fmt: skip


def registered(site: str, label: str) -> Participant:
    """Somebody registered at a site, nothing signed."""
    return participants.register(site=at_site(site), label=label, by=person("coordinator", site=site))


def screened(
    site: str, label: str, *, consented_on: date | None = None, **changes: str | None
) -> Participant:
    """Somebody consented (a week ago unless told) whose screening forms are submitted; `changes` by address."""
    somebody = registered(site, label)
    forms = eligible(consented_on or somebody.site.today - timedelta(days=7))
    for form, answers in forms.items():
        own = {item: value for item, value in changes.items() if item.startswith(f"{form}.")}
        stated = {**answers, **{address.partition(".")[2]: value for address, value in own.items()}}
        entered(somebody, form, stated, visit=VISIT)
    return again(somebody)


def enrolled(
    site: str, label: str, *, consented_on: date | None = None, **changes: str | None
) -> Participant:
    """Somebody screened whose eligibility was confirmed."""
    somebody = screened(site, label, consented_on=consented_on, **changes)
    return actions.confirm_eligibility(participant=somebody, by=person("investigator", site=site))


def randomized(
    site: str,
    label: str,
    *,
    at: datetime | None = None,
    consented_on: date | None = None,
    **changes: str | None,
) -> Participant:
    """Somebody enrolled and randomized, now or at a time that is past."""
    somebody = enrolled(site, label, consented_on=consented_on, **changes)
    by = person("coordinator", site=site)
    actions.randomize(participant=somebody, idempotency_key=f"salvage:{label}", at=at, by=by)
    return again(somebody)


def entered(
    participant: Participant,
    form: str,
    answers: Answers,
    *,
    visit: str,
    visit_repeat: int = 1,
    repeat: int = 1,
) -> Record:
    """A form submitted by the site's coordinator, every soft finding confirmed."""
    place: dict[str, Any] = {"visit": visit, "form": form, "visit_repeat": visit_repeat, "repeat": repeat}
    by = person("coordinator", site=participant.site.code)
    return entry.submit(participant=participant, entry=entry_of(answers, **place, accepting=CONFIRMED), by=by)


def corrected(participant: Participant, address: str, value: str | None) -> Record:
    """One answer of a screening form corrected by the site's coordinator, with a reason."""
    form, _, item = address.partition(".")
    record = Record.objects.get(participant=participant, form=form)
    answers = {name: str(stored) for name, stored in record.values.items()}
    answers |= dict.fromkeys(record.missing)
    answers[item] = value
    change = entry_of(
        answers,
        visit=VISIT,
        form=form,
        version=record.version,
        soft_reasons=record.soft_reasons,
        accepting=CONFIRMED,
    )
    by = person("coordinator", site=participant.site.code)
    return entry.correct(participant=participant, entry=change, reason="transcription error", by=by)


def again(participant: Participant) -> Participant:
    """The participant as the database holds her now."""
    return Participant.objects.select_related("site", "trial__protocol").get(pk=participant.pk)


def entry_of(answers: Answers, **place: object) -> Entry:
    """What somebody types into a form at a place of the casebook."""
    raw = {item: value for item, value in answers.items() if value is not None}
    reasons = {item: "unknown" for item, value in answers.items() if value is None}
    return Entry(raw=raw, reasons=reasons, **place)  # type: ignore[arg-type]


def _address(role: str, site: str | None) -> str:
    return f"{role.replace('_', '-')}{f'-{site}' if site else ''}@{TRIAL}.invalid"


def _grant(trial: Trial, role: str, code: str | None, by: Person) -> None:
    name = f"{ROLES[role].name} {code or ''}".strip()
    # Without a password: hashing one takes a quarter of a second.
    someone = people.account(email=_address(role, code), name=name, by=by)
    place = at_site(code) if code else None
    people.grant(person=someone, trial=trial, role=role, site=place, starts_on=date(2020, 1, 1), by=by)
