"""Who is in a workspace, what they may do there, and how they leave."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from crud.forms.merged_forms import MergedEdit
from crud.parsing.sentences import end_sentence
from crud.search import parse_terms
from crud.views.redirects import form_data, safe_next_url
from workspaces.accounts.mfa.policy import lacks_required_mfa
from workspaces.accounts.reauthentication import confirm_first, is_confirmed
from workspaces.members import forms
from workspaces.members.invitations import invitation_url
from workspaces.members.membership import LastAdminError, change_permissions, deactivate, reactivate
from workspaces.members.reassignment import assigned_records_of
from workspaces.models import Invitation, Membership
from workspaces.permissions import permission_required
from workspaces.tenancy.urls import reverse_outside

AT_ONCE = 50
LAST_ADMIN = _("%(name)s is the only admin. Make someone else an admin first.")


@permission_required("workspaces.view_member")
def members(request):
    """Who is in the workspace; for admins also who is invited."""
    return render_members(request, _("Members"))


@permission_required("workspaces.manage_member")
def staff(request):
    """The same as a page of the settings."""
    return render_members(request, _("Sales Staff"))


def render_members(request, title):
    """The list, searched and by pages: a workspace may have hundreds of members."""
    all_members = Membership.objects.all_by_id().values()
    shown_state = "inactive" if request.GET.get("show") == "inactive" else "active"
    search_terms = parse_terms(request.GET.get("q", "")[:200])
    matching_members = [
        member
        for member in all_members
        if bool(member.deactivated_at) == (shown_state == "inactive")
        and all(
            term.is_in(f"{member.user}\n{member.user.email}") != term.is_excluded for term in search_terms
        )
    ]
    may_manage = request.user.has_perm("workspaces.manage_member")
    context = {
        "title": title,
        "page": Paginator(matching_members, AT_ONCE).get_page(request.GET.get("page")),
        "shown": shown_state,
        "inactive": sum(1 for member in all_members if member.deactivated_at),
        "may_manage": may_manage,
        "invitations": invitations(request) if may_manage else [],
        "without_factor": lacks_required_mfa(all_members) if may_manage else [],
    }
    return render(request, "workspaces/members/members.html", context)


def invitations(request):
    """[(invitation, its link)], latest first."""
    return [
        (row, invitation_url(request, row)) for row in Invitation.objects.select_related("invited_by__user")
    ]


def list_before(request):
    """The list that one came from, as it was: that of the members, or that of the settings."""
    return safe_next_url(request) or reverse("members:list")


@permission_required("workspaces.manage_member")
def update(request, pk):
    """What one member may do."""

    def build_form(data):
        return forms.PermissionsForm(data, instance=get_object_or_404(Membership, pk=pk))

    edit = MergedEdit(build_form, form_data(request), request.user)
    if request.method == "POST" and edit.is_valid():
        if edit.form.makes_an_admin and not is_confirmed(request):
            return confirm_first(request)
        try:
            if edit.save(save_marks):
                message = _("Permissions for %(name)s updated.")
                messages.success(request, message % {"name": edit.form.instance.user})
                edit.notify(request)
                return redirect(list_before(request))
        except LastAdminError:
            edit.form.add_error("is_admin", LAST_ADMIN % {"name": edit.form.instance.user})
    edit.notify(request)
    member = edit.form.instance
    context = {
        "member": member,
        "work": assigned_records_of(member),
        "back": list_before(request),
        **edit.context(),
    }
    return render(request, "workspaces/members/member.html", context, status=edit.status)


def save_marks(form):
    change_permissions(form.instance, **{name: form.cleaned_data[name] for name in form.changed_data})


@permission_required("workspaces.manage_member")
def hand_over(request, pk):
    """Give what one member looks after to somebody else; they stay."""
    member = get_object_or_404(Membership, pk=pk)
    return _handed_over(request, member, "hand over", lambda: None)


@permission_required("workspaces.manage_member")
def deactivate_member(request, pk):
    """End a membership, and hand over what it looked after."""
    member = get_object_or_404(Membership.objects.active(), pk=pk)
    if member.pk == request.user.membership.pk:
        return redirect("members:leave")
    return _handed_over(request, member, "deactivate", lambda: deactivate(member))


@permission_required("workspaces.view_member")
def leave(request):
    """End one's own membership."""
    member = get_object_or_404(Membership, pk=request.user.membership.pk)
    return _handed_over(request, member, "leave", lambda: deactivate(member, request.session.session_key))


def _handed_over(request, member, action, end):
    """The page that asks who takes over; once that is said, it is done, and `end` after it."""
    form = forms.ReassignmentForm(member, form_data(request))
    error = ""
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                reassigned = form.hand_over()
                end()
        except LastAdminError:
            error = LAST_ADMIN % {"name": member.user}
        else:
            messages.success(request, _said(request, member, action, reassigned))
            return redirect(reverse_outside("home") if action == "leave" else list_before(request))
    context = {
        "form": form,
        "member": member,
        "action": action,
        "back": list_before(request),
        "error": error
        or (LAST_ADMIN % {"name": member.user} if action != "hand over" and member.is_last_admin else ""),
    }
    return render(request, "workspaces/members/reassign.html", context)


def _said(request, member, action, reassigned):
    sentences = []
    if action == "deactivate":
        sentences.append(_("%(name)s was deactivated.") % {"name": member.user})
    elif action == "leave":
        workspace = request.user.membership.workspace
        sentences.append(end_sentence(_("You left %(workspace)s") % {"workspace": workspace}))
    if reassigned:
        sentences.append(_("Reassigned: %(records)s.") % {"records": reassigned})
    return " ".join(sentences)


@require_POST
@permission_required("workspaces.manage_member")
def reactivate_member(request, pk):
    """Let somebody who left come back as they were."""
    member = get_object_or_404(Membership.objects.exclude(deactivated_at=None), pk=pk)
    if member.is_admin and not is_confirmed(request):
        return confirm_first(request, back=f"{list_before(request)}?show=inactive")
    reactivate(member)
    messages.success(request, _("%(name)s was reactivated.") % {"name": member.user})
    return redirect(list_before(request))
