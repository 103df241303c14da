"""Rules room of floor 3: the screening forms of one candidate, eligible but for what her kind says."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from outcomes.cohort.answers import Answers, Casebook, Given
from outcomes.cohort.dice import Dice
from outcomes.cohort.parameters import CohortParameters
from outcomes.cohort.screening_parameters import ScreenFailure, Tumour

VISIT = "screening"
BOUNDARY_MM = 30


@dataclass(frozen=True)
class Subject:
    """What is asked of a person and what later events hang on; `age` in completed years when she was asked."""

    sex: str
    age: int
    born_on: date
    public_records: bool


def subject(
    parameters: CohortParameters, dice: Dice, kind: ScreenFailure | None, *, asked_on: date
) -> Subject:
    """One person, of the age and sex that her kind of screen failure asks for."""
    people = parameters.people
    age = dice.whole(people.age)
    sex = "male" if dice.chance(people.male) else "female"
    since_birthday = dice.whole((20, 180, 340))
    if kind:
        age = age if kind.age is None else kind.age
        sex = kind.sex or sex
    # Far from the birthday and from 29 February, so that the age is the same on any calendar.
    birthday = date(asked_on.year - age, asked_on.month, min(asked_on.day, 28))
    return Subject(sex, age, birthday - timedelta(days=since_birthday), dice.chance(people.public_records))


def baseline(
    parameters: CohortParameters,
    dice: Dice,
    kind: ScreenFailure | None,
    who: Subject,
    excised_on: date,
    asked_on: date,
    randomized_on: date,
) -> list[Answers]:
    """Consent, demography, screening, pathology and imaging, in the order in which they are written."""
    book = Casebook(asked_on)
    ready = max(0, (randomized_on - asked_on).days - 1)
    excised = (excised_on - asked_on).days
    absent = _absent(parameters, dice)
    version = parameters.screening.consent_version
    book.write(
        0,
        VISIT,
        "consent",
        {"version": version, "given_on": book.text(0), "public_records": who.public_records},
    )
    book.write(0, VISIT, "demography", _demography(parameters, dice, who), missing=absent["demography"])
    book.write(0, VISIT, "screening", _fitness(parameters, dice, who), missing=absent["screening"])
    values, missing = _pathology(parameters.tumour, dice, absent["local_excision"])
    book.write(0, VISIT, "local_excision", {"excised_on": book.text(excised), **values}, missing=missing)
    imaging = _imaging(parameters, book, dice, excised, ready)
    book.write(ready, VISIT, "baseline_imaging", imaging, missing=absent["baseline_imaging"])
    forms = book.forms(until=book.on(ready))
    return [_broken(form, kind) for form in forms] if kind else forms


def _absent(parameters: CohortParameters, dice: Dice) -> dict[str, dict[str, str]]:
    """Form → item → reason for the answers that nobody has."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for address, (share, reason) in parameters.screening.missing.items():
        if dice.chance(share):
            form, _dot, item = address.partition(".")
            found[form][item] = reason
    return found


def _demography(parameters: CohortParameters, dice: Dice, who: Subject) -> dict[str, Given]:
    people = parameters.people
    return {
        "birth_date": who.born_on.isoformat(),
        "sex": who.sex,
        "height_cm": dice.whole(people.height_cm[who.sex]),
        "weight_kg": dice.whole(people.weight_kg[who.sex]),
        "smoking": dice.among(people.smoking[who.sex]),
        "diabetes": dice.chance(people.diabetes),
        "cardiovascular": dice.chance(people.cardiovascular),
        "family_history": dice.chance(people.family_history),
    }


