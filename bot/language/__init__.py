"""How a Chinese sentence is read, from characters to steps; bot/parser.py puts it together, bot/lexicon.py has the words.

tokens.py      the user's characters → folded words, each with its part and its place in the user's own text
parts.py       sets of parts that several files look at
respelling.py  words whose part depends on their neighbours; slips.py  slips of the pen that only these tell
clauses.py     a clause without politeness, and the flags that left behind
phrases.py     some words → a thing; places.py → where; styles.py → a way of drawing
grammar.py     the frames of orders, as data: BA t BECOME c
order.py       a clause that fits a frame
replace_recolor.py remove.py insert.py move_background.py modify.py    the readings: frame + phrases → Step
retouching.py  orders about the photo as a photo, as patterns over a clause; the second schema's words for the first's
steps.py       a clause → its steps
memory.py      what was named before, and how a clause leans on it
topics.py      what a clause that orders nothing speaks of
breaks.py      where clauses end; brackets, lists
message.py     a message → its clauses, one after the other

reader.py      the learnt reader: intents, operations, their words and closed slots, as probabilities (reader.npz)
decoding.py    what it hears → steps
weighing.py    rules and reader → one intent, one list of steps; what an operation cannot do without
beyond.py      what is none of a photo's: film, sound, print, files, looking things up (as data)
showing.py     which earlier picture is meant: 原图, 第一版, 雪地那张

referents.py   what a step speaks of, with number, side, colour, part: made once, so that no engine reads Chinese
senses.py      a phrase → English kinds and what is said of them; english.py is its data

sayings.py intents.py    what is no edit: 撤销, 还要多久 (as data)
forgetting.py generate.py 把小明忘掉; 画一只兔子
teaching.py stickers.py  这是小明,记住他; 来6个小明的表情

How to teach it a word or a way of saying something: tests/commands/README.md.
"""
