"""What a bot has loaded after its first sentence, for processes that are forked off."""

from bot import parser
from tests.crash import killing

parser.understand("改成油画风", [], 1)
READY = killing.KINDS
