"""What kind of place a host name means; pure, nothing is looked up."""

import ipaddress

INSIDE_SUFFIXES = (".local", ".internal", ".lan", ".home.arpa")
"""Names that are never public: RFC 6762, RFC 8375 and ICANN's reservation of .internal."""


def is_loopback(host: str) -> bool:
    """Tell whether a host can only mean this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def stays_inside(host: str) -> bool:
    """Tell whether a host is this machine or clearly one of the operator's own network."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        single = bool(host) and "." not in host
        return single or is_loopback(host) or host.lower().endswith(INSIDE_SUFFIXES)
