"""How a Chinese sentence is read, from characters to steps; bot/parser.py puts it together, bot/lexicon.py has the words.

tokens.py      the user's characters → folded words, each with its part and its place in the user's own text
parts.py       sets of parts that several files look at
respelling.py  words whose part depends on their neighbours; slips.py  slips of the pen that only these tell
clauses.py     a clause without politeness, and the flags that left behind
phrases.py     some words → a thing; places.py → where; styles.py → a way of drawing
grammar.py     the frames of orders, as data: BA t BECOME c
order.py       a clause that fits a frame
becoming.py removing.py adding.py placing.py looking.py    the readings: frame + phrases → Step
unlikely.py    what is said to people rather than of a photo, when none came with it
steps.py       a clause → its steps
memory.py      what was named before, and how a clause leans on it
topics.py      what a clause that orders nothing speaks of
breaks.py      where clauses end; brackets, lists
message.py     a message → its clauses, one after the other

opinion.py     a second opinion, learnt from the labelled sentences: is it put like an order or like talk?
kinds.py       the likeliest intent of what no rule reads, learnt likewise; unlisted.py makes its plan
sureness.py    how sure the rules are; below a half bot/endpoint.py may ask a language model

sayings.py intents.py    what is no edit: 撤销, 还要多久 (as data)
forgetting.py drawing.py 把小明忘掉; 画一只兔子
teaching.py stickers.py  这是小明,记住他; 来6个小明的表情

How to teach it a word or a way of saying something: tests/commands/README.md.
"""
