"""What every editing method does on every kind of model, whatever else it does.

Progress, cancelling within a step, the same seed again, nothing left changed, clear errors. A new method is tested here
by being in the table.
"""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from pipeline.diffusion.methods import METHODS, Edit, Edited, EditError, Method
from pipeline.diffusion.toolkit.model import StableDiffusion, encode, evaluations
from pipeline.diffusion.toolkit.pseudo_tokens import wear, word_vectors
from pipeline.engine import finish

STEPS = 4
SHORT = {"batch": 1, "pictures": 1, "epochs": 1, "views": 2, "channels": 8, "tries": 2}
METHOD_NAMES = list(METHODS)


@pytest.fixture(params=METHOD_NAMES)
def method(request: pytest.FixtureRequest, every_sd: StableDiffusion) -> Method:
    found = METHODS[request.param]
    if any(getattr(every_sd, need) is None for need in found.needs):
        pytest.skip("this model lacks what the method needs; the error is tested below")
    return shortened(found)


def shortened(method: Method) -> Method:
    """The method with whatever it learns first made short: options that end in _steps, and those in SHORT."""
    short = {name: min(2, value) for name, value in method.options.items() if name.endswith("_steps")}
    short |= {name: value for name, value in SHORT.items() if name in method.options}
    return replace(method, run=lambda sd, edit: method.run(sd, replace(edit, options={**short, **edit.options})))


def edit_for(sd: StableDiffusion, **changes: object) -> Edit:
    image = torch.rand(1, 3, sd.size, sd.size, generator=torch.Generator().manual_seed(3)) * 2 - 1
    source, target = "a photo of a cat on the beach", "a photo of a dog on the beach"
    return replace(Edit(image, source, target, words=(("cat", "dog"),), steps=STEPS), **changes)  # type: ignore[arg-type]


def everything(sd: StableDiffusion) -> dict[str, object]:
    """All that a method could leave behind on a model."""
    state: dict[str, object] = {}
    for part in ("unet", "vae", "text_encoder"):
        module = getattr(sd, part)
        state |= {f"{part}.{name}": value.clone() for name, value in module.state_dict().items()}
        state |= {f"{part}.{name}.grad": parameter.grad for name, parameter in module.named_parameters()}
        state |= {
            f"{part}.{name}.hooks": (len(layer._forward_hooks), len(layer._forward_pre_hooks), layer.training)
            for name, layer in module.named_modules()
        }
    state |= {f"processor {name}": processor for name, processor in sd.unet.attn_processors.items()}
    state["embeddings"] = sd.text_encoder.get_input_embeddings()
    state["vocabulary"] = len(sd.tokenizer)
    state["worn"] = dict(sd.worn)
    state["timesteps"] = sd.scheduler.timesteps.clone()
    state["steps"] = sd.scheduler.num_inference_steps
    return state


def assert_untouched(before: dict[str, object], sd: StableDiffusion) -> None:
    after = everything(sd)
    assert before.keys() == after.keys()
    for name, value in before.items():
        same = value.equal(after[name]) if isinstance(value, Tensor) else value == after[name]
        assert same, name


def test_an_edit_has_progress_result_and_leaves_the_model_alone(method: Method, every_sd: StableDiffusion) -> None:
    before, grad = everything(every_sd), torch.is_grad_enabled()
    count = evaluations(every_sd)
    edit = edit_for(every_sd)
    work, seen = method.run(every_sd, edit), []
    while True:
        try:
            seen.append(next(work))
        except StopIteration as end:
            edited = end.value
            break
        assert torch.is_grad_enabled() == grad  # also between two steps
    assert_untouched(before, every_sd)
    assert isinstance(edited, Edited)
    assert edited.image.shape == edit.image.shape
    assert edited.image.isfinite().all()
    assert float(edited.image.abs().max()) <= 1
    if edited.mask is not None:
        assert edited.mask.shape == (1, 1, *edit.image.shape[-2:])
        assert 0 <= float(edited.mask.min()) <= float(edited.mask.max()) <= 1
    assert (edited.facts["unet_forward"], edited.facts["unet_backward"]) == (count.forward, count.backward)
    assert [p.done for p in seen] == list(range(1, len(seen) + 1))
    assert {p.total for p in seen} == {len(seen)}
    assert all(p.stage for p in seen)


