"""An integration server behind a custom channel: takes ``POST /message`` with the channel's token and gives message ids."""

from typing import Any

from tests.standins.server import Answer, Recorded, StandIn, run


class CustomChannelServer(StandIn):
    """Plays a custom channel's integration server. Set ``token`` to have it refuse every other one with 401."""

    def __init__(self, port: int = 0, token: str | None = None) -> None:
        super().__init__(port)
        self.token = token
        self.messages: list[dict[str, Any]] = []

    async def respond(self, request: Recorded) -> Answer:
        """Answers as the protocol says: 200 with ``mId``, or 4xx with the reason."""
        if (request.method, request.path) != ("POST", "/message"):
            return Answer({"error": {"message": f"Nothing at {request.method} {request.path}"}}, 404)
        given = request.headers.get("authorization", "")
        if not given.startswith("Bearer ") or (self.token is not None and given != f"Bearer {self.token}"):
            return Answer({"error": {"message": "Wrong token"}}, 401)
        if (reason := _complaint(request)) is not None:
            return Answer({"error": {"message": reason}}, 400)
        self.messages.append(request.json())
        return Answer({"mId": f"out-{len(self.messages)}"})


def _complaint(request: Recorded) -> str | None:
    try:
        body = request.json()
    except ValueError:
        return "The body is not JSON"
    if not isinstance(body, dict) or not body.get("contactId"):
        return "contactId is missing"
    message = body.get("message")
    if not isinstance(message, dict) or message.get("type") not in _REQUIRED:
        return "message.type is unknown"
    missing = [name for name in _REQUIRED[message["type"]] if name not in message]
    return f"message.{missing[0]} is missing" if missing else None


_REQUIRED = {
    "text": ["text"],
    "attachment": ["attachment"],
    "location": ["latitude", "longitude"],
    "quick_reply": ["title", "replies"],
    "custom_payload": ["payload"],
}

if __name__ == "__main__":
    run(CustomChannelServer)
