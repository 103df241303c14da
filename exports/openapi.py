"""Doors of floor 4: what the OpenAPI description says of each address."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from exports import result_rows
from exports.dictionary import ADTTE as ADTTE_COLUMNS
from exports.dictionary import ARM, FLAG_LABEL, HEADINGS, RECEIVED, Column
from exports.dictionary import PARTICIPANTS as PARTICIPANT_COLUMNS
from exports.parameters import FORMATS, LARGEST_PAGE
from exports.problems import MEDIA_TYPE
from outcomes.noninferiority import Support

_TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer", "nullable": True},
    "date": {"type": "string", "format": "date", "nullable": True},
}
_SNAPSHOT = {
    "type": "object",
    "properties": {
        "number": {"type": "integer"},
        "cut_off": {"type": "string", "format": "date"},
        "taken_at": {"type": "string", "format": "date-time"},
        "sha256": {"type": "string"},
        "protocol_version": {"type": "integer"},
        "protocol_sha256": {"type": "string"},
    },
}
_PROBLEM = {
    "type": "object",
    "description": "Problem details, RFC 9457",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
    "required": ["type", "title", "status", "detail"],
}
_WHEN = {
    400: "A parameter is unknown, malformed or does not go with another.",
    401: "No token, or one that is unknown, revoked or expired.",
    403: "The token's scopes or its owner's role do not cover this.",
    404: "Another trial than the token's, or no such snapshot.",
    429: "Too many requests; Retry-After says when to come back.",
}
_CSV = (
    "Format by `?format=` or by the Accept header. In CSV, text that begins with = + - @ gets an apostrophe "
    "in front, so that no spreadsheet runs it; numbers are never changed. CSV is sent whole, JSON in pages."
)
_SNAPSHOT_PARAMETER = OpenApiParameter(
    "snapshot", OpenApiTypes.INT, description="Number of a snapshot; the newest without it."
)
_FORMAT_PARAMETER = OpenApiParameter(
    "format", OpenApiTypes.STR, enum=FORMATS, description="Wins over Accept."
)
_UNCHANGED_PARAMETER = OpenApiParameter(
    "If-None-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, description="The ETag of an earlier answer."
)
_PAGING = (
    OpenApiParameter("limit", OpenApiTypes.INT, description=f"Rows a page, at most {LARGEST_PAGE}; JSON."),
    OpenApiParameter("cursor", OpenApiTypes.STR, description="Taken from `next`; JSON only."),
)


def _object(columns: Sequence[Column], more: dict[str, Any] | None = None) -> dict[str, Any]:
    named = {column.name: {**_TYPES[column.kind], "description": column.label} for column in columns}
    return {"type": "object", "properties": named, **(more or {})}


def _page(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "snapshot": _SNAPSHOT,
            "columns": {"type": "array", "items": {"type": "string"}},
            "total": {"type": "integer"},
            "rows": {"type": "array", "items": row},
            "next": {"type": "string", "format": "uri", "nullable": True},
        },
        "required": ["snapshot", "columns", "total", "rows", "next"],
    }


def _responses(answer: dict[str, Any]) -> dict[Any, Any]:
    problems = {
        (status, MEDIA_TYPE): OpenApiResponse(_PROBLEM, description=words) for status, words in _WHEN.items()
    }
    return {
        (200, "application/json"): answer,
        (200, "text/csv"): OpenApiTypes.STR,
        304: OpenApiResponse(description="Nothing changed since the ETag that was sent."),
        **problems,
    }


_FLAGS = {"additionalProperties": {"type": "string", "description": FLAG_LABEL}}
_RESULT = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "sha256": {"type": "string"},
        "made_at": {"type": "string", "format": "date-time"},
        "values": {"type": "object", "additionalProperties": True},
    },
}

PARTICIPANTS = extend_schema(
    operation_id="participants",
    summary="Randomized participants",
    description=f"One row per randomized participant. Needs the scope read:data. {_CSV}",
    tags=["Frozen data"],
    parameters=[_SNAPSHOT_PARAMETER, _FORMAT_PARAMETER, *_PAGING, _UNCHANGED_PARAMETER],
    responses=_responses(_page(_object((*PARTICIPANT_COLUMNS, ARM, RECEIVED), _FLAGS))),
)
ADTTE = extend_schema(
    operation_id="adtte",
    summary="Time to event (ADTTE)",
    description=f"One row per participant and endpoint. Needs the scope read:data. {_CSV}",
    tags=["Frozen data"],
    parameters=[
        OpenApiParameter("paramcd", OpenApiTypes.STR, description="An endpoint's id, for example DFS."),
        _SNAPSHOT_PARAMETER,
        _FORMAT_PARAMETER,
        *_PAGING,
        _UNCHANGED_PARAMETER,
    ],
    responses=_responses(_page(_object((*ADTTE_COLUMNS, ARM, RECEIVED)))),
)
DICTIONARY = extend_schema(
    operation_id="dictionary",
    summary="Columns and their meaning",
    description=f"One row per column of the data sets. Needs the scope read:metadata. {_CSV}",
    tags=["Frozen data"],
    parameters=[_SNAPSHOT_PARAMETER, _FORMAT_PARAMETER, *_PAGING, _UNCHANGED_PARAMETER],
    responses=_responses(_page(_object([Column(name, "text", "") for name in HEADINGS]))),
)
RESULTS = extend_schema(
    operation_id="results",
    summary="Results by arm",
    description=(
        "The results of a snapshot's analyses. Needs the scope read:arm, which no blinded role can have. "
        f"As CSV one number a row: {', '.join(result_rows.COLUMNS)}. "
        "SUPPORT says of each conclusion of the trial's verdict what the per-protocol population makes of it: "
        f"{', '.join(Support)}; unknown where there is no such analysis. Quote no conclusion without it."
    ),
    tags=["Closed room"],
    parameters=[_SNAPSHOT_PARAMETER, _FORMAT_PARAMETER, _UNCHANGED_PARAMETER],
    responses=_responses(
        {
            "type": "object",
            "properties": {
                "snapshot": _SNAPSHOT,
                "total": {"type": "integer"},
                "results": {"type": "array", "items": _RESULT},
            },
            "required": ["snapshot", "total", "results"],
        }
    ),
)
