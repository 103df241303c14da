"""Deployment: loopback ports, free or taken."""

import os
import socket

LOOPBACK = "127.0.0.1"


class PortInUse(RuntimeError):
    """Another program listens there; the text says what to do."""


def free() -> int:
    """A loopback port that nobody listened on a moment ago."""
    with socket.create_server((LOOPBACK, 0)) as probe:
        return int(probe.getsockname()[1])


def require_free(port: int, *, remedy: str) -> None:
    """Return when `port` is free on loopback.

    Raises PortInUse, its text ending in `remedy`.
    """
    try:
        socket.create_server((LOOPBACK, port)).close()
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise PortInUse(f"Port {port} on {LOOPBACK} cannot be opened ({reason}). {remedy}") from error
