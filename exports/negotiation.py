"""Doors of floor 4: which format an API answer takes, by `?format=` or else by the Accept header."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from exports.formats import csv
from exports.problems import BadParameters
from exports.selectors import Extract


class CsvRenderer(BaseRenderer):
    """Rows of an Extract as CSV."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> str:
        extract: Extract = data
        return csv.text(extract.columns, extract.rows)


class Negotiation(DefaultContentNegotiation):
    """`?format=` decides; an unknown format is a bad parameter, not a missing page."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        asked = request.query_params.get("format")
        if asked is None:
            chosen: tuple[BaseRenderer, str] = super().select_renderer(request, renderers, format_suffix)
            return chosen
        for renderer in renderers:
            if renderer.format == asked:
                return renderer, renderer.media_type
        names = ", ".join(renderer.format for renderer in renderers)
        raise BadParameters([("format", _("Ask for one of: %(names)s.") % {"names": names})])
