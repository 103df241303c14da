"""The roof's band on every page: what the data are; and the error pages that must say so without a query."""

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from trial.access import TrialRoom
from trial.models import Purpose
from trial.selectors import holds_synthetic, is_synthetic

# Where the database alone says what its data are.
WHOLE = (Purpose.TRAINING, Purpose.PRODUCTION)


def band(where: TrialRoom | None) -> str:
    """What a page says of its data: training, production, synthetic or demo; "" for a real trial among tests."""
    if settings.PURPOSE in WHOLE:
        return str(settings.PURPOSE)
    if where is None:
        return "synthetic" if holds_synthetic() else "demo"
    if where.trial.is_demo:
        return "synthetic" if is_synthetic(where.trial) else "demo"
    return "demo" if settings.PURPOSE else ""


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page of a request that could not be understood."""
    return HttpResponse(_plainly("400.html"), status=HTTPStatus.BAD_REQUEST)


def server_error(request: HttpRequest) -> HttpResponse:
    """The page of a failure."""
    return HttpResponse(_plainly("500.html"), status=HTTPStatus.INTERNAL_SERVER_ERROR)


def _plainly(template: str) -> str:
    """A page with its band and without a query: what failed may be the database."""
    band_without_trial = settings.PURPOSE if settings.PURPOSE in WHOLE else "either"
    return render_to_string(template, {"version": settings.VERSION, "environment": band_without_trial})
