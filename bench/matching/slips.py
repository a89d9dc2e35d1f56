"""Slips as those have counted them who studied typing, scanning and dictation, and where in a word they fall.

- Damerau (1964) and Peterson (1986): most are one letter replaced, missing, added, or two exchanged; of these
  some 40 %, 32 %, 19 % and 9 %.
- Pollock and Zamora (1984): 8 % fall on the first letter and 12 % on the second.
- Kukich (1992): 13 % join two words, 2 % part one.
- The generators of test data by Hernández and Stolfo (1995), Christen for Febrl (2005), Christen and
  Pudjijono (2009), and Tran, Vatsalan and Christen (GeCo, 2013): a wrong key is mostly a neighbour; beside
  the keyboard there are misreadings and spellings by ear; several slips in a record, two at most in a field.
"""

from random import Random

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890")
_ABOVE = dict(zip("asdfghjklzxcvbnm", "qwertyuioasdfghj", strict=True))
_BELOW = {upper: lower for lower, upper in _ABOVE.items()}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# What is read for what, and what is written for what sounds the same; in both directions.
_READ = "m=rn w=vv d=cl i=l l=1 o=0 s=5 b=6 g=q e=c h=b u=v f=t n=ri a=o r=n y=v"
_HEARD = """
ph=f ck=k c=k z=s tz=z ie=y ei=ai ey=y v=w th=t dt=t sch=sh x=ks qu=kw ll=l mm=m ss=s nn=n tt=t j=y gh=g
ou=u oo=u ee=i ae=e ch=sh s=z f=v d=t b=p ah=a eh=e rr=r ff=f ai=ay er=a
"""


def slipped(text: str, random: Random) -> str:
    """The text with one slip of the keyboard, of reading or of hearing; digits slip on the keyboard alone."""
    (how,) = random.choices((_typed, _read, _heard), weights=(5, 2, 3))
    return how(text, random) or _typed(text, random) or text


def digits_slipped(text: str, random: Random) -> str:
    """The digits with one slip: mostly another one, or two exchanged."""
    places = [place for place, letter in enumerate(text) if letter.isdecimal()]
    if not places:
        return slipped(text, random)
    (what,) = random.choices(("other", "swapped", "missing"), weights=(6, 3, 1))
    place = random.choice(places)
    if what == "missing" and len(places) > 2:  # noqa: PLR2004 - something is left
        return text[:place] + text[place + 1 :]
    if what == "swapped" and len(text) > 1:
        return _swapped(text, min(place, len(text) - 2))
    others = [one for one in "0123456789" if one != text[place]]
    near = _neighbours(text[place])
    other = random.choice(near if near and random.random() < 0.4 else others)  # noqa: PLR2004 - as in Febrl
    return text[:place] + other + text[place + 1 :]


def blanks_slipped(text: str, random: Random) -> str:
    """The text with two words joined or exchanged, or one parted."""
    terms = text.split()
    (what,) = random.choices(("joined", "exchanged", "parted"), weights=(5, 3, 2))
    if len(terms) > 1 and what != "parted":
        place = random.randrange(len(terms) - 1)
        pair = terms[place : place + 2]
        pair = ["".join(pair)] if what == "joined" else pair[::-1]
        return " ".join([*terms[:place], *pair, *terms[place + 2 :]])
    if len(text) < 5:  # noqa: PLR2004 - of short words nothing is left
        return text
    place = random.randrange(2, len(text) - 2)
    return f"{text[:place]} {text[place:]}"


def _typed(text: str, random: Random) -> str:
    places = [place for place, letter in enumerate(text) if letter.isalnum()]
    if len(places) < 2:  # noqa: PLR2004 - of one letter a slip leaves nothing
        return text
    place = _place(places, random)
    (what,) = random.choices(("other", "missing", "added", "swapped"), weights=(40, 32, 19, 9))
    if what == "missing":
        return text[:place] + text[place + 1 :]
    if what == "swapped" and place + 1 < len(text):
        return _swapped(text, place)
    near = _neighbours(text[place].lower())
    other = random.choice(near if near and random.random() < 0.7 else _LETTERS)  # noqa: PLR2004 - as in Febrl
    other = other.upper() if text[place].isupper() else other
    return text[:place] + other + text[place + (what != "added") :]


def _place(places: list[int], random: Random) -> int:
    """Where it happens: seldom at the beginning."""
    chance = random.random()
    if chance < 0.08 or len(places) == 1:  # noqa: PLR2004 - as Pollock and Zamora counted
        return places[0]
    if chance < 0.20 or len(places) == 2:  # noqa: PLR2004
        return places[1]
    return random.choice(places[2:])


def _swapped(text: str, place: int) -> str:
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def _neighbours(letter: str) -> str:
    row = next((row for row in _ROWS if letter in row), "")
    place = row.find(letter)
    beside = row[max(place - 1, 0) : place] + row[place + 1 : place + 2] if row else ""
    return beside + _ABOVE.get(letter, "") + _BELOW.get(letter, "")


def _read(text: str, random: Random) -> str:
    return _replaced(text, _READ, random)


def _heard(text: str, random: Random) -> str:
    return _replaced(text, _HEARD, random)


def _replaced(text: str, listed: str, random: Random) -> str:
    """The text with one of the listed pairs put for the other; empty where none fits."""
    pairs = [pair for one in listed.split() for a, _, b in [one.partition("=")] for pair in ((a, b), (b, a))]
    fitting = [(a, b) for a, b in pairs if a in text[1:].lower()]
    if not fitting:
        return ""
    a, b = random.choice(fitting)
    place = text.lower().rindex(a)
    return text[:place] + b + text[place + len(a) :]
