"""Texts that have broken programs before, written for this repository: by what they try."""

STRINGS = [
    # words that languages and databases take for something else
    *("null", "NULL", "None", "undefined", "NaN"),
    *("Infinity", "-Infinity", "true", "False", "nil", "#N/A"),
    # numbers at their edges
    *("0", "-1", "1.00", "1,000.00"),
    *("1e309", "0x10", "9223372036854775808", "-9223372036854775809", "١٢٣"),
    *("00012", "1/0", "4294967296", "0.1e-999", "+5", "1_000", "½", "²"),
    # punctuation alone
    *(
        "!@#$%^&*()",
        "`~[]{}|;:,./<>?",
        "¡™£¢∞§¶•ªº–≠",
        "'",
        '"',
        "''",
        '""',
        "`",
        "\\",
        "/",
        "%",
        "_",
        "%_%",
        "*",
    ),
    # SQL, templates, formats and paths
    *("1;DROP TABLE crm_company", "' OR 1=1 --"),
    *("x' UNION SELECT NULL--", "1) OR (1=1", "\\'; --"),
    *("{{ 7*7 }}", "{% include 'x' %}", "{0}", "%s %d %n"),
    *("%(name)s", "${HOME}", "$(id)", "`id`", "|| true"),
    *(
        "../../etc/passwd",
        "..\\..\\boot.ini",
        "/dev/null",
        "CON",
        "file:///etc/hosts",
        "C:\\x",
        "a/b#c?d=e&f",
    ),
    # markup
    *(
        "<b>bold</b>",
        "<!--",
        "]]>",
        "<script>0</script>",
        "&lt;&amp;&#39;",
        "<a href='javascript:0'>",
        "</textarea>",
    ),
    # encodings and URLs
    *(
        "%00",
        "%0d%0aSet-Cookie: a=b",
        "%ff%fe",
        "+",
        "a+b c",
        "&a=1",
        "#",
        "?q=",
        "\x07bell",
        "\x1b[31mred",
        "\x7f",
    ),
    # scripts of the world, right to left, and what changes its length in upper case
    *(
        "田中さんにあげて下さい",
        "パーティーへ行かないか",
        "사회과학원",
        "표 한글",
        "الكل في المجمو عة",
        "עברית",
        "Ελλάδα",
    ),
    *(
        "Привет",
        "हिन्दी",
        "ภาษาไทย",
        "ẞ straße",
        "ŉ ǰ ΐ",
        "İstanbul ıI",
        "ﬁ ﬂ ﬃ",
        "Ⱥ Ⱦ",
        "ᏣᎳᎩ",
        "Zoë",
        "Zoe\u0308",
    ),
    # beyond the 16 bits of old Unicode, joined and colored, and marks without a letter
    *("👩\u200d👩\u200d👧\u200d👦", "👍🏿", "🇺🇸🇩🇪", "1️⃣", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢"),
    *("𠜎𠜱", "🂡", "Z͑ͫ̓ͪ̂a̴̵̞l̯͈g̸o", "́", "�", "\uffff"),
    # blanks of all kinds
    *("a\xa0b", "a\u2003b", "a\u3000b", "a\tb"),
    *(" leading", "trailing ", "a\r\nb", "a\u2028b", "\u1680x"),
    # marks of direction and what is not seen
    *("\u202eabc", "\u2066abc\u2069", "a\u200bb", "\ufeffabc", "a\u00adb", "\u061cabc"),
    # spreadsheets
    *("=1+1", "@SUM(A1)", "-2+3", "\t=1", "=cmd|' /C calc'!A0", "＝1+1"),
    # long, and of one kind
    *("a" * 255, "ü" * 200, "word " * 60, "💥" * 100),
]
