"""Invitations: sent and taken back by admins, accepted by whom they are for."""

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crud.parsing.sentences import end_sentence
from crud.views.redirects import form_data
from workspaces.accounts.reauthentication import confirm_first, is_confirmed
from workspaces.members import forms
from workspaces.members.invitations import STASHED, accept, is_for, send
from workspaces.members.views import list_before
from workspaces.models import Invitation, Membership
from workspaces.permissions import permission_required
from workspaces.tenancy.middleware import call_after_commit


@permission_required("workspaces.manage_member")
def create(request):
    """Invite somebody by their address."""
    if request.method == "POST" and not ratelimit.consume(request, action="invite"):
        return ratelimit.respond_429(request)
    form = forms.InvitationForm(form_data(request), instance=Invitation(invited_by=request.user.membership))
    if request.method == "POST" and form.is_valid():
        if form.makes_an_admin and not is_confirmed(request):
            return confirm_first(request)
        _send(request, form.save())
        return redirect(list_before(request))
    return render(request, "workspaces/members/invite.html", {"form": form, "back": list_before(request)})


@require_POST
@permission_required("workspaces.manage_member")
def resend(request, pk):
    """Send it again, with a new link and seven days more."""
    if not ratelimit.consume(request, action="invite"):
        return ratelimit.respond_429(request)
    invitation = get_object_or_404(Invitation, pk=pk)
    invitation.renew()
    _send(request, invitation)
    return redirect(list_before(request))


def _send(request, invitation):
    """Mail the link after the commit: nobody else is to wait for a mail server to save something."""
    call_after_commit(request, lambda: _mail(request, invitation))


def _mail(request, invitation):
    if send(request, invitation):
        messages.success(request, _("Invitation sent to %(email)s.") % {"email": invitation.email})
    elif not settings.MAIL_IS_CONFIGURED:
        message = _("Invitation created. Copy the link below and send it to %(email)s.")
        messages.success(request, message % {"email": invitation.email})


@require_POST
@permission_required("workspaces.manage_member")
def withdraw(request, pk):
    """Take it back: its link is dead."""
    invitation = get_object_or_404(Invitation, pk=pk)
    invitation.delete()
    message = _("The invitation for %(email)s was revoked.")
    messages.success(request, message % {"email": invitation.email})
    return redirect(list_before(request))


@never_cache
@login_not_required
def join(request, token):
    """What the invited person sees; only the invited address gets in."""
    try:
        invitation = Invitation.by_token(token)
    except Invitation.DoesNotExist:
        return render(request, "workspaces/members/invalid_invitation.html", status=404)
    if invitation.is_expired:
        return render(
            request, "workspaces/members/invalid_invitation.html", {"invitation": invitation}, status=410
        )
    context = {"invitation": invitation, "place": invitation.workspace}
    if not request.user.is_authenticated:
        request.session[STASHED] = token
        if settings.MAIL_IS_CONFIGURED:
            # They have the link from their mailbox, so the address needs no other proof.
            get_adapter().stash_verified_email(request, invitation.email)
        return render(request, "workspaces/members/join.html", context)
    if any(membership.workspace_id == invitation.workspace_id for membership in request.user.memberships):
        messages.info(request, already_member(invitation))
        return redirect(invitation.workspace)
    context["is_for_user"] = is_for(invitation, request.user)
    if request.method == "POST" and context["is_for_user"]:
        try:
            accept(invitation, request.user)
        except Invitation.DoesNotExist:
            return used_up(request, invitation)
        request.session.pop(STASHED, None)
        messages.success(
            request, end_sentence(_("Welcome to %(workspace)s") % {"workspace": invitation.workspace})
        )
        return redirect(invitation.workspace)
    return render(request, "workspaces/members/join.html", context)


def already_member(invitation):
    return _("You’re already a member of %(workspace)s.") % {"workspace": invitation.workspace}


def used_up(request, invitation):
    """The answer to an invitation that ended after the page looked: accepted in another tab, or withdrawn."""
    if any(membership.workspace_id == invitation.workspace_id for membership in Membership.of(request.user)):
        messages.info(request, already_member(invitation))
        return redirect(invitation.workspace)
    return render(request, "workspaces/members/invalid_invitation.html", status=404)
