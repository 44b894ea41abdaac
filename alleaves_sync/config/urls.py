"""Which addresses the configuration may hold."""

from ipaddress import ip_address
from urllib.parse import urlsplit

_SCHEMES = ("http", "https")


def checked(url: str) -> str:
    """`url` without its trailing slashes. Raises `ValueError` in words that do not repeat it.

    Plain http reaches only this machine: logins and patients travel on these addresses.
    """
    text = url.strip()
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("is not an address: write https://host/path") from None
    if parts.scheme not in _SCHEMES or not host or any(sign.isspace() for sign in text):
        raise ValueError("is not an address: write https://host/path")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or password")
    if parts.fragment:
        raise ValueError("must not hold a #")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("must begin with https:// (http:// is only for this machine itself)")
    return text if parts.query else text.rstrip("/")


def checked_base(url: str) -> str:
    """As `checked`, for an address that paths are added to: it has no query."""
    text = checked(url)
    if "?" in text:
        raise ValueError("must not hold a ?: paths are added to it")
    return text


def checked_order_status(url: str) -> str:
    """As `checked`, for an address that holds the order's id as `{id}`."""
    text = checked(url)
    if "{id}" not in text:
        raise ValueError("must hold {id}, the place of the order's id")
    return text


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine: localhost, 127.0.0.0/8, ::1."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
