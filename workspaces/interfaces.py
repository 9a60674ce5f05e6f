"""The interfaces that workspaces expect of models, fields, users, requests and responses."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol


class AuditedModel(Protocol):
    """Optional: a model whose changes the audit trail records."""

    audited: Any  # workspaces.audit.options.AuditOptions; None if another table's changes tell it all


class IsolatedModel(Protocol):
    """Optional: a model with rows that a user may read from outside of their workspace."""

    also_read_by: str  # the column with that user's id


class DerivedField(Protocol):
    """Optional: a model field that is computed from another one, and so no change of its own."""

    source: str  # name of the other field


class WorkspaceUser(Protocol):
    """Optional: a signed-in user, with what the middleware and the profile add to Django's."""

    membership: Any  # in the workspace of the request; None outside of workspaces
    memberships: Sequence[Any]  # all of them
    language: str  # "" for the default
    time_zone: str  # "" for the workspace's


class WorkspaceRequest(Protocol):
    """Optional: a request, with what the middleware and the views add to Django's."""

    id: str  # identifies the request in the log and the audit trail
    after_commit: Sequence[Callable]  # called once the transaction is committed
    after_the_answer: Sequence[Callable]  # called once the response is made
    is_committed: bool
    known_accounts: dict[str, str]  # {account: token} for the cookie of this browser


class AbortingResponse(Protocol):
    """Optional: a response that reports a failure, so that nothing of its transaction stays."""

    must_roll_back: bool


class SessionConnection(Protocol):
    """Optional: a database connection in whose transaction settings were applied."""

    told: dict[str, Any]  # {setting: value}
