"""Two-factor authentication policy of a workspace, and its enforcement."""

from allauth.mfa.models import Authenticator
from django.contrib.messages import add_message, get_messages
from django.db.models import Exists, OuterRef
from django.shortcuts import redirect, render
from django_htmx.http import HttpResponseClientRedirect

from workspaces.tenancy.urls import reverse_outside

# Recovery codes alone do not count: they only replace a lost factor.
FACTORS = Authenticator.objects.filter(type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])


def with_mfa_flag(memberships):
    """Annotate memberships with `has_second_factor`, in the same query."""
    return memberships.annotate(has_second_factor=Exists(FACTORS.filter(user=OuterRef("user"))))


def lacks_required_mfa(members):
    """Return the members without two-factor authentication."""
    factors = FACTORS.filter(user__in=[member.user_id for member in members])
    user_ids = set(factors.values_list("user_id", flat=True))
    return [member for member in members if member.user_id not in user_ids]


class RequireMfaMiddleware:
    """Redirects members without the MFA that the workspace requires to its setup.

    It runs after WorkspaceMiddleware, which determines the workspace, and before every view.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        member = getattr(request.user, "membership", None)
        if member is None or not member.workspace.requires_second_factor or member.has_second_factor:
            return self.get_response(request)
        for message in get_messages(request):  # keep them across the redirect out of the workspace
            add_message(request, message.level, message.message, message.extra_tags)
        request.user.membership = None  # no permissions, so that no tabs are shown either
        where = reverse_outside("second-factor")
        if request.htmx:
            return HttpResponseClientRedirect(where)
        if request.method in ("GET", "HEAD"):
            return redirect(where)
        # No redirect: the submitted data would be lost.
        context = {"wanting": [member.workspace], "was_sent": True}
        return render(request, "workspaces/mfa_required.html", context, status=403)
