"""Messages that workflows write."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from ismessenger.automation.cases import Run
from ismessenger.contacts.model import Contact
from ismessenger.files.library import library_files
from ismessenger.installation import Installation
from ismessenger.messages.errors import ReplyRefused
from ismessenger.messages.parts import parts
from ismessenger.messages.reply import Draft, Part, channel_of, reply
from ismessenger.sdk.content import Content, ContentAdapter, QuickReplies, QuickReply
from ismessenger.sdk.step import Outgoing, Result, Send
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import WriteSession

CLIENT: Final = "workflow"
"""How the ids of what workflows send begin: ``workflow/`` the run ``/`` the entry of its step. `messages.outcome` tells the run by it."""


async def send(installation: Installation, db: WriteSession, contact: Contact, wanted: Send, run: Run, workflow_id: int) -> Result | None:
    """Store it; the result is None if it comes when the provider took or refused it. Raises `ReplyRefused`."""
    message = wanted.message
    if wanted.by_channel:
        channel = await channel_of(db, contact, wanted.channel_id)
        message = wanted.by_channel.get(channel.id, message)
    draft = Draft(
        await _contents(installation, db, message, wanted.choices),
        wanted.channel_id,
        client_id=f"{CLIENT}/{run.id}/{run.key}",
        tag=message.tag,
    )
    messages = await reply(installation, db, contact.id, draft, by=None, workflow_id=workflow_id)
    return None if wanted.until_sent else Result(ok=True, details={"message_id": messages[0].id})


async def _contents(installation: Installation, db: WriteSession, message: Outgoing, choices: list[str]) -> list[Part]:
    """Files and words, or the content of the channel's own; a question's choices go with its words."""
    if message.content is not None:
        return [Part(_own_content(message.content))]
    files = await library_files(db, message.file_ids)
    if len(files) < len(set(message.file_ids)):
        raise ReplyRefused(gettext("A file of this step was deleted. Choose another one."), "file_gone")
    if not choices:
        return parts(installation, db.workspace_id, message.text, files)
    question = QuickReplies(title=message.text.strip(), replies=[QuickReply(title=choice, payload=choice) for choice in choices])
    return [*parts(installation, db.workspace_id, "", files), Part(question)]


def _own_content(written: Mapping[str, Any]) -> Content:
    try:
        return ContentAdapter.validate_python(written)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, wrong["loc"]))
        raise ReplyRefused(
            gettext("The content of this message cannot be sent: %(wrong)s.")
            % {"wrong": f"{where}: {wrong['msg']}" if where else wrong["msg"]},
            "content",
        ) from None
