"""A page's form, filled in and sent as a browser without scripts does it."""

from html.parser import HTMLParser


class Form(HTMLParser):
    """The values that the page's record form would send."""

    def __init__(self, page, marked="record-form"):
        super().__init__()
        self.values, self.is_inside, self.select, self.text, self.action = {}, False, None, None, None
        self.marked = marked
        self.feed(page.content.decode())

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        if tag == "form" and self.marked in (a.get("class") or ""):
            self.is_inside, self.action = True, a.get("action")
        if not self.is_inside:
            return
        name = a.get("name")
        if tag == "input" and name and a.get("type") not in ("submit", "button"):
            if a.get("type") not in ("radio", "checkbox") or "checked" in a:
                self.values[name] = a.get("value", "on" if a.get("type") == "checkbox" else "") or ""
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and ("selected" in a or self.select not in self.values):
            self.values[self.select] = a.get("value") or ""
        elif tag == "textarea":
            self.text, self.values[name] = name, ""

    def handle_data(self, data):
        if self.text:
            self.values[self.text] += data.removeprefix("\n")

    def handle_endtag(self, tag):
        if tag == "form":
            self.is_inside = False
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.text = None


def fill_in(client, address, /, **changes):
    """Open the form at `address`, change some fields, and send it; the answer."""
    return send(client, client.get(address), address, **changes)


def send(client, page, address, /, **changes):
    """Send the form of a page that was answered, with changes; one of None is not sent at all."""
    form = Form(page)
    assert form.values, f"no form on the page ({page.status_code})"
    values = {**form.values, **{name.replace("__", "-"): value for name, value in changes.items()}}
    return client.post(form.action or address, {k: v for k, v in values.items() if v is not None})


def with_version(record, **values):
    """Return the values with the record's version, as its form sends it."""
    return {**values, "version": type(record).objects.values_list("version", flat=True).get(pk=record.pk)}


def get_statements(context):
    """The statements of a context but those that only begin and end a transaction."""
    all_items = [query["sql"] for query in context.captured_queries]
    return [sql for sql in all_items if not sql.startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]


def get_field_error(page, name):
    """What is wrong with a field, as the page says it at the field; "" if nothing is."""
    form = page.context["form"]
    return " ".join(form.errors.get(name, []))
