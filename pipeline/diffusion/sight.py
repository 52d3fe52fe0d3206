"""What this engine sees in a real photo: people by pipeline.vision, other things by their names or by a tap.

A thing that is named is looked for by CLIPSeg (Lüddecke & Ecker 2022) where its folder is configured, else by the model's own
cross-attention (Tang et al. 2023, "What the DAAM"): the photo with noise is denoised once under its name, and where the
layers attend to that is where it stands. GrabCut finds the outline of what is warm.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor
from transformers import CLIPSegForImageSegmentation, CLIPTokenizer

from pipeline.diffusion import captioner
from pipeline.diffusion.toolkit.align import positions
from pipeline.diffusion.toolkit.attention import AttentionStore, attention, token_map
from pipeline.diffusion.toolkit.blend import map_side
from pipeline.diffusion.toolkit.clip import MEAN, STD
from pipeline.diffusion.toolkit.ddim import diffuse
from pipeline.diffusion.toolkit.model import StableDiffusion, embed, encode, noise, predict
from pipeline.diffusion.vocabulary import Seen, Thing, article
from pipeline.diffusion.windows import model_view
from pipeline.engine import Cache, Concept, EngineError, Floats, Pixels, Work, finish
from pipeline.imaging import composite
from pipeline.imaging.segmentation import cutout
from pipeline.vision import packing, things
from pipeline.vision.looking import Vision
from pipeline.vision.scene import Instance, Scene

NOISED = (0.3, 0.5, 0.7)  # parts of the noise schedule at which attention is asked
WARM = 0.5  # of the hottest place: from there on heat is taken for the thing
SURE = 0.4  # probability from which CLIPSeg means it
LARGEST = 0.6  # of the photo: what is warm all over was not found
SHOWN = 3  # reference photos whose faces are looked at to know somebody again


@dataclass(slots=True)
class Sight:
    """The eyes of one engine. `vision` is None where its networks are missing, `phrases` without a folder of CLIPSeg."""

    vision: Vision | None = None
    phrases: "Phrases | None" = None
    _last: tuple[Pixels, Scene] | None = field(default=None, repr=False)
    _faces: dict[tuple[str, str], Floats | None] = field(default_factory=dict, repr=False)

    def seen(
        self, sd: StableDiffusion, photo: Pixels, concepts: Mapping[str, Concept], cache: Cache | None = None
    ) -> Work[Seen]:
        """A photo's caption, and the people in it from left to right, with the names of those who were taught."""
        said = captioner.describe(model_view(sd, photo, composite.windows(*photo.shape[:2])[0]), sd.name)
        if self.vision is None:
            return Seen("", "", (), said)
        scene = yield from self._scene(self.vision, photo, cache)
        known = {name: face for name, one in concepts.items() if (face := self._face(self.vision, one)) is not None}
        scene = self.vision.identity.recognise(scene, known) if known else scene
        return Seen("", "", tuple(_thing(one, photo) for one in scene.persons), said, scene=scene)

    def named(self, sd: StableDiffusion, photo: Pixels, noun: str) -> Floats | None:
        """Where a thing stands that an English noun names, (H, W) in [0, 1]; None where it was not found."""
        heat, least = None, WARM
        if self.phrases is not None:
            heat, least = self.phrases.heat(photo, noun), SURE
            heat = heat if heat.max() >= SURE else None
        if heat is None:
            heat, least = attended(sd, photo, noun), WARM
        return None if heat is None else _outlined(photo, heat, least)

    def tapped(self, photo: Pixels, point: tuple[float, float], scene: Scene | None) -> Floats | None:
        """Where the thing under a tap stands, (H, W) in [0, 1]; None where nothing has an outline."""
        if self.vision is None:
            return None
        found = things.at(self.vision, photo, point, scene)
        return None if found is None else sized(found.mask, photo)

    def _scene(self, vision: Vision, photo: Pixels, cache: Cache | None) -> Work[Scene]:
        """The scene of a photo: the last one again, a remembered one, or a new one."""
        if self._last is not None and self._last[0] is photo:
            return self._last[1]
        key = f"diffusion/scene/{hashlib.blake2b(photo.tobytes() + repr(photo.shape).encode()).hexdigest()[:24]}"
        scene = packing.unpack(cache.get(key)) if cache is not None else None
        if scene is None:
            scene = yield from vision.look(photo)
            if cache is not None:
                cache[key] = packing.pack(scene)
        self._last = (photo, scene)
        return scene

    def _face(self, vision: Vision, concept: Concept) -> Floats | None:
        """The mean embedding of a taught person's face; None where no reference shows one."""
        if concept.kind != "person" or not len(concept.references):
            return None
        key = (concept.name, concept.token)
        if key not in self._faces:
            scenes = [finish(vision.look(photo)) for photo in concept.references[:SHOWN]]
            faces = [
                max(
                    (one.face for one in scene.persons if one.face is not None),
                    key=lambda face: face.score,
                    default=None,
                )
                for scene in scenes
            ]
            found = [face.embedding for face in faces if face is not None and face.embedding is not None]
            self._faces[key] = np.asarray(np.mean(found, axis=0), np.float32) if found else None
        return self._faces[key]


