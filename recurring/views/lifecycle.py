"""The pages of what is done to a profile: a small form each, with what it does to the months."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import generic

from crud.forms.merged_forms import YOU
from crud.models import EditConflict
from crud.params import int_param
from crud.parsing.sentences import end_sentence
from crud.views.base import ModelViewMixin
from crud.views.edit import submission_key
from crud.views.redirects import form_data
from recurring.forms import correction_form, get_operation_form
from recurring.lifecycle import operations, preview
from recurring.models import RevenueEnding, RevenuePause, RevenueProfile, RevenueTerm
from workspaces.tenancy.scope import active_workspace, lock_workspace_writes


class OperationView(ModelViewMixin, generic.FormView):
    """One act. `preview` among what is sent shows what it would do, and does not do it."""

    act = ""
    parts = {"preview": "recurring/profiles/_operation_preview.html"}

    @cached_property
    def profile(self):
        return get_object_or_404(RevenueProfile, pk=self.kwargs["pk"])

    def get_form_class(self):
        return get_operation_form(self.act)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"profile": self.profile, "data": form_data(self.request)}

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        form.set_user(self.request.user)
        return form

    def get_template_names(self):
        part = self.parts.get(self.request.htmx.target)
        return [part] if part else ["recurring/profiles/operation.html"]

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            object=self.profile,
            **self.version_context(**kwargs),
            submission=(form_data(self.request) or {}).get("submission") or uuid.uuid4(),
            may_take_out=self.may_take_out,
            **kwargs,
        )

    may_take_out = False

    def version_context(self, is_conflict=False, **kwargs):
        """The version of the profile that the form knows, and the basis of its operation."""
        data = form_data(self.request)
        if data and not is_conflict:  # a mistake corrected must not hide what others saved meanwhile
            return {"version": self.sent_version, "basis": data.get("basis", "")}
        return {"version": self.profile.version, "basis": operations.basis_of(self.profile)}

    @property
    def sent_version(self):
        return int_param(form_data(self.request) or {}, "version", 0)

    def seen_version(self):
        """The version to save over: the current one if all that the operation rests on is as it was sent."""
        sent_version, current = self.sent_version, self.profile.version
        if not 1 <= sent_version < current:
            return sent_version
        is_same = self.request.POST.get("basis") == operations.basis_of(self.profile)
        return current if is_same else sent_version

    def post(self, request, *args, **kwargs):
        submission = submission_key(request.POST)
        if submission and "preview" not in request.POST and (row := self.written(submission)):
            return self.done(row.profile)
        return super().post(request, *args, **kwargs)

    def written(self, submission):
        """The row that the form wrote when it was sent before: a second press of Save does nothing more."""
        for model in (RevenueTerm, RevenuePause, RevenueEnding):
            if row := model.objects.filter(submission=submission).first():
                return row
        return None

    def form_valid(self, form):
        if "preview" in self.request.POST:
            return self.render_preview(form)
        try:
            with transaction.atomic():
                lock_workspace_writes()  # nothing is saved between the comparison and the operation
                self.profile.refresh_from_db()
                self.profile.version = self.seen_version()
                goes_on = self.do(form) or self.profile
        except EditConflict:
            return self.conflict(form)
        except ValidationError as error:
            return self.render_refusal(form, error)
        return self.done(goes_on, form.label)

    def do(self, form):
        """The profile that goes on, if it is another one."""
        return form.act(submission_key(self.request.POST))

    def render_preview(self, form):
        try:
            result = preview.preview(form, active_workspace().today())
        except ValidationError as error:
            return self.render_refusal(form, error)
        self.fresh()
        return self.render_to_response(self.get_context_data(form=form, preview=result))

    def render_refusal(self, form, error):
        self.fresh()
        fields = error.message_dict if hasattr(error, "error_dict") else {None: error.messages}
        for field, sentences in fields.items():
            for sentence in sentences:
                form.add_error(field if field in form.fields else None, sentence)
        return self.form_invalid(form)

    def fresh(self):
        """The profile as it is saved: what was tried with it is forgotten."""
        self.__dict__.pop("profile", None)

    def conflict(self, form):
        self.fresh()
        by = self.profile.updated_by
        author = YOU if by == self.request.user.membership else by or _("Someone")
        context = self.get_context_data(form=form, is_conflict=True, changed_by=author)
        return self.render_to_response(context, status=409)

    def done(self, profile, label=None):
        label = label or self.get_form_class().label
        messages.success(self.request, end_sentence(f"Saved: {label.lower()}, {profile}"))
        return HttpResponseRedirect(profile.get_absolute_url())

    def render_to_response(self, *args, **kwargs):
        response = super().render_to_response(*args, **kwargs)
        patch_vary_headers(response, ["HX-Target"])
        return response


class CorrectView(OperationView):
    """Put one dated row right, or take it out."""

    model = None

    @cached_property
    def row(self):
        rows = self.model.objects.select_related("profile").filter(profile__deleted_at=None)
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @cached_property
    def profile(self):
        return self.row.profile

    def fresh(self):
        super().fresh()
        self.__dict__.pop("row", None)

    def get_form_class(self):
        return correction_form(self.row)

    def get_form_kwargs(self):
        kwargs = super().get_form_kwargs() | {"row": self.row}
        kwargs.pop("profile")
        return kwargs

    @property
    def may_take_out(self):
        is_term = isinstance(self.row, RevenueTerm)
        return not is_term or operations.first_term(self.profile, self.row) != self.row

    def get(self, request, *args, **kwargs):
        if self.row.superseded_at:
            messages.info(request, _("This entry has already been edited. This is the current state."))
            return HttpResponseRedirect(self.profile.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        if "take_out" in request.POST and "preview" not in request.POST:
            form = self.get_form()
            form.is_valid()
            return self.form_valid(form)
        return super().post(request, *args, **kwargs)

    def do(self, form):
        if "take_out" in self.request.POST:
            return operations.supersede(self.row)
        return super().do(form)
