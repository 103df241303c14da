"""Rules: what must hold between the parts of a protocol, expressions apart."""

from collections.abc import Iterator

from trial.protocol import endpoint_consistency, form_consistency, schedule_consistency
from trial.protocol.naming import unique, unknown
from trial.protocol.problems import Fault, Path
from trial.protocol.schema import Protocol, Randomization, RandomizationMethod, StratificationFactor


def faults(protocol: Protocol) -> Iterator[Fault]:
    """Every rule between its parts that the protocol breaks."""
    yield from _arms(protocol)
    yield from unique([each.id for each in protocol.parameters], ("parameters",))
    yield from unique([each.id for each in protocol.quirks], ("quirks",))
    yield from unique([each.id for each in protocol.consent_versions], ("consent_versions",))
    yield from unique([each.id for each in protocol.eligibility], ("eligibility",))
    yield from _randomization(protocol.randomization, [arm.id for arm in protocol.arms])
    for number, needed in enumerate(protocol.randomization.needs):
        yield from unknown(needed, protocol.forms, ("randomization", "needs", number), "form")
    yield from schedule_consistency.faults(protocol)
    for name, choices in protocol.codelists.items():
        yield from unique([choice.code for choice in choices], ("codelists", name), key="code")
    yield from form_consistency.faults(protocol)
    yield from endpoint_consistency.faults(protocol)


def _arms(protocol: Protocol) -> Iterator[Fault]:
    yield from unique([arm.id for arm in protocol.arms], ("arms",))
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
    if plan.strata and plan.method is RandomizationMethod.UPLOADED_LIST:
        remedy = "Remove `strata:`, or write `method: permuted_blocks`"
        yield Fault((*path, "strata"), "a list that was made elsewhere has no strata", remedy)
    yield from unique([factor.id for factor in plan.strata], (*path, "strata"))
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
    yield from unique([level.code for level in factor.levels], (*path, "levels"), key="code")
