"""Messages: written with their cause, sent once, tried again after a failure, never lost; without arms."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from config.management.commands import work
from outcomes import tasks as outcomes_tasks
from tests import mail_server
from tests.mail_server import MailServer
from tests.world import PASSWORD, TRIAL, World
from trial import audit, leases
from trial import tasks as trial_tasks
from trial.actions import notifications, people, welcome
from trial.models import Act, Notification, Person
from trial.refusals import Refusal
from trial.states import WorkState

OUTBOX = f"/trials/{TRIAL}/outbox/"


@pytest.fixture
def mail(settings: Any) -> Iterator[MailServer]:
    """A mail server, and the product told where it is."""
    with mail_server.running() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.DEFAULT_FROM_EMAIL = "Equipoise <trial@example.org>"
        yield server


def invited(world: World, email: str = "new@example.org") -> Notification:
    """The message of an invitation."""
    people.invite(
        email=email,
        name="New Person",
        role="data_manager",
        trial=world.trial,
        starts_on=timezone.now().date(),
        by=world.person("administrator"),
    )
    return Notification.objects.get(to__email=email)


def now(message: Notification) -> Notification:
    message.refresh_from_db()
    return message


def _pause_over(message: Notification) -> None:
    """Let the time of the next try come, as the tests cannot wait for it."""
    notifications.retry(notification=message, by=message.requested_by)


@pytest.mark.shows("NOT-01")
def test_an_invitation_is_sent_once_with_a_link_that_works(world: World, mail: MailServer) -> None:
    message = invited(world)
    assert notifications.waiting() == [message.pk]
    assert notifications.deliver(message.pk)
    assert not notifications.deliver(message.pk)
    assert (now(message).state, message.sent_at is not None) == (WorkState.DONE, True)
    assert len(mail.messages) == 1
    sent = mail.messages[0]
    assert (sent["To"], sent["From"]) == ("new@example.org", "Equipoise <trial@example.org>")
    assert TRIAL in sent["Subject"]
    assert "Data manager" in mail.texts()[0]
    path = re.search(r"http://127\.0\.0\.1:8000(/welcome/\S+)", mail.texts()[0])
    assert path is not None
    assert Client().get(path[1]).status_code == 200


@pytest.mark.shows("NOT-01")
def test_a_server_that_refuses_for_now_is_asked_again_later_and_gets_it_once(
    world: World, mail: MailServer
) -> None:
    mail.refusals = ["421 come back later", "450 busy"]
    message = invited(world)
    assert not notifications.deliver(message.pk)
    assert now(message).state == WorkState.QUEUED
    assert "421 come back later" in message.failure
    assert message.not_before is not None
    assert timedelta(0) < message.not_before - timezone.now() <= timedelta(minutes=1)
    assert notifications.waiting() == []
    assert not notifications.deliver(message.pk), "its time has not come"
    _pause_over(message)
    assert not notifications.deliver(message.pk)
    _pause_over(message)
    assert notifications.deliver(message.pk)
    assert (now(message).state, message.failure) == (WorkState.DONE, "")
    assert len(mail.messages) == 1


@pytest.mark.shows("NOT-01")
def test_pauses_grow_to_six_hours_and_end_in_a_failure_with_its_reason(world: World, settings: Any) -> None:
    # Nobody listens there.
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.DEFAULT_FROM_EMAIL = "127.0.0.1", 1, "a@example.org"
    message = invited(world)
    pauses = []
    while now(message).state == WorkState.QUEUED:
        with pytest.MonkeyPatch.context() as clock:
            before = message.not_before or timezone.now()
            clock.setattr(timezone, "now", lambda at=before: at)
            assert not notifications.deliver(message.pk)
        if now(message).not_before and message.state == WorkState.QUEUED:
            pauses.append(round((message.not_before - before).total_seconds() / 60))
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360, 360]
    assert (message.state, message.attempts) == (WorkState.FAILED, notifications.TRIES)
    assert "ConnectionRefusedError" in message.failure


@pytest.mark.shows("NOT-01")
def test_an_address_that_the_server_will_never_take_fails_at_once(world: World, mail: MailServer) -> None:
    mail.refusals = ["550 no such person, see https://trial.example/secret"]
    message = invited(world)
    notifications.deliver(message.pk)
    assert (now(message).state, message.attempts) == (WorkState.FAILED, 1)
    # A server may echo what it was sent.
    assert message.failure == "SMTPRecipientsRefused: 550 no such person, see …"


@pytest.mark.shows("NOT-01")
def test_a_worker_that_dies_while_sending_loses_nothing(world: World, mail: MailServer) -> None:
    message = invited(world)
    claimed = leases.claim(Notification, message.pk)
    assert claimed is not None
    assert notifications.waiting() == [], "its lease stands"
    with pytest.MonkeyPatch.context() as clock:
        later = timezone.now() + leases.LEASE + timedelta(seconds=1)
        clock.setattr(timezone, "now", lambda: later)
        assert notifications.waiting() == [message.pk]
        assert notifications.deliver(message.pk)
    # Should the first one wake up after all, it must not write over what the second one noted.
    notifications._note(claimed, failure="421 late", final=False)
    assert (now(message).state, message.failure, len(mail.messages)) == (WorkState.DONE, "", 1)


@pytest.mark.shows("NOT-01")
def test_without_its_cause_there_is_no_message(world: World) -> None:
    before = Notification.objects.count()
    with pytest.raises(Refusal):
        people.invite(
            email="two@example.org",
            name="Two",
            role="no_such_role",
            trial=world.trial,
            starts_on=timezone.now().date(),
            by=world.person("administrator"),
        )
    assert Notification.objects.count() == before
    assert not Person.objects.filter(email="two@example.org").exists()


@pytest.mark.shows("NOT-01")
def test_without_a_mail_server_messages_wait(world: World, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    message = invited(world)
    assert notifications.waiting() == []
    assert not notifications.deliver(message.pk)
    assert (now(message).state, message.attempts) == (WorkState.QUEUED, 0)
    assert work.Command()._sweep() == 0
    assert now(message).state == WorkState.QUEUED


@pytest.mark.shows("NOT-01")
def test_the_embedded_worker_and_the_sweep_of_celery_send_what_waits(world: World, mail: MailServer) -> None:
    first = invited(world)
    assert work.Command()._sweep() == 1
    assert now(first).state == WorkState.DONE
    second = invited(world, "second@example.org")
    trial_tasks.deliver(second.pk)
    assert now(second).state == WorkState.DONE
    assert [message["To"] for message in mail.messages] == ["new@example.org", "second@example.org"]
    assert outcomes_tasks.deliver.name == notifications.DELIVER_TASK


@pytest.mark.shows("STA-01")
def test_a_message_that_comes_after_the_password_was_chosen_holds_no_link(
    world: World, mail: MailServer
) -> None:
    message = invited(world)
    people.set_password(person=message.to, password=PASSWORD, by=message.to)
    notifications.deliver(message.pk)
    assert "/welcome/" not in mail.texts()[0]


def test_nobody_is_written_to_whose_account_is_closed(world: World, mail: MailServer) -> None:
    message = invited(world)
    people.disable(person=message.to, reason="left", by=world.person("administrator"))
    notifications.deliver(message.pk)
    assert (now(message).state, mail.messages) == (WorkState.FAILED, [])
    # No mail server has said so.
    assert message.failure.startswith("AccountClosed: ")
    assert "500" not in message.failure


def test_the_same_message_bears_the_same_id_at_every_try(world: World, mail: MailServer) -> None:
    message = invited(world)
    notifications._send(message)
    notifications._send(message)
    first, second = mail.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Message-ID"].endswith("@example.org>")


@pytest.mark.shows("NOT-01")
def test_the_staff_of_the_site_hear_of_a_randomization_but_not_of_the_arm(
    world: World, mail: MailServer
) -> None:
    somebody = world.participant()
    rows = notifications.tell_randomized(participant=somebody, by=world.person("coordinator"))
    assert {row.to for row in rows} == {world.person("coordinator"), world.person("investigator")}
    for row in rows:
        notifications.deliver(row.pk)
    for text in mail.texts():
        assert f"/trials/{TRIAL}/participants/{somebody.label}/" in text
        assert "UTC" in text
        assert somebody.track not in text.replace(somebody.label, "")
    assert not any(somebody.track in str(row.context) for row in rows)


@pytest.mark.shows("NOT-01")
def test_a_randomization_wakes_the_workers_once_whoever_is_told(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as woken:
        rows = notifications.tell_randomized(participant=world.participant(), by=world.person("coordinator"))
    assert (len(rows), len(woken)) == (2, 1)


def test_what_a_program_enters_is_told_to_nobody(world: World) -> None:
    robot = people.service_identity(name="IMPORT")
    assert notifications.tell_randomized(participant=world.participant(), by=robot) == []


def test_an_unknown_kind_is_no_message(world: World) -> None:
    by = world.person("administrator")
    with pytest.raises(LookupError):
        notifications.enqueue(kind="spam", to=by, trial=None, context={}, by=by)


@pytest.mark.shows("NOT-01")
def test_the_outbox_shows_states_and_failures_and_sends_again(
    world: World, mail: MailServer, sign_in: Any
) -> None:
    mail.refusals = ["550 no such person"]
    message = invited(world)
    notifications.deliver(message.pk)
    client = sign_in("administrator")
    page = client.get(OUTBOX).content.decode()
    assert "no such person" in page
    assert "Failed" in page
    assert "/welcome/" not in page
    client.post(f"{OUTBOX}{message.pk}/")
    assert now(message).state == WorkState.QUEUED
    assert Act.objects.latest("pk").verb == "notification.retried"
    assert notifications.deliver(message.pk)
    page = client.get(OUTBOX).content.decode()
    assert "Sent" in page
    assert "Send now" not in page
    answer = client.post(f"{OUTBOX}{message.pk}/", follow=True)
    assert "sent already" in answer.content.decode()
    assert Act.objects.latest("pk").refused


def test_the_outbox_says_what_to_set_where_no_mail_server_is(
    world: World, settings: Any, sign_in: Any
) -> None:
    settings.EMAIL_HOST = ""
    assert "No message yet" in sign_in("administrator").get(OUTBOX).content.decode()
    message = invited(world)
    page = sign_in("administrator").get(OUTBOX).content.decode()
    assert "EMAIL_HOST" in page
    assert "Waiting" in page
    assert message.to.email in page


def test_an_outbox_of_a_trial_holds_no_message_of_another(world: World, sign_in: Any, settings: Any) -> None:
    by = world.person("system_administrator")
    other = notifications.enqueue(kind="link", to=by, trial=world.other_trial, context={}, by=by)
    client = sign_in("administrator")
    assert by.email not in client.get(OUTBOX).content.decode()
    assert client.post(f"{OUTBOX}{other.pk}/").status_code == 404
    everything = sign_in("system_administrator")
    assert by.email in everything.get("/installation/outbox/").content.decode()
    everything.post(f"/installation/outbox/{other.pk}/")
    assert Act.objects.latest("pk").verb == "notification.retried"


def test_a_link_is_mailed_to_its_owner_only(world: World, mail: MailServer) -> None:
    person = world.person("coordinator")
    welcome.send_link(person=person, trial=world.trial, by=world.person("administrator"))
    assert Act.objects.latest("pk").verb == "person.link_sent"
    message = Notification.objects.get(kind="link", to=person)
    notifications.deliver(message.pk)
    assert mail.messages[0]["To"] == person.email
    assert "/welcome/" in mail.texts()[0]
    assert audit.verify() == []


def test_a_message_speaks_every_language_of_the_house_and_says_nothing_twice(
    world: World, mail: MailServer, settings: Any
) -> None:
    message = invited(world)
    notifications._send(message)
    settings.LANGUAGES = [("en", "English"), ("en-gb", "English again")]
    notifications._send(message)
    both, one = mail.texts()
    assert ("Data manager" in both, "数据管理员" in both, both.count("———")) == (True, True, 1)
    assert (one.count("Data manager"), one.count("———")) == (1, 0)


def test_a_first_day_later_than_today_is_said(world: World, mail: MailServer) -> None:
    first = date(2099, 1, 31)
    people.invite(
        email="later@example.org",
        name="Later",
        role="coordinator",
        trial=world.trial,
        site=world.participant().site,
        starts_on=first,
        by=world.person("administrator"),
    )
    notifications.deliver(Notification.objects.get(to__email="later@example.org").pk)
    assert "31-Jan-2099" in mail.texts()[0]
    assert str(world.participant().site) in mail.texts()[0]
