"""Door of floor 1: try the rules of a protocol on values that nobody recorded."""

import json
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crf.checks import Finding
from crf.rehearsal import Given, Rehearsal, UnusableValues, rehearse
from crf.wording import sentence, unusable_words
from trial.eligibility import CriterionOutcome, Standing
from trial.protocol.expressions import Unknown, Value
from trial.protocol.forms import Form
from trial.protocol.loader import load
from trial.protocol.problems import ProtocolError
from trial.protocol.schema import Protocol
from trial.protocol_folders import paths
from trial.wording import broken_words, quoted, words

STANDARD_INPUT = "-"
INCOMPLETE = "incomplete"
EXAMPLE = '{"screening.ecog": 1, "participant.consented_on": "2024-01-31"}'


class Command(BaseCommand):
    help = "Judge a form and eligibility on the values of a JSON file and print one JSON object; nothing is recorded."
    # No table is read: this works before any database exists.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("trial", help="name of a folder in protocols/")
        parser.add_argument("form", help="id of one of its forms")
        parser.add_argument(
            "--values", required=True, help="JSON file of addresses and values, - to read stdin"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        protocol = _protocol(options["trial"])
        form = _form(protocol, options["form"])
        given = _given(options["values"])
        try:
            found = rehearse(protocol, form, given, today=timezone.localdate())
        except UnusableValues as error:
            _refuse("\n".join(unusable_words(each) for each in error.unusable))
        # The answer is for programs: its words do not hang on who runs it where.
        with translation.override("en"):
            answer = json.dumps(document(found), ensure_ascii=False, indent=2)
        self.stdout.write(answer)


def document(found: Rehearsal) -> dict[str, Any]:
    """What is printed, ready for JSON."""
    return {
        "findings": [_finding(each) for each in found.findings],
        "computed": {name: _plain(value) for name, value in found.computed.items()},
        "risk_class": (found.classified.code or INCOMPLETE) if found.classified else None,
        "eligible": found.eligible,
        "reasons": [_reason(each) for each in found.reasons],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "level": finding.level.value,
        "item": finding.item or None,
        "message": sentence(finding),
    }


def _reason(outcome: CriterionOutcome) -> dict[str, Any]:
    criterion = outcome.criterion
    if outcome.standing is Standing.BROKEN:
        value = {fact.address: _plain(fact.value) for fact in outcome.facts}
        return {"criterion": criterion.id, "value": value, "message": broken_words(criterion)}
    return {"criterion": criterion.id, "value": None, "message": _open_words(outcome)}


def _open_words(outcome: CriterionOutcome) -> str:
    told = {
        "criterion": quoted(words(outcome.criterion.label)),
        "addresses": _(", ").join(outcome.missing),
    }
    if outcome.missing:
        return _("%(criterion)s: cannot be judged without %(addresses)s.") % told
    return _("%(criterion)s: cannot be judged, because values contradict each other.") % told


def _plain(value: Value | Unknown) -> Any:
    """A typed value as JSON holds it: numbers as numbers, dates as texts."""
    if isinstance(value, Unknown):
        return None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _protocol(trial: str) -> Protocol:
    folders = {path.name: path for path in paths(Path(settings.PROTOCOLS))}
    if trial not in folders:
        told = {"trial": trial, "trials": ", ".join(folders)}
        _refuse(_("There is no trial %(trial)s. Write one of: %(trials)s.") % told)
    try:
        return load(folders[trial]).protocol
    except ProtocolError as error:
        _refuse(str(error))


def _form(protocol: Protocol, form: str) -> Form:
    if form not in protocol.forms:
        told = {"trial": protocol.trial, "form": form, "forms": ", ".join(sorted(protocol.forms))}
        _refuse(_("The trial %(trial)s has no form %(form)s. Write one of: %(forms)s.") % told)
    return protocol.forms[form]


def _given(source: str) -> Given:
    """The addresses and values of a file."""
    told = {"file": _("Standard input") if source == STANDARD_INPUT else source, "example": EXAMPLE}
    try:
        found = json.loads(_text(source), parse_float=Decimal, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        said = _("%(file)s: this is not JSON (%(problem)s). Write an object such as %(example)s.")
        _refuse(said % {**told, "problem": error})
    if not isinstance(found, dict):
        _refuse(_("%(file)s: there are no addresses. Write an object such as %(example)s.") % told)
    return found


def _text(source: str) -> str:
    try:
        if source == STANDARD_INPUT:
            return sys.stdin.read()
        return Path(source).read_text(encoding="utf-8-sig")
    except OSError as error:
        told = {"file": source, "problem": error.strerror}
        _refuse(_("%(file)s cannot be read: %(problem)s. Name a file, or - for standard input.") % told)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys differ: of two values for one address nobody can say which was meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        _refuse(_("%(address)s stands twice. Give each address once.") % {"address": twice})
    return found


def _refuse(text: str) -> NoReturn:
    raise CommandError(text, returncode=2)
