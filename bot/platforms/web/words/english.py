"""The words of the web pages in English; the names are those of chinese.py."""

import math
import time

from storage.requests import Progress
from storage.settings import Retention

LANG = "en"
TITLE = "Heying 合影"

# --- every page -------------------------------------------------------------------------------------------------------
CHAT, PEOPLE, STICKERS, SETTINGS = "Chat", "Taught", "Stickers", "Settings"
PAGES, SKIP, HELP = "Pages", "Skip to the content", "Help"
DARK = "Switch between dark and light"
CLOSE, KEEP_IT, SAVE, CANCEL = "Close", "Not now", "Save", "Cancel"

# --- the chat ---------------------------------------------------------------------------------------------------------
GREETING = "Say in a sentence what to change"
GREETING_HINT = (
    "Send a photo and say 「背景换成白色」 (make the background white); or teach somebody's face and put them into a group"
    " photo. Try a sample first:"
)
REAL, DRAWN = "Real photos", "Our little drawn world"
LOG, SAMPLES, EARLIER, SEND, PICK = "Chat history", "Sample photos", "Earlier messages", "Send", "Choose photos"
TAKE_PHOTO, SPEAK, LISTENING = "Take a photo", "Speak (Chinese)", "Listening: press when you are done"
ERASE_TALK_NOTE = (
    "What was said in this chat, its edits and its photos go, what is being done there stops, and nothing can be brought back."
    " Photos that are in other chats too, names that were taught and sticker sets stay."
)
TALKS, NEW_TALK, SEARCH, NOTHING_FOUND = "All chats", "New chat", "Search the chats", "Nothing found. Try another word."
PLACEHOLDER = "Say it in Chinese"
SPEAKS = "These pages are in English; Heying itself reads and answers Chinese."
LOCAL_NOTE = (
    "Photos are worked on this computer alone and never uploaded. Drop them here or paste them. Results are made by AI"
    " and marked as such."
)
OUTSIDE_NOTE = (
    "Photos are worked on this computer; some edits are painted by a server elsewhere, and you are asked before a photo"
    " is sent. Drop them here or paste them. Results are made by AI and marked as such."
)
DROP_HERE = "Let go to put them in"
WAITING_PHOTO, TAKE_OUT, SENT_FILE = "the photo to be sent", "Leave this one out", "(a file)"
EXPIRED = "This photo has expired and was deleted."
TOO_MUCH_AT_ONCE = "That is too much at once. Send a few at a time."

# --- a result ---------------------------------------------------------------------------------------------------------
BEFORE, AFTER = "Before", "After"
DRAG = "Drag to compare"
ENLARGE, SAVE_PICTURE, SEND_ON = "Enlarge", "Save", "Share"
ZOOM = "Large picture. Wheel or two fingers zoom, dragging moves; keys: plus, minus and the arrows"
CANDIDATES, TAKE, BESIDE = "Choose one", "Use this one", "Side by side"
RESULT, STICKER = "Result", "Sticker"

# --- pointing at somebody in a photo
POINT, POINT_AT = "Point", "Tap or draw around what you mean"
TOOLS = {"tap": "Tap", "lasso": "Lasso", "brush": "Brush", "erase": "Erase"}
TOOL_HINTS = {
    "tap": "Tap people or things, several if you like; press a number to take it back.",
    "lasso": "Hold and draw around what you mean; around a whole person it means that person.",
    "brush": "Paint over what you mean, in as many strokes as you like.",
    "erase": "Rub out what is too much of what you drew.",
}
POINT_HINT = TOOL_HINTS["tap"]
POINT_TOOLS, BRUSH_SIZE, STEP_BACK = "How to choose", "Size", "Step back"
CIRCLED, PAINTED = "the part drawn around", "the part painted over"
LOOKING_FOR_WHO = "Looking who is in the photo; you will be told whom you tapped"
POINT_KEYS = (
    "Photo. The arrow keys move a cross, Enter taps; with lasso and brush Enter puts the pen down and lifts it again"
)
POINT_DONE, POINT_NONE, POINT_AGAIN, POINT_SAY = "Done", "Clear all", "Point on", "Now say what to change"
POINT_NEXT = "Now say what to change, such as 「换成红色」 or 「去掉」"
THIS_PHOTO = "this photo"
POINT_WHO = "Or choose somebody"

