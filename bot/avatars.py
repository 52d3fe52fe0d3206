"""A member's avatar as a reference: 用@小明的头像把他加进来. That member alone is asked, in the group; only after their yes is the
avatar fetched, and it becomes one reference of a taught person of whoever asked."""

import re
from dataclasses import asdict
from typing import Any

from bot import learning, replies
from bot.platforms import Button, Member
from bot.turn import Turn, with_whom
from storage import avatars, chats, concepts, inbox, outbox, rooms

_USE = re.compile(r"(?:用|拿|照着?|以).{0,24}?的头像.{0,8}?(?:加|放(?!大)|[Pp]|合|学|认|记|参考|拼)")
_MINE = re.compile(r"(?:用|拿|照着?|以)\s*(?:我|俺|本人|我自己)的头像")
_WITHDRAW = re.compile(
    r"(?:请|帮我)?(?:收回|撤回|停用|别再?用|不要再?用|删掉|忘掉)我的头像.{0,4}|把我的头像(?:收回|撤回|删掉|忘掉).{0,4}"
)


def by_words(turn: Turn, text: str) -> bool:
    """Sentences about members' avatars; False for all others."""
    if _WITHDRAW.fullmatch(text):
        turn.say(replies.avatars_forgotten(avatars.withdraw(turn.store, turn.user)))
    elif _USE.search(text):
        _wanted(turn, text)
    else:
        return False
    return True


def _wanted(turn: Turn, text: str) -> None:
    """Whose it is, and whether they can be asked."""
    if turn.incoming.photos:
        chats.discuss(turn.store, turn.chat, turn.user, turn.incoming.photos[-1])
    if not turn.incoming.avatars:
        return turn.say(replies.NO_AVATARS_HERE)
    if _MINE.search(text):
        return turn.say(replies.OWN_AVATAR)
    if rooms.alone(turn.chat, turn.user):
        return turn.say(replies.AVATAR_IN_A_GROUP)
    if not turn.incoming.mentioned:
        return turn.say(replies.AVATAR_OF_WHOM)
    return _ask(turn, turn.incoming.mentioned[0])


def _ask(turn: Turn, member: Member) -> None:
    """Ask them. What was asked stands in the message itself: it is looked up when somebody presses."""
    name = concepts.clean_name(member.name)
    known = concepts.find(turn.store, turn.user, name)
    if known is not None and known.ready:
        return turn.say(replies.known_already(name), buttons=with_whom([known]))
    number = turn.key.partition(":")[2]
    answers = ((replies.ALLOW, "yes"), (replies.DISALLOW, "no"))
    buttons = [asdict(Button(label, f"avatar:{answer}:{number}", answer == "yes")) for label, answer in answers]
    asked = {"member": member.user, "name": name, "asker": turn.user, "numbered": turn.incoming.numbered}
    unknown = member.user.startswith(f"{turn.incoming.platform}:@")  # whoever has that @name: known when they press
    outbox.send(
        turn.store,
        key=_key(number),
        chat=turn.chat,
        user=turn.user if unknown else member.user,
        text=replies.may_use_avatar(name),
        data={"buttons": buttons, "avatar": asked},
    )
    return None


def pressed(turn: Turn, answer: str, number: str) -> None:
    """同意 or 不同意, which only the member can say; or the avatar has come."""
    question, written = int(number), outbox.written(turn.store, _key(number))
    asked = written.get("avatar") if written is not None else None
    if asked is None:
        return turn.say(replies.BUTTON_TOO_OLD)
    if answer == "come":
        return _come(turn, asked, question)
    if asked["member"] not in (turn.user, turn.incoming.handle):
        return turn.say(replies.AVATAR_NOT_YOURS)
    if avatars.answered(turn.store, question) is not None:
        return turn.say(replies.AVATAR_ANSWERED)
    agreed = answer == "yes"
    wording = f"{replies.may_use_avatar(asked['name'])}\n答：{replies.ALLOW if agreed else replies.DISALLOW}"
    avatars.answer(turn.store, question, turn.user, wording, agreed, replies.AVATAR_VERSION)
    if not agreed:
        return turn.say(replies.avatar_refused(asked["name"]))
    inbox.receive(  # as if whoever asked had sent it: it is fetched after the commit, like every photo
        turn.store,
        platform=turn.incoming.platform,
        update_id=f"avatar:{number}",
        chat=turn.chat,
        user=asked["asker"],
        data={
            "action": f"avatar:come:{number}",
            "files": [{"avatar": turn.user}],
            "numbered": asked["numbered"],
        },
    )
    return None


def _come(turn: Turn, asked: dict[str, Any], question: int) -> None:
    """The avatar of a member who has agreed: one reference of a taught person."""
    answered = avatars.answered(turn.store, question)
    if answered is None or not answered[1] or turn.user != asked["asker"] or len(turn.incoming.photos) != 1:
        return None  # what is wrong with the picture has been said; nobody else gets here
    name, member = asked["name"], answered[0]
    concept, _ = learning.begin(
        turn.store,
        f"{turn.key}:learn",
        turn.user,
        turn.chat,
        name,
        "person",
        turn.incoming.photos,
        agreed=f"{name}本人在群里按了「{replies.ALLOW}」",
    )
    avatars.used(turn.store, concept.id, member, replies.may_use_avatar(name), replies.AVATAR_VERSION)
    return turn.say(replies.avatar_agreed(name))


def _key(number: str) -> str:
    return f"in:{number}:avatar"


BUTTONS = {"avatar": pressed}
