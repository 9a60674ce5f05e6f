"""What every page of a kind shares, and the pages of one row."""

from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import generic

from .tables import attached


class CrudMixin:
    """What all share: the declaration, its rows, its permission, its templates."""

    http_method_names = ("get", "head", "options", "post")  # Django's form views would take PUT for POST
    crud = None
    action = None
    suffix = None

    def dispatch(self, request, *args, **kwargs):
        permission = self.crud.permission(self.action)
        if not request.user.has_perm(permission):
            # The user knows why, and who could allow it.
            raise PermissionDenied(permission)
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self):
        return self.crud.model.objects.all()

    def get_template_names(self):
        opts = self.crud.model._meta
        return [f"{opts.app_label}/{opts.model_name}_{self.suffix}.html", f"crud/{self.suffix}.html"]

    def get_context_data(self, **kwargs):
        return super().get_context_data(crud=self.crud, **kwargs)


class DetailView(CrudMixin, generic.DetailView):
    """One row whole."""

    suffix = "detail"

    def get_object(self, queryset=None):
        return attached([super().get_object(queryset)], self.crud.shown)[0]


class RowView(DetailView):
    """What the plus opens under a row: every data point, for the table to take in."""

    suffix = "row"

    def get_template_names(self):
        # Without scripts the plus is a link, and the same data points come as a page.
        return super().get_template_names() if self.request.htmx else ["crud/row_page.html"]


def form_data(request):
    """Return what a form is bound to: what is sent, or what waited here as a draft; None if neither."""
    return request.POST if request.method == "POST" else getattr(request, "draft", None)


def next_in(request):
    """The page of ours that the request asks to be led to when it is done; "" if it asks for none."""
    next_url = (form_data(request) or {}).get("next") or request.GET.get("next", "")
    # A word alone would be taken for the name of a page.
    is_ours = next_url.startswith("/") and url_has_allowed_host_and_scheme(next_url, allowed_hosts=None)
    return next_url if is_ours else ""


def page_before(request):
    """The page of ours that led here, as a path with its query; "" if none did or it is this one."""
    try:
        before = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # no address at all
        return ""
    if before.netloc != request.get_host() or before.path == request.path:
        return ""
    if before.path.startswith("//"):  # which a browser takes for another server's address
        return ""
    return before.path + (f"?{before.query}" if before.query else "")


def ids_in(parameters):
    """The row ids among the parameters; what is none is passed over."""
    return [int(text) for text in parameters.getlist("ids") if text.isdecimal() and len(text) < 19]
