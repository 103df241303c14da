"""Rows are imported all or nothing, through the browser's checks, and every cell that does not fit is named."""

import pytest

from crf.actions import imports
from crf.actions.imports import ImportRefused
from crf.import_rows import ImportRow, read_csv
from crf.models import Record
from tests.world import World
from trial.models import Act, Participant


def alive(world: World) -> str:
    """The label of a participant without a record of death."""
    dead = Record.objects.filter(form="death").values_list("participant", flat=True)
    return str(Participant.objects.filter(trial=world.trial).exclude(pk__in=dead)[0].label)


def row(world: World, **changes: object) -> ImportRow:
    """A follow-up contact that fits."""
    label = alive(world)
    values = {"contact_on": "1999-05-01", "vital_status": "alive", "disease_assessed": "yes"}
    given = {"line": 2, "participant": label, "visit": "follow_up", "form": "follow_up", "values": values}
    return ImportRow(**{**given, "visit_repeat": 7, **changes})  # type: ignore[arg-type]


def refused(world: World, *rows: ImportRow) -> list[tuple[int, str, str, str]]:
    """Line, item, rule and value of every problem; nothing may have been written."""
    before = Record.objects.count()
    with pytest.raises(ImportRefused) as caught:
        imports.run(trial=world.trial, rows=rows, reason="test", by=world.person("data_manager"))
    assert Record.objects.count() == before
    return [(p.line, p.item, p.rule, p.value) for p in caught.value.problems]


@pytest.mark.shows("IMP-01")
def test_rows_that_fit_are_submitted_by_the_importer(world: World) -> None:
    made = imports.run(
        trial=world.trial, rows=[row(world)], reason="from the source", by=world.person("data_manager")
    )
    assert [(record.state, record.values["contact_on"]) for record in made] == [("submitted", "1999-05-01")]
    assert list(Act.objects.order_by("-pk").values_list("verb", flat=True)[:2]) == [
        "records.imported",
        "record.submitted",
    ]


@pytest.mark.shows("IMP-01")
def test_one_row_that_does_not_fit_stops_all(world: World) -> None:
    wrong = row(world, line=3, visit_repeat=8, values={"contact_on": "1999-13-01", "vital_status": "alive"})
    problems = refused(world, row(world), wrong)
    assert (3, "contact_on", "date", "1999-13-01") in problems
    assert (3, "disease_assessed", "required", "") in problems


@pytest.mark.shows("IMP-01")
@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"participant": "99-9999"}, "participant.unknown"),
        ({"form": "no_such_form"}, "form.unknown"),
        ({"visit": "baseline"}, "entry.place"),
    ],
)
def test_a_row_that_belongs_nowhere_is_named(world: World, changes: dict[str, str], rule: str) -> None:
    assert [problem[2] for problem in refused(world, row(world, **changes))] == [rule]


@pytest.mark.shows("IMP-01")
def test_a_record_that_stands_is_corrected_with_the_imports_reason(world: World) -> None:
    by = world.person("data_manager")
    imports.run(trial=world.trial, rows=[row(world)], reason="first", by=by)
    values = {"contact_on": "1999-06-01", "vital_status": "alive", "disease_assessed": "no"}
    made = imports.run(trial=world.trial, rows=[row(world, values=values)], reason="source corrected", by=by)
    assert made[0].state == "corrected"
    act = Act.objects.filter(verb="record.corrected").latest("pk")
    assert act.reason == "source corrected"
    assert act.changes["contact_on"] == {"from": "1999-05-01", "to": "1999-06-01"}


@pytest.mark.shows("IMP-01")
def test_a_soft_finding_is_accepted_with_the_imports_reason(world: World) -> None:
    record = Record.objects.get(participant__label=alive(world), form="baseline")
    values = {item: str(value) for item, value in record.values.items()} | {"age": "95"}
    made = imports.run(
        trial=world.trial,
        rows=[row(world, visit="baseline", form="baseline", visit_repeat=1, values=values)],
        reason="checked against the source",
        by=world.person("data_manager"),
    )
    assert made[0].soft_reasons["soft_range:age"] == "checked against the source"


@pytest.mark.shows("IMP-01")
def test_the_imports_reason_excuses_no_hard_finding(world: World) -> None:
    record = Record.objects.get(participant__label=alive(world), form="baseline")
    values = {item: str(value) for item, value in record.values.items()} | {"age": "95", "sex": ""}
    wrong = row(world, visit="baseline", form="baseline", visit_repeat=1, values=values)
    assert refused(world, wrong) == [(2, "sex", "required", "")]


@pytest.mark.shows("IMP-01")
def test_the_same_file_twice_changes_nothing(world: World) -> None:
    by = world.person("data_manager")
    text = (
        "participant,visit,visit_repeat,contact_on,vital_status,disease_assessed\n"
        f"{alive(world)},follow_up,7,1999-05-01,alive,yes\n"
    )
    rows = read_csv(text, form="follow_up")
    first = imports.run(trial=world.trial, rows=rows, reason="once", by=by)
    again = imports.run(trial=world.trial, rows=rows, reason="twice", by=by)
    assert [(r.pk, r.version) for r in first] == [(r.pk, r.version) for r in again]
