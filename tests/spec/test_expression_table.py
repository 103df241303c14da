"""Specification, floor 0: what expressions answer, as a table to read."""

from datetime import date
from decimal import Decimal

import pytest

from trial.protocol.expressions import UNKNOWN, Kind, Unknown, Value, parse

# One imaginary participant. What is not known here is UNKNOWN in every answer that hangs on it.
FACTS: dict[str, tuple[Kind, Value | Unknown]] = {
    "ecog": (Kind.INTEGER, 2),
    "nodes": (Kind.INTEGER, UNKNOWN),
    "size": (Kind.DECIMAL, Decimal("29.5")),
    "lvi": (Kind.TEXT, "yes"),
    "pni": (Kind.TEXT, UNKNOWN),
    "sites": (Kind.CHOICES, ("liver", "lung")),
    "same_sites": (Kind.CHOICES, ("lung", "liver")),
    "tests": (Kind.CHOICES, UNKNOWN),
    "none_chosen": (Kind.CHOICES, ()),
    "drafted": (Kind.BOOLEAN, False),
    "death.date": (Kind.DATE, UNKNOWN),
    "participant.randomized_on": (Kind.DATE, date(2024, 3, 15)),
    "first_evidence": (Kind.PARTIAL_DATE, "2024-03"),
    "diagnosis": (Kind.PARTIAL_DATE, "2023"),
    "biopsied": (Kind.PARTIAL_DATE, "2024-03-15"),
}
KINDS = {address: kind for address, (kind, _) in FACTS.items()}
VALUES = {address: value for address, (_, value) in FACTS.items()}

