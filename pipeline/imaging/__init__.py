"""Pixels only: functions from arrays to arrays, without models and without words.

Photos are uint8 (H, W, 3) RGB of any size. Masks and mattes are float32 in [0, 1]; one of another size than its photo's
is brought to it. Boxes and points are shares (0…1) of width and height, so they hold at every size. Every function leaves
its arguments as they were and gives the same result for the same arguments.
"""

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]  # (H, W, 3) RGB
Floats = NDArray[np.float32]
Box = tuple[float, float, float, float]  # x0, y0, x1, y1 as shares of width and height
Color = tuple[int, int, int]  # RGB, 0…255
