"""Writes ``requirements/*.lock`` from pyproject.toml: names, versions and digests, no address of any registry.

``--upgrade`` takes newer versions, else those in the files stay.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OPTIONS = "--quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header"


def main(*extra: str) -> None:
    """Lock what running needs, then what tests and building need on top of the same versions."""
    lock("run", "pyproject.toml", "--group", "build", *extra)
    lock("dev", "--group", "dev", "--constraint", "requirements/run.lock", *extra)
    lock("node", "--group", "node", *extra)


def lock(name: str, *sources: str) -> None:
    """Compile one lock file, keeping the versions it holds unless told otherwise."""
    command = [sys.executable, "-m", "uv", "pip", "compile", *OPTIONS.split(), *sources, "--output-file", f"requirements/{name}.lock"]
    subprocess.run(command, cwd=ROOT, check=True)
    print(f"requirements/{name}.lock is up to date")


if __name__ == "__main__":
    main(*sys.argv[1:])
