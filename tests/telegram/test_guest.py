"""Inside an application that does other things as well: the example, run."""

import os
import subprocess
import sys
from pathlib import Path

import storage
from storage import jobs
from tests.bot.talking import picture, work
from tests.telegram.conftest import until
from tests.telegram.process import free_port
from tests.telegram.server import running

ROOT = Path(__file__).resolve().parents[2]


def test_the_example_does_its_own_work_and_edits_photos(tmp_path: Path) -> None:
    with running() as server:
        world = server.world
        ours = {
            "PYTHONPATH": str(ROOT),
            "HEYING_DATA": str(tmp_path / "data"),
            "HEYING_TELEGRAM__API": server.url,
            "HEYING_TELEGRAM__TOKEN": world.token,
            "HEYING_METRICS__PORT": str(free_port()),
            "HEYING_WORKERS__EDIT": "0",
            "HEYING_WORKERS__LEARN": "0",
        }
        example = subprocess.Popen([sys.executable, "examples/ptb_bot.py"], cwd=ROOT, env={**os.environ, **ours})
        try:
            until(lambda: server.calls["getUpdates"], 120)
            person = world.person(1, "甲")
            world.say(person, person, "/weather")
            until(lambda: [m["text"] for m in world.said(person)] == ["晴，二十四度。"])
            world.say(person, person, "把猫换成狗", [picture("cat")])
            store = storage.open(tmp_path / "data")
            until(lambda: jobs.open_on(store, "telegram"))
            work(store)
            until(lambda: any("改好了" in m.get("caption", "") for m in world.said(person)))
            assert not store.one("SELECT 1 FROM inbox WHERE text LIKE '%weather%'")
            store.close()
        finally:
            example.terminate()
            assert example.wait(60) == 0