def _fitness(parameters: CohortParameters, dice: Dice, who: Subject) -> dict[str, Given]:
    people = parameters.people
    no = ("multiple_crc", "other_malignancy", "unfit_crt", "unfit_surgery", "ibd_fap")
    never = ("severe_organ_disease", "mental_illness", "unsuitable")
    return {
        "adenocarcinoma": True,
        "distance_mm": dice.whole(people.distance_mm),
        "cn": "cN0",
        "cm": "cM0",
        "organ_function": True,
        "asa": dice.among(people.asa),
        "ecog": dice.among(people.ecog),
        "pregnant_lactating": False if who.sex == "female" else None,
        **dict.fromkeys((*no, *never), False),
    }


def _pathology(
    tumour: Tumour, dice: Dice, absent: Mapping[str, str]
) -> tuple[dict[str, Given], dict[str, str]]:
    large = dice.chance(tumour.large)
    size = round(dice.between(tumour.size_mm["large" if large else "small"]), 1)
    unknown = dict(absent)
    pedunculated = dice.chance(tumour.pedunculated)
    present = _features(tumour, dice, unknown, needed=size < BOUNDARY_MM, pedunculated=pedunculated)
    if pedunculated:
        level: dict[str, Given] = {"haggitt": "H4" if present["sm3"] else dice.among({"H2": 1, "H3": 2})}
        unknown["kikuchi"] = "not_applicable"
    else:
        level = {"kikuchi": "SM3" if present["sm3"] else dice.among({"SM1": 1, "SM2": 2})}
        unknown["haggitt"] = "not_applicable"
    values: dict[str, Given] = {
        "technique": dice.among(tumour.technique),
        "pt": "pT1",
        "size_mm": size,
        "grade": "poor" if present["grade"] else dice.among({"well": 1, "moderate": 3}),
        "lvi": present["lvi"],
        "pni": present["pni"],
        "depth_um": dice.whole((1500, 2500, 5000) if present["sm3"] else (400, 1100, 1900)),
        "budding": dice.among(tumour.budding),
        "margin_mm": round(dice.between(tumour.margin_mm), 1),
        "resection_plane": False,
        **level,
    }
    return values, unknown


def _features(
    tumour: Tumour, dice: Dice, unknown: Mapping[str, str], *, needed: bool, pedunculated: bool
) -> dict[str, bool]:
    """Which risk features there are; `needed`: at least one that is known to be present."""
    named = {"grade": "grade", "lvi": "lvi", "pni": "pni", "sm3": "haggitt" if pedunculated else "kikuchi"}
    while True:
        present = {feature: dice.chance(share) for feature, share in tumour.features.items()}
        if not needed or any(there and named[each] not in unknown for each, there in present.items()):
            return {str(feature): there for feature, there in present.items()}


def _imaging(
    parameters: CohortParameters, book: Casebook, dice: Dice, excised: int, ready: int
) -> dict[str, Given]:
    first = min(excised + 5, ready)
    days = {each: dice.whole((first, (first + ready) / 2, ready)) for each in ("mri", "ct", "endoscopy")}
    return {
        "mri_on": book.text(days["mri"]),
        "mri_finding": dice.among(parameters.screening.mri_finding),
        "ct_on": book.text(days["ct"]),
        "ct_metastasis": False,
        "endoscopy_on": book.text(days["endoscopy"]),
        "endoscopy_complete": True,
        "endoscopy_residual": False,
        "cea": round(dice.between(parameters.screening.cea), 1),
    }


def _broken(form: Answers, kind: ScreenFailure) -> Answers:
    """The form with the answers that break the criterion."""

    def of(item_address: str) -> str:
        return item_address.partition(".")[2]

    mine = form.form + "."
    answers = {of(at): value for at, value in kind.answers.items() if at.startswith(mine)}
    missing = {of(at): reason for at, reason in kind.missing.items() if at.startswith(mine)}
    gone = {of(at) for at in kind.without if at.startswith(mine)}
    values = {item: value for item, value in {**form.values, **answers}.items() if item not in missing}
    reasons = {item: why for item, why in {**form.missing, **missing}.items() if item not in answers}
    return replace(
        form,
        values={item: value for item, value in values.items() if item not in gone},
        missing={item: why for item, why in reasons.items() if item not in gone},
    )
