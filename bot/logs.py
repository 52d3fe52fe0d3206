"""The log: one line an event, on the error output, ours and that of the libraries.

What browsers and servers send may end up in a line, but makes none: control characters are written as escapes, and the
lines of a traceback begin with a bar.

Tracebacks are plain. structlog's own show the values of all variables, and those may be people's sentences, pictures or
a token.
"""

import contextlib
import logging
import re
import sys
import time
import traceback
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict, ExcInfo


class _ErrorOutput:
    """Where lines go. When that is a file on a full disk the log has a gap; nobody's message is lost over it."""

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.flush()


LONGEST = 2000  # characters of one value
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def on_one_line(text: str) -> str:
    """Control characters, line separators and what turns the direction of writing as escapes; cut when too long."""
    line = _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text[: LONGEST + 1])
    return line if len(text) <= LONGEST else f"{line[:LONGEST]}…"


def _escaped(logger: object, name: str, event: EventDict) -> EventDict:
    return {key: on_one_line(value) if isinstance(value, str) else value for key, value in event.items()}


def _traceback(out: TextIO, line: ExcInfo) -> None:
    """A plain traceback that cannot pass for lines of the log."""
    out.write("\n" + _barred("".join(traceback.format_exception(*line))))


def _barred(text: str) -> str:
    return "\n".join(f"  | {on_one_line(line)}" for line in text.rstrip("\n").splitlines())


class _Line(logging.Formatter):
    """Lines of the libraries, as ours look."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and a barred traceback."""
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.created))
        line = f"{when} [{record.levelname.lower():<9}] {record.name}: {on_one_line(record.getMessage())}"
        if record.exc_info and record.exc_info[0] is not None:
            line += "\n" + _barred(self.formatException(record.exc_info))
        return line


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
            _escaped,
            structlog.dev.ConsoleRenderer(exception_formatter=_traceback),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _ErrorOutput())),
    )
    if not logging.root.handlers:
        handler = logging.StreamHandler(cast(TextIO, _ErrorOutput()))
        handler.setFormatter(_Line())
        logging.root.addHandler(handler)
