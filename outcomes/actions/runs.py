"""Writes of floor 3: running a claimed analysis. With the commands, the only importer of estimators."""

from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from outcomes.estimate import EstimationError
from outcomes.estimators import panel
from outcomes.figure_wording import figure_words
from outcomes.models import Analysis, Result
from outcomes.reporting.panel_figures import draw
from outcomes.snapshot_files import SnapshotChanged, frame, frames
from trial import audit, leases
from trial.digest import canonical, sha256
from trial.protocol.vocabulary import in_language
from trial.selectors import parsed

log = structlog.get_logger("equipoise.runs")

LIBRARIES = ("lifelines", "numpy", "pandas", "pyarrow", "altair", "vl-convert-python")


def run(key: int) -> Result | None:
    """Claim an analysis, compute it, store its one Result and its end together.

    None when it is not to be had (done, or held by somebody alive) or when it failed; a data error is kept in
    the row as its failure. Running it again after a lost process yields the same bytes.
    """
    analysis = leases.claim(Analysis, key)
    if analysis is None:
        return None
    try:
        payload, figures = compute(analysis, at=lambda stage: leases.renew(analysis, stage=stage))
    except (EstimationError, SnapshotChanged) as error:
        _fail(analysis, str(error))
        return None
    except leases.LeaseLost:
        return None
    return _store(analysis, payload, figures)


def compute(
    analysis: Analysis, *, at: Callable[[str], None] = lambda stage: None
) -> tuple[str, dict[str, str]]:
    """The canonical JSON text and the figures of an analysis; the same bytes for the same snapshot and code.

    `at` is told each stage before it begins. Raises EstimationError or SnapshotChanged.
    """
    protocol = parsed(analysis.snapshot.protocol)
    endpoint = protocol.endpoints.endpoint(analysis.endpoint)
    arms = [protocol.control.id, *(arm.id for arm in protocol.arms if not arm.control)]
    at("estimating")
    data = _by_arm(analysis)
    again = _completions(analysis, data)
    found = panel.estimate(data, endpoint=endpoint, plan=protocol.endpoints, arms=arms, completions=again)
    at("drawing")
    figures = {}
    for language, _name in settings.LANGUAGES:
        labels = {arm.id: in_language(arm.label, language) for arm in protocol.arms}
        words = figure_words(endpoint, protocol, population=analysis.population, language=language)
        drawn = draw(found, labels=labels, words=words)
        figures.update({f"{name}.{language}": svg for name, svg in drawn.items()})
    return canonical(
        {**found, "population": analysis.population, "provenance": _provenance(analysis)}
    ), figures


def _by_arm(analysis: Analysis) -> Any:
    """The analysed participants as `USUBJID`, `arm`, `time`, `event`, `imputed`, one row each."""
    # Which of the two files holds an endpoint was decided when they were frozen: only one has rows of it.
    files = frames(analysis.snapshot, "adtte", "adtte_arm").values()
    rows = max((adtte[adtte["PARAMCD"] == analysis.endpoint] for adtte in files), key=len)
    joined = _joined(analysis, rows.assign(imputed=rows["ADTF"] != ""))
    return joined[["USUBJID", "arm", "time", "event", "imputed"]]


def _completions(analysis: Analysis, data: Any) -> dict[str, Any]:
    """The same participants with imputed dates at their earliest and latest; only the primary endpoint has them.

    Empty where both give everybody the same time and event as `data`: a date may count with one completion alone.
    """
    rows = frame(analysis.snapshot, "completions")
    own = rows[rows["PARAMCD"] == analysis.endpoint]
    ways = sorted(own["IMPUTATION"].unique())
    again = {how: _joined(analysis, own[own["IMPUTATION"] == how]) for how in ways}
    differ = any(_times(each) != _times(data) for each in again.values())
    return {how: each[["arm", "time", "event"]] for how, each in again.items()} if differ else {}


def _times(rows: Any) -> set[tuple[str, int, int]]:
    return set(rows[["USUBJID", "time", "event"]].itertuples(index=False, name=None))


def _joined(analysis: Analysis, rows: Any) -> Any:
    """The rows of the members of the analysed population, each with the arm that it is analysed by."""
    members = frame(analysis.snapshot, "populations")
    inside = members[(members["POPULATION"] == analysis.population) & (members["MEMBER"] == "Y")]
    joined = rows.merge(inside[["USUBJID", "ARM"]], on="USUBJID", validate="one_to_one")
    return joined.rename(columns={"ARM": "arm", "AVAL": "time", "EVENT": "event"})


def _provenance(analysis: Analysis) -> dict[str, Any]:
    snapshot = analysis.snapshot
    return {
        "snapshot_sha256": snapshot.sha256,
        "protocol_sha256": snapshot.protocol.sha256,
        "cut_off": snapshot.cut_off.isoformat(),
        "code": code_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
        # Nothing here draws random numbers; a method that does takes its seed from the protocol's hash.
        "seed": None,
    }


def digest(payload: str, figures: dict[str, str]) -> str:
    """The SHA-256 that a Result carries."""
    return sha256(canonical([payload, figures]))


@lru_cache(maxsize=1)
def code_version() -> str:
    """The software's version and a digest of the code that makes results."""
    root = Path(settings.ROOT)
    files = sorted((*root.glob("outcomes/**/*.py"), *root.glob("trial/protocol/*.py")))
    digest = sha256("".join(f"{file.relative_to(root)}\n{file.read_text()}" for file in files))
    return f"{settings.VERSION}+{digest[:12]}"


@audit.audited
def _keep(*, analysis: Analysis, payload: str, figures: dict[str, str], by: Any) -> Result:
    leases.finish(analysis)
    result = Result.objects.create(
        analysis=analysis,
        payload=payload,
        figures=figures,
        sha256=digest(payload, figures),
        made_at=timezone.now(),
    )
    audit.record("analysis.done", on=result, trial=analysis.snapshot.trial, changes={"sha256": result.sha256})
    return result


def _store(analysis: Analysis, payload: str, figures: dict[str, str]) -> Result | None:
    try:
        return _keep(analysis=analysis, payload=payload, figures=figures, by=analysis.requested_by)
    except leases.LeaseLost:
        log.info("lease lost", analysis=analysis.pk)
        return None


def _fail(analysis: Analysis, message: str) -> None:
    try:
        with transaction.atomic():
            leases.finish(analysis, failure=message)
    except leases.LeaseLost:
        log.info("lease lost", analysis=analysis.pk)
