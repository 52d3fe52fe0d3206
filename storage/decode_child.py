"""The process in which strangers' pictures are decoded: ``python -m storage.decode_child MEGABYTES``.

It reads requests from its input and answers on its output until the input ends, which it does when whoever started it
is gone. It has nothing to lose: no database, no settings, little memory, little time.
"""

import contextlib
import io
import json
import os
import signal
import sys
from typing import BinaryIO

from storage.decode import PhotoError, convert, read
from storage.settings import Limits

CONVERSION_SECONDS = 20  # of CPU, for our own work on the decoded pixels; it is bounded by their number


def main() -> None:
    """Answer requests until there are none."""
    _confine(int(sys.argv[1]) << 20)
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a decoder prints is no answer
    while header := requests.readline():
        limits = json.loads(header)
        head, body = answer(requests.read(limits.pop("bytes")), Limits(**limits))
        _write(answers, json.dumps({**head, "bytes": len(body)}).encode() + b"\n", body)


def answer(data: bytes, limits: Limits) -> tuple[dict[str, object], bytes]:
    """What is told of one picture, and its PNG (empty when it is none)."""
    try:
        _allow(limits.decode_seconds)
        image = read(data, limits)
        _allow(CONVERSION_SECONDS)
        plain = convert(image)
        png = io.BytesIO()
        plain.save(png, "PNG", compress_level=1)  # a phone photo in half a second instead of five
        _allow(0)
    except PhotoError as error:
        return {"sentence": error.sentence, "log": str(error)}, b""
    return {"size": plain.size}, png.getvalue()


def _confine(megabytes: int) -> None:
    """No more memory than that, no core file, and behind everybody else in the queue for the processor."""
    with contextlib.suppress(ImportError):  # Windows
        import resource

        os.nice(5)
        resource.setrlimit(resource.RLIMIT_AS, (megabytes, megabytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _allow(seconds: float) -> None:
    """So much CPU from now on; the kernel's signal ends the process when it is used up, also in the middle of C code."""
    if hasattr(signal, "setitimer"):  # not on Windows
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _write(answers: BinaryIO, *parts: bytes) -> None:
    for part in parts:
        answers.write(part)
    answers.flush()


if __name__ == "__main__":
    main()
