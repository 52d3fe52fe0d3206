"""pbbp2.Frame by hand, from protobuf's encoding and the official SDK's declaration: shares nothing with our reading of it."""

from dataclasses import dataclass, field

NUMBERS = {1: "seq", 2: "log", 3: "service", 4: "method"}
STRINGS = {6: "payload_encoding", 7: "payload_type", 8: "payload", 9: "log_new"}


@dataclass
class Frame:
    """One frame; ``headers`` in their order."""

    seq: int = 0
    log: int = 0
    service: int = 0
    method: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    payload: bytes = b""
    payload_encoding: bytes = b""
    payload_type: bytes = b""
    log_new: bytes = b""

    def encode(self) -> bytes:
        """Its bytes."""
        out = b"".join(_varint(number << 3) + _varint(getattr(self, name)) for number, name in NUMBERS.items())
        for key, value in self.headers:
            out += _bytes(5, _bytes(1, key.encode()) + _bytes(2, value.encode()))
        for number, name in STRINGS.items():
            if value := getattr(self, name):
                out += _bytes(number, value)
        return out


def decode(data: bytes) -> Frame:
    """The frame in some bytes. Raises AssertionError for what the declaration does not know, or when a required field
    is missing."""
    frame, seen = Frame(), set()
    for number, value in _fields(data):
        seen.add(number)
        if number in NUMBERS:
            assert isinstance(value, int)
            setattr(frame, NUMBERS[number], value)
        elif number == 5:
            assert isinstance(value, bytes)
            pair = dict(_fields(value))
            assert set(pair) == {1, 2}
            frame.headers.append((pair[1].decode(), pair[2].decode()))
        else:
            setattr(frame, STRINGS[number], value)
    assert seen >= set(NUMBERS), "a required field is missing"
    return frame


def _fields(data: bytes) -> list[tuple[int, int | bytes]]:
    at, found = 0, []
    while at < len(data):
        tag, at = _read(data, at)
        if tag & 7 == 0:
            value, at = _read(data, at)
            found.append((tag >> 3, value))
        else:
            assert tag & 7 == 2, "neither a number nor bytes"
            size, at = _read(data, at)
            assert at + size <= len(data)
            found.append((tag >> 3, data[at : at + size]))
            at += size
    return found


def _read(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _bytes(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(value)) + value
