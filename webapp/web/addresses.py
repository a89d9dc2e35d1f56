"""Addresses, read and built: they have one form, and a number too large for the database matches no row."""

from collections.abc import Callable

from flask import Flask, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import IntegerConverter, Rule

from webapp.store.database.ids import LARGEST_ID


def _up_to(largest: int) -> str:
    """A pattern of the numbers from 0 to `largest`."""
    digits = str(largest)
    rest = len(digits) - 1
    same_length = [
        f"{digits[:place]}[0-{int(digit) - 1}][0-9]{{{rest - place}}}"
        for place, digit in enumerate(digits)
        if digit != "0"
    ]
    return f"(?:{'|'.join([f'[0-9]{{1,{rest}}}', *same_length, digits])})"


class RowNumber(IntegerConverter):
    """The meaning of `<int:...>` in every address of the application.

    The bound is part of the pattern: a larger number matches no address, whatever the method.
    """

    regex = _up_to(LARGEST_ID)


class LateRule(Rule):
    """A route whose addresses are built by code that is compiled when the first one is.

    Werkzeug compiles two functions for each route as soon as it is bound: most of what it takes to make an
    application, in every process anew, for routes that few processes ever write an address of.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:  # noqa: FBT001, FBT002 - Werkzeug's own
        compiled: list[Callable[..., tuple[str, str]]] = []
        compile_now = super()._compile_builder

        def build(rule: Rule, /, **values: object) -> tuple[str, str]:
            if not compiled:
                compiled.append(compile_now(append_unknown))
            return compiled[0](rule, **values)

        return build


def register(app: Flask) -> None:
    """Let every address be read and built so; called before any route is bound."""
    app.url_rule_class = LateRule
    app.url_map.converters["int"] = RowNumber
    # Werkzeug would lead from two slashes to one by a whole address, on the host that the caller names.
    app.url_map.merge_slashes = False
    app.before_request(_drop_nuls)


def _drop_nuls() -> None:
    """Read queries without NUL characters: PostgreSQL refuses a text that has one, also to compare with."""
    if b"%00" in request.query_string or b"\0" in request.query_string:
        given = request.args.items(multi=True)
        request.args = ImmutableMultiDict([(name, value.replace("\0", "")) for name, value in given])


def row_number(text: str) -> int | None:
    """The number of a row that a query or form holds, as in `args.get(name, type=row_number)`."""
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(LARGEST_ID)):
        return None
    number = int(text)
    return number if number <= LARGEST_ID else None
