"""Editing methods: one file and one line of this table each; the contract is in contract.py."""

from pipeline.methods import hiper, imagic, ledits, prompt_to_prompt, sdedit, sine
from pipeline.methods.contract import Edit, Edited, EditError, Method

__all__ = ["METHODS", "Edit", "EditError", "Edited", "Method"]

METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        prompt_to_prompt.METHOD,
        sdedit.METHOD,
        hiper.METHOD,
        imagic.METHOD,
        sine.METHOD,
        ledits.METHOD,
    )
}
