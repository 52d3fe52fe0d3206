"""Draw the sample photos that the chat offers to click: ``python -m miniature.samples``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from miniature import draw
from miniature.characters import held_out_characters
from miniature.dataset import write_json
from miniature.scenes import Scene, Thing, fitted

SIDE = 256  # twice the world's own size, so that a photo of the chat has a photo's proportions
FOLDER = Path(__file__).parents[1] / "bot" / "samples"


def scene(setting: str, seed: int, *things: tuple[Thing, str], count: int = 0) -> Scene:
    """A photo of these things at their places, in a size that leaves room for ``count``."""
    rng = np.random.default_rng(seed)
    return Scene(
        setting, "photo", tuple(fitted(thing, place, count or len(things), rng) for thing, place in things), seed
    )


def write(path: Path, picture: Scene) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    large = cv2.resize(draw.paint(picture), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    cv2.imwrite(str(path), cv2.cvtColor(large, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, 9])


def passing(picture: Scene, *passers: tuple[Thing, float]) -> Scene:
    """The photo with people walking by behind, each at an x from 0 to 1."""
    small = tuple(replace(who, x=x, foot=0.67, height=0.27) for who, x in passers)
    return replace(picture, passers=small)


ANNA = Thing("girl", "pink", hair="long", hair_color="brown", seed=11)
BEN = Thing("boy", "green", hair="short", hair_color="black", pattern="striped", seed=12)
SAMPLES: tuple[tuple[str, str, Scene, tuple[str, ...]], ...] = (
    ("heying.png", "草地上的合影", scene("grass", 21, (ANNA, "middle"), (BEN, "right"), count=3),
     ("把阿紫加到左边", "把男生换成一只狗", "背景换成海边")),
    ("cat.png", "海边的红猫", scene("beach", 22, (Thing("cat", "red", seed=13), "middle")),
     ("把猫换成狗", "猫改成蓝色", "改成水墨风", "背景换成雪地")),
    ("pair.png", "猫和兔子", scene("snow", 23, (Thing("cat", "yellow", seed=14), "left"), (Thing("rabbit", "purple", seed=15), "right")),
     ("左边那只猫换成狗", "去掉右边的兔子", "兔子改成白色")),
    ("car.png", "夜里的小车", scene("night", 24, (Thing("car", "white", seed=16), "middle")),
     ("车子改成红色", "换成印象派的画", "把车换成房子")),
    ("garden.png", "撑伞的小怪兽", scene("grass", 25, (Thing("umbrella", "pink", seed=17), "left"), (Thing("monster", "blue", top="ears", eyes=2, seed=18), "right")),
     ("雨伞换成黄色", "把右边的怪兽换成绿豆", "变成漫画风")),
    ("portrait.png", "莉莉的特写", scene("beach", 26, (Thing("girl", "blue", hair="curly", hair_color="red", distance="near", seed=19), "middle")),
     ("让她笑一笑", "变成生气的表情", "画成素描", "头发换成黑色")),
    ("outing.png", "沙滩上路过的人", passing(scene("beach", 27, (replace(ANNA, seed=20), "left"), (Thing("dog", "yellow", seed=21), "middle"), count=2),
     (Thing("boy", "purple", hair_color="brown", seed=22), 0.72), (Thing("girl", "green", hair_color="black", seed=23), 0.9)),
     ("把后面的路人去掉", "狗换成熊", "背景换成沙漠")),
    ("lake.png", "湖上的小船", scene("lake", 28, (Thing("boat", "red", seed=24), "middle")),
     ("船改成蓝色", "把船换成小鸟", "画成水墨风")),
)  # fmt: skip
TAUGHT = (("阿紫", "person"), ("绿豆", "pet"), ("剪纸", "style"))
PAPERCUT = (  # what is shown of a style that the model has never seen
    scene("grass", 60, (Thing("rabbit", "white", seed=30), "middle")),
    scene("snow", 61, (Thing("girl", "red", hair="long", hair_color="black", seed=31), "middle")),
    scene("beach", 62, (Thing("cat", "black", seed=32), "middle")),
    scene("grass", 63, (Thing("house", "blue", seed=33), "middle")),
)


def references(character: Thing, count: int = 4) -> list[Scene]:
    """``count`` photos of one character alone, in different settings and places."""
    places = ("middle", "left", "middle", "right")
    settings = ("grass", "beach", "snow", "night")
    return [scene(settings[i % 4], 40 + i, (replace(character), places[i % 4])) for i in range(count)]


def main() -> None:
    for file, _, picture, _ in SAMPLES:
        write(FOLDER / file, picture)
    for name, kind in TAUGHT:
        shown = (
            [one.restyle("papercut") for one in PAPERCUT]
            if kind == "style"
            else references(held_out_characters()[name])
        )
        for i, picture in enumerate(shown):
            write(FOLDER / "teach" / name / f"{i + 1}.png", picture)
    write_json(
        FOLDER / "samples.json",
        {
            "photos": [{"file": file, "title": title, "sentences": list(words)} for file, title, _, words in SAMPLES],
            "teach": [
                {"name": name, "kind": kind, "files": [f"teach/{name}/{i + 1}.png" for i in range(4)]}
                for name, kind in TAUGHT
            ],
        },
    )


if __name__ == "__main__":
    main()
