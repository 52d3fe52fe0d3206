"""What is written and drawn on pictures without a model: letters, marks, stickers. Either side may use it; it knows
neither the chat nor the data folder.

    font.py       the shipped font, so that Chinese is never drawn as boxes
    marks.py      the two marks that generated pictures carry, and who made this one?
    stickers.py   a cut-out figure → a sticker with outline, sign and words; other sizes
    moving.py     the same in motion, and the files that chats take
    moods.py      which words, face and emoji go together
    signs.py      the signs of moods that comics have
"""
