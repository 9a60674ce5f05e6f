"""Who may do what in a workspace, said once.

Views ask `user.has_perm("crm.change_opportunity")`, templates `perms.crm.change_opportunity`;
User passes both on to `has_permission`. What a permission's first word needs is one line of MAY.
"""

import functools

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

# the first word of a permission: the mark a membership must carry for it (None: any member)
MAY = {
    "view": None,
    "add": "is_sales_staff",
    "change": "is_sales_staff",
    "delete": "is_sales_staff",
    "configure": "is_admin",
    "manage": "is_admin",
    "erase": "is_admin",
}
# the app of a permission: the add-on switch of the workspace that must be on
ADD_ON = {"crm": "has_crm", "recurring": "has_recurring"}

WHY = {
    "is_sales_staff": _(
        "You need the Sales Staff role. Ask an admin to add you under Settings → Sales Staff."
    ),
    "is_admin": _("You need the Admin role. Ask an admin to add you under Settings → Sales Staff."),
}


def has_permission(membership, permission):
    """Whether `membership` holds `permission`, say "crm.change_person". None, a stranger, holds none."""
    return refusal_message(membership, permission) is None


def refusal_message(membership, permission):
    """Why `membership` may not, as a sentence that says who could allow it; None if it may."""
    if membership is None:
        return _("You’re not a member of this workspace.")
    app, _dot, name = permission.partition(".")
    mark = MAY[name.split("_")[0]]
    if app in ADD_ON:
        if not getattr(membership.workspace, ADD_ON[app]):
            return _("This add-on is turned off in this workspace. An admin can turn it on in the settings.")
        if not membership.has_crm_access:
            return _("You don’t have access to the CRM. Ask a workspace admin.")
    if mark is None or getattr(membership, mark):
        return None
    return WHY[mark]


def require_permission(user, permission):
    """Raise PermissionDenied if the user lacks the permission; the 403 page says why."""
    if not user.has_perm(permission):
        raise PermissionDenied(permission)


def permission_required(permission):
    """Return a decorator that lets a view answer only users who hold the permission."""

    def decorate(view):
        @functools.wraps(view)
        def guarded_view(request, *args, **kwargs):
            require_permission(request.user, permission)
            return view(request, *args, **kwargs)

        guarded_view.permission = permission
        return guarded_view

    return decorate
