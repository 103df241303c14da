"""What the environment says is read whole, and what cannot work is named with its remedy."""

from pathlib import Path

import pytest

from config import environment


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment in which nothing of ours is set."""
    for name in environment.DECLARED:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.shows("CFG-01")
@pytest.mark.parametrize("mode", environment.STRICT)
def test_a_strict_mode_names_what_it_lacks(mode: str, tmp_path: Path) -> None:
    for ask, name in (
        (lambda: environment.key("SEAL_KEY", mode=mode, folder=tmp_path), "SEAL_KEY"),
        (lambda: environment.hosts(mode=mode), "ALLOWED_HOSTS"),
        (lambda: environment.database(mode=mode, folder=tmp_path), "DATABASE_URL"),
        (lambda: environment.broker(mode=mode), "CELERY_BROKER_URL"),
        (lambda: environment.public_url(mode=mode), "PUBLIC_URL"),
    ):
        with pytest.raises(
            environment.MissingSetting, match=rf"{name} is not set\. {mode.capitalize()} needs"
        ):
            ask()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.shows("CFG-01")
@pytest.mark.parametrize("mode", environment.STRICT)
def test_a_strict_mode_sends_no_link_unencrypted(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "http://trial.example.org")
    with pytest.raises(
        environment.MissingSetting, match=r"PUBLIC_URL is 'http://trial\.example\.org'.* https://"
    ):
        environment.public_url(mode=mode)
    monkeypatch.setenv("PUBLIC_URL", "https://trial.example.org/")
    assert environment.public_url(mode=mode) == "https://trial.example.org"


@pytest.mark.shows("CFG-01")
@pytest.mark.parametrize("mode", environment.STRICT)
def test_a_strict_mode_refuses_sqlite(mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:////tmp/x.sqlite3")
    with pytest.raises(environment.MissingSetting, match="needs PostgreSQL"):
        environment.database(mode=mode, folder=tmp_path)
    assert environment.database(mode="demo", folder=tmp_path)["ENGINE"].endswith("sqlite3")


def test_every_mode_but_that_of_tests_has_a_purpose(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment.PURPOSES[environment.mode()] == "demonstration"
    monkeypatch.setenv("EQUIPOISE_MODE", "exercise")
    with pytest.raises(environment.MissingSetting, match="demo, training, production, test"):
        environment.mode()


@pytest.mark.parametrize(
    ("security", "port", "starttls", "tls"),
    [
        ("", 587, True, False),
        ("starttls", 587, True, False),
        ("tls", 465, False, True),
        ("none", 25, False, False),
    ],
)
def test_mail_leaves_by_the_port_of_its_security(
    monkeypatch: pytest.MonkeyPatch, security: str, port: int, starttls: bool, tls: bool
) -> None:
    if security:
        monkeypatch.setenv("EMAIL_SECURITY", security)
    monkeypatch.setenv("EMAIL_HOST", "mail.example.org")
    monkeypatch.setenv("EMAIL_FROM", "trial@example.org")
    found = environment.mail()
    assert (found.host, found.port, found.starttls, found.tls) == ("mail.example.org", port, starttls, tls)
    monkeypatch.setenv("EMAIL_PORT", "2525")
    assert environment.mail().port == 2525


def test_without_a_host_no_mail_server_is_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    # The compose file hands on what .env does not say as empty texts.
    for name in environment.DECLARED:
        if name.startswith("EMAIL_"):
            monkeypatch.setenv(name, "")
    monkeypatch.setenv("PUBLIC_URL", "")
    assert (environment.mail().host, environment.mail().port) == ("", 587)
    assert environment.public_url(mode="demo") == environment.HERE


@pytest.mark.parametrize(
    ("name", "value"),
    [("EMAIL_SECURITY", "maybe"), ("EMAIL_PORT", "smtp"), ("EMAIL_HOST", "mail.example.org")],
)
def test_mail_that_cannot_work_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    expected = "EMAIL_FROM" if name == "EMAIL_HOST" else name
    with pytest.raises(environment.MissingSetting, match=expected):
        environment.mail()


def test_the_address_of_the_pages_is_whole_and_has_no_slash_at_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert environment.public_url(mode="demo") == "http://127.0.0.1:8000"
    monkeypatch.setenv("PUBLIC_URL", "https://trial.example.org/")
    assert environment.public_url(mode="demo") == "https://trial.example.org"
    monkeypatch.setenv("PUBLIC_URL", "trial.example.org")
    with pytest.raises(environment.MissingSetting, match=r"https://trial\.example\.org"):
        environment.public_url(mode="demo")
