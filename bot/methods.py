"""The method that the user names: is there one of that name, can it do what is asked; if not, which can."""

from collections.abc import Iterable

from bot import ideas, replies
from bot.platforms import Button
from bot.turn import Turn, saying
from storage import chats, jobs
from storage.jobs import EditRequest


def able(turn: Turn, operations: Iterable[str]) -> bool:
    """Whether the method named (if any) does these operations; if not, the user has been told which methods do."""
    if turn.options.method is None:
        return True
    methods = jobs.capabilities(turn.store).methods
    method = next(method for method in methods if method["name"] == turn.options.method)
    missing = [operation for operation in operations if operation not in method["operations"]]
    if missing:
        turn.say(
            replies.method_cannot(_title(method), missing[0], _titles(turn, missing[0])),
            buttons=_buttons(turn, missing[0]),
        )
    return not missing


def unheard(turn: Turn, name: str) -> None:
    """No worker has a method of that name (or another one is wanted, and none is named): say which there are."""
    here = chats.under_discussion(turn.store, turn.chat, turn.user)
    operation = here.request.step.operation if here and isinstance(here.request, EditRequest) else None
    titles = _titles(turn, operation)
    if operation and not name and len(titles) == 1:
        turn.say(replies.only_method(titles[0]), buttons=saying(replies.SEVERAL))
    else:
        turn.say(replies.no_such_method(name, titles), buttons=_buttons(turn, operation) if operation else ())


def _titles(turn: Turn, operation: str | None) -> list[str]:
    """The titles of the methods that do an operation (None: any) in the photo under discussion."""
    here = chats.under_discussion(turn.store, turn.chat, turn.user)
    real = here is not None and ideas.real(turn.store, turn.chat, turn.user, here.photo)
    titles = [_title(method) for method in jobs.capabilities(turn.store).methods_for(operation, real)]
    return list(dict.fromkeys(titles))  # several models have the same methods


def _buttons(turn: Turn, operation: str) -> tuple[Button, ...]:
    """Whole engines first: they differ most."""
    engines = [_title(method) for method in jobs.capabilities(turn.store).ways(operation)]
    titles = dict.fromkeys((*(engines if len(engines) > 1 else ()), *_titles(turn, operation)))
    return saying(*(replies.try_method(title) for title in list(titles)[: max(4, len(engines))]))


def _title(method: dict[str, object]) -> str:
    return str(method.get("title") or method["name"])
