"""A database serves one purpose, said once, and every page says which."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, RequestFactory

from config import bands, demonstration, purpose, statement_log
from config.checks import statements_stay_out_of_the_log
from config.middleware import OnePurpose
from tests.unit.trial.protocol_files import changed
from tests.world import TRIAL, World
from trial import access, audit
from trial.actions import installations, people, protocols
from trial.models import Act, Installation, Person, Purpose, Trial
from trial.permissions import Permission
from trial.protocol.loader import LoadedProtocol, load_files
from trial.refusals import Refusal

SIGN_IN = "/account/sign-in/"
PAGES = (SIGN_IN, "/no-such-page/", "/account/inactive/", "/welcome/MQ/abc-def/")


@pytest.fixture
def production(world: World, settings: Any) -> Installation:
    """A database for production, and a process for the same."""
    settings.MODE, settings.PURPOSE = "production", "production"
    return installations.settle(purpose=Purpose.PRODUCTION, by=None)


@pytest.mark.shows("STA-02")
def test_a_database_says_once_what_it_is_for(world: World) -> None:
    made = installations.settle(purpose=Purpose.TRAINING, by=None)
    assert Act.objects.latest("pk").changes == {"purpose": "training"}
    assert installations.settle(purpose=Purpose.TRAINING, by=None) == made
    with pytest.raises(Refusal) as refused:
        installations.settle(purpose=Purpose.PRODUCTION, by=None)
    assert refused.value.code == "installation.purpose"
    assert Installation.objects.get().purpose == "training"
    assert audit.verify() == []


@pytest.mark.shows("STA-02")
def test_a_process_of_another_purpose_is_refused(
    production: Installation, settings: Any, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    assert Client().get(SIGN_IN).status_code == 200
    settings.MODE, settings.PURPOSE = "training", "training"
    answer = Client().get(SIGN_IN)
    assert answer.status_code == 503
    assert "EQUIPOISE_MODE=production" in answer.content.decode()
    # Where the database is PostgreSQL, every command is refused as well; on SQLite there is no production.
    said = [message.msg for message in purpose.purposes_agree()]
    assert bool(said) is (connection.vendor == "postgresql")
    assert all("is for production" in text and "is for training" in text for text in said)
    monkeypatch.setattr(purpose.connections, "close_all", lambda: None)
    with pytest.raises(SystemExit) as ended:
        purpose.require_agreement()
    assert ended.value.code == purpose.NEVER
    assert "EQUIPOISE_MODE=production" in capsys.readouterr().err


@pytest.mark.shows("RND-03")
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no log")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("log_min_error_statement", "error"),
        ("log_min_error_statement", "fatal"),
        ("log_error_verbosity", "default"),
        ("log_statement", "mod"),
        ("log_min_duration_statement", "250"),
        ("log_min_duration_sample", "250"),
        ("log_transaction_sample_rate", "0.5"),
    ],
)
def test_a_server_that_could_log_an_arm_is_refused(
    world: World, settings: Any, capsys: pytest.CaptureFixture[str], monkeypatch: Any, name: str, value: str
) -> None:
    with connection.cursor() as cursor:
        for safe, [first, *_others] in statement_log.SAFE.items():
            cursor.execute(f"SET LOCAL {safe} = '{first}'")
        settings.STRICT = True
        assert statements_stay_out_of_the_log() == []
        cursor.execute(f"SET LOCAL {name} = '{value}'")
    [error] = statements_stay_out_of_the_log()
    assert f"{name} = {value}" in error.msg
    assert f"SET {name} = {statement_log.SAFE[name][0]};" in str(error.hint)
    # Whoever mends it signs in as somebody else: the role is named, also where the address of the database names none.
    monkeypatch.setitem(connection.settings_dict, "USER", "")
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(session_user)")
        [role] = cursor.fetchone()
    assert f"ALTER ROLE {role} SET {name} " in statement_log.remedy({name: value})
    monkeypatch.setattr(purpose.connections, "close_all", lambda: None)
    with pytest.raises(SystemExit):
        purpose.require_agreement()
    assert f"{name} = {value}" in capsys.readouterr().err
    settings.STRICT = False
    assert statements_stay_out_of_the_log() == []


@pytest.mark.shows("STA-02")
@pytest.mark.parametrize(
    ("standing", "is_refused"),
    [("", False), ("demonstration", False), ("training", True), ("production", True)],
)
def test_a_process_of_tests_keeps_its_hands_off_what_is_serious(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: Any, standing: str, is_refused: bool
) -> None:
    assert bool(purpose.contradiction(standing)) is is_refused
    if not standing:
        return
    installations.settle(purpose=standing, by=None)
    assert bool(purpose.purposes_agree()) is (is_refused and connection.vendor == "postgresql")
    monkeypatch.setattr(purpose.connections, "close_all", lambda: None)
    if not is_refused:
        purpose.require_agreement()
        return
    with pytest.raises(SystemExit):
        purpose.require_agreement()
    assert f"EQUIPOISE_MODE={standing}" in capsys.readouterr().err


@pytest.mark.shows("STA-02")
def test_the_demonstration_is_not_made_in_production(production: Installation, settings: Any) -> None:
    with pytest.raises(demonstration.Stopped, match=r"EQUIPOISE_MODE=demo.*manage\.py start"):
        demonstration.prepare()
    with pytest.raises(CommandError, match="EQUIPOISE_MODE"):
        call_command("demo", no_serve=True)


@pytest.mark.parametrize(("serves", "told"), [("production", False), ("demonstration", True)])
def test_a_changed_text_is_told_with_a_way_out_that_is_there(
    world: World, settings: Any, tmp_path: Path, serves: str, told: bool
) -> None:
    shutil.copytree(settings.PROTOCOLS / TRIAL, tmp_path / TRIAL)
    with (tmp_path / TRIAL / "protocol.yaml").open("a") as file:
        file.write("# another text\n")
    settings.PURPOSE = serves
    with pytest.raises(demonstration.Stopped, match="under another text") as stopped:
        demonstration.trial_of(tmp_path / TRIAL, report=lambda *_: None)
    # Only an SQLite file is moved aside, and only a demonstration's.
    assert ("FRESH=1" in str(stopped.value)) is (told and connection.vendor == "sqlite")


def test_pages_ask_until_the_database_has_said_what_it_is_for(world: World, settings: Any) -> None:
    settings.PURPOSE = "training"
    door = OnePurpose(lambda request: None)  # type: ignore[arg-type, return-value]
    door(RequestFactory().get("/"))
    assert not door.agreed
    installations.settle(purpose=Purpose.TRAINING, by=None)
    door(RequestFactory().get("/"))
    assert door.agreed


@pytest.mark.shows("STA-02")
@pytest.mark.parametrize(("serves", "says"), [("training", "TRAINING"), ("production", "Production")])
def test_every_page_says_training_or_production(
    world: World, settings: Any, sign_in: Any, serves: str, says: str
) -> None:
    settings.PURPOSE = serves
    installations.settle(purpose=serves, by=None)
    for page in PAGES:
        assert says in _top(Client().get(page))
    for role, page in (
        ("coordinator", "/"),
        ("coordinator", f"/trials/{TRIAL}/participants/"),
        ("coordinator", f"/trials/{TRIAL}/people/"),
        ("system_administrator", "/installation/protocols/"),
    ):
        text = _top(sign_in(role).get(page))
        assert says in text
        assert "DEMONSTRATION" not in text
    assert says in _top(bands.server_error(RequestFactory().get("/")))
    assert says in _top(bands.bad_request(RequestFactory().get("/"), ValueError()))


@pytest.mark.shows("SYN-01")
def test_every_page_of_invented_participants_says_synthetic_data(world: World, sign_in: Any) -> None:
    for page in PAGES:
        assert "DEMONSTRATION DATA" in _top(Client().get(page))
        assert "SYNTHETIC DATA" not in _top(Client().get(page))
    _invented(world, "invented-trial")
    for page in PAGES:
        assert "SYNTHETIC DATA" in _top(Client().get(page))
    # Public data stay what they are.
    assert "DEMONSTRATION DATA" in _top(sign_in("coordinator").get(f"/trials/{TRIAL}/participants/"))
    administrator = _administrator(world, "invented-trial")
    pages = ("sites", "people", "audit", "protocol", "outbox", "first-steps")
    for page in pages:
        assert "SYNTHETIC DATA" in _top(administrator.get(f"/trials/invented-trial/{page}/"))
    for failure in (bands.server_error(RequestFactory().get("/")), administrator.get("/trials/none/sites/")):
        assert "SYNTHETIC DATA" in _top(failure)


def test_a_real_trial_among_tests_has_no_band_and_in_a_demonstration_has_one(
    world: World, settings: Any
) -> None:
    _invented(world, "real-trial", demo=False)
    client = _administrator(world, "real-trial")
    assert " DATA" not in _top(client.get("/trials/real-trial/sites/"))
    settings.PURPOSE = "demonstration"
    assert "DEMONSTRATION DATA" in _top(client.get("/trials/real-trial/sites/"))


@pytest.mark.shows("STA-02")
def test_a_demonstration_is_not_activated_in_production(world: World, production: Installation) -> None:
    for demo, text in ((True, "demo: false"), (False, "demo: true")):
        with pytest.raises(Refusal) as refused:
            protocols.activate(
                loaded=_renamed(world, "third-trial", text), by=world.person("administrator"), demo=demo
            )
        assert refused.value.code == "protocol.demo"
    assert not Trial.objects.filter(key="third-trial").exists()


def test_no_trial_takes_the_name_of_the_installations_trail(world: World) -> None:
    with pytest.raises(Refusal) as refused:
        _invented(world, "installation")
    assert refused.value.code == "protocol.key"
    assert not Trial.objects.filter(key="installation").exists()


def test_a_trial_stays_what_it_was_at_first(world: World) -> None:
    _invented(world, "real-trial", demo=False)
    second = _renamed(world, "real-trial", "demo: true", version=2)
    protocols.activate(loaded=second, by=world.person("administrator"), demo=True)
    assert not Trial.objects.get(key="real-trial").is_demo


def test_a_system_administrator_holds_nothing_in_a_trial(world: World) -> None:
    person = world.person("system_administrator")
    assert access.rooms(person) == []
    assert access.holds(person, Permission.PROTOCOL_ACTIVATE)
    assert not access.can(person, Permission.TRIAL_VIEW, trial=world.trial)
    assert not access.holds(world.person("administrator"), Permission.OUTBOX_VIEW)


def _top(answer: Any) -> str:
    """The page above its main part: the band and the header."""
    return str(answer.content.decode()).split("<main", 1)[0]


def _renamed(world: World, key: str, demo: str, *, version: int = 1) -> LoadedProtocol:
    """The world's protocol under another name, without the public data it imports."""
    files = {name: text for name, text in world.trial.protocol.files.items() if name != "imports.yaml"}
    for old, new in (
        (f"trial: {TRIAL}", f"trial: {key}"),
        ("demo: true", demo),
        ("version: 1", f"version: {version}"),
    ):
        files = changed("protocol.yaml", old, new, among=files)
    return load_files(files)


def _invented(world: World, key: str, *, demo: bool = True) -> Trial:
    by = world.person("administrator")
    return protocols.activate(loaded=_renamed(world, key, "demo: false"), by=by, demo=demo).trial


def _administrator(world: World, key: str) -> Client:
    person, trial = world.person("administrator"), Trial.objects.get(key=key)
    people.grant(person=person, trial=trial, role="administrator", starts_on=world.snapshot.cut_off, by=None)
    client = Client()
    client.force_login(
        Person.objects.get(pk=person.pk), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    return client
