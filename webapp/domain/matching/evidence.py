"""The evidence for and against two records being the same: each sign has a name and a weight.

A weight is how much likelier the sign is among the same than among the strangers that are proposed with them,
as log2 (Fellegi and Sunter). The weights are added to the prior odds; what comes out are the odds, as log2,
that two records are one. `docs/matching.md` says where each weight comes from.
"""

from collections.abc import Mapping
from math import log2
from typing import Literal

from msgspec import Struct

from webapp.domain.matching.frequencies import DEFAULT, Frequencies, Term

Kind = Literal["certain", "doubtful", "none"]


IDENTITY = frozenset({"same_key", "same_email", "same_role_email", "nobodys_email", "same_domain"})
"""Signs that name a record by themselves: our key, an e-mail address, a domain.

Beside one of them a person is asked whatever the odds, and caps are those of `cap_if_named`.
"""
_BORN = frozenset({"same_birthday"})
_BORN_NEARLY = _BORN | {"near_birthday"}
_PERSONAL = _BORN | {"same_name", "alike_name"}
_ONES_OWN = frozenset({"near_email", "same_mailbox", "near_domain"})
_SHARED = frozenset({"same_email", "same_phone", "same_domain"})


class Signal(Struct, frozen=True):
    """A sign: something that two records have in common or not.

    Attributes:
        m: how often it is met among pairs that are the same.
        u: how often among strangers that are proposed with them.
        cap: the best kind that the match may be where this sign is present, whatever the sum of the weights.
        cap_if_named: the same where a sign of `IDENTITY` is present as well.
        lifted_by: signs of which any one, present as well, lifts both caps.
    """

    m: float
    u: float
    cap: Kind = "certain"
    cap_if_named: Kind = "certain"
    lifted_by: frozenset[str] = frozenset()

    @property
    def weight(self) -> float:
        """The weight, before it is known how many share the value."""
        return log2(self.m / self.u)

    def cap_beside(self, names: tuple[str, ...], *, is_named: bool) -> Kind:
        """The best kind that the match may be where this sign and these others are present."""
        if not self.lifted_by.isdisjoint(names):
            return "certain"
        return self.cap_if_named if is_named else self.cap


class Score(Struct, frozen=True):
    """The signs of two records, weighed.

    Attributes:
        kind: what that makes of them.
        points: the sum of the weights.
        evidence: the signs.
        weights: their weights, in the order of the signs.
    """

    kind: Kind
    points: int
    evidence: tuple[str, ...]
    weights: tuple[float, ...] = ()


