"""Views room of floor 3: what the derivation found, for the sites to answer, as tables in the reader's words."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes.selectors import Finding
from outcomes.wording import finding_sentence, item_words
from trial.protocol.schema import Protocol
from trial.wording import words

SHOWN_FINDINGS = 100
Table = dict[str, Any]


def finding_table(findings: Sequence[Finding], protocol: Protocol) -> Table:
    """The findings on one participant."""
    rows = [_cells(each, protocol) for each in findings]
    return _table(_("Findings on this participant"), _heads(), rows)


def all_findings(findings: Sequence[Finding], protocol: Protocol) -> Table | None:
    """The findings of a snapshot under a line, `summary`, that says how many there are; None for nothing."""
    if not findings:
        return None
    shown = findings[:SHOWN_FINDINGS]
    caption = _("%(shown)s of %(number)s findings. The next snapshot takes in what the sites answer.") % {
        "shown": len(shown),
        "number": len(findings),
    }
    rows = [[each.usubjid, *_cells(each, protocol)] for each in shown]
    table = _table(caption, [_("Participant"), *_heads()], rows)
    return {**table, "summary": finding_count(len(findings))}


def finding_count(number: int) -> str:
    """“3 findings for the sites to answer”."""
    said = ngettext(
        "%(number)s finding for the sites to answer", "%(number)s findings for the sites to answer", number
    )
    return said % {"number": number}


def _heads() -> list[str]:
    return [_("Endpoint"), _("Item"), _("Finding")]


def _cells(finding: Finding, protocol: Protocol) -> list[str]:
    labels = {each.id: words(each.label) for each in protocol.endpoints.endpoints}
    endpoints = [labels.get(each, _("Eligibility")) for each in finding.endpoints]
    return [
        _("; ").join(endpoints),
        item_words(finding.address, protocol),
        finding_sentence(finding, protocol),
    ]


def _table(caption: str, heads: Sequence[str], rows: list[list[str]]) -> Table:
    return {
        "caption": caption,
        "columns": [{"label": head} for head in heads],
        "rows": [{"cells": cells} for cells in rows],
    }
