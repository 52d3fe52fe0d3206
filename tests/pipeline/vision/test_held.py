"""What is held belongs to who holds it; what is behind does not."""

import cv2
import numpy as np

from pipeline.engine import finish
from pipeline.vision.detection import Pixels
from pipeline.vision.held import on_edges, with_held
from pipeline.vision.looking import Vision

SIZE = 160, 200


def disc(x: int, y: int, radius: int) -> np.ndarray:
    return cv2.circle(np.zeros(SIZE, np.uint8), (x, y), radius, 1, -1).astype(np.float32)


def test_a_helmet_under_an_arm_is_hers_and_the_flag_behind_is_not(vision: Vision, astronaut: Pixels) -> None:
    (one,) = finish(vision.look(astronaut)).persons
    height, width = one.mask.shape

    def share(x0: float, y0: float, x1: float, y1: float) -> float:
        return float(one.mask[int(y0 * height) : int(y1 * height), int(x0 * width) : int(x1 * width)].mean())

    assert share(0.7, 0.75, 0.9, 0.98) > 0.95  # the visor and its white rim
    assert share(0.0, 0.3, 0.05, 0.7) < 0.05  # the flag
    assert share(0.75, 0.0, 0.95, 0.5) < 0.05  # the model of the shuttle


def test_what_the_figure_net_sees_beside_a_body_is_held_if_its_rim_is_an_edge() -> None:
    body, thing = disc(70, 80, 40), disc(125, 80, 22)
    ground = np.full((*SIZE, 3), 90, np.uint8)
    ground[body > 0] = (200, 80, 60)
    plain, shown = ground.copy(), ground.copy()
    shown[(thing > 0) & (body == 0)] = (250, 250, 250)
    front = np.maximum(body, thing)
    assert with_held(shown, [body], front)[0][80, 135] == 1
    assert with_held(plain, [body], front)[0][80, 135] == 0


def test_a_thing_goes_to_whom_it_touches_most() -> None:
    one, other, thing = disc(50, 80, 35), disc(160, 80, 30), disc(105, 80, 24)
    picture = np.full((*SIZE, 3), 90, np.uint8)
    picture[thing > 0] = 255
    first, second = with_held(picture, [one, other], np.maximum.reduce([one, other, thing]))
    assert first[80, 105] == 1
    assert second[80, 105] == 0


def test_where_the_nets_are_unsure_a_mask_ends_at_the_edge() -> None:
    body, mask = disc(100, 80, 40), disc(104, 80, 55)
    picture = np.full((*SIZE, 3), 90, np.uint8)
    picture[body > 0] = (200, 80, 60)
    nets = cv2.GaussianBlur(disc(100, 80, 46), (0, 0), 8)
    (found,) = on_edges(picture, [mask], nets)
    assert float(np.abs(found - body).mean()) < 0.02
    assert float(np.abs(mask - body).mean()) > 0.1


def test_a_mask_goes_on_to_the_border_of_the_photo() -> None:
    body = disc(100, 159, 60)
    picture = np.full((*SIZE, 3), 90, np.uint8)
    picture[body > 0] = (200, 80, 60)
    (found,) = on_edges(picture, [body], cv2.GaussianBlur(body, (0, 0), 3))
    assert found[-1, 60:140].all()


def test_a_badge_on_a_body_is_no_hole() -> None:
    body, badge = disc(100, 80, 60), disc(100, 80, 12)
    picture = np.full((*SIZE, 3), 90, np.uint8)
    picture[body > 0] = (200, 80, 60)
    picture[badge > 0] = (60, 70, 160)
    nets = cv2.GaussianBlur(body, (0, 0), 3) - 0.3 * cv2.GaussianBlur(badge, (0, 0), 2)
    (found,) = on_edges(picture, [body], nets.astype(np.float32))
    assert found[badge > 0].all()


def test_a_thing_between_two_is_divided() -> None:
    """Two helmets side by side are one piece for the figure net: to each the nearer half."""
    picture = np.full((60, 160, 3), 200, np.uint8)
    picture[20:60, 10:150] = (200, 40, 20)
    picture[30:60, 50:110] = (20, 40, 200)
    left, right = np.zeros((2, 60, 160), np.float32)
    left[20:60, 10:50], right[20:60, 110:150] = 1, 1
    front = np.zeros((60, 160), np.float32)
    front[20:60, 10:50] = front[20:60, 110:150] = front[30:60, 50:110] = 1
    one, other = with_held(picture, [left, right], front)
    assert one[45, 52:78].min() == 1
    assert one[45, 82:].max() == 0
    assert other[45, 82:108].min() == 1
    assert other[45, :78].max() == 0
