"""The first day as it is typed: an empty PostgreSQL, `start`, the link, and processes that are for something else."""

import http.client
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import pytest

from deploy import ports, services
from deploy.processes import CELERY, PROCESSES
from deploy.stack import local
from tests import mail_server
from tests.architecture.source import ROOT
from tests.mail_server import MailServer
from tests.processes import serving
from tests.processes.shell import Answer, look, manage, surroundings

PATIENCE = 90
PASSWORD = "a long password of Ann's"
START = ("start", "--email", "ann@example.org", "--name", "Ann Example", "--no-input")
WRITE = (
    "import django; django.setup(); "
    "from trial.actions import welcome; from trial.models import Person; "
    "ann = Person.objects.get(is_service=False); welcome.send_link(person=ann, trial=None, by=ann)"
)


@dataclass
class Place:
    """An empty database of its own and a folder, and what a process is told of them."""

    var: Path
    database: str
    port: int = field(default_factory=ports.free)

    def environment(self, mode: str = "production", **more: str) -> dict[str, str]:
        url = f"https://127.0.0.1:{self.port}"
        return {
            "EQUIPOISE_MODE": mode,
            "SECRET_KEY": "x" * 50,
            "SEAL_KEY": "A" * 43 + "=",
            "DATABASE_URL": self.database,
            "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
            "ALLOWED_HOSTS": "127.0.0.1",
            "PUBLIC_URL": url,
            "GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{self.port}",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            **more,
        }

    def manage(self, *arguments: str, mode: str = "production", **more: str) -> Answer:
        return manage(self.var, *arguments, **self.environment(mode, **more))

    def look(self, query: str) -> list[tuple[object, ...]]:
        """The rows of a query, by a connection of its own."""
        return look(self.database, query)

    def popen(self, *command: str, mode: str = "production", **more: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            local(command),
            cwd=ROOT,
            env=surroundings(EQUIPOISE_VAR=str(self.var), **self.environment(mode, **more)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def serving(self) -> AbstractContextManager[None]:
        """The web process of production, as the proxy in front of it sees it."""
        return serving.web(surroundings(EQUIPOISE_VAR=str(self.var), **self.environment()))


@pytest.fixture
def place(postgres_url: str, tmp_path: Path) -> Iterator[Place]:
    """Nothing yet: `start` has not been typed."""
    with services.database(postgres_url, "first_day") as url:
        yield Place(tmp_path, url)


@pytest.fixture(scope="module")
def demonstration(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The database of a demonstration with its first administrator. Nobody may be connected with it."""
    with services.database(postgres_url, "demonstration") as url:
        begun = Place(tmp_path_factory.mktemp("demonstration"), url).manage(*START, mode="demo")
        assert begun.code == 0, begun.text
        yield url


@pytest.fixture
def begun(demonstration: str, postgres_url: str, tmp_path: Path) -> Iterator[Place]:
    """A copy of that demonstration; its keys are those of every place."""
    with services.database(postgres_url, "begun", template=demonstration) as url:
        yield Place(tmp_path, url)


class Browser:
    """A browser behind the proxy: speaks to the port, says HTTPS, keeps cookies."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}

    def ask(self, path: str, **filled: str) -> tuple[int, str, str]:
        """Status, Location and page; a POST when fields are filled in."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        here = f"https://127.0.0.1:{self.port}"
        headers = {
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "127.0.0.1",
            "Referer": f"{here}{path}",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            connection.request("POST" if filled else "GET", path, urlencode(filled) or None, headers)
            answer = connection.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie") or ():
                assert "Secure" in cookie or "Max-Age=0" in cookie
                name, _equals, value = cookie.split(";")[0].partition("=")
                self.cookies[name] = value
            return answer.status, answer.headers.get("Location", ""), answer.read().decode()
        finally:
            connection.close()

    def wait(self, path: str) -> tuple[int, str, str]:
        """The answer of a web process that is only starting."""
        return serving.patiently(partial(self.ask, path))


def csrf(page: str) -> str:
    """The form's token."""
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.mark.shows("STA-01")
def test_an_empty_postgresql_gets_an_administrator_by_a_link_that_works_once(place: Place) -> None:
    started = place.manage(*START)
    assert started.code == 0, started.text
    assert "This database is for production, now and for good." in started.text
    link = re.search(rf"https://127\.0\.0\.1:{place.port}(/welcome/\S+)", started.text)
    assert link is not None
    again = place.manage("start", "--email", "eve@example.org", "--name", "Eve", "--no-input")
    assert again.code == 1
    assert "Ann Example <ann@example.org>" in again.text
    assert "Traceback" not in again.text
    browser = Browser(place.port)
    with place.serving():
        status, _where, page = browser.wait(link[1])
        assert (status, "Production" in page) == (200, True)
        filled = {"csrfmiddlewaretoken": csrf(page), "password": PASSWORD, "again": PASSWORD}
        status, where, _page = browser.ask(link[1], **filled)
        assert (status, where) == (302, "/")
        status, _where, page = browser.ask("/")
        assert status == 200
        assert "Ann Example" in page
        assert "/installation/protocols/" in page
        assert Browser(place.port).ask(link[1])[0] == 410
        status, _where, page = browser.ask("/installation/protocols/")
        assert "colon-moertel" in page
    assert place.manage("verify_audit").code == 0


@pytest.mark.shows("STA-02")
def test_no_process_of_another_purpose_begins(place: Place) -> None:
    assert place.manage(*START).code == 0
    for command in (("check",), ("demo", "--no-serve"), ("work", "--once"), ("migrate",)):
        refused = place.manage(*command, mode="demo")
        assert refused.code == 1, command
        assert "EQUIPOISE_MODE=production" in refused.text
        assert "Traceback" not in refused.text
    assert place.look("SELECT purpose FROM trial_installation") == [("production",)]
    assert place.look("SELECT count(*) FROM trial_trial") == [(0,)]
    for command in (PROCESSES["web"].command, (*CELERY, "worker", "--pool", "solo")):
        process = place.popen(*command, mode="training")
        said, _nothing = process.communicate(timeout=PATIENCE)
        assert process.returncode != 0, said
        assert "This database is for production" in said
    # The demonstration's commands refuse in production by their own sentence.
    refused = place.manage("demo", "--no-serve")
    assert (refused.code, "EQUIPOISE_MODE=demo" in refused.text) == (1, True)


@pytest.mark.shows("STA-02")
def test_a_demonstration_never_becomes_production(begun: Place) -> None:
    assert begun.look("SELECT purpose FROM trial_installation") == [("demonstration",)]
    refused = begun.manage("start", "--email", "bob@example.org", "--name", "Bob", "--no-input")
    assert refused.code == 1
    assert "This database is for demonstration" in refused.text
    assert begun.look("SELECT count(*) FROM trial_person WHERE email = 'bob@example.org'") == [(0,)]


@pytest.mark.shows("CFG-01")
def test_training_is_as_strict_as_production(tmp_path: Path) -> None:
    place = Place(tmp_path, "postgres://nobody@127.0.0.1:1/none")
    assert place.manage("check", mode="training").code == 0
    refused = place.manage("check", mode="training", DATABASE_URL="")
    assert refused.code == 1
    assert "Training needs postgres" in refused.text
    assert "Traceback" not in refused.text


@pytest.mark.shows("NOT-01")
def test_a_worker_killed_in_the_middle_of_a_message_neither_loses_nor_doubles_it(begun: Place) -> None:
    with mail_server.running() as mail:
        told = _mail(mail)
        written = begun.popen("python", "-c", WRITE, mode="demo", **told)
        said, _nothing = written.communicate(timeout=PATIENCE)
        assert written.returncode == 0, said
        mail.gate.clear()
        first = begun.popen("python", "manage.py", "work", mode="demo", **told)
        assert mail.asked.wait(PATIENCE)
        first.kill()
        first.communicate()
        assert begun.look("SELECT state, sent_at FROM trial_notification") == [("running", None)]
        mail.gate.set()
        second = begun.manage("work", "--once", mode="demo", **told)
        assert second.code == 0, second.text
        assert begun.look("SELECT state, attempts FROM trial_notification") == [("done", 2)]
        assert [message["To"] for message in mail.messages] == ["ann@example.org"]
        assert "/welcome/" in mail.texts()[0]
        assert begun.manage("work", "--once", mode="demo", **told).code == 0
    assert len(mail.messages) == 1


@pytest.mark.shows("NOT-01")
def test_a_message_whose_wake_up_was_lost_is_sent_after_the_next_sweep(begun: Place, redis_url: str) -> None:
    with mail_server.running() as mail:
        told = _mail(mail)
        written = begun.popen("python", "-c", WRITE, mode="demo", **told)
        said, _nothing = written.communicate(timeout=PATIENCE)
        # The broker was away: the message waits all the same.
        assert written.returncode == 0, said
        assert begun.look("SELECT state, attempts FROM trial_notification") == [("queued", 0)]
        told["CELERY_BROKER_URL"] = redis_url
        worker = begun.popen(*CELERY, "worker", "--pool", "solo", mode="demo", **told)
        try:
            swept = begun.popen(*CELERY, "call", "outcomes.tasks.sweep", mode="demo", **told)
            said, _nothing = swept.communicate(timeout=PATIENCE)
            assert swept.returncode == 0, said
            deadline = time.monotonic() + PATIENCE
            while begun.look("SELECT state FROM trial_notification") != [("done",)]:
                assert time.monotonic() < deadline, "the message was not sent"
                time.sleep(0.2)
        finally:
            worker.terminate()
            worker.communicate(timeout=PATIENCE)
    assert len(mail.messages) == 1


def _mail(mail: MailServer) -> dict[str, str]:
    return {
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(mail.port),
        "EMAIL_SECURITY": "none",
        "EMAIL_FROM": "trial@example.org",
    }
