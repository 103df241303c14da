"""Writes of floor 1: importing rows, all or nothing, through the same checks as the browser."""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext as _

from crf.actions import entry
from crf.actions.entry import Entry, EntryRefused
from crf.checks import Finding
from crf.import_rows import ImportRow, RowProblem
from crf.models import Record
from crf.states import COUNTED
from crf.wording import sentence
from trial import audit
from trial.models import Participant, Person, Trial
from trial.refusals import Refusal
from trial.selectors import protocol_of


class ImportRefused(Refusal):
    """Some rows do not fit; nothing was imported. `problems` names each of them."""

    def __init__(self, problems: list[RowProblem]) -> None:
        super().__init__(
            "import.rows",
            _("Nothing was imported: %(number)s cells do not fit.") % {"number": len(problems)},
            remedy=_("Correct the file and import it again."),
        )
        self.problems = problems


@audit.audited
def run(
    *,
    trial: Trial,
    rows: Iterable[ImportRow],
    reason: str,
    by: Person,
    progress: Callable[[int], None] = lambda done: None,
) -> list[Record]:
    """Submit each row as a form, or correct the record that stands there; all of them or none.

    A soft finding is accepted with the import's reason. Raises ImportRefused naming every cell that does not fit.
    """
    people = {
        p.label: p for p in Participant.objects.filter(trial=trial).select_related("site", "trial__protocol")
    }
    standing = _standing(trial)
    records: list[Record] = []
    problems: list[RowProblem] = []
    for done, row in enumerate(rows, start=1):
        try:
            records.append(_import(people, standing, row, reason=reason, by=by))
        except EntryRefused as refused:
            problems += [_problem(row, finding) for finding in refused.findings]
        except Refusal as refused:
            problems.append(_refused(row, refused))
        progress(done)
    if problems:
        raise ImportRefused(problems)
    audit.record("records.imported", on=f"{len(records)} records", trial=trial)
    return records


def _standing(trial: Trial) -> dict[tuple[Any, ...], tuple[int, str]]:
    rows = Record.objects.filter(participant__trial=trial).values_list(
        "participant__label", "visit__key", "visit__repeat", "form", "repeat", "version", "state"
    )
    return {tuple(row[:5]): (row[5], row[6]) for row in rows}


def _import(
    people: dict[str, Participant],
    standing: dict[tuple[Any, ...], tuple[int, str]],
    row: ImportRow,
    *,
    reason: str,
    by: Person,
) -> Record:
    participant = people.get(row.participant)
    if participant is None:
        raise Refusal(
            "participant.unknown", _("There is no such participant in this trial."), item="participant"
        )
    if row.form not in protocol_of(participant.trial).forms:
        raise Refusal("form.unknown", _("The protocol has no such form."), item="form")
    place = (row.participant, row.visit, row.visit_repeat, row.form, row.repeat)
    version, state = standing.get(place, (0, ""))
    made = _enter(participant, row, version, corrects=state in COUNTED, reason=reason, by=by)
    standing[place] = (made.version, made.state)
    return made


def _enter(
    participant: Participant, row: ImportRow, version: int, *, corrects: bool, reason: str, by: Person
) -> Record:
    typed = Entry(
        visit=row.visit,
        form=row.form,
        raw=row.values,
        reasons=row.missing,
        accepting=reason,
        version=version,
        visit_repeat=row.visit_repeat,
        repeat=row.repeat,
    )
    if corrects:
        return entry.correct(participant=participant, entry=typed, reason=reason, by=by)
    return entry.submit(participant=participant, entry=typed, by=by)


def _problem(row: ImportRow, finding: Finding) -> RowProblem:
    return RowProblem(
        line=row.line,
        participant=row.participant,
        visit=row.visit,
        form=row.form,
        item=finding.item,
        rule=finding.rule,
        value=finding.value,
        message=sentence(finding),
    )


def _refused(row: ImportRow, refusal: Refusal) -> RowProblem:
    return RowProblem(
        line=row.line,
        participant=row.participant,
        visit=row.visit,
        form=row.form,
        item=refusal.item,
        rule=refusal.code,
        value="",
        message=str(refusal),
    )
