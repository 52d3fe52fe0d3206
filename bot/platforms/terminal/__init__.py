"""A terminal: conversation.py says one sentence and waits, chat.py is the whole conversation, line by line."""
