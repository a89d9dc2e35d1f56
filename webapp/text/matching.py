"""Texts of the evidence for and against two records being the same."""

from collections.abc import Sequence

from webapp.text.sentence import sentence_case
from webapp.text.translated import Table, gettext

_SIGNALS: dict[str, str] = {
    "same_key": "the key that this record was given in HubSpot",
    "same_email": "same e-mail address",
    "same_role_email": "same e-mail address, which several people may read",
    "nobodys_email": "same e-mail address, which is nobody's",
    "near_email": "almost the same e-mail address",
    "same_mailbox": "same mailbox name at another domain",
    "moved_email": "another e-mail address that is made of the same name",
    "numbered_email": "but the same mailbox with another number at the same firm",
    "colleagues_email": "but another e-mail address at the same firm",
    "other_email": "but another e-mail address",
    "own_email": "but each with an e-mail address of its own",
    "own_name_and_email": "but each with a name and an e-mail address of its own",
    "same_name": "same name",
    "alike_name": "same name in another form",
    "near_name": "almost the same name",
    "last_name_at_home": "same first name and almost the same last name, at one address",
    "near_unlisted_name": "almost the same name, perhaps of two, since neither first name is a known one",
    "rough_name": "first and last name almost the same",
    "initial_name": "same initial and last name",
    "half_name": "same name as far as it is given",
    "first_name_at_home": "same first name at one address, the last name missing on one side",
    "no_name": "no name to compare",
    "unlike_first_name": "but a first name that may be another one",
    "other_first_name": "but another first name",
    "unlike_last_name": "but a last name that may be another one",
    "blurred_last_name": "a last name that is rather alike, at one address",
    "other_last_name": "but another last name",
    "changed_last_name": "another last name, but the same first name, phone number and address",
    "married_name": "another last name, but the same first name and birthday",
    "twin_name": "another first name, but the same last name and birthday",
    "other_generation": "but junior or senior",
    "one_generation": "but one of them is called junior or senior",
    "same_birthday": "same date of birth",
    "first_of_january": "same date of birth, but 1 January, as if only the year were known",
    "near_birthday": "almost the same date of birth",
    "other_birthday": "but another date of birth",
    "rough_birthday": "but a date of birth that differs in two places",
    "same_company": "same company",
    "same_mail_domain": "e-mail at the same firm",
    "other_company": "but another company",
    "same_phone": "same phone number",
    "near_phone": "almost the same phone number",
    "close_phone": "a phone number that ends otherwise in one digit",
    "other_phone": "but another phone number",
    "own_phone": "but each with a phone number of its own",
    "same_address": "same address",
    "near_address": "almost the same address",
    "rough_address": "street and place almost the same",
    "same_house": "same street and house number",
    "same_street": "same street",
    "street_alone": "same street, no house number in common",
    "common_street": "street of the same name, perhaps another one",
    "same_area": "same postcode, the street unknown",
    "same_place": "same postcode",
    "city_alone": "same city or almost the same postcode",
    "same_city": "same city",
    "other_place": "but another place",
    "same_domain": "same domain",
    "near_domain": "same domain with another ending",
    "other_domain": "but another domain",
    "near_company_name": "almost the same name",
    "part_of_name": "one name is part of the other",
    "other_branch": "but names as of two branches or sisters of one firm",
    "other_company_name": "but another name",
    "same_town": "same place",
    "other_street": "but another street",
    "other_town": "but another place",
    "domain_alone": "but nothing else than the domain in common",
    "other_site": "as with branches that share a domain",
    "everything_else_other": "but nothing else in common",
}
SIGNALS = Table(_SIGNALS)


def evidence(names: Sequence[str]) -> str:
    """The evidence for a candidate, as the beginning of a sentence."""
    return sentence_case(evidence_phrase(names))


def evidence_phrase(names: Sequence[str]) -> str:
    """The evidence for a candidate within a sentence, with *but* once."""
    but = gettext("but") + " "
    texts = [SIGNALS.get(name, name) for name in names]
    first = next((place for place, text in enumerate(texts) if text.startswith(but)), len(texts))
    return ", ".join([*texts[: first + 1], *(text.removeprefix(but) for text in texts[first + 1 :])])
