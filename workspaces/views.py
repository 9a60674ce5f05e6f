"""Workspaces as a whole, and what somebody sets up for themselves."""

from babel import Locale, UnknownLocaleError
from babel.numbers import get_territory_currencies
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from crud.forms.merged_forms import MergedEdit
from crud.views.redirects import form_data
from workspaces.accounts.mfa.policy import lacks_required_mfa
from workspaces.accounts.reauthentication import confirm_first, is_confirmed
from workspaces.creation import create_workspace
from workspaces.members.views import members
from workspaces.models.currencies_and_zones import CURRENT_CURRENCIES
from workspaces.permissions import permission_required

from . import forms
from .models import Membership, User, Workspace

__all__ = ["members", "new", "profile", "workspace_settings"]


def new(request):
    """Name a workspace and be its first admin: the page after the sign-up."""
    proposed = {"currency": likely_currency(request), "time_zone": request.user.time_zone or "UTC"}
    form = forms.NewWorkspaceForm(form_data(request), initial=proposed)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                workspace = create_workspace(request.user, **form.cleaned_data)
            return redirect(workspace)
        except IntegrityError:
            # Somebody took the address since the form looked.
            form.add_error("slug", _("This URL was just taken. Choose another one."))
    is_first = not request.user.memberships
    return render(request, "workspaces/new.html", {"form": form, "is_first": is_first})


def likely_currency(request):
    """The currency of the country that the browser's language is of; dollars where it says none."""
    try:
        tag = request.headers.get("Accept-Language", "").split(",")[0].split(";")[0].strip()
        current = get_territory_currencies(Locale.parse(tag, sep="-").territory or "US")
        return next((code for code in current if code in CURRENT_CURRENCIES), "USD")
    except (ValueError, UnknownLocaleError):
        return "USD"


@permission_required("workspaces.manage_workspace")
def workspace_settings(request):
    """The workspace's name, money, time and add-ons."""
    missing = lacks_required_mfa(Membership.objects.active())

    def build_form(data):
        # A row of its own: a refused value must not show in the frame around the form.
        workspace = Workspace.objects.get(pk=request.user.membership.workspace_id)
        return forms.WorkspaceForm(data, instance=workspace, without_factor=missing, user=request.user)

    edit = MergedEdit(build_form, form_data(request), request.user)
    if request.method == "POST" and edit.is_valid():
        if "requires_second_factor" in edit.form.changed_data and not is_confirmed(request):
            return confirm_first(request)
        if edit.save(save_changed_fields):
            messages.success(request, _("Workspace settings saved."))
            edit.notify(request)
            return redirect("members:workspace")
    edit.notify(request)
    return render(request, "workspaces/settings.html", edit.context(), status=edit.status)


@transaction.atomic
def save_changed_fields(form):
    if form.changed_data:
        form.instance.save(update_fields=form.changed_data)


def profile(request):
    """How the user is called, and in which language, time zone and theme they see Socius."""

    def build_form(data):
        return forms.ProfileForm(data, instance=User.objects.get(pk=request.user.pk))

    edit = MergedEdit(build_form, form_data(request), request.user)
    if request.method == "POST" and edit.save(lambda form: form.instance.save_profile(form.changed_data)):
        messages.success(request, _("Profile saved."))
        edit.notify(request)
        return redirect("profile")
    edit.notify(request)
    return render(request, "workspaces/profile.html", edit.context(), status=edit.status)
