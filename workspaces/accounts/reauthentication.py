"""Recent reauthentication, required before sensitive changes."""

from urllib.parse import urlencode

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from workspaces.accounts.sessions.drafts import keep_draft
from workspaces.tenancy.urls import reverse_outside

CONFIRMED = _("Thank you. Your changes haven’t been saved yet. Review them and save again.")


def is_confirmed(request):
    """Return True if the user authenticated again within the last minutes."""
    return did_recently_reauthenticate(request)


def confirm_first(request, back=None):
    """Redirect to reauthentication, then to the form with its draft, or to `back`."""
    if back is None:
        keep_draft(request, CONFIRMED)
    return redirect(
        f"{reverse_outside('confirm-identity')}?{urlencode({'next': back or request.get_full_path()})}"
    )
