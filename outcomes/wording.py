"""Views room of floor 3: the words of verdicts, of what is not estimable and of work. Pages may import it."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes.endpoints import FindingKind
from outcomes.estimate import Reason
from outcomes.noninferiority import Caution, Conclusion, Flag, Support, support
from outcomes.selectors import Finding
from outcomes.snapshot_files import Damage, SnapshotChanged
from trial.protocol.endpoints import EndpointPlan
from trial.protocol.schema import Protocol
from trial.states import WorkState
from trial.wording import address_words, recorded_day, words

# A verdict as a Result keeps it; beside it the one of the per-protocol population at the same margin.
Verdict = dict[str, Any]
Pair = tuple[Verdict, Verdict | None]


def conclusion_name(conclusion: str) -> str:
    """The word of the verdict."""
    return {
        Conclusion.SUPERIOR: _("superior"),
        Conclusion.NON_INFERIOR: _("non-inferior"),
        Conclusion.INCONCLUSIVE: _("inconclusive"),
        Conclusion.INFERIOR: _("inferior"),
        Conclusion.NOT_ESTIMABLE: _("not estimable"),
    }[Conclusion(conclusion)]


def analysis_name(plan: EndpointPlan, endpoint: str, population: str) -> str:
    """The endpoint's label, with that of the analysis set where it is not the one of the verdict."""
    label, other = words(plan.endpoint(endpoint).label), other_population(plan, population)
    return _("%(endpoint)s, %(population)s") % {"endpoint": label, "population": other} if other else label


def other_population(plan: EndpointPlan, population: str) -> str:
    """The label of an analysis set, "" for the one of the verdict."""
    return "" if population == plan.analysis.population else words(plan.population(population).label)


def flag_name(flag: str) -> str:
    """What must stand in the same sentence as the conclusion."""
    return {
        Flag.STATISTICALLY_WORSE: _("statistically worse"),
        Flag.BEYOND_THE_MARGIN: _("beyond the margin"),
        Flag.METHODS_DISAGREE: _("the other interval method disagrees"),
    }[Flag(flag)]


def verdicts_sentence(
    verdicts: Sequence[Verdict],
    per_protocol: Sequence[Verdict] | None = None,
    *,
    population: str = "",
    declared: bool = False,
) -> str:
    """The verdicts at all margins, the primary one first: “non-inferior at …; inconclusive at …”.

    `per_protocol` are those of the per-protocol population at the same margins; they stand in the same sentence, with
    the name of the `population` that the verdicts are of. Where such a population is `declared` and they are not there,
    that stands beside superiority too, as it always does beside non-inferiority. Neighbouring margins with the same
    verdict share the words: “superior at margins of 10 and 5 points”.
    """
    pairs: list[Pair] = list(zip(verdicts, per_protocol or [None] * len(verdicts), strict=True))
    alike = groupby(pairs, key=lambda pair: [each and (each["conclusion"], each["flags"]) for each in pair])
    return _("; ").join(_alike(list(group), population, declared) for _said, group in alike)


def conclusion_words(verdict: Verdict, per_protocol: Verdict | None, *, declared: bool = False) -> str:
    """The conclusion in a few words: “non-inferior, supported per protocol”; never a plain “non-inferior”.

    Nor a plain “superior” where a per-protocol population is `declared`.
    """
    word = conclusion_name(verdict["conclusion"])
    match _support(verdict, per_protocol, declared):
        case Support.SUPPORTED:
            return _("%(word)s, supported per protocol") % {"word": word}
        case Support.IN_PART:
            return _("%(words)s, %(said)s") % {"words": word, "said": _in_part()}
        case Support.NOT_SUPPORTED:
            return _("%(word)s, not supported per protocol") % {"word": word}
        case Support.UNKNOWN:
            return _("%(word)s, without a per-protocol analysis") % {"word": word}
    return word


def _support(verdict: Verdict, per_protocol: Verdict | None, declared: bool = False) -> Support:
    other = Conclusion(per_protocol["conclusion"]) if per_protocol else None
    return support(Conclusion(verdict["conclusion"]), other, declared=declared)


def _in_part() -> str:
    return _("superiority not supported, non-inferiority supported per protocol")


def _alike(pairs: Sequence[Pair], population: str, declared: bool) -> str:
    verdict, other = pairs[0]
    claim = ngettext(
        "%(conclusion)s at a margin of %(points)s points",
        "%(conclusion)s at margins of %(points)s points",
        len(pairs),
    ) % {
        "conclusion": conclusion_name(verdict["conclusion"]),
        "points": _(" and ").join(margin_points(each) for each, _other in pairs),
    }
    flags = [flag_name(flag) for flag in verdict["flags"]]
    if other:
        claim = _("%(words)s in %(population)s") % {"words": claim, "population": population}
        return _("%(words)s, %(said)s") % {"words": _bracketed(claim, flags), "said": _beside(verdict, other)}
    if _support(verdict, None, declared) is Support.UNKNOWN:
        # As randomized alone it is not taken for what it claims.
        flags.append(_("without a per-protocol analysis"))
    return _bracketed(claim, flags)


