"""Requests within limits: of time, bytes, tries, and of hosts that a site may send its clients to.

Only safe requests are made (a query that is sent by POST changes nothing, either), so each may be made again.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version

import httpx2

from kg.client.cache import Answer, Cache
from kg.errors import AnswerInvalid, AnswerTooLarge, ConfigError, SiteError, SiteRejection, SiteUnreachable

_MIB = 1024 * 1024
_REDIRECTS = 5
_AGAIN = (429, 502, 503, 504)
# What would go the same way again.
_HOPELESS = ("QueryTimeout", "QueryCrashed")
_PROBLEM_BYTES = 100_000


@dataclass(frozen=True)
class Limits:
    """How far a client goes.

    ``seconds``: for one request, from first to last byte (downloads: without any byte). ``tries``: how often a request
    is made that finds no server or a busy one; ``patience``: for how many seconds it waits in between, altogether.
    ``size``: how many bytes an answer may have (downloads: any number). ``hosts``: further hosts that the site may
    lead to; on its own it may lead anywhere.
    """

    seconds: float = 60
    tries: int = 4
    patience: float = 60
    size: int = 256 * _MIB
    hosts: frozenset[str] = field(default_factory=frozenset)


class Transport:
    """Makes requests within ``limits``; keeps what may be kept in ``cache``. Threads may share one."""

    def __init__(self, limits: Limits, cache: Cache | None, agent: str = "") -> None:
        self.limits = limits
        self._cache = cache
        self._http = httpx2.Client(
            headers={"User-Agent": f"{agent} {_own_name()}".strip()},
            timeout=httpx2.Timeout(limits.seconds, connect=min(10, limits.seconds)),
        )
        self._stopped = threading.Event()

    def close(self) -> None:
        """Close the connections; who waits to try again gives up."""
        self._stopped.set()
        self._http.close()

    def get(self, url: str, accept: str, **headers: str) -> Answer:
        """What is at an address, redirects followed. Raises a child of SiteError."""
        sent = {"Accept": accept, **{name.replace("_", "-"): value for name, value in headers.items()}}
        key = json.dumps([url, sent], sort_keys=True)
        kept = self._cache.get(key) if self._cache else None
        # Behind a redirect, what never changes may still be replaced by something else.
        if kept is not None and kept.never_changes and kept.url == url:
            return kept
        if kept is not None and kept.validator:
            sent["If-None-Match"] = kept.validator
        answer = self._whole("GET", url, sent)
        if answer.status == 304 and kept is not None:
            return kept
        if self._cache and answer.may_be_kept:
            self._cache.put(key, answer)
        return answer

    def post(self, url: str, form: Mapping[str, str], accept: str) -> Answer:
        """What answers a form. Raises a child of SiteError."""
        return self._whole("POST", url, {"Accept": accept}, form)

    def _whole(
        self, method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None = None
    ) -> Answer:
        deadline = time.monotonic() + self.limits.seconds
        with self.opened(method, url, headers, form) as response:
            body = b"".join(self._parts(response, deadline))
        return Answer(str(response.url), response.status_code, _names(response), body)

    def _parts(self, response: httpx2.Response, deadline: float) -> Iterator[bytes]:
        size = 0
        try:
            for part in response.iter_bytes():  # as they come: a drop now and then must not outlast the limit
                size += len(part)
                if size > self.limits.size:
                    raise AnswerTooLarge(
                        f"{response.url} sends more than {self.limits.size:,} bytes", "ask for less, or allow for more"
                    )
                if time.monotonic() > deadline:
                    raise _late(response.url, self.limits.seconds)
                yield part
        except httpx2.TimeoutException:
            raise _late(response.url, self.limits.seconds) from None
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            raise AnswerInvalid(
                f"the answer of {response.url} broke off after {size:,} bytes ({type(error).__name__})",
                "it may have come to a limit of the site: ask for less at once",
            ) from None

    @contextmanager
    def opened(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        form: Mapping[str, str] | None = None,
        *,
        follow: bool = True,
    ) -> Iterator[httpx2.Response]:
        """The answer as its body begins: 2xx, 304, or a redirect that is not to be followed.

        Raises SiteUnreachable, SiteRejection, or AnswerInvalid for redirects that lead nowhere.
        """
        seen = []
        while True:
            response = self._patiently(method, url, headers, form)
            try:
                target = response.headers.get("location")
                leads_on = response.status_code in (301, 302, 303, 307, 308) and target is not None
                if not (leads_on and follow):
                    if response.status_code >= 300 and response.status_code != 304 and not leads_on:
                        raise rejection(response)
                    yield response
                    return
            finally:
                response.close()
            seen.append(url)
            if len(seen) > _REDIRECTS:
                raise AnswerInvalid(f"{seen[0]} leads to more than {_REDIRECTS} other addresses", "tell the operator")
            if response.status_code == 303 or (response.status_code in (301, 302) and method == "POST"):
                method, form = "GET" if method == "POST" else method, None
            url = self._led(response, target or "")

    def _led(self, response: httpx2.Response, target: str) -> str:
        """Where a redirect leads, if it may lead there."""
        here = response.url
        try:
            there = here.join(target)
        except (httpx2.InvalidURL, ValueError):
            raise AnswerInvalid(f"{here} leads to what is no address: {target[:200]!r}", "tell the operator") from None
        same = (there.scheme, there.host, there.port) == (here.scheme, here.host, here.port)
        safer = there.host == here.host and (here.scheme, there.scheme) == ("http", "https")
        allowed = there.host in self.limits.hosts and there.scheme in ("http", "https")
        if there.scheme == "http" and here.scheme == "https":
            allowed = False
        if not (same or safer or allowed):
            raise AnswerInvalid(
                f"{here} leads to another host, {there.host}",
                f"allow for it: Limits(hosts=frozenset({{'{there.host}'}}))",
            )
        return str(there)

    def _patiently(
        self, method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None
    ) -> httpx2.Response:
        """The answer to one request; a busy site is asked again when it wishes, as far as the limits allow."""
        patience, pause = self.limits.patience, 0.5
        for left in reversed(range(max(1, self.limits.tries))):
            problem: SiteError
            try:
                response = self._send(method, url, headers, form)
            except httpx2.TransportError as error:
                wait, problem = pause, _unreachable(url, error, self.limits.seconds)
                hopeless = isinstance(error, httpx2.ReadTimeout | httpx2.UnsupportedProtocol)
            else:
                if response.status_code not in _AGAIN:
                    return response
                wait, problem = _wanted_pause(response) or pause, rejection(response)
                hopeless = problem.problem.get("error") in _HOPELESS
            if not left or hopeless or wait > patience or self._stopped.wait(wait):
                raise problem
            patience -= wait
            pause *= 2
        raise AssertionError("unreachable")  # pragma: no cover

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None
    ) -> httpx2.Response:
        try:
            request = self._http.build_request(method, url, headers=dict(headers), data=dict(form) if form else None)
        except (httpx2.InvalidURL, ValueError) as error:
            raise ConfigError(f"{url!r} is no address: {error}") from None
        return self._http.send(request, stream=True, follow_redirects=False)


def _own_name() -> str:
    try:
        return f"kg/{version('pledge-graph')}"
    except PackageNotFoundError:
        return "kg"


def _names(response: httpx2.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _late(url: object, seconds: float) -> SiteUnreachable:
    return SiteUnreachable(f"{url} has not answered within {seconds:g} seconds", "ask for less, or allow for more time")


def _unreachable(url: str, error: httpx2.TransportError, seconds: float) -> SiteUnreachable:
    if isinstance(error, httpx2.TimeoutException):
        return _late(url, seconds)
    return SiteUnreachable(
        f"{url} cannot be reached ({str(error) or type(error).__name__})", "check the address; is the site running?"
    )


def rejection(response: httpx2.Response) -> SiteRejection:
    """The error for an answer whose status tells of one, with what the answer says of it (RFC 9457)."""
    body = b""
    try:
        for part in response.iter_bytes(8_192):
            body += part
            if len(body) > _PROBLEM_BYTES:
                break
    except (httpx2.HTTPError, httpx2.StreamError):
        body = b""
    finally:
        response.close()
    problem: dict[str, object] = {}
    kind = response.headers.get("content-type", "")
    if "json" in kind:
        try:
            found = json.loads(body)
        except ValueError:
            found = None
        problem = found if isinstance(found, dict) else {}
    said = problem.get("detail") or problem.get("title")
    if said is None and kind.startswith("text/plain"):
        said = " ".join(body.decode(errors="replace").split())[:500]
    status = f"{response.status_code} {response.reason_phrase}".strip()
    return SiteRejection(
        f"{response.url} answers {status}" + (f": {said}" if said else ""),
        str(problem.get("hint", "")),
        response.status_code,
        problem,
    )


def _wanted_pause(response: httpx2.Response) -> float | None:
    """For how many seconds the site wishes to be left alone (RFC 9110, section 10.2.3)."""
    wanted = response.headers.get("retry-after", "").strip()
    if wanted.isascii() and wanted.isdigit():
        return float(wanted[:9])
    try:
        until = parsedate_to_datetime(wanted)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
