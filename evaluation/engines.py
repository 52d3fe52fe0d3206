"""An engine of config.toml, opened alone, to be measured."""

import click

from pipeline.engine import Engine
from pipeline.engines import KINDS
from storage.errors import HeyingError
from storage.settings import load


def engine_of(name: str) -> Engine:
    """The engine that config.toml calls by that name. Raises BadParameter, ClickException."""
    settings = load()
    entry = next((one for one in settings.drawing if one.called == name), None)
    if entry is None:
        known = ", ".join(one.called for one in settings.drawing)
        raise click.BadParameter(f"{name}: config.toml has {known}", param_hint="--engine")
    try:
        return KINDS[entry.kind](entry, settings, None)
    except HeyingError as error:
        raise click.ClickException(f"{error}\n{error.sentence}") from error
