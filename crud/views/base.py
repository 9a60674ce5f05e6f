"""What every page of a kind shares, and the pages of one row."""

from django.core.exceptions import PermissionDenied


class ModelViewMixin:
    """What all share: the declaration, its rows, its permission, its templates."""

    http_method_names = ("get", "head", "options", "post")  # Django's form views would take PUT for POST
    viewset = None
    action = None
    suffix = None

    def dispatch(self, request, *args, **kwargs):
        permission = self.viewset.permission(self.action)
        if not request.user.has_perm(permission):
            # The user knows why, and who could allow it.
            raise PermissionDenied(permission)
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self):
        return self.viewset.model.objects.all()

    def get_template_names(self):
        opts = self.viewset.model._meta
        folder = self.viewset.template_folder or opts.app_label
        return [f"{folder}/{opts.model_name}_{self.suffix}.html", f"crud/{self.suffix}.html"]

    def get_context_data(self, **kwargs):
        return super().get_context_data(viewset=self.viewset, **kwargs)
