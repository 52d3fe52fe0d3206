"""Photo editing in a Telegram bot that you have already: ten lines with python-telegram-bot.

HEYING_TELEGRAM__TOKEN=… python examples/ptb_bot.py      (pip install -e '.[ptb]')
"""

from telegram.ext import AIORateLimiter, ApplicationBuilder, CommandHandler

from bot.embedding import add_to
from storage import settings


async def weather(update, context):
    await update.message.reply_text("晴，二十四度。")


config = settings.load().telegram
builder = ApplicationBuilder().token(config.token.get_secret_value()).rate_limiter(AIORateLimiter())
application = builder.base_url(f"{config.api}/bot").base_file_url(f"{config.api}/file/bot").build()
application.add_handler(CommandHandler("weather", weather))  # what your bot could do before
add_to(application)  # and now it edits photos, too
application.run_polling()
