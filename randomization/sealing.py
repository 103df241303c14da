"""Rules room of floor 2: sealing a text with the key of the installation."""

from cryptography.fernet import Fernet, InvalidToken


class SealBroken(RuntimeError):
    """The key is unusable or is not the one the text was sealed with."""


def seal(text: str, *, key: str) -> bytes:
    """Encrypt and authenticate a text (Fernet: AES-128-CBC with HMAC-SHA256). Raises SealBroken."""
    return _fernet(key).encrypt(text.encode())


def unseal(sealed: bytes, *, key: str) -> str:
    """The text that was sealed. Raises SealBroken for another key or a changed text."""
    try:
        return _fernet(key).decrypt(bytes(sealed)).decode()
    except InvalidToken as error:
        raise SealBroken(
            "SEAL_KEY is not the key this trial's randomization was sealed with. "
            "Set SEAL_KEY to the key that was in use when it was opened, and start again."
        ) from error


def _fernet(key: str) -> Fernet:
    try:
        return Fernet(key)
    except ValueError as error:
        raise SealBroken(
            "SEAL_KEY is not a usable key: it must be 32 bytes in URL-safe base64. Set the key and start again."
        ) from error