def test_the_same_seed_repeats_exactly(method: Method, every_sd: StableDiffusion) -> None:
    edit = edit_for(every_sd, seed=11)
    first = finish(method.run(every_sd, edit))
    torch.manual_seed(999)  # no method may draw from the global generator
    second = finish(method.run(every_sd, edit))
    assert first.image.equal(second.image)
    assert first.facts == second.facts


def test_cancelling_stops_within_a_step(method: Method, every_sd: StableDiffusion) -> None:
    before = everything(every_sd)
    whole = evaluations(every_sd)
    steps = len(list(method.run(every_sd, edit_for(every_sd))))
    per_step = whole.forward / steps
    for stop_after in {1, steps // 2, steps - 1}:
        work = method.run(every_sd, edit_for(every_sd))
        for _ in range(stop_after):
            next(work)
        count = evaluations(every_sd)
        work.close()
        assert count.forward <= 2 * per_step
        assert_untouched(before, every_sd)


def test_an_error_in_the_middle_leaves_the_model_alone(method: Method, every_sd: StableDiffusion) -> None:
    before = everything(every_sd)
    work = method.run(every_sd, edit_for(every_sd))
    next(work)
    with pytest.raises(RuntimeError, match="lost the lease"):
        work.throw(RuntimeError("lost the lease"))
    assert_untouched(before, every_sd)


def test_outside_the_region_the_photo_stays(method: Method, every_sd: StableDiffusion) -> None:
    """Compared as latents, what is decoded last: the autoencoder's norms and attention spread every change a little."""
    half = every_sd.size // 2
    region = torch.zeros(1, 1, every_sd.size, every_sd.size)
    region[..., :half] = 1
    edit, decoded = edit_for(every_sd, region=region), []
    hook = every_sd.vae.post_quant_conv.register_forward_pre_hook(lambda _, inputs: decoded.append(inputs[0]))
    edited = finish(method.run(every_sd, edit))
    hook.remove()
    z = decoded[-1] * every_sd.vae.config.scaling_factor if decoded else edited.image
    kept = encode(every_sd, edit.image) if decoded else edit.image
    side = z.shape[-1] // 2
    torch.testing.assert_close(z[..., side:], kept[..., side:], atol=1e-5, rtol=1e-5)
    assert not torch.allclose(z[..., :side], kept[..., :side], atol=1e-2)
    assert edited.mask is not None
    assert float(edited.mask[..., half + 8 :].max()) == 0


def test_a_worn_concept_may_be_what_comes_in(method: Method, every_sd: StableDiffusion) -> None:
    vectors = {"<axi>": torch.randn(3, word_vectors(every_sd, "cat").shape[1])}
    edit = edit_for(every_sd, target="a photo of a <axi> on the beach", words=(("cat", "<axi>"),))
    before = everything(every_sd)
    with wear(every_sd, vectors):
        if "clip" in method.needs:  # whom the words guide by CLIP alone: says so
            with pytest.raises(EditError, match="<axi>"):
                finish(method.run(every_sd, edit))
            return
        edited = finish(method.run(every_sd, edit))
    assert edited.image.isfinite().all()
    assert_untouched(before, every_sd)


def test_what_does_not_fit_is_a_clear_error(method: Method, every_sd: StableDiffusion) -> None:
    size = every_sd.size
    for wrong in (
        {"options": {"no_such_option": 1}},
        {"image": torch.zeros(1, 3, size, size // 2)},
        {"image": torch.zeros(2, 3, size, size)},
        {"image": torch.zeros(1, 3, size - 1, size - 1)},
        {"region": torch.ones(1, 1, 4, 4)},
        {"steps": 0},
        {"steps": 5000},
        {"strength": -1.0},
    ):
        with pytest.raises(EditError) as error:
            finish(method.run(every_sd, edit_for(every_sd, **wrong)))
        assert any("一" <= character <= "鿿" for character in error.value.sentence)


@pytest.mark.parametrize("name", METHOD_NAMES)
def test_a_model_that_lacks_something_is_a_clear_error(name: str, tiny_sd: StableDiffusion) -> None:
    needy = replace(METHODS[name], needs=(*METHODS[name].needs, "clip"))
    with pytest.raises(EditError, match="lacks"):
        needy.check(replace(tiny_sd, clip=None), edit_for(tiny_sd))


@pytest.mark.parametrize("name", METHOD_NAMES)
def test_the_table_says_what_the_method_is(name: str) -> None:
    method = METHODS[name]
    assert method.name == name
    assert method.title
    assert method.operations
    assert method.run.__doc__
