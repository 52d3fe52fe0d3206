"""Pixels only: geometry, masks, mattes, inpainting, colour, styles. No model, no words, no storage."""
