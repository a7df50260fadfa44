"""What is read of a Telegram update. Everything else in it is left alone.

Source: Telegram, "Telegram Bot API": Update, Message, MessageEntity, CallbackQuery, MessageReactionUpdated, ChatMemberUpdated.
"""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ismessenger.sdk.body import moment

Id = Annotated[int, Field(ge=-(2**63), lt=2**63)]
Key = Annotated[str, Field(max_length=200)]
UnixSeconds = Annotated[datetime, BeforeValidator(moment)]


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class User(_Read):
    """Who did something."""

    id: Id
    is_bot: bool = False
    first_name: str | None = None
    last_name: str | None = None
    language_code: str | None = None


class Chat(_Read):
    """Where it happened; for a private chat the id is that of the person."""

    id: Id
    type: str
    first_name: str | None = None
    last_name: str | None = None


class Entity(_Read):
    """Offsets and lengths are UTF-16 code units."""

    type: str
    offset: int = Field(ge=0)
    length: int = Field(ge=0)
    url: str | None = None


class PhotoSize(_Read):
    """One of the sizes of a photo."""

    file_id: str
    width: int = 0
    height: int = 0
    file_size: int | None = None


class File(_Read):
    """A voice, audio, video, video note, animation or document."""

    file_id: str
    file_name: str | None = None
    mime_type: str | None = None
    file_size: int | None = None


class Sticker(File):
    """A still, animated (a drawing program) or video sticker; ``thumbnail`` is a still preview."""

    is_animated: bool = False
    is_video: bool = False
    emoji: str | None = None
    thumbnail: PhotoSize | None = None


class Point(_Read):
    """Degrees."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class Venue(_Read):
    """A place with a name."""

    location: Point
    title: str
    address: str


class PhoneContact(_Read):
    """A visiting card; ``user_id`` is set if the person is on Telegram."""

    phone_number: str
    first_name: str
    last_name: str | None = None
    user_id: Id | None = None
    vcard: str | None = None


class Poll(_Read):
    """A question with answers to choose from."""

    question: str


class Dice(_Read):
    """A throw whose value Telegram draws."""

    emoji: str
    value: int


class Game(_Read):
    """A game in the chat."""

    title: str


class WebAppData(_Read):
    """What a mini application handed to the bot."""

    data: str
    button_text: str


class InlineButton(_Read):
    """A button below a message."""

    text: str
    callback_data: str | None = None


class InlineKeyboard(_Read):
    """The rows of buttons below a message."""

    inline_keyboard: list[list[InlineButton]] = []


class Reference(_Read):
    """A message that another one speaks of; it may no longer be accessible."""

    message_id: Id
    chat: Chat
    reply_markup: InlineKeyboard | None = None


class Message(_Read):
    """Unknown fields are kept, since their names are all that tells of kinds that came after this was written."""

    model_config = ConfigDict(extra="allow")

    message_id: Id
    date: UnixSeconds
    chat: Chat
    sender: User | None = Field(None, alias="from")
    edit_date: UnixSeconds | None = None
    reply_to_message: Reference | None = None
    media_group_id: Key | None = None
    text: str | None = None
    entities: list[Entity] = []
    caption: str | None = None
    caption_entities: list[Entity] = []
    photo: list[PhotoSize] = []
    voice: File | None = None
    audio: File | None = None
    video: File | None = None
    video_note: File | None = None
    animation: File | None = None
    document: File | None = None
    sticker: Sticker | None = None
    location: Point | None = None
    venue: Venue | None = None
    contact: PhoneContact | None = None
    poll: Poll | None = None
    dice: Dice | None = None
    game: Game | None = None
    web_app_data: WebAppData | None = None

    @property
    def external_id(self) -> str:
        """Unique in the channel: message ids count per chat."""
        return external_id(self.chat.id, self.message_id)


class CallbackQuery(_Read):
    """Somebody pressed a button below a message."""

    id: Key
    sender: User = Field(alias="from")
    message: Reference | None = None
    data: str | None = None


class Reaction(_Read):
    """An emoji, a custom emoji or a paid star."""

    type: str
    emoji: str | None = None


class ReactionChange(_Read):
    """Somebody changed the reactions on a message."""

    chat: Chat
    message_id: Id
    date: UnixSeconds
    new_reaction: list[Reaction]


class ChatMember(_Read):
    """What the bot is in a chat; in a private one "kicked" means blocked."""

    status: str


class MembershipChange(_Read):
    """The bot was blocked, unblocked, added or removed."""

    chat: Chat
    sender: User = Field(alias="from")
    date: UnixSeconds
    new_chat_member: ChatMember


def external_id(chat_id: int | str, message_id: int) -> str:
    """The id of a message for us, the same for what comes in and what we sent."""
    return f"{chat_id}:{message_id}"
