"""Writes of floor 0: what people do with one-time links."""

from django.utils.translation import gettext as _

from trial import audit, links, selectors
from trial.actions import notifications, people
from trial.models import Person, Trial
from trial.refusals import Refusal


@audit.audited
def choose_password(*, person: Person, proof: str, password: str, by: Person) -> Person:
    """Set the password of the account that a one-time link belongs to; `proof` is the link's token.

    Raises Refusal when the link is used up or too old, or the password too weak.
    """
    # Of two who use one link at once, the second finds it used.
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    if person.is_service or not (person.is_active and links.fits(person, proof)):
        raise Refusal("link.used", _("This link was used already, or has expired."))
    return people.set_password(person=person, password=password, by=by)


@audit.audited
def note_link(*, person: Person, by: Person | None) -> None:
    """Record that a one-time link for an account was shown to somebody, who may hand it over; never the link.

    Every trial in which she holds or held a role has the act in its own trail: the link may open that trial.
    """
    trials: list[Trial | None] = [*selectors.trials_of(person)]
    for trial in trials or [None]:
        audit.record("person.link_shown", on=person, trial=trial)


@audit.audited
def send_link(*, person: Person, trial: Trial | None, by: Person) -> None:
    """Mail a one-time link to the owner of an account, who may choose a new password with it.

    Raises Refusal when the account is closed or no mail server is set up.
    """
    if person.is_service or not person.is_active:
        raise Refusal("person.closed", _("The account %(email)s is closed.") % {"email": person.email})
    if not notifications.can_send():
        raise Refusal(
            "link.no_mail",
            _("No mail server is set up: a link for this account goes to its owner's address only."),
            remedy=_(
                "Only the system administrator's command on the server gives one: manage.py one_time_link %(email)s"
            )
            % {"email": person.email},
        )
    notifications.enqueue(kind="link", to=person, trial=trial, context={}, by=by)
    audit.record("person.link_sent", on=person, trial=trial)
