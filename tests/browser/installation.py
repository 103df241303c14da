"""Tests: a production installation of one's own, from an empty PostgreSQL, with HTTPS spoken by its web process."""

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy import ports, services
from tests.processes.serving import until_it_answers, web
from tests.processes.shell import checked, surroundings


@dataclass(frozen=True)
class Installation:
    """Where it answers, and the environment in which its commands run."""

    url: str
    environment: dict[str, str]

    def manage(self, *words: str) -> str:
        """Run a command of the product; what it printed. Fails when the command fails."""
        return checked(self.environment, "manage.py", *words)

    def one_time_link(self, printed: str) -> str:
        """The link among the printed lines."""
        found = re.search(rf"{re.escape(self.url)}/\S+", printed)
        assert found, printed
        return found[0]


@contextmanager
def empty(server: str, broker: str, folder: Path) -> Iterator[Installation]:
    """An installation whose database on `server` has no table yet; its web process is not started."""
    port = ports.free()
    certificate, key = _certificate(folder)
    with services.database(server, "first_day") as database:
        environment = surroundings(
            EQUIPOISE_MODE="production",
            EQUIPOISE_VAR=str(folder),
            SECRET_KEY="a key of these tests only, long enough to be one",
            SEAL_KEY=Fernet.generate_key().decode(),
            ALLOWED_HOSTS="127.0.0.1",
            PUBLIC_URL=f"https://127.0.0.1:{port}",
            DATABASE_URL=database,
            CELERY_BROKER_URL=broker,
            GUNICORN_CMD_ARGS=f"--bind 127.0.0.1:{port} --certfile {certificate} --keyfile {key}",
        )
        yield Installation(f"https://127.0.0.1:{port}", environment)


@contextmanager
def serving(installation: Installation) -> Iterator[None]:
    """The web process of the installation, once it answers."""
    # Our own certificate, made a moment ago: nobody has signed it.
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with web(installation.environment):
        until_it_answers(f"{installation.url}/account/sign-in/", trusting)
        yield


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
