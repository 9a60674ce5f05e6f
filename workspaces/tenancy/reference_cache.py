"""What every page of a workspace reads and next to nobody writes, kept in memory from request to request.

That is the rows of its small kinds: stages, statuses, members … A workspace counts the writes to them
(`settings_version`, read with the membership that lets one in), and what was kept at another count is read
anew. The count changes in the transaction that writes: nobody sees it before the rows, and what a request
itself has written it keeps for nobody, because it may yet be undone. A program that writes by other ways
than the models' own must count too, or the servers be restarted.
"""

from collections import OrderedDict
from threading import Lock

MOST = 100  # workspaces, those asked for last; about 100 KB each


class ReferenceCache:
    """{workspace's id: (its version, {key: what was made})}, for all threads of this process."""

    def __init__(self):
        self.found, self.lock = OrderedDict(), Lock()

    def of(self, workspace):
        """What is kept of the workspace as it stands: a dict to read and to add to."""
        with self.lock:
            version, cached = self.found.get(workspace.pk, (None, None))
            if version != workspace.settings_version:
                cached = {}
                self.found[workspace.pk] = workspace.settings_version, cached
            self.found.move_to_end(workspace.pk)
            while len(self.found) > MOST:
                self.found.popitem(last=False)
        return cached

    def clear(self):
        with self.lock:
            self.found.clear()


kept = ReferenceCache()
