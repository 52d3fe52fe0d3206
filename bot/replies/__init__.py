"""Every Chinese sentence that the bot says, a module a topic. Each says what to do next; none blames the reader.

Sentences without gaps are constants; those with gaps are functions. Errors of storage and of the workers bring their
own finished sentences and are passed on as they are.
"""

# ruff: noqa: F403
from bot.replies.agreements import *
from bot.replies.asking import *
from bot.replies.buttons import *
from bot.replies.command_line import *
from bot.replies.descriptions import *
from bot.replies.files import *
from bot.replies.names import *
from bot.replies.progress import *
from bot.replies.results import *
from bot.replies.talk import *
from bot.replies.teaching import *
