"""Several chats of one person."""

from storage import Storage, concepts, outbox, photos, rooms, shares
from tests.storage.house import ANN, BOB, ROOM, png


def test_which_chats_are_somebodys_alone() -> None:
    assert rooms.further(ANN, 1) == ANN
    assert rooms.alone(rooms.further(ANN, 2), ANN)
    assert not rooms.alone(rooms.further(ANN, 2), BOB)
    assert not rooms.alone(ROOM, ANN)
    assert not rooms.alone(ANN + "x", ANN)
    assert [rooms.number(told) for told in ("", "0", "2", "-3", "x", "²", "12345678")] == [1, 1, 2, 1, 1, 1, 1]


def test_talks_and_what_was_said_in_them(store: Storage) -> None:
    second = rooms.further(ANN, 2)
    for number, (chat, author, text) in enumerate(
        ((ANN, "user", ""), (ANN, "user", "把猫换成狗"), (ANN, "bot", "改好了"), (second, "user", "改成 ABC 100%"))
    ):
        outbox.log(store, key=str(number), chat=chat, user=ANN, author=author, text=text)
    outbox.log(store, key="his", chat=BOB, user=BOB, author="user", text="把猫换成狗")
    assert [(one.chat, one.title) for one in outbox.talks(store, ANN)] == [
        (second, "改成 ABC 100%"),
        (ANN, "把猫换成狗"),
    ]
    assert [one.text for one in outbox.search(store, ANN, "abc")] == ["改成 ABC 100%"]
    assert [one.text for one in outbox.search(store, ANN, "%")] == ["改成 ABC 100%"]  # no wildcard
    assert [one.chat for one in outbox.search(store, ANN, "猫")] == [ANN]


def test_what_is_shared_with_somebody_is_known_in_all_their_chats(store: Storage) -> None:
    references = tuple(photos.put(store, png(color), BOB).sha256 for color in ("red", "green", "blue"))
    concept = concepts.create(store, BOB, "年糕", "pet", references)
    assert shares.accept(store, shares.create(store, concept.id, BOB), ANN) is not None
    for chat in (ANN, rooms.further(ANN, 2)):
        assert [one.name for one in concepts.of_owner(store, ANN, chat)] == ["年糕"]
        assert concepts.usable(store, concept.id, ANN, chat)
        assert concepts.find(store, ANN, "年糕", chat) is not None
    assert concepts.of_owner(store, ANN, ROOM) == ()
