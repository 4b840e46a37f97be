"""Plain calls to a real Ghost for setting tests up, on purpose without anything of ghostsync's own client."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import httpx
import jwt

from .cache import RealGhostError
from .recipes import Recipe

OWNER = {"name": "Owner", "email": "owner@example.com", "password": "loopback-only-2468"}
TITLE = "Test Site"


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys of one custom integration, as Ghost shows them: `id:secret` and the content key."""

    admin: str
    content: str


def token(key: str, audience: str) -> str:
    id, secret = key.split(":")
    now = int(time.time())
    claims = {"iat": now, "exp": now + 240, "aud": audience}
    return jwt.encode(claims, bytes.fromhex(secret), algorithm="HS256", headers={"kid": id})


def staff_access_token(client: httpx.Client, recipe: Recipe) -> str:
    """What the owner finds on the own profile: `id:secret`."""
    headers = {"Origin": str(client.base_url).rstrip("/")}
    sign_in = {"username": OWNER["email"], "password": OWNER["password"]}
    try:
        client.post(f"{recipe.api}session/", json=sign_in, headers=headers).raise_for_status()
        [me] = client.get(f"{recipe.api}users/me/", headers=headers).raise_for_status().json()["users"]
        told = client.get(f"{recipe.api}users/{me['id']}/token/", headers=headers).raise_for_status().json()
    finally:
        client.cookies.clear()
    key = told["apiKey"]
    return str(key["secret"]) if ":" in key["secret"] else f"{key['id']}:{key['secret']}"


def set_up(client: httpx.Client, recipe: Recipe) -> Keys:
    """What a person does on a fresh site: make the owner's account, then a custom integration."""

    def call(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Origin": str(client.base_url).rstrip("/")}
        answer = client.request(method, recipe.api + path, json=body, headers=headers)
        if not answer.is_success:
            raise RealGhostError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json() if "json" in answer.headers.get("content-type", "") else None

    call("POST", "authentication/setup/", {"setup": [{**OWNER, "blogTitle": TITLE}]})
    call("POST", "session/", {"username": OWNER["email"], "password": OWNER["password"]})
    made = call("POST", "integrations/?include=api_keys", {"integrations": [{"name": "tests"}]})
    keys = {key["type"]: key for key in made["integrations"][0]["api_keys"]}
    admin, content = keys["admin"], keys["content"]
    secret = admin["secret"]
    full = secret if ":" in secret else f"{admin['id']}:{secret}"
    return Keys(admin=full, content=content["secret"])
