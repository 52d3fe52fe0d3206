"""What the diffusion engine keeps of a concept: vectors, weights that are worn beside them, and facts, as one NumPy file."""

import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.diffusion.grounding import PromptError, Taught
from pipeline.diffusion.strategies import Known
from pipeline.diffusion.toolkit import lora as weights_of
from pipeline.diffusion.toolkit.lora import Lora
from pipeline.engine import Artefact, Concept


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
