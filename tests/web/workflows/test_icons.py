"""How the steps of other packages are drawn."""

from typing import ClassVar, cast
from xml.etree import ElementTree as ET

import pytest

from ismessenger.plugins import load_plugins
from ismessenger.sdk.drawing import DrawingInvalid, read_drawing
from ismessenger.sdk.step import Step
from ismessenger.web.format import icon
from ismessenger.web.workflows.icons import drawings, icon_of
from tests.web.site import Shop
from workflows.steps.wait import Wait

HAND = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="currentColor" width="24" height="24" class="hand">'
    '<g transform="rotate(45 12 12)"><path d="M3 3h18v18.5z"/><circle cx="12" cy="12" r="3" fill="currentColor"/></g></svg>'
)


class Wave(Wait):
    kind: ClassVar = "wave"
    icon: ClassVar = "hand-metal"


class OfItsOwn(Wave):
    drawing: ClassVar = HAND


def inside(shapes: str, root: str = 'viewBox="0 0 24 24"') -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {root}>{shapes}</svg>'


@pytest.mark.behaviour(353)
@pytest.mark.parametrize(
    ("svg", "words"),
    [
        (inside("<script>alert(1)</script>"), "<script>"),
        (inside('<path d="M0 0" onload="alert(1)"/>'), "onload"),
        (inside('<path d="M0 0" style="fill:red"/>'), "style"),
        (inside('<path d="M0 0" fill="url(https://x.example)"/>'), "fill"),
        (inside('<path d="M0 0" fill="red"/>'), "currentColor"),
        (inside('<use href="#other"/>'), "<use>"),
        (inside('<image href="https://x.example/a.png"/>'), "<image>"),
        (inside("<foreignObject/>"), "<foreignObject>"),
        (inside('<a xmlns="http://www.w3.org/1999/xhtml"/>'), "may stand in it"),
        (inside("", 'viewBox="0 0 100 100"'), "viewBox"),
        (inside("<path d='" + "M0 0" * 2000 + "'/>"), "larger"),
        ('<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + inside("<path d='&a;'/>"), "declaration"),
        ("<svg", "no SVG"),
        ("", "no SVG"),
    ],
)
def test_only_shapes_are_drawn(svg: str, words: str) -> None:
    with pytest.raises(DrawingInvalid, match=words):
        read_drawing(svg)


@pytest.mark.behaviour(353)
def test_a_step_is_drawn_by_its_package_or_as_any_package() -> None:
    plugins = load_plugins()
    assert icon_of(cast("Step", Wait())) == Wait.icon
    assert icon_of(cast("Step", Wave())) == "puzzle"
    address = icon_of(cast("Step", OfItsOwn()))
    assert f'href="{address}"' in icon(address)
    ET.fromstring(drawings(plugins))
    shapes = read_drawing(HAND)
    assert ET.fromstring(shapes).attrib == {"fill": "none", "stroke": "currentColor"}
    assert 'd="M3 3h18v18.5z"' in shapes
    assert address.endswith("#step-wave")


async def test_the_drawings_are_a_sprite_that_members_can_fetch(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    answer = await browser.get("/workflows/drawings.svg?1")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.text.startswith("<svg")
