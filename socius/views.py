"""Pages of the whole site: the way in, help, health, and the look."""

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
    """To the workspace last used; to making one, for who has none."""
    places = [membership.workspace for membership in request.user.memberships]
    last = [place for place in places if place.pk == request.user.last_workspace_id]
    return redirect((last or places)[0] if places else "workspace-new")


def workspace_home(request):
    """The first page inside that the member may see."""
    return redirect("crm:dashboard" if request.user.has_perm("crm.view_dashboard") else "members:list")


@login_not_required
def lead_lifecycle(request):
    """Help, with the settings that a new workspace starts with as its examples."""
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
    """Answer that this process is alive; gunicorn_worker.py answers without asking this view."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
def readyz(request):
    """Answer ok if pages can be served: the database answers, can be written, and has all migrations."""
    try:
        Workspace.objects.exists()
        problem = health.recent_problem()
    except DatabaseError:
        problem = health.find_problem() or "no database"
    return HttpResponse(problem or "ok", status=503 if problem else 200, content_type="text/plain")


@require_POST
def theme(request):
    """Light, dark or as the device is set, from the user menu of any page."""
    if request.POST.get("theme") in User.Theme.values:
        User.objects.filter(pk=request.user.pk).update(theme=request.POST["theme"], version=F("version") + 1)
    return redirect(safe_referrer(request) or "home")
