"""What is kept of a concept survives as bytes, and damaged bytes are an error with a sentence."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.compositing.memory import Memory, packed, unpacked
from pipeline.engine import Artefact, EngineError
from tests.pipeline.compositing.scenes import bust


def test_a_memory_survives() -> None:
    figure = replace(
        bust(), embedding=np.arange(128, dtype=np.float32), points=np.ones((6, 2), np.float32), photo=2, visible=0.9,
        origin=(3.0, 4.0, 500.0, 400.0), backdrop=np.ones((24, 24, 4), np.float32), frame=(2.0, 97.0),
    )  # fmt: skip
    told = unpacked(packed(Memory("person", (figure,), np.full(128, 0.5, np.float32))))
    assert told.kind == "person"
    assert told.embedding is not None
    assert (told.embedding == 0.5).all()
    back = told.figures[0]
    assert back.alpha.shape == figure.alpha.shape
    assert np.abs(back.alpha - figure.alpha).max() <= 1 / 255
    assert np.abs(back.rgb.astype(int) - figure.rgb).mean() < 3
    for name in ("head", "posture", "cut", "visible", "photo", "origin", "frame"):
        assert getattr(back, name) == getattr(figure, name), name


def test_a_style_survives() -> None:
    told = unpacked(packed(Memory("style", style=np.arange(100, dtype=np.float32))))
    assert told.style is not None
    assert told.style[99] == 99


@pytest.mark.parametrize("data", [b"", b"not an archive", b"PK\x03\x04cut"])
def test_damaged_bytes(data: bytes) -> None:
    with pytest.raises(EngineError) as said:
        unpacked(Artefact("compositing", "compositing/1", data))
    assert "再" in said.value.sentence or "重新" in said.value.sentence


def test_another_format() -> None:
    with pytest.raises(EngineError, match="format"):
        unpacked(Artefact("compositing", "compositing/0", packed(Memory("person")).data))
