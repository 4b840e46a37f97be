"""The Admin API of Ghost 2 to 6. The only package that knows HTTP (httpx) and tokens (PyJWT).

`site.GhostSite` implements the `Site` port; `diagnose.diagnose` is what `ghostsync doctor` asks.
"""
