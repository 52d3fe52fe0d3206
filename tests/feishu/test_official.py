"""The server of these tests is 飞书 enough for 飞书's own library."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from bot.platforms import Button
from bot.platforms.feishu.sending import card
from tests.bot.talking import picture
from tests.feishu.server import APP, SECRET, running
from tests.feishu.test_feishu import until


@pytest.mark.timeout(400)
def test_the_official_library_talks_to_the_server() -> None:
    """It connects, takes an event in pieces, fetches and uploads a picture, sends, answers, and is told of a press."""
    python = os.environ.get("HEYING_LARK_PYTHON")
    if not python:
        pytest.skip(
            "HEYING_LARK_PYTHON IS NOT SET (an interpreter that has lark-oapi): the server was not checked by it"
        )
    ours = json.dumps(card("feishu:ou_ann", "改好了", (Button("撤销", "undo:7"),)))
    with running() as server:
        command = [python, str(Path(__file__).with_name("official.py")), server.url, APP, SECRET]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as official:
            try:
                assert official.stdin is not None
                assert official.stdout is not None
                official.stdin.write(ours)
                official.stdin.close()
                server.piece = 100
                asked = server.say("ou_ann", "", "image", {"image_key": server.image(picture("cat"))})
                until(lambda: len(server.said(server.alone("ou_ann"))) == 2, 300)
                image, answer = server.said(server.alone("ou_ann"))
                assert server.images[image.content["image_key"]] == picture("cat")
                assert (answer.parent, answer.kind) == (asked, "interactive")
                server.press("ou_ann", answer.id, "撤销")
                until(lambda: server.toasts == ["好的"])
                lines = (json.loads(line) for line in official.stdout if line.startswith('{"pressed"'))
                value = {"action": "undo:7", "label": "撤销", "chat": "feishu:ou_ann"}
                assert next(lines) == {"pressed": value, "by": "ou_ann"}
                assert not server.pending
            finally:
                official.kill()
