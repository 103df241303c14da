"""Unit tests, floor 1: rows of a file become participants and form records, all or nothing."""

import csv
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crf.mapping import MappedImport, MappedParticipant, MappedRecord, map_rows
from crf.source_rows import MappingError, MappingProblem, read_rows
from tests.unit.trial.protocol_files import FILES, changed
from trial.protocol.expressions import Value
from trial.protocol.loader import LoadedProtocol, load, load_files

COLON = Path(__file__).parents[3] / "protocols" / "colon-moertel"
HEADER = "number,kind,arm,sex,age,size,day"
TWO = [
    "2,first,B,1,40,,2024-02-01",
    "2,last,B,1,40,,2024-03-01",
    "1,first,A,0,30,1.5,2024-02-02",
    "1,last,A,0,30,1.5,2024-02-02",
]


def mapped(lines: list[str], files: Mapping[str, str] = FILES) -> MappedImport:
    protocol = load_files(files).protocol
    assert protocol.imports
    rows = read_rows("\n".join([HEADER, *lines]) + "\n", file="data/rows.csv")
    return map_rows(protocol.imports, rows, parameters=protocol.parameter_values())


def problems_of(lines: list[str], files: Mapping[str, str] = FILES) -> list[MappingProblem]:
    with pytest.raises(MappingError) as refused:
        mapped(lines, files)
    return refused.value.problems


def test_participants_come_in_the_order_of_their_key() -> None:
    assert mapped(TWO).participants == [
        MappedParticipant("02/001", "02", date(2024, 1, 1), date(2024, 2, 2), "A", 4),
        MappedParticipant("01/002", "01", date(2024, 1, 1), date(2024, 2, 1), "B", 2),
    ]


def test_records_come_by_participant_then_in_the_order_of_the_plan() -> None:
    entry: dict[str, Value] = {"age": 30, "sex": "female", "size": Decimal("1.5"), "since": date(2024, 2, 2)}
    other: dict[str, Value] = {"age": 40, "sex": "male", "since": date(2024, 2, 1)}
    assert mapped(TWO).records == [
        MappedRecord("02/001", "screening", "entry", 1, entry, {}, 4),
        MappedRecord("02/001", "any", "contact", 1, {"on_day": date(2024, 2, 2), "dead": "no"}, {}, 5),
        MappedRecord("01/002", "screening", "entry", 1, other, {"size": "unknown"}, 2),
        MappedRecord("01/002", "any", "contact", 1, {"on_day": date(2024, 3, 1), "dead": "yes"}, {}, 3),
    ]


def test_several_rows_for_one_form_are_counted_from_one() -> None:
    lines = ["1,first,A,0,30,,2024-02-02", "1,last,A,0,30,,2024-02-05", "1,last,A,0,30,,2024-02-09"]
    contacts = [record for record in mapped(lines).records if record.form == "contact"]
    assert [(record.repeat, record.line) for record in contacts] == [(1, 3), (2, 4)]


def test_an_item_without_an_expression_is_missing_with_its_reason() -> None:
    files = changed("imports.yaml", "size: {value: size, missing: unknown}", "size: {missing: unknown}")
    assert mapped(TWO, files).records[0].missing == {"size": "unknown"}


def test_full_width_digits_and_spaces_around_are_read() -> None:
    wide = str.maketrans("0123456789.", "".join(chr(ord(sign) + 0xFEE0) for sign in "0123456789."))
    lines = [
        "{}, first ,A,0,{},{},{}-02-02".format(*(text.translate(wide) for text in ("1", "30", "1.5", "2024")))
    ]
    (participant,) = mapped(lines).participants
    assert participant.label == "02/001"
    assert mapped(lines).records[0].values["size"] == Decimal("1.5")


@pytest.mark.parametrize(
    ("cells", "column", "value", "said"),
    [
        ("1,first,A,0,x,,2024-02-01", "age", "x", "not of type integer"),
        ("1,first,A,0,,,2024-02-01", "age", "", "empty"),
        ("1,first,A,0,1.0,,2024-02-01", "age", "1.0", "not of type integer"),
        ("1,first,A,0,9999999999999999,,2024-02-01", "age", "9999999999999999", "not of type integer"),
        ("1,first,A,2,30,,2024-02-01", "sex", "2", "none of 0, 1"),
        ("1,first,C,0,30,,2024-02-01", "arm", "C", "none of A, B"),
        ("1,First,A,0,30,,2024-02-01", "kind", "First", "none of first, last"),
        ("1,first,A,0,30,-0.5,2024-02-01", "size", "-0.5", "below 0"),
        ("1000,first,A,0,30,,2024-02-01", "number", "1000", "above 999"),
        ("1,first,A,0,30,1e5,2024-02-01", "size", "1e5", "not of type decimal"),
        ("1,first,A,0,30,NaN,2024-02-01", "size", "NaN", "not of type decimal"),
        ("1,first,A,0,30,,2024-02-30", "day", "2024-02-30", "day"),
        ("1,first,A,0,30,,20240201", "day", "20240201", "not of type date"),
        ("1,first,A,0,30,,1/2/2024", "day", "1/2/2024", "not of type date"),
    ],
)
def test_a_cell_that_does_not_fit_is_told_by_file_line_record_column_and_value(
    cells: str, column: str, value: str, said: str
) -> None:
    (problem,) = problems_of([*TWO, cells])
    place = (problem.file, problem.line, problem.record, problem.column, problem.rule, problem.value)
    assert place == ("data/rows.csv", 6, cells.split(",")[0], column, f"columns.{column}", value)
    assert said in problem.message
    assert str(problem).startswith("data/rows.csv:6: ")


