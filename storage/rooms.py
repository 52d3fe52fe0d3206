"""Chats of one person alone. Their first is called as they are; a page that has several calls the others
"<person>/<number>". What is shared with one of them is shared with all."""


def further(user: str, number: int) -> str:
    """A person's chat by its number; the first is theirs without one."""
    return user if number < 2 else f"{user}/{number}"


def alone(chat: str, user: str) -> bool:
    """Whether nobody but this person is in a chat."""
    return chat == user or chat.startswith(f"{user}/")


def room(chat: str | None, user: str) -> str | None:
    """The chat as sharing knows it."""
    return user if chat is not None and alone(chat, user) else chat


def number(text: str) -> int:
    """The number of a chat in an address; the first for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 and int(text) else 1
