"""Views room of floor 3: the words of verdicts, of what is not estimable and of work. Pages may import it."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes.estimate import Reason
from outcomes.noninferiority import Caution, Conclusion, Flag
from trial.states import WorkState


def conclusion_name(conclusion: str) -> str:
    """The word of the verdict."""
    return {
        Conclusion.SUPERIOR: _("superior"),
        Conclusion.NON_INFERIOR: _("non-inferior"),
        Conclusion.INCONCLUSIVE: _("inconclusive"),
        Conclusion.INFERIOR: _("inferior"),
        Conclusion.NOT_ESTIMABLE: _("not estimable"),
    }[Conclusion(conclusion)]


def flag_name(flag: str) -> str:
    """What must stand in the same sentence as the conclusion."""
    return {
        Flag.STATISTICALLY_WORSE: _("statistically worse"),
        Flag.BEYOND_THE_MARGIN: _("beyond the margin"),
        Flag.METHODS_DISAGREE: _("the other interval method disagrees"),
    }[Flag(flag)]


def verdict_sentence(verdict: dict[str, Any]) -> str:
    """One verdict in words: “non-inferior at a margin of 10 points (statistically worse)”."""
    return verdicts_sentence([verdict])


def verdicts_sentence(verdicts: Sequence[dict[str, Any]]) -> str:
    """The verdicts at all margins, the primary one first: “non-inferior at …; inconclusive at …”.

    Neighbouring margins with the same verdict share the words: “superior at margins of 10 and 5 points”.
    """
    alike = groupby(verdicts, key=lambda verdict: (verdict["conclusion"], verdict["flags"]))
    return _("; ").join(_alike(conclusion, flags, list(group)) for (conclusion, flags), group in alike)


def _alike(conclusion: str, flags: Sequence[str], verdicts: Sequence[dict[str, Any]]) -> str:
    words = ngettext(
        "%(conclusion)s at a margin of %(points)s points",
        "%(conclusion)s at margins of %(points)s points",
        len(verdicts),
    ) % {
        "conclusion": conclusion_name(conclusion),
        "points": _(" and ").join(margin_points(verdict) for verdict in verdicts),
    }
    noted = [flag_name(flag) for flag in flags]
    if conclusion == Conclusion.NON_INFERIOR:
        # An analysis as randomized alone is not taken for non-inferiority; only it is made so far.
        noted.append(_("without a per-protocol analysis"))
    said = _(", ").join(noted)
    return _("%(words)s (%(said)s)") % {"words": words, "said": said} if said else words


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