EVIDENCE: dict[str, Signal] = {
    # The object bears the key that this record was given.
    "same_key": Signal(0.99, 9.2e-10),
    # --- people, and names of either ---
    # An address of a person in common.
    "same_email": Signal(0.60, 3.6e-8),
    # The addresses in common are those of roles, such as info@.
    "same_role_email": Signal(0.05, 9.8e-5, "doubtful", "doubtful", _PERSONAL),
    # The addresses in common are typed by people who have none, such as none@none.com.
    "nobodys_email": Signal(0.05, 0.05),
    # Two addresses that are one mailbox, or one but for a slip.
    "near_email": Signal(0.03, 2.3e-4),
    # One mailbox name, not made of the person's name, at two hosts.
    "same_mailbox": Signal(0.02, 6.3e-4),
    # Two mailboxes made of the name: at two hosts, or written in two ways at one.
    "moved_email": Signal(0.12, 0.12),
    # Two mailboxes at one host that differ in a number, as namesakes get one.
    "numbered_email": Signal(0.01, 0.08, "doubtful", "doubtful", _BORN),
    # Two mailboxes at the host of one firm.
    "colleagues_email": Signal(0.002, 0.51, "doubtful"),
    # Different mailboxes.
    "other_email": Signal(0.05, 0.80),
    # Names alike but not the same, and each with a mailbox of its own.
    "own_email": Signal(0.05, 0.80, "doubtful"),
    # A first name that may be another, and each with a mailbox of its own.
    "own_name_and_email": Signal(0.002, 0.51, "none"),
    # First and last name the same; of companies the whole name.
    "same_name": Signal(0.70, 3.4e-4),
    # The same name in another form or spelling.
    "alike_name": Signal(0.12, 5.9e-5),
    # A slip in the first or in the last name.
    "near_name": Signal(0.12, 3.8e-4),
    # A slip in the last name, or another form of it, with one first name at one address.
    "last_name_at_home": Signal(0.12, 5.9e-5),
    # Such a slip between first names that no list has.
    "near_unlisted_name": Signal(0.12, 1.2e-3, "doubtful", lifted_by=_BORN | {"same_email"}),
    # A slip in each of the two.
    "rough_name": Signal(0.02, 7.8e-5),
    # One first name is the other's initial.
    "initial_name": Signal(0.02, 3.1e-4, "doubtful", lifted_by=_BORN_NEARLY),
    # First or last name is missing on one side, the other one fits.
    "half_name": Signal(0.02, 1.3e-3, "doubtful", lifted_by=_BORN),
    # One first name at one address, which is not frequent, and the last name missing on one side.
    "first_name_at_home": Signal(0.02, 5.5e-5),
    # No name on one side.
    "no_name": Signal(0.02, 0.02, "doubtful"),
    # First names that may be one with slips, or two.
    "unlike_first_name": Signal(0.03, 1.9e-3, "doubtful", "doubtful"),
    # Different first names.
    "other_first_name": Signal(9.0e-4, 0.92, "none", "doubtful"),
    # Last names that may be one with slips, or two.
    "unlike_last_name": Signal(0.03, 1.9e-3, "doubtful", "doubtful", _BORN | {"same_email"}),
    # Such last names at one address, where no two of a family share a first name.
    "blurred_last_name": Signal(0.03, 1.2e-4),
    # Different last names.
    "other_last_name": Signal(0.026, 0.83, "none", "doubtful", _BORN),
    # Different last names with one first name, and one phone number or home.
    "changed_last_name": Signal(0.03, 9.4e-4, "doubtful"),
    # Different last names with one first name and birthday.
    "married_name": Signal(0.03, 0.015),
    # Different first names with one birthday, and one last name or home.
    "twin_name": Signal(0.05, 0.20, "doubtful", "doubtful"),
    # Junior and senior, the second and the third.
    "other_generation": Signal(9.0e-4, 0.92, "none", "doubtful"),
    # One of them alone is called junior or senior.
    "one_generation": Signal(0.005, 0.02, "doubtful", "doubtful", _BORN),
    # Year, month and day the same.
    "same_birthday": Signal(0.90, 8.8e-4),
    # The same, but the first of January, which stands for many days.
    "first_of_january": Signal(0.06, 3.8e-3),
    # A digit off, day and month exchanged, or one of year, month and day another.
    "near_birthday": Signal(0.06, 3.8e-3),
    # Two digits off.
    "rough_birthday": Signal(0.03, 0.03, "doubtful", "doubtful"),
    # Different dates of birth.
    "other_birthday": Signal(0.007, 0.90, "doubtful", "doubtful"),
    # One company, by its number or by its name.
    "same_company": Signal(0.75, 5.9e-3),
    # No company to compare, but addresses at the host of one firm.
    "same_mail_domain": Signal(0.30, 9.4e-3),
    # Different companies.
    "other_company": Signal(0.25, 0.50),
    # --- both ---
    # A number in common.
    "same_phone": Signal(0.66, 1.3e-3),
    # A digit off, or one number without its area code.
    "near_phone": Signal(0.05, 1.6e-3),
    # A digit off at the end, where the phones of one firm differ.
    "close_phone": Signal(0.03, 7.5e-3),
    # Different numbers.
    "other_phone": Signal(0.20, 0.20),
    # Different numbers, and nothing nearer in common than a postcode or a street, of companies a town.
    "own_phone": Signal(0.10, 0.40, "doubtful", lifted_by=_ONES_OWN),
    # Street, house number, and postcode or city the same.
    "same_address": Signal(0.60, 5.9e-4),
    # The same with a slip in the street or in the area.
    "near_address": Signal(0.10, 9.8e-5),
    # The same with a slip in both, or a house number a digit off.
    "rough_address": Signal(0.02, 2.0e-5),
    # Street and house number the same, without an area to compare, or in another area.
    "same_house": Signal(0.05, 6.0e-5),
    # The street in another area, or with another number.
    "same_street": Signal(0.05, 3.9e-4),
    # The street in one town, a house number missing or another one, and no postcode in common.
    "street_alone": Signal(0.05, 7.8e-4),
    # A street of a name that many towns have, its number unknown, or any where postcodes or towns differ.
    "common_street": Signal(0.05, 0.0031),
    # The postcode the same, a street missing.
    "same_area": Signal(0.75, 5.9e-3),
    # The postcode the same, two streets.
    "same_place": Signal(0.75, 0.0117),
    # The city or almost the postcode the same, a street missing; of companies that are named by a trade.
    "city_alone": Signal(0.75, 0.047),
    # The city the same, the postcode not.
    "same_city": Signal(0.75, 0.19),
    # Different cities.
    "other_place": Signal(0.15, 0.15),
    # --- companies ---
    # A domain of its own in common.
    "same_domain": Signal(0.62, 9.2e-9),
    # One domain under two public endings, such as .de and .com.
    "near_domain": Signal(0.06, 3.8e-3),
    # Different domains.
    "other_domain": Signal(0.10, 0.80),
    # A slip, or another form of the name.
    "near_company_name": Signal(0.15, 5.8e-4),
    # One name says more than the other.
    "part_of_name": Signal(0.06, 3.8e-3, "doubtful"),
    # Both say more: branches, divisions or sisters of one firm.
    "other_branch": Signal(0.01, 0.64, "none", "doubtful"),
    # Different names.
    "other_company_name": Signal(0.03, 0.96, "none", "doubtful"),
    # One town, by postcode or city.
    "same_town": Signal(0.80, 3.1e-3),
    # Different streets of one town.
    "other_street": Signal(0.0015, 0.77),
    # Different towns.
    "other_town": Signal(0.015, 0.96),
    # One domain, one name part of the other, and neither phone nor place in common.
    "domain_alone": Signal(0.05, 0.20, "doubtful", "doubtful"),
    # One domain, but another town or street, as branches have.
    "other_site": Signal(0.05, 0.20, "doubtful", "doubtful"),
    # One domain, but another name, town and phone.
    "everything_else_other": Signal(0.05, 0.20, "doubtful", "doubtful"),
}
"""All signs; the highest of their weights is that of our own key.

What each says in words is in `text.matching.SIGNALS`. The first part of a name is a degree: `same`; `alike`,
the same in another form; `near`, almost the same; `rough`, `close` and `blurred`, further apart; `unlike`,
perhaps another; `other`, another.
"""

