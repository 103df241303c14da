"""Doors of floor 4: the query parameters of the API, read strictly: a typo must not fetch more."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from exports.problems import BadParameters

FORMATS = ("json", "csv")
LARGEST_PAGE = 1000
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
_CURSOR = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})", re.ASCII)


@dataclass(frozen=True)
class Asked:
    """What one request asks for. `snapshot` is None for the newest; `offset` rows of it were sent before."""

    snapshot: int | None = None
    paramcd: str = ""
    limit: int = LARGEST_PAGE
    offset: int = 0


def read(query: QueryDict, *, allowed: Collection[str], form: str) -> Asked:
    """The parameters of a request whose answer has the format `form`.

    Raises BadParameters naming every parameter that is unknown here, given twice, malformed or does not go
    with another.
    """
    wrong = [(name, _unknown(allowed)) for name in query if name not in {*allowed, "format"}]
    wrong += [(name, _("Give it once.")) for name, values in query.lists() if len(values) > 1]
    if form == "csv":
        said = _("CSV is sent whole: leave it out, or ask for JSON.")
        wrong += [(name, said) for name in ("limit", "cursor") if name in query and name in allowed]
    snapshot, limit, cursor = query.get("snapshot"), query.get("limit"), query.get("cursor")
    if snapshot is not None and not _NUMBER.fullmatch(snapshot):
        wrong.append(("snapshot", _("Give the number of a snapshot, for example 1.")))
    if limit is not None and not (_NUMBER.fullmatch(limit) and 1 <= int(limit) <= LARGEST_PAGE):
        wrong.append(("limit", _("Give a number from 1 to %(largest)s.") % {"largest": LARGEST_PAGE}))
    place = _CURSOR.fullmatch(cursor) if cursor is not None else None
    if cursor is not None and (place is None or (snapshot is not None and snapshot != place.group(1))):
        wrong.append(("cursor", _("Use the address in `next` of the page before, unchanged.")))
    if wrong:
        raise BadParameters(wrong)
    number = place.group(1) if place else snapshot
    return Asked(
        snapshot=int(number) if number else None,
        paramcd=query.get("paramcd", ""),
        limit=int(limit) if limit else LARGEST_PAGE,
        offset=int(place.group(2)) if place else 0,
    )


def following(asked: Asked, *, snapshot: int, total: int) -> str:
    """The query of the page after this one, pinned to the snapshot this one came from; "" after the last."""
    offset = asked.offset + asked.limit
    if offset >= total:
        return ""
    query = {"cursor": f"{snapshot}.{offset}", "limit": str(asked.limit)}
    return urlencode({**query, "paramcd": asked.paramcd} if asked.paramcd else query)


def _unknown(allowed: Collection[str]) -> str:
    names = ", ".join(sorted({*allowed, "format"}))
    return _("There is no such parameter here. There are: %(names)s.") % {"names": names}
