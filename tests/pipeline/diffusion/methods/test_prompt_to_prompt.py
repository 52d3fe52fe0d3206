"""Prompt-to-Prompt: what is held, for how long, for which words, and where."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from pipeline.diffusion.methods import Edit, Edited, EditError
from pipeline.diffusion.methods.prompt_to_prompt import METHOD
from pipeline.diffusion.toolkit import inversion as inversions
from pipeline.diffusion.toolkit import model
from pipeline.diffusion.toolkit.inversion import Inversion, InversionError
from pipeline.diffusion.toolkit.model import StableDiffusion, encode
from pipeline.diffusion.toolkit.pseudo_tokens import wear
from pipeline.engine import finish

STEPS = 5
SOURCE, TARGET = "a photo of a cat on the beach", "a photo of a dog on the beach"
NOWHERE: dict[str, Any] = {"blend": (), "cross_replace": 0.0, "self_replace": 0.0}


@pytest.fixture(scope="module")
def inversion(tiny_sd: StableDiffusion) -> Inversion:
    image = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(3)) * 2 - 1
    return finish(inversions.invert(tiny_sd, encode(tiny_sd, image), SOURCE, kind="direct", steps=STEPS))


def edited(sd: StableDiffusion, inversion: Inversion, target: str = TARGET, **changes: Any) -> tuple[Edited, Tensor]:
    """The result, and the latents that it was decoded from."""
    words = changes.pop("words", (("cat", "dog"),))
    image = torch.zeros(1, 3, 128, 128)
    edit = Edit(image, SOURCE, target, words, steps=STEPS, inversion=inversion, **changes)
    seen: list[Tensor] = []
    hook = sd.vae.post_quant_conv.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    try:
        return finish(METHOD.run(sd, edit)), seen[-1] * sd.vae.config.scaling_factor
    finally:
        hook.remove()


def test_without_holding_it_is_sampling_with_the_other_prompt(tiny_sd: StableDiffusion, inversion: Inversion) -> None:
    _, z = edited(tiny_sd, inversion, options=NOWHERE)
    alone = finish(inversions.reconstruct(tiny_sd, replace(inversion, kind="ddim", prompt=TARGET)))
    torch.testing.assert_close(z, alone, atol=1e-4, rtol=1e-4)


def test_holding_all_maps_of_the_same_prompt_is_the_source(tiny_sd: StableDiffusion, inversion: Inversion) -> None:
    plain = replace(inversion, kind="ddim")
    _, z = edited(tiny_sd, plain, SOURCE, words=(), options={"cross_replace": 1.0, "self_replace": 1.0})
    torch.testing.assert_close(z, finish(inversions.reconstruct(tiny_sd, plain)), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("option", ["cross_replace", "self_replace"])
def test_holding_longer_changes_the_result(option: str, tiny_sd: StableDiffusion, inversion: Inversion) -> None:
    results = [edited(tiny_sd, inversion, options={**NOWHERE, option: part})[1] for part in (0.0, 0.4, 1.0)]
    assert not torch.allclose(results[0], results[1], atol=1e-4)
    assert not torch.allclose(results[1], results[2], atol=1e-4)


def test_self_maps_are_held_up_to_a_part_of_the_latents(tiny_sd: StableDiffusion, inversion: Inversion) -> None:
    """The tiny model has self-attention at 16, 8 and 4 of 16."""
    few, more, none = (
        edited(tiny_sd, inversion, options={**NOWHERE, "self_replace": 1.0, "self_side": side})[1]
        for side in (0.25, 1.0, 0.1)
    )
    assert not torch.allclose(few, more, atol=1e-3)
    # batches of another size are summed in another order, on some processors
    torch.testing.assert_close(none, edited(tiny_sd, inversion, options=NOWHERE)[1], atol=2e-4, rtol=1e-3)


def test_a_word_may_have_its_own_time(tiny_sd: StableDiffusion, inversion: Inversion) -> None:
    base = {"blend": (), "cross_replace": 0.0, "self_replace": 0.0}
    _, word = edited(tiny_sd, inversion, options={**base, "cross_words": {"dog": 1.0}})
    _, none = edited(tiny_sd, inversion, options=base)
    _, everything = edited(tiny_sd, inversion, options={**base, "cross_replace": 1.0})
    _, same = edited(tiny_sd, inversion, options={**base, "cross_replace": 1.0, "cross_words": {"dog": 1.0}})
    assert not torch.allclose(word, none, atol=1e-4)
    assert not torch.allclose(word, everything, atol=1e-4)
    assert same.equal(everything)


def test_modes_agree_where_they_should(tiny_sd: StableDiffusion, inversion: Inversion) -> None:
    auto, swapped, refined = (
        edited(tiny_sd, inversion, options={"blend": (), "mode": mode})[1] for mode in ("auto", "replace", "refine")
    )
    assert auto.equal(swapped)
    assert not torch.allclose(auto, refined, atol=1e-4)  # the refined dog keeps its own maps
    with pytest.raises(EditError, match="differ"):
        edited(tiny_sd, inversion, "a photo of a dog", options={"mode": "replace"})


def test_reweighting_makes_a_word_count_more(tiny_sd: StableDiffusion, inversion: Inversion) -> None:
    same = {"words": (), "target": SOURCE}
    _, plain = edited(tiny_sd, inversion, **same)
    _, one = edited(tiny_sd, inversion, **same, options={"reweight": {"beach": 1.0}})
    _, three = edited(tiny_sd, inversion, **same, options={"reweight": {"beach": 3.0}})
    _, stronger = edited(
        tiny_sd, inversion, **same, strength=2.0, options={"reweight": {"beach": 2.0}, "self_replace": 0.8}
    )
    assert one.equal(plain)
    assert float((three - plain).abs().mean()) > 1e-3
    assert stronger.isfinite().all()


def test_strength_shortens_the_hold(tiny_sd: StableDiffusion, inversion: Inversion) -> None:
    weak, half = (edited(tiny_sd, inversion, strength=s, options={"blend": ()})[1] for s in (0.0, 2.0))
    assert weak.equal(edited(tiny_sd, inversion, options={"blend": (), "cross_replace": 1.0, "self_replace": 1.0})[1])
    assert half.equal(edited(tiny_sd, inversion, options={"blend": (), "cross_replace": 0.4, "self_replace": 0.2})[1])


def test_local_blend_keeps_the_background_of_the_source(tiny_sd: StableDiffusion, inversion: Inversion) -> None:
    result, z = edited(tiny_sd, inversion, options={"blend_threshold": 0.9, "blend_start": 0.0})
    assert result.mask is not None
    mask = torch.nn.functional.interpolate(result.mask, size=(16, 16), mode="area").expand_as(z)
    assert 0 < float(mask.mean()) < 1
    outside = mask == 0
    assert z[outside].equal(inversion.latents[0][outside])
    assert not torch.allclose(z[mask == 1], inversion.latents[0][mask == 1], atol=1e-2)


def test_words_may_be_kept_out_of_the_blend(tiny_sd: StableDiffusion, inversion: Inversion) -> None:
    options = {"blend": (), "blend_start": 0.8, "blend_threshold": 0.9}  # the last step alone: the same maps for all
    keep = {**options, "blend_not": (("beach", "beach"),)}
    everywhere, _ = edited(tiny_sd, inversion, options=options)
    but, _ = edited(tiny_sd, inversion, options=keep)
    only, _ = edited(tiny_sd, inversion, options={**options, "blend": (("beach", "beach"),)})
    assert everywhere.mask is None
    assert but.mask is not None
    assert only.mask is not None
    torch.testing.assert_close(but.mask + only.mask, torch.ones_like(but.mask))


def test_a_region_and_local_blend_both_count(tiny_sd: StableDiffusion, inversion: Inversion) -> None:
    region = torch.zeros(1, 1, 128, 128)
    region[..., 64:] = 1
    result, z = edited(tiny_sd, inversion, region=region, options={"blend_threshold": 0.0, "blend_start": 0.0})
    assert z[..., :8].equal(inversion.latents[0][..., :8])
    assert not torch.allclose(z[..., 8:], inversion.latents[0][..., 8:], atol=1e-2)
    assert result.mask is not None


def test_the_thing_s_own_shape_may_say_where_to_edit(tiny_sd: StableDiffusion, inversion: Inversion) -> None:
    """All of it may change, whatever attention missed; without a shape nothing is blended."""
    shape = torch.zeros(1, 1, 128, 128)
    shape[..., 64:72, 64:72] = 1
    options = {"blend_shape": True, "blend_threshold": 0.9, "blend_start": 0.0}
    result, z = edited(tiny_sd, inversion, shape=shape, options=options)
    assert result.mask is not None
    mask = torch.nn.functional.interpolate(result.mask, size=(16, 16), mode="area")
    assert mask[..., 7:10, 7:10].min() > 0.7  # all of it: only its border is softened on the way to pixels
    assert z[(mask == 0).expand_as(z)].equal(inversion.latents[0][(mask == 0).expand_as(z)])
    by_target, _ = edited(tiny_sd, inversion, options={**options, "blend_shape": False, "blend": ((None, "dog"),)})
    assert by_target.mask is not None
    assert (result.mask >= by_target.mask).all()
    assert edited(tiny_sd, inversion, options=options)[0].mask is None


@pytest.mark.parametrize("source", ["photo", "surroundings", "noise"])
def test_fresh_noise_forgets_what_was_in_the_region(
    source: str, tiny_sd: StableDiffusion, inversion: Inversion
) -> None:
    region = torch.zeros(1, 1, 128, 128)
    region[..., 32:96, 32:96] = 1
    options = {"blend": (), "fresh_noise": 0.8, "fresh_from": source}
    count = model.evaluations(tiny_sd)
    _, one = edited(tiny_sd, inversion, region=region, seed=1, options=options)
    # 4 of 5 steps: the target with and without prompt, and the source for its maps, which the last step does not ask for
    assert count.forward == 4 * 2 + 3
    _, two = edited(tiny_sd, inversion, region=region, seed=2, options=options)
    inside = torch.zeros(1, 8, 16, 16, dtype=torch.bool)
    inside[..., 4:12, 4:12] = True
    assert one[~inside].equal(inversion.latents[0][~inside])
    assert not torch.allclose(one[inside], two[inside], atol=1e-2)


def test_fresh_noise_needs_a_region(tiny_sd: StableDiffusion, inversion: Inversion) -> None:
    with pytest.raises(EditError) as error:
        edited(tiny_sd, inversion, options={"fresh_noise": 1.0})
    assert "区域" in error.value.sentence


def test_a_kept_inversion_is_not_made_again(tiny_sd: StableDiffusion, inversion: Inversion) -> None:
    count = model.evaluations(tiny_sd)
    result, _ = edited(tiny_sd, inversion)
    assert count.forward == 3 * STEPS
    assert result.inversion is inversion
    with pytest.raises(InversionError):
        edited(tiny_sd, replace(inversion, prompt="another photo"))


@pytest.mark.parametrize("kind", inversions.INVERSIONS)
def test_every_inversion_serves(kind: str, tiny_sd: StableDiffusion) -> None:
    image = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(3)) * 2 - 1
    result = finish(METHOD.run(tiny_sd, Edit(image, SOURCE, TARGET, (("cat", "dog"),), steps=2, inversion=kind)))
    assert result.facts["inversion"] == kind
    assert result.facts["unet_backward"] == 0 or kind.startswith("null_text")
    assert result.image.isfinite().all()


def test_words_that_are_not_in_the_prompts_are_a_clear_error(tiny_sd: StableDiffusion, inversion: Inversion) -> None:
    for changes in (
        {"words": (("dog", "cat"),)},
        {"options": {"reweight": {"snow": 2.0}}},
        {"options": {"blend": (("snow", None),)}},
        {"target": "a photo of a red " * 12 + "dog"},
        {"options": {"mode": "magic"}},
    ):
        with pytest.raises(EditError) as error:
            edited(tiny_sd, inversion, **changes)
        assert error.value.sentence


def test_a_concept_of_several_vectors_comes_in_and_a_word_goes(tiny_sd: StableDiffusion, inversion: Inversion) -> None:
    with wear(tiny_sd, {"<axi>": torch.randn(3, 32)}):
        result, _ = edited(tiny_sd, inversion, "a photo of a <axi> on the beach", words=(("cat", "<axi>"),))
    assert result.image.isfinite().all()
    result, _ = edited(tiny_sd, inversion, "a photo of the beach", words=(("cat", None),))
    assert result.image.isfinite().all()


def test_a_pinned_source_costs_less_and_changes_nothing(tiny_sd: StableDiffusion, inversion: Inversion) -> None:
    """With the source put back onto its path after each step, its guided eps does not matter; its maps do."""
    options = {"blend_threshold": 0.5}
    _, pinned = edited(tiny_sd, inversion, options=options)
    path, kind = inversion.latents, replace(inversion, kind="ddim")

    class Restored(Inversion):
        """Direct inversion the long way: the source is sampled in full and then put back."""

        def source(self, i: int, z_prev: Tensor) -> Tensor:
            return path[self.steps - 1 - i]

    long_way = Restored(kind.kind, kind.prompt, kind.guidance, kind.latents, kind.null_embeddings)
    count = model.evaluations(tiny_sd)
    _, full = edited(tiny_sd, long_way, options=options)
    assert count.forward == 4 * STEPS
    torch.testing.assert_close(pinned, full, atol=1e-4, rtol=1e-4)


def test_the_authors_rounding(tiny_sd: StableDiffusion, inversion: Inversion) -> None:
    """Of 5 steps .45 are two by their code (cut down), three by ours; cross-attention counts one step more (.45 · 6)."""
    part = {**NOWHERE, "self_replace": 0.45, "self_side": 1.0}
    ours, theirs = (edited(tiny_sd, inversion, options={**part, "faithful": way})[1] for way in (False, True))
    three, two = (edited(tiny_sd, inversion, options={**part, "self_replace": share})[1] for share in (0.6, 0.4))
    assert ours.equal(three)
    assert theirs.equal(two)
    cross = {**NOWHERE, "cross_replace": 0.5}
    theirs = edited(tiny_sd, inversion, options={**cross, "faithful": True})[1]
    assert theirs.equal(edited(tiny_sd, inversion, options={**cross, "cross_replace": 0.6})[1])  # int(.5 · 6) = 3


def test_the_authors_padding_makes_another_picture_of_a_longer_prompt(
    tiny_sd: StableDiffusion, inversion: Inversion
) -> None:
    """Of one as long as the source it does not."""
    options = {"mode": "refine", "blend": (), "cross_replace": 0.8, "self_replace": 0.4}
    same, longer = TARGET, "a photo of a red cat on the beach"
    for target, alike in ((same, True), (longer, False)):
        ours, theirs = (
            edited(tiny_sd, inversion, target, words=(), options={**options, "faithful": way})[1]
            for way in (False, True)
        )
        assert torch.allclose(ours, theirs, atol=1e-5) == alike
