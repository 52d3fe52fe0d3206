"""A Ray cluster of several nodes on this machine, as small as they come."""

import contextlib
import importlib.util
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

STORE = 80 * 1024**2  # bytes of each node's object store; less is refused
HEAD = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": STORE}


def ray_is_there() -> None:
    """Skip loudly where it is not."""
    if importlib.util.find_spec("ray") is None:
        pytest.skip("RAY IS MISSING (pip install 'heying[ray]'): nothing that needs a cluster was tested")


@contextlib.contextmanager
def cluster(nodes: int) -> Iterator[Any]:
    """A head and so many nodes with one CPU each, and with the token that a real cluster has."""
    token = tempfile.NamedTemporaryFile("w", suffix=".token", delete=False)  # noqa: SIM115
    token.write("0" * 64)
    token.close()
    ours = {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": token.name,
        "RAY_USAGE_STATS_ENABLED": "0",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args=HEAD)
    try:
        for _ in range(nodes):
            add(made)
        yield made
    finally:
        made.shutdown()
        Path(token.name).unlink()
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def add(made: Any) -> Any:
    """One more node."""
    return made.add_node(num_cpus=1, object_store_memory=STORE, wait=True)
