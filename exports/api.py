"""Doors of floor 4: the read-only API. Every answer with data is one act of the audit trail."""

from typing import Any, ClassVar, cast

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_view
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exports import actions, dictionary, openapi, parameters, result_rows, selectors
from exports.admission import admit, reads_arm
from exports.models import ApiToken
from exports.negotiation import CsvRenderer, Negotiation
from exports.parameters import Asked
from exports.problems import BadParameters
from exports.secrets import Scope
from exports.selectors import Extract
from outcomes.models import Result, Snapshot
from outcomes.selectors import found, latest_snapshot, results, snapshot_of
from trial.access import TrialRoom
from trial.digest import canonical, sha256
from trial.permissions import Permission
from trial.selectors import parsed


class Fetch(APIView):
    """One fetch of frozen data with a token: admit; 304 where nothing changed, else send and record it.

    Subclasses name their `permission`, `scope`, `what` they send and the parameters `allowed`, and make an
    `extract`.
    """

    permission: ClassVar[Permission] = Permission.OUTCOMES_POOLED
    scope: ClassVar[Scope] = Scope.READ_DATA
    what: ClassVar[str] = ""
    allowed: ClassVar[tuple[str, ...]] = ("snapshot", "limit", "cursor")
    renderer_classes = (JSONRenderer, CsvRenderer)
    content_negotiation_class = Negotiation

    where: TrialRoom
    asked: Asked
    snapshot: Snapshot

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Beside DRF's own checks: the token's right to this trial, the parameters, the snapshot."""
        super().initial(request, *args, **kwargs)
        if selectors.use_is_old(self.token):
            actions.note_use(token=self.token, by=self.token.person)
        self.where = admit(self.token, trial=kwargs["trial"], permission=self.permission, scope=self.scope)
        self.asked = parameters.read(request.query_params, allowed=self.allowed, form=self.form)
        self.snapshot = _snapshot(self.where, self.asked)

    def get(self, request: Request, trial: str) -> HttpResponseBase:
        """Send what is asked for, unless the client has it already."""
        tag = quote_etag(sha256(canonical(self.identity()))[:32])
        # DRF's request only stands in for Django's, which the function below wants.
        unchanged = get_conditional_response(request._request, etag=tag)
        response = unchanged or self._sent()
        response.headers["ETag"] = tag
        response.headers["Cache-Control"] = "private, no-cache"
        return response

    @property
    def form(self) -> str:
        """The answer's format: json or csv."""
        return str(self.request.accepted_renderer.format)

    @property
    def token(self) -> ApiToken:
        """The token of the request."""
        return cast(ApiToken, self.request.auth)

    @property
    def site(self) -> str:
        """The code of the site the token is bound to, or ""."""
        bound = self.token.site
        return bound.code if bound else ""

    def identity(self) -> list[Any]:
        """Everything the bytes of the answer depend on."""
        reader = [reads_arm(self.token), self.site]
        return [settings.VERSION, self.what, self.form, self.snapshot.sha256, reader, vars(self.asked)]

    def extract(self) -> Extract:
        """All rows asked for."""
        raise NotImplementedError

    def body(self, extract: Extract) -> tuple[dict[str, Any], int]:
        """The JSON answer, and how many rows it holds: one page."""
        total, first = len(extract.rows), self.asked.offset
        rows = extract.rows[first : first + self.asked.limit]
        query = parameters.following(self.asked, snapshot=self.snapshot.number, total=total)
        address = self.request.build_absolute_uri(self.request.path)
        page = {
            "snapshot": _about(self.snapshot),
            "columns": extract.columns,
            "total": total,
            "rows": rows,
            "next": f"{address}?{query}" if query else None,
        }
        return page, len(rows)

    def _sent(self) -> Response:
        extract = self.extract()
        content, rows = (extract, len(extract.rows)) if self.form == "csv" else self.body(extract)
        actions.note_download(
            token=self.token,
            snapshot=self.snapshot,
            what=self.what,
            form=self.form,
            rows=rows,
            by=self.token.person,
        )
        response = Response(content)
        if self.form == "csv":
            file = f"{self.where.trial.key}-snapshot-{self.snapshot.number}-{self.what}.csv"
            response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
        return response


@extend_schema_view(get=openapi.PARTICIPANTS)
class Participants(Fetch):
    """The randomized participants of a snapshot."""

    what = "participants"

    def extract(self) -> Extract:
        """All participants, or those of the token's site."""
        return selectors.participants(self.snapshot, with_arm=reads_arm(self.token), site=self.site)


