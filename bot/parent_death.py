"""Start a program that does not outlive us, and goes before us when memory runs out:
``python -I -S parent_death.py PARENT PROGRAM ARGUMENTS…``.

Asks the kernel for SIGKILL at the parent's death (PR_SET_PDEATHSIG, prctl(2)) and becomes the program; the request
survives that. So it holds from before the program's first import on, and also while the program hangs in C code. Where
there is no such call (macOS, Windows), programs look for themselves whether HEYING_KEEPER is still their parent.

On a machine without memory left the kernel kills whom it thinks worst: with a raised score (oom_score_adj, proc(5)) that is
the program, whose job is put back, and not the bot, which everybody talks with.
"""

import contextlib
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
FIRST_TO_GO = "500"  # of 1000; what a user may raise without rights


def main() -> None:
    """Never returns."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it was gone before we asked
            sys.exit(0)
        with contextlib.suppress(OSError), Path("/proc/self/oom_score_adj").open("w") as score:
            score.write(FIRST_TO_GO)
    os.execv(program[0], program)


if __name__ == "__main__":
    main()
