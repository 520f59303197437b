"""Addresses of brokers: where, who we are, and how the line is kept private.

All look alike, `scheme://[user:secret@]host[:port]/topic?option=…`; a scheme with TLS trusts what this
machine trusts, or the authority in the file `ca`; `cert` and `cert_key` show who we are.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from simkcc.errors import SettingError

PRIVATE = ("nats+tls", "mqtts", "kafka+tls")
"""Schemes that use TLS."""


@dataclass(frozen=True)
class Broker:
    """Where events travel through."""

    hosts: str
    """`host:port`, several with commas where the client takes them."""
    topic: str
    user: str
    secret: str
    tls: ssl.SSLContext | None

    @property
    def host(self) -> str:
        """Return the name of the only host."""
        return self.hosts.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """Return the port of the only host."""
        return int(self.hosts.rpartition(":")[2])


def broker_at(
    address: str, more: Mapping[str, str], port: int, topic: str, several: bool = False
) -> Broker:
    """Return the broker at an address. more: options, if they do not stand in the address.

    port, topic: where the address tells none. several: whether hosts may be given with commas.
    """
    found = urlsplit(address)
    example = f"{found.scheme}://host:{port}/{topic}"
    login, _, hosts = found.netloc.rpartition("@")
    listed = [_with_port(host, port, example) for host in hosts.split(",")]
    if "#" in address or (len(listed) > 1 and not several):
        raise SettingError(f"{found.scheme}: the address looks like {example}")
    said = dict(parse_qsl(found.query)) | dict(more)
    user, _, secret = login.partition(":")
    if "secret_file" in said:
        secret = _secret(found.scheme, said["secret_file"])
    tls = _tls(found.scheme, said) if found.scheme in PRIVATE else None
    if tls is None and any(name in said for name in ("ca", "cert", "cert_key")):
        raise SettingError(
            f"{found.scheme}: has no certificates; one of {', '.join(PRIVATE)} keeps the line private"
        )
    return Broker(
        ",".join(listed), found.path.strip("/") or topic, unquote(user),
        secret if "secret_file" in said else unquote(secret), tls,
    )  # fmt: skip


def distrusted(error: BaseException | None) -> str:
    """Return why a certificate was not believed; empty if that is not what went wrong."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({error.verify_message}); give ?ca=FILE"
        if isinstance(error, ssl.SSLError) and "ALERT" in str(error.reason):
            return f"it ends the TLS ({error.reason}); does it want a certificate, ?cert=FILE?"
        error = error.__cause__ or error.__context__
    return ""


def _with_port(host: str, port: int, example: str) -> str:
    name, colon, number = host.rpartition(":")
    if not colon or host.endswith("]"):
        name, number = host, str(port)
    if not name or not number.isascii() or not number.isdigit() or not 0 < int(number) < 65536:
        raise SettingError(f"{example.partition(':')[0]}: the address looks like {example}")
    return f"{name}:{number}"


def _secret(scheme: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise SettingError(f"{scheme}: secret_file={path}: cannot read it ({error})") from None


def _tls(scheme: str, said: Mapping[str, str]) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=said.get("ca"))
    except OSError as error:
        raise SettingError(f"{scheme}: ca={said['ca']}: no certificates there ({error})") from None
    if "cert" in said:
        try:
            context.load_cert_chain(said["cert"], said.get("cert_key"))
        except OSError as error:
            raise SettingError(
                f"{scheme}: cert={said['cert']}: not a certificate with its key ({error})"
            ) from None
    return context
