"""Several works in one batch: each comes to what it comes to alone, and who leaves is missed by nobody."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from pipeline.diffusion.methods import METHODS, Edit, Edited
from pipeline.diffusion.toolkit import together as module
from pipeline.diffusion.toolkit.ddim import sample
from pipeline.diffusion.toolkit.model import StableDiffusion, noise
from pipeline.diffusion.toolkit.pseudo_tokens import wear, word_vectors
from pipeline.diffusion.toolkit.together import together
from pipeline.engine import Cancelled, Progress, Work, finish

OPTIONS: dict[str, dict[str, int]] = {
    "imagic": {"fit_steps": 1, "tune_steps": 1},
    "plug_and_play": {"inversion_steps": 3},
}
COLORS = ("red", "blue", "green")


def edits(sd: StableDiffusion, method: str = "prompt_to_prompt") -> list[Callable[[StableDiffusion], Work[Edited]]]:
    """Different photos and prompts of one method."""

    def edit(seed: int) -> Edit:
        image = noise(sd, (1, 3, sd.size, sd.size), seed).clamp(-1, 1)
        words = (COLORS[seed], COLORS[(seed + 1) % 3])
        return Edit(image, f"a {words[0]} cat", f"a {words[1]} cat", (words,), seed=seed, guidance=3.0, steps=3)

    def begin(seed: int) -> Callable[[StableDiffusion], Work[Edited]]:
        return lambda own: METHODS[method].run(own, replace(edit(seed), options=OPTIONS.get(method, {})))

    return [begin(seed) for seed in range(3)]


@pytest.mark.parametrize("method", ["prompt_to_prompt", "masactrl", "ddib"])
def test_together_is_as_alone(tiny_sd: StableDiffusion, method: str) -> None:
    alone = [finish(work(tiny_sd)) for work in edits(tiny_sd, method)]
    calls: list[int] = []
    with _Counted(tiny_sd, calls):
        made = together(tiny_sd, edits(tiny_sd, method))
    for one, other in zip(alone, made, strict=True):
        assert isinstance(other, Edited)
        torch.testing.assert_close(other.image, one.image, atol=2e-4, rtol=1e-3)
        assert other.facts["unet_forward"] == one.facts["unet_forward"]
    assert sum(calls) == sum(one.facts["unet_forward"] for one in alone)
    assert len(calls) * 3 == sum(len(_calls(tiny_sd, work)) for work in edits(tiny_sd, method))


def test_each_has_words_of_its_own_and_leaves_the_model_as_it_was(tiny_sd: StableDiffusion) -> None:
    start = noise(tiny_sd, (1, tiny_sd.unet.config.in_channels, 16, 16), 0)
    taught = [word_vectors(tiny_sd, word) for word in ("red cat", "blue dog")]

    def drawn(vectors: torch.Tensor) -> Callable[[StableDiffusion], Work[torch.Tensor]]:
        def work(own: StableDiffusion) -> Work[torch.Tensor]:
            with wear(own, {"<x>": vectors}):
                return (yield from sample(own, start, ["a photo of <x>"], steps=2))

        return work

    processors, table = tiny_sd.unet.attn_processors, tiny_sd.text_encoder.get_input_embeddings()
    alone = [finish(drawn(vectors)(tiny_sd)) for vectors in taught]
    made = together(tiny_sd, [drawn(vectors) for vectors in taught])
    for one, other in zip(alone, made, strict=True):
        torch.testing.assert_close(other, one, atol=1e-4, rtol=1e-3)
    assert not tiny_sd.worn
    assert tiny_sd.unet.attn_processors == processors
    assert tiny_sd.text_encoder.get_input_embeddings() is table


def test_who_is_stopped_or_fails_leaves_the_others_alone(tiny_sd: StableDiffusion) -> None:
    steps: list[int] = []

    def broken(own: StableDiffusion) -> Work[Edited]:
        yield Progress(0, 1, "")
        raise ValueError("broken")

    works = [*edits(tiny_sd), broken]
    made = together(
        tiny_sd,
        works,
        report=lambda which, _: steps.append(which),
        stopped=lambda which: which == 1 and steps.count(1) >= 2,
    )
    assert isinstance(made[1], Cancelled)
    assert isinstance(made[3], ValueError)
    for which in (0, 2):
        result = made[which]
        assert isinstance(result, Edited)
        torch.testing.assert_close(result.image, finish(works[which](tiny_sd)).image, atol=2e-4, rtol=1e-3)
    turns = [which for which in steps if which in (0, 2)]
    assert all(
        abs(turns[:i].count(0) - turns[:i].count(2)) <= 1 for i in range(len(turns))
    )  # in turn, whoever is there


@pytest.mark.parametrize("method", ["plug_and_play", "imagic"])
def test_what_cannot_be_shared_is_done_by_itself(tiny_sd: StableDiffusion, method: str) -> None:
    """Hooks in the UNet's layers, and weights that are tuned, are everybody's."""
    works = [edits(tiny_sd, method)[0], edits(tiny_sd)[1]]
    made = together(tiny_sd, works)
    for work, other in zip(works, made, strict=True):
        assert isinstance(other, Edited)
        torch.testing.assert_close(other.image, finish(work(tiny_sd)).image, atol=2e-4, rtol=1e-3)


def test_a_batch_has_its_limit(tiny_sd: StableDiffusion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 4)
    calls: list[int] = []
    with _Counted(tiny_sd, calls):
        together(tiny_sd, edits(tiny_sd))
    assert max(calls) <= 4


class _Counted:
    """Notes the size of each batch that the UNet sees."""

    def __init__(self, sd: StableDiffusion, calls: list[int]) -> None:
        self.sd, self.calls = sd, calls

    def __enter__(self) -> None:
        self.hook = self.sd.unet.register_forward_pre_hook(lambda _, given: self.calls.append(len(given[0])))

    def __exit__(self, *_: object) -> None:
        self.hook.remove()


def _calls(sd: StableDiffusion, work: Callable[[StableDiffusion], Work[Edited]]) -> list[int]:
    calls: list[int] = []
    with _Counted(sd, calls):
        finish(work(sd))
    return calls
