"""Why entries can be relied upon: what may ever happen to one, said once for both databases.

An entry is written and stays. A record that is deleted for good takes with it what its entries say of it
(people may ask for that): they lose label, values and words, and go on to say who did what to which
number, when. Nothing else of them changes, and only where an entry says that the record was deleted. The
entries of a workspace go when the workspace is gone, and never before. There is no switch.

This holds for everything that goes through the database's role. The owner of the tables could take the
triggers away; whoever can do that is an administrator of the machine, and outside of the trail's reach.
"""

from workspaces.audit.models import AuditEntry
from workspaces.models import Workspace

ENTRIES = AuditEntry._meta.db_table
WORKSPACES = Workspace._meta.db_table
KEPT = "entries of the audit trail stay as they are"
BLANKED = ("label", "changes", "search_text")
COLUMNS = ", ".join(field.column for field in AuditEntry._meta.concrete_fields if not field.primary_key)
BLANK = (
    f"UPDATE {ENTRIES} SET label = '', changes = '{{{{}}}}', search_text = '' "
    "WHERE workspace_id = {row}.workspace_id AND kind = '{kind}' AND object_id = {row}.id "
    "AND (label <> '' OR changes <> '{{}}')"
)


def stays(is_same):
    """The condition under which an UPDATE is the one that may be: with the database's word for sameness."""
    conditions = [
        f"NEW.{field.column} {is_same} OLD.{field.column}"
        for field in AuditEntry._meta.concrete_fields
        if field.name not in BLANKED
    ]
    blank = ["NEW.label = ''", "NEW.changes = '{}'", "NEW.search_text = ''"]
    deleted = (
        f"EXISTS (SELECT 1 FROM {ENTRIES} AS later WHERE later.workspace_id = OLD.workspace_id "
        "AND later.kind = OLD.kind AND later.object_id = OLD.object_id AND later.action = 'erased')"
    )
    return " AND ".join([*conditions, *blank, deleted])
