"""The small Stable-Diffusion-format model that Heying ships, and the captioned world that it learns from.

``scenes.py`` says what is in a picture, ``draw.py`` paints it, ``train.py`` trains tokenizer, autoencoder, CLIP and
UNet on it, ``weights/`` holds the result in diffusers' StableDiffusionPipeline layout.
"""

from pathlib import Path

WEIGHTS = Path(__file__).parent / "weights"  # what is shipped
