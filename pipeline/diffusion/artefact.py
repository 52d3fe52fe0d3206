"""A concept as the diffusion engine keeps it and wears it: vectors, weights beside them, and facts, as one NumPy file."""

import io
import json
from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.diffusion.grounding import PromptError, Taught
from pipeline.diffusion.toolkit import lora as weights_of
from pipeline.diffusion.toolkit.lora import Lora, adapted
from pipeline.diffusion.toolkit.model import StableDiffusion
from pipeline.diffusion.toolkit.pseudo_tokens import wear
from pipeline.engine import Artefact, Concept


@dataclass(frozen=True, slots=True)
class Known:
    """A taught concept to wear: how prompts speak of it, its vectors (n, D), what the judge made of its photos, one unit
    vector (D',), None if unknown, the weights that it has beside its vectors, if any, and of a style how its pictures are
    painted (see toolkit/style_statistics.py), empty if unknown."""

    taught: Taught
    vectors: Tensor
    view: Tensor | None = None
    lora: Lora = field(default_factory=dict)
    look: tuple[float, ...] = ()


@contextmanager
def wearing(sd: StableDiffusion, known: Collection[Known]) -> Generator[None]:
    """Within the block prompts may call these concepts by their words, and the UNet wears the weights of them all."""
    vectors = {one.taught.word: one.vectors.to(sd.device) for one in known}
    with wear(sd, vectors), adapted(sd.unet, [one.lora for one in known if one.lora]):
        yield


def pack(vectors: NDArray[np.float32], lora: Lora, facts: Mapping[str, Any]) -> bytes:
    """Vectors (n, D), LoRA weights ({} for none) and facts as bytes. Raises ValueError for vectors that are none."""
    if vectors.ndim != 2 or not vectors.size or not np.isfinite(vectors).all():
        raise ValueError(f"vectors of shape {vectors.shape} are not a finite (n, D) array")
    out = io.BytesIO()
    np.savez(
        out,
        vectors=vectors.astype("<f4"),
        lora=np.frombuffer(weights_of.pack(lora) if lora else b"", np.uint8),
        facts=np.frombuffer(json.dumps(dict(facts), ensure_ascii=False).encode(), np.uint8),
    )
    return out.getvalue()


def known(concept: Concept, engine: str, weights: str) -> Known:
    """A concept ready to be worn. Raises PromptError when this engine has not learnt it on these weights."""
    artefact: Artefact | None = concept.artefacts.get(engine)
    if artefact is None or artefact.format != weights:
        raise PromptError(
            f"「{concept.name}」是用另一个模型学的，请再发 3–5 张照片重新教我一次。",
            f"no artefact of {engine} on {weights}",
        )
    with np.load(io.BytesIO(artefact.data), allow_pickle=False) as kept:
        vectors, lora = torch.from_numpy(kept["vectors"].astype(np.float32)), kept["lora"].tobytes()
        facts: Mapping[str, Any] = json.loads(kept["facts"].tobytes())
    taught = Taught(concept.token, concept.kind, facts.get("like", ""), facts.get("slots", {}))
    view = torch.tensor(facts["view"]) if facts.get("view") else None
    return Known(taught, vectors, view, weights_of.unpack(lora) if lora else {}, tuple(facts.get("look", ())))
