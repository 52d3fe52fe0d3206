"""The local web chat: server.py opens it and says which file does what."""
