"""Pages that add and change a record, also when two people do so at once or one presses Save twice.

Their forms are of the class EditForm; crud.interfaces documents what they expect of models.
"""

import contextlib
import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponseRedirect
from django.utils.html import format_html
from django.views import generic

from crud import display
from crud.db.prefetch import attach_related
from crud.forms.merged_forms import MAX_ATTEMPTS, MergedEdit, encode
from crud.models import EditConflict
from crud.views.delete import rows_in_trash
from crud.views.redirects import ReturnUrlMixin, form_data


class RecordFormMixin(ReturnUrlMixin):
    """A form that tells a second press of Save from a second row."""

    suffix = "form"

    def get_form_class(self):
        return self.viewset.get_form()

    @property
    def form_data(self):
        return form_data(self.request)

    def get_form(self, form_class=None, **changes):
        form = (form_class or self.get_form_class())(**self.get_form_kwargs() | changes)
        form.set_user(self.request.user)
        return form

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"data": self.form_data}

    def get_context_data(self, **kwargs):
        submission = (self.form_data or {}).get("submission") or uuid.uuid4()
        return super().get_context_data(submission=submission, **kwargs)

    def done(self, verb, form):
        """The answer after saving: the list as it was, with the row marked, or a new form."""
        messages.success(self.request, saved_message(self.object, verb))
        for level, text in form.get_notices():
            messages.add_message(self.request, level, text)
        if "another" in self.request.POST:
            parameters = urlencode({**form.get_next_initial(), "next": self.came_from})
            return HttpResponseRedirect(f"{self.viewset.url('create')}?{parameters}")
        return HttpResponseRedirect(f"{self.came_from.partition('#')[0]}#row-{self.object.pk}")


class CreateView(RecordFormMixin, generic.CreateView):
    """Add one. A form sent twice makes one row."""

    def get_initial(self):
        return self.get_form_class().get_prefilled_values(self.request.GET)

    def post(self, request, *args, **kwargs):
        self.object = None
        if record := self.made_by(submission_key(request.POST)):
            return self.sent_again(record)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form):
        form.instance.submission = submission = submission_key(self.request.POST)
        try:
            with transaction.atomic():
                self.object = form.save()
        except IntegrityError:
            self.object = self.made_by(submission)  # its twin was quicker by a blink
            if not self.object:
                raise
        return self.done("added", form)

    def form_invalid(self, form):
        # What is wrong may be that its twin, quicker by a blink, has the name already.
        record = self.made_by(submission_key(self.request.POST))
        return self.sent_again(record) if record else super().form_invalid(form)

    def made_by(self, submission):
        """The row that the form made when it was sent before, None if it was not."""
        return submission and self.get_queryset().filter(submission=submission).first()

    def sent_again(self, record):
        """A second press of Save is done already; a form changed since, after Back, is to change the row."""
        form = self.get_form()
        if not form.is_valid() or not conflicting_fields(form, record):
            self.object = record
            return self.done("added", form)
        form.instance = self.object = record
        return self.render_to_response(self.get_context_data(form=form, is_sent_again=True))


class UpdateView(RecordFormMixin, generic.UpdateView):
    """Change one record. Where the user and others changed the same field, both texts are shown."""

    deleted = edit = None

    def get_object(self, queryset=None):
        row = self.get_queryset().filter(pk=self.kwargs["pk"]).first()
        self.deleted = None
        if row is None and self.form_data is not None:
            row = self.in_trash()
        if row is None:
            raise Http404
        return attach_related([row], self.viewset.fields)[0]

    def in_trash(self):
        """The row if it was deleted meanwhile: restored if that was asked for, else with `deleted` said."""
        row = rows_in_trash(self.viewset.model, [self.kwargs["pk"]]).first()
        entry = row and row.trash_entry
        if entry and "restore" in self.request.POST and self.may_restore:
            return entry.restore()
        self.deleted = entry
        return row

    @property
    def may_restore(self):
        return self.request.user.has_perm(self.viewset.permission("delete"))

    def get(self, request, *args, **kwargs):
        return (
            super().get(request, *args, **kwargs) if self.form_data is None else self.answer(self.show_merged)
        )

    def post(self, request, *args, **kwargs):
        for _ in range(MAX_ATTEMPTS - 1):
            # Another request may save the record between our reading it and our saving it.
            with contextlib.suppress(EditConflict):
                return self.answer(self.save_merged)
        return self.answer(self.save_merged)

    def answer(self, act):
        """Call `act` if the record is there; else return a page that keeps what was typed."""
        try:
            self.object = self.get_object()
        except Http404:
            if "version" not in self.form_data:
                raise
            return self.gone()
        return self.form_invalid(self.get_form()) if self.deleted else act()

    def save_merged(self):
        """Save what was sent, merged with what others saved since the form was opened."""
        self.edit = edit = self.merged_edit()
        # To restore a record all the same is to have seen what it had become.
        if edit.is_valid() or (
            "restore" in self.form_data and "base" not in self.form_data and edit.form.is_valid()
        ):
            response = self.form_valid(edit.form)
        else:
            response = self.form_invalid(edit.form)
        edit.notify(self.request)
        return response

    def show_merged(self):
        """Show the form with what was typed before, merged, and save nothing."""
        self.edit = edit = self.merged_edit()
        edit.notify(self.request)
        return self.form_invalid(edit.form)

    def merged_edit(self):
        return MergedEdit(lambda data: self.get_form(data=data), self.form_data, self.request.user)

    def gone(self):
        """Deleted for good meanwhile, if it ever was: what was typed is kept, and may become a new row."""
        self.object = None
        form = self.get_form()
        return self.render_to_response(self.get_context_data(form=form, is_gone=True), status=404)

    def get_form_kwargs(self):
        # Without initial values of the view's own, for they would go above the row's.
        kwargs = super().get_form_kwargs()
        kwargs.pop("initial")
        return kwargs

    def form_valid(self, form):
        # The UPDATE has the version read with the record as a condition: over a later one it raises Conflict.
        with transaction.atomic():
            self.object = form.save()
        return self.done("saved", form)

    def form_invalid(self, form):
        context = self.get_context_data(form=form, deleted=self.deleted, may_restore=self.may_restore)
        return self.render_to_response(context, status=409 if self.deleted else self.edit.status)

    def get_context_data(self, **kwargs):
        if self.deleted:  # the form knows the record as it was before
            kwargs |= {name: self.form_data.get(name, "") for name in ("version", "base")}
        elif self.edit:
            kwargs |= self.edit.context()
        elif self.object is not None:
            form = kwargs.setdefault("form", self.get_form())
            kwargs |= {"version": self.object.version, "base": encode(form)}
        return super().get_context_data(**kwargs)


def submission_key(parameters):
    """The form's key, None if it came without a whole one."""
    try:
        return uuid.UUID(parameters.get("submission", ""))
    except ValueError:
        return None


def saved_message(row, verb):
    address = row.get_absolute_url() if hasattr(row, "get_absolute_url") else ""
    return (
        format_html('{}: <a href="{}">{}</a>', verb.capitalize(), address, row)
        if address
        else f"{verb.capitalize()}: {row}"
    )


def conflicting_fields(form, saved):
    """[(bound field, what is saved, what was typed)] where the two differ, as people write them."""
    names = [name for name in form.fields if display.field_of(type(saved), name) is not None]
    pairs = [(form[name], display.text(saved, name), form.get_typed_text(name)) for name in names]
    return [(field, theirs, mine) for field, theirs, mine in pairs if theirs != mine]
