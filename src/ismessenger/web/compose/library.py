"""The library as a composer or the form of a snippet picks from it."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right, may
from ismessenger.files.library import MAX_NAME, library_page
from ismessenger.kit.text import clean
from ismessenger.web.compose.shown import file_view
from ismessenger.web.edge import Visit, reads
from ismessenger.web.templating import render

MOST = 20


@reads(Right.INBOX)
async def pick(visit: Visit) -> Response:
    """``GET /library?words=…``: the newest files with these words in their name."""
    words = " ".join(clean(visit.request.query_params.get("words", ""), MAX_NAME).split())
    found, further = await library_page(visit.reading, words, limit=MOST)
    return render(
        visit.request,
        "compose/library.html",
        files=[file_view(shelved.file) for shelved in found],
        words=words,
        more=further is not None,
        may_fill=may(visit.member, Right.SNIPPETS),
    )


routes: list[BaseRoute] = [Route("/library", pick)]
