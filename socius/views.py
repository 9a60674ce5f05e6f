"""Pages of the whole site: the way in, help, health, and the look."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import resolve
from django.views.decorators.http import require_POST

from crm.models import ContactType, LossReason, Source, Stage
from crm.start import starting_rows
from crud.pages import page_before
from workspaces import health
from workspaces.models import User, Workspace

READYZ_PATH = "/readyz"  # as in urls.py


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
    rows = starting_rows()
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
    """Whether this process answers at all. gunicorn's worker says it without asking us (socius/worker.py)."""
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


class HealthMiddleware:
    """Answer /readyz before anything asks by which name it was called: a monitor asks by IP address."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path_info == READYZ_PATH and request.method in ("GET", "HEAD"):
            request.resolver_match = resolve(READYZ_PATH, urlconf=settings.ROOT_URLCONF)  # for the log
            return readyz(request)
        return self.get_response(request)


@require_POST
def theme(request):
    """Light, dark or as the device is set, from the user menu of any page."""
    if request.POST.get("theme") in User.Theme.values:
        User.objects.filter(pk=request.user.pk).update(theme=request.POST["theme"], version=F("version") + 1)
    return redirect(page_before(request) or "home")