# --- the edits of a photo ---------------------------------------------------------------------------------------------
STEPS, ORIGINAL, UNDO, REDO = "The edits of this photo", "the original", "Undo", "Redo"

# --- who has been taught ----------------------------------------------------------------------------------------------
PEOPLE_TITLE = "Taught"
PEOPLE_NOTE = "People, pets, things and styles that you have taught. Photos and what was learnt stay on this computer, for you alone."
NOBODY = "Nobody yet"
NOBODY_HINT = "Teach a person or a pet, and one sentence puts them into any photo."
TRY_SAMPLE = "Or try a sample first"
PUT_IN, MAKE_STICKERS, SHARED = "Put into a photo", "Make stickers", "Shared by others"
STATES = {"learning": "learning", "ready": "learnt", "failed": "not learnt"}
TEACH_AGAIN, RENAME, SHARE, FORGET = "Again", "Rename", "Share", "Forget"
NEW_NAME = "New name"
SHARE_NOTE = "Make a code and send it to a friend. The first chat that says it can use this name: good for 7 days and once; no photo is given away. You can take it back at any time."
MAKE_CODE, COPY, WITHDRAW = "Make a code", "Copy", "Take all shares back"
KINDS = {"person": "Person", "pet": "Pet", "object": "Thing", "style": "Style"}

# --- teaching ---------------------------------------------------------------------------------------------------------
TEACH_NEW, ADD_PHOTOS, BEGIN = "Teach somebody", "Add photos", "Start learning"
NAME, NAME_HINT, KIND = "Name", "such as 阿紫", "What it is"
NAME_MISSING = "A name is missing: write how you will call them."
SAME_PHOTOS = "Learn from the same photos again"
AGREE, AGREE_SELF, REFUSE = "They agree: start", "It is me: start", "Do not learn"

# --- stickers ---------------------------------------------------------------------------------------------------------
STICKERS_TITLE = "Sticker studio"
STICKERS_NOTE = "Choose, order, caption, and download for WeChat or Telegram."
NO_PACKS = "No stickers yet"
NO_PACKS_HINT = "Every person and pet that you taught can become a set; or send a photo and say 「做成表情包」."
PACKS = "My stickers"
PREVIEW_ON, BACKDROPS = "Preview on", {"light": "Light", "dark": "Dark", "checks": "Clear"}
ALL, NONE = "All", "None"
CHOOSE, NO_CAPTION, EARLIER_PLACE, LATER_PLACE, DROP_STICKER = "Use", "No words", "Earlier", "Later", "Drop"
DUPLICATE = "Same picture, other words"
DRAG_STICKER = "Drag to reorder"
ORDER_HINT = "Drag the dots at the top right to reorder, or use the arrows; press Enter after changing words or emoji."
DOWNLOAD_AS = "Download"
DOWNLOADS = {
    "zip": ("ZIP", "those that are chosen"),
    "wechat": ("WeChat", "240 pixels"),
    "telegram": ("Telegram", "512 pixels"),
    "emoji": ("Small", "100 pixels"),
}
MOTION, MOTIONS, GETTING_ALIVE = (
    "Motion",
    {False: "Still", True: "Moving"},
    "The set is drawn again: up to half a minute.",
)
PACK_TITLE, DROP_PACK, OPEN_STUDIO = "Name of the set", "Delete the set", "Words, order, download"

