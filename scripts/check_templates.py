"""Compiles every template and looks for what our content-security policy or a missing file would break at run time."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, TemplateError, nodes

from ismessenger.web.templating import _environment

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
FORBIDDEN = {
    r"\sstyle\s*=": "a style attribute: use classes, the content-security policy blocks it",
    r"\son[a-z]+\s*=\s*[\"']": "an event handler attribute: use a Stimulus controller, the content-security policy blocks it",
    r"javascript:": "a javascript: address: use a Stimulus controller, the content-security policy blocks it",
}


def main() -> int:
    """Print every fault as ``path:line: sentence``; 1 if there is one."""
    environment = _environment()
    files = sorted([*TEMPLATES.rglob("*.html"), *ROOT.glob("channels_adapters/*/*.html")])
    faults = [fault for file in files for fault in faults_of(environment, file)]
    for fault in faults:
        print(fault)
    print(f"{len(files)} templates, {len(faults)} faults")
    return 1 if faults else 0


def faults_of(environment: Environment, file: Path) -> Iterator[str]:
    """What is wrong with one template."""
    source = file.read_text()
    name = file.relative_to(ROOT)
    try:
        environment.compile(source, filename=str(file))
        tree = environment.parse(source)
    except TemplateError as error:
        yield f"{name}:{getattr(error, 'lineno', 1)}: {error}"
        return
    for line, target in targets(tree):
        if not (TEMPLATES / target).is_file():
            yield f"{name}:{line}: there is no template {target}"
    for number, text in enumerate(source.splitlines(), start=1):
        for pattern, sentence in FORBIDDEN.items():
            if re.search(pattern, text):
                yield f"{name}:{number}: {sentence}"


def targets(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    """The templates that this one names literally: extended, included, imported, or drawn by ``partial``."""
    for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        named = getattr(node, "template", None)
        if isinstance(named, nodes.Const) and isinstance(named.value, str):
            yield node.lineno, named.value
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "partial" and call.args and isinstance(call.args[0], nodes.Const):
            yield call.lineno, str(call.args[0].value)


if __name__ == "__main__":
    sys.exit(main())
