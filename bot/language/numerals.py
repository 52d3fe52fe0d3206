"""Small numbers in characters or digits: 三, 两, 12."""

NUMBERS = {**{digit: number for number, digit in enumerate("一二三四五六七八九十", 1)}, "两": 2, "俩": 2, "仨": 3}


def number(word: str) -> int:
    """The number that a word is. Raises KeyError for one that is none."""
    return int(word) if word.isdigit() else NUMBERS[word]
