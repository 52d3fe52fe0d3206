"""Few-step weights (LCM, Lightning) under every method: it draws in the schedule's own steps, inverts as such weights want,
and needs what the table in docs/stable-diffusion.md says."""

import re
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest
import torch

from pipeline.diffusion.methods import METHODS
from pipeline.diffusion.toolkit.lora import pack, tuned
from pipeline.diffusion.toolkit.model import StableDiffusion, load
from pipeline.diffusion.toolkit.placement import Placement
from pipeline.engine import finish
from tests.conformance.test_methods import METHOD_NAMES, STEPS, edit_for, shortened

PAGE = Path(__file__).parents[2] / "docs/stable-diffusion.md"
SCHEDULE = [999, 749, 499, 249]  # of four steps, "trailing"
ROWS = {
    name: (int(drawn), int(inversion), int(evaluations))
    for name, drawn, inversion, evaluations in re.findall(
        r"^\| `(\w+)` \| (\d) \| (\d+) \| (\d+) \|", PAGE.read_text("utf-8"), re.MULTILINE
    )
}


@pytest.fixture(scope="module", params=["sd15", "sd21", "miniature", "sdxl"])
def few(
    request: pytest.FixtureRequest, model_folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> StableDiffusion:
    """A tiny model with few-step weights merged in, which hold guidance too."""
    folder, file = model_folders[request.param], tmp_path_factory.mktemp("lora") / "few.safetensors"
    with tuned(load(folder).unet, rank=2) as weights:
        file.write_bytes(pack(weights.learnt()))
    return replace(load(folder, placement=Placement(lora=str(file), spacing="trailing")), guidance=1.0)


@pytest.mark.parametrize("name", METHOD_NAMES)
def test_a_method_draws_in_the_steps_of_the_schedule(few: StableDiffusion, name: str) -> None:
    method = METHODS[name]
    if any(getattr(few, need) is None for need in method.needs):
        pytest.skip("this model lacks what the method needs")
    options = {"tries": 0, "eta": 0.8} if name == "imagic" else {"domain": "photo"} if name == "diffusion_clip" else {}
    asked: list[tuple[int, int]] = []  # time, samples; while nothing is learnt

    def called(_: object, inputs: tuple[torch.Tensor, torch.Tensor]) -> None:
        if not torch.is_grad_enabled():
            asked.append((int(inputs[1].max()), len(inputs[0])))

    hook = few.unet.register_forward_pre_hook(called)
    try:
        edited = finish(shortened(method).run(few, edit_for(few, steps=STEPS, options=options)))
    finally:
        hook.remove()
    drawn, inversion, evaluations = ROWS[name]
    assert sum(samples for _, samples in asked) == evaluations
    way = [t for t, _ in groupby(t for t, _ in asked)]
    assert set(way) <= set(SCHEDULE)
    assert way[len(way) - drawn :] == SCHEDULE[STEPS - drawn :]
    looks = [t for t, samples in asked[:inversion] if samples == 1]
    assert looks == sorted(t for t in SCHEDULE for _ in range(inversion // STEPS))
    assert edited.facts.get("inversion", "fixed_point") == "fixed_point"


def test_the_page_has_a_row_for_each_method() -> None:
    assert ROWS.keys() == METHODS.keys()
