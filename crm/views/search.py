"""The pages that are one of a kind."""

from django.shortcuts import render

from crm import search as everything
from workspaces.permissions import permission_required


@permission_required("crm.view_dashboard")
def search(request):
    """The first hits of every kind, each with the way to all of them."""
    text = request.GET.get("q", "")[:200].replace("\x00", "")
    kinds = everything.searched_viewsets(request.user)
    context = {"q": text, "results": everything.search_all_models(text, kinds), "kinds": kinds}
    return render(request, "crm/search.html", context)
