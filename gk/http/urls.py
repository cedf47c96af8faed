"""URLs of servers: what is wrong with one, and who could read a request."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

__all__ = ["host_of", "is_loopback", "listener", "url_mistake", "without_password"]

# Without ? and #, because the paths of an API are appended to it.
_URL = re.compile(
    r"https?://(?:[\w.-]+|\[[0-9a-fA-F:.]+\])(?::[0-9]+)?(?:/[^\s?#\\\x00-\x1f\x7f]*)?"
)


def url_mistake(url: str, instead: str) -> str:
    """What is wrong with a server's URL; empty if nothing is. `instead` says where a user and a
    password belong.

    The text never contains the URL, because that may have a password in it, even if its `@` does
    not separate a user.
    """
    if not url.startswith(("http://", "https://")):
        return "is not a URL: it has to start with http:// or https://"
    # Before the pattern, so that a URL with a password gets this advice and not the general one.
    if "@" in url:
        return f"remove the user and the password from the URL; {instead}"
    if not _URL.fullmatch(url) or not _has_port(url):
        return "is not a server URL such as https://grafana.example.com/path, without ? and #"
    return ""


def _has_port(url: str) -> bool:
    try:
        # urlsplit parses the port only here, and raises ValueError for one above 65535.
        return urlsplit(url).port != 0
    except ValueError:
        return False


def is_loopback(url: str) -> bool:
    """Whether a URL's host is this machine, so that no request leaves it."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    # Not by itself before Python 3.13: ::ffff:127.0.0.1.
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def host_of(url: str) -> str:
    """The host of a URL, with an IPv6 address in brackets."""
    host = urlsplit(url).hostname or ""
    return f"[{host}]" if ":" in host else host


def listener(url: str, proxy: str) -> str:
    """The host for which others on the network path could read a request to `url`; empty if nobody
    could.

    A proxy can read every request to an `http` URL, and none to an `https` URL.
    """
    if not url.startswith("http://"):
        return ""
    return next((host_of(hop) for hop in (url, proxy) if hop and not is_loopback(hop)), "")


def without_password(url: str) -> str:
    """The URL without the user and the password that it may hold."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
