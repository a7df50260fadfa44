"""A server on the internet that workflows ask: it answers what it was told to, by path."""

from tests.standins.server import Answer, Recorded, StandIn


class AnyServer(StandIn):
    """Answers ``{}`` where ``answers`` has nothing for the path."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.answers: dict[str, Answer] = {}

    async def respond(self, request: Recorded) -> Answer:
        return self.answers.get(request.path, Answer())
