"""Long jobs in every state, for looking at the frame that shows them."""

from datetime import UTC, datetime

from ismessenger.web.jobs import JobView
from tests.web import samples

AT = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)


def job(state: str = "running", kind: str = "contacts_import", **values: object) -> JobView:
    """A job, half done."""
    given: dict[str, object] = {"done": 120, "failed": 0, "total": 4000, "counts": {}, "error": ""}
    return JobView(id=9, kind=kind, state=state, created_at=AT, finished_at=None, **given | values)  # type: ignore[arg-type]


COUNTS = {"added": 1, "updated": 2, "changed": 3, "unchanged": 4, "skipped": 5, "deleted": 6, "restored": 7, "kept": 8, "rows": 9}
JOBS = [
    *(job(state) for state in ("waiting", "running", "cancelling", "done", "cancelled")),
    job("running", total=None),
    job("running", total=None, done=0),
    job("failed", error="Error-words"),
    job("done", counts=COUNTS, failed=3, result_url="/jobs/9/result", result_name="failed.csv"),
    job("done", "export", expired=True),
    *(job("done", kind, result_url="/jobs/9/result") for kind in ("contacts_import_undo", "contacts_bulk", "export", "tag_merge", "new")),
]
RENDERED: list[tuple[str, dict[str, object]]] = [
    *(("jobs/_progress.html", dict[str, object](job=each)) for each in JOBS),
    ("jobs/show.html", {"path": "/jobs/9", "csp_nonce": "n0nce", "shell": samples.SHELL, "job": JOBS[1]}),
]
