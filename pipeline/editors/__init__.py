"""The engines for instruction editors: kind "editor" on this machine (local.py), kind "server" elsewhere (remote.py).

`open(told, look)` makes one of an [[engines]] entry. Nothing heavy is imported before an editor is opened.
"""

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.editors.engine import Editor, Look

__all__ = ["open"]


def open(entry: Any, look: "Look | None" = None) -> "Editor":
    """The engine of an [[engines]] entry with kind "editor" or "server".

    `told` is anything with the attributes of settings.LocalSettings or settings.ServerSettings; what it lacks has its
    default. `look` finds the persons of a photo (pipeline.vision). The key of a server is the environment's
    HEYING_KEY_<NAME>, or the variable that the provider's own tools read. Raises EngineError.
    """
    from pipeline.editors.engine import Editor, Painter
    from pipeline.editors.settings import LocalSettings, ServerSettings, picked

    name = getattr(entry, "called", None) or getattr(entry, "name", "") or entry.kind
    painter: Painter
    if entry.kind == "server":
        from pipeline.editors.dialects import DIALECTS
        from pipeline.editors.remote import Server

        server = picked(entry, ServerSettings, name=name)
        known = DIALECTS.get(server.dialect)
        variables = (f"HEYING_KEY_{name.upper().replace('-', '_')}", known.variable if known else "")
        key = server.key or next((os.environ[one] for one in variables if os.environ.get(one)), "")
        server = picked(entry, ServerSettings, name=name, key=key)
        painter, likeness = Server.open(server), server.likeness
    else:
        from pipeline.editors.local import Diffusers

        local = picked(entry, LocalSettings, name=name)
        painter, likeness = Diffusers.open(local), local.likeness
    return Editor(name, painter, look, likeness)
