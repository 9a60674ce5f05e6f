"""Site-wide pages: home, help, health checks and theme."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from crm.default_picklists import default_values
from crm.models import ContactType, LossReason, Source, Stage
from crud.views.redirects import safe_referrer
from workspaces import health
from workspaces.models import User, Workspace


def home(request):
    """Redirect to the last used workspace, or to its creation for users without one."""
    places = [membership.workspace for membership in request.user.memberships]
    last = [place for place in places if place.pk == request.user.last_workspace_id]
    return redirect((last or places)[0] if places else "workspace-new")


def workspace_home(request):
    """Redirect to the first page of the workspace that the member may see."""
    return redirect("crm:dashboard" if request.user.has_perm("crm.view_dashboard") else "members:list")


@login_not_required
def lead_lifecycle(request):
    """Show the help page, with the settings of a new workspace as its examples."""
    rows = default_values()
    names = {
        "types": [row.name for row in rows[ContactType]],
        "sources": [row.name for row in rows[Source]],
        "reasons": [row.name for row in rows[LossReason]],
    }
    stages = rows[Stage]
    example = 12_000 * stages[2].win_percent // 100
    return render(
        request,
        "help/lead_lifecycle.html",
        {**names, "stages": stages, "last_stage": stages[-1], "example": example},
    )


@login_not_required
def livez(request):
    """Report that this process is alive; gunicorn_worker.py answers without calling this view."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
def readyz(request):
    """Report readiness: the database responds, is writable, and has all migrations."""
    try:
        Workspace.objects.exists()
        problem = health.recent_problem()
    except DatabaseError:
        problem = health.find_problem() or "no database"
    return HttpResponse(problem or "ok", status=503 if problem else 200, content_type="text/plain")


@require_POST
def theme(request):
    """Set the theme to light, dark or the device's, from the user menu of any page."""
    if request.POST.get("theme") in User.Theme.values:
        User.objects.filter(pk=request.user.pk).update(theme=request.POST["theme"], version=F("version") + 1)
    return redirect(safe_referrer(request) or "home")
