"""Which addresses of the network may be fetched from: public ones, and those that the settings allow besides."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from kubmap.errors import FetchError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Sequence[str]]
"""Host and port -> addresses as text; raises OSError where there are none."""

PORTS = frozenset({80, 443, 8080, 8443})
_NAT64 = ip_network("64:ff9b::/96")
_SHARED = ip_network("100.64.0.0/10")  # carrier-grade NAT, RFC 6598


def system_resolve(host: str, port: int) -> list[str]:
    """What the resolver of the system says."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(entry[4][0]) for entry in found]


def is_public(address: Address) -> bool:
    """Whether an address is of the public internet, whatever form it is written in.

    IPv6 forms that carry an IPv4 address (mapped, 6to4, Teredo, NAT64) are as public as that.
    """
    if isinstance(address, IPv6Address):
        inner = _inner(address)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    if address.version == 4 and address in _SHARED:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _inner(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


@dataclass(frozen=True, slots=True)
class Guard:
    """What may be connected to. `allowed` are networks that are fetched from although they are not public."""

    allowed: tuple[Network, ...] = ()
    ports: frozenset[int] = PORTS
    resolve: Resolve = system_resolve

    @classmethod
    def of(cls, allowed: str, ports: str = "") -> Guard:
        """From the settings: networks and ports by comma. Raises ValueError for what is neither."""
        networks = tuple(ip_network(part.strip(), strict=False) for part in allowed.split(",") if part.strip())
        return cls(networks, PORTS | {int(part) for part in ports.split(",") if part.strip()})

    def pinned(self, host: str, port: int) -> str:
        """The address to connect to: the host is resolved once, and each of its addresses must be allowed.

        Raises FetchError, in Russian.
        """
        if port not in self.ports:
            raise FetchError(f"порт {port} не разрешён; можно: {', '.join(map(str, sorted(self.ports)))}")
        try:
            found = [ip_address(each.split("%")[0]) for each in self.resolve(host, port)]
        except (OSError, UnicodeError, ValueError) as error:
            raise FetchError(f"адрес {host[:100]} не находится") from error
        if not found:
            raise FetchError(f"адрес {host[:100]} не находится")
        if not all(map(self.allows, found)):
            raise FetchError(f"адрес {host[:100]} не из открытого интернета")
        return str(found[0])

    def allows(self, address: Address) -> bool:
        return is_public(address) or any(
            address in network for network in self.allowed if network.version == address.version
        )
