"""A person takes a contact in hand, by a reply, an assignment or a closing: each workflow says what becomes of its runs then."""

from collections.abc import Mapping
from typing import Any, Final

from ismessenger.automation.cases import Case
from ismessenger.automation.facts import Happened
from workflows.engine import end

_HANDS: Final = {
    "conversation.closed": ("closing", "closed the conversation"),
    "contact.assigned": ("assignment", "assigned the contact"),
    "contact.unassigned": ("assignment", "unassigned the contact"),
}


def end_by_hand(case: Case, did: Happened | Mapping[str, Any]) -> None:
    """End the runs whose workflow wants that. ``did`` is an event, or the payload of a reply."""
    if isinstance(did, Happened):
        hand, words = _HANDS.get(did.kind, ("", ""))
        if not (hand and did.by_user):
            return
        who = did.actor
    else:
        hand, words, who = "reply", "replied", str(did.get("name") or "")
    for run in case.runs.values():
        if not run.state.over and getattr(run.plan.definition.hands, hand) == "end":
            run.state, run.changed = end(run.state), True
            run.why = f"{who or 'A member'} {words}."
