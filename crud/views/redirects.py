"""URLs that a view redirects to, and the data that its form is bound to."""

from urllib.parse import urlsplit

from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme

from crud.views.base import ModelViewMixin


def form_data(request):
    """Return what a form is bound to: what is sent, or what waited here as a draft; None if neither."""
    return request.POST if request.method == "POST" else getattr(request, "draft", None)


def safe_next_url(request):
    """The page of ours that the request asks to be led to when it is done; "" if it asks for none."""
    next_url = (form_data(request) or {}).get("next") or request.GET.get("next", "")
    # A word alone would be taken for the name of a page.
    is_ours = next_url.startswith("/") and url_has_allowed_host_and_scheme(next_url, allowed_hosts=None)
    return next_url if is_ours else ""


def safe_referrer(request):
    """The page of ours that led here, as a path with its query; "" if none did or it is this one."""
    try:
        referrer = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # no address at all
        return ""
    if referrer.netloc != request.get_host() or referrer.path == request.path:
        return ""
    if referrer.path.startswith("//"):  # which a browser takes for another server's address
        return ""
    return referrer.path + (f"?{referrer.query}" if referrer.query else "")


class ReturnUrlMixin(ModelViewMixin):
    """A page that leads back to where it was opened from."""

    @cached_property
    def came_from(self):
        return safe_next_url(self.request) or safe_referrer(self.request) or self.viewset.url("list")

    def get_context_data(self, **kwargs):
        return super().get_context_data(next=self.came_from, **kwargs)
