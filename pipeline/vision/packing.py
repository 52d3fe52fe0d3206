"""A Scene as plain arrays and back, for the cache of a conversation."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.vision.scene import Face, Floats, Instance, Scene

VERSION = 1  # of this layout and of what is seen: scenes packed by another one are not read


def pack(scene: Scene) -> dict[str, NDArray[Any]]:
    """Arrays from which `unpack` makes the scene again: masks to 1/255, everything else exactly."""
    arrays: dict[str, NDArray[Any]] = {}
    facts = []
    for index, one in enumerate(scene.instances):
        for name, plane in (("mask", one.mask), ("matte", one.matte)):
            if plane is not None:
                part, place = _cropped(plane)
                arrays[f"{index}.{name}"] = part
                arrays[f"{index}.{name}.place"] = place
        if one.keypoints is not None:
            arrays[f"{index}.keypoints"] = one.keypoints
        fact: dict[str, Any] = {
            name: getattr(one, name)
            for name in ("label", "box", "score", "posture", "visible", "hidden_by", "rank", "identity")
        }
        if one.face is not None:
            arrays[f"{index}.points"] = one.face.points
            if one.face.embedding is not None:
                arrays[f"{index}.embedding"] = one.face.embedding
            fact["face"] = {name: getattr(one.face, name) for name in ("box", "score", "yaw", "pitch", "roll")}
        facts.append(fact)
    header = {"version": VERSION, "size": scene.size, "instances": facts}
    arrays["facts"] = np.frombuffer(json.dumps(header, default=float).encode(), np.uint8).copy()
    return arrays


def unpack(arrays: dict[str, NDArray[Any]] | None) -> Scene | None:
    """The scene, or None where there is none or one of another version."""
    if arrays is None or "facts" not in arrays:
        return None
    header = json.loads(arrays["facts"].tobytes())
    if header["version"] != VERSION:
        return None
    instances = []
    for index, fact in enumerate(header["instances"]):
        face = fact.pop("face", None)
        mask = _whole(arrays, f"{index}.mask")
        assert mask is not None  # every instance has one
        fact["box"] = tuple(fact["box"])
        if face is not None:
            face = Face(
                tuple(face.pop("box")),
                points=arrays[f"{index}.points"],
                embedding=arrays.get(f"{index}.embedding"),
                **face,
            )
        instances.append(
            Instance(
                mask=mask,
                matte=_whole(arrays, f"{index}.matte"),
                face=face,
                keypoints=arrays.get(f"{index}.keypoints"),
                **fact,
            )
        )
    height, width = header["size"]
    return Scene((height, width), tuple(instances))


def _cropped(plane: Floats) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """What of a plane is not 0, in 255ths, and its place: top, left, and the plane's height and width."""
    levels = np.rint(plane * 255).astype(np.uint8)
    rows, columns = np.flatnonzero(levels.any(1)), np.flatnonzero(levels.any(0))
    if not len(rows):
        return np.zeros((0, 0), np.uint8), np.array([0, 0, *plane.shape], np.int32)
    part = levels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return part.copy(), np.array([rows[0], columns[0], *plane.shape], np.int32)


def _whole(arrays: dict[str, NDArray[Any]], name: str) -> Floats | None:
    if name not in arrays:
        return None
    part = arrays[name]
    top, left, height, width = (int(v) for v in arrays[f"{name}.place"])
    plane = np.zeros((height, width), np.float32)
    plane[top : top + part.shape[0], left : left + part.shape[1]] = part.astype(np.float32) / 255
    return plane
