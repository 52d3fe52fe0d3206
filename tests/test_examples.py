"""The plug-ins for other bots, each under its framework's own harness, in a process of its own: the harness of NoneBot
would start NoneBot in ours."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MOST_LINES = 200


@pytest.mark.parametrize(("folder", "needs"), [("nonebot", "nonebug"), ("astrbot", "astrbot")])
def test_the_plugin_does_what_it_says(folder: str, needs: str) -> None:
    """AstrBot pins other versions than we do: HEYING_ASTRBOT_PYTHON names the interpreter that has it; NoneBot's likewise."""
    python = os.environ.get(f"HEYING_{folder.upper()}_PYTHON")
    if python is None and importlib.util.find_spec(needs) is None:
        pytest.skip(f"{needs.upper()} IS MISSING (pip install {needs}): the plug-in for {folder} was not driven")
    command = [python or sys.executable, "-m", "pytest", "-c", f"examples/{folder}/pytest.ini", f"examples/{folder}"]
    environment = {**os.environ, "HEYING_PYTHON": sys.executable}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=240)
    assert done.returncode == 0, done.stdout.decode()[-4000:]
    assert b" passed" in done.stdout


@pytest.mark.parametrize("path", ["nonebot/heying_nonebot.py", "astrbot/main.py"])
def test_a_plugin_is_short(path: str) -> None:
    assert len((ROOT / "examples" / path).read_text("utf-8").splitlines()) <= MOST_LINES