# --- settings ---------------------------------------------------------------------------------------------------------
LANGUAGE, LANGUAGES = "Language", {"zh": "中文", "en": "English"}
LANGUAGE_NOTE = "The pages are in this language. Heying itself reads and answers Chinese."
LOOK, LOOKS = "Look", {None: "As the system", False: "Light", True: "Dark"}
NOTES = "Tell me when it is done"
NOTES_NOTE = "A system notification when a long edit is done while you look at another window. The browser shows it by itself, nothing goes elsewhere; the page has to stay open."
NOTES_MISSING = "This browser cannot notify from here: open the page by https or on this computer; on a phone, add it to the home screen first."
NOTES_REFUSED = (
    "The browser does not allow notifications. Press the icon left of the address, allow them, and switch on again."
)
ON_OFF = {True: "On", False: "Off"}
MY_DATA, MY_DATA_NOTE = "My data", "All of it is on this computer and belongs to this browser alone."
EXPORT = "Export my data"
EXPORT_NOTE = "Photos, chats, names that were taught, stickers and consents in a ZIP."
ERASE = "Delete all my data"
ERASE_NOTE = "Photos, edits, names that were taught, stickers and chats go together and cannot be brought back."
ERASE_SHORT, ERASE_SURE = "Delete", "Delete everything"
COUNTS = {"photos": "photos", "concepts": "names taught", "packs": "sticker sets", "messages": "messages"}
MARKS = "AI marks"
MARKS_NOTE = "Every result says in its metadata that AI made it; the law wants that kept, so it stays."
MARKED, MARKED_NOTE = "「AI生成」 is written in a corner", "Whoever sees the picture knows that AI made it."
UNMARKED = "No 「AI生成」 in the picture"
UNMARKED_NOTE = "You have agreed to say so yourself. New pictures carry no words; the metadata stays."
UNMARK, MARK_AGAIN, AGREE_TERMS = "Remove the words", "Write them again", "I agree: remove the words"
KEEPS = "How long things are kept"
PRIVACY = "Privacy"
PRIVACY_NOTE = "This page asks no other machine for anything; photos and models are on this computer, and other browsers do not see your photos."
OUTSIDE_PRIVACY = (
    "This page asks no other machine for anything, and other browsers do not see your photos. Some edits are painted by a"
    " server elsewhere: a photo is sent there only after you agree."
)
SENDING = "Photos that leave"
SENDING_NOTE = (
    "Some edits are painted by a server elsewhere. You are asked before; your answers are here, to be changed."
)
LEAVE = "Sign out"

# --- what the scripts say (look/) -------------------------------------------------------------------------------------
SCRIPTS = {
    "pasted": "pasted.png",
    "uploading": "sending",
    "not received": "The photo did not arrive. Send it again.",
    "photos wait": "Heying cannot be reached. The photos wait here and go by themselves as soon as it can.",
    "photos lost": "The photo did not arrive: Heying cannot be reached. Choose it again when the page is back.",
    "waiting": "A photo that waits to be sent",
    "not sent": "Heying cannot be reached. What you wrote is still here: press send again when the page is back.",
    "all after": "all after",
    "all before": "all before",
    "some before": "the left {}% is before",
    "draw around": "Hold and draw around what you mean.",
    "pen down": "The pen is down. Draw with the arrow keys; Enter lifts it, Escape drops the line.",
    "pen up": "The pen is up",
    "pen gone": "The line is dropped",
    "copied": "Copied. Paste it into your chat.",
    "not copied": "The browser does not let us copy pictures. Save it instead.",
    "not heard": "Nothing is heard. Allow the microphone in the browser and press again, or type.",
    "not shared": "Sharing did not work. Save the picture instead.",
    "lost": "The connection to Heying is lost.",
    "again": "Connecting again…",
}

# --- an address at which nothing is
LOST = "There is no such page"
LOST_HINT = "The address may be wrong, or what was here has been deleted. Your photos and chats are still there."
BACK_TO_CHAT = "Back to the chat"

# --- the password -----------------------------------------------------------------------------------------------------
PASSWORD, ENTER = "Password", "Enter"
PASSWORD_HINT = "This page has a password."
SHARE_AGAIN = "Sign in, then share the photo once more: it was not kept."
WRONG_PASSWORD = "That is not the password. Try again."


def about_file(name: str, sentence: str) -> str:
    """What is wrong with a file; ``name`` where it has one."""
    return f"{name}: {sentence}" if name else sentence


def too_many_files(most: int) -> str:
    """More files at once than are looked at."""
    return f"At most {most} files at once; the others were not taken. Send a few at a time."


def too_many_tries(seconds: float) -> str:
    """Wrong passwords, again and again."""
    return f"Too many wrong tries. Try again in {max(1, round(seconds))} seconds."


