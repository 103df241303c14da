"""Secrets of tokens: long, different, recognizable, and not to be had back from what is stored."""

import base64
import hashlib

from exports.secrets import PREFIX, digest, make_secret


def test_a_secret_holds_256_random_bits_behind_its_prefix() -> None:
    secret = make_secret()
    assert secret.startswith(PREFIX)
    assert len(base64.urlsafe_b64decode(secret.removeprefix(PREFIX) + "=")) * 8 == 256


def test_no_two_secrets_are_alike() -> None:
    assert len({make_secret() for _time in range(1000)}) == 1000


def test_the_digest_is_sha256_and_says_nothing_of_the_secret() -> None:
    secret = make_secret()
    assert digest(secret) == hashlib.sha256(secret.encode()).hexdigest()
    assert secret.removeprefix(PREFIX) not in digest(secret)
