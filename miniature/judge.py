"""CLIP: judge, captioner and guide. Contrastive, on whole pictures and on crops, with hard negatives.

A first prototype with batch negatives alone told kinds apart in 16 % of cases. Here every picture meets, beside the
captions of its batch, captions of its own with one thing changed (kind, colour, place, setting, style, attribute), and
crops around one thing are as frequent as whole pictures: a judge looks at crops.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import CLIPConfig, CLIPModel

from miniature import dataset, draw, tokenizer
from miniature.autoencoder import to_tensor
from miniature.characters import random_thing
from miniature.optimizer import optimizers
from miniature.sampling import sample, training_caption
from miniature.scenes import (
    ACCESSORIES,
    COLORS,
    CROWD,
    EXPRESSIONS,
    HAIR,
    HAIR_COLORS,
    KINDS,
    PATTERNS,
    PEOPLE,
    POSITIONS,
    SETTINGS,
    STYLES,
    TOPS,
    Scene,
    Thing,
)

Array = np.ndarray[Any, Any]
SIDE = 64  # CLIP looks at 64×64
HARD = 3  # hard negatives a picture
FACES = 0.25  # share of pictures that are close-ups asked for their expression: the last thing that CLIP learns


def build(vocabulary: int, bos: int, eos: int) -> CLIPModel:
    text = {
        "vocab_size": vocabulary, "hidden_size": 128, "intermediate_size": 512, "num_hidden_layers": 3,
        "num_attention_heads": 4, "max_position_embeddings": tokenizer.MAX_TOKENS, "bos_token_id": bos,
        "eos_token_id": eos, "pad_token_id": eos, "projection_dim": 128,
    }  # fmt: skip
    vision = {
        "hidden_size": 192, "intermediate_size": 768, "num_hidden_layers": 4, "num_attention_heads": 6,
        "image_size": SIDE, "patch_size": 8, "projection_dim": 128,
    }  # fmt: skip
    config = CLIPConfig(text_config=text, vision_config=vision, projection_dim=128)
    config._attn_implementation = "eager"  # the fused attention's backward is 5 times slower on a CPU core
    return CLIPModel(config)


def crop(picture: Array, box: Sequence[float]) -> Array:
    """The square about ``box`` (fractions), reduced or enlarged to 64×64; what lies outside repeats the edge."""
    size = picture.shape[0]
    left, top, right, bottom = (v * size for v in box)
    side = max(right - left, bottom - top)
    x, y = (left + right - side) / 2, (top + bottom - side) / 2
    scale = SIDE / side
    matrix = np.array([[scale, 0, -x * scale], [0, scale, -y * scale]], np.float32)
    flags = cv2.INTER_LINEAR if scale > 0.75 else cv2.INTER_AREA
    return cv2.warpAffine(picture, matrix, (SIDE, SIDE), flags=flags, borderMode=cv2.BORDER_REPLICATE)


def _other(rng: np.random.Generator, words: Sequence[Any], word: Any) -> Any:
    return rng.choice([w for w in words if w != word])


def changed(thing: Thing, rng: np.random.Generator) -> Thing:
    """``thing`` with one thing about it changed."""
    if thing.name:
        return random_thing(rng)
    roll = rng.random()
    if roll < (0.25 if thing.distance == "near" else 0.4):
        return replace(thing, color=str(_other(rng, COLORS, thing.color)))
    if thing.kind in PEOPLE and roll < 0.8:
        fields = ["hair", "hair_color", "accessory", "pattern"]
        if thing.distance == "near" or (thing.expression and rng.random() < 0.4):
            fields = ["expression"] if rng.random() < 0.6 else fields
        field = str(rng.choice(fields))
        words: tuple[str, ...] = {
            "hair": HAIR, "hair_color": HAIR_COLORS, "accessory": ACCESSORIES, "pattern": PATTERNS,
            "expression": EXPRESSIONS,
        }[field]  # fmt: skip
        change: dict[str, Any] = {field: str(_other(rng, words, getattr(thing, field)))}
        return replace(thing, **change)
    if thing.kind == "monster" and roll < 0.7:
        if rng.random() < 0.5:
            return replace(thing, top=str(_other(rng, TOPS, thing.top)))
        return replace(thing, eyes=int(_other(rng, (1, 2, 3), thing.eyes)))
    kind = str(_other(rng, KINDS, thing.kind))
    return replace(thing, kind=kind, hair=str(rng.choice(HAIR)), hair_color=str(rng.choice(HAIR_COLORS[:4])))


def changed_scene(scene: Scene, rng: np.random.Generator) -> Scene:
    """The scene in words with one thing changed: its kind, colour, place, setting or style, or one thing fewer."""
    roll = rng.random()
    if roll < 0.07 and scene.things:
        if scene.setting == "room" and len(scene.things) == 1:
            return replace(scene, mirror="" if scene.mirror else "left")
        if not scene.mirror:
            return replace(scene, passers=() if scene.passers else scene.things[:1])
    if not scene.things or roll < 0.15:
        return replace(scene, setting=str(_other(rng, list(SETTINGS), scene.setting)))
    if roll < 0.3:
        return replace(scene, style=str(_other(rng, list(STYLES), scene.style)))
    index = int(rng.integers(len(scene.things)))
    thing = scene.things[index]
    if roll < 0.5:
        places = CROWD if len(scene.things) == 4 else POSITIONS
        new = replace(thing, position=str(_other(rng, places, thing.position)))
    elif roll < 0.6 and len(scene.things) > 1:
        return scene.remove(index)
    elif roll < 0.7 and len(scene.things) > 1:
        other = scene.things[index - 1]
        swapped = list(scene.things)
        swapped[index] = replace(other, position=thing.position)
        swapped[index - 1] = replace(thing, position=other.position)
        return replace(scene, things=tuple(swapped))
    else:
        new = changed(thing, rng)
    return replace(scene, things=(*scene.things[:index], new, *scene.things[index + 1 :]))


class ClipStage:
    name = "clip"
    batch = 128
    ema_decay = 0.995

    def __init__(self, runs: Path, pictures: int, device: str) -> None:
        self.device = device
        self.train = dataset.render(runs / "data", dataset.TRAIN_SEED, pictures)
        self.val = dataset.render(runs / "data", dataset.VALIDATION_SEED, 1000)
        self.tokenizer = tokenizer.build()
        self.module = build(len(self.tokenizer), self.tokenizer.bos_token_id, self.tokenizer.eos_token_id).to(device)
        plain = [m for m in self.module.modules() if isinstance(m, nn.Embedding)]
        self.optimizers = optimizers(self.module, muon_lr=0.01, adam_lr=1.5e-3, plain=plain)

    @cached_property
    def near(self) -> list[int]:
        """The training pictures that are close-ups; found when they are first asked for, in some seconds."""
        scenes = (dataset.scene_of(dataset.TRAIN_SEED, i) for i in range(len(self.train)))
        return [i for i, s in enumerate(scenes) if len(s.things) == 1 and s.things[0].distance == "near"]

    def _example(self, rng: np.random.Generator) -> tuple[Array, list[str]]:
        """One picture (64, 64, 3) and its captions: the true one, then ``HARD`` wrong ones."""
        if rng.random() < FACES:
            return self._face(rng)
        index = int(rng.integers(len(self.train)))
        scene, picture = dataset.scene_of(dataset.TRAIN_SEED, index), self.train[index]
        roll = rng.random()
        if roll < 0.5 or not scene.things:
            seed = int(rng.integers(1 << 30))  # what is left unsaid must be the same in all four

            def say(one: Scene) -> str:
                return training_caption(one, np.random.default_rng(seed))

            # a scene with a thing fewer draws fewer numbers; that costs a few wordings, not correctness
            texts = [say(scene), *(say(changed_scene(scene, rng)) for _ in range(HARD))]
            return cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA), texts
        where = rng.random() < 0.5
        if roll < 0.58 and scene.free() and not scene.passers:
            middle = {"left": 0.2, "middle": 0.5, "right": 0.8}[str(rng.choice(scene.free()))]
            side = rng.uniform(0.3, 0.42)
            top = rng.uniform(0.3, 0.95 - side)
            box = (middle - side / 2, top, middle + side / 2, top + side)
            empty = replace(scene, things=(), mirror="")
            own = empty.caption(setting=where)
            wrong = [replace(empty, things=(replace(random_thing(rng), position="middle"),)) for _ in range(HARD)]
            return crop(picture, box), [own, *(w.caption(1, setting=where) for w in wrong)]
        thing = scene.things[int(rng.integers(len(scene.things)))]
        left, top, right, bottom = thing.box()
        grow, dx, dy = rng.uniform(0.9, 1.35), *rng.uniform(-0.06, 0.06, 2)
        side = grow * max(right - left, bottom - top)
        x, y = (left + right) / 2 + dx * side, (top + bottom) / 2 + dy * side
        box = (x - side / 2, y - side / 2, x + side / 2, y + side / 2)
        alone = Scene(scene.setting, scene.style, (replace(thing, position="middle", distance=""),))
        detail = int(rng.choice((0, 1, 2, 3), p=(0.1, 0.3, 0.1, 0.5)))
        texts = [alone.caption(detail, setting=where)]
        for _ in range(HARD):
            if rng.random() < 0.2:
                wrong_scene = changed_scene(replace(alone, things=()), rng) if where else replace(alone, things=())
                wrong_scene = replace(wrong_scene, things=alone.things) if where else wrong_scene
            else:
                wrong_scene = replace(alone, things=(changed(alone.things[0], rng),))
            texts.append(wrong_scene.caption(detail, setting=where))
        return crop(picture, box), texts

    def _face(self, rng: np.random.Generator) -> tuple[Array, list[str]]:
        """A close-up and its captions, which differ in the expression alone."""
        index = int(rng.choice(self.near))
        scene, seed = dataset.scene_of(dataset.TRAIN_SEED, index), int(rng.integers(1 << 30))
        thing = replace(scene.things[0], name="")
        faces = [thing.expression, *rng.permutation([e for e in EXPRESSIONS if e != thing.expression])[:HARD]]
        scenes = [replace(scene, things=(replace(thing, expression=str(face)),)) for face in faces]
        texts = [training_caption(one, np.random.default_rng(seed)) for one in scenes]
        if rng.random() < 0.5:
            return cv2.resize(self.train[index], (SIDE, SIDE), interpolation=cv2.INTER_AREA), texts
        left, top, right, bottom = thing.box()
        side = rng.uniform(0.75, 1.1) * max(right - left, bottom - top)
        x, y = (left + right) / 2 + rng.uniform(-0.06, 0.06), (top + bottom) / 2 + rng.uniform(-0.06, 0.06)
        return crop(self.train[index], (x - side / 2, y - side / 2, x + side / 2, y + side / 2)), texts

    def _tokens(self, texts: list[str]) -> tuple[Tensor, Tensor]:
        encoded = self.tokenizer(texts, padding=True, truncation=True, return_tensors="pt").to(self.device)
        return encoded.input_ids, encoded.attention_mask

    def loss(self, rng: np.random.Generator) -> Tensor:
        examples = [self._example(rng) for _ in range(self.batch)]
        pixels = to_tensor(np.stack([picture for picture, _ in examples]), self.device)
        own = [texts[0] for _, texts in examples]
        every = own + [text for _, texts in examples for text in texts[1:]]
        unique = sorted(set(every), key=every.index)
        where = {text: i for i, text in enumerate(unique)}
        tokens, attention = self._tokens(unique)
        with torch.autocast(self.device, torch.bfloat16):
            image = features(self.module.get_image_features(pixel_values=pixels))
            text = features(self.module.get_text_features(input_ids=tokens, attention_mask=attention))
        image, text = F.normalize(image.float(), dim=-1), F.normalize(text.float(), dim=-1)
        scale = self.module.logit_scale.exp().clamp(max=60)
        logits = scale * image @ text.T  # (B, texts)
        target = torch.tensor([where[t] for t in own], device=self.device)
        # text → image: several pictures may share a caption, so the target is spread over them
        back = logits[:, target].T  # (B, B): row i is the caption of picture i
        same = (target[:, None] == target[None, :]).float()
        soft = same / same.sum(1, keepdim=True)
        return F.cross_entropy(logits, target) + 0.5 * F.cross_entropy(back, soft)

    @torch.no_grad()
    def _choose(self, ema: CLIPModel, pictures: list[Array], texts: list[list[str]]) -> Array:
        """Index of the best of each picture's texts."""
        chosen = []
        for start in range(0, len(pictures), 50):
            image = features(
                ema.get_image_features(pixel_values=to_tensor(np.stack(pictures[start : start + 50]), self.device))
            )
            image = F.normalize(image, dim=-1)
            for row, options in zip(image, texts[start : start + 50], strict=True):
                tokens, attention = self._tokens(options)
                words = F.normalize(features(ema.get_text_features(input_ids=tokens, attention_mask=attention)), dim=-1)
                chosen.append(int((words @ row).argmax()))
        return np.array(chosen)

    def validate(self, ema: CLIPModel) -> dict[str, float]:
        """Share of true pictures judged right among all words of a class."""
        out: dict[str, float] = {}
        every = [dataset.scene_of(dataset.VALIDATION_SEED, i) for i in range(400)]
        found = [i for i, scene in enumerate(every) if scene.things][:200]
        scenes = [every[i] for i in found]
        whole = [cv2.resize(self.val[i], (SIDE, SIDE), interpolation=cv2.INTER_AREA) for i in found]
        crops = [crop(self.val[i], s.things[0].box()) for i, s in zip(found, scenes, strict=True)]
        alone = [
            Scene(s.setting, s.style, (replace(s.things[0], position="middle", distance="", name=""),)) for s in scenes
        ]
        faces = [sample([dataset.VALIDATION_SEED, 2, i], near=True) for i in range(100)]
        close = [cv2.resize(draw.paint(s), (SIDE, SIDE), interpolation=cv2.INTER_AREA) for s in faces]
        tests: dict[str, tuple[list[Array], list[list[Scene]], int]] = {
            "kind": (crops, [[replace(s, things=(replace(s.things[0], kind=k),)) for k in KINDS] for s in alone], 1),
            "color": (crops, [[s.recolor(0, c) for c in COLORS] for s in alone], 1),
            "setting": (whole, [[replace(s, setting=w) for w in SETTINGS] for s in scenes], 3),
            "style": (whole, [[s.restyle(w) for w in STYLES] for s in scenes], 3),
            "expression": (close, [[s.express(0, e) for e in EXPRESSIONS] for s in faces], 3),
        }
        asked = {"kind": alone, "color": alone, "setting": scenes, "style": scenes, "expression": faces}
        for name, (pictures, options, detail) in tests.items():
            setting = name not in ("kind", "color")
            texts = [[o.caption(detail, setting=setting) for o in row] for row in options]
            truth = [[t == s.caption(detail, setting=setting) for t in row].index(True)
                     for row, s in zip(texts, asked[name], strict=True)]  # fmt: skip
            out[name] = float((self._choose(ema, pictures, texts) == np.array(truth)).mean())
        ones = [
            i for i, s in enumerate(scenes) if len(s.things) == 1 and not s.mirror and s.things[0].distance != "near"
        ]
        texts = [
            [replace(scenes[i], things=(replace(scenes[i].things[0], position=p),)).caption() for p in POSITIONS]
            for i in ones
        ]
        truth = [POSITIONS.index(scenes[i].things[0].position) for i in ones]
        out["position"] = float((self._choose(ema, [whole[i] for i in ones], texts) == np.array(truth)).mean())
        return out

    def sheet(self, ema: CLIPModel, path: Path) -> None:
        """CLIP draws nothing."""


def features(output: Any) -> Tensor:
    """Projected features, whichever way this version of transformers wraps them. (B, projection)."""
    return output if isinstance(output, Tensor) else output.pooler_output
