"""How somebody gets into a workspace that is there: invited by an admin, at one address."""

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction

from workspaces.members.membership import reactivate
from workspaces.models import Invitation, Membership
from workspaces.tenancy.scope import activate, lock_workspace_writes
from workspaces.tenancy.urls import reverse_outside

PERMISSION_FIELDS = ("is_admin", "is_sales_staff", "has_crm_access")
STASHED = "invitation"  # where a session keeps the token that somebody came with, for after the sign-up


def invitation_url(request, invitation):
    """The address that the invited person opens."""
    return request.build_absolute_uri(reverse_outside("workspace-join", invitation.token))


def send(request, invitation):
    """Mail the link; False where it could not be sent, so that it has to be passed on by hand."""
    if not settings.MAIL_IS_CONFIGURED:
        return False
    context = {
        "invitation": invitation,
        "workspace": invitation.workspace,
        "inviter": invitation.invited_by.user,
        "link": invitation_url(request, invitation),
    }
    return get_adapter().send_mail("workspaces/email/invitation", invitation.email, context)


def is_for(invitation, user):
    """Whether the user has the invited address."""
    address = invitation.email.lower()
    if user.email.lower() == address:
        return True
    return EmailAddress.objects.filter(user=user, email__iexact=address, verified=True).exists()


def accept(invitation, user):
    """Make the user a member, or one again. The invitation is used up.

    Raise Invitation.DoesNotExist if it was used or withdrawn since it was read.
    """
    with transaction.atomic(), activate(invitation.workspace):
        lock_workspace_writes()
        invitation = Invitation.objects.get(pk=invitation.pk, nonce=invitation.nonce)
        marks = {name: getattr(invitation, name) for name in PERMISSION_FIELDS}
        member, is_new = Membership.objects.get_or_create(user=user, defaults=marks)
        if not is_new and member.deactivated_at:
            reactivate(member, **marks)
        invitation.delete()
    return member


def pending_invitation(request):
    """The invitation that the visitor came with, if it still holds; else None."""
    try:
        invitation = Invitation.by_token(request.session.get(STASHED, ""))
    except Invitation.DoesNotExist:
        return None
    return None if invitation.is_expired else invitation
