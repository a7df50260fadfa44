"""Imports every module that declares tables, so that the two metadata objects are complete."""

from ismessenger.accounts import model as _accounts
from ismessenger.automation import model as _automation
from ismessenger.background import model as _background
from ismessenger.channels import model as _channels
from ismessenger.contacts import model as _contacts
from ismessenger.conversations import model as _conversations
from ismessenger.files import model as _files
from ismessenger.messages import model as _messages
from ismessenger.notifications import model as _notifications
from ismessenger.outbox import model as _outbox
from ismessenger.tenancy import catalog as _catalog
from ismessenger.tenancy.rows import catalog_metadata, workspace_metadata
from ismessenger.workspaces import model as _workspaces

__all__ = ["catalog_metadata", "workspace_metadata"]
_ = (
    _accounts,
    _automation,
    _background,
    _catalog,
    _channels,
    _contacts,
    _conversations,
    _files,
    _messages,
    _notifications,
    _outbox,
    _workspaces,
)
