"""HiPer beside github.com/HiPer0/HiPer, and Imagic beside diffusers' community pipeline (its authors published no code).

Both learn on random times and noise: theirs are given the ones that ours draws. Theirs draws from the autoencoder's
posterior once, ours at each step, so the random autoencoder's posterior is a point.
"""

import ast
import copy
import importlib.util
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from diffusers import DDPMScheduler, StableDiffusionPipeline
from torch import Tensor

from evaluation.fidelity.compared import DOG, GUIDANCE, SEED, SOURCE, Common, Figures, agreement, final
from pipeline.diffusion.toolkit.model import embed, noise

HIPER, IMAGIC = "HiPer", "diffusers"
TOKENS, RATE, SCALE = 5, 5e-3, 0.8
FIT_RATE, TUNE_RATE, ETA = 2e-3, 1e-5, 0.8
ROUNDS = 12  # of learning: enough for Adam's moments to matter


class Drawing:
    """`torch` for their code: noise and times come from the generator that ours uses, in the order in which ours draws.
    Each part of ROUNDS steps has a seed of its own, one higher than the last one's."""

    def __init__(self, seed: int) -> None:
        self.seed, self.drawn = seed, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(torch, name)

    def randn_like(self, z: Tensor) -> Tensor:
        """The noise of the next step; its time is told by randint, which their code asks afterwards."""
        if self.drawn % ROUNDS == 0:
            self.random = torch.Generator().manual_seed(self.seed + self.drawn // ROUNDS)
        self.drawn += 1
        torch.randperm(1, generator=self.random)  # which picture, of one
        self.time = torch.rand(1, generator=self.random)
        torch.randn(z.shape, generator=self.random)  # of the posterior
        return torch.randn(z.shape, generator=self.random)

    def randn(self, shape: Any, generator: torch.Generator | None = None, **kwargs: Any) -> Tensor:
        return (
            self.randn_like(torch.empty(shape))
            if generator is None
            else torch.randn(shape, generator=generator, **kwargs)
        )

    def randint(self, *bounds: Any, **_: Any) -> Tensor:
        last: int = bounds[-2]
        return (self.time * last).long().clamp(max=last - 1)


def hiper(common: Common) -> Figures:
    options = {"tokens": TOKENS, "scale": SCALE, "fit_steps": ROUNDS, "rate": RATE}
    image = _picture(common)
    wanted = _hiper(common, image)
    yield "HiPer", None, agreement(common.ours("hiper", options, image=image), wanted)


def imagic(common: Common) -> Figures:
    options = {
        "fit_steps": ROUNDS, "rate": FIT_RATE, "tune_steps": ROUNDS, "tune_rate": TUNE_RATE, "eta": ETA
    }  # fmt: skip
    image = _picture(common)
    wanted = _imagic(common, image)
    yield "Imagic", None, agreement(common.ours("imagic", options, image=image), wanted)


def _picture(common: Common) -> Tensor:
    random = torch.Generator().manual_seed(SEED)
    return torch.rand(1, 3, common.sd.size, common.sd.size, generator=random) * 2 - 1


def _hiper(common: Common, image: Tensor) -> Tensor:
    sd = common.sd
    with torch.no_grad():
        target, source, null = embed(sd, [DOG, SOURCE, ""]).split(1)
        z0 = sd.vae.encode(image).latent_dist.mode() * sd.vae.config.scaling_factor
    learnt = source[:, -TOKENS:].clone().requires_grad_()
    optimizer = torch.optim.Adam([learnt], lr=RATE)
    names = {
        "accelerator": SimpleNamespace(
            accumulate=lambda _: nullcontext(), backward=lambda loss: loss.backward(), wait_for_everyone=lambda: None
        ),
        "torch": Drawing(SEED), "F": torch.nn.functional, "unet": sd.unet, "init_latents": z0,
        "src_embeddings": source[:, :-TOKENS], "tgt_embeddings": target[:, :-TOKENS],
        "noise_scheduler": DDPMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear"),
    }  # fmt: skip
    loop = _inner(common.authors / HIPER / "train.py", "train_loop", names)
    with torch.enable_grad():
        loop(range(1, ROUNDS + 1), optimizer, learnt)  # from 1 on: at 0 it would draw samples
    pipe = StableDiffusionPipeline(
        sd.vae, sd.text_encoder, sd.tokenizer, sd.unet, common.pipe.scheduler, None, None, requires_safety_checker=False
    )
    pipe.set_progress_bar_config(disable=True)
    both = torch.cat([target[:, :-TOKENS], learnt.detach() * SCALE], 1)
    return final(
        sd,
        lambda: pipe(
            prompt_embeds=both, negative_prompt_embeds=null, num_inference_steps=common.steps,
            guidance_scale=GUIDANCE, height=sd.size, width=sd.size, latents=noise(sd, z0.shape, SEED), output_type="pt",
        ),
    )  # fmt: skip


def _inner(path: Path, name: str, names: dict[str, Any]) -> Any:
    """A function that stands within another one of a script, with `names` for what it finds there."""
    tree = ast.parse(path.read_text("utf-8"))
    found = next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == name)
    exec(compile(ast.Module([found], []), str(path), "exec"), names)  # the code that is measured
    return names[name]


def _imagic(common: Common, image: Tensor) -> Tensor:
    sd = common.sd
    path = common.authors / IMAGIC / "examples/community/imagic_stable_diffusion.py"
    spec = importlib.util.spec_from_file_location("imagic_stable_diffusion", path)
    assert spec is not None
    assert spec.loader is not None
    code = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(code)
    vars(code).update(torch=Drawing(SEED), Accelerator=_Plain)
    own = copy.deepcopy(sd.unet)  # its weights move
    pipe = code.ImagicStableDiffusionPipeline(
        sd.vae, sd.text_encoder, sd.tokenizer, own, common.pipe.scheduler, None, None
    )
    pipe.set_progress_bar_config(disable=True)
    with torch.enable_grad():
        pipe.train(
            DOG, image, height=sd.size, width=sd.size, embedding_learning_rate=FIT_RATE, diffusion_model_learning_rate=TUNE_RATE,
            text_embedding_optimization_steps=ROUNDS, model_fine_tuning_optimization_steps=ROUNDS,
        )  # fmt: skip
    return final(
        sd,
        lambda: pipe(
            alpha=ETA, height=sd.size, width=sd.size, num_inference_steps=common.steps, guidance_scale=GUIDANCE,
            generator=torch.Generator().manual_seed(SEED), output_type="np",
        ),
    )  # fmt: skip


class _Plain:
    """Accelerate's Accelerator without half precision, which wants a GPU."""

    is_main_process = is_local_main_process = sync_gradients = False

    def __init__(self, **_: Any) -> None:
        pass

    def accumulate(self, _: Any) -> Any:
        return nullcontext()

    def backward(self, loss: Tensor) -> None:
        loss.backward()

    def log(self, *_: Any, **__: Any) -> None:
        pass

    def wait_for_everyone(self) -> None:
        pass
