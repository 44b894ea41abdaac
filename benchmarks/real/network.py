"""Names that do not resolve, and certificates that prove nothing: refused, and nothing is said."""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from relay import Relay
from stand import Verdict, judged, new_trial

from alleaves_sync.sandbox import Sandbox


def missing() -> str:
    """Why this cannot be tried; "" when it can."""
    return "" if shutil.which("openssl") else "openssl is not installed"


def certificate(
    folder: Path, name: str, *, host: str = "IP:127.0.0.1", days: int = 2, ca: Path | None = None
) -> Path:
    """A key and a certificate in one file, signed by `ca`, or by itself."""
    key, made, whole = (folder / f"{name}.{end}" for end in ("key", "crt", "pem"))
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-keyout",
        str(key),
        "-out",
        str(made),
        "-subj",
        f"/CN={name}",
        "-addext",
        f"subjectAltName={host}",
    ]
    if ca is None:
        command += ["-days", str(days)]
    else:
        command += [
            "-CA",
            str(ca.with_suffix(".crt")),
            "-CAkey",
            str(ca.with_suffix(".key")),
            "-days",
            str(days),
        ]
    subprocess.run(command, check=True, capture_output=True)
    whole.write_bytes(key.read_bytes() + made.read_bytes())
    return whole


def tls(
    name: str, make: Callable[[Path, Path], Path], *, trusted: bool, codes: tuple[int, ...], faked: str = ""
) -> Verdict:
    """A run against a server with the certificate that `make` makes; `trusted`: the client knows the CA."""
    with TemporaryDirectory() as folder, Sandbox(items=30, orders=0, history=0) as box:
        trial = new_trial(folder, box)
        ca = certificate(trial.folder, "ca")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(make(trial.folder, ca))
        with Relay(box.url, "never", None, context) as relay:
            trial.write(pos=relay.url, aiq=relay.url)
            env = {"REQUESTS_CA_BUNDLE": str(trial.folder / "ca.crt")} if trusted else {}
            prefix = ("faketime", "-f", faked) if faked else ()
            ended = trial.sync(env=env, prefix=prefix)
            also = []
            if codes != (0,) and relay.read_bytes:
                also.append(f"{relay.read_bytes} bytes were said to the server")
            if codes != (0,) and "certificate" not in ended.err:
                also.append("does not speak of the certificate")
        return judged("TLS", name, trial, ended, codes, also=also, mend=trial.write)


def unknown_name() -> Verdict:
    """A name that does not exist."""
    with TemporaryDirectory() as folder, Sandbox(items=30, orders=0, history=0) as box:
        trial = new_trial(folder, box)
        trial.write(pos="https://pos.invalid")
        ended = trial.sync()
        return judged("names", "a name that does not exist", trial, ended, (69,), mend=trial.write)


def silent_names() -> Verdict:
    """A name server that never answers, in a mount namespace of its own."""
    with TemporaryDirectory() as folder, Sandbox(items=30, orders=0, history=0) as box:
        trial = new_trial(folder, box)
        trial.write(pos="https://pos.example.com")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.53", 53))
            (trial.folder / "resolv.conf").write_text("nameserver 127.0.0.53\n")
            script = f'mount --bind {trial.folder}/resolv.conf /etc/resolv.conf && exec "$0" "$@"'
            ended = trial.sync(prefix=("unshare", "-m", "sh", "-c", script))
        # glibc asks twice and waits 5 s each time; no timeout of ours reaches into it.
        return judged(
            "names", "a name server that is silent", trial, ended, (69,), mend=trial.write, most_seconds=25
        )


def no_listener() -> Verdict:
    """Nobody listens at the address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with TemporaryDirectory() as folder, Sandbox(items=30, orders=0, history=0) as box:
        trial = new_trial(folder, box)
        trial.write(pos=f"http://127.0.0.1:{port}")
        return judged("network", "nobody listens", trial, trial.sync(), (69,), mend=trial.write)


def deaf_listener() -> Verdict:
    """A server that takes connections and never reads: the process was stopped, say."""
    with (
        socket.create_server(("127.0.0.1", 0), backlog=50) as deaf,
        TemporaryDirectory() as folder,
        Sandbox(items=30, orders=0, history=0) as box,
    ):
        trial = new_trial(folder, box)
        trial.write(pos=f"http://127.0.0.1:{deaf.getsockname()[1]}")
        return judged(
            "network", "connections are taken, never served", trial, trial.sync(), (69,), mend=trial.write
        )


def slow_handshake() -> Verdict:
    """A TLS handshake that drips."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        while not over.is_set():
            try:
                client, _ = listener.accept()
                with client:
                    client.sendall(b"\x16\x03\x03\x40\x00")
                    while not over.wait(0.3):
                        client.sendall(b"\x00")
            except OSError:
                continue

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    with TemporaryDirectory() as folder, Sandbox(items=30, orders=0, history=0) as box:
        trial = new_trial(folder, box)
        trial.write(pos=f"https://127.0.0.1:{listener.getsockname()[1]}")
        ended = trial.sync()
        over.set()
        listener.close()
        return judged("TLS", "a handshake that drips", trial, ended, (69,), mend=trial.write)


def trials(_seeds: int) -> list[Callable[[], Verdict]]:
    """All of this module."""
    return [
        lambda: tls(
            "of a known authority, right host",
            lambda f, ca: certificate(f, "good", ca=ca),
            trusted=True,
            codes=(0,),
        ),
        lambda: tls(
            "of an unknown authority", lambda f, ca: certificate(f, "good", ca=ca), trusted=False, codes=(69,)
        ),
        lambda: tls("signed by itself", lambda f, _ca: certificate(f, "self"), trusted=False, codes=(69,)),
        lambda: tls(
            "of another host",
            lambda f, ca: certificate(f, "other", host="DNS:other.invalid", ca=ca),
            trusted=True,
            codes=(69,),
        ),
        lambda: tls(
            "expired (the clock is ten days ahead)",
            lambda f, ca: certificate(f, "old", ca=ca),
            trusted=True,
            codes=(69,),
            faked="+10d",
        ),
        lambda: tls(
            "not valid yet (the clock is ten days behind)",
            lambda f, ca: certificate(f, "new", ca=ca),
            trusted=True,
            codes=(69,),
            faked="-10d",
        ),
        slow_handshake,
        unknown_name,
        silent_names,
        no_listener,
        deaf_listener,
    ]
