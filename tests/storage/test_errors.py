"""Errors carry two texts, also across processes."""

import pickle

from storage.errors import HeyingError
from storage.photos import PhotoError


def test_an_error_has_a_sentence_for_the_user_and_one_for_the_log() -> None:
    error = PhotoError("图片是空的。", "0 bytes")
    assert isinstance(error, HeyingError)
    assert (error.sentence, str(error)) == ("图片是空的。", "0 bytes")


def test_without_a_log_text_the_class_speaks() -> None:
    assert str(PhotoError("图片是空的。")) == "PhotoError"


def test_an_error_crosses_processes() -> None:
    again = pickle.loads(pickle.dumps(PhotoError("图片是空的。", "0 bytes")))
    assert (type(again), again.sentence, str(again)) == (PhotoError, "图片是空的。", "0 bytes")
