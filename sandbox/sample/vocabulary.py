"""The parts that sample names are made of."""

from typing import NamedTuple


class Place(NamedTuple):
    """A town, with the ways of its country."""

    city: str
    region: str
    postcode: str
    country: str
    tld: str
    phone: str
    suffixes: tuple[str, ...]
    streets: tuple[str, ...]


def _list(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_GERMAN = (("GmbH", "AG", "GmbH & Co. KG"), ("Hauptstraße", "Lindenweg", "Am Markt"))
_BRITISH = (("Ltd", "Limited", "plc", "LLP"), ("High Street", "Station Road", "Mill Lane"))
_AMERICAN = (("Inc.", "LLC", "Corp.", "Co."), ("Main St", "Oak Ave", "Market Street"))
_FRENCH = (("SARL", "SAS", "SA"), ("rue de la République", "avenue Jean Jaurès"))
_SPANISH = (("S.L.", "S.A."), ("Calle Mayor", "Avenida de la Constitución"))
_NORDIC = (("AB", "A/S", "ApS"), ("Storgatan", "Nørregade"))
_POLISH = (("Sp. z o.o.", "S.A."), ("ul. Długa", "ul. Kościuszki"))
_DUTCH = (("B.V.", "N.V."), ("Keizersgracht", "Dorpsstraat"))
_JAPANESE = (("K.K.", "株式会社"), ("Chūō-dōri", "明治通り"))
_BRAZILIAN = (("Ltda.", "S.A."), ("Avenida Paulista", "Rua das Flores"))

PLACES = (
    Place("München", "Bayern", "80331", "Germany", "de", "+49 89", *_GERMAN),
    Place("Köln", "Nordrhein-Westfalen", "50667", "Germany", "de", "+49 221", *_GERMAN),
    Place("Hamburg", "Hamburg", "20095", "Deutschland", "de", "040", *_GERMAN),
    Place("London", "Greater London", "EC1A 1BB", "United Kingdom", "co.uk", "+44 20", *_BRITISH),
    Place("Leeds", "West Yorkshire", "LS1 4AP", "UK", "co.uk", "0113", *_BRITISH),
    Place("Boston", "MA", "02110", "United States", "com", "+1 617", *_AMERICAN),
    Place("Austin", "Texas", "78701", "USA", "com", "(512)", *_AMERICAN),
    Place("Portland", "OR", "97205", "United States", "com", "+1 503", *_AMERICAN),
    Place("Lyon", "Auvergne-Rhône-Alpes", "69002", "France", "fr", "+33 4", *_FRENCH),
    Place("Sevilla", "Andalucía", "41001", "Spain", "es", "+34 954", *_SPANISH),
    Place("Malmö", "Skåne", "211 22", "Sweden", "se", "+46 40", *_NORDIC),
    Place("København", "Hovedstaden", "1165", "Denmark", "dk", "+45", *_NORDIC),
    Place("Łódź", "łódzkie", "90-001", "Poland", "pl", "+48 42", *_POLISH),
    Place("Utrecht", "Utrecht", "3511 LN", "Netherlands", "nl", "+31 30", *_DUTCH),
    Place("大阪市", "大阪府", "530-0001", "Japan", "co.jp", "+81 6", *_JAPANESE),
    Place("São Paulo", "SP", "01310-100", "Brazil", "com.br", "+55 11", *_BRAZILIAN),
)
ROOTS = _list(
    """
Alder Amber Arrow Ashford Aurora Basalt Beacon Birch Blackwood Bluebird Boréal Bramble Brightwater
Caldera Cedar Cinder Clarion Cobalt Compass Copper Coral Crestline Driftwood Ebner Edelweiß Elmhurst
Ember Falk Fennel Fjord Flint Foxglove Gablenz Garnet Glacier Granite Greenfield Hällström Harbor
Hawthorn Heron Hollow Ironbridge Ivory Jasper Juniper Kestrel Kowalski Lakeshore Larkspur Lindqvist
Lumen Magnolia Marlowe Meridian Millstone Mistral Monarch Müller Nightingale Nordwind Northgate
Oakridge Obsidian Okonkwo Opal Orchard Osprey Paloma Pelican Peña Pinecrest Plover Quarry Quill
Redwood Ribeiro Rosenthal Rowan Saffron Sandpiper Sequoia Silverline Sørensen Sparrow Starling
Stonebridge Summit Tamarack Tanaka Thistle Tidewater Tramontane Umbra Valley Vesper Viridian Walnut
Waverley Weidmann Westbrook Wildflower Willow Yarrow Zephyr Żuraw
"""
)
BRANCHES = (
    ("Logistics", "TRANSPORTATION_TRUCKING_RAILROAD"),
    ("Software", "COMPUTER_SOFTWARE"),
    ("Consulting", "MANAGEMENT_CONSULTING"),
    ("Foods", "FOOD_PRODUCTION"),
    ("Dental Care", "HOSPITAL_HEALTH_CARE"),
    ("Architects", "ARCHITECTURE_PLANNING"),
    ("Energy", "OIL_ENERGY"),
    ("Solar", "RENEWABLES_ENVIRONMENT"),
    ("Insurance", "INSURANCE"),
    ("Media", "ONLINE_MEDIA"),
    ("Print", "PRINTING"),
    ("Textiles", "TEXTILES"),
    ("Robotics", "INDUSTRIAL_AUTOMATION"),
    ("Legal", "LAW_PRACTICE"),
    ("Travel", "LEISURE_TRAVEL_TOURISM"),
    ("Brewing", "FOOD_BEVERAGES"),
    ("Packaging", "PACKAGING_AND_CONTAINERS"),
    ("Security", "SECURITY_AND_INVESTIGATIONS"),
    ("Property", "COMMERCIAL_REAL_ESTATE"),
    ("Academy", "PROFESSIONAL_TRAINING_COACHING"),
    ("Analytics", "INFORMATION_TECHNOLOGY_AND_SERVICES"),
    ("Timber", "PAPER_FOREST_PRODUCTS"),
    ("Marine", "MARITIME"),
    ("Optics", "MEDICAL_DEVICES"),
)
FIRST_NAMES = _list(
    """
Anna Ben Chloé Daniel Elif Fatima Grace Hannah Ivan João Katarzyna Liam Maria Noah Olga Pedro Quinn
Rosa Samuel Tomás Ursula Viktor Wei Ximena Yusuf Zoë Aisha Björn Camille Dmitri Eleanor François
Giulia Henrik Inês Jürgen Keiko Lucía Mikael Nadia Oisín Paulina Rajesh Siobhán Thabo Umar Veronika
William Yuki Zsófia Aleksander Beatriz Chidi Dorothea Émile Freya George Hiroshi Isabella Jakub
Louise Mateusz Ngozi Peter Sofia Åsa
"""
)
LAST_NAMES = _list(
    """
Andersson Baker Castro Dubois Eriksen Fischer García Hughes Ivanova Jensen Kowalczyk Lefèvre Müller
Nowak O'Brien Petrović Quiroga Rossi Schmidt Tanaka Ueda Virtanen Wójcik Xu Yılmaz Zimmermann Abebe
Becker Cohen D'Angelo Edwards Ferreira Gupta Hoffmann Iqbal Johansson Kim Lopez-Marín MacDonald
Nguyễn Okafor Patel Ramírez Sato Thompson Ulrich Vogel Walker Yamamoto Zhang Almeida Bianchi Clarke
Dvořák Engström Fontaine Gallagher Hernández
"""  # noqa: RUF001 - Turkish names keep their letters
)
TITLES = (
    "Managing Director",
    "Head of Sales",
    "Accountant",
    "Project Manager",
    "CTO",
    "Office manager",
    "Geschäftsführerin",
    "Directeur commercial",
    "Buyer",
    "Marketing Lead",
    "Senior Engineer",
    "Operations Manager",
    "Owner",
    "HR Business Partner",
    "VP, Customer Success",
    "Responsable de compras",
)
FREE_MAIL = ("gmail.com", "outlook.com", "yahoo.com", "gmx.de", "icloud.com", "web.de", "hotmail.co.uk")
STAGES = (
    ("lead", 36),
    ("customer", 20),
    ("subscriber", 12),
    ("opportunity", 9),
    ("marketingqualifiedlead", 8),
    ("salesqualifiedlead", 5),
    ("other", 3),
    ("evangelist", 1),
    ("148220931", 1),
    ("", 5),
)
