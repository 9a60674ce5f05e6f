"""What names, places and notes are put together from. All invented: no real persons, and no real domains."""

FIRST_NAMES = (
    "Ada Adrian Agnes Aisha Alma Amara Ana Anaïs Andrea Anton Astrid Aurora Ben Beatriz Björn Bram Carla "
    "Caspar Chidi Chloé Clara Cosima Dana Daniel Darya Deniz Diego Edda Elif Elias Elin Emeka Emil Enzo "
    "Esther Eva Farah Fatou Felix Finn Freya Gabor Gita Greta Hamid Hana Hanna Hugo Ida Ifeoma Ilse "
    "Imani Ines Irena Isak Ivo Jana Jasper Joana Jonas José Jovan Jürgen Kai Karin Kenji Kira Koen Lale "
    "Lars Laura Leila Lena Leon Lior Łukasz Luca Luísa Maeve Magda Malik Marco Mari Marta Mateo Matías "
    "Maya Mei Mia Mila Milan Mira Naomi Nasrin Nia Nikola Nils Noor Nora Olga Olu Omar Oskar Otto Paula "
    "Pavel Petra Piotr Priya Quentin Rafa Ravi Renée Rita Rosa Ruben Ruth Sami Sanna Sára Selma Signe "
    "Silas Sofía Søren Stella Sven Tala Tamás Tara Thea Theo Tilda Tomás Tove Ulla Uma Vera Viktor Wanda "
    "Wei Wim Xenia Yara Yusuf Zeno Zita Zoë"
).split()
LAST_NAMES = (
    "Abara Ackerby Adeyo Aldana Almgren Amsel Andrade Arkwell Åberg Balint Barrow Bekele Bellamy "
    "Bergqvist Birkett Brandl Brisk Çelebi Calder Carvalho Castell Chidera Clough Corbel Costigan Dahlen "
    "Darrow Delacourt Demir Dimov Dorsey Drăgan Duarte Eckart Edlund Egede Ellery Engström Esparza "
    "Fairlie Farrow Fenwick Ferreira Fiala Flint Fontaine Forsell Gallo Garrick Gavril Gentry Gjelstad "
    "Goodall Grahn Greaves Grünwald Hailu Hargrove Haskell Havel Hedlund Hollis Horvat Huld Ibarra Idowu "
    "Ishimori Iversen Jansky Jarrow Juhasz Kallas Kamara Kettler Kimura Kjær Kovač Kranz Kubica Lachlan "
    "Lantos Larkin Lenart Lindqvist Llorente Lockwood Łaska Madaki Maier Malloy Marchetti Marlowe "
    "Mbeki-Lunt Merrin Mestre Midgley Moreau Nakato Navarre Nemeth Norling Novak Núñez Oakes Odell "
    "Okafor Oldham Orsini Østby Palmqvist Pardo Pasquale Pereda Petrov Pinter Pryce Quist Rahimi Ransome "
    "Rask Reuter Ribeiro Rosado Rushmore Sabat Salling Sandoval Sauer Scholl Selassie Severin Shaw "
    "Silvestri Skala Sommer Stavros Stroud Szabados Tallis Tanaka Teller Thorne Tiwari Törnqvist Trask "
    "Tremaine Uchida Ulrich Vance Varga Vasquez Velde Vidal Vogel Wahlberg Warrick Weil Whitlock Winther "
    "Wolfe Yamane Yates Zeller Žagar"
).split()
# Names that a page must stand as well.
UNUSUAL_NAMES = [
    ("Maria-Magdalena", "von und zu Hohenfels-Lichtenbrunn"),
    ("山田", "花子"),
    ("Ольга", "Сергеева-Ильина"),
    ("Niamh", "O’Shaughnessy-Byrne"),
    ("Ngọc Ánh", "Trần Đỗ"),
    ("ليلى", "الحربي"),
    ("X", "Æther"),
]
TITLES = [
    ("Managing Director", 6),
    ("Owner", 8),
    ("Head of Marketing", 7),
    ("Marketing Manager", 8),
    ("Head of IT", 6),
    ("IT Manager", 7),
    ("Office Manager", 8),
    ("Operations Manager", 6),
    ("Head of Procurement", 4),
    ("Buyer", 4),
    ("CFO", 4),
    ("Finance Manager", 4),
    ("Assistant to the Board", 3),
    ("Product Manager", 4),
    ("Practice Manager", 3),
    ("Partner", 4),
    ("Deputy Head of Digital Transformation and Customer Experience", 1),
    ("", 9),
]
NOTES = [
    "Prefers a call before ten.",
    "Met at the chamber's spring evening; knows two of our clients.",
    "Decides together with the board, which meets on the first Tuesday of a month.",
    "Asked for references from firms of their size.",
    "Writes short mails and expects short ones.",
    "Back from parental leave in autumn; until then ask the office.",
    "Signs up to 10,000 alone, above that the CFO does.\nSend offers as PDF, two signatures.",
    "Their intranet with our last offer: https://intranet.example/offers",
    "Speaks German and English.\nLikes to see a prototype rather than slides.",
    "Had trouble with their last agency: wants one person to talk to.",
    "Vegetarian; invite to the summer party.",
    "Left us for a cheaper offer once, and came back.",
]
# The first half of a firm's name, and what it does.
FIRMS = (
    "Alder Amber Anchor Aspen Atlas Beacon Birch Bluefin Bramble Bright Brook Canopy Cedar Cinder Clover "
    "Cobalt Compass Copper Coral Crescent Cygnet Dovetail Driftwood Eastgate Echo Elm Ember Fable Falcon "
    "Fathom Fern Finch Fjord Flax Foundry Foxglove Gable Garnet Glade Granite Grove Gull Halcyon Harbor "
    "Hazel Hearth Heron Highfield Hollow Indigo Iris Ivory Jade Juniper Keystone Kite Lantern Larch Lark "
    "Laurel Lighthouse Linden Lumen Maple Marble Marigold Meadow Mercato Meridian Mill Millstone Moss "
    "Northlight Nutmeg Oak Ochre Olive Orchard Osprey Otter Paper Pebble Pepper Pine Plover Poplar "
    "Quarry Quill Raven Redwood Reed Ridge River Rook Rowan Saffron Sage Sandstone Seaglass Sparrow "
    "Spruce Starling Sterling Stonebridge Summit Swift Sycamore Tandem Thistle Tidal Timber Topaz Umber "
    "Union Valley Verdant Vesper Walnut Westbrook Wharf Wheat Willow Windmill Wren Yarrow Zephyr"
).split()
TRADES = (
    "Accounting|Analytics|Architects|Bakery|Books|Brewing|Building|Catering|Ceramics|Clinic|"
    "Coffee Roasters|Consulting|Dental|Design|Distribution|Education|Energy|Engineering|Events|"
    "Facilities|Farms|Films|Fitness|Foods|Furniture|Gardens|Glassworks|Health|Hotels|Housing Cooperative|"
    "Insurance|Interiors|Kitchens|Labs|Law|Legal|Logistics|Machinery|Marine|Media|Music School|Museum|"
    "Optics|Outdoor|Packaging|Pharmacy|Photography|Plumbing|Press|Printing|Property|Publishing|"
    "Recruiting|Robotics|School|Security|Software|Solar|Sports|Stone|Studio|Systems|Textiles|Theatre|"
    "Tools|Toys|Transport|Travel|Veterinary|Ventures|Water|Wines|Works"
).split("|")
UNUSUAL_FIRMS = [
    "Bäckerei Grünwald & Söhne",
    "Café Añoranza",
    "Crêperie de l’Étoile Filante",
    "株式会社ひかり",
    "Смартлаб",
    "Þórshöfn Fiskur ehf",
    "Żółta Łódź",
    "Gesellschaft zur Förderung der mittelständischen Binnenschifffahrt an Elbe, Havel und Oder",
    "The International Institute for Advanced Studies in Sustainable Packaging and Returnable Containers",
    "100% Wool & <Cotton>",
    "O",
]
STREETS = {
    "US": [
        "{n} Mill Street",
        "{n} Foundry Avenue",
        "{n} Harbor Drive, Suite {m}",
        "{n} Orchard Road",
        "{n} W Ninth Street",
    ],
    "GB": ["{n} Wharf Road", "{n} Chandlers Row", "{n} Weavers Lane", "Unit {m}, {n} Mill Yard"],
    "DE": ["Lindenweg {n}", "Am Speicher {n}", "Gerberstraße {n}", "Alte Weberei {n}"],
    "FR": ["{n} rue des Tisserands", "{n} quai des Marchands", "{n} avenue du Moulin"],
    "CA": ["{n} Lakeshore Street", "{n} Cooper Street, Unit {m}", "{n} Sugar Maple Road"],
    "AU": ["{n} Jetty Road", "{n} Stringybark Street", "Level {m}, {n} Wool Store Lane"],
    "SE": ["Hamngatan {n}", "Kvarngatan {n}", "Björkvägen {n}"],
    "AT": ["Mühlgasse {n}", "Am Kanal {n}/{m}"],
    "NL": ["Pakhuiskade {n}", "Molenweg {n}"],
    "ES": ["Calle del Molino {n}", "Paseo de los Tilos {n}"],
    "JP": ["{m}-{n} Minato"],
}
# country: [(city, state, its zip's beginning)], how often
PLACES = {
    "US": (
        [
            ("Portland", "OR", "972"),
            ("Seattle", "WA", "981"),
            ("Denver", "CO", "802"),
            ("Austin", "TX", "787"),
            ("Chicago", "IL", "606"),
            ("Boston", "MA", "021"),
            ("Minneapolis", "MN", "554"),
            ("Boise", "ID", "837"),
        ],
        56,
    ),
    "CA": ([("Vancouver", "BC", "V6B"), ("Toronto", "ON", "M5V"), ("Halifax", "NS", "B3J")], 10),
    "GB": (
        [("London", "", "E1"), ("Bristol", "", "BS1"), ("Leeds", "", "LS1"), ("Edinburgh", "", "EH6")],
        12,
    ),
    "DE": ([("Berlin", "", "109"), ("Hamburg", "", "204"), ("Köln", "", "506"), ("München", "", "803")], 8),
    "FR": ([("Lyon", "", "690"), ("Nantes", "", "440")], 4),
    "AU": ([("Melbourne", "VIC", "30"), ("Hobart", "TAS", "70")], 3),
    "SE": ([("Göteborg", "", "41"), ("Malmö", "", "21")], 3),
    "AT": ([("Wien", "", "10"), ("Graz", "", "80")], 2),
    "NL": ([("Rotterdam", "", "30")], 1),
    "ES": ([("València", "", "460")], 1),
    "JP": ([("Ōsaka", "", "5")], 1),
}
# What is sold: (name, least and most it costs, how often). {n} is a number of seats, {m} a month.
SERVICES = [
    ("Website relaunch", 9_000, 42_000, 10),
    ("Online shop", 14_000, 68_000, 6),
    ("SEO retainer", 3_000, 12_000, 7),
    ("Managed backup, {n} seats", 4_000, 18_000, 6),
    ("Brand refresh", 6_000, 30_000, 5),
    ("Opening campaign", 2_500, 9_500, 4),
    ("Customer portal", 22_000, 120_000, 4),
    ("Support contract, {n} seats", 5_000, 26_000, 6),
    ("Migration to the cloud", 12_000, 90_000, 4),
    ("Accessibility audit", 2_000, 7_500, 4),
    ("Photo shooting", 900, 3_800, 3),
    ("Newsletter set-up", 800, 3_200, 4),
    ("Workshop: service design", 1_800, 5_400, 4),
    ("Intranet", 15_000, 75_000, 3),
    ("Mobile app, first release", 35_000, 160_000, 2),
    ("Annual report {y}", 5_000, 16_000, 3),
    ("Trade fair stand {y}", 7_000, 24_000, 2),
    ("Signage for the new office", 1_500, 8_000, 2),
    ("Analytics dashboard", 6_000, 28_000, 3),
    ("Training, {n} people", 1_200, 9_000, 4),
]
LONG_TITLE = (
    "Framework agreement for the design, development, hosting and continuous improvement of all public "
    "websites, including the press room and the careers pages, for three years with an option of two more"
)
COMPANY_TAGS = [
    ("key account", "purple"),
    ("partner", "teal"),
    ("newsletter", "gray"),
    ("non-profit", "green"),
    ("local", "blue"),
]
OPPORTUNITY_TAGS = [
    ("upsell", "teal"),
    ("renewal", "blue"),
    ("tender", "purple"),
    ("fast", "green"),
    ("40 seats", "gray"),
    ("backup", "gray"),
    ("design", "pink"),
    ("überfällig", "red"),
    ("Q4 push", "orange"),
]


def pick(random, weighted):
    """One of [(…, weight)], without its weight."""
    *rows, weights = zip(*weighted, strict=True)
    row = random.choices(list(zip(*rows, strict=True)), weights)[0]
    return row[0] if len(row) == 1 else row