def too_many_newcomers(seconds: float) -> str:
    """Too many new visitors from one address."""
    return f"Too many new visitors from your network. Come back in {max(1, round(seconds / 60))} minutes."


UPLOAD_TOO_SLOW = "The upload was too slow and not finished. Check the network, or send fewer at once."
UPLOADS_BUSY = "Too many people are uploading. Try again in a moment."


def number(index: int) -> str:
    """One of several pictures."""
    return f"Picture {index + 1}"


def side(index: int) -> str:
    """One of two pictures beside each other."""
    return "The right one" if index else "The left one"


def enlarge(what: str) -> str:
    """The button of a picture."""
    return f"{what}, enlarge"


def result_of(what: str) -> str:
    """The picture that an edit made, for a screen reader."""
    return f"Result: {what}"


def compare(what: str) -> str:
    """The slider on a result."""
    return f"Compare before and after: {what}. To the right: before, to the left: after"


def step(index: int, what: str) -> str:
    """One picture of the history, for a screen reader."""
    return f"Back to step {index}: {what}" if index else "Back to the original"


def branch(what: str) -> str:
    """A picture that was made another time from the same one, for a screen reader."""
    return f"Over to another branch: {what}"


def back_to(made: bool, what: str) -> str:
    """What is said in the user's place when they press one of them; the photo that was sent was not ``made``."""
    return f"Back to 「{what}」" if made else "Back to the original"


def facts(references: int, stickers: int, when: str) -> str:
    """What is known of somebody who was taught."""
    parts = [f"{references} reference photos"]
    parts += [f"{stickers} sticker sets"] if stickers else []
    return " · ".join([*parts, when])


def reference(name: str, index: int) -> str:
    """One of the photos that somebody was learnt from."""
    return f"Reference photo {index + 1} of {name}"


def stickers_of(name: str) -> str:
    """The button that asks for stickers."""
    return f"Make stickers of {name}"


def photos_wanted(least: int, most: int) -> str:
    """The hint above the photos to learn from."""
    return f"{least}–{most} clear photos from different sides; each must show the same person (or pet, thing, style)."


def photos_have(have: int, least: int, most: int) -> str:
    """Too few or too many of them."""
    return f"{have} photos now; {least}–{most} are needed."


def take_out(index: int) -> str:
    """The button of one of them."""
    return f"Leave out picture {index + 1}"


def sure_to_forget(name: str, references: int) -> str:
    """Before somebody is forgotten."""
    return f"The name, {references} reference photos, what was learnt and {name}'s stickers are deleted for good."


def forget_whom(name: str) -> str:
    """The title of that question, and its button."""
    return f"Forget {name}"


def teach_again(name: str) -> str:
    """The title of the form."""
    return f"Teach {name} again"


def share(name: str) -> str:
    """The title of that dialog."""
    return f"Share {name}"


def rename(name: str) -> str:
    """The title of that form."""
    return f"Rename {name}"


def sure_to_drop(title: str, count: int) -> str:
    """Before a pack is dropped."""
    return f"{count} stickers of 「{title}」 are deleted for good."


def pack_size(count: int) -> str:
    """How many stickers."""
    return f"{count} stickers"


def chosen(count: int, of: int) -> str:
    """How many stickers will be downloaded."""
    return f"{count} of {of} chosen"


def caption_of(index: int) -> str:
    """The field with a sticker's words."""
    return f"Words of sticker {index + 1}"


def emoji_of(index: int) -> str:
    """The field with a sticker's emoji."""
    return f"Emoji of sticker {index + 1}"


def moved(what: str, place: int) -> str:
    """What a screen reader is told after a sticker has moved."""
    return f"{what} is number {place + 1} now"


def sticker(index: int, caption: str) -> str:
    """One sticker, for a screen reader."""
    return f"Sticker {index + 1}" + (f" 「{caption}」" if caption else "")


def kept(days: Retention) -> str:
    """How long things are kept."""
    parts = [("Photos", days.photos), ("chats", days.messages), ("records of work", days.jobs)]
    lines = [f"{what} {f'for {long:g} days' if long else 'always'}" for what, long in parts]
    return ", ".join(lines) + "; names and stickers until you delete them."


def point_in(what: str) -> str:
    """The button below a picture."""
    return f"Point in {what}"


