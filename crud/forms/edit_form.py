"""The base of all forms that add or edit a record."""

from django import forms

from crud import display
from crud.forms.line_forms import LineFormMixin


class EditForm(LineFormMixin, forms.ModelForm):
    """A form of one record, with the hooks that the pages of the kit call."""

    def set_user(self, user):
        """Take the user who fills in the form, before it is shown or validated."""

    @classmethod
    def get_prefilled_values(cls, parameters):
        """Return {field: initial value} for the query parameters of the page that adds a record."""
        return {}

    def get_next_initial(self):
        """Return the parameters that prefill the next form after "Save and add another"."""
        return {}

    def get_notices(self):
        """Return (message level, text) of what else to tell the user after saving."""
        return ()

    def get_typed_text(self, name):
        """Return the value of a field in the validated form as people write it, saved or not."""
        return display.text(self.instance, name)
