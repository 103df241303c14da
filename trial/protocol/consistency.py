"""Rules: what must hold between the parts of a protocol, expressions apart."""

import keyword
from collections.abc import Iterable, Iterator

from trial.protocol.endpoints import EndpointPlan
from trial.protocol.forms import Form, Item, ItemType
from trial.protocol.problems import Fault, Step, nearest
from trial.protocol.schema import Protocol, Randomization, StratificationFactor, Visit
from trial.protocol.vocabulary import Bounds

# An expression reads these words as something else than the item or form of that name.
RESERVED = frozenset({*keyword.kwlist, "missing", "today", "participant", "parameter"})
_NUMERIC = {ItemType.INTEGER, ItemType.DECIMAL}
_CODED = {ItemType.CHOICE, ItemType.CHOICES}

Path = tuple[Step, ...]


def faults(protocol: Protocol) -> Iterator[Fault]:
    """Every rule between its parts that the protocol breaks."""
    yield from _arms(protocol)
    yield from _unique([each.id for each in protocol.parameters], ("parameters",))
    yield from _unique([each.id for each in protocol.quirks], ("quirks",))
    yield from _unique([each.id for each in protocol.consent_versions], ("consent_versions",))
    yield from _unique([each.id for each in protocol.eligibility], ("eligibility",))
    yield from _randomization(protocol.randomization, [arm.id for arm in protocol.arms])
    for number, needed in enumerate(protocol.randomization.needs):
        yield from unknown(needed, protocol.forms, ("randomization", "needs", number), "form")
    yield from _visits(protocol)
    for name, choices in protocol.codelists.items():
        yield from _unique([choice.code for choice in choices], ("codelists", name), key="code")
    for name, form in protocol.forms.items():
        yield from _form(form, name, protocol)
    yield from _endpoints(protocol.endpoints, [arm.id for arm in protocol.arms])


def unknown(word: str, valid: Iterable[str], path: Path, noun: str) -> Iterator[Fault]:
    """A fault when `word` is not among the `valid` names of a `noun`."""
    names = list(valid)
    if word not in names:
        yield Fault(path, f"there is no {noun} `{word}`", nearest(word, names))


def reserved(word: str, path: Path) -> Iterator[Fault]:
    """A fault when no expression could name `word`."""
    if word in RESERVED:
        yield Fault(
            path, f"`{word}` means something else in expressions", f"Choose another name, such as `{word}_1`"
        )


def _unique(ids: list[str], path: Path, key: str = "id") -> Iterator[Fault]:
    for number, each in enumerate(ids):
        if each in ids[:number]:
            yield Fault((*path, number, key), f"`{each}` stands twice", "Give each its own; do not reuse one")


def _arms(protocol: Protocol) -> Iterator[Fault]:
    yield from _unique([arm.id for arm in protocol.arms], ("arms",))
    controls = [arm.id for arm in protocol.arms if arm.control]
    if len(controls) != 1:
        found = ", ".join(controls) or "none"
        yield Fault(
            ("arms",), f"one arm must be the control; marked are: {found}", "Write `control: true` in one arm"
        )


def _randomization(plan: Randomization, arms: list[str]) -> Iterator[Fault]:
    path: Path = ("randomization",)
    for arm in plan.ratio:
        yield from unknown(arm, arms, (*path, "ratio", arm), "arm")
    for arm in arms:
        if arm not in plan.ratio:
            yield Fault((*path, "ratio"), f"the arm `{arm}` has no share", f"Add `{arm}: 1` or its share")
    yield from _unique([factor.id for factor in plan.strata], (*path, "strata"))
    for number, factor in enumerate(plan.strata):
        yield from _factor(factor, (*path, "strata", number))
    levels = {factor.id: [level.code for level in factor.levels] for factor in plan.strata}
    for number, cell in enumerate(plan.impossible):
        for factor_id, code in cell.items():
            place = (*path, "impossible", number, factor_id)
            yield from unknown(factor_id, levels, place, "stratification factor")
            # The codes of a factor by address are checked where its address is.
            if levels.get(factor_id):
                yield from unknown(code, levels[factor_id], place, "level")


def _factor(factor: StratificationFactor, path: Path) -> Iterator[Fault]:
    if (factor.value is None) == (not factor.levels):
        remedy = "Write `value: <form>.<item>`, or `levels:` with a condition each"
        yield Fault(path, "a factor has either an address or levels", remedy)
    yield from _unique([level.code for level in factor.levels], (*path, "levels"), key="code")


def _visits(protocol: Protocol) -> Iterator[Fault]:
    yield from _unique([visit.id for visit in protocol.visits], ("visits",))
    for number, visit in enumerate(protocol.visits):
        path: Path = ("visits", number)
        for place, form in enumerate(visit.forms):
            yield from unknown(form, protocol.forms, (*path, "forms", place), "form")
        yield from _visit_time(visit, path)
    shown = {form for visit in protocol.visits for form in visit.forms}
    for form in protocol.forms:
        if form not in shown:
            yield Fault(("forms", form, "form"), "no visit has this form", "Add it to `forms:` of a visit")


