"""The network that a request comes from: the part of its address that one subscriber has."""

import ipaddress

_PREFIX_OF_ONE = 64


def place_of(address: str) -> str:
    """The place of an address: an IPv4 address itself, of IPv6 the /64 that one subscriber has.

    Some proxies name the port behind it, which is another one for every connection.
    """
    try:
        parsed = ipaddress.ip_address(_without_port(address.partition("%")[0]))
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, _PREFIX_OF_ONE), strict=False))


def _without_port(address: str) -> str:
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address
