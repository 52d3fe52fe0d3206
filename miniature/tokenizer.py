"""The tokenizer: CLIP's byte-pair format, with merges that keep every word of the world (and some of its future) whole."""

from __future__ import annotations

import json
from pathlib import Path

from tokenizers.pre_tokenizers import ByteLevel
from transformers import CLIPTokenizer

from miniature.characters import ZOO
from miniature.dataset import write_json
from miniature.scenes import vocabulary

MAX_TOKENS = 56  # three described people and their places are 51 words
FUTURE = """
any are as at autumn baby background bag bear beard bench bicycle big bike bird black boat book bottle bow bowl box
bread bridge brown bus butterfly cake candle chair character child city clean close clothes cloud cloudy coat crown
cup curtain cyan dark day desert door down dragon drawing duck elephant evening eye face far field fish flag floor
food forest fox frog front garden gold gray guitar hand happy head heart hill holding horse ice is it jacket kite lake
lamp large leaf lion little looking man many mirror mood moon morning mountain mouse mouth near nose not of off oil
old onto open orange outside over painting pants park penguin people person phone picture piano pig plain plane plant
plate portrait puppy kitten rain rainbow reflected reflection river road robot rocket room sad sand sea ship shoe
shoes silver sitting skirt sky sleepy small smiling snowman sofa some spring standing star street style summer sun
sunny sunset surprised table tall teddy three tiger to toy train tree trees truck two under up up-close very vase
walking wall water watercolor wave wearing window winter woman wood young zebra angry crying laughing winking
night-time horns ears antennas spots spotted dotted checked beige teal navy violet sketch abstract cyberpunk clay
vintage papercut anime studio statue
""".split()  # noqa: SIM905  (a list of 200 quoted words cannot be read)


def build() -> CLIPTokenizer:
    """A CLIPTokenizer whose vocabulary is bytes, bytes at a word's end, and one merge chain for each word."""
    words = sorted({w for w in (*vocabulary([thing.name for thing in ZOO]), *FUTURE) if w.isalpha()})
    letters = sorted(ByteLevel.alphabet())  # every byte, so that no text is without tokens
    vocab = {token: i for i, token in enumerate([*letters, *(letter + "</w>" for letter in letters)])}
    merges: list[tuple[str, str]] = []
    for word in words:
        # from the end: a suffix with </w> meets no other word's beginning, so that chains seldom cut into each other
        parts = [*word[:-1], word[-1] + "</w>"]
        for cut in range(len(parts) - 2, -1, -1):
            pair = (parts[cut], "".join(parts[cut + 1 :]))
            if pair not in merges:
                merges.append(pair)
            vocab.setdefault("".join(pair), len(vocab))
    for special in ("<|startoftext|>", "<|endoftext|>"):
        vocab[special] = len(vocab)
    tokenizer = CLIPTokenizer(vocab=vocab, merges=merges, model_max_length=MAX_TOKENS)
    broken = [word for word in words if len(tokenizer(word).input_ids) != 3]
    if broken:
        raise RuntimeError(f"the tokenizer breaks {broken}")
    return tokenizer


def save(tokenizer: CLIPTokenizer, folder: Path) -> None:
    """Save with vocab.json and merges.txt beside tokenizer.json, for older readers of the format."""
    tokenizer.save_pretrained(folder)
    tokens = tokenizer.get_vocab()
    write_json(folder / "vocab.json", dict(sorted(tokens.items(), key=lambda pair: pair[1])))
    merges = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]
    lines = [" ".join(pair) if isinstance(pair, list) else pair for pair in merges]
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(lines) + "\n", encoding="utf-8")
