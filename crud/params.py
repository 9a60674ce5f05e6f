"""Parsers of query parameters."""


def selected_ids(parameters):
    """The row ids among the parameters; what is none is passed over."""
    return [int(text) for text in parameters.getlist("ids") if text.isdecimal() and len(text) < 19]


PAGE_SIZES = (25, 50, 100)


def int_param(parameters, name, default=None, digits=9):
    """The whole number, of so many digits at most, that a parameter of an address or a form holds."""
    text = parameters.get(name, "")
    return int(text) if text.isdecimal() and len(text) <= digits else default


def page_size_param(parameters):
    size = int_param(parameters, "per_page", PAGE_SIZES[0])
    return size if size in PAGE_SIZES else PAGE_SIZES[0]
