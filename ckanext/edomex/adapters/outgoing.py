"""Outgoing requests through one guarded client: public addresses only unless listed, limits of time, bytes and redirects.

The address is checked where the connection is made, and that very address is connected to: a name that means another
machine a moment later gains nothing. A redirect is a new request, checked as the first. Never `file:`, never a proxy.
"""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import os
import socket
import tempfile
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, Self
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_PIECE = 2**16
_MEBIBYTE = 2**20
#: Addresses that stand for others, which the machine in between turns back. Source: RFC 6052.
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class OutgoingError(Exception):
    """Another server was not read; the text, in Spanish, says why and what to do."""


class ForbiddenAddressError(OutgoingError):
    """It is not on the public web."""


class UnansweredError(OutgoingError):
    """Nothing came, or not all of it."""


class LimitError(OutgoingError):
    """Too large, too slow, or sent on and on."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one request may take: seconds and bytes (as they are read, not as they were packed)."""

    connect_s: float = 10.0
    #: Between two pieces of an answer.
    silence_s: float = 30.0
    total_s: float = 600.0
    most_bytes: int = 512 * _MEBIBYTE
    most_redirects: int = 5


@dataclass(kw_only=True)
class Answer:
    """What a server said: status, headers by their lower-case names, where it came from in the end, and the body as a file."""

    status: int
    headers: Mapping[str, str]
    url: str
    body: IO[bytes]
    size: int
    #: SHA-256 of the body.
    sha256: str

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.body.close()


class Client:
    """Connections that are kept within one piece of work; close it, or use it in a `with`.

    Args:
        allowed: host names and networks (`10.0.0.0/8`) that may be asked although they are not public.
        limits: of each request.
        agent: how it presents itself.
    """

    def __init__(self, allowed: Collection[str] = (), limits: Limits | None = None, agent: str = "ckanext-edomex") -> None:
        self.limits = limits or Limits()
        self._agent = agent
        self._guard = _Guard(allowed, self.limits.connect_s)
        self._pools = urllib3.PoolManager(num_pools=8)
        self._pools.pool_classes_by_scheme = _pool_classes(self._guard)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pools.clear()

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for an address, following redirects; whatever status the answer has.

        Raises:
            OutgoingError: it may not be asked, does not answer, or is over a limit.
        """
        sent = {"User-Agent": self._agent, "Accept-Encoding": "gzip", **(headers or {})}
        deadline = time.monotonic() + self.limits.total_s
        with self._guard.until(deadline):
            for _ in range(self.limits.most_redirects + 1):
                answer = self._ask(url, sent, deadline)
                target = answer.headers.get("location") if answer.status in _REDIRECTS else None
                if target is None:
                    return answer
                answer.body.close()
                url = _redirected(url, target)
        raise LimitError(f"{shown(url)} redirige más de {self.limits.most_redirects} veces; revise la dirección de la fuente.")

    def post(self, url: str, body: Any, headers: Mapping[str, str]) -> Answer:
        """Send bytes, or an iterable of them with its `Content-Length`. Redirects are not followed: what is sent has one reader.

        Raises:
            OutgoingError: as `get`.
        """
        sent = {"User-Agent": self._agent, **headers}
        deadline = time.monotonic() + self.limits.total_s
        with self._guard.until(deadline):
            return self._ask(url, sent, deadline, body=body)

    def _ask(self, url: str, headers: Mapping[str, str], deadline: float, *, body: Any = None) -> Answer:
        _refuse_unless_web(url)
        timeout = urllib3.Timeout(connect=self.limits.connect_s, read=self.limits.silence_s)
        try:
            response = self._pools.urlopen(
                "GET" if body is None else "POST", url, body=body, headers=headers, redirect=False, retries=False,
                preload_content=False, timeout=timeout,
            )  # fmt: skip
            try:
                return self._read(url, response, deadline)
            except BaseException:
                response.close()
                raise
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise self._explained(url, error, deadline) from None

    def _read(self, url: str, response: Any, deadline: float) -> Answer:
        file, size, seen = tempfile.TemporaryFile(), 0, hashlib.sha256()  # noqa: SIM115  # whoever reads the answer closes it
        try:
            while piece := response.read1(_PIECE):
                size += len(piece)
                if size > self.limits.most_bytes:
                    raise LimitError(f"{shown(url)} mide más de {self.limits.most_bytes // _MEBIBYTE} MB; pida la fuente por partes.")
                if time.monotonic() >= deadline:
                    raise TimeoutError
                seen.update(piece)
                file.write(piece)
            # A connection that was broken off looks like one that has ended, to an answer of no given length.
            if time.monotonic() >= deadline:
                raise TimeoutError
        except BaseException:
            file.close()
            raise
        response.release_conn()
        file.seek(0)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(status=response.status, headers=headers, url=url, body=file, size=size, sha256=seen.hexdigest())

    def _explained(self, url: str, error: Exception, deadline: float) -> OutgoingError:
        if time.monotonic() >= deadline:
            return LimitError(f"{shown(url)} tarda más de {self.limits.total_s:g} s; vuelva a intentarlo a otra hora.")
        kind = type(error).__name__
        return UnansweredError(f"{shown(url)} no contesta, o no del todo ({kind}); revise la dirección y vuelva a intentarlo.")


def shown(url: str) -> str:
    """An address as it may be told: without an account or a key that somebody wrote into it."""
    with contextlib.suppress(ValueError):
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"[:300]
    return "La dirección"


def is_public(address: IpAddress) -> bool:
    """Whether it is a machine of the public web; what stands for another address is judged by that one."""
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if inner is not None:
        return is_public(inner)
    strange = address.is_multicast or address.is_reserved or address.is_unspecified or address in _TRANSLATED
    return address.is_global and not strange


class _Guard:
    """Opens connections to addresses that may be asked, and ends them all at a deadline."""

    def __init__(self, allowed: Collection[str], connect_s: float) -> None:
        self._networks, self._hosts = _listed(allowed)
        self._connect_s = connect_s
        self._lock = threading.Lock()
        #: Connection → a second handle of its socket: TLS takes the first away.
        self._handles: dict[int, socket.socket] = {}

    def connect(self, owner: int, host: str, port: int) -> socket.socket:
        """A connection to one of the host's addresses that pass."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise UnansweredError(f"No hay ningún servidor con el nombre {host[:200]}; revise la dirección.") from None
        passing = [each for each in found if self._may_ask(host, str(each[4][0]))]
        if not passing:
            raise ForbiddenAddressError(
                f"{host[:200]} no es una dirección pública. Si la fuente está en una red de la institución, "
                "quien opera el portal puede anotarla en la opción allowed_addresses."
            )
        connection = self._first_of(passing)
        with self._lock:
            self._handles[owner] = socket.socket(fileno=os.dup(connection.fileno()))
        return connection

    def forget(self, owner: int) -> None:
        """A connection was closed."""
        with self._lock:
            handle = self._handles.pop(owner, None)
        if handle is not None:
            handle.close()

    @contextlib.contextmanager
    def until(self, deadline: float) -> Iterator[None]:
        """Break every connection off at the deadline: a server that sends one byte now and then passes any other limit."""
        timer = threading.Timer(max(0.0, deadline - time.monotonic()), self._break_off)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _break_off(self) -> None:
        with self._lock:
            for handle in self._handles.values():
                with contextlib.suppress(OSError):
                    handle.shutdown(socket.SHUT_RDWR)

    def _may_ask(self, host: str, address: str) -> bool:
        number = ipaddress.ip_address(address.partition("%")[0])
        return host.lower() in self._hosts or is_public(number) or any(number in network for network in self._networks)

    def _first_of(self, found: list[Any]) -> socket.socket:
        last: OSError | None = None
        for family, kind, protocol, _, address in found:
            connection = socket.socket(family, kind, protocol)
            connection.settimeout(self._connect_s)
            try:
                connection.connect(address)
            except OSError as error:
                connection.close()
                last = error
            else:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return connection
        assert last is not None
        raise last


