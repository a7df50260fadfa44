"""The lane of workflows: a batch of contacts after the other, and what fails contact by contact."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError

from ismessenger.automation.advance import advance
from ismessenger.automation.give_up import give_up
from ismessenger.automation.plans import Plans
from ismessenger.automation.signals import claim, find_signals
from ismessenger.automation.surroundings import place_of
from ismessenger.installation import Installation

log = structlog.get_logger()

BATCHES: Final = 5
"""Then it is another workspace's turn."""

AGAIN: Final = (timedelta(seconds=1), timedelta(seconds=10), timedelta(minutes=1))
"""What a contact's run makes the database refuse is tried again after these, then the run has failed."""


class Automation:
    """One per worker process."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._plans = Plans(installation.plugins)

    async def find(self) -> Sequence[tuple[int, int]]:
        """Workspaces in which something is to be heard."""
        return await find_signals(self._installation)

    async def work(self, piece: tuple[int, int]) -> int:
        """Some batches of contacts of a workspace; how many signals were heard."""
        workspace_id, _part = piece
        total = 0
        for _batch in range(BATCHES):
            done = await self._batch(workspace_id)
            total += done
            if not done:
                break
        return total

    async def _batch(self, workspace_id: int) -> int:
        contact_ids: list[int] = []
        try:
            return await self._advance(workspace_id, contact_ids)
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            log.warning("workflows.batch_failed", workspace_id=workspace_id, contacts=len(contact_ids), error=_words(error))
        except OSError:
            raise
        except Exception:
            log.exception("workflows.batch_broken", workspace_id=workspace_id, contacts=len(contact_ids))
        done = 0
        for contact_id in contact_ids:
            done += await self._alone(workspace_id, contact_id)
        return done

    async def _advance(self, workspace_id: int, contact_ids: list[int], only: Sequence[int] | None = None) -> int:
        place = await place_of(self._installation, workspace_id)
        async with self._installation.tenancy.workspace(workspace_id) as db:
            taken = await claim(db, only=only)
            contact_ids += [contact.id for contact in taken.contacts]
            return await advance(self._installation, db, self._plans, taken, place) if taken.contacts else 0

    async def _alone(self, workspace_id: int, contact_id: int) -> int:
        """One contact of a batch that failed. Its fault is put off and then given up, and delays nobody else."""
        try:
            return await self._advance(workspace_id, [], only=[contact_id])
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            reason = _words(error)
        except OSError:
            raise
        except Exception as error:
            log.exception("workflow.contact_broken", workspace_id=workspace_id, contact_id=contact_id)
            reason = f"{type(error).__name__}: {error}"
        async with self._installation.tenancy.workspace(workspace_id) as db:
            await give_up(db, self._plans, await claim(db, only=[contact_id]), reason, after=AGAIN)
        return 1


def _words(error: DBAPIError) -> str:
    return (str(error.orig).splitlines() or [type(error).__name__])[0][:300]
