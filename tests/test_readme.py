"""What the README tells people to type exists."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot import samples
from docs import shots

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z]+)", README)) - {"sure"}
    assert {"run", "test"} <= named
    assert named <= targets


@pytest.mark.parametrize("command", sorted(set(re.findall(r"python -m bot ([a-z]+)", README))))
def test_commands_exist(command: str) -> None:
    done = subprocess.run([sys.executable, "-m", "bot", command, "--help"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "用法：" in done.stdout


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_links_lead_somewhere(target: str) -> None:
    assert (ROOT / target).exists()


def test_the_parse_example() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "parse", "把猫换成狗"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "replace" in done.stdout or "换" in done.stdout


@pytest.mark.parametrize(("title", "sentence"), [(one[0], one[1]) for one in shots.ORDERS if one[0]])
def test_what_the_pictures_show_can_be_pressed(title: str, sentence: str) -> None:
    assert sentence in next(sample.sentences for sample in samples.load() if sample.title == title)
