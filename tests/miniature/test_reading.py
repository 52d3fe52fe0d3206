"""What the reader is taught: true answers, also of pictures that were mirrored or moved."""

import numpy as np
import pytest

from miniature.reading import SIDE, answers, build, mirrored, moved
from miniature.sampling import sample


@pytest.mark.parametrize("seed", range(12))
def test_answers_are_the_scene(seed: int) -> None:
    """Each thing at its place with its kind and box, and nothing elsewhere."""
    reader, scene = build(), sample([71, seed])
    truth = answers(scene, reader)
    assert truth["there"].sum() == len(scene.things)
    for thing in scene.things:
        place = reader.places.index(thing.position)
        assert reader.things["kind"][truth["kind"][place]] == thing.kind
        assert reader.things["color"][truth["color"][place]] == thing.color
        assert tuple(truth["box"][place]) == pytest.approx(thing.box())
    assert (truth["kind"] == -100).sum() == len(reader.places) - len(scene.things)
    assert reader.whole["setting"][truth["setting"]] == scene.setting


def test_mirrored_twice_is_the_same() -> None:
    """And once, what stood on the left stands on the right."""
    reader = build()
    truth = answers(sample([72, 1], count=2), reader)
    once = mirrored(truth, reader)
    twice = mirrored(once, reader)
    assert all(np.allclose(truth[name], twice[name]) for name in truth if name != "box")
    stands = truth["there"] > 0
    assert np.allclose(truth["box"][stands], twice["box"][stands])
    assert (once["there"] == truth["there"][::-1]).all()


@pytest.mark.parametrize("seed", range(6))
def test_boxes_move_with_the_picture(seed: int) -> None:
    """A bright rectangle stays in its box."""
    reader, rng = build(), np.random.default_rng(seed)
    scene = sample([73, seed], count=1, near=False)
    truth = answers(scene, reader)
    place = int(truth["there"].argmax())
    x0, y0, x1, y1 = (round(v * SIDE) for v in truth["box"][place])
    picture = np.zeros((SIDE, SIDE, 3), np.uint8)
    picture[y0:y1, x0:x1] = 255
    out, changed = moved(picture, truth, rng)
    ys, xs = np.nonzero(out[..., 0] > 127)
    found = np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]) / SIDE
    assert np.allclose(found, changed["box"][place], atol=0.025)
