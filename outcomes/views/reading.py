"""Views room of floor 3: one Result beside the words of its protocol, ready to be laid out."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from outcomes.models import Result, Snapshot
from outcomes.reporting import stored
from outcomes.reporting.tables import ABSENT, interval, number, points
from outcomes.selectors import found
from outcomes.wording import analysis_name, reason_sentence
from trial.protocol.endpoints import Endpoint, EndpointPlan
from trial.protocol.schema import Protocol
from trial.protocol.vocabulary import DAYS_PER_MONTH
from trial.wording import words

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Reading:
    """A result of a snapshot, read under that snapshot's protocol in the reader's language.

    `per_protocol` is the reading of the same endpoint per protocol, beside the one that gives the verdict.
    """

    snapshot: Snapshot
    result: Result
    protocol: Protocol
    per_protocol: "Reading | None" = None

    @cached_property
    def found(self) -> dict[str, Any]:
        """The values of the result."""
        return found(self.result)

    @property
    def plan(self) -> EndpointPlan:
        """The declared endpoints and analysis."""
        return self.protocol.endpoints

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint analysed."""
        return self.plan.endpoint(self.found["endpoint"])

    @property
    def gives_verdict(self) -> bool:
        """Whether the trial's verdict is read here: the primary endpoint in the declared population."""
        return stored.gives_verdict(self.found, self.plan)

    @property
    def declares_per_protocol(self) -> bool:
        """Whether the protocol wants the verdict supported by a per-protocol population."""
        return self.plan.analysis.per_protocol is not None

    @property
    def key(self) -> str:
        """What no other reading of the page has: endpoint and population."""
        own = self.found["population"] == self.plan.analysis.population
        return str(self.found["endpoint"]) if own else f"{self.found['endpoint']}-{self.found['population']}"

    @property
    def name(self) -> str:
        """The endpoint's label, with that of the analysis set where it is not the one of the verdict."""
        return analysis_name(self.plan, self.found["endpoint"], self.found["population"])

    def titled(self, said: str) -> str:
        """A title that names the endpoint, so that no two on a page are the same."""
        return _("%(endpoint)s: %(words)s") % {"endpoint": self.name, "words": said}

    @property
    def population(self) -> str:
        """The label of the analysis set."""
        return words(self.plan.population(self.found["population"]).label)

    @property
    def horizon(self) -> str:
        """The time of the comparison: “36 months”."""
        return _("%(months)s months") % {"months": f"{self.plan.horizon_months:g}"}

    def arm(self, arm: str) -> str:
        """An arm's label."""
        return next(words(known.label) for known in self.protocol.arms if known.id == arm)

    def beside(self, pair: Values) -> Values | None:
        """The same comparison per protocol, None where there is no such analysis."""
        return stored.beside(pair, self.per_protocol.found if self.per_protocol else None)

    def verdicts(self, pair: Values) -> list[tuple[Values, Values | None]]:
        """The verdict at each margin with the one per protocol."""
        return stored.verdicts(pair, self.per_protocol.found if self.per_protocol else None)

    def versus(self, pair: Values) -> str:
        """What is compared: “experimental − control”."""
        arms = {side: self.arm(pair[side]) for side in ("experimental", "control")}
        return _("%(experimental)s − %(control)s") % arms


def language() -> str:
    """The reader's language."""
    return get_language() or "en"


def missing(value: Any) -> str:
    """Why `value` of a Result does not exist, "" when it does."""
    return (
        reason_sentence(value["not_estimable"])
        if isinstance(value, Mapping) and "not_estimable" in value
        else ""
    )


def months_of(days: float) -> str:
    """Days as months of 30.4375 days."""
    return f"{days / float(DAYS_PER_MONTH):.4g}"


def confidence(level: float) -> str:
    """“95 % CI”."""
    return _("%(level)s %% CI") % {"level": f"{round(100 * level, 6):g}"}


def limits(bounds: Values, *, decimals: int = 2) -> str:
    """An interval of proportions in percentage points: “6.65 to 22.11”."""
    return (
        ABSENT
        if missing(bounds)
        else interval(bounds["lower"], bounds["upper"], decimals=decimals, to=_("to"))
    )


def difference_words(difference: Values) -> str:
    """“+14.38 points (95 % CI 6.65 to 22.11)”, or why there is none."""
    why = missing(difference)
    if why:
        return _("not estimable: %(why)s") % {"why": why}
    return _("%(points)s points (%(ci)s %(limits)s)") % {
        "points": points(difference["difference"]),
        "ci": confidence(difference["interval"]["level"]),
        "limits": limits(difference["interval"]),
    }


def signed(value: float, *, decimals: int = 2) -> str:
    """A number with a true minus sign."""
    return number(value, decimals=decimals)
