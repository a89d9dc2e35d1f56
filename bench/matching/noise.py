"""What people do to data: typing errors, lost accents, telephone numbers written in their own way."""

import unicodedata
from random import Random

_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_WRITTEN_OUT = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa"}
_LISTED_SHORT_NAMES = """
Robert=Bob,Rob,Bobby William=Bill,Will,Liam Richard=Dick,Rick,Rich Michael=Mike,Mick James=Jim,Jimmy
John=Jack,Johnny Joseph=Joe Thomas=Tom,Tommy Christopher=Chris,Kit Daniel=Dan,Danny Edward=Ed,Ted
Matthew=Matt Anthony=Tony Andrew=Andy,Drew Steven=Steve Charles=Charlie Elizabeth=Liz,Beth,Lizzy
Margaret=Peggy,Maggie Katherine=Kate,Kathy Jennifer=Jen,Jenny Patricia=Pat,Tricia Susan=Sue,Susie
Deborah=Debbie Rebecca=Becky Samantha=Sam Nicholas=Nick Alexander=Alex,Sascha Benjamin=Ben Gregory=Greg
Jonathan=Jon Timothy=Tim Kenneth=Ken Ronald=Ron Donald=Don Joshua=Josh Samuel=Sam Johannes=Hannes,Hans
Josef=Sepp Wilhelm=Willi Friedrich=Fritz Heinrich=Heinz Stefanie=Steffi Ulrich=Uli Hans-Joachim=Hajo
Maximilian=Max Sebastian=Basti Tobias=Tobi Susanne=Susi Katharina=Kathi Wolfgang=Wolf Dominique=Domi
Guillermo=Memo
"""
_CALLED = {
    name: short.split(",") for name, _, short in (pair.partition("=") for pair in _LISTED_SHORT_NAMES.split())
}


def typed(text: str, random: Random) -> str:
    """The text with one slip of the fingers."""
    places = [place for place, letter in enumerate(text) if letter.isalnum()]
    if len(places) < 3:  # noqa: PLR2004 - of two letters a slip leaves nothing
        return text
    place = random.choice(places)
    match random.choice(("other", "missing", "doubled", "swapped")):
        case "other":
            return text[:place] + _neighbour(text[place], random) + text[place + 1 :]
        case "missing":
            return text[:place] + text[place + 1 :]
        case "doubled":
            return text[:place] + text[place] + text[place:]
        case _:
            place = random.choice(places[:-1])
            return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def _neighbour(letter: str, random: Random) -> str:
    row = next((row for row in _KEYBOARD if letter.lower() in row), None)
    if row is None:
        return random.choice("0123456789") if letter.isdecimal() else letter
    place = row.index(letter.lower())
    other = random.choice([row[at] for at in (place - 1, place + 1) if 0 <= at < len(row)])
    return other.upper() if letter.isupper() else other


def without_accents(text: str, random: Random) -> str:
    """The text as somebody writes it who lacks the keys."""
    if random.random() < 0.5:  # noqa: PLR2004 - either way
        for letter, pair in _WRITTEN_OUT.items():
            text = text.replace(letter, pair).replace(letter.upper(), pair.capitalize())
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def called(first_name: str, random: Random) -> str:
    """A short name, as among friends."""
    return random.choice(_CALLED[first_name]) if first_name in _CALLED else first_name


def phone_of(digits: str, random: Random) -> str:
    """A national number of ten digits, in one of the ways in which people write it."""
    area, rest = digits[:3], digits[3:]
    return random.choice(
        (
            *(
                f"+49 {area} {rest}",
                f"0{area}/{rest}",
                f"0049-{area}-{rest}",
                f"+49{digits}",
                f"(0{area}) {rest}",
            ),
            *(f"+49 (0){area} {rest[:3]} {rest[3:]}", f"0{area} {rest[:2]} {rest[2:4]} {rest[4:]}"),
        )
    )


def street_of(street: str, random: Random) -> str:
    """A street as others write it."""
    for long, short in (
        ("straße", "str."), ("strasse", "str."), (" Street", " St"), (" Road", " Rd"), (" Avenue", " Ave"),
    ):  # fmt: skip
        if long in street and random.random() < 0.5:  # noqa: PLR2004 - either way
            return street.replace(long, short)
    return street.upper() if random.random() < 0.2 else street  # noqa: PLR2004 - some shout
