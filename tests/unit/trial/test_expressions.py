"""Unit tests, floor 0: what the expression language reads, refuses and says about it."""

import copy
import pickle
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest

from trial.protocol.expressions import UNKNOWN, Expression, ExpressionError, Kind, Unknown, Value, parse

KINDS = {
    "ecog": Kind.INTEGER,
    "size": Kind.DECIMAL,
    "lvi": Kind.TEXT,
    "sites": Kind.CHOICES,
    "drafted": Kind.BOOLEAN,
    "birth": Kind.DATE,
    "death.date": Kind.DATE,
    "evidence": Kind.PARTIAL_DATE,
    "diagnosis": Kind.PARTIAL_DATE,
}


def unreadable(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    return caught.value


def ill_typed(text: str) -> ExpressionError:
    expression = parse(text)
    with pytest.raises(ExpressionError) as caught:
        expression.kind(KINDS)
    return caught.value


def unanswerable(text: str, values: Mapping[str, object]) -> ExpressionError:
    expression = parse(text)
    with pytest.raises(ExpressionError) as caught:
        expression.evaluate(values.__getitem__)  # type: ignore[arg-type]
    return caught.value


def test_expression_names_its_addresses() -> None:
    expression = parse("ecog > 2 and death.date is missing or 'size' in sites and not drafted")
    assert expression.addresses == {"ecog", "death.date", "sites", "drafted"}
    assert parse("1 < 2").addresses == frozenset()


def test_expressions_of_one_text_are_equal_and_travel() -> None:
    expression = parse("ecog > 2")
    assert expression == parse("ecog > 2") != parse("ecog > 3")
    assert len({expression, parse("ecog > 2")}) == 1
    assert repr(expression) == "Expression(text='ecog > 2', addresses=frozenset({'ecog'}))"
    assert pickle.loads(pickle.dumps(expression)).evaluate({"ecog": 3}) is True


def test_values_may_come_from_a_function() -> None:
    assert parse("a.b + c").evaluate(len) == 4


@pytest.mark.parametrize("text", [" ecog\n  > 2\r\n", "\t(ecog\n> 2)", "\n\necog >\n\n2"])
def test_line_ends_and_spaces_of_yaml_do_not_matter(text: str) -> None:
    assert parse(text).evaluate({"ecog": 3}) is True


def test_texts_keep_every_script() -> None:
    assert parse("'复发' == lvi").evaluate({"lvi": "复发"}) is True
    assert parse('"it\'s" == lvi').evaluate({"lvi": "it's"}) is True


@pytest.mark.parametrize(
    ("text", "column", "message", "remedy"),
    [
        ("", 1, "ends too soon", "Write comparisons"),
        ("   ", 4, "ends too soon", "Write comparisons"),
        (" ecog >", 8, "ends too soon", "Write comparisons"),
        ("ecog > 2 and", 13, "ends too soon", "Write comparisons"),
        ("  ecog > > 2", 10, "Not an expression", "Write comparisons"),
        ("(ecog > 2", 1, "never closed", "Write comparisons"),
        ("ecog > 2) or (lvi == 'no'", 9, "unmatched", "Write comparisons"),
        ("ecog > 007", 8, "Not an expression", "Write comparisons"),
        ("ecog = 2", 6, "'='", "Write =="),
        ("ecog > 2 && drafted", 10, "'&'", "Write `and`"),
        ("ecog > 2 || drafted", 10, "'|'", "Write `or`"),
        ("!drafted", 1, "'!'", "Write `not`"),
        ("lvi == 'a\\n'", 8, '"\'"', "Close the text"),
        ("lvi == 'no", 8, '"\'"', "Close the text"),
        ('lvi == "a\nb"', 8, "'\"'", "Close the text"),
        ("lvi == \\", 8, "'\\\\'", "no backslash"),
        ("lvi == 'a\x00b'", 8, '"\'"', "Close the text"),
        ("lvi == '\ud800'", 8, '"\'"', "Close the text"),
        ("death . date > birth", 7, "'.'", "without spaces"),
        ("size > .5", 8, "'.'", "0.5"),
        ("ecog > 1_000", 8, "'1'", "Write comparisons"),
        ("ecog > 0x10", 8, "'0'", "Write comparisons"),
        ("ecog > 1e9", 8, "'1'", "Write comparisons"),
        ("ecog > \uff12", 8, "'\uff12'", "Write comparisons"),
        ("ﬁx > 2", 1, "'ﬁ'", "Write comparisons"),
        ("lvi == f'{ecog}'", 8, "'f'", "Write comparisons"),
        ("lvi in ['a' 'b']", 13, "Two texts", "comma"),
        ("lvi == '''a'''", 10, "Two texts", "comma"),
        ("ecog > 1234567890123456", 8, "too long", "15 digits"),
        ("size > 12345678.90123456", 8, "too long", "15 digits"),
        ("drafted == True", 12, "'True' is a reserved word", "'yes'"),
        ("lvi is None", 8, "'None' is a reserved word", "'yes'"),
        ("form.class == 'a'", 1, "'class' is a reserved word", "Name the item otherwise"),
        ("'a' if drafted else 'b'", 5, "'if' is a reserved word", "Name the item otherwise"),
        ("[x for x in sites]", 4, "'for' is a reserved word", "Name the item otherwise"),
        ("lambda x", 1, "'lambda' is a reserved word", "Name the item otherwise"),
        ("ecog ** 2 > 4", 1, "no power operator", "x * x"),
        ("+ecog > 2", 1, "A plus sign", "Write comparisons"),
        ("ecog > age(birth)", 8, "A call", "Write comparisons"),
        ("sites[0] == 'a'", 1, "A subscript", "Write comparisons"),
        ("sites == ['a', 'b']", 10, "A list outside", "Write comparisons"),
        ("(ecog, 2)", 1, "A comma outside", "Write comparisons"),
        ("lvi in [*sites]", 9, "A star", "Write comparisons"),
        ("lvi in []", 8, "not empty", "['a', 'b']"),
        ("lvi in ('a', 'b')", 8, "`in` needs", "['a', 'b']"),
        ("lvi in 'abc'", 8, "`in` needs", "['a', 'b']"),
        ("lvi in missing", 8, "`missing` is not a value", "x is missing"),
        ("lvi == missing", 8, "`missing` is not a value", "x is missing"),
        ("missing is missing", 1, "`missing` is not a value", "x is missing"),
        ("lvi is 'no'", 8, "`is` asks only", "Write =="),
        ("lvi is not ecog", 12, "`is` asks only", "Write =="),
        ("(ecog + 1) is missing", 2, "Only an item", "Ask each item"),
        ("'a' in sites == drafted", 1, "chain", "brackets"),
        ("lvi is missing == drafted", 1, "chain", "brackets"),
    ],
)
def test_what_is_not_in_the_language_is_refused_with_column_and_remedy(
    text: str, column: int, message: str, remedy: str
) -> None:
    error = unreadable(text)
    assert (error.column, error.text) == (column, text)
    assert message in error.message
    assert remedy in error.remedy
    assert all(part in str(error) for part in (error.message, f"column {column}", error.text, error.remedy))


def test_column_counts_characters_not_bytes() -> None:
    assert unreadable("  lvi == '复发' and ecog ** 2").column == 19


def test_error_survives_a_process_boundary() -> None:
    error = unreadable("ecog = 2")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('id')",
        "().__class__.__mro__[1].__subclasses__()",
        "open('/etc/passwd')",
        "ecog.__class__()",
        "(x := 1)",
        "exec('1')",
        "f'{open(1)}'",
        "'%s' % (ecog, ecog)",
        "lambda: 1",
        "[x for x in (1).__class__.__base__]",
        "{**a}",
        "await x",
        "yield",
        "print(1); import os",
        "import os",
        "b'a'",
        "1j",
        "...",
        "`id`",
        "# coding: utf-7",
    ],
)
def test_code_is_refused(text: str) -> None:
    assert unreadable(text).remedy


