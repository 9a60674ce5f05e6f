"""Account views that replace allauth's."""

from functools import wraps

from allauth.account import views as theirs
from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.usersessions.internal import flows as sessions
from allauth.usersessions.models import UserSession
from allauth.usersessions.views import list_usersessions
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crud.views.redirects import safe_next_url
from workspaces.accounts import first_run, forms
from workspaces.models import User


def after_first_run(view):
    """Decorate a sign-in view: show the first-run page while there is no user."""

    @login_not_required
    @wraps(view)
    def guarded_view(request, *args, **kwargs):
        return redirect("first-run") if first_run.is_due() else view(request, *args, **kwargs)

    return guarded_view


sign_in = after_first_run(theirs.login)
sign_up = after_first_run(theirs.signup)


class FirstRun(theirs.SignupView):
    """Sign-up of the first user with the token from the console; 404 once a user exists."""

    template_name = "account/first_run.html"

    def is_open(self):
        if not first_run.is_due():
            raise Http404
        return True

    def get_form_class(self):
        return forms.FirstRunForm

    def form_valid(self, form):
        with transaction.atomic():
            if not first_run.is_due_for_certain():
                raise Http404
            # Access to the console is proof enough; no confirmation by email is needed.
            get_adapter().stash_verified_email(self.request, form.cleaned_data["email"])
            return super().form_valid(form)


class SignOut(theirs.LogoutView):
    """Signs out, and clears the browser's cached pages.

    Not "cookies": it would end sign-ins at everything else on this domain, and ours is dead anyway. Not
    "storage": nothing of a workspace is in it, but whether somebody wants keyboard shortcuts is.
    """

    def post(self, *args, **kwargs):
        response = super().post(*args, **kwargs)
        if self.request.is_secure():  # browsers ignore it with a warning on HTTP
            response.headers["Clear-Site-Data"] = '"cache"'
        return response


# Someone at an unattended browser must not sign out its owner elsewhere.
session_list = reauthentication_required(allow_get=True)(list_usersessions)


@require_POST
@reauthentication_required
def end_session(request, pk):
    """Sign out one of the user's browsers, effective with its next request."""
    session = get_object_or_404(UserSession, user=request.user, pk=pk)
    sessions.sessions.end_sessions(request, [session])
    messages.success(request, _("The device was signed out."))
    return redirect("usersessions_list")


@reauthentication_required
def confirm_identity(request):
    """Continue to the original page after reauthentication (see reauthentication.py)."""
    return redirect(safe_next_url(request) or "home")


def second_factor(request):
    """Show how to set up two-factor authentication if a workspace requires it."""
    wanting = [m.workspace for m in request.user.memberships if m.workspace.requires_second_factor]
    if not wanting or request.user.memberships[0].has_second_factor:
        return redirect("home")
    return render(request, "workspaces/mfa_required.html", {"wanting": wanting})


@require_POST
def decline_second_factor(request):
    """Hide the notice for a month."""
    User.objects.filter(pk=request.user.pk).update(second_factor_declined_at=timezone.now())
    messages.success(request, _("You can set this up anytime under Account and security."))
    return redirect("home")
