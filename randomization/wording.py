"""Wording room of floor 2: the gate's criteria, refusals and strata in the reader's words."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from randomization.criteria import Criterion, Finding
from randomization.schemes import LARGEST_BLOCK, Shares
from trial.eligibility import Standing
from trial.models import Participant
from trial.protocol.schema import Protocol
from trial.wording import address_words, broken_words, quoted, state_word, words

Said = tuple[str, str]


def criterion_name(criterion: Criterion) -> str:
    """What must hold, as a line of the checklist."""
    return {
        Criterion.STATE: _("Not randomized yet"),
        Criterion.RECRUITMENT: _("Recruitment is open"),
        Criterion.SCHEME: _("The trial's randomization is opened"),
        Criterion.SITE: _("The site is open"),
        Criterion.CAP: _("The site may randomize one more"),
        Criterion.CONSENT: _("Consent to the current version"),
        Criterion.FORMS: _("Needed forms submitted"),
        Criterion.ELIGIBILITY: _("Eligibility criteria met"),
        Criterion.STRATUM: _("Stratum known"),
        Criterion.ENROLMENT: _("Eligibility confirmed"),
    }[criterion]


def sentence(finding: Finding, participant: Participant, protocol: Protocol) -> Said:
    """What is wrong, and what to do next; two empty texts for a criterion that is met."""
    if finding.standing is Standing.MET:
        return "", ""
    return _SENTENCES[finding.code](finding, participant, protocol)


def unopened() -> Said:
    """That nobody has opened the randomization yet, and who does."""
    return (
        _("The randomization of this trial has not been opened yet."),
        _("Ask the unblinded statistician to open it."),
    )


def sizes_rule(shares: Shares) -> str:
    """What the block sizes must be, for the ratio of a trial."""
    told = _("Each size must be a multiple of %(unit)s, larger than %(unit)s and at most %(most)s.")
    return told % {"unit": sum(share for _arm, share in shares), "most": LARGEST_BLOCK}


def stratum_words(protocol: Protocol, values: Mapping[str, str]) -> str:
    """A stratum as people read it: “Site: 01; Tumour size: 30 to 50 mm”."""
    return _("; ").join(
        _("%(factor)s: %(level)s") % {"factor": factor_words(protocol, factor), "level": level}
        for factor, level in ((key, level_words(protocol, key, code)) for key, code in values.items())
    )


def factor_words(protocol: Protocol, factor: str) -> str:
    """The label of a stratification factor."""
    return next(words(each.label) for each in protocol.randomization.strata if each.id == factor)


def level_words(protocol: Protocol, factor: str, code: str) -> str:
    """The label of a level; the code where the factor's levels are an item's or the sites'."""
    levels = (each.levels for each in protocol.randomization.strata if each.id == factor)
    return next((words(level.label) for found in levels for level in found if level.code == code), code)


def _listed(protocol: Protocol, addresses: tuple[str, ...]) -> str:
    return _(", ").join(quoted(address_words(protocol, address)) for address in addresses)


def _state(_finding: Finding, participant: Participant, _protocol: Protocol) -> Said:
    facts = {"label": participant.label, "state": state_word(participant.state)}
    return (
        _("Participant %(label)s cannot be randomized: the state is “%(state)s”.") % facts,
        _("Nobody is randomized twice, nor after leaving the trial."),
    )


def _recruitment(_finding: Finding, _participant: Participant, _protocol: Protocol) -> Said:
    return _("Recruitment of this trial is closed."), _("Ask the administrator whether it opens again.")


def _unopened(_finding: Finding, _participant: Participant, _protocol: Protocol) -> Said:
    return unopened()


def _unbound(_finding: Finding, _participant: Participant, _protocol: Protocol) -> Said:
    return (
        _(
            "The protocol in force randomizes otherwise than the one this trial's randomization was opened under."
        ),
        _("Activate a version with the same method, arms, ratio and strata."),
    )


def _closed(_finding: Finding, participant: Participant, _protocol: Protocol) -> Said:
    code = {"code": participant.site.code}
    return _("Site %(code)s is closed.") % code, _("Ask the administrator to open it again.")


def _full(_finding: Finding, participant: Participant, _protocol: Protocol) -> Said:
    facts = {"code": participant.site.code, "cap": participant.site.cap}
    return (
        _("Site %(code)s is full: it has randomized as many as it may (%(cap)s).") % facts,
        _("Ask the administrator to raise the site's cap."),
    )


def _consent(_finding: Finding, _participant: Participant, protocol: Protocol) -> Said:
    version = {"version": protocol.consent_versions[-1].id}
    return (
        _("Consent to the current version is not recorded."),
        _("Record consent to version %(version)s first.") % version,
    )


def _forms(finding: Finding, _participant: Participant, protocol: Protocol) -> Said:
    titles = _(", ").join(words(protocol.forms[form].title) for form in finding.names)
    return (
        _("These forms are not submitted: %(forms)s.") % {"forms": titles},
        _("Submit them."),
    )


def _ineligible(finding: Finding, _participant: Participant, protocol: Protocol) -> Said:
    broken = [broken_words(each) for each in protocol.eligibility if each.id in finding.names]
    return (
        _("Not eligible. %(criteria)s.") % {"criteria": _("; ").join(broken)},
        _(
            "Where a value is wrong, correct it with the reason; where it is right, record the screen failure."
        ),
    )


def _incomplete(finding: Finding, _participant: Participant, protocol: Protocol) -> Said:
    return (
        _("Eligibility cannot be judged without: %(items)s.") % {"items": _listed(protocol, finding.names)},
        _("Enter the missing values."),
    )


def _no_level(finding: Finding, _participant: Participant, protocol: Protocol) -> Said:
    factor, *missing = finding.names
    facts = {"factor": factor_words(protocol, factor), "items": _listed(protocol, tuple(missing))}
    if missing:
        return (
            _("The stratum cannot be told: %(factor)s is open without %(items)s.") % facts,
            _("Enter the missing values."),
        )
    return (
        _("The values fit no level of %(factor)s.") % facts,
        _("Check the values; nobody is randomized outside the strata of the protocol."),
    )


def _impossible(finding: Finding, _participant: Participant, protocol: Protocol) -> Said:
    return (
        _("The protocol calls this stratum impossible: %(cell)s.")
        % {"cell": stratum_words(protocol, finding.cell)},
        _("Check the values that it is made of."),
    )


def _unconfirmed(_finding: Finding, participant: Participant, _protocol: Protocol) -> Said:
    return (
        _("The eligibility of participant %(label)s is not confirmed.") % {"label": participant.label},
        _("Confirm eligibility first."),
    )


_SENTENCES: dict[str, Callable[[Finding, Participant, Protocol], Said]] = {
    "randomize.state": _state,
    "randomize.recruitment": _recruitment,
    "scheme.absent": _unopened,
    "scheme.protocol": _unbound,
    "site.closed": _closed,
    "site.full": _full,
    "randomize.consent": _consent,
    "randomize.form": _forms,
    "randomize.criterion": _ineligible,
    "randomize.incomplete": _incomplete,
    "stratum.open": _no_level,
    "stratum.impossible": _impossible,
    "randomize.enrolment": _unconfirmed,
}
