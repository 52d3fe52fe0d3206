"""What is compared with authors' code, as far as that can be seen without it."""

import math
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch

from evaluation.fidelity import learnt, pix2pix_zero, plug_and_play
from evaluation.fidelity.compared import agreement, doubled, importing, module
from pipeline.diffusion.methods import METHODS
from pipeline.diffusion.toolkit.model import StableDiffusion, embed, predict
from pipeline.diffusion.toolkit.optimize import Examples, fit
from pipeline.engine import finish


def test_their_code_learns_on_the_times_and_noise_that_ours_draws(tiny_sd: StableDiffusion) -> None:
    z0 = torch.zeros(1, 8, 16, 16)
    seen: list[tuple[int, torch.Tensor]] = []
    hook = tiny_sd.unet.register_forward_pre_hook(lambda _, inputs: seen.append((int(inputs[1]), inputs[0].detach())))
    try:
        for seed in (4, 5):
            learn(tiny_sd, z0, seed)
    finally:
        hook.remove()
    theirs = learnt.Drawing(4)
    assert len(seen) == 2 * learnt.ROUNDS
    for t, z in seen:
        noise = theirs.randn_like(z0)
        assert int(theirs.randint(0, 1000, (1,))) == t
        a = tiny_sd.scheduler.alphas_cumprod[t]
        torch.testing.assert_close(z, (1 - a).sqrt() * noise)  # of a picture that is 0 everywhere


def learn(sd: StableDiffusion, z0: torch.Tensor, seed: int) -> None:
    """Steps of learning on one picture, without its posterior's noise."""
    emb = embed(sd, ["a cat"]).requires_grad_()
    examples = Examples(z0, torch.zeros_like(z0))
    finish(fit(sd, [emb], examples, lambda _: emb, steps=learnt.ROUNDS, rate=1e-3, batch=1, seed=seed))


def test_agreement_is_psnr_by_the_range_of_theirs() -> None:
    theirs = torch.tensor([0.0, 10.0])
    assert agreement(theirs + 0.1, theirs) == pytest.approx(40, abs=1e-4)
    assert agreement(theirs, theirs) == math.inf


def test_the_authors_ways_are_options_of_our_methods() -> None:
    for name, faithful in (("plug_and_play", plug_and_play.FAITHFUL), ("pix2pix_zero", pix2pix_zero.FAITHFUL)):
        assert set(faithful) <= set(METHODS[name].options)


def test_what_is_imported_of_a_checkout_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "their_code.py").write_text("import a_package.part\nfound = a_package.part.answer\n", "utf-8")
    part = module("a_package.part", answer=42)
    with importing(tmp_path, a_package=module("a_package", part=part), a_package__part=part):
        import their_code  # type: ignore[import-not-found]

        assert isinstance(their_code, ModuleType)
        assert their_code.found == 42
    assert not {"their_code", "a_package", "a_package.part"} & set(sys.modules)
    assert str(tmp_path) not in sys.path


def test_double_precision_leaves_no_trace(tiny_sd: StableDiffusion) -> None:
    def weights() -> list[torch.Tensor]:
        return [value.clone() for value in (*tiny_sd.unet.state_dict().values(), tiny_sd.scheduler.alphas_cumprod)]

    before, z = weights(), torch.zeros(1, 8, 16, 16)
    with torch.no_grad(), doubled(tiny_sd):
        emb = embed(tiny_sd, ["a cat"])
        whole = predict(tiny_sd, z.double(), 500, emb)
        assert emb.dtype == whole.dtype == torch.float64
        single = predict(tiny_sd, z, 500, emb)
    assert single.dtype == torch.float32
    assert all(a.equal(b) for a, b in zip(before, weights(), strict=True))
