"""``python -m benchmarks [--only B1,B2] [--quick]``: run, print one table, write ``var/bench.json``."""

import argparse
import asyncio
import resource
from importlib import import_module

from benchmarks.figures import Figure, table, write

BENCHMARKS = {
    "B1": "b1_ingest",
    "B2": "b2_receive",
    "B3": "b3_live",
    "B4": "b4_lists",
    "B6": "b6_workflows",
    "B7": "b7_streams",
    "B8": "b8_start",
    "B9": "b9_import",
    "B10": "b10_calls",
}


def main() -> None:
    """Run what was asked for. Figures that are short are told, not punished."""
    words = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure against references in the same run.")
    words.add_argument("--only", default="", help=f"some of {','.join(BENCHMARKS)}; all by default")
    words.add_argument("--quick", action="store_true", help="a pass of about a minute")
    args = words.parse_args()
    chosen = [name.strip().upper() for name in args.only.split(",") if name.strip()] or list(BENCHMARKS)
    if unknown := [name for name in chosen if name not in BENCHMARKS]:
        words.error(f"no such benchmark: {', '.join(unknown)}")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # a thousand sockets on either side
    figures: list[Figure] = []
    try:
        for name in chosen:
            print(f"{name} …", flush=True)
            figures += asyncio.run(import_module(f"benchmarks.{BENCHMARKS[name]}").run(quick=args.quick))
    finally:
        # What was measured before one of them broke is not lost.
        print(table(figures))
        write(figures)


if __name__ == "__main__":
    main()
