"""The pages of a kind on the Settings tab: its entries in order, one of them, and what takes its place."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View, generic

from crm.picklists.forms import ReplaceForm
from crm.picklists.text import format_count, format_replacement, format_usage
from crud import display
from crud.params import int_param, selected_ids
from crud.parsing.keys import make_key
from crud.views import edit
from crud.views.base import ModelViewMixin
from crud.views.redirects import form_data

PAGE_SIZE = 50  # of kinds with many entries
MOST_PROPOSED = 500  # names given along for a typed one


def own_columns(viewset):
    """[(name, label)] of the fields that this kind has and others have not."""
    return [(name, display.label(viewset.model, name)) for name in viewset.columns[1:]]


def with_usage(kind, rows):
    """The rows, each with `used`: [("41 opportunities", their list's address)]. One query for each use."""
    rows = list(rows)
    for row in rows:
        row.used = []
    for use in kind.uses():
        numbers = use.numbers([row.pk for row in rows]) if rows else {}
        for row in rows:
            if row.pk in numbers:
                row.used.append((format_count(numbers[row.pk], use), use.address(row)))
    return rows


class PicklistMixin(ModelViewMixin):
    """The page of a kind: what is offered, in order, what is retired, and a row to add one more."""

    def get_template_names(self):
        is_part = self.request.htmx.target == "entries"
        return ["crm/picklists/_values.html" if is_part else "crm/picklists/values.html"]

    def entries(self):
        kind, rows = self.viewset.model, self.get_queryset()
        search_text = self.request.GET.get("q", "")[:60].replace("\x00", "")
        if not kind.is_of_many:
            rows = with_usage(kind, rows)
            return {
                "offered": [row for row in rows if not row.is_retired],
                "retired": [row for row in rows if row.is_retired],
            }
        page = Paginator(rows.search(search_text) if search_text.strip() else rows, PAGE_SIZE).get_page(
            self.request.GET.get("page")
        )
        return {"offered": with_usage(kind, page.object_list), "page": page, "q": search_text}

    def get_context_data(self, **kwargs):
        form = kwargs.pop("form", None) or self.viewset.get_form()()
        return super().get_context_data(
            **self.entries(),
            form=form,
            list_url=self.viewset.url("list"),
            columns=own_columns(self.viewset),
            anchor=self.viewset.route.rpartition("/")[2],
            **kwargs,
        )

    def render_to_response(self, *args, **kwargs):
        response = super().render_to_response(*args, **kwargs)
        patch_vary_headers(response, ["HX-Target"])
        return response


class PicklistView(PicklistMixin, generic.TemplateView):
    """The entries of a kind."""

    def get_context_data(self, **kwargs):
        return super().get_context_data(submission=uuid.uuid4(), **kwargs)


class PicklistValueView(ModelViewMixin, generic.DetailView):
    """One entry: what it is, what uses it, and what can be done with it."""

    template_name = "crm/picklists/value_detail.html"

    def get_template_names(self):
        return [self.template_name]

    def get_context_data(self, **kwargs):
        return super().get_context_data(columns=own_columns(self.viewset), **kwargs)

    def get_object(self, queryset=None):
        return with_usage(self.viewset.model, [super().get_object(queryset)])[0]


class PicklistAddView(PicklistMixin, edit.CreateView):
    """Add one, from the row at the foot of the entries; what is wrong with it is said there."""

    @property
    def came_from(self):
        return self.viewset.url("list")

    def get_context_data(self, **kwargs):
        kwargs.setdefault("form", self.get_form())
        return super().get_context_data(**kwargs)

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except IntegrityError:  # somebody else was quicker by a blink
            form.add_error("name", form.instance.describe_name_conflict())
            return super().form_invalid(form)

    def made_by(self, submission):
        # With another name, after Back, the same form is to make another entry.
        key = make_key(self.request.POST.get("name", ""))
        return submission and self.get_queryset().filter(submission=submission, name_key=key).first()


class PicklistEditView(edit.UpdateView):
    """Change one."""

    def get_template_names(self):
        return ["crm/picklists/value_form.html"]

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except IntegrityError:
            form.add_error("name", form.instance.describe_name_conflict())
            return self.form_invalid(form)


class PicklistDeleteView(ModelViewMixin, generic.DetailView):
    """Delete one that nothing uses; for one in use, the page asks what takes its place."""

    def get_template_names(self):
        return ["crm/picklists/value_confirm_delete.html"]

    def get(self, request, *args, **kwargs):
        if self.get_object().usage_counts():
            return PicklistReplaceView.as_view(viewset=self.viewset, action="update", is_deletion=True)(
                request, *args, **kwargs
            )
        return super().get(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        entry = self.get_object()
        try:
            if not entry.remove():
                return HttpResponseRedirect(request.path)
        except ValidationError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _("“%(name)s” deleted.") % {"name": entry})
        return HttpResponseRedirect(self.viewset.url("list"))


class PicklistReplaceView(ModelViewMixin, generic.FormView):
    """Replace one by another, or merge it into that, after showing what that means."""

    form_class = ReplaceForm
    is_deletion = False  # asked for by the page that deletes

    def get_template_names(self):
        return ["crm/picklists/value_replace.html"]

    @cached_property
    def entry(self):
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    @cached_property
    def users(self):
        return self.entry.usage_counts()

    def get_initial(self):
        return {"how": "merge" if self.is_deletion else "replace"}

    def get_form_kwargs(self):
        data = form_data(self.request)
        return super().get_form_kwargs() | {"choice": self.entry, "users": self.users, "data": data}

    def get_context_data(self, **kwargs):
        proposals = []
        if self.entry.is_of_many:
            proposals = self.get_queryset().active().exclude(pk=self.entry.pk)[:MOST_PROPOSED]
        return super().get_context_data(
            object=self.entry,
            in_use=format_usage(self.users),
            known=proposals,
            is_deletion=self.is_deletion,
            **kwargs,
        )

    def form_valid(self, form):
        to, is_merged = form.cleaned_data["to"], form.cleaned_data["how"] == "merge"
        try:
            self.entry.replace_with(to, is_merged)
        except ValidationError as error:
            form.add_error("to", error)
            return self.form_invalid(form)
        messages.success(self.request, format_replacement(self.entry, to, self.users, is_merged))
        return HttpResponseRedirect(f"{self.viewset.url('list')}#row-{to.pk}")


class ReorderView(ModelViewMixin, View):
    """Take the order that entries were dragged into: `ids`, first to last, of which `moved` was dragged."""

    def post(self, request):
        ids, moved = selected_ids(request.POST), int_param(request.POST, "moved", 0)
        if moved in ids:
            # Only the one that was dragged: the page may show an order from before somebody changed it.
            ids = moved_after(moved, ids, [row.pk for row in self.get_queryset().active()])
        self.get_queryset().put_in_order(ids)
        return HttpResponse(status=204)


def moved_after(moved, shown, current):
    """Return the ids `current` with `moved` behind the nearest of those that are before it in `shown`."""
    if moved not in current:
        return current
    current = [pk for pk in current if pk != moved]
    earlier = [pk for pk in shown[: shown.index(moved)] if pk in current]
    place = current.index(earlier[-1]) + 1 if earlier else 0
    return [*current[:place], moved, *current[place:]]


class ReorderStepView(ModelViewMixin, View):
    """Move one up or down among those offered."""

    def post(self, request, pk):
        entry = get_object_or_404(self.get_queryset(), pk=pk)
        ids = [row.pk for row in self.get_queryset().active()]
        if entry.pk in ids:
            place = ids.index(entry.pk)
            ids.insert(max(0, place + (-1 if request.POST.get("to") == "up" else 1)), ids.pop(place))
            self.get_queryset().put_in_order(ids)
        return HttpResponseRedirect(f"{self.viewset.url('list')}#row-{pk}")


class ArchiveView(ModelViewMixin, View):
    """Offer one no longer, or with `back` again."""

    def post(self, request, pk):
        entry = get_object_or_404(self.get_queryset(), pk=pk)
        try:
            if request.POST.get("back"):
                entry.bring_back()
                messages.success(
                    request,
                    _("“%(name)s” restored. It is available for new records again.") % {"name": entry},
                )
            else:
                entry.retire()
                message = _("“%(name)s” archived. Existing records keep it.")
                messages.success(request, message % {"name": entry})
        except ValidationError as error:
            messages.error(request, error.message)
        return HttpResponseRedirect(f"{self.viewset.url('list')}#row-{pk}")


# In place of the kit's pages, which are for records; None where a kind of the settings has no such page.
VIEWS = {
    "list": PicklistView,
    "create": PicklistAddView,
    "filters": None,
    "selection": None,
    "delete-many": None,
    "detail": PicklistValueView,
    "row": None,
    "update": PicklistEditView,
    "delete": PicklistDeleteView,
}
MORE = {
    "order": ("order/", ReorderView),
    "move": ("<id:pk>/move/", ReorderStepView),
    "retire": ("<id:pk>/retire/", ArchiveView),
    "replace": ("<id:pk>/replace/", PicklistReplaceView),
}


def picklist_urls(viewset):
    """The pages of a kind that only the settings have."""
    options = {"viewset": viewset, "action": "update"}
    return [
        path(f"{viewset.route}/{route}", view.as_view(**options), name=viewset.name(action))
        for action, (route, view) in MORE.items()
    ]
