"""Icons that packages draw themselves: an SVG of 24 by 24 in one colour, as Lucide's are.

What is read here holds shapes and nothing else.
"""

import re
from typing import Final
from xml.etree import ElementTree as ET

MAX_BYTES: Final = 4096
VIEW: Final = "0 0 24 24"

_SHAPES: Final = frozenset({"g", "path", "circle", "ellipse", "line", "polyline", "polygon", "rect"})
_LOOKS: Final = frozenset(
    {"fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-dasharray", "fill-rule", "opacity"}
)
_FORMS: Final = frozenset({"d", "points", "transform", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "width", "height"})
_OF_ROOT: Final = _LOOKS | {"viewBox", "width", "height", "class"}
_COLOURS: Final = frozenset({"none", "currentColor"})
_VALUE: Final = re.compile(r"[\w\s.,()+-]*", re.ASCII)


class DrawingInvalid(ValueError):
    """It cannot be drawn; the text says what to mend."""


def read_drawing(svg: str) -> str:
    """The shapes of an icon, written anew, for a symbol of that view. Raises `DrawingInvalid`."""
    if len(svg.encode()) > MAX_BYTES:
        raise DrawingInvalid(f"the drawing is larger than {MAX_BYTES} bytes: make it simpler")
    if "<!" in svg or "<?" in svg:
        raise DrawingInvalid("the drawing has a declaration, a comment or an entity: leave only <svg> with its shapes")
    try:
        root = ET.fromstring(svg)  # noqa: S314 - without declarations there is nothing to expand
    except ET.ParseError as error:
        raise DrawingInvalid(f"the drawing is no SVG: {error}") from None
    if _name(root.tag) != "svg" or root.get("viewBox") != VIEW:
        raise DrawingInvalid(f'the drawing is to be an <svg viewBox="{VIEW}">')
    drawn = ET.Element("g", _kept(root, _OF_ROOT, _LOOKS))
    drawn.extend(_shapes(root))
    return ET.tostring(drawn, encoding="unicode")


def _shapes(parent: ET.Element) -> list[ET.Element]:
    found = []
    for element in parent:
        name = _name(element.tag)
        if name not in _SHAPES:
            raise DrawingInvalid(f"the drawing has a <{name}>: only {', '.join(sorted(_SHAPES))} may stand in it")
        shape = ET.Element(name, _kept(element, _LOOKS | _FORMS, _LOOKS | _FORMS))
        shape.extend(_shapes(element))
        found.append(shape)
    return found


def _kept(element: ET.Element, allowed: frozenset[str], kept: frozenset[str]) -> dict[str, str]:
    found = {}
    for name, value in element.attrib.items():
        if name not in allowed:
            raise DrawingInvalid(f"the drawing has an attribute {name}, which is not for shapes: take it out")
        if not _VALUE.fullmatch(value) or (name in {"fill", "stroke"} and value not in _COLOURS):
            raise DrawingInvalid(f"the drawing has {name}={value[:40]!r}: fill and stroke are none or currentColor, others plain values")
        if name in kept:
            found[name] = value
    return found


def _name(tag: str) -> str:
    return tag.removeprefix("{http://www.w3.org/2000/svg}")
