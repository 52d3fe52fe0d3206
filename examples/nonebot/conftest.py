"""NoneBot's settings for its test harness."""

import sys
from pathlib import Path

import pytest
from nonebug import NONEBOT_INIT_KWARGS

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.telegram.process import free_port


def pytest_configure(config: pytest.Config) -> None:
    """Where Heying will be."""
    config.stash[NONEBOT_INIT_KWARGS] = {
        "driver": "~fastapi+~httpx",
        "heying_url": f"http://127.0.0.1:{free_port()}",
        "heying_secret": "a secret for the test of the plug-in",
        "log_level": "WARNING",
    }
