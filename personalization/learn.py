"""How a Stable-Diffusion model is taught: references are looked at, then vectors (or weights, too) are learnt."""

import hashlib
from collections.abc import Sequence

from personalization import dreambooth, references, textual_inversion
from pipeline.diffusion import artefact
from pipeline.diffusion.engine import Diffusion
from pipeline.engine import Artefact, Learned, LearnOrder, Work
from pipeline.imaging import Pixels


def learn(engine: Diffusion, order: LearnOrder) -> Work[Learned]:
    """A concept from its reference photos. Photos that do not fit are left out and named; with too few left it fails with
    the sentence that says which to replace (ReferencesError)."""
    images = list(order.photos)
    findings = references.check(images, engine.sd, order.kind)
    used = references.usable(images, findings)
    how = dreambooth.learn if order.weights else textual_inversion.learn
    chosen = [images[i] for i in used]
    kept = None if order.cache is None else (order.cache, _key(engine, order, chosen))
    learned = yield from how(engine.sd, chosen, order.kind, seed=order.seed, kept=kept)
    data = artefact.pack(learned.vectors.cpu().numpy(), learned.lora, learned.facts)
    made = Artefact(engine.name, engine.weights, data)
    return Learned(made, tuple(used), tuple(finding.sentence for finding in findings), learned.facts)


def _key(engine: Diffusion, order: LearnOrder, images: Sequence[Pixels]) -> str:
    """What a beginning of the same work is kept under."""
    shown = hashlib.sha256(b"".join(image.tobytes() for image in images)).hexdigest()
    return f"learning {engine.weights} {order.kind} {order.seed} {order.weights} {shown}"