@dataclass(frozen=True, slots=True)
class Phrases:
    """CLIPSeg and its tokenizer."""

    model: CLIPSegForImageSegmentation
    tokenizer: CLIPTokenizer

    @classmethod
    def open(cls, folder: str) -> "Phrases":
        """Load a folder. Raises EngineError."""
        try:
            model = CLIPSegForImageSegmentation.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
            return cls(model.requires_grad_(False).eval(), CLIPTokenizer.from_pretrained(folder, local_files_only=True))
        except (OSError, ValueError) as error:
            raise EngineError(
                f"找东西用的模型 {Path(folder).name} 打不开，请检查 config.toml 里的 segmenter，或者把那一行去掉。",
                f"no CLIPSeg in {folder}: {error}",
            ) from error

    @torch.no_grad()
    def heat(self, photo: Pixels, noun: str) -> Floats:
        """How likely each place of a photo is of that thing, (h, w) in [0, 1]."""
        side = self.model.config.vision_config.image_size
        small = cv2.resize(photo, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        pixels = (torch.from_numpy(small).permute(2, 0, 1)[None] - _row(MEAN)) / _row(STD)
        ids = self.tokenizer([f"{article(noun)} {noun}"], truncation=True, return_tensors="pt")
        logits = self.model(
            input_ids=ids.input_ids, attention_mask=ids.attention_mask, pixel_values=pixels
        ).logits  # (h, w), with one phrase
        return np.asarray(logits.reshape(logits.shape[-2:]).sigmoid().numpy(), np.float32)


@torch.no_grad()
def attended(sd: StableDiffusion, photo: Pixels, noun: str) -> Floats | None:
    """How much the model looks at each place of a photo for that noun, (S, S) in [0, 1] without its background level; None
    for a noun that its prompt cannot hold."""
    prompt = f"a photo of {article(noun)} {noun}"
    where = positions(sd, prompt, noun)
    if not where:
        return None
    height, width = photo.shape[:2]
    z0 = encode(sd, model_view(sd, photo, composite.Crop(0, 0, width, height)))
    side, last = z0.shape[-1], sd.scheduler.config.num_train_timesteps
    store = AttentionStore(1, map_side(side) ** 2)
    fresh, emb = noise(sd, z0.shape, 0), embed(sd, [prompt])
    for part in NOISED:
        t = round(part * last)
        with attention(sd.unet, store):
            predict(sd, diffuse(sd, z0, fresh, t), t, emb)
    heat = token_map(store, where, 0, side)[0, 0].float()
    heat = heat - heat.median()  # what every place gets says nothing
    return np.asarray((heat / heat.max().clamp(min=1e-8)).clamp(0, 1).cpu().numpy(), np.float32)


def sized(mask: Floats, photo: Pixels) -> Floats:
    """A mask at a photo's size (H, W)."""
    height, width = photo.shape[:2]
    if mask.shape == (height, width):
        return mask
    return np.asarray(cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _outlined(photo: Pixels, heat: Floats, least: float) -> Floats | None:
    """The outline of what is warm (H, W); None where that is nearly everything."""
    warm = heat >= least * heat.max() if least == WARM else heat >= least
    rows, columns = np.flatnonzero(warm.any(1)), np.flatnonzero(warm.any(0))
    if not len(rows) or warm.mean() > LARGEST:
        return None
    height, width = warm.shape
    box = (  # heat is coarse: the thing may reach one of its cells farther
        max(0.0, (columns[0] - 1) / width),
        max(0.0, (rows[0] - 1) / height),
        min(1.0, (columns[-1] + 2) / width),
        min(1.0, (rows[-1] + 2) / height),
    )
    return cutout(photo, box, np.where(warm, heat, 0).astype(np.float32))


def _thing(one: Instance, photo: Pixels) -> Thing:
    """A person as this engine's strategies know things."""
    x = (one.box[0] + one.box[2]) / 2
    position = ("left", "middle", "right")[min(int(3 * x), 2)]
    return Thing("person", {}, position, one.box, one.score, mask=sized(one.mask, photo))


def _row(values: tuple[float, ...]) -> Tensor:
    return torch.tensor(values).view(1, 3, 1, 1)