def _beside(verdict: Verdict, other: Verdict) -> str:
    """What the per-protocol population says of a verdict."""
    standing, flags = _support(verdict, other), [flag_name(flag) for flag in other["flags"]]
    name = conclusion_name(other["conclusion"])
    if standing is Support.SUPPORTED:
        return _bracketed(_("supported per protocol"), flags)
    if standing is Support.IN_PART:
        return _bracketed(_in_part(), flags)
    if standing is Support.NOT_SUPPORTED:
        return _bracketed(_("not supported per protocol"), [name, *flags])
    return _bracketed(_("%(conclusion)s per protocol") % {"conclusion": name}, flags)


def _bracketed(claim: str, notes: Sequence[str]) -> str:
    said = _(", ").join(notes)
    return _("%(words)s (%(said)s)") % {"words": claim, "said": said} if said else claim


def margin_points(verdict: dict[str, Any]) -> str:
    """The margin in percentage points: .1 as “10”."""
    return f"{round(100 * verdict['margin'], 6):g}"


def interval_method_name(method: str) -> str:
    """How the interval of a difference was made."""
    return {"wald": _("Wald"), "mover_loglog": _("MOVER, log-log")}[method]


def curve_scale_name(scale: str) -> str:
    """The scale on which the interval of a survival probability was made."""
    return {"plain": _("plain"), "log": _("log"), "loglog": _("log-log")}[scale]


def caution_sentence(caution: str, arm: str) -> str:
    """What warns beside a verdict; `arm` is the arm's label."""
    return {
        Caution.FEWER_THAN_20_AT_RISK: _("%(arm)s: fewer than 20 participants are at risk at that time."),
        Caution.FEWER_THAN_10_PERCENT_AT_RISK: _(
            "%(arm)s: fewer than 10 %% of the participants are at risk at that time."
        ),
    }[Caution(caution)] % {"arm": arm}


def reason_sentence(reason: str) -> str:
    """Why a number does not exist."""
    return {
        Reason.NO_PARTICIPANTS: _("no participants"),
        Reason.FOLLOW_UP_TOO_SHORT: _("follow-up too short"),
        Reason.NOBODY_EVENT_FREE: _("nobody event-free"),
        Reason.NO_EVENT: _("no event yet"),
        Reason.TOO_FEW_AT_RISK: _("too few at risk"),
        Reason.NOT_REACHED: _("not reached"),
        Reason.NO_COMPARISON: _("nothing to compare"),
    }[Reason(reason)]


def stage_name(stage: str) -> str:
    """What a running analysis is doing."""
    return {"estimating": _("Estimating"), "drawing": _("Drawing the figures")}.get(stage, "")


def work_name(state: str) -> str:
    """The state of an analysis in one word."""
    return {
        WorkState.QUEUED: _("queued"),
        WorkState.RUNNING: _("running"),
        WorkState.DONE: _("done"),
        WorkState.FAILED: _("failed"),
    }[WorkState(state)]


def failure_sentences(failure: str) -> tuple[str, str]:
    """What went wrong with an analysis, and what to do next."""
    if failure == "lost":
        return (
            _("Every process that took this analysis up ended before it was done."),
            _("Ask the administrator to look at the worker's log and memory, then freeze a new snapshot."),
        )
    return failure, _("Correct what is named, freeze a new snapshot and ask for its analyses again.")


def item_words(address: str, protocol: Protocol) -> str:
    """An item as people know it: “Recurrence: Date of first evidence”; else what the address is called."""
    form, _dot, _item = address.partition(".")
    name = address_words(protocol, address)
    if form not in protocol.forms or name == address:
        return name
    return _("%(form)s: %(item)s") % {"form": words(protocol.forms[form].title), "item": name}


def finding_sentence(finding: Finding, protocol: Protocol) -> str:
    """What the derivation found; of a snapshot of an earlier version the English text that it kept."""
    if not finding.kind:
        return finding.told["message"]
    sentences = {
        FindingKind.NOT_AFTER_ORIGIN: _("%(recorded)s is not after the origin %(origin)s"),
        FindingKind.AFTER_LATER_FACT: _("%(recorded)s is after %(last)s (%(item)s)"),
        FindingKind.PERHAPS_BEFORE_CUT_OFF: _(
            "%(recorded)s is taken as %(taken)s and does not count, but may lie before the cut-off %(cut_off)s"
        ),
        FindingKind.CRITERION_NOT_MET: _("eligibility criterion not met: %(criterion)s"),
    }
    told = {name: _told(name, value, protocol) for name, value in finding.told.items()}
    return sentences[FindingKind(finding.kind)] % told


def _told(name: str, value: str, protocol: Protocol) -> str:
    if name == "item":
        return item_words(value, protocol)
    if name == "criterion":
        return next((words(each.label) for each in protocol.eligibility if each.id == value), value)
    return recorded_day(value)


def damage_sentence(error: SnapshotChanged) -> str:
    """Why a snapshot cannot be read."""
    return {
        Damage.MANIFEST: _("The manifest of snapshot %(number)s is not the one that was frozen."),
        Damage.FILE: _("The file %(name)s of snapshot %(number)s is not the one that was frozen."),
        Damage.NO_FILE: _("Snapshot %(number)s has no file %(name)s: it was taken by an earlier version."),
    }[error.damage] % {"number": error.number, "name": error.name}
