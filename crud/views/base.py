"""The permission gate of class-based views, and the base of all views of a ModelViewSet."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin


class PermissionGateMixin(PermissionRequiredMixin):
    """A refusal that carries the missing permission, so that the 403 page can say who could give it."""

    raise_exception = True  # the sign-in is required by a middleware

    def has_permission(self):
        return all(map(self.request.user.has_perm, self.get_permission_required()))

    def get_permission_denied_message(self):
        return self.get_permission_required()[0]


class ModelViewMixin(PermissionGateMixin):
    """The viewset of a view, and what follows from it: queryset, permission, templates."""

    # Django's form views would take PUT for POST.
    http_method_names: Sequence[str] = ("get", "head", "options", "post")
    viewset: Any = None
    action: str | None = None
    suffix: str | None = None

    def get_permission_required(self):
        return (self.viewset.permission(self.action),)

    def get_queryset(self):
        return self.viewset.model.objects.all()

    def get_template_names(self):
        opts = self.viewset.model._meta
        folder = self.viewset.template_folder or opts.app_label
        return [f"{folder}/{opts.model_name}_{self.suffix}.html", f"crud/{self.suffix}.html"]

    def get_context_data(self, **kwargs):
        return super().get_context_data(viewset=self.viewset, **kwargs)