def test_long_text_is_refused_and_cut_in_the_message() -> None:
    assert parse("drafted" + " " * 993).evaluate({"drafted": True}) is True
    error = unreadable("a" * 1001)
    assert "1001 characters" in error.message
    assert len(str(error)) < 300


@pytest.mark.parametrize(
    ("opening", "closing"), [("-", ""), ("not ", ""), ("1 - (", ")"), ("a and (b or ", ")"), ("a in [", "]")]
)
def test_nesting_ends_at_fifty_levels(opening: str, closing: str) -> None:
    repeated = 900 // len(opening + closing)
    assert "nested deeper than 50" in unreadable(opening * repeated + "a" + closing * repeated).message
    assert parse(opening * 24 + "a" + closing * 24).addresses >= {"a"}


def test_the_fiftieth_level_is_the_last() -> None:
    assert parse("-" * 49 + "a").evaluate({"a": 1}) == -1
    assert "nested deeper" in unreadable("-" * 50 + "a").message


def test_brackets_without_end_are_refused() -> None:
    assert "Not an expression" in unreadable("(" * 500).message
    assert "Not an expression" in unreadable("(" * 450 + "1" + ")" * 450).message


def test_stack_that_is_nearly_full_gives_an_expression_error() -> None:
    def deeper(text: str) -> None:
        try:
            deeper(text)
        except RecursionError:
            parse(text)

    with pytest.raises(ExpressionError):
        deeper("a" + " - a" * 249)


