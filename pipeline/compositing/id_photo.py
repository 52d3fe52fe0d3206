"""Photos for documents, from any photo in which the person looks ahead."""

import time

from pipeline.compositing import hues, who
from pipeline.compositing.cutout import firm
from pipeline.compositing.view import View
from pipeline.engine import Edited, OrderError, Progress, Work
from pipeline.imaging.id_photo import GROUNDS, SIZES, NoRoom
from pipeline.imaging.id_photo import id_photo as made

TURNED = 25.0  # degrees from which a face does not look ahead
SMALLEST = 60  # pixels of a face's height
SIDES = {"left": "左边", "right": "右边", "bottom": "下边"}
SPOKEN = {"一寸": "one_inch", "二寸": "two_inch", "两寸": "two_inch", "小二寸": "small_two_inch",
          "passport": "large_one_inch", "护照": "large_one_inch", "visa": "visa", "签证": "visa"}  # fmt: skip


def id_photo(view: View) -> Work[Edited]:
    """`id_photo`: the person's head and shoulders on one colour, at the size that is asked for (one inch by default)."""
    started = time.perf_counter()
    step = view.order.step
    content = step.content or "one_inch"
    known = [size for words, size in sorted(SPOKEN.items(), key=lambda pair: -len(pair[0])) if words in content]
    name = content if content in SIZES else (known[0] if known else "one_inch")
    people = [index for index in view.persons() if view.scene.instances[index].face is not None]
    if not people:
        raise OrderError("证件照要有一张正脸。这张照片里没看到脸，换一张试试。", "no face")
    index = people[0] if len(people) == 1 else who.meant(view.order, view.scene, view.small).indices[0]
    one = view.scene.instances[index]
    if one.face is None:
        raise OrderError("证件照要看得清正脸。换一张正对镜头的照片试试。", "no face")
    if abs(one.face.yaw) > TURNED:
        raise OrderError("证件照要正对镜头，这张脸偏得太多了。换一张正面的照片试试。", f"yaw {one.face.yaw:.0f}")
    if (one.face.box[3] - one.face.box[1]) * view.size[0] < SMALLEST:
        raise OrderError("脸太小了，裁出来会糊。换一张离得近一些的照片试试。", "small face")
    yield Progress(4, 10, "正在做证件照")
    color = step.color or "blue"
    ground = GROUNDS.get(color, hues.COLORS[color])
    right, left = one.face.points[0], one.face.points[1]
    eyes = (float(right[0]), float(right[1])), (float(left[0]), float(left[1]))
    try:
        result = made(view.photo, firm(view.matte(index)), one.face.box, SIZES[name], ground, eyes)
    except NoRoom as cut:
        sides = "、".join(SIDES[side] for side in cut.sides)
        raise OrderError(f"肩膀在照片{sides}被裁掉了，证件照会缺一块。换一张肩膀拍全的照片试试。", str(cut)) from cut
    facts = {"method": "compositing", "size": name, "pixels": list(result.shape[1::-1]),
             "seconds": round(time.perf_counter() - started, 2)}  # fmt: skip
    return Edited(result, None, facts)
