"""Writes of floor 0: activating a protocol version."""

from django.utils import timezone
from django.utils.translation import gettext as _

from trial import audit
from trial.models import Person, ProtocolVersion, Trial
from trial.protocol.loader import LoadedProtocol
from trial.refusals import Refusal


@audit.audited
def activate(*, loaded: LoadedProtocol, by: Person, reason: str = "") -> ProtocolVersion:
    """Put a protocol text in force as the trial's newest version, immutable from now on.

    Activating the text in force again changes nothing and returns it. Raises Refusal when an older text
    is offered again or the version number does not follow.
    """
    key = loaded.protocol.trial
    trial, _created = Trial.objects.select_for_update().get_or_create(key=key)
    if trial.protocol and trial.protocol.sha256 == loaded.sha256:
        return trial.protocol
    expected = trial.versions.count() + 1
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
    trial.protocol, trial.is_demo = version, loaded.protocol.demo
    trial.save()
    audit.record("protocol.activated", on=version, trial=trial, changes={"sha256": loaded.sha256})
    return version