COMPARISONS = [
    ("ecog == 2", True),
    ("ecog != 2", False),
    ("ecog >= 2", True),
    ("ecog > 2", False),
    ("ecog <= 2", True),
    ("ecog < 2.5", True),
    ("18 <= ecog <= 75", False),
    ("0 < ecog < 3 < 4", True),
    ("size < 30", True),
    ("size == 29.50", True),
    ("0.1 + 0.2 == 0.3", True),
    ("lvi == 'yes'", True),
    ('lvi != "yes"', False),
    ("lvi == 'Yes'", False),
    ("pni == 'yes'", UNKNOWN),
    ("nodes > 3", UNKNOWN),
    ("drafted == (ecog > 2)", True),
    ("sites == sites", True),
    ("sites == same_sites", True),
    ("sites != none_chosen", True),
]
LOGIC = [
    ("not lvi == 'yes'", False),
    ("not pni == 'yes'", UNKNOWN),
    ("lvi == 'yes' or pni == 'yes'", True),
    ("lvi == 'no' or pni == 'yes'", UNKNOWN),
    ("lvi == 'no' and pni == 'yes'", False),
    ("lvi == 'yes' and pni == 'yes'", UNKNOWN),
    ("ecog > 2 or lvi == 'no' or size > 30", False),
    ("drafted or not drafted", True),
    ("1 < nodes < 0", UNKNOWN),
    ("3 < ecog < nodes", False),
]
MISSING = [
    ("nodes is missing", True),
    ("nodes is not missing", False),
    ("death.date is missing", True),
    ("lvi is missing", False),
    ("none_chosen is missing", False),
    ("not lvi is missing", True),
    ("nodes is missing or nodes > 3", True),
]
MEMBERSHIP = [
    ("lvi in ['yes', 'unknown']", True),
    ("lvi not in ['yes', 'unknown']", False),
    ("pni in ['yes', 'no']", UNKNOWN),
    ("pni not in ['yes', 'no']", UNKNOWN),
    ("ecog in [0, 1]", False),
    ("ecog in [0, nodes]", UNKNOWN),
    ("ecog in [nodes, 2]", True),
    ("participant.randomized_on in ['2024-03-15', '2024-03-16']", True),
    ("'liver' in sites", True),
    ("'bone' in sites", False),
    ("'bone' not in sites", True),
    ("lvi in sites", False),
    ("'liver' in tests", UNKNOWN),
    ("pni in sites", UNKNOWN),
    ("pni in none_chosen", False),
]
ARITHMETIC = [
    ("ecog + 1", 3),
    ("ecog - 5", -3),
    ("ecog * -3", -6),
    ("-ecog", -2),
    ("-size", Decimal("-29.5")),
    ("7 / ecog", Decimal("3.5")),
    ("-7 // ecog", -4),
    ("-7 % ecog", 1),
    ("-7.0 // ecog", Decimal(-4)),
    ("-7.0 % ecog", Decimal("1.0")),
    ("7.5 // ecog", Decimal(3)),
    ("7.5 % -ecog", Decimal("-0.5")),
    ("size * 2", Decimal("59.0")),
    ("nodes + 1", UNKNOWN),
    ("-nodes", UNKNOWN),
    ("0 * nodes", UNKNOWN),
    ("ecog / 0", UNKNOWN),
    ("ecog // 0", UNKNOWN),
    ("ecog % 0", UNKNOWN),
    ("size / 0.0", UNKNOWN),
    ("0 / 0", UNKNOWN),
    ("(ecog + 1) * 2 == 6", True),
]
DATES = [
    ("participant.randomized_on - '2024-03-01'", 14),
    ("'2024-03-01' - participant.randomized_on", -14),
    ("participant.randomized_on + 17", date(2024, 4, 1)),
    ("17 + participant.randomized_on", date(2024, 4, 1)),
    ("participant.randomized_on - 15", date(2024, 2, 29)),
    ("death.date - participant.randomized_on", UNKNOWN),
    ("participant.randomized_on + nodes", UNKNOWN),
    ("participant.randomized_on + 9999999", UNKNOWN),
    ("participant.randomized_on - 9999999", UNKNOWN),
    ("participant.randomized_on - 738959", date(1, 1, 1)),
    ("participant.randomized_on - 738960", UNKNOWN),
    ("participant.randomized_on + 2913099", date(9999, 12, 31)),
    ("participant.randomized_on + 2913100", UNKNOWN),
    ("participant.randomized_on == '2024-03-15'", True),
    ("'2024-03-14' < participant.randomized_on <= '2024-03-15'", True),
    ("death.date >= participant.randomized_on", UNKNOWN),
]
PARTIAL_DATES = [
    ("first_evidence < participant.randomized_on", UNKNOWN),
    ("first_evidence < '2024-03-01'", False),
    ("first_evidence >= '2024-03-01'", True),
    ("first_evidence > '2024-03-01'", UNKNOWN),
    ("first_evidence <= '2024-03-31'", True),
    ("first_evidence < '2024-03-31'", UNKNOWN),
    ("first_evidence > '2024-03-31'", False),
    ("first_evidence < participant.randomized_on + 17", True),
    ("first_evidence == participant.randomized_on", UNKNOWN),
    ("first_evidence != participant.randomized_on", UNKNOWN),
    ("first_evidence == '2024-03-15'", UNKNOWN),
    ("first_evidence == '2024-03-01'", UNKNOWN),
    ("first_evidence == '2024-04-01'", False),
    ("first_evidence != '2024-02-29'", True),
    ("diagnosis < first_evidence", True),
    ("first_evidence <= diagnosis", False),
    ("biopsied < first_evidence", UNKNOWN),
    ("biopsied == participant.randomized_on", True),
    ("biopsied in ['2024-03-14', '2024-03-15']", True),
    ("first_evidence in ['2024-02-14', '2024-04-15']", False),
    ("first_evidence in ['2024-02-14', '2024-03-15']", UNKNOWN),
]


@pytest.mark.parametrize(
    ("text", "answer"),
    [*COMPARISONS, *LOGIC, *MISSING, *MEMBERSHIP, *ARITHMETIC, *DATES, *PARTIAL_DATES],
)
def test_expression_answers_as_the_table_says(text: str, answer: Value | Unknown) -> None:
    expression = parse(text)
    found = expression.evaluate(VALUES)
    assert (type(found), found) == (type(answer), answer)
    kind = expression.kind(KINDS)
    assert answer is UNKNOWN or isinstance(answer, HELD_BY[kind])


HELD_BY: dict[Kind, type] = {
    Kind.INTEGER: int,
    Kind.DECIMAL: Decimal,
    Kind.BOOLEAN: bool,
    Kind.DATE: date,
}
