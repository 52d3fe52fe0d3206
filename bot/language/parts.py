"""Sets of parts (the capitals of the lexicon) that several files look at."""

# An order's own verbs.
ORDERS = (
    "BA", "BECOME", "REMOVE", "DEL", "REPLACE", "ADD", "PUT", "TO", "CHANGE", "WEAR", "SHIFT", "MAKE", "DRAW", "DO", "USE",
)  # fmt: skip
# Says nothing in a clause: politeness, sighs, conjunctions.
FILLER = ("NOISE", "PART", "GAP", "CONJ", "MORE", "SOFT", "LEHK")
# A noun begins behind these.
BEFORE_NOUN = (
    "BA", "BECOME", "REMOVE", "DEL", "ADD", "PUT", "DET", "NUM", "M", "POS", "AND", "GIVE", "MAKE", "CHANGE", "USE", "REPLACE",
)  # fmt: skip
# Never part of what a thing is called.
NEVER_NAMED = (
    "DEL", "LE", "WANT", "BA", "BECOME", "REMOVE", "VETO", "QUES", "NEG", "MAKE", "WISH", "STOP", "LEHK", "NOWANT",
)  # fmt: skip
# Says what is to be done, and not only how.
DOING = ("BECOME", "REMOVE", "REPLACE", "CHANGE", "ADD", "WEAR", "DEL", "MAKE")
