"""Looking into attention changes nothing; changing it changes only what was asked for; afterwards all is as before."""

import pytest
import torch
from diffusers import UNet2DConditionModel
from torch import Tensor

from pipeline.diffusion.toolkit import model
from pipeline.diffusion.toolkit.attention import AttentionStore, Control, Place, attention, places, token_map
from pipeline.diffusion.toolkit.model import StableDiffusion


def predicted(sd: StableDiffusion, *controls: Control) -> Tensor:
    z = model.noise(sd, (2, sd.unet.config.in_channels, 16, 16), 0)
    with torch.no_grad(), attention(sd.unet, *controls):
        return model.predict(sd, z, 500, model.embed(sd, ["a red cat", "a dog on the beach"]))


def test_places_are_told_from_the_model_s_structure(every_sd: StableDiffusion) -> None:
    found = places(every_sd.unet)
    assert [place.way for place in found] == sorted((place.way for place in found), key=["down", "mid", "up"].index)
    assert sum(place.cross for place in found) == sum(not place.cross for place in found)
    assert len(found) == len(every_sd.unet.attn_processors)


def test_an_idle_control_changes_nothing(every_sd: StableDiffusion) -> None:
    torch.testing.assert_close(predicted(every_sd, Control()), predicted(every_sd), atol=1e-5, rtol=1e-4)


def test_attention_outside_transformers_is_the_same_too() -> None:
    """Some UNets have plain self-attention over pictures, with norm and residual of its own."""
    torch.manual_seed(0)
    unet = UNet2DConditionModel(
        sample_size=16,
        block_out_channels=(8, 16),
        down_block_types=("DownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "UpBlock2D"),
        mid_block_type="UNetMidBlock2DCrossAttn",
        layers_per_block=1,
        cross_attention_dim=8,
        attention_head_dim=4,
        norm_num_groups=4,
    ).eval()
    z, emb = torch.randn(1, 4, 16, 16), torch.randn(1, 5, 8)
    with torch.no_grad():
        plain = unet(z, 10, encoder_hidden_states=emb).sample
        with attention(unet, Control()):
            controlled = unet(z, 10, encoder_hidden_states=emb).sample
    torch.testing.assert_close(controlled, plain, atol=1e-5, rtol=1e-4)


def test_processors_come_back_even_after_an_error(every_sd: StableDiffusion) -> None:
    before = dict(every_sd.unet.attn_processors)

    class Breaks(Control):
        def maps(self, place: Place, probs: Tensor) -> Tensor:
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        predicted(every_sd, Breaks())
    after = every_sd.unet.attn_processors
    assert before.keys() == after.keys()
    assert all(after[name] is before[name] for name in before)


def test_maps_are_probabilities_over_tokens(every_sd: StableDiffusion) -> None:
    store = AttentionStore(batch=1, pixels=16 * 16)
    predicted(every_sd, store)
    listens = ["CrossAttn" in kind for kind in reversed(every_sd.unet.config.up_block_types)]  # finest level first
    listens[-1] = True  # the middle block
    assert store.sides() == [16 >> level for level, here in enumerate(listens) if here]
    for place, total in store.totals.items():
        assert place.cross
        assert total.shape[0] == 1
        assert total.shape[2] == every_sd.tokens
        torch.testing.assert_close(total.sum(-1), torch.ones(total.shape[:2]))


def test_a_store_adds_up_and_keeps_to_its_limit(tiny_sd: StableDiffusion) -> None:
    store, once = AttentionStore(batch=2, pixels=64), AttentionStore(batch=2, pixels=64)
    predicted(tiny_sd, once)
    predicted(tiny_sd, store)
    predicted(tiny_sd, store)
    assert store.sides() == [8, 4]
    for place, total in store.totals.items():
        torch.testing.assert_close(total, 2 * once.totals[place])


def test_token_map_gathers_resolutions(tiny_sd: StableDiffusion) -> None:
    store = AttentionStore(batch=2, pixels=256)
    store.totals = {
        Place("fine", "up", True): torch.zeros(2, 256, 32),
        Place("coarse", "mid", True): torch.zeros(2, 16, 32),
    }
    store.totals[Place("fine", "up", True)][1, 17, 5] = 1.0
    store.totals[Place("coarse", "mid", True)][1, :, 6] = 1.0
    fine = token_map(store, [5, 6], sample=1, size=16, sides=(16,))
    assert fine[0, 0, 1, 1] == 1
    assert float(fine.sum()) == 1
    both = token_map(store, [5, 6], sample=1, size=16)
    assert both[0, 0, 1, 1] == 1
    assert both[0, 0, 9, 9] == 0.5
    assert float(token_map(store, [5, 6], sample=0, size=16).sum()) == 0
    with pytest.raises(ValueError, match="16, 4"):
        token_map(store, [5], sample=0, size=16, sides=(8,))


def test_a_control_reaches_queries_keys_and_values(tiny_sd: StableDiffusion) -> None:
    class Copy(Control):
        """Self-attention of the second sample looks with the first one's queries at its keys and values."""

        def wants(self, place: Place, pixels: int) -> bool:
            return not place.cross

        def qkv(self, place: Place, q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            return q[[0, 0]], k[[0, 0]], v[[0, 0]]

    plain, copied = predicted(tiny_sd), predicted(tiny_sd, Copy())
    torch.testing.assert_close(copied[0], plain[0], atol=1e-5, rtol=1e-4)
    assert not torch.allclose(copied[1], plain[1], atol=1e-3)
