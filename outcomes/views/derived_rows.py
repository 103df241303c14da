"""Views room of floor 3: rows of ADTTE of one participant in the reader's words."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crf.views.places import form_url
from outcomes.censoring import MISSED, NEW_THERAPY
from outcomes.endpoints import CNSR, NEVER_ASSESSED, said_of
from outcomes.wording import item_words
from trial.models import Participant
from trial.protocol.endpoints import RANDOMIZATION, DatedFact, Endpoint
from trial.protocol.schema import Protocol
from trial.protocol.vocabulary import in_language
from trial.wording import address_words, day, words

Row = Mapping[str, Any]
Table = dict[str, Any]

WHY = {
    MISSED: gettext_lazy("before missed assessments"),
    NEW_THERAPY: gettext_lazy("before new anticancer therapy"),
}
IMPUTED = {"D": gettext_lazy("The day was imputed."), "M": gettext_lazy("Day and month were imputed.")}
_CENSORED, _COMPETING = CNSR[0], CNSR[2]


def endpoint_table(rows: Sequence[Row], protocol: Protocol, participant: Participant) -> Table:
    """One line for each endpoint: what happened when, after how many days, told by which record."""
    heads = [_("Endpoint"), _("What is counted"), _("Days"), _("Source"), _("Notes")]
    return {
        "caption": _("Endpoints of this participant"),
        "columns": [{"label": head, "numeric": place == 2} for place, head in enumerate(heads)],
        "rows": [{"cells": _cells(row, protocol, participant)} for row in rows],
    }


def _cells(row: Row, protocol: Protocol, participant: Participant) -> list[Any]:
    endpoint = protocol.endpoints.endpoint(row["PARAMCD"])
    source = {"missing": _("none")} if not row["SRCDOM"] else _source(row, protocol, participant)
    return [
        {"text": words(endpoint.label), "note": _since(row, endpoint, protocol)},
        sentence(row, endpoint, protocol),
        {"number": int(row["AVAL"])},
        source,
        " ".join(_notes(row, endpoint)),
    ]


def sentence(row: Row, endpoint: Endpoint, protocol: Protocol) -> str:
    """“Censored 02-Mar-2026: last disease assessment, visit Month 24”, or the event on its day."""
    told = {"day": day(row["ADT"]), "what": _what(row, endpoint, protocol)}
    if row["CNSR"] == _CENSORED:
        return _("Censored %(day)s: %(what)s") % told
    if row["CNSR"] == _COMPETING:
        return _("Competing event %(day)s: %(what)s") % told
    return _("Event %(day)s: %(what)s") % told


def _what(row: Row, endpoint: Endpoint, protocol: Protocol) -> str:
    """What happened, at which planned visit, and why it was counted no longer; English words become the reader's."""
    text = row["EVNTDESC"] or row["CNSDTDSC"]
    head, _comma, why = text.rpartition(", ")
    head, why = (head, str(WHY[why])) if why in WHY else (text, "")
    parts = [_named(head, endpoint), _visit(row, protocol), why]
    return _(", ").join(part for part in parts if part)


def _named(text: str, endpoint: Endpoint) -> str:
    if text.endswith(NEVER_ASSESSED):
        return _("never assessed")
    fact = next((each for each in _facts(endpoint) if said_of(each) == text), None)
    return (words(fact.label) or fact.type) if fact else str(text)


def _visit(row: Row, protocol: Protocol) -> str:
    visit = next((each for each in protocol.visits if each.id == row["SRCVIS"]), None)
    return _("visit %(visit)s") % {"visit": words(visit.label)} if visit and visit.has_target else ""


def _since(row: Row, endpoint: Endpoint, protocol: Protocol) -> str:
    if endpoint.origin == RANDOMIZATION:
        return _("since randomization on %(day)s") % {"day": day(row["STARTDT"])}
    origin = address_words(protocol, endpoint.origin)
    return _("since: %(origin)s, on %(day)s") % {"origin": origin, "day": day(row["STARTDT"])}


def _source(row: Row, protocol: Protocol, participant: Participant) -> dict[str, str]:
    return {
        "text": item_words(f"{row['SRCDOM']}.{row['SRCVAR']}", protocol),
        "url": form_url(
            participant.trial.key,
            participant.label,
            visit=row["SRCVIS"],
            visit_repeat=int(row["SRCVREP"]),
            form=row["SRCDOM"],
            repeat=int(row["SRCREP"]),
        ),
    }


def _notes(row: Row, endpoint: Endpoint) -> list[str]:
    said = [str(IMPUTED[row["ADTF"]])] if row["ADTF"] else []
    if row["NOTE"]:
        notes = [
            each.note
            for each in _facts(endpoint)
            if each.note and in_language(each.note, "en") == row["NOTE"]
        ]
        said.append(words(notes[0]) if notes else row["NOTE"])
    if row["EVENT"] == 1 and endpoint.adjudicated:
        said.append(_("Pending adjudication: counts as site-reported."))
    return said


def _facts(endpoint: Endpoint) -> tuple[DatedFact, ...]:
    return (*endpoint.events, *endpoint.competing, *endpoint.censor)
