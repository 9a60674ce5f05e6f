"""The pages that are one of a kind."""

from django.shortcuts import render

from workspaces.roles import needs

from . import search as everything


@needs("crm.view_dashboard")
def search(request):
    """The first hits of every kind, each with the way to all of them."""
    text = request.GET.get("q", "")[:200].replace("\x00", "")
    kinds = everything.kinds(request.user)
    context = {"q": text, "results": everything.search(text, kinds), "kinds": kinds}
    return render(request, "crm/search.html", context)
