"""Who is in the photos: faces found, the same or another person, the odd photo among somebody's references."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path

from evaluation.photos_page import Figure
from evaluation.photos_seen import Photos, Remembering, look
from evaluation.photos_truth import Labels, Pair
from pipeline.compositing.engine import Compositing
from pipeline.engine import Floats, Pixels, finish
from pipeline.imaging.geometry import scaled
from pipeline.vision.identity import Same
from pipeline.vision.looking import Vision
from pipeline.vision.references import Fault, gather
from pipeline.vision.scene import WORKING

TAUGHT = 4  # photos that somebody is taught with, beside the odd one


def persons(engine: Compositing, photos: Photos, labels: Mapping[Path, Labels]) -> list[Figure]:
    """Visible faces found, and false ones, in the photos that somebody counted."""
    wanted = found = false = 0
    for path, photo in photos:
        if path not in labels:
            continue
        count = sum(one.face is not None for one in look(engine, photo).scene.persons)
        wanted += labels[path].faces
        found += min(count, labels[path].faces)
        false += max(0, count - labels[path].faces)
    share = found / max(1, wanted)
    return [
        Figure("persons with a visible face found", f"{share:.3f}", wanted, "≥ .95", share >= 0.95 if wanted else None),
        Figure(
            "false persons", str(false), found + false, "≤ 1 of 50", false <= max(1, wanted / 50) if wanted else None
        ),
    ]


def identities(engine: Compositing, photos: Photos, pairs: Sequence[Pair], limit: int) -> list[Figure]:
    """Same or another person, over pairs of photos that somebody told; and the odd photo among somebody's references."""
    pictures = dict(photos)
    parts = [pair for pair in pairs if pair.one in pictures and pair.other in pictures]
    shown = dict.fromkeys(path for pair in parts for path in (pair.one, pair.other))
    faces = {path: _face(engine.vision, pictures[path]) for path in shown}
    alike = [pair for pair in parts if pair.same]
    apart = [pair for pair in parts if not pair.same]
    same = [_verdict(engine.vision, faces[pair.one], faces[pair.other]) for pair in alike]
    other = [_verdict(engine.vision, faces[pair.one], faces[pair.other]) for pair in apart]
    right = same.count(Same.SAME) + len(other) - other.count(Same.SAME)
    share = right / max(1, len(parts))
    odd, asked = _odd_ones(engine, pictures, parts, limit)
    found = odd / max(1, asked)
    return [
        Figure("same or another person", f"{share:.3f}", len(parts), "≥ .95", share >= 0.95 if parts else None),
        Figure(
            "… of one person's pairs: same, unsure, taken for two",
            ", ".join(str(same.count(verdict)) for verdict in Same),
            len(alike),
        ),
        Figure(
            "… of two persons' pairs: taken for one, unsure, different",
            ", ".join(str(other.count(verdict)) for verdict in Same),
            len(apart),
        ),
        Figure("odd photo among the references found", f"{found:.3f}", asked, "≥ .9", found >= 0.9 if asked else None),
    ]


def _face(vision: Vision, photo: Pixels) -> Floats | None:
    """The embedding of the largest face that has one."""
    picture = scaled(photo, WORKING)
    seen = [(face.width, vision.identity.embedding(picture, mesh)) for face, mesh in vision.faces(picture)]
    known = [(width, embedding) for width, embedding in seen if embedding is not None]
    return max(known, key=lambda pair: pair[0])[1] if known else None


def _verdict(vision: Vision, one: Floats | None, other: Floats | None) -> Same:
    """Nobody is known again in a photo without a face."""
    return Same.DIFFERENT if one is None or other is None else vision.identity.same(one, other)


def _odd_ones(
    engine: Compositing, pictures: Mapping[Path, Pixels], pairs: Sequence[Pair], limit: int
) -> tuple[int, int]:
    """How often the photo of somebody else among `TAUGHT` of one person is the one that is named, and of how often."""
    vision = Remembering(engine.vision)
    people = _people(pairs)
    found = asked = 0
    for number, paths in enumerate(people):
        groups = list(combinations(paths, TAUGHT))
        strangers = [path for other in people[number + 1 :] + people[:number] for path in other]
        each = -(-limit // max(1, sum(len(one) >= TAUGHT for one in people)))
        for turn in range(each if groups and strangers else 0):
            group = list(groups[turn * len(groups) // each])
            place = turn % (TAUGHT + 1)
            group.insert(place, strangers[turn * len(strangers) // each])
            gathered = finish(gather(vision, [pictures[path] for path in group], "person"))
            named = [one.number for one in gathered.findings if one.fault is Fault.SOMEBODY_ELSE]
            asked += 1
            found += named == [place + 1]
    return found, asked


def _people(pairs: Sequence[Pair]) -> list[list[Path]]:
    """The photos of every person, by the pairs that show one person."""
    group: dict[Path, list[Path]] = {}
    for pair in pairs:
        one, other = (group.setdefault(path, [path]) for path in (pair.one, pair.other))
        if pair.same and one is not other:
            one += other
            group.update(dict.fromkeys(other, one))
    unique = {id(paths): paths for paths in group.values()}
    return [sorted(paths) for paths in unique.values()]
