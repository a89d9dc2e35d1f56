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

        as_library = text_key(basename(text)) or text_key(text) or None
        # Of a doubled form the library may leave one that our further forms take off.
        further = {"acme"} if name.count("{}") > 1 else set()
        assert company_key(text) in {as_library, *further}, text
