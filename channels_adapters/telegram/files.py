"""Files to Telegram and from Telegram.

Telegram fetches only some files from a link: photos up to 5 MB, documents that are PDF, ZIP or GIF, voice messages in Ogg. What it would
not fetch is read from our own link and uploaded.
Source: Telegram, "Telegram Bot API": "Sending files", getFile.
"""

import mimetypes
from urllib.parse import quote, unquote, urlsplit

import httpx
from pydantic import SecretStr

from channels_adapters.telegram.api import Call, Upload, invoke
from ismessenger.sdk.channel import MediaSource, Rejected, Unavailable
from ismessenger.sdk.content import Media
from ismessenger.sdk.markdown import to_html
from ismessenger.sdk.words import gettext

FILE_BYTES = 20_000_000
_LINKED_PHOTO_BYTES = 5_000_000
_PHOTO_BYTES = 10_000_000
_DOWNLOAD_BYTES = 20 * 1024 * 1024

_BY_LINK = {"application/pdf", "application/zip", "application/x-zip-compressed", "image/gif"}
_METHODS = {
    ("image", "image/jpeg"): "sendPhoto",
    ("image", "image/png"): "sendPhoto",
    ("image", "image/webp"): "sendPhoto",
    ("image", "image/gif"): "sendAnimation",
    ("image", ""): "sendPhoto",
    ("video", "video/mp4"): "sendVideo",
    ("video", ""): "sendVideo",
    ("audio", "audio/ogg"): "sendVoice",
    ("audio", "audio/mpeg"): "sendAudio",
    ("audio", "audio/mp3"): "sendAudio",
    ("audio", "audio/mp4"): "sendAudio",
    ("audio", "audio/m4a"): "sendAudio",
    ("audio", "audio/x-m4a"): "sendAudio",
    ("audio", ""): "sendAudio",
}
_PARAMETERS = {
    "sendPhoto": "photo",
    "sendAnimation": "animation",
    "sendVideo": "video",
    "sendVoice": "voice",
    "sendAudio": "audio",
    "sendDocument": "document",
}


def file_call(media: Media) -> Call:
    """The call that shows a file as what it is; what Telegram cannot play or show goes as a document. Raises `Rejected`."""
    address = media.url or media.provider_id
    if not address:
        raise Rejected("media", gettext("The file has no address to send."))
    method = _method(media)
    return Call(method, {_PARAMETERS[method]: address, **caption(media.caption)})


def caption(text: str | None) -> dict[str, str]:
    """The parameters of a caption in neutral Markdown, none for an empty one."""
    return {"caption": to_html(text), "parse_mode": "HTML"} if text else {}


async def upload_of(media: Media, http: httpx.AsyncClient) -> dict[str, Upload]:
    """What has to go along with the call of `file_call`: the file, if Telegram would not fetch it by itself.

    If our own link cannot be reached from here, Telegram gets to try it and says what is wrong. Until now nothing has been sent, so no
    trouble leaves a doubt. Raises `Unavailable` or `Rejected`.
    """
    if media.url is None or _is_fetched(media):
        return {}
    try:
        async with http.stream("GET", media.url, follow_redirects=True) as response:
            if response.is_server_error:
                raise Unavailable(gettext("The file cannot be read at the moment (%(status)s).") % {"status": response.status_code})
            if not response.is_success:
                raise Rejected("media", gettext("The file cannot be read (%(status)s).") % {"status": response.status_code})
            file = _name(media), await _whole(response), _mime(media) or "application/octet-stream"
    except httpx.ConnectError:
        return {}
    except httpx.HTTPError as error:
        raise Unavailable(gettext("The file could not be read.")) from error
    return {_PARAMETERS[_method(media)]: file}


async def locate(media: Media, token: SecretStr, http: httpx.AsyncClient) -> MediaSource:
    """Where a received file can be fetched for the next hour. The address holds the bot token. Raises a `SendFailed`."""
    too_large = Rejected("file_too_large", gettext("The file is larger than 20 MB, and Telegram gives bots no larger ones."))
    if media.size is not None and media.size > _DOWNLOAD_BYTES:
        raise too_large
    try:
        file = await invoke(http, token, Call("getFile", {"file_id": media.provider_id}))
    except Rejected as failure:
        words = str(failure).lower()
        if "too big" in words:
            raise too_large from failure
        if "temporarily unavailable" in words:
            raise Unavailable(str(failure)) from failure
        raise
    path = file.get("file_path") if isinstance(file, dict) else None
    if not isinstance(path, str):
        raise Unavailable(gettext("Telegram does not say where the file is."))
    return MediaSource(f"{str(http.base_url).rstrip('/')}/file/bot{token.get_secret_value()}/{quote(path)}")


def _method(media: Media) -> str:
    mime = _mime(media)
    if media.kind == "audio" and media.subtype == "voice" and not mime:
        return "sendVoice"
    method = _METHODS.get((media.kind, mime), "sendDocument")
    return "sendDocument" if method == "sendPhoto" and (media.size or 0) > _PHOTO_BYTES else method


def _is_fetched(media: Media) -> bool:
    """Whether Telegram takes this file from a link."""
    match _method(media):
        case "sendPhoto":
            return (media.size or 0) <= _LINKED_PHOTO_BYTES
        case "sendDocument":
            return _mime(media) in _BY_LINK
        case _:
            return True


def _mime(media: Media) -> str:
    """The MIME type without its parameters; where nobody says, what the name suggests; else an empty text."""
    told = (media.mime or "").split(";")[0].strip().lower()
    return told or mimetypes.guess_type(_name(media))[0] or ""


def _name(media: Media) -> str:
    return media.file_name or unquote(urlsplit(media.url or "").path).rsplit("/", 1)[-1] or "file"


async def _whole(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes(65_536):
        body += chunk
        if len(body) > FILE_BYTES:
            raise Rejected("file_too_large", gettext("The file is larger than 20 MB."))
    return bytes(body)
