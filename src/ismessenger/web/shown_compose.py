"""From rows to what the composer's templates take."""

from collections.abc import Mapping, Sequence

from ismessenger.files.model import StoredFile
from ismessenger.messages.drafts import Kept
from ismessenger.messages.schedule import Planned
from ismessenger.sdk.words import gettext
from ismessenger.web.view_compose import DraftsView, DraftView, KeptFile, ScheduledList, ScheduledView


def drafts_view(kept: Mapping[str, Kept]) -> DraftsView:
    """A member's drafts to one contact."""
    return DraftsView(reply=_draft(kept.get("reply")), comment=_draft(kept.get("comment")))


def _draft(kept: Kept | None) -> DraftView:
    return DraftView(text=kept.text, version=kept.version) if kept else DraftView()


def scheduled_list(contact_id: int, planned: Sequence[Planned]) -> ScheduledList:
    """What is to be sent to a contact."""
    return ScheduledList(contact_id=contact_id, items=[_scheduled(each) for each in planned])


def _scheduled(planned: Planned) -> ScheduledView:
    row = planned.row
    return ScheduledView(
        id=row.id,
        due_at=row.due_at,
        text=row.text,
        writer=planned.writer.name if planned.writer else gettext("Somebody"),
        channel_kind=planned.channel.kind if planned.channel else "",
        channel_name=planned.channel.name if planned.channel else "",
        state="failed" if row.state == "failed" else "waiting",
        reason=gettext(row.reason) if row.reason else "",
        files=[kept_file(file) for file in planned.files],
    )


def kept_file(file: StoredFile) -> KeptFile:
    """A file that can be sent."""
    return KeptFile(id=file.id, name=file.name, mime=file.mime, url=f"/uploads/{file.id}/file")
