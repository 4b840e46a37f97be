"""git as a person uses it in the tests: an identity, a branch called main, and no settings of this machine."""

import os
import subprocess

SETTINGS = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_COUNT": "4",
    "GIT_CONFIG_KEY_0": "init.defaultBranch",
    "GIT_CONFIG_VALUE_0": "main",
    "GIT_CONFIG_KEY_1": "user.name",
    "GIT_CONFIG_VALUE_1": "A Writer",
    "GIT_CONFIG_KEY_2": "user.email",
    "GIT_CONFIG_VALUE_2": "writer@example.com",
    "GIT_CONFIG_KEY_3": "protocol.file.allow",
    "GIT_CONFIG_VALUE_3": "always",
}


def use_settings(monkeypatch):
    """For everything that runs git in this process or below it."""
    for name in [name for name in os.environ if name.startswith("GIT_")] + [
        "CI",
        "GITHUB_REF",
        "CI_COMMIT_BRANCH",
    ]:
        monkeypatch.delenv(name, raising=False)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)


def git(where, *arguments, code=0, input=None, env=None):
    """What `git arguments` prints, without the last newline."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=where,
        env=os.environ | SETTINGS | (env or {}),
        input=input,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout.rstrip("\n")


def log(where, form="%s"):
    """The newest commit first, a line each."""
    return git(where, "log", f"--format={form}").splitlines()
