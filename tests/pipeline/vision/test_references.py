"""What the photos of a concept show, and what is wrong with them."""

import cv2
import numpy as np
import pytest

from pipeline.engine import finish
from pipeline.vision.detection import Pixels
from pipeline.vision.looking import Vision
from pipeline.vision.references import Fault, Finding, gather


def masked(vision: Vision, photo: Pixels) -> Pixels:
    """Her with a surgical mask: the mesh's lower face, over the tip of the nose."""
    ((_, mesh),) = vision.faces(photo)
    outline = (
        93,
        132,
        58,
        172,
        136,
        150,
        149,
        176,
        148,
        152,
        377,
        400,
        378,
        379,
        365,
        397,
        288,
        361,
        323,
        280,
        195,
        50,
    )
    out = photo.copy()
    cv2.fillPoly(out, [mesh.points[list(outline), :2].astype(np.int32)], (225, 232, 238))
    return out


@pytest.fixture(scope="module")
def shown(vision: Vision, astronaut: Pixels, coffee: Pixels) -> list[Pixels]:
    small = np.full((700, 900, 3), 128, np.uint8)
    small[300:450, 400:550] = cv2.resize(astronaut, (150, 150), interpolation=cv2.INTER_AREA)
    return [
        astronaut,
        (np.fliplr(astronaut) * 0.8).astype(np.uint8),
        coffee,
        np.asarray(cv2.GaussianBlur(astronaut, (0, 0), 3.2), np.uint8),
        small,
        np.ascontiguousarray(astronaut[:, 225:]),
        masked(vision, astronaut),
    ]


def test_every_photo_that_does_not_fit_is_told_by_its_number(vision: Vision, shown: list[Pixels]) -> None:
    found = finish(gather(vision, shown, "person"))
    assert [one.index for one in found.references] == [0, 1]
    assert found.findings == (
        Finding(3, Fault.NO_FACE),
        Finding(4, Fault.BLURRED),
        Finding(5, Fault.TOO_SMALL),
        Finding(6, Fault.CUT_OFF),
        Finding(7, Fault.COVERED),
    )
    assert found.findings[0].sentence == "第 3 张没有看到脸，请换一张能看清脸的。"
    assert found.embedding is not None
    assert found.embedding.shape == (128,)


def test_a_reference_is_cut_out_and_measured(vision: Vision, astronaut: Pixels) -> None:
    (one,) = finish(gather(vision, [astronaut], "person")).references
    assert one.picture.shape[2] == 4
    assert one.picture[..., 3].max() == 255
    assert one.picture[:20, :20, 3].mean() < 30
    assert one.face is not None
    assert 80 < one.width < 130
    assert one.sharpness > 0.06
    assert one.light is not None
    assert 40 < one.light.level < 95
    assert one.instance.matte is not None


def test_nobody_is_shared(vision: Vision, coffee: Pixels) -> None:
    found = finish(gather(vision, [coffee, coffee], "person"))
    assert found.references == ()
    assert [one.fault for one in found.findings] == [Fault.NO_FACE, Fault.NO_FACE]
    assert found.embedding is None


def test_pets_and_objects_by_standing_out(vision: Vision, coffee: Pixels, chelsea: Pixels) -> None:
    grey = np.full((300, 400, 3), 128, np.uint8)
    found = finish(gather(vision, [coffee, grey], "object"))
    assert [one.index for one in found.references] == [0]
    assert found.findings == (Finding(2, Fault.NOTHING),)
    assert found.references[0].face is None
    cat = finish(gather(vision, [chelsea], "pet")).references[0]
    assert cat.instance.mask[150, 225] > 0.5
