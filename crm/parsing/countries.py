"""Other names by which people look for a country: former, short, and its own; and the parts of the UK."""

import functools

from crud.search import normalize_text

ALIASES = {
    "AE": ["UAE", "Emirates"],
    "AT": ["Österreich"],
    "BA": ["Bosnia"],
    "BE": ["België", "Belgique"],
    "BO": ["Plurinational State of Bolivia"],
    "BR": ["Brasil"],
    "BY": ["Belorussia", "White Russia"],
    "CD": ["DRC", "DR Congo", "Congo-Kinshasa", "Zaire"],
    "CG": ["Congo-Brazzaville", "Republic of the Congo"],
    "CH": ["Schweiz", "Suisse", "Svizzera"],
    "CI": ["Ivory Coast", "Cote d’Ivoire"],
    "CN": ["PRC", "People’s Republic of China", "中国"],
    "CV": ["Cape Verde"],
    "CZ": ["Czech Republic", "Česko"],
    "DE": ["Deutschland"],
    "DK": ["Danmark"],
    "ES": ["España"],
    "FI": ["Suomi"],
    "FK": ["Malvinas"],
    "FM": ["Federated States of Micronesia"],
    "GB": [
        "UK",
        "U.K.",
        "Great Britain",
        "Britain",
        "England",
        "Scotland",
        "Wales",
        "Northern Ireland",
    ],
    "GR": ["Hellas", "Ελλάδα"],
    "HR": ["Hrvatska"],
    "HU": ["Magyarország"],
    "IE": ["Republic of Ireland", "Éire"],
    "IN": ["Bharat"],
    "IR": ["Persia", "Islamic Republic of Iran"],
    "IS": ["Ísland"],
    "IT": ["Italia"],
    "JP": ["Nippon", "日本"],
    "KH": ["Kampuchea"],
    "KN": ["St. Kitts and Nevis", "St Kitts and Nevis"],
    "KP": ["DPRK", "Democratic People’s Republic of Korea"],
    "KR": ["Korea", "Republic of Korea", "한국"],
    "LA": ["Lao People’s Democratic Republic"],
    "LC": ["St. Lucia", "St Lucia"],
    "LK": ["Ceylon"],
    "MA": ["Maroc"],
    "MD": ["Republic of Moldova"],
    "MK": ["Macedonia", "FYROM"],
    "MM": ["Burma"],
    "MO": ["Macau"],
    "MX": ["México"],
    "NL": ["Holland", "The Netherlands", "Nederland"],
    "NO": ["Norge"],
    "NR": ["Nauru"],
    "PL": ["Polska"],
    "PS": ["Palestinian Territories", "State of Palestine"],
    "RU": ["Russia", "Russian Federation", "Россия"],
    "SA": ["KSA"],
    "SE": ["Sverige"],
    "SZ": ["Swaziland"],
    "SY": ["Syrian Arab Republic"],
    "TL": ["East Timor"],
    "TR": ["Turkey", "Turkiye"],
    "TW": ["Republic of China", "Formosa"],
    "TZ": ["United Republic of Tanzania"],
    "UA": ["Україна"],
    "US": ["USA", "US", "U.S.A.", "U.S.", "United States", "America"],
    "VA": ["Holy See", "Vatican"],
    "VC": ["St. Vincent and the Grenadines", "St Vincent and the Grenadines"],
    "VN": ["Viet Nam"],
    "XK": ["Kosova"],
    "ZA": ["RSA", "Suid-Afrika"],
    "ZW": ["Rhodesia"],
}
MIN_PREFIX = 4  # letters from which the beginning of an alias of one word is enough
MAX_WORDS = 6


@functools.cache
def codes_by_alias():
    """Return {normalized alias: [codes]}."""
    codes = {}
    for code, names in ALIASES.items():
        for name in names:
            codes.setdefault(normalize_text(name), []).append(code)
    return codes


def find_codes(text):
    """Return the codes of the countries that a normalized search term is an alias of, or begins one."""
    return [
        code
        for alias, codes in codes_by_alias().items()
        if alias == text or (len(text) >= MIN_PREFIX and " " not in alias and alias.startswith(text))
        for code in codes
    ]


def quote_aliases(text):
    """Return a search text with aliases of several words in quotes: "republic" is in many of them."""
    if '"' in text:
        return text
    words, pieces = text.split(), []
    while words:
        sizes = range(min(MAX_WORDS, len(words)), 1, -1)
        size = next((size for size in sizes if normalize_text(" ".join(words[:size])) in codes_by_alias()), 1)
        piece = " ".join(words[:size])
        pieces.append(f'"{piece}"' if size > 1 else piece)
        words = words[size:]
    return " ".join(pieces)
