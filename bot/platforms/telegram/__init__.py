"""Telegram, by aiogram or by python-telegram-bot: updates.py reads what comes in, door.py does the rest."""
