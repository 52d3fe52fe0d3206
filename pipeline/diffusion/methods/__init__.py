"""Editing methods: one file and one line of this table each; the contract is in ../contract.py."""

from pipeline.diffusion.contract import Edit, Edited, EditError, Method
from pipeline.diffusion.methods import (
    blended,
    ddib,
    diffusion_clip,
    hiper,
    imagic,
    ledits,
    masactrl,
    mdp,
    pix2pix_zero,
    plug_and_play,
    prompt_to_prompt,
    sdedit,
    sine,
    style_transfer,
    text2live,
)

__all__ = ["METHODS", "Edit", "EditError", "Edited", "Method"]

METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        prompt_to_prompt.METHOD,
        sdedit.METHOD,
        plug_and_play.METHOD,
        pix2pix_zero.METHOD,
        mdp.METHOD,
        masactrl.METHOD,
        ddib.METHOD,
        blended.METHOD,
        hiper.METHOD,
        imagic.METHOD,
        sine.METHOD,
        ledits.METHOD,
        text2live.METHOD,
        diffusion_clip.METHOD,
        style_transfer.METHOD,
    )
}