def test_all_problems_are_told_and_a_flood_is_cut() -> None:
    problems = problems_of([f"{number},first,A,7,x,,2024-02-01" for number in range(1, 31)])
    assert len(problems) == 60
    with pytest.raises(MappingError, match=r"… and 40 more like these\."):
        mapped([f"{number},first,A,7,x,,2024-02-01" for number in range(1, 31)])


def test_columns_that_the_file_lacks_or_adds_are_told_on_every_row() -> None:
    protocol = load_files(FILES).protocol
    assert protocol.imports
    rows = read_rows("number,kind,arm,sex,age,size,when\n1,first,A,0,30,,2024-02-01\n", file="data/rows.csv")
    with pytest.raises(MappingError) as refused:
        map_rows(protocol.imports, rows, parameters={})
    told = [(problem.line, problem.column, problem.message) for problem in refused.value.problems]
    assert told == [
        (2, "day", "the file lacks a column"),
        (2, "when", "the file has a column that the mapping does not know"),
    ]


def test_a_row_that_breaks_a_rule_of_the_mapping_stops_the_import() -> None:
    (problem,) = problems_of([*TWO[:3], "1,last,A,0,30,1.5,2024-02-01"])
    assert (problem.line, problem.rule, problem.column, problem.value) == (
        5,
        "refuse.backwards",
        "waited",
        "-1",
    )
    assert problem.message == "The last day is before the first"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["1,last,A,0,30,,2024-02-01"], "0 rows of this participant"),
        (["1,first,A,0,30,,2024-02-01", "1,first,A,0,30,,2024-02-01"], "2 rows of this participant"),
    ],
)
def test_a_fact_of_a_participant_needs_exactly_one_row(lines: list[str], said: str) -> None:
    (problem,) = problems_of(lines)
    assert said in problem.message
    assert problem.rule == "facts.entered_on.rows"


def test_a_condition_that_a_missing_value_leaves_open_is_a_problem_not_a_no() -> None:
    files = changed("imports.yaml", "if: waited < 0", "if: size > 100")
    problems = problems_of(TWO, files)
    assert [(problem.line, problem.rule, problem.value) for problem in problems] == [
        (2, "refuse.backwards", "nothing"),
        (3, "refuse.backwards", "nothing"),
    ]


def test_a_value_that_is_missing_without_a_reason_is_a_problem() -> None:
    files = changed("imports.yaml", "size: {value: size, missing: unknown}", "size: size")
    (problem,) = problems_of(TWO, files)
    assert (problem.line, problem.rule, problem.column) == (2, "forms[0].values.size", "size")
    assert "no reason" in problem.message


def test_a_value_that_no_code_answers_is_a_problem() -> None:
    site = "site: {value: number % parameter.count, codes: {0: '01', 1: '02'}}"
    files = changed("imports.yaml", site, site.replace("{0: '01', 1: '02'}", "{0: '01'}"))
    (problem,) = problems_of(TWO, files)
    assert (problem.line, problem.record, problem.rule) == (4, "1", "participants.site.codes")
    assert (problem.column, problem.value) == ("number, parameter.count", "1, 2")


def test_a_participant_without_a_day_is_a_problem() -> None:
    files = changed(
        "imports.yaml", "randomized_on: entered_on", "randomized_on: entered_on + number // (age - 40)"
    )
    problems = problems_of(TWO, files)
    assert [(problem.line, problem.rule) for problem in problems] == [
        (2, "participants.randomized_on"),
        (2, "forms[0].rows"),
        (3, "forms[1].rows"),
    ]


def test_a_participant_who_comes_twice_is_a_problem() -> None:
    label = 'label: "{site}/{number:03}"'
    (problem, *_) = problems_of(["1,first,A,0,30,,2024-02-02", "3,first,A,0,30,,2024-02-02"],
                                changed("imports.yaml", label, 'label: "{site}"'))  # fmt: skip
    assert "the participant 02 comes a second time" in problem.message
    files = changed("imports.yaml", "  rows: kind == 'first'\n  label", "  rows: age > 3\n  label")
    assert "01/002 comes a second time" in problems_of(TWO, files)[0].message


