"""Reads of floor 1: what is open about one participant and waits for an answer of the site."""

from collections.abc import Iterable
from dataclasses import dataclass

from crf.checks import item_of, rule_of
from crf.models import Record
from crf.states import COUNTED
from trial.eligibility import CriterionOutcome, assess
from trial.protocol.derivations import Lookup
from trial.protocol.forms import Form
from trial.protocol.schema import Protocol
from trial.selectors import parsed, protocol_version


@dataclass(frozen=True)
class KeptFinding:
    """A soft finding that was kept: `rule` is a check of the form or a built-in rule, `reason` what the site said."""

    record: Record
    protocol: Protocol
    rule: str
    item: str
    reason: str

    @property
    def form(self) -> Form:
        """The form as it was when it was judged."""
        return self.protocol.forms[self.record.form]


def broken_criteria(protocol: Protocol, look: Lookup) -> tuple[CriterionOutcome, ...]:
    """The criteria that are broken and of which the protocol says that the site is to be asked."""
    return assess(protocol, look).queried


def kept(records: Iterable[Record]) -> list[KeptFinding]:
    """Every soft finding of the submitted records, in their order, under the text that each was judged by."""
    found = []
    for record in records:
        if record.state not in COUNTED:
            continue
        for key, reason in record.soft_reasons.items():
            protocol = parsed(protocol_version(record.protocol_id))
            found.append(KeptFinding(record, protocol, rule_of(key), item_of(key), reason))
    return found
