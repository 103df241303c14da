"""Rules room, floor 0: values derived from what was recorded, and what each of them hangs on."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date

from trial.protocol.derived import Alternative, AnyRecord, Derived, DerivedClass
from trial.protocol.expression_values import disjunction
from trial.protocol.expressions import UNKNOWN, Unknown, Value, parse
from trial.protocol.forms import Form
from trial.protocol.partial_dates import earliest, latest
from trial.protocol.problems import Path
from trial.protocol.schema import Criterion, Protocol

Lookup = Callable[[str], Value | Unknown]
Record = Mapping[str, Value | Unknown]
RecordsOf = Callable[[str], Sequence[Record]]
PREFIX = "derived."
ELIGIBLE = "participant.eligible"


def with_derived(protocol: Protocol, look: Lookup, records_of: RecordsOf) -> Lookup:
    """A lookup that answers `derived.…` and hands every other address to `look`.

    `records_of(form)` gives the counted records of a form in order, each with typed values by item id; it is asked
    for `any_record` only. Each value is computed when first asked for and kept: make a new lookup when facts change.
    Raises KeyError for a derived value that the protocol does not have.
    """
    derived = {PREFIX + each.id: each for each in protocol.derived}
    known: dict[str, Value | Unknown] = {}

    def seen(address: str) -> Value | Unknown:
        if not address.startswith(PREFIX):
            return look(address)
        if address not in known:
            known[address] = _value(derived[address], protocol.forms, seen, records_of)
        return known[address]

    return seen


def completed_years(since: Value | Unknown, until: Value | Unknown) -> int | Unknown:
    """Whole years from `since` to `until`, dates or texts of partial dates.

    Who is born on 29 February is a year older on 1 March where there is no such day. UNKNOWN when a date is missing,
    when the days that partial dates may mean disagree, and when `until` comes first.
    """
    first, second = _span(since), _span(until)
    if first is None or second is None:
        return UNKNOWN
    least, most = _years(first[1], second[0]), _years(first[0], second[1])
    return least if least == most >= 0 else UNKNOWN


def decided(classes: Iterable[DerivedClass], look: Lookup) -> DerivedClass | None:
    """The first class whose condition is true; None when an earlier condition is unknown, or none is true."""
    for each in classes:
        truth = parse(each.when).evaluate(look)
        if truth is not False:
            return each if truth is True else None
    return None


def undecided(classes: Iterable[DerivedClass], look: Lookup) -> Iterator[str]:
    """The conditions whose answer an open class waits for: the unknown ones above the first that is true."""
    for each in classes:
        truth = parse(each.when).evaluate(look)
        if truth is True:
            return
        if truth is UNKNOWN:
            yield each.when


def computed_from(derived: Derived) -> Iterator[str]:
    """The expressions and addresses that a derived value is computed from."""
    return (text for _place, text in placed(derived))


def placed(derived: Derived) -> Iterator[tuple[Path, str]]:
    """What a derived value is computed from, each with its place in it; a condition before what it is for."""
    if derived.completed_years:
        yield ("completed_years", "since"), derived.completed_years.since
        yield ("completed_years", "until"), derived.completed_years.until
    if derived.any_record:
        yield ("any_record", "when"), derived.any_record.when
    for number, text in enumerate(derived.count_true):
        yield ("count_true", number), text
    for number, alternative in enumerate(derived.first_known):
        if alternative.when is not None:
            yield ("first_known", number, "when"), alternative.when
        yield ("first_known", number, "value"), alternative.value
    for number, each in enumerate(derived.classes):
        yield ("classes", number, "when"), each.when


def traced(
    text: str, among: Sequence[Derived], *, criteria: Iterable[Criterion] = (), into_records: bool = True
) -> tuple[str, ...]:
    """Every address that an expression hangs on, each once, as the text names them: a derived value, then its own.

    `among` are the derived values it may name, `criteria` what `participant.eligible` hangs on where it may be named.
    Without `into_records` the items that `any_record` looks at are left out: a lookup would answer them for another
    record than the one that decided.
    """
    derived = _by_address(among)
    judged = [each.rule for each in criteria] if ELIGIBLE in parse(text).addresses else []
    return tuple(
        dict.fromkeys(each for one in (text, *judged) for each in _traced(one, derived, into_records))
    )


def awaited(text: str, look: Lookup, among: Sequence[Derived]) -> tuple[str, ...]:
    """The recorded addresses that an unknown answer waits for, each once; `look` must answer `derived.…`.

    A derived value that is known is not looked into. A partial date counts where it left completed years open, an
    `any_record` that is open stands for itself.
    """
    return tuple(dict.fromkeys(_awaited(text, look, _by_address(among))))


def _value(
    derived: Derived, forms: Mapping[str, Form], look: Lookup, records_of: RecordsOf
) -> Value | Unknown:
    if derived.completed_years:
        return completed_years(look(derived.completed_years.since), look(derived.completed_years.until))
    if derived.classes:
        found = decided(derived.classes, look)
        return found.code if found else UNKNOWN
    if derived.any_record:
        return _any_record(derived.any_record, forms[derived.any_record.form], look, records_of)
    if derived.first_known:
        answers = (
            parse(each.value).evaluate(look) for each in derived.first_known if _holds(each, look) is True
        )
        return next((answer for answer in answers if answer is not UNKNOWN), UNKNOWN)
    return sum(parse(text).evaluate(look) is True for text in derived.count_true)


def _holds(alternative: Alternative, look: Lookup) -> Value | Unknown:
    return alternative.when is None or parse(alternative.when).evaluate(look)


def _any_record(asked: AnyRecord, form: Form, look: Lookup, records_of: RecordsOf) -> str | Unknown:
    condition = parse(asked.when)
    truths = [condition.evaluate(_inside(record, form, look)) for record in records_of(asked.form)]
    found = disjunction(truth for truth in truths if truth is UNKNOWN or isinstance(truth, bool))
    return UNKNOWN if found is UNKNOWN else "yes" if found else "no"


def _inside(record: Record, form: Form, look: Lookup) -> Lookup:
    """Answers the items of the form from this record; an item of the form that it does not hold is unknown."""

    def seen(address: str) -> Value | Unknown:
        name, _, item = address.partition(".")
        return record.get(form.item(item).id, UNKNOWN) if name == form.id else look(address)

    return seen


def _span(value: Value | Unknown) -> tuple[date, date] | None:
    if isinstance(value, date):
        return value, value
    return (earliest(value), latest(value)) if isinstance(value, str) else None


def _years(since: date, until: date) -> int:
    return until.year - since.year - ((until.month, until.day) < (since.month, since.day))


def _by_address(among: Iterable[Derived]) -> dict[str, Derived]:
    return {PREFIX + each.id: each for each in among}


def _named(text: str) -> list[str]:
    """The addresses of an expression in the order of the text."""
    return sorted(parse(text).addresses, key=lambda address: (text.find(address), address))


def _traced(text: str, derived: Mapping[str, Derived], into_records: bool) -> Iterator[str]:
    for address in _named(text):
        yield address
        if address in derived:
            asked = derived[address].any_record
            for inner in computed_from(derived[address]):
                for each in _traced(inner, derived, into_records):
                    if into_records or asked is None or not each.startswith(f"{asked.form}."):
                        yield each


def _awaited(text: str, look: Lookup, derived: Mapping[str, Derived]) -> Iterator[str]:
    for address in _named(text):
        if look(address) is UNKNOWN:
            yield from _opened(address, look, derived)


def _opened(address: str, look: Lookup, derived: Mapping[str, Derived]) -> Iterator[str]:
    open_one = derived.get(address)
    if open_one is None or open_one.any_record:
        yield address
    elif open_one.completed_years:
        yield from _undated(open_one.completed_years.since, look, derived)
        yield from _undated(open_one.completed_years.until, look, derived)
    else:
        for text in (*_possible(open_one.first_known, look), *undecided(open_one.classes, look)):
            yield from _awaited(text, look, derived)


def _possible(alternatives: Iterable[Alternative], look: Lookup) -> Iterator[str]:
    """The values that may count, an open condition before its value."""
    for each in alternatives:
        truth = _holds(each, look)
        if truth is UNKNOWN and each.when is not None:
            yield each.when
        if truth is not False:
            yield each.value


def _undated(address: str, look: Lookup, derived: Mapping[str, Derived]) -> Iterator[str]:
    value = look(address)
    if value is UNKNOWN:
        yield from _opened(address, look, derived)
    elif isinstance(value, str) and earliest(value) != latest(value):
        yield address
