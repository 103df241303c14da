"""Rules: the small words that every part of a protocol is written with."""

import re
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

LANGUAGES = ("en", "zh-hans")
DAYS_PER_MONTH = Decimal("30.4375")
LONGEST_TEXT = 4000

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,39}")
_KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_ENDPOINT = re.compile(r"[A-Z][A-Z0-9]{0,7}")


class Part(BaseModel):
    """Any part of a protocol: immutable once read, and with no key that the format does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Source(StrEnum):
    """Where a stated value comes from; what is stated without a source is an assumption."""

    REGISTRY = "registry"
    PUBLICATION = "publication"
    ASSUMPTION = "assumption"


def refuse(message: str, remedy: str, **context: str) -> PydanticCustomError:
    """A validation error that carries its remedy to the loader."""
    return PydanticCustomError("protocol", message, {"remedy": remedy, **context})


def _matching(pattern: re.Pattern[str], remedy: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise refuse("`{value}` cannot be used here", remedy, value=value)
        return value

    return AfterValidator(check)


def _check_text(value: dict[str, str]) -> dict[str, str]:
    for language, words in value.items():
        if language not in LANGUAGES:
            remedy = f"Write one of: {', '.join(LANGUAGES)}"
            raise refuse("`{language}` is not a language of this system", remedy, language=language)
        if not words.strip() or len(words) > LONGEST_TEXT:
            message = f"the text for `{{language}}` is empty or longer than {LONGEST_TEXT} characters"
            raise refuse(message, "Write the text, or leave the language out", language=language)
    if "en" not in value:
        raise refuse("the English text is missing", "Add `en: …`; other languages fall back to it")
    return value


def expression_alone(value: Any) -> Any:
    """The short form of a part whose only needed key is `value`: an expression that stands by itself."""
    return {"value": value} if isinstance(value, str) else value


def _check_expression(value: str) -> str:
    if not value.strip() or len(value) > LONGEST_TEXT:
        raise refuse("the expression is empty or too long", "Write a comparison such as `age > 17`")
    return value


Text = Annotated[dict[str, str], AfterValidator(_check_text)]
Expr = Annotated[str, AfterValidator(_check_expression)]
Name = Annotated[str, _matching(_NAME, "Use lower-case letters, digits and _, first a letter, at most 40")]
Code = Annotated[
    str, _matching(_CODE, "Use letters, digits and _ . + -, first a letter or digit, at most 40")
]
Key = Annotated[str, _matching(_KEY, "Use lower-case letters and digits in words joined by -")]
EndpointId = Annotated[str, _matching(_ENDPOINT, "Use capital letters and digits, first a letter, at most 8")]
Bounds = tuple[Decimal | None, Decimal | None]


def in_language(text: dict[str, str], language: str) -> str:
    """The words of `text` in `language`, in English where they were not translated."""
    return text.get(language) or text["en"]
