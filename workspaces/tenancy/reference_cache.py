"""In-process cache of a workspace's reference data, invalidated by `Workspace.settings_version`.

Reference data are picklists, members and whatever else every page reads and hardly anyone writes. A write to
any of it bumps the version in the same transaction, so nobody sees the new version before the rows; and a
request caches nothing once it has written, because it may yet be rolled back. Code that writes by other ways
than the models' own has to bump the version as well, or the servers have to be restarted.
"""

from functools import lru_cache

MAX_VERSIONS = 100  # of workspaces, those used last; about 100 KB each


@lru_cache(MAX_VERSIONS)
def reference_values(workspace_id, settings_version):
    """Return the dict of cached values of a workspace at this version, to read and to add to."""
    return {}
