"""
Package tools (uv, cargo) and build backends, run in the sandbox, mostly with the network.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from cab_tasks.errors import SeedEnvironmentError
from cab_tasks.sandbox import Command, Ended, Limits, Mount, Policy, run

if TYPE_CHECKING:
    from cab_tasks.sandbox import Finished

CACHE = "/cab/cache"  # a tool's download cache
OUT = "/cab/out"  # where a tool leaves its result
LIMITS = Limits(timeout_s=900, disk_bytes=8 << 30, output_bytes=64 << 20)

# How ordinary clients are told of proxies, certificates and mirrors; nothing else is inherited.
_INHERITED = re.compile(
    r"(?i)(https?|all|no)_proxy"
    r"|(SSL_CERT|CURL_CA|REQUESTS_CA|PIP_CERT)\w*"
    r"|UV_(DEFAULT_INDEX|INDEX|INDEX_URL|EXTRA_INDEX_URL|INDEX_STRATEGY|INSECURE_HOST|NATIVE_TLS"
    r"|HTTP_TIMEOUT|OFFLINE|CONCURRENT_DOWNLOADS)"
    r"|CARGO_(HTTP|NET|REGISTR(Y|IES))_\w*"
)
_SECRET = re.compile(r"(?i)token|credential|password")
_SYSTEM = ("/usr/", "/etc/ssl/", "/lib", "/bin/", "/sbin/")
_FROM_PIP = (("PIP_INDEX_URL", "UV_DEFAULT_INDEX"), ("PIP_EXTRA_INDEX_URL", "UV_EXTRA_INDEX_URL"))


def run_tool(
    argv: tuple[str, ...],
    *,
    what: str,
    policy: Policy,
    mounts: tuple[Mount, ...] = (),
    env: tuple[tuple[str, str], ...] = (),
    tree: Path | None = None,
    cwd: str = "/tmp",  # the sandbox's own, private one
    network: bool = True,
) -> Finished:
    """
    Run a tool to a good end.

    Raises:
        SeedEnvironmentError: it failed; the message ends with its last words.
    """
    outside = _network() if network else ()
    command = Command(
        argv=argv,
        tree=tree,
        cwd=cwd,
        env=(*outside, *env),
        mounts=(*_certificates(outside), *mounts),
        network=network,
    )
    finished = run(command, LIMITS, policy=policy)
    if finished.ended is not Ended.EXITED or finished.exit_code != 0:
        raise SeedEnvironmentError(f"{what}: {_last_words(finished)}")
    return finished


def _network() -> tuple[tuple[str, str], ...]:
    found = {
        name: value
        for name, value in os.environ.items()
        if _INHERITED.fullmatch(name) and not _SECRET.search(name)
    }
    for pip, uv in _FROM_PIP:
        if pip in os.environ:
            found.setdefault(uv, os.environ[pip])
    return tuple(sorted(found.items()))


def _certificates(variables: tuple[tuple[str, str], ...]) -> tuple[Mount, ...]:
    """
    The files and folders that variables name, to be seen at the same place inside.
    """
    named = sorted({value for _, value in variables if value.startswith("/")})
    missing = [value for value in named if not value.startswith(_SYSTEM)]
    return tuple(Mount(Path(value), value) for value in missing if Path(value).exists())


def _last_words(finished: Finished) -> str:
    if finished.ended is not Ended.EXITED:
        return f"ended by {finished.ended.value}"
    text = (finished.stderr or finished.stdout).decode("utf-8", "replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(lines[-4:])[-600:] or f"exit code {finished.exit_code}"


def prefix_mounts(prefix: Path) -> tuple[Mount, ...]:
    """
    What shows a toolchain's folder at its own place inside; none for those of the system.
    """
    inside_system = f"{prefix}/".startswith(_SYSTEM)
    return () if inside_system else (Mount(prefix, str(prefix)),)
