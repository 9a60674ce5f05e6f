"""Answers that are still being made while they are sent: their request and its transaction have ended."""

import contextvars

from workspaces.tenancy.scope import activate


class WorkspaceStream:
    """The parts of a streamed answer, each made where the view stood: in its workspace and language.

    All of them see the database as it was at the first one, in one transaction that ends with the last part,
    or when nobody listens any more.
    """

    def __init__(self, parts, workspace, member):
        self.context = contextvars.copy_context()
        self.parts = self._inside(parts, workspace, member)

    def _inside(self, parts, workspace, member):
        with activate(workspace, member):
            yield from parts

    def __iter__(self):
        return self

    def __next__(self):
        return self.context.run(next, self.parts)

    def close(self):
        self.context.run(self.parts.close)
