"""The roof's loader: a protocol folder with data becomes a trial with participants, all or nothing.

It writes nothing itself: every step is the action that people use.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from crf.actions import imports
from crf.import_rows import ImportRow
from crf.mapping import MappedImport, MappedRecord, map_rows
from crf.source_rows import read_rows
from outcomes.cohort.parameters import CohortSite
from randomization.actions import randomize, upload_list
from trial import audit
from trial.actions import participants, protocols, sites
from trial.models import Participant, Person, Site, Trial
from trial.protocol.expressions import Value
from trial.protocol.imports import ImportSite
from trial.protocol.loader import LoadedProtocol
from trial.protocol.schema import Protocol
from trial.protocol.vocabulary import in_language

NOON = time(12, 0)
Report = Callable[[str, int, int], None]


def mapped(protocol: Protocol, folder: Path) -> MappedImport:
    """The participants and records that a protocol folder's own data hold. Raises MappingError."""
    plan = protocol.imports
    if plan is None:
        raise LookupError(f"{folder.name} has no imports.yaml: there are no data to load.")
    rows = read_rows((folder / plan.source).read_text(encoding="utf-8"), file=plan.source)
    return map_rows(plan, rows, parameters=protocol.parameter_values())


def load_trial(loaded: LoadedProtocol, found: MappedImport, *, by: Person, report: Report) -> Trial:
    """Activate, open the sites, upload the allocation list, bring every participant in. One transaction.

    Raises Refusal; nothing is left behind then. `report` is told the step, how many are done and of how many.
    """
    protocol = loaded.protocol
    with audit.writing_block(by=by, reason="", verb="load_trial", about={}):
        trial = protocols.activate(loaded=loaded, by=by).trial
        standing = opened(trial, protocol.imports.sites if protocol.imports else (), by=by)
        upload_list(trial=trial, text=allocation_list(found), by=by)
        people: dict[str, Participant] = {}
        for done, person in enumerate(found.participants, start=1):
            registered = participants.register(site=standing[person.site], label=person.label, by=by)
            version = protocol.consent_versions[-1].id
            participants.consent(participant=registered, version=version, given_on=person.consented_on, by=by)
            people[person.label] = registered
            report("registering participants", done, len(found.participants))
        _enter(trial, found, protocol, before=True, by=by, report=report)
        for done, person in enumerate(found.participants, start=1):
            participants.enrol(participant=people[person.label], by=by)
            randomize_on(person.randomized_on, people[person.label], source="import", by=by)
            report("randomizing", done, len(found.participants))
        _enter(trial, found, protocol, before=False, by=by, report=report)
    return trial


def opened(trial: Trial, declared: Iterable[ImportSite | CohortSite], *, by: Person) -> dict[str, Site]:
    """The sites that an import or a cohort declares, added to the trial and open, by their codes. Raises Refusal."""
    return {
        site.code: sites.add(
            trial=trial,
            code=site.code,
            name=in_language(site.name, "en"),
            time_zone=site.time_zone,
            by=by,
        )
        for site in declared
    }


def randomize_on(day: date, participant: Participant, *, source: str, by: Person) -> None:
    """Through the gate at noon by the clock of the site: noon in UTC is already the next day in Auckland.

    `source` tells where she comes from, in the key that lets nobody be randomized twice. Raises Refusal.
    """
    at = datetime.combine(day, NOON, tzinfo=ZoneInfo(participant.site.time_zone)).astimezone(UTC)
    randomize(participant=participant, idempotency_key=f"{source}:{participant.pk}", by=by, at=at)


def allocation_list(found: MappedImport) -> str:
    """The arms in the order of the participants, as an uploadable list of one stratum."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("sequence", "stratum", "arm"))
    writer.writerows((number, "*", person.arm) for number, person in enumerate(found.participants, start=1))
    return text.getvalue()


def _enter(
    trial: Trial, found: MappedImport, protocol: Protocol, *, before: bool, by: Person, report: Report
) -> None:
    needed = protocol.randomization.needs
    records = [record for record in found.records if (record.form in needed) is before]
    label = "entering forms before randomization" if before else "entering forms after randomization"
    imports.run(
        trial=trial,
        rows=[_row(record, protocol) for record in records],
        reason="imported from the source file",
        by=by,
        progress=lambda done: report(label, done, len(records)),
    )


def _row(record: MappedRecord, protocol: Protocol) -> ImportRow:
    """The record where the protocol wants it: a visit that repeats counts visits, any other its forms."""
    repeats = {visit.id for visit in protocol.visits if visit.repeats}
    visit_repeat, repeat = (record.repeat, 1) if record.visit in repeats else (1, record.repeat)
    return ImportRow(
        line=record.line,
        participant=record.participant,
        visit=record.visit,
        form=record.form,
        values=_typed_as_text(record.values),
        missing=dict(record.missing),
        visit_repeat=visit_repeat,
        repeat=repeat,
    )


def _typed_as_text(values: Mapping[str, Value]) -> dict[str, str]:
    return {
        item: ";".join(value) if isinstance(value, tuple) else str(value) for item, value in values.items()
    }
