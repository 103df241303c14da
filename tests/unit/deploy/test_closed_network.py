"""Tests reach this machine and nothing else."""

import socket
import urllib.request

import pytest

from tests.conftest import NetworkClosed


def test_a_connection_to_the_outside_is_refused() -> None:
    with pytest.raises(NetworkClosed, match=r"192\.0\.2\.1"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


def test_a_look_up_of_a_name_outside_is_refused() -> None:
    with pytest.raises(NetworkClosed, match="example"):
        urllib.request.urlopen("http://www.example.org/", timeout=1)


def test_loopback_stays_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()