def test_a_record_of_nobody_is_a_problem() -> None:
    files = changed(
        "imports.yaml", "  rows: kind == 'first'\n  label", "  rows: kind == 'first' and age < 35\n  label"
    )
    problems = problems_of(TWO, files)
    assert [(problem.line, problem.record, problem.rule) for problem in problems] == [
        (2, "2", "forms[0].rows"),
        (3, "2", "forms[1].rows"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "no header"),
        ("a,b,a\n1,2,3\n", 1, "`a` stands twice"),
        ("a,b\n1,2\n1\n", 3, "1 cells where the header has 2"),
        ("a,b\n1,2\n1,2,3\n", 3, "3 cells"),
        ("a,b\n\n1,2\n", 2, "0 cells"),
        ('a,b\n"1\n2",3\n4,5\n', 2, "line break"),
        ('a,b\n1,2\n1,"2', 3, "not CSV"),
        ('a,b\n1,"2"3\n', 2, "not CSV"),
    ],
)
def test_a_text_that_is_no_table_is_told_by_line(text: str, line: int, said: str) -> None:
    with pytest.raises(MappingError) as refused:
        read_rows(text, file="x.csv")
    (problem,) = refused.value.problems
    assert (problem.file, problem.line) == ("x.csv", line)
    assert said in problem.message


def test_marks_and_line_ends_of_other_programs_are_read() -> None:
    assert read_rows('\ufeffa,b\r\n"1,5",2\r\n', file="x.csv") == [{"a": "1,5", "b": "2"}]


@pytest.fixture(scope="module")
def colon() -> LoadedProtocol:
    return load(COLON)


def colon_rows() -> list[dict[str, str]]:
    return read_rows((COLON / "data" / "colon.csv").read_text(), file="data/colon.csv")


def colon_mapped(colon: LoadedProtocol, rows: list[dict[str, str]]) -> MappedImport:
    assert colon.protocol.imports
    return map_rows(colon.protocol.imports, rows, parameters=colon.protocol.parameter_values())


def days(value: Any, start: date) -> int:
    assert isinstance(value, date)
    return (value - start).days


def test_the_colon_trial_keeps_every_day_count_and_every_event(colon: LoadedProtocol) -> None:
    result = colon_mapped(colon, colon_rows())
    assert len(result.participants) == 929
    assert Counter(each.arm for each in result.participants) == {"Obs": 315, "Lev": 310, "Lev+5FU": 304}
    start = {each.label: each.randomized_on for each in result.participants}
    assert start["01-0001"] == date(1984, 3, 1)
    assert start["04-0929"] == date(1984, 3, 1) + timedelta(days=928)
    found = {
        (record.participant, record.form): days(record.values[item], start[record.participant])
        for record in result.records
        for form, item in (("recurrence", "first_evidence"), ("death", "date"), ("follow_up", "contact_on"))
        if record.form == form
    }
    with (COLON / "data" / "colon.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    number = {int(label[3:]): label for label in start}
    form = {("1", "1"): "recurrence", ("2", "1"): "death", ("2", "0"): "follow_up"}
    expected = {
        (number[int(row["id"])], form[row["etype"], row["status"]]): int(row["time"])
        for row in rows
        if (row["etype"], row["status"]) in form
    }
    assert found == expected


def test_the_colon_trial_says_who_was_assessed_for_recurrence(colon: LoadedProtocol) -> None:
    result = colon_mapped(colon, colon_rows())
    recurred = {record.participant for record in result.records if record.form == "recurrence"}
    contacts = [record for record in result.records if record.form == "follow_up"]
    assert Counter(str(record.values["disease_assessed"]) for record in contacts) == {"yes": 423, "no": 54}
    assert all(
        (record.values["disease_assessed"] == "no") == (record.participant in recurred) for record in contacts
    )
    assert {record.values["vital_status"] for record in contacts} == {"alive"}


def test_the_colon_trial_marks_what_the_file_does_not_hold(colon: LoadedProtocol) -> None:
    result = colon_mapped(colon, colon_rows())
    reasons = Counter(
        (record.form, item, reason) for record in result.records for item, reason in record.missing.items()
    )
    assert reasons == {
        ("treatment_start", "started_on", "unknown"): 614,
        ("baseline", "nodes", "unknown"): 18,
        ("baseline", "differ", "unknown"): 23,
    }
    arms = {each.label: each.arm for each in result.participants}
    starts = [record for record in result.records if record.form == "treatment_start"]
    assert all(record.values["treatment"] == arms[record.participant] for record in starts)


@pytest.mark.parametrize(
    ("etype", "rule"), [("1", "refuse.censored_apart"), ("2", "refuse.recurrence_after_last_contact")]
)
def test_colon_rows_that_contradict_each_other_are_refused(
    colon: LoadedProtocol, etype: str, rule: str
) -> None:
    rows = colon_rows()
    index = next(n for n, row in enumerate(rows) if row["id"] == "2" and row["etype"] == etype)
    rows[index]["time"] = "3000"
    with pytest.raises(MappingError) as refused:
        colon_mapped(colon, rows)
    assert {problem.record for problem in refused.value.problems} == {"2"}
    assert rule in {problem.rule for problem in refused.value.problems}
