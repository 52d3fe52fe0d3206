"""飞书's official library against our server: run by tests/feishu/test_official.py, by an interpreter that has lark-oapi."""

import io
import json
import sys
import threading
import time

import lark_oapi as lark
from lark_oapi.api.im.v1 import (
    CreateImageRequest,
    CreateImageRequestBody,
    CreateMessageRequest,
    CreateMessageRequestBody,
    GetMessageResourceRequest,
    ReplyMessageRequest,
    ReplyMessageRequestBody,
)
from lark_oapi.event.callback.model.p2_card_action_trigger import P2CardActionTriggerResponse

url, app, secret = sys.argv[1:]
card = json.loads(sys.stdin.read())
came: list[tuple[str, str]] = []
client = lark.Client.builder().app_id(app).app_secret(secret).domain(url).build()


def message(event) -> None:  # type: ignore[no-untyped-def]
    came.append((event.event.message.message_id, json.loads(event.event.message.content)["image_key"]))


def press(event) -> P2CardActionTriggerResponse:  # type: ignore[no-untyped-def]
    print(json.dumps({"pressed": event.event.action.value, "by": event.event.operator.open_id}), flush=True)
    return P2CardActionTriggerResponse({"toast": {"type": "info", "content": "好的"}})


def work() -> None:
    while not came:
        time.sleep(0.05)
    number, key = came[0]
    found = client.im.v1.message_resource.get(
        GetMessageResourceRequest.builder().message_id(number).file_key(key).type("image").build()
    )
    file = ("a.png", io.BytesIO(found.file.read()), "image/png")  # a bare file would go without a name
    picture = CreateImageRequestBody.builder().image_type("message").image(file).build()
    key = client.im.v1.image.create(CreateImageRequest.builder().request_body(picture).build()).data.image_key
    body = CreateMessageRequestBody.builder().receive_id("ou_ann").msg_type("image").uuid("one")
    sent = CreateMessageRequest.builder().receive_id_type("open_id")
    sent = sent.request_body(body.content(json.dumps({"image_key": key})).build()).build()
    assert client.im.v1.message.create(sent).data.message_id == client.im.v1.message.create(sent).data.message_id
    answer = ReplyMessageRequestBody.builder().msg_type("interactive").content(json.dumps(card)).build()
    client.im.v1.message.reply(ReplyMessageRequest.builder().message_id(number).request_body(answer).build())


threading.Thread(target=work, daemon=True).start()
handler = lark.EventDispatcherHandler.builder("", "").register_p2_im_message_receive_v1(message)
handler = handler.register_p2_card_action_trigger(press).build()
lark.ws.Client(app, secret, event_handler=handler, domain=url).start()