def _visit_time(visit: Visit, path: Path) -> Iterator[Fault]:
    targets = [target for target in (visit.target_day, visit.target_month) if target is not None]
    if len(targets) > 1:
        yield Fault((*path, "target_month"), "the visit has two targets", "Keep target_day or target_month")
    if targets and (visit.unscheduled or visit.repeats):
        yield Fault(
            path, "an unscheduled or repeating visit has no target", "Remove the target, or the other mark"
        )
    if visit.window and not targets:
        yield Fault((*path, "window"), "a window needs a target", "Add target_day or target_month")
    if visit.window and not visit.window[0] <= 0 <= visit.window[1]:
        remedy = "Write days before as a negative number, days after as a positive one: [-14, 14]"
        yield Fault((*path, "window"), "the window does not hold its target", remedy)


def _form(form: Form, name: str, protocol: Protocol) -> Iterator[Fault]:
    path: Path = ("forms", name)
    if form.id != name:
        yield Fault(
            (*path, "form"), f"the file is called {name}.yaml", f"Write `form: {name}`, or rename the file"
        )
    yield from reserved(form.id, (*path, "form"))
    yield from _unique([item.id for item in form.items], (*path, "items"))
    yield from _unique([check.id for check in form.checks], (*path, "checks"))
    for number, item in enumerate(form.items):
        place = (*path, "items", number)
        yield from reserved(item.id, (*place, "id"))
        yield from _choices(item, place, protocol)
        yield from _ranges(item, place)
    for number, check in enumerate(form.checks):
        if check.item:
            items = [item.id for item in form.items]
            yield from unknown(check.item, items, (*path, "checks", number, "item"), "item of this form")


def _choices(item: Item, path: Path, protocol: Protocol) -> Iterator[Fault]:
    path = (*path, "choices")
    if (item.type in _CODED) != bool(item.choices):
        remedy = (
            "Name a code list, or list codes with labels" if item.type in _CODED else "Remove the choices"
        )
        yield Fault(
            path,
            f"an item of type {item.type} {'needs' if item.type in _CODED else 'has no'} choices",
            remedy,
        )
    elif isinstance(item.choices, str):
        yield from unknown(item.choices, protocol.codelists, path, "code list")
    elif item.choices:
        yield from _unique([choice.code for choice in item.choices], path, key="code")


def _ranges(item: Item, path: Path) -> Iterator[Fault]:
    for key, bounds in (("hard_range", item.hard_range), ("soft_range", item.soft_range)):
        if bounds and item.type not in _NUMERIC:
            yield Fault((*path, key), f"an item of type {item.type} has no range", "Write a check instead")
        if bounds:
            yield from ordered(bounds, (*path, key))
    if item.hard_range and item.soft_range and not _inside(item.soft_range, item.hard_range):
        remedy = "Narrow the soft range, or widen the hard one"
        yield Fault((*path, "soft_range"), "the soft range reaches beyond the hard one", remedy)


def ordered(bounds: Bounds, path: Path) -> Iterator[Fault]:
    """A fault when a range is empty; null leaves a side open."""
    low, high = bounds
    if low is not None and high is not None and low > high:
        yield Fault(path, f"no value is between {low} and {high}", "Write the smaller number first")


def _inside(inner: Bounds, outer: Bounds) -> bool:
    low = outer[0] is None or inner[0] is None or inner[0] >= outer[0]
    high = outer[1] is None or inner[1] is None or inner[1] <= outer[1]
    return low and high


def _endpoints(plan: EndpointPlan, arms: list[str]) -> Iterator[Fault]:
    endpoints = [endpoint.id for endpoint in plan.endpoints]
    populations = [population.id for population in plan.populations]
    path: Path = ("endpoints",)
    yield from _unique(endpoints, (*path, "endpoints"))
    yield from _unique(populations, (*path, "populations"))
    path = (*path, "analysis")
    yield from unknown(plan.analysis.primary, endpoints, (*path, "primary"), "endpoint")
    yield from unknown(plan.analysis.population, populations, (*path, "population"), "population")
    for number, comparison in enumerate(plan.analysis.comparisons):
        place = (*path, "comparisons", number)
        yield from unknown(comparison.experimental, arms, (*place, "experimental"), "arm")
        yield from unknown(comparison.control, arms, (*place, "control"), "arm")
        if comparison.experimental == comparison.control:
            yield Fault(place, "an arm is compared with itself", "Name two arms")
    landmarks = list(plan.analysis.landmarks_months)
    if landmarks != sorted(set(landmarks)):
        yield Fault((*path, "landmarks_months"), "the landmarks do not increase", "Sort them, each once")
