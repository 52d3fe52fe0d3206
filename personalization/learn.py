"""How a Stable-Diffusion model is taught: references are looked at, then vectors (or weights, too) are learnt."""

from personalization import dreambooth, references, textual_inversion
from pipeline.diffusion import artefact
from pipeline.diffusion.engine import Diffusion
from pipeline.engine import Artefact, Learned, LearnOrder, Work


def learn(engine: Diffusion, order: LearnOrder) -> Work[Learned]:
    """A concept from its reference photos. Photos that do not fit are left out and named; with too few left it fails with
    the sentence that says which to replace (ReferencesError)."""
    images = list(order.photos)
    findings = references.check(images, engine.sd, order.kind)
    used = references.usable(images, findings)
    how = dreambooth.learn if order.weights else textual_inversion.learn
    learned = yield from how(engine.sd, [images[i] for i in used], order.kind, seed=order.seed)
    data = artefact.pack(learned.vectors.cpu().numpy(), learned.lora, learned.facts)
    made = Artefact(engine.name, engine.weights, data)
    return Learned(made, tuple(used), tuple(finding.sentence for finding in findings), learned.facts)
