"""What was sealed opens with its own key only."""

import pytest

from randomization.sealing import SealBroken, seal, unseal

KEY = "A" * 43 + "="
OTHER_KEY = "B" * 42 + "A="


def test_what_was_sealed_opens_with_the_same_key_only() -> None:
    sealed = seal("secret order", key=KEY)
    assert b"secret" not in sealed
    assert unseal(sealed, key=KEY) == "secret order"
    with pytest.raises(SealBroken, match="is not the key"):
        unseal(sealed, key=OTHER_KEY)


def test_an_unusable_key_is_named() -> None:
    with pytest.raises(SealBroken, match="not a usable key"):
        seal("text", key="short")
