"""The defects that are planted to see the tests go red: a URLconf of a workspace's pages, and these."""

from django import forms
from django.http import HttpResponse
from django.urls import path
from django.utils.safestring import mark_safe
from django.views.decorators.csrf import csrf_exempt

from crm.models import Company
from crud.views.list import PAGE_SIZES
from socius.workspace_urls import urlpatterns as sound
from workspaces.models import Workspace


def finds(request):
    """Asks the database for what the address holds, unseen."""
    return HttpResponse(str(Company.objects.filter(name=request.GET.get("q", "")).count()))


def pages(request):
    """Goes as far back as the address says."""
    number, size = int(request.GET.get("page", 1)), PAGE_SIZES[0]
    return HttpResponse(", ".join(map(str, Company.objects.all()[(number - 1) * size : number * size])))


def marks(request):
    """Takes names for HTML."""
    names = "<br>".join(map(str, Company.objects.all()))
    return HttpResponse(mark_safe(f"<h1>Companies</h1>{names}"))  # noqa: S308


@csrf_exempt
def exempt(request):
    """Does what anybody's form asks."""
    return HttpResponse(str(Company.objects.create(name="Forged").pk))


def acts(request):
    """Does something when it is only looked at."""
    return exempt(request)


class EveryField(forms.ModelForm):
    class Meta:
        model = Workspace
        fields = "__all__"  # noqa: DJ007


def takes(request):
    """Lets a form set whatever it names."""
    workspace = request.user.membership.workspace
    form = EveryField({**EveryField(instance=workspace).initial, **request.POST.dict()}, instance=workspace)
    if form.is_valid():
        form.save()
        return HttpResponse(status=302)
    return HttpResponse(form.errors.as_text())


PLANTED = [finds, pages, marks, exempt, acts, takes]
urlpatterns = [
    *sound,
    *(path(f"planted/{view.__name__}/", view, name=f"planted-{view.__name__}") for view in PLANTED),
]