def take_back(number: int, who: str) -> str:
    """The mark of a tapped place."""
    return f"Place {number}{f' ({who})' if who else ''}, press to take it back"


def pointed(who: list[str], places: int, circled: int = 0, painted: int = 0) -> str:
    """What has been tapped, drawn around and painted over."""
    drawn = [
        called if count == 1 else f"{count} parts {how}"
        for called, how, count in ((CIRCLED, "drawn around", circled), (PAINTED, "painted over", painted))
        if count
    ]
    return "Pointed at " + ", ".join(
        [*who, *([f"{places} places" if places > 1 else "1 place"] if places else []), *drawn]
    )


def listed(names: list[str]) -> str:
    """Several names."""
    return ", ".join(names)


def credit(author: str) -> str:
    """Whose photo a sample is."""
    return f"Photo: {author}"


# --- everything of a person, asked for in the chat ---------------------------------------------------------------------
TAKE_MY_DATA = "Download my data (ZIP)"


def more_waiting(count: int) -> str:
    """Work that waits behind what is shown."""
    return f"{count} more {'are' if count > 1 else 'is'} waiting, one after the other"


def left_today(count: int, seconds: float) -> str:
    """How many edits are left, where there is a limit, or when there will be one."""
    if count:
        return f"{count} edit{'s' if count > 1 else ''} left today"
    wait = f"{math.ceil(seconds / 60)} min" if seconds < 5400 else f"{math.ceil(seconds / 3600)} h"
    return f"No edits left: the next in {wait}"


def clock(at: float) -> str:
    """When something was, as people write it."""
    then, hour = time.localtime(at), time.strftime("%H:%M", time.localtime(at))
    return hour if then[:3] == time.localtime()[:3] else f"{day(at)}, {hour}"


def day(at: float) -> str:
    """The day of something."""
    return time.strftime("%b ", time.localtime(at)) + str(time.localtime(at).tm_mday)


def taught_on(at: float) -> str:
    """When somebody was taught."""
    return f"taught on {day(at)}"


def consent_in_short(name: str) -> str:
    """What the card of consent says, for those who cannot read it."""
    return (
        f"In short: {name} is a person. They must know and agree that Heying learns their looks and makes pictures of them;"
        " nobody under 14. The photos and what is learnt stay on this computer, for you alone, until you have them deleted."
    )


TERMS_IN_SHORT = (
    "In short: whoever publishes such a picture says that AI made it, does not use it to pass for real people or events,"
    " and leaves its metadata alone. Your consent is kept for at least six months."
)


# --- what the bot says as well ------------------------------------------------------------------------------------------
def stage(place: int, progress: Progress | None, waking: str) -> str:
    """Where a job stands; the worker says what it is at in Chinese."""
    if place == 0:
        return (progress.stage if progress and progress.stage else "") or "Getting ready"
    if waking:
        return "No worker starts: run python -m bot doctor" if waking == "lost" else "The worker is starting…"
    return "Next in line" if place == 1 else f"Number {place} in line"


def time_left(seconds: float | None) -> str:
    """How much longer."""
    if seconds is None:
        return "no estimate yet"
    if seconds == math.inf:
        return "slower than usual"
    if seconds < 1:
        return "any moment"
    return f"about {round(seconds)} s" if seconds < 90 else f"about {round(seconds / 60)} min"


def learning(name: str, count: int, then: str = "") -> str:
    """Learning has been queued, and after it the order ``then``."""
    begun = f"Learning {name} from these {count} photos."
    return f"{begun} Then at once: {then}" if then else f"{begun} Go on with other photos meanwhile."


def forgotten(name: str, photos: int) -> str:
    """A concept has been forgotten."""
    return f"Forgot {name}: the name, {photos} reference photos and what was learnt."


def withdrawn(name: str) -> str:
    """A name is its owner's alone again."""
    return f"Taken back: {name} is yours alone again."


def erase_talk(title: str) -> str:
    """A button that deletes a chat."""
    return f"Delete the chat “{title[:20]}”"


def talk_erased(photos: int) -> str:
    """A chat is gone."""
    return f"The chat is gone, with {photos} photos." if photos else "The chat is gone."
