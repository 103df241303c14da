"""Tests: a small world built through actions only: two trials, two sites each, a dozen participants, every role."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings

from config.loading import load_trial, mapped
from crf.mapping import MappedImport
from outcomes.actions import analyses, runs, snapshots
from outcomes.models import Result, Snapshot
from trial.actions import people
from trial.models import Participant, Person, Site, Trial
from trial.protocol.loader import LoadedProtocol, load, load_files
from trial.roles import ROLES, Scope

PASSWORD = "a long test password"
TRIAL, OTHER_TRIAL = "colon-moertel", "another-trial"
SITES = ("01", "02")
DOZEN = 12


@dataclass(frozen=True)
class World:
    """The first trial has people of every role at its first site, one coordinator at its second, and a snapshot."""

    trial: Trial
    other_trial: Trial
    snapshot: Snapshot

    def person(self, role: str, *, site: str = SITES[0], trial: str = TRIAL) -> Person:
        """The person holding that role; site roles are held at `site`."""
        return Person.objects.get(email=address(role, site=site, trial=trial))

    def participant(self, *, site: str = SITES[0], place: int = 0, trial: str = TRIAL) -> Participant:
        """A participant of a site, the first one unless `place` says otherwise."""
        rows = Participant.objects.filter(trial__key=trial, site__code=site).select_related(
            "site", "trial__protocol"
        )
        return rows.order_by("label")[place]

    def result(self, endpoint: str) -> Result:
        """The result of an endpoint on the snapshot."""
        return Result.objects.get(analysis__snapshot=self.snapshot, analysis__endpoint=endpoint)


def address(role: str, *, site: str = SITES[0], trial: str = TRIAL) -> str:
    """The address a person of the world signs in with."""
    place = f"-{site}" if ROLES[role].scope is Scope.SITE else ""
    return f"{role.replace('_', '-')}{place}@{trial}.invalid"


def build() -> World:
    """Fill an empty database. Takes about three seconds."""
    importer = people.service_identity(name="IMPORT")
    loaded = load(settings.PROTOCOLS / TRIAL)
    found = mapped(loaded.protocol, settings.PROTOCOLS / TRIAL)
    trial = load_trial(loaded, _part(found, 0, DOZEN), by=importer, report=_quiet)
    other = load_trial(_renamed(loaded), _part(found, DOZEN, DOZEN + 4), by=importer, report=_quiet)
    for key in (TRIAL, OTHER_TRIAL):
        _people(Trial.objects.get(key=key), importer)
    _system_administrator(importer)
    snapshot = snapshots.freeze(trial=trial, cut_off=date(2000, 1, 1), reason="for tests", by=importer)
    for analysis in analyses.request_all(snapshot=snapshot, by=importer):
        runs.run(analysis.pk)
    return World(trial, other, snapshot)


def _part(found: MappedImport, first: int, end: int) -> MappedImport:
    """Some participants of the two sites, with their records, in the order of the file."""
    chosen = [person for person in found.participants if person.site in SITES][first:end]
    labels = {person.label for person in chosen}
    return MappedImport(chosen, [record for record in found.records if record.participant in labels])


def _renamed(loaded: LoadedProtocol) -> LoadedProtocol:
    text = loaded.files["protocol.yaml"].replace(f"trial: {TRIAL}", f"trial: {OTHER_TRIAL}", 1)
    return load_files({**loaded.files, "protocol.yaml": text})


def _people(trial: Trial, importer: Person) -> None:
    sites = {site.code: site for site in Site.objects.filter(trial=trial)}
    for key, role in ROLES.items():
        if role.scope is Scope.INSTALLATION:
            continue
        for code in SITES if role.scope is Scope.SITE else SITES[:1]:
            person = people.create(
                email=address(key, site=code, trial=trial.key),
                name=f"{role.name} {code}",
                password=PASSWORD,
                by=importer,
            )
            site = sites[code] if role.scope is Scope.SITE else None
            people.grant(
                person=person, trial=trial, role=key, site=site, starts_on=date(2020, 1, 1), by=importer
            )


def _system_administrator(importer: Person) -> None:
    role = "system_administrator"
    person = people.create(email=address(role), name="System administrator", password=PASSWORD, by=importer)
    people.grant(person=person, trial=None, role=role, starts_on=date(2020, 1, 1), by=importer)


def _quiet(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""