def _listed(allowed: Collection[str]) -> tuple[list[Any], set[str]]:
    networks: list[Any] = []
    hosts: set[str] = set()
    for each in allowed:
        try:
            networks.append(ipaddress.ip_network(each, strict=False))
        except ValueError:
            hosts.add(each.lower())
    return networks, hosts


def _pool_classes(guard: _Guard) -> dict[str, Any]:
    """urllib3's pools with connections that the guard opens; name and certificate stay those of the host."""

    def checked(base: Any) -> Any:
        class Checked(base):
            def _new_conn(self) -> socket.socket:
                return guard.connect(id(self), self._dns_host, self.port)

            def close(self) -> None:
                super().close()
                guard.forget(id(self))

        return Checked

    plain = type("PlainPool", (urllib3.HTTPConnectionPool,), {"ConnectionCls": checked(HTTPConnection)})
    secure = type("SecurePool", (urllib3.HTTPSConnectionPool,), {"ConnectionCls": checked(HTTPSConnection)})
    return {"http": plain, "https": secure}


def _refuse_unless_web(url: str) -> None:
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        good = False
    if not good:
        raise ForbiddenAddressError("Sólo se leen direcciones que empiezan con http:// o https://; revise la de la fuente.")


def _redirected(url: str, target: str) -> str:
    found = urljoin(url, target)
    if urlsplit(url).scheme == "https" and urlsplit(found).scheme == "http":
        raise ForbiddenAddressError(f"{shown(url)} redirige de https a http; escriba en la fuente la dirección final.")
    return found