WEIGHTS: dict[str, float] = {name: signal.weight for name, signal in EVIDENCE.items()}
_CAPPED = frozenset(
    name for name, signal in EVIDENCE.items() if signal.cap != "certain" or signal.cap_if_named != "certain"
)
PRIOR = -14.0
"""The odds, as log2, that an object and a record proposed for it are one, before they are compared."""
CERTAIN = log2(15)
"""The odds, as log2, from which a match is certain: 15 to 1 among the hardest pairs, far more among all."""
DOUBTFUL: Mapping[str, float] = {"contacts": log2(9 / 10), "companies": log2(1 / 9)}
"""The odds from which a person is asked: 9 to 10, and 1 to 9 where few signs are to be had."""


def weigh(
    object_type: str,
    names: tuple[str, ...],
    terms: Mapping[str, tuple[Term, ...]] | None = None,
    frequencies: Frequencies = DEFAULT,
) -> Score:
    """The result of several signs together.

    Args:
        object_type: Companies or contacts.
        names: The signs.
        terms: By sign, the values that two records share, or that each of them has.
        frequencies: How many records share which values.
    """
    shared = terms or {}
    weights = tuple(
        _weight(name, known, frequencies) if (known := shared.get(name)) else WEIGHTS[name] for name in names
    )
    total = sum(weights)
    points, odds = round(total), PRIOR + frequencies.size_penalty(object_type) + total
    is_named = not IDENTITY.isdisjoint(names)
    allowed = {EVIDENCE[name].cap_beside(names, is_named=is_named) for name in names if name in _CAPPED}
    if "none" in allowed:
        return Score("none", points, names, weights)
    if odds >= CERTAIN and "doubtful" not in allowed:
        return Score("certain", points, names, weights)
    is_doubtful = is_named or odds >= DOUBTFUL[object_type]
    return Score("doubtful" if is_doubtful else "none", points, names, weights)


def _weight(name: str, known: tuple[Term, ...], frequencies: Frequencies) -> float:
    """The weight of a sign: less where many share the value, more where few do, never against it."""
    rarities = map(frequencies.rarity, known)
    # Of several numbers that are shared the rarest counts; of two spellings of a name the more frequent.
    rarity = max(rarities) if name in _SHARED else min(rarities)
    return max(0.0, WEIGHTS[name] + rarity)
