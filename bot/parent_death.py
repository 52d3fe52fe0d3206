"""Start a program that does not outlive us: ``python -I -S parent_death.py PARENT PROGRAM ARGUMENTS…``.

Asks the kernel for SIGKILL at the parent's death (PR_SET_PDEATHSIG, prctl(2)) and becomes the program; the request
survives that. So it holds from before the program's first import on, and also while the program hangs in C code. Where
there is no such call (macOS, Windows), programs look for themselves whether HEYING_KEEPER is still their parent.
"""

import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Never returns."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it was gone before we asked
            sys.exit(0)
    os.execv(program[0], program)


if __name__ == "__main__":
    main()
