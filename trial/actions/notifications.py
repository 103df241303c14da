"""Writes of floor 0: messages, written with their cause and sent afterwards.

A message is sent once and never lost, with one exception that cannot be helped: when the process dies between the mail
server's answer and its own note, the message is sent again, under the same Message-ID.
"""

import re
from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from trial import audit, leases, letters
from trial.access import site_staff
from trial.models import Notification, Participant, Person, Trial
from trial.refusals import Refusal
from trial.states import RESENDABLE, WorkState
from trial.waking import wake

log = structlog.get_logger("equipoise.notifications")

DELIVER_TASK = "trial.tasks.deliver"
# 1, 2, 4 … 256 minutes, then every six hours: a mail server may be away for a day and a half.
TRIES = 14
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
PERMANENT = 500
LONGEST_FAILURE = 300


class AccountClosed(Exception):
    """The account of whom a message is for was closed after it was written."""


def can_send() -> bool:
    """Whether a mail server is set up; without one messages wait."""
    return bool(settings.EMAIL_HOST)


@audit.audited
def enqueue(
    *, kind: str, to: Person, trial: Trial | None, context: dict[str, Any], by: Person
) -> Notification:
    """Write a message inside the transaction of its cause, whose act speaks for it; it is sent after the commit.

    `context` holds words only, as JSON: never an arm, never a link. Raises LookupError for an unknown kind.
    """
    if kind not in letters.KINDS:
        raise LookupError(kind)
    message = _written(kind, to, trial, context, by)
    _wake_for(message)
    return message


@audit.audited
def tell_randomized(*, participant: Participant, by: Person) -> list[Notification]:
    """Tell everybody with a role at the participant's site that, and when, she was randomized; never the arm.

    Call it inside the transaction of the allocation. What a program enters is told to nobody.
    """
    if by.is_service or participant.randomized_at is None:
        return []
    context = {
        "participant": participant.label,
        "site": participant.site.code,
        "at": participant.randomized_at.isoformat(),
        "zone": participant.site.time_zone,
    }
    messages = [
        _written("randomized", person, participant.trial, context, by)
        for person in site_staff(participant.site)
    ]
    _wake_for(*messages)
    return messages


@audit.audited
def retry(*, notification: Notification, by: Person) -> Notification:
    """Send a message now that failed or waits. Raises Refusal for one that is sent or on its way."""
    rows = Notification.objects.select_for_update(of=("self",), no_key=True).select_related("trial")
    message = rows.get(pk=notification.pk)
    if message.state not in RESENDABLE:
        raise Refusal("notification.state", _("This message was sent already, or is on its way."))
    leases.step(message, WorkState.QUEUED)
    message.attempts, message.failure, message.not_before = 0, "", None
    message.save(update_fields=["state", "attempts", "failure", "not_before"])
    audit.record("notification.retried", on=message, trial=message.trial)
    _wake_for(message)
    return message


def waiting() -> list[int]:
    """Keys of the messages that may be sent now, oldest first; none without a mail server."""
    return leases.waiting(Notification) if can_send() else []


def deliver(key: int) -> bool:
    """Claim a message, hand it to the mail server outside any transaction, and note what became of it.

    True when it was sent by this call. A failure puts it back, later and later, until it has failed `TRIES` times
    or the server says that the address will never do.
    """
    message = leases.claim(Notification, key) if can_send() else None
    if message is None:
        return False
    try:
        _send(message)
    except (AccountClosed, SMTPException, OSError, ValueError) as error:
        _note(message, failure=_reason(error), final=_hopeless(error) or message.attempts >= TRIES)
        return False
    _note(message, failure="", final=True)
    return True


def _written(kind: str, to: Person, trial: Trial | None, context: dict[str, Any], by: Person) -> Notification:
    return Notification.objects.create(
        kind=kind, to=to, trial=trial, context=context, requested_at=timezone.now(), requested_by=by
    )


def _wake_for(*messages: Notification) -> None:
    """Once for all of them: a broker that is down makes whoever caused them wait once."""
    keys = [message.pk for message in messages]
    transaction.on_commit(lambda: wake(DELIVER_TASK, keys))


def _send(message: Notification) -> None:
    if not message.to.is_active:
        raise AccountClosed("nobody is written to whose account is closed")
    subject, text = letters.letter(message)
    _user, _at, domain = settings.DEFAULT_FROM_EMAIL.rstrip(">").rpartition("@")
    headers = {
        # The same at every try, so that a reader's mail program may fold a second copy away.
        "Message-ID": f"<equipoise-{message.pk}-{message.requested_at:%Y%m%d%H%M%S%f}@{domain}>",
        "Auto-Submitted": "auto-generated",
    }
    EmailMessage(subject, text, to=[message.to.email], headers=headers).send()


def _note(message: Notification, *, failure: str, final: bool) -> None:
    """Write how a try ended; where somebody else holds the message now, nothing."""
    try:
        with transaction.atomic():
            if failure and not final:
                leases.put_back(message, failure=failure)
                message.not_before = timezone.now() + _pause(message.attempts)
            else:
                leases.finish(message, failure=failure)
                message.sent_at = None if failure else timezone.now()
            message.save(update_fields=["not_before", "sent_at"])
    except leases.LeaseLost:
        log.info("lease lost", notification=message.pk)


def _pause(attempts: int) -> timedelta:
    return min(FIRST_PAUSE * (1 << (attempts - 1)), LONGEST_PAUSE)


def _hopeless(error: Exception) -> bool:
    """Whether another try is in vain: the server refuses this very address for good, or its account is closed."""
    if isinstance(error, AccountClosed):
        return True
    if not isinstance(error, SMTPRecipientsRefused):
        return False
    return all(code >= PERMANENT for code, _text in error.recipients.values())


def _reason(error: Exception) -> str:
    """What went wrong, in one line; what a server echoes of a message may hold its link."""
    if isinstance(error, SMTPRecipientsRefused):
        said = "; ".join(
            f"{code} {text.decode(errors='replace')}" for code, text in error.recipients.values()
        )
    else:
        said = str(error)
    harmless = re.sub(r"https?://\S+", "…", " ".join(said.split()))
    return f"{type(error).__name__}: {harmless}"[:LONGEST_FAILURE]