@extend_schema_view(get=openapi.ADTTE)
class TimeToEvent(Fetch):
    """The time-to-event data set of a snapshot."""

    what = "adtte"
    allowed = ("snapshot", "paramcd", "limit", "cursor")

    def extract(self) -> Extract:
        """Rows of all endpoints or of one; raises BadParameters for one that the token cannot read."""
        with_arm = reads_arm(self.token)
        if self.asked.paramcd:
            self._require_endpoint(self.asked.paramcd, with_arm=with_arm)
        return selectors.adtte(self.snapshot, with_arm=with_arm, site=self.site, paramcd=self.asked.paramcd)

    def _require_endpoint(self, paramcd: str, *, with_arm: bool) -> None:
        known = [endpoint.id for endpoint in parsed(self.snapshot.protocol).endpoints.endpoints]
        if paramcd not in known:
            words = _("The protocol has no such endpoint. It has: %(known)s.") % {"known": ", ".join(known)}
            raise BadParameters([("paramcd", words)])
        if not with_arm and paramcd in selectors.arm_endpoints(self.snapshot):
            words = _("This endpoint tells the arm: it needs a token with the scope read:arm.")
            raise BadParameters([("paramcd", words)])


@extend_schema_view(get=openapi.DICTIONARY)
class Dictionary(Fetch):
    """What the columns of the data sets mean."""

    permission = Permission.TRIAL_VIEW
    scope = Scope.READ_METADATA
    what = "dictionary"

    def extract(self) -> Extract:
        """One row a column."""
        plan, told = parsed(self.snapshot.protocol).endpoints, selectors.arm_populations(self.snapshot)
        rows = dictionary.described(
            populations=[each.id for each in plan.populations if each.id not in told],
            arm_populations=told,
            received=plan.treatment_received is not None,
            with_arm=reads_arm(self.token),
        )
        return Extract(dictionary.HEADINGS, rows)


@extend_schema_view(get=openapi.RESULTS)
class Results(Fetch):
    """The results by arm of a snapshot's analyses, for tokens that read the arm."""

    permission = Permission.OUTCOMES_BY_ARM
    scope = Scope.READ_ARM
    what = "results"
    allowed = ("snapshot",)

    results: list[Result]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Results are of the whole trial: a token bound to a site gets none."""
        super().initial(request, *args, **kwargs)
        if self.site:
            raise PermissionDenied(_("Results are of the whole trial; this token is bound to one site."))
        self.results = results(self.where.trial, snapshot=self.snapshot)

    def identity(self) -> list[Any]:
        """Analyses may finish while the snapshot stays the same."""
        return [*super().identity(), [result.sha256 for result in self.results]]

    def extract(self) -> Extract:
        """One row a number."""
        number, plan = self.snapshot.number, parsed(self.snapshot.protocol).endpoints
        known = [(result.pk, found(result)) for result in self.results]
        others = [values for _pk, values in known]
        rows = [
            row
            for pk, values in known
            for row in result_rows.rows(values, result=pk, snapshot=number, others=others, plan=plan)
        ]
        return Extract(result_rows.COLUMNS, rows)

    def body(self, extract: Extract) -> tuple[dict[str, Any], int]:
        """The results whole, curves included."""
        whole = [
            {"id": result.pk, "sha256": result.sha256, "made_at": result.made_at, "values": found(result)}
            for result in self.results
        ]
        return {"snapshot": _about(self.snapshot), "total": len(whole), "results": whole}, len(whole)


def _snapshot(where: TrialRoom, asked: Asked) -> Snapshot:
    if asked.snapshot is None:
        snapshot = latest_snapshot(where.trial)
        missing = _("There is no snapshot yet. The unblinded statistician freezes one.")
    else:
        snapshot = snapshot_of(where.trial, asked.snapshot)
        missing = _("There is no snapshot %(number)s.") % {"number": asked.snapshot}
    if snapshot is None:
        raise Http404(missing)
    snapshot.trial = where.trial
    return snapshot


def _about(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "number": snapshot.number,
        "cut_off": snapshot.cut_off,
        "taken_at": snapshot.taken_at,
        "sha256": snapshot.sha256,
        "protocol_version": snapshot.protocol.number,
        "protocol_sha256": snapshot.protocol.sha256,
    }
