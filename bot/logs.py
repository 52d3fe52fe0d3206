"""The log: one line an event, on the error output.

Tracebacks are plain. structlog's own show the values of all variables, and those may be people's sentences, pictures or
a token.
"""

import contextlib
import logging
import sys
from typing import TextIO, cast

import structlog


class _ErrorOutput:
    """Where lines go. When that is a file on a full disk the log has a gap; nobody's message is lost over it."""

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.flush()


def configure(level: int = logging.INFO) -> None:
    """Log from this level on; what somebody else has set up stays."""
    if structlog.is_configured():
        return
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.StackInfoRenderer(),
            structlog.dev.set_exc_info,
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _ErrorOutput())),
    )
