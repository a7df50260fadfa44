"""``/demo/shop``: a small make-believe bicycle shop that carries the chat of the demo workspace."""

from dataclasses import dataclass

from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.installation import Installation
from ismessenger.sdk.words import gettext
from ismessenger.web.edge import Admits, admits
from ismessenger.web.errors import NotFound
from ismessenger.web.templating import render
from ismessenger.web.widget.chat import KIND
from ismessenger.workspaces.create import DEMO_SLUG

_CHAT = text(
    "SELECT r.route FROM catalog.channel_route r JOIN catalog.workspace w ON w.id = r.workspace_id"
    " WHERE w.slug = :slug AND r.kind = :kind ORDER BY r.channel_id LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Product:
    """Something on the shelf. ``drawing`` names a symbol in ``widget/_drawings.html``; words are in the template."""

    slug: str
    drawing: str
    euros: str


PRODUCTS = (
    Product("trail-29", "trail", "1,290"),
    Product("city-8", "city", "890"),
    Product("cargo-long", "cargo", "3,450"),
    Product("hearth-helmet", "helmet", "79"),
    Product("duo-lock", "lock", "64"),
    Product("ember-light", "light", "38"),
)


@admits(Admits.ANYBODY)
async def shop(request: Request) -> Response:
    """``GET /demo/shop``: the shelf, or one product, so that a visitor can walk from page to page with the chat."""
    chosen = request.path_params.get("product")
    product = next((product for product in PRODUCTS if product.slug == chosen), None)
    if chosen is not None and product is None:
        raise NotFound
    route = await _chat_of_the_demo(request.app.state.installation)
    return render(request, "widget/shop.html", products=PRODUCTS, product=product, route=route)


async def _chat_of_the_demo(installation: Installation) -> str:
    async with installation.tenancy.catalog() as db:
        route = (await db.execute(_CHAT, {"slug": DEMO_SLUG, "kind": KIND})).scalar()
    if route is None:
        raise NotFound(gettext("This installation has no demo shop. Make one with: ismessenger seed demo"))
    return str(route)


routes: list[BaseRoute] = [Route("/demo/shop", shop), Route("/demo/shop/{product}", shop)]
