"""How a Chinese sentence is read, from characters to steps; bot/parser.py puts it together, bot/lexicon.py has the words.

    tokens.py    the user's characters → folded words, each with its part and its place in the user's own text
    phrases.py   some words → a thing, a place, a style, a colour
    grammar.py   the frames of orders, as data: BA t BECOME c
    steps.py     frame + phrases → Step
    clauses.py   a message → its clauses and orders, one after the other
    intents.py   everything that is no edit: learning, stickers, undo, status …
"""
