"""The frames of 飞书's long connection: pbbp2.Frame, protobuf, as the official SDKs declare it.

A control frame is a ping or a pong; a data frame brings an event or the press of a button, in one piece or in several,
and goes back with a response as its payload.
"""

import base64
import json
import time
from collections.abc import Mapping
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

CONTROL, DATA = 0, 1  # Frame.method
KEPT_SECONDS = 10.0  # that the pieces of an event wait for each other

_TYPE = descriptor_pb2.FieldDescriptorProto
_HEADER = (("key", 1, _TYPE.TYPE_STRING, True), ("value", 2, _TYPE.TYPE_STRING, True))
_FRAME = (
    ("SeqID", 1, _TYPE.TYPE_UINT64, True),
    ("LogID", 2, _TYPE.TYPE_UINT64, True),
    ("service", 3, _TYPE.TYPE_INT32, True),
    ("method", 4, _TYPE.TYPE_INT32, True),
    ("payload_encoding", 6, _TYPE.TYPE_STRING, False),
    ("payload_type", 7, _TYPE.TYPE_STRING, False),
    ("payload", 8, _TYPE.TYPE_BYTES, False),
    ("LogIDNew", 9, _TYPE.TYPE_STRING, False),
)


def _frame_class() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="pbbp2.proto", package="pbbp2", syntax="proto2")
    for name, fields in (("Header", _HEADER), ("Frame", _FRAME)):
        message = file.message_type.add(name=name)
        for field, number, type_, required in fields:
            label = _TYPE.LABEL_REQUIRED if required else _TYPE.LABEL_OPTIONAL
            message.field.add(name=field, number=number, type=type_, label=label)
    file.message_type[1].field.add(
        name="headers", number=5, type=_TYPE.TYPE_MESSAGE, label=_TYPE.LABEL_REPEATED, type_name=".pbbp2.Header"
    )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("pbbp2.Frame"))


Frame = _frame_class()


def parse(data: bytes) -> Any | None:
    """The frame in a message of the connection; None when it is none."""
    try:
        return Frame.FromString(data)
    except DecodeError:
        return None


def headers(frame: Any) -> dict[str, str]:
    """The headers of a frame."""
    return {header.key: header.value for header in frame.headers}


def ping(service: int) -> bytes:
    """The control frame that keeps the connection."""
    frame = Frame(SeqID=0, LogID=0, service=service, method=CONTROL)
    frame.headers.add(key="type", value="ping")
    return bytes(frame.SerializeToString())


def answer(frame: Any, code: int, fields: Mapping[str, Any] | None, seconds: float) -> bytes:
    """The frame that acknowledges a data frame (``code`` 200; 500: send it again), with what the press of a button is
    answered with."""
    response: dict[str, Any] = {"code": code}
    if fields is not None:
        response["data"] = base64.b64encode(json.dumps(fields, ensure_ascii=False).encode()).decode()
    frame.headers.add(key="biz_rt", value=str(int(seconds * 1000)))
    frame.payload = json.dumps(response).encode()
    return bytes(frame.SerializeToString())


class Pieces:
    """Events that come in several frames."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[float, list[bytes | None]]] = {}

    def whole(self, frame: Any) -> bytes | None:
        """The event that a frame completes; None while pieces are missing. Raises ValueError for numbers that are none."""
        fields = headers(frame)
        number, count, place = fields.get("message_id", ""), int(fields.get("sum", "1")), int(fields.get("seq", "0"))
        if count <= 1:
            return bytes(frame.payload)
        if not 0 <= place < count <= 1000:
            raise ValueError(f"piece {place} of {count}")
        now = time.monotonic()
        self._waiting = {name: one for name, one in self._waiting.items() if now - one[0] < KEPT_SECONDS}
        _, pieces = self._waiting.setdefault(number, (now, [None] * count))
        if len(pieces) != count:
            raise ValueError(f"{count} pieces, {len(pieces)} before")
        pieces[place] = bytes(frame.payload)
        if None in pieces:
            return None
        del self._waiting[number]
        return b"".join(piece for piece in pieces if piece is not None)
