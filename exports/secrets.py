"""Rules room of floor 4: secrets of API tokens, and what a token may be made for."""

import hashlib
import secrets
from enum import StrEnum

# Scanners of leaked secrets find our tokens by this.
PREFIX = "eqp_"
BYTES = 32
DEFAULT_DAYS = 90
LONGEST_DAYS = 365


class Scope(StrEnum):
    """What a token may read. `read:arm` adds the arm to data and opens results by arm."""

    READ_DATA = "read:data"
    READ_METADATA = "read:metadata"
    READ_ARM = "read:arm"


def make_secret() -> str:
    """A new secret: the prefix and 256 random bits."""
    return PREFIX + secrets.token_urlsafe(BYTES)


def digest(secret: str) -> str:
    """What is stored of a secret: its SHA-256. It needs no salt, being drawn from 2^256."""
    return hashlib.sha256(secret.encode()).hexdigest()
