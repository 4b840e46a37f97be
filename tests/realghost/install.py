"""Install one Ghost: its package, its production dependencies without scripts, and one compiled module."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from .cache import Cache, RealGhostError
from .recipes import Recipe
from .tools import BUILD_NODE, environment, is_pnpm, missing_tools, node, node_gyp, pnpm, run, unpack


def install(cache: Cache, recipe: Recipe) -> Path:
    """The folder of an installed Ghost; about a minute the first time, nothing after that."""
    home = cache.path("ghosts", recipe.version)
    if not home.exists() and (lacks := missing_tools()):
        raise RealGhostError(f"Ghost {recipe.version} cannot be installed: {'; '.join(lacks)}")
    return cache.once(home, lambda work: _Installation(cache, recipe, work).run())


class _Installation:
    def __init__(self, cache: Cache, recipe: Recipe, folder: Path) -> None:
        self._cache = cache
        self._recipe = recipe
        self._folder = folder
        self._node = node(cache, recipe.node)
        self._log = cache.path("logs", f"install-{recipe.version}.log")
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._log.write_text("", encoding="utf-8")

    def run(self) -> None:
        unpack(self._cache, f"ghost@{self._recipe.version}", self._folder)
        self._dependencies()
        self._compile()
        self._drop_broken_sharp()

    def _pnpm(self, *arguments: str) -> None:
        run(
            [pnpm(self._cache), *arguments, "--store-dir", self._cache.path("store")],
            cwd=self._folder,
            env=environment(self._cache, self._node),
            doing=f"pnpm {arguments[0]} for Ghost {self._recipe.version}",
            log=self._log,
        )

    def _dependencies(self) -> None:
        """From the lock file of the release: pnpm's own in Ghost 6, a yarn.lock that pnpm imports before."""
        manifest = self._folder / "package.json"
        package: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))
        if not is_pnpm(package.get("packageManager", "")):
            package.pop("packageManager", None)
        frozen = ["install", "--prod", "--frozen-lockfile", "--ignore-scripts"]
        if (self._folder / "pnpm-lock.yaml").exists():
            manifest.write_text(json.dumps(package, indent=2), encoding="utf-8")
            self._pnpm(*frozen)
            return
        package.pop("devDependencies", None)  # not needed, and some name repositories instead of packages
        pins = {name.removeprefix("**/"): pin for name, pin in package.pop("resolutions", {}).items()}
        pins.update(self._recipe.replaced)
        for group in ("dependencies", "optionalDependencies"):
            wanted = package.get(group, {})
            wanted.update({name: pins[name] for name in wanted.keys() & pins.keys()})
        manifest.write_text(json.dumps(package, indent=2), encoding="utf-8")
        lines = [f"  '{name}': '{pin}'" for name, pin in pins.items()]
        workspace = ["autoInstallPeers: false", f"nodeVersion: {self._recipe.node}", "overrides:", *lines, ""]
        (self._folder / "pnpm-workspace.yaml").write_text("\n".join(workspace), encoding="utf-8")
        self._pnpm("import")
        # These Ghosts reach into dependencies of dependencies, which only a flat tree allows.
        self._pnpm(*frozen, "--node-linker", "hoisted")

    def _compile(self) -> None:
        """The SQLite module: what is published prebuilt for it lies on GitHub, which need not be reachable."""
        name = self._recipe.sqlite
        module = (self._folder / "node_modules" / name).resolve()
        package = json.loads((module / "package.json").read_text(encoding="utf-8"))
        builder = node(self._cache, BUILD_NODE)
        command: list[str | Path] = [builder / "bin/node", node_gyp(self._cache), "rebuild", "--release"]
        command += [f"--nodedir={self._node}", f"--target=v{self._recipe.node}"]
        run(
            [*command, *self._where_to(module, package)],
            cwd=module,
            env=environment(
                self._cache,
                builder,
                CFLAGS="-O1",
                CXXFLAGS="-O1",
                JOBS=str(os.cpu_count() or 1),
                npm_config_python=sys.executable,
            ),
            doing=f"compiling {name} for Ghost {self._recipe.version}",
            log=self._log,
        )
        for objects in ("obj", "obj.target", ".deps"):
            shutil.rmtree(module / "build" / "Release" / objects, ignore_errors=True)
        opening = "new sqlite(':memory:')" if name == "better-sqlite3" else "new sqlite.Database(':memory:')"
        self._evaluate(f"const sqlite = require('{name}'); {opening}", self._folder)

    def _where_to(self, module: Path, package: dict[str, Any]) -> list[str]:
        """Options of node-gyp for a module that is looked for where node-pre-gyp would have put it."""
        binary = package.get("binary", {})
        if "module_path" not in binary:
            return []
        finder = next(name for name in package["dependencies"] if name.endswith("node-pre-gyp"))
        script = f"console.log(require('{finder}').find(process.cwd() + '/package.json'))"
        target = Path(self._evaluate(script, module).strip().splitlines()[-1])
        options = [f"--module={target}", f"--module_path={target.parent}"]
        options.append(f"--module_name={binary['module_name']}")
        if api := re.search(r"napi-v(\d+)", str(target)):
            options.append(f"--napi_build_version={api[1]}")
        return options

    def _drop_broken_sharp(self) -> None:
        """Before Ghost 5 the image library downloads its binary in a script, which we do not run. Without it Ghost
        keeps images as they are; a library that is there and cannot be loaded ends Ghost 2 at the first upload."""
        if not (self._folder / "node_modules" / "sharp").exists():
            return
        try:
            self._evaluate("require('sharp')", self._folder)
        except RealGhostError:
            shutil.rmtree(self._folder / "node_modules" / "sharp")

    def _evaluate(self, script: str, cwd: Path) -> str:
        return run(
            [self._node / "bin/node", "-e", script],
            cwd=cwd,
            env=environment(self._cache, self._node),
            doing=f"Node {self._recipe.node}: {script}",
        )
