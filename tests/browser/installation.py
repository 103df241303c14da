"""Tests: a production installation of one's own, from an empty PostgreSQL, with HTTPS spoken by its web process."""

import os
import re
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy import keeper, ports, services
from deploy.processes import PROCESSES
from deploy.stack import local
from tests.architecture.source import ROOT

SECONDS_TO_ANSWER = 60


@dataclass(frozen=True)
class Installation:
    """Where it answers, and the environment in which its commands run."""

    url: str
    environment: dict[str, str]

    def manage(self, *words: str) -> str:
        """Run a command of the product; what it printed. Fails when the command fails."""
        done = subprocess.run(
            local(("python", "manage.py", *words)),
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def one_time_link(self, printed: str) -> str:
        """The link among the printed lines."""
        found = re.search(rf"{re.escape(self.url)}/\S+", printed)
        assert found, printed
        return found[0]


@contextmanager
def empty(server: str, folder: Path) -> Iterator[Installation]:
    """An installation whose database has no table yet; its web process is not started."""
    port = ports.free()
    with ExitStack() as closing:
        certificate, key = _certificate(folder)
        clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
        yield Installation(
            f"https://127.0.0.1:{port}",
            {
                **clean,
                "EQUIPOISE_MODE": "production",
                "EQUIPOISE_VAR": str(folder),
                "SECRET_KEY": "a key of these tests only, long enough to be one",
                "SEAL_KEY": Fernet.generate_key().decode(),
                "ALLOWED_HOSTS": "127.0.0.1",
                "PUBLIC_URL": f"https://127.0.0.1:{port}",
                "DATABASE_URL": closing.enter_context(services.database(server, "first_day")),
                "CELERY_BROKER_URL": closing.enter_context(services.redis()),
                "GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{port} --certfile {certificate} --keyfile {key}",
            },
        )


@contextmanager
def serving(installation: Installation) -> Iterator[None]:
    """The web process of the installation, once it answers."""
    plan = keeper.Plan(command=local(PROCESSES["web"].command), working_folder=str(ROOT), seconds_to_stop=10)
    web = keeper.start(plan, environment=installation.environment, output=subprocess.DEVNULL)
    try:
        _wait(f"{installation.url}/account/sign-in/")
        yield
    finally:
        web.stop()


def _wait(url: str) -> None:
    # Our own certificate, made a moment ago: nobody has signed it.
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    deadline = time.monotonic() + SECONDS_TO_ANSWER
    while True:
        try:
            urllib.request.urlopen(url, timeout=5, context=trusting).close()
            return
        except (urllib.error.URLError, ConnectionError):
            assert time.monotonic() < deadline, "the web process did not answer"
            time.sleep(0.2)


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    places = folder / "certificate.pem", folder / "certificate.key"
    places[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    places[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return places
