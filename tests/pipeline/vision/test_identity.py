"""The same person in another light, size and quality; who is given which name."""

import cv2
import numpy as np
import pytest

from pipeline.vision.detection import Pixels
from pipeline.vision.identity import Same
from pipeline.vision.looking import Vision
from pipeline.vision.networks import Floats
from pipeline.vision.scene import Face, Instance, Scene


def embedding(vision: Vision, photo: Pixels) -> Floats:
    ((_, mesh),) = vision.faces(photo)
    found = vision.identity.embedding(photo, mesh)
    assert found is not None
    return found


def darker(photo: Pixels) -> Pixels:
    return (photo * 0.5).astype(np.uint8)


def smaller(photo: Pixels) -> Pixels:
    return np.asarray(cv2.resize(photo, (260, 260), interpolation=cv2.INTER_AREA), np.uint8)


def tilted(photo: Pixels) -> Pixels:
    matrix = cv2.getRotationMatrix2D((224, 120), 15, 1)
    return np.asarray(cv2.warpAffine(photo, matrix, (512, 512)), np.uint8)


def compressed(photo: Pixels) -> Pixels:
    _, data = cv2.imencode(".jpg", photo[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 20])
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])


@pytest.mark.parametrize("change", [darker, smaller, tilted, compressed, np.fliplr])
def test_changed_copies_are_the_same_person(vision: Vision, astronaut: Pixels, change: object) -> None:
    assert callable(change)
    changed = np.ascontiguousarray(change(astronaut))
    assert vision.identity.same(embedding(vision, astronaut), embedding(vision, changed)) is Same.SAME


def test_near_and_far(vision: Vision, astronaut: Pixels) -> None:
    one = embedding(vision, astronaut)
    assert one.shape == (128,)
    away = np.zeros(128, np.float32)
    away[0] = 1
    limits = vision.identity.thresholds
    assert vision.identity.same(one, one + away * (limits["same"] - 0.01)) is Same.SAME
    assert vision.identity.same(one, one + away * (limits["same"] + 0.01)) is Same.UNSURE
    assert vision.identity.same(one, one + away * (limits["unsure"] + 0.01)) is Same.DIFFERENT


def scene(*embeddings: Floats) -> Scene:
    mask = np.zeros((4, 4), np.float32)
    points = np.zeros((6, 2), np.float32)
    box = (0.0, 0.0, 1.0, 1.0)
    return Scene((4, 4), tuple(Instance("person", box, mask, 1.0, face=Face(box, 1.0, points, e)) for e in embeddings))


def axis(number: int, length: float = 1.0) -> Floats:
    out = np.zeros(128, np.float32)
    out[number] = length
    return out


def test_names_are_given_once_and_only_when_sure(vision: Vision) -> None:
    known = {"小明": axis(0), "小红": axis(1)}
    near, nearer, stranger = axis(0) + axis(5, 0.4), axis(0) + axis(6, 0.2), axis(9)
    named = vision.identity.recognise(scene(near, nearer, axis(1), stranger), known)
    assert [one.identity for one in named.persons] == [None, "小明", "小红", None]


def test_somebody_between_two_names_gets_none(vision: Vision) -> None:
    between = axis(3, 0.22)
    known = {"姐姐": axis(3, 0.42), "妹妹": axis(3, 0.0)}
    assert vision.identity.recognise(scene(between), known).persons[0].identity is None
    assert vision.identity.recognise(scene(between), {"姐姐": axis(3, 0.42)}).persons[0].identity == "姐姐"
