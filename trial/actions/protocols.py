"""Writes of floor 0: activating a protocol version."""

from django.utils import timezone
from django.utils.translation import gettext as _

from trial import audit
from trial.models import Installation, Person, ProtocolVersion, Purpose, Trial
from trial.models.audit import INSTALLATION
from trial.protocol.loader import LoadedProtocol
from trial.refusals import Refusal


@audit.audited
def activate(*, loaded: LoadedProtocol, by: Person, reason: str = "", demo: bool = False) -> ProtocolVersion:
    """Put a protocol text in force as the trial's newest version, immutable from now on.

    A trial is a demonstration, for good, where its first text or `demo` says so. Activating the text in force again
    changes nothing and returns it. Raises Refusal when an older text is offered again, the version number does not
    follow, its key is taken by the installation, or a demonstration is put into a database for production.
    """
    key, demo = loaded.protocol.trial, demo or loaded.protocol.demo
    if key == INSTALLATION:
        raise Refusal(
            "protocol.key",
            _("No trial is called %(trial)s: the audit trail of the installation has this name.")
            % {"trial": key},
            remedy=_("Give the trial another key in protocol.yaml."),
        )
    if demo and Installation.objects.filter(purpose=Purpose.PRODUCTION).exists():
        raise Refusal(
            "protocol.demo",
            _("%(trial)s is a demonstration, and this database is for production.") % {"trial": key},
            remedy=_("Use a database of its own."),
        )
    trial, _created = Trial.objects.select_for_update(no_key=True).get_or_create(key=key)
    if trial.protocol and trial.protocol.sha256 == loaded.sha256:
        return trial.protocol
    expected = trial.next_version
    if loaded.protocol.version != expected:
        raise Refusal(
            "protocol.version",
            _("The protocol text says version %(said)s, but the next version of this trial is %(next)s.")
            % {"said": loaded.protocol.version, "next": expected},
            remedy=_("Set `version: %(next)s` in protocol.yaml.") % {"next": expected},
        )
    version = ProtocolVersion.objects.create(
        trial=trial,
        number=expected,
        sha256=loaded.sha256,
        files=loaded.files,
        activated_at=timezone.now(),
        activated_by=by,
    )
    if trial.protocol is None:
        trial.is_demo = demo
    trial.protocol = version
    trial.save()
    audit.record("protocol.activated", on=version, trial=trial, changes={"sha256": loaded.sha256})
    return version
