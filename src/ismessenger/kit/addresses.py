"""Which internet addresses a request from us may reach.

Source: IANA, IPv4 and IPv6 Special-Purpose Address Registries. The lists stand here because the answers of Python's
``ipaddress`` differ between versions and call multicast and 6to4 addresses global.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_CLOSED_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # a public number that inside Azure reaches the machine's own host
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_GLOBAL_6 = IPv6Network("2000::/3")
# 2001::/23 holds Teredo, 2002::/16 is 6to4: both carry an IPv4 address that a relay would unpack.
_CLOSED_6 = tuple(IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3ffe::/16", "3fff::/20"))
_NAT64 = IPv6Network("64:ff9b::/96")


def may_reach(address: Address, allowed: Sequence[Network] = ()) -> bool:
    """Whether an address is public and meant for one machine, or lies in one of the ``allowed`` networks."""
    target = _unwrapped(address)
    if any(target in network for network in allowed):
        return True
    if isinstance(target, IPv4Address):
        return not any(target in network for network in _CLOSED_4)
    return target in _GLOBAL_6 and not any(target in network for network in _CLOSED_6)


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv4-mapped or NAT64 address stands for, else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(address.packed[-4:]) if address in _NAT64 else address
