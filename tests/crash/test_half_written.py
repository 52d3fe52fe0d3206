"""A process killed while it writes leaves whole things or nothing."""

import hashlib
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import storage
from storage import health, inbox, photos, retention

ROOT = Path(__file__).resolve().parents[2]

# Takes in pictures and messages until it is killed; says each thing after it is committed.
WRITER = """
import io, sys
from PIL import Image
import storage
from storage import inbox, photos
store = storage.open(sys.argv[1])
seed = int(sys.argv[2])
number = 0
while True:
    number += 1
    out = io.BytesIO()
    Image.effect_noise((200, 200), seed + number).convert("RGB").save(out, "PNG")
    photo = photos.put(store, out.getvalue(), "web:ann")
    told = {"platform": "web", "chat": "web:c", "user": "web:ann", "photos": [photo.sha256]}
    inbox.receive(store, update_id=f"{seed}-{number}", **told)
    print(photo.sha256, flush=True)
"""


def test_what_was_acknowledged_survives_and_nothing_is_half(tmp_path: Path) -> None:
    chance = random.Random(3)
    acknowledged = []
    for round in range(5):
        command = [sys.executable, "-c", WRITER, str(tmp_path), str(round * 100)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as writer:
            assert writer.stdout is not None
            acknowledged.append(writer.stdout.readline().strip())
            time.sleep(chance.uniform(0.0, 0.1))
            writer.send_signal(signal.SIGKILL)
            acknowledged += [line for line in writer.stdout.read().splitlines() if len(line) == 64]
    with storage.open(tmp_path) as store:
        assert [sentence for sentence in health.check(store) if "磁盘" not in sentence] == []
        received = {row["photos"] for row in store.rows("SELECT photos FROM inbox")}
        for sha256 in acknowledged:
            assert hashlib.sha256(photos.read(store, sha256, "web:ann")).hexdigest() == sha256
            assert f'["{sha256}"]' in received
        for file in (tmp_path / "photos").rglob("*.png"):
            if not file.name.startswith("."):
                assert hashlib.sha256(file.read_bytes()).hexdigest() == file.stem
        assert len(inbox.take(store, "bot")) == 1
        assert retention.sweep(store)["photos"] == 0
