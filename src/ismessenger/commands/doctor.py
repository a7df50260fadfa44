"""What is wrong, and how to mend it."""

import argparse
from dataclasses import asdict, dataclass

from ismessenger.commands.outcome import Outcome
from ismessenger.doctor.examine import Report
from ismessenger.doctor.examine import examine as find_out
from ismessenger.settings import settings

EXPECTED = ()
MARKS = {"fine": "ok     ", "warning": "WARNING", "broken": "BROKEN "}


@dataclass(frozen=True)
class Diagnosis(Outcome):
    """The same findings as lines."""

    report: Report | None = None

    def text(self) -> str:
        """What is broken or may break says how to mend it in a line of its own."""
        lines = []
        for name, findings in (self.report or {}).items():
            for finding in findings:
                lines.append(f"{MARKS[finding.grade]}  {name}: {finding.words}")
                lines += [f"         → {finding.mend}"] if finding.mend else []
        return "\n".join(lines)


def examine(_args: argparse.Namespace) -> Outcome:
    """Not well if something is broken."""
    report = find_out(settings())
    checks = {name: [asdict(finding) for finding in findings] for name, findings in report.items()}
    well = all(finding.grade != "broken" for findings in report.values() for finding in findings)
    return Diagnosis({"well": well, "checks": checks}, well=well, report=report)
