"""A port in use is refused before anything starts, with the remedy."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy import ports

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server((ports.LOOPBACK, 0)) as holder:
        yield holder.getsockname()[1]


def test_a_free_port_is_accepted() -> None:
    ports.require_free(ports.free(), remedy="Never said.")


def test_a_port_in_use_is_refused_with_the_remedy(taken: int) -> None:
    with pytest.raises(ports.PortInUse, match=f"Port {taken} on 127.0.0.1 .*in use.* Choose another."):
        ports.require_free(taken, remedy="Choose another.")


def test_the_stack_refuses_a_port_in_use_before_it_starts_anything(
    taken: int, outside_environment: dict[str, str]
) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "deploy.stack", "--port", str(taken)],
        cwd=ROOT,
        env=outside_environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == os.EX_UNAVAILABLE
    assert answer.stdout == ""
    assert answer.stderr.splitlines() == [
        f"Port {taken} on 127.0.0.1 cannot be opened (Address already in use). "
        "Stop the program that holds it, or choose another: make stack PORT=8001"
    ]
