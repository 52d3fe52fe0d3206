"""The engine for Stable-Diffusion folders, the miniature among them."""
