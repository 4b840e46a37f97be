"""Node, pnpm and node-gyp, each from an npm package, and the commands that use them."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from .cache import Cache, RealGhostError

BUILD_NODE = "22.23.3"
"""The Node that runs node-gyp, whatever Node the result is for."""
_NPM = "11.19.1"
_PNPM = "12.4.2"
_PASSED_ON = ("HOME", "LANG", "PATH", "TMPDIR", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR")


def missing_tools() -> list[str]:
    """What this machine lacks for installing a Ghost, in words; empty when it has everything."""
    lacks = [f"{name} is not installed" for name in ("npm", "make", "tar") if not shutil.which(name)]
    if not any(shutil.which(name) for name in ("g++", "c++", "clang++")):
        lacks.append("there is no C++ compiler")
    if sys.platform != "linux" or _cpu() is None:
        lacks.append("prebuilt Nodes are used for Linux on x64 and arm64 only")
    return lacks


def _cpu() -> str | None:
    return {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}.get(
        platform.machine().lower()
    )


def environment(cache: Cache, node: Path | None = None, **more: str) -> dict[str, str]:
    """A small environment: Ghost takes configuration from any variable it finds, so ours stays out."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _PASSED_ON or name.lower().endswith("_proxy") or name.lower().startswith("npm_config_")
    }
    for kind in ("cache", "data", "state"):
        kept[f"XDG_{kind.upper()}_HOME"] = str(cache.path("xdg", kind))
    if node is not None:
        kept["PATH"] = f"{node / 'bin'}{os.pathsep}{kept.get('PATH', os.defpath)}"
    return {**kept, **more}


def run(
    command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str], doing: str, log: Path | None = None
) -> str:
    """Run to the end and give its output. Raises RealGhostError with the end of the output when it fails."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if log is not None:
        with log.open("a", encoding="utf-8") as file:
            file.write(f"$ {' '.join(map(str, command))}\n{done.stdout}\n")
    if done.returncode:
        raise RealGhostError(f"{doing} failed with {done.returncode}:\n{done.stdout[-3000:]}")
    return done.stdout


def unpack(cache: Cache, spec: str, into: Path) -> None:
    """Put the contents of an npm package (`name@version`) into an empty folder, running none of its scripts."""
    env = environment(cache)
    run(["npm", "pack", "--silent", spec], cwd=into, env=env, doing=f"fetching {spec} from npm")
    (archive,) = into.glob("*.tgz")
    run(["tar", "-xzf", archive, "--strip-components=1"], cwd=into, env=env, doing=f"unpacking {spec}")
    archive.unlink()


def node(cache: Cache, version: str) -> Path:
    """A folder with bin/node and the headers that node-gyp compiles against."""
    spec = f"node-linux-{_cpu()}@{version}"
    return cache.once(cache.path("node", version), lambda work: unpack(cache, spec, work))


def pnpm(cache: Cache) -> Path:
    def make(work: Path) -> None:
        unpack(cache, f"@pnpm/exe.linux-{_cpu()}@{_PNPM}", work)
        (work / "pnpm").chmod(0o755)

    return cache.once(cache.path("tools", f"pnpm-{_PNPM}"), make) / "pnpm"


def node_gyp(cache: Cache) -> Path:
    """npm brings node-gyp along, with all that it needs in one tarball."""
    home = cache.once(cache.path("tools", f"npm-{_NPM}"), lambda work: unpack(cache, f"npm@{_NPM}", work))
    return home / "node_modules" / "node-gyp" / "bin" / "node-gyp.js"


def is_pnpm(declared: str) -> bool:
    """Whether a package's `packageManager` is the pnpm we use; pnpm would fetch any other one by itself."""
    return declared.startswith(f"pnpm@{_PNPM}")
