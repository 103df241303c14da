"""The roof's translation of every expected failure of a command into one text that says what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import OperationalError

from config.demonstration import Stopped
from crf.actions.imports import ImportRefused
from crf.source_rows import MappingError
from deploy import ports
from randomization.sealing import SealBroken
from trial.protocol.loader import ProtocolError
from trial.refusals import Refusal

SHOWN_PROBLEMS = 20


@contextmanager
def in_words(failure: type[Exception]) -> Iterator[None]:
    """Raise `failure` with a text for a person in place of every error that a command expects."""
    try:
        yield
    except ImportRefused as error:
        rows = [
            f"  line {p.line}: participant {p.participant}, visit {p.visit}, form {p.form}, item {p.item}, "
            f"rule {p.rule}, value {p.value!r}: {p.message}"
            for p in error.problems[:SHOWN_PROBLEMS]
        ]
        more = len(error.problems) - SHOWN_PROBLEMS
        raise failure(
            "\n".join([str(error), *rows, *([f"  … and {more} more"] if more > 0 else [])])
        ) from error
    except (Stopped, ports.PortInUse, ProtocolError, MappingError, Refusal, SealBroken) as error:
        raise failure(str(error)) from error
    except OperationalError as error:
        raise failure(
            f"The database cannot be used: {error}. Make {settings.VAR} writable, or set DATABASE_URL."
        ) from error
