"""How steps and triggers are drawn: by an icon of ours, by the drawing that a package brings, or by one that stands for any package."""

import hashlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from re import findall

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.plugins import Plugins
from ismessenger.sdk.drawing import VIEW, read_drawing
from ismessenger.sdk.step import Drawn, Step, Trigger
from ismessenger.web.assets import STATIC, asset
from ismessenger.web.edge import Visit, reads

ADDRESS = "/workflows/drawings.svg"


def icon_of(kind: Step | Trigger) -> str:
    """The name of an icon of the page's sprite, or the address of a drawing."""
    if isinstance(kind, Drawn):
        return f"{ADDRESS}?{_sum(kind.drawing)}#{_symbol(kind)}"
    icon_name = "puzzle"
    return kind.icon if kind.icon in _ours(asset("icons.svg")) else icon_name


def drawings(plugins: Plugins) -> str:
    """A sprite of the drawings that packages brought along."""
    symbols = (f'<symbol id="{name}" viewBox="{VIEW}">{read_drawing(svg)}</symbol>' for name, svg in _drawn(plugins))
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n'


@reads(Right.WORKFLOWS)
async def sprite(visit: Visit) -> Response:
    """``GET /workflows/drawings.svg``: an address that is asked for names what it holds."""
    headers = {"Cache-Control": "private, max-age=86400"}
    return Response(drawings(visit.installation.plugins), media_type="image/svg+xml", headers=headers)


def _drawn(plugins: Plugins) -> Iterator[tuple[str, str]]:
    found: Mapping[str, Step | Trigger] = {**{f"step {kind}": step for kind, step in plugins.steps.items()}, **plugins.triggers}
    return ((_symbol(kind), kind.drawing) for kind in found.values() if isinstance(kind, Drawn))


def _symbol(kind: Step | Trigger) -> str:
    return f"{'step' if hasattr(kind, 'group') else 'trigger'}-{kind.kind}"


def _sum(drawing: str) -> str:
    return hashlib.sha256(drawing.encode()).hexdigest()[:10]


@lru_cache(maxsize=4)
def _ours(address: str) -> frozenset[str]:
    written = (STATIC / Path(address).name).read_text("utf-8")
    return frozenset(findall(r'<symbol id="([a-z0-9-]+)"', written))


routes: list[BaseRoute] = [Route(ADDRESS, sprite)]
