"""What a step must do, and what this one does besides."""

# ruff: noqa: INP001 - tests are no package

from pathlib import Path

from ismessenger_greet.step import Greet

from ismessenger.sdk.testing import StepContract


class TestGreet(StepContract):
    step = Greet()
    cases = Path(__file__).parent / "greet.json"
