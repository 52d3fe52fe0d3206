"""A denoiser that can be written down: the best one for latents from N(mu(prompt), s²).

Its eps is smooth in z and t, as a trained model's is and a random one's is not, so the laws of sampling can be checked
against numbers.
"""

from dataclasses import replace
from types import SimpleNamespace

import torch
from torch import Tensor, nn

from pipeline.diffusion.toolkit.model import Evaluations, StableDiffusion, embed


class Gaussian(nn.Module):
    """eps = sqrt(1 - a) (z - sqrt(a) mu) / (a s² + 1 - a), mu = a fixed picture times how much of it the prompt says
    (the empty prompt: nothing)."""

    def __init__(self, sd: StableDiffusion, spread: float = 0.7) -> None:
        super().__init__()
        self.config = sd.unet.config
        self.alphas, self.spread = sd.scheduler.alphas_cumprod, spread
        random = torch.Generator().manual_seed(5)
        self.picture = torch.randn(1, sd.unet.config.in_channels, 16, 16, generator=random)
        self.words = torch.randn(sd.text_encoder.config.hidden_size, generator=random) / 30
        self.nothing = (embed(sd, [""]) @ self.words).sum()
        self.device, self.dtype = torch.device("cpu"), torch.float32

    def forward(self, z: Tensor, t: Tensor, encoder_hidden_states: Tensor) -> SimpleNamespace:
        a = self.alphas[t].view(-1, 1, 1, 1)
        mu = self.says(encoder_hidden_states).view(-1, 1, 1, 1) * self.picture
        eps = (1 - a).sqrt() * (z - a.sqrt() * mu) / (a * self.spread**2 + 1 - a)
        return SimpleNamespace(sample=eps)

    def says(self, emb: Tensor) -> Tensor:
        """(B, T, D) → (B,): how much of the picture."""
        return (emb @ self.words).sum(1) - self.nothing


def gaussian(sd: StableDiffusion) -> StableDiffusion:
    """`sd` (epsilon) with this denoiser in place of its UNet."""
    return replace(sd, unet=Gaussian(sd), evaluated=Evaluations())
