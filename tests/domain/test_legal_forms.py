"""A company's name without its legal form: as the library says, though it is asked about few at once."""

import pytest
from cleanco import basename
from cleanco.clean import prepare_default_terms

from webapp.domain.records.keys import company_key, text_key


@pytest.mark.parametrize(
    "name", ["{}, Acme {}", "Acme {}", "ACME & SONS {}!", "Müller ({})", "{}", "Acme {} {}"]
)
def test_every_legal_form_is_taken_off_as_the_library_does(name: str) -> None:
    for _, terms in prepare_default_terms():
        form = " ".join(terms)
        text = name.replace("{}", form)

        assert company_key(text) == (text_key(basename(text)) or text_key(text) or None), text
