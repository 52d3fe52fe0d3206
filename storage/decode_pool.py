"""A few child processes that decode pictures (decode_child.py), so that a hostile file costs a child and not the bot.

A child that uses up its memory or its CPU, or crashes, is replaced, and the file is refused. Children that stay idle are
kept; they end with whoever started them, because their input ends then.
"""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from storage.decode import PhotoError
from storage.settings import Limits

WALL = 6.0  # times the CPU seconds allowed (five at least: we convert, too) that a child may take on a busy machine before it is taken to hang
USES = 200  # pictures after which a child is replaced, so that what its libraries leak does not add up
LONGEST_HEADER = 65_536  # bytes of an answer's first line
ROOT = Path(__file__).resolve().parent.parent
PNG = b"\x89PNG\r\n\x1a\n"


def png_of(data: bytes, limits: Limits) -> tuple[bytes, tuple[int, int]]:
    """The picture in ``data`` as an RGB PNG, and its (width, height). Waits for a free child. Raises PhotoError."""
    if not data or len(data) > limits.megabytes * 1e6:
        _refuse(data, limits)
    return _pool(limits).png_of(data, limits)


@dataclass(slots=True)
class _Pool:
    """``free`` holds children that are idle, the one used last on top, None for one that is yet to be started."""

    megabytes: int
    free: "queue.LifoQueue[_Child | None]" = field(default_factory=queue.LifoQueue)

    def png_of(self, data: bytes, limits: Limits) -> tuple[bytes, tuple[int, int]]:
        child = self.free.get()
        try:
            if child is None or child.used >= USES:
                if child is not None:
                    child.kill()
                child = _Child.start(self.megabytes)
            answer = child.ask(data, limits)
            if answer is None:
                child = None
                raise PhotoError(
                    "这张图片解不开（太复杂或已损坏），请截个图，或另存为普通 JPG 再发。", "the decoder gave up or died"
                )
        finally:
            self.free.put(child)
        head, png = answer
        if "sentence" in head:
            raise PhotoError(str(head["sentence"]), str(head["log"]))
        width, height = map(int, head["size"])
        return png, (width, height)


@dataclass(slots=True)
class _Child:
    """One process. What it answers is not trusted: it has run a stranger's bytes through C code."""

    process: "subprocess.Popen[bytes]"
    used: int = 0

    @classmethod
    def start(cls, megabytes: int) -> "_Child":
        env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("HEYING_")  # no secrets where strangers' bytes are handled
        }
        # one thread each: threads reserve address space, and the pool is what works in parallel
        env |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
        command = [sys.executable, "-m", "storage.decode_child", str(megabytes)]
        pipe = subprocess.PIPE
        return cls(
            subprocess.Popen(
                command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=env, start_new_session=True
            )
        )

    def ask(self, data: bytes, limits: Limits) -> "tuple[dict[str, Any], bytes] | None":
        """The child's answer; None when it died or was not done in time, and then it is gone."""
        self.used += 1
        header = {**limits.model_dump(), "bytes": len(data)}
        late = threading.Timer(max(limits.decode_seconds, 5.0) * WALL, self.process.kill)
        late.daemon = True
        late.start()
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps(header).encode() + b"\n" + data)
            self.process.stdin.flush()
            head = json.loads(self.process.stdout.readline(LONGEST_HEADER))
            png = self.process.stdout.read(int(head["bytes"]))
            if "sentence" in head or (png.startswith(PNG) and len(png) == head["bytes"] and len(head["size"]) == 2):
                return head, png
        except (OSError, ValueError, KeyError, TypeError):
            pass
        finally:
            late.cancel()
        self.kill()
        return None

    def kill(self) -> None:
        self.process.kill()
        with contextlib.suppress(OSError):
            self.process.communicate()


_POOLS: dict[tuple[int, int, int], _Pool] = {}
_LOCK = threading.Lock()


def _pool(limits: Limits) -> _Pool:
    """The pool of this process (a forked one must not talk to its parent's children)."""
    key = (os.getpid(), limits.decoders, limits.decode_megabytes)
    with _LOCK:
        if key not in _POOLS:
            pool = _POOLS[key] = _Pool(limits.decode_megabytes)
            for _ in range(limits.decoders):
                pool.free.put(None)
        return _POOLS[key]


def _refuse(data: bytes, limits: Limits) -> None:
    if not data:
        raise PhotoError("收到的图片是空的（0 字节），请重新发一次。", "0 bytes")
    raise PhotoError(
        f"图片文件太大了（超过 {limits.megabytes:g} MB），请压缩一下再发。", f"{len(data)} bytes is too many"
    )
