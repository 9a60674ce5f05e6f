"""What opens doors to others is done only by somebody who has just shown, once more, who they are."""

from urllib.parse import urlencode

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from workspaces.accounts.sessions.drafts import keep_draft
from workspaces.tenancy.urls import reverse_outside

CONFIRMED = _("Thank you. Your changes haven’t been saved yet. Review them and save again.")


def is_confirmed(request):
    """Whether the user gave a password, code or passkey again in the last minutes."""
    return did_recently_reauthenticate(request)


def confirm_first(request, back=None):
    """The way to showing it, and back: to the form, which waits as it was typed, or to `back`."""
    if back is None:
        keep_draft(request, CONFIRMED)
    return redirect(
        f"{reverse_outside('confirm-identity')}?{urlencode({'next': back or request.get_full_path()})}"
    )