class CountedKinds(Mapping[str, Kind]):
    """Every name is a boolean, and how often it was asked is counted."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    def __getitem__(self, name: str) -> Kind:
        self.asked[name] += 1
        return Kind.BOOLEAN

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@pytest.mark.parametrize("level", ["a == ({}) == a", "({}) in [a, a]", "a in [a, ({}), a]", "a and ({})"])
def test_work_grows_with_the_text_however_it_nests(level: str) -> None:
    text = "a"
    for _ in range(20):
        text = level.format(text)
    expression, occurrences = parse(text), text.count("a") - text.count("and")
    asked: Counter[str] = Counter()

    def counted(name: str) -> bool:
        asked[name] += 1
        return True

    assert expression.evaluate(counted) is True
    assert asked["a"] == occurrences
    kinds = CountedKinds()
    assert expression.kind(kinds) is Kind.BOOLEAN
    assert kinds.asked["a"] <= 2 * occurrences


@pytest.mark.parametrize(
    ("text", "column", "message", "remedy"),
    [
        ("ecgo > 2", 1, "Nothing is called 'ecgo'", "Did you mean 'ecog'?"),
        ("drafted and deth.date is missing", 13, "'deth.date'", "Did you mean 'death.date'?"),
        ("'a' in sights", 8, "'sights'", "Did you mean 'sites'?"),
        ("lvi == yes", 8, "'yes'", "in quotes"),
        ("zzz == 1", 1, "'zzz'", "Known are: birth, death.date, diagnosis, drafted, ecog, "),
        ("lvi and drafted", 1, "join comparisons; this is a text", "lvi == 'yes'"),
        ("drafted or ecog", 12, "this is an integer", "Compare it"),
        ("not sites", 5, "this is a set of choices", "Compare it"),
        ("ecog == '2'", 9, "An integer cannot be compared with a text", "numbers without quotes"),
        ("'2' < size", 7, "A text cannot be compared with a decimal", "numbers without quotes"),
        ("lvi == drafted", 8, "A text cannot be compared with true or false", "one kind"),
        ("sites == 'a'", 10, "A set of choices cannot be compared with a text", "'code' in item"),
        ("birth == ecog", 10, "A date cannot be compared with an integer", "one kind"),
        ("birth < lvi", 9, "A date cannot be compared with a text", "one kind"),
        ("ecog < 2 < drafted", 12, "An integer cannot be compared with true or false", "one kind"),
        ("lvi < 'b'", 7, "A text has no order for <", "Use =="),
        ("drafted >= drafted", 12, "True or false has no order for >=", "Use =="),
        ("sites > sites", 9, "A set of choices has no order for >", "Use =="),
        ("'2024-01-01' < '2024-02-01'", 16, "A text has no order", "Use =="),
        ("birth < '2024'", 9, "'2024' stands beside a date but is none", "'2024-01-31'"),
        ("'2024-02-30' == evidence", 1, "'2024-02-30' stands beside a date", "'2024-01-31'"),
        ("birth in ['2024-02-01', 'x']", 25, "'x' stands beside a date", "'2024-01-31'"),
        ("evidence == diagnosis", 13, "Two partial dates cannot be compared by ==", "x <= y and x >= y"),
        ("evidence in [diagnosis]", 14, "Two partial dates", "x <= y and x >= y"),
        ("lvi in ['a', 2]", 14, "A text cannot be compared with an integer", "numbers without quotes"),
        ("sites in ['a']", 11, "A set of choices cannot be compared", "'code' in item"),
        ("'a' in lvi", 8, "`in` needs a set of choices; this is a text", "list in brackets"),
        ("ecog in sites", 1, "holds texts; this is an integer", "'code' in item"),
        ("-lvi == 'a'", 2, "A number is needed; this is a text", "holds a number"),
        ("-birth > birth", 2, "A number is needed; this is a date", "holds a number"),
        ("ecog + lvi > 2", 1, "An integer + a text has no meaning", "Possible are"),
        ("birth + birth > birth", 1, "A date + a date has no meaning", "Possible are"),
        ("birth * 2 > birth", 1, "A date * an integer has no meaning", "Possible are"),
        ("birth + size > birth", 1, "A date + a decimal has no meaning", "Possible are"),
        ("ecog - birth > 2", 1, "An integer - a date has no meaning", "Possible are"),
        ("evidence - birth > 2", 1, "A partial date - a date has no meaning", "Possible are"),
        ("evidence + 2 > birth", 1, "A partial date + an integer has no meaning", "Possible are"),
        ("drafted + 1 == 2", 1, "True or false + an integer has no meaning", "Possible are"),
        ("birth - 'x' == 2", 9, "'x' stands beside a date", "'2024-01-31'"),
    ],
)
def test_ill_typed_use_is_found_before_any_value(text: str, column: int, message: str, remedy: str) -> None:
    error = ill_typed(text)
    assert error.column == column
    assert message in error.message
    assert remedy in error.remedy


def test_known_names_are_listed_up_to_ten() -> None:
    many = {f"item{number:02}": Kind.TEXT for number in range(11)}
    with pytest.raises(ExpressionError, match=r"item00, .*item09, …\."):
        parse("zzz == 'a'").kind(many)
    with pytest.raises(ExpressionError, match=r"Known are: item00\."):
        parse("zzz == 'a'").kind({"item00": Kind.TEXT})


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("lvi", Kind.TEXT),
        ("'2024-01-01'", Kind.TEXT),
        ("1", Kind.INTEGER),
        ("1.0", Kind.DECIMAL),
        ("-ecog", Kind.INTEGER),
        ("ecog // 2", Kind.INTEGER),
        ("ecog / 2", Kind.DECIMAL),
        ("ecog % size", Kind.DECIMAL),
        ("sites", Kind.CHOICES),
        ("evidence", Kind.PARTIAL_DATE),
        ("birth - '2024-01-01'", Kind.INTEGER),
        ("3 + birth", Kind.DATE),
        ("evidence is missing", Kind.BOOLEAN),
        ("'a' not in sites", Kind.BOOLEAN),
        ("evidence == birth", Kind.BOOLEAN),
        ("birth < evidence < diagnosis", Kind.BOOLEAN),
    ],
)
def test_expression_knows_its_kind(text: str, kind: Kind) -> None:
    assert parse(text).kind(KINDS) is kind


@pytest.mark.parametrize(
    "value",
    [
        None,
        1.5,
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        ["a"],
        ("a", 1),
        {"a"},
        b"a",
        datetime.min,
    ],
)
def test_value_of_no_known_kind_is_refused_by_address(value: object) -> None:
    error = unanswerable("drafted and death.x is missing", {"drafted": False, "death.x": value})
    assert f"'death.x' holds a value of type {type(value).__name__}" in error.message
    assert error.column == 13
    assert "UNKNOWN" in error.remedy


def test_absent_value_is_refused_not_taken_for_unknown() -> None:
    with pytest.raises(ExpressionError, match=r"No value was given for 'ecog'.*Give UNKNOWN"):
        parse("drafted or ecog > 2").evaluate({"drafted": True})


@pytest.mark.parametrize(
    ("text", "value", "message"),
    [
        ("x > 2", "3", "'x' holds a text and The part at column 5 holds a number; > cannot"),
        ("x > 2", True, "'x' holds true or false"),
        ("2 == x", True, "'x' holds true or false"),
        ("x == 'a'", 1, "'x' holds a number and"),
        ("x == 'a'", ("a",), "'x' holds a set of choices"),
        ("x == 'a'", date(2024, 1, 1), "'x' holds a date"),
        ("x < '2024-01-01'", "soon", "'x' holds a text"),
        ("x != ecog", "a", "'x' holds a text and 'ecog' holds a number; != cannot"),
        ("x in [1, 'a']", 1, "'x' holds a number and The part at column 10 holds a text; == cannot"),
        ("'a' in x", "abc", "'x' holds a text, where a tuple"),
        ("x in sites", 1, "'x' holds a number, where a text is needed"),
        ("drafted or x", "yes", "'x' holds a text, where true or false"),
        ("not x", 1, "'x' holds a number, where true or false"),
        ("not (x + 1)", 1, "The part at column 6 holds a number"),
        ("-x", True, "'x' holds true or false, where a number"),
        ("x + 1", True, "'x' holds true or false and"),
        ("x + 1", "1", "'x' holds a text and"),
        ("x + birth", True, "'x' holds true or false and 'birth' holds a date; + cannot"),
        ("x - birth", 1, "'x' holds a number and 'birth'"),
        ("x + birth", date(2024, 1, 1), "'x' holds a date and 'birth' holds a date; + cannot"),
        ("x - birth", "2024-01-01", "'x' holds a text and 'birth'"),
        ("birth - x", Decimal(1), "'birth' holds a date and 'x' holds a number"),
        ("birth * x", 1, "'birth' holds a date and 'x' holds a number; * cannot"),
        ("x - '2024'", date(2024, 1, 1), "'x' holds a date and The part at column 5 holds a text"),
        ("x - '2024-01-01'", "2024-01-02", "'x' holds a text and"),
    ],
)
def test_value_of_the_wrong_kind_is_refused_by_address(text: str, value: object, message: str) -> None:
    others = {"ecog": 2, "birth": date(1960, 5, 1), "sites": ("a",), "drafted": True}
    error = unanswerable(text, {**others, "x": value})
    assert message in error.message
    assert error.remedy


def test_error_never_shows_the_value() -> None:
    assert "Zhang" not in str(unanswerable("x > 2", {"x": "Zhang"}))
    assert "1961" not in str(unanswerable("x and x", {"x": date(1961, 2, 3)}))


def test_four_digits_stay_a_text_beside_a_text() -> None:
    values: dict[str, Value] = {"site": "1001", "other": "1001"}
    assert parse("site == other").evaluate(values) is True
    assert parse("site == '1001'").evaluate(values) is True
    assert parse("site in ['1001']").evaluate(values) is True
    assert parse("site == '2024-01-01'").evaluate({"site": "a free text"}) is False


def test_unknown_is_one_object_without_a_truth_value() -> None:
    assert copy.deepcopy(UNKNOWN) is pickle.loads(pickle.dumps(UNKNOWN)) is Unknown("unknown") is UNKNOWN
    assert repr(UNKNOWN) == "UNKNOWN"
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(UNKNOWN)


def test_numbers_beyond_the_limit_have_no_sum_but_keep_their_order() -> None:
    huge: list[Value] = [10**5000, Decimal("1E+99999999"), Decimal("-1E+99999999")]
    for number in huge:
        assert parse("x + 1").evaluate({"x": number}) is UNKNOWN
        assert parse("-x").evaluate({"x": number}) is UNKNOWN
        assert parse("x * 0").evaluate({"x": number}) is UNKNOWN
        assert parse("7 % x").evaluate({"x": number}) is UNKNOWN
        assert parse("x > 1").evaluate({"x": number}) is (number != huge[2])
    assert parse("x * x").evaluate({"x": 10**9}) == 10**18
    assert parse("x * x").evaluate({"x": 10**9 + 1}) is UNKNOWN
    assert parse("x * x").evaluate({"x": Decimal("1000000000.5")}) is UNKNOWN
    assert parse("x / y").evaluate({"x": 1, "y": Decimal("1E-99999999")}) is UNKNOWN
    assert parse("x // y").evaluate({"x": 1, "y": Decimal("1E-99999999")}) is UNKNOWN
    assert parse("x % y").evaluate({"x": 1, "y": Decimal("1E-99999999")}) is UNKNOWN


def test_answers_do_not_hang_on_the_precision_of_the_thread() -> None:
    expression = parse("x / 3 * 3 == 1 or x + 0.0001 == 1.0001 and -x == -1")
    with localcontext() as context:
        context.prec = 2
        narrow = expression.evaluate({"x": 1})
        third = parse("x / 3").evaluate({"x": 1})
    assert narrow is True
    assert third == Decimal("0.3333333333333333333333333333")
    assert isinstance(third, Decimal)
    assert abs(Fraction(third) - Fraction(1, 3)) < Fraction(1, 10**28)


def test_expression_is_built_by_parse_alone() -> None:
    assert isinstance(parse("1 < 2"), Expression)
    with pytest.raises(TypeError):
        Expression("1 < 2", frozenset())  # type: ignore[call-arg]


def test_a_text_is_read_once_however_often_it_is_judged() -> None:
    assert parse("size >= 30 and lvi == 'yes'") is parse("size >= 30 and lvi == 'yes'")
