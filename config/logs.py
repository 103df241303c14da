"""Structured logs, one JSON object a line, without participant data."""

import logging
import sys
import traceback
from typing import Any

import structlog


def configure(_settings: dict[str, Any]) -> None:
    """Send every logger to one JSON line on standard error, warnings and above for libraries."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                name_exception,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    # Django's own request logger prints the path, and a path holds participant labels.
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    logging.getLogger("equipoise").setLevel(logging.INFO)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def name_exception(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Replace an exception by its class and the places it passed, never its text or local values."""
    info = event.pop("exc_info", None)
    if info:
        kind, _value, trace = info if isinstance(info, tuple) else sys.exc_info()
        event["exception"] = kind.__name__ if kind else ""
        event["places"] = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(trace)]
    return event
