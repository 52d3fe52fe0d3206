"""The peak of memory since a moment: the GPU's, or that of this process."""

from pathlib import Path

import torch

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class Peak:
    """Begins when made. On the CPU it is the whole process, its libraries and the model included (Linux only: elsewhere
    nothing is known)."""

    def __init__(self, device: torch.device | None) -> None:
        self._cuda = device if device is not None and device.type == "cuda" else None
        if self._cuda is not None:
            torch.cuda.reset_peak_memory_stats(self._cuda)
        elif CLEAR.exists():
            CLEAR.write_text("5")  # sets the high-water mark back to what is used now (proc(5))

    @property
    def mib(self) -> float:
        """MiB; nan where it cannot be known."""
        if self._cuda is not None:
            return float(torch.cuda.max_memory_allocated(self._cuda)) / 2**20
        if not STATUS.exists():
            return float("nan")
        high = next(line for line in STATUS.read_text("ascii", "replace").splitlines() if line.startswith("VmHWM"))
        return int(high.split()[1]) / 1024
