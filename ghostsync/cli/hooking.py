"""webhook install, list and remove: Ghost calls the daemon when something changed, instead of being asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ghostsync.cli.options import FolderOption, JsonOption, folder_of, output_of
from ghostsync.errors import UsageError
from ghostsync.wording import counted

if TYPE_CHECKING:
    from ghostsync.config import AdminKey, Config
    from ghostsync.daemon.hooks import Hooks

group = typer.Typer(help="Let Ghost tell the daemon of changes at once.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="webhook")


@group.command()
def install(
    context: typer.Context,
    url: Annotated[
        str,
        typer.Argument(
            help="How Ghost reaches the daemon's port. Without it: [webhook] url.", show_default=False
        ),
    ] = "",
    folder: FolderOption = None,
    json: JsonOption = False,
) -> None:
    """Make the webhooks in Ghost; those that were made before for this folder are replaced."""
    import asyncio

    from ghostsync.config import WebhookSection, load_settings

    output = output_of(context, json=json)
    root = folder_of(context, folder)
    with output.guard():
        config, key = load_settings(root)
        wanted = url or config.webhook.url or ""
        if not wanted:
            raise UsageError(
                "Ghost needs an address to call",
                remedy="ghostsync webhook install https://hooks.example.com, or set [webhook] url.",
            )
        try:
            WebhookSection(url=wanted)
        except ValueError:
            raise UsageError(
                f"{wanted} is not an address that Ghost can call",
                remedy="Use one such as https://hooks.example.com",
            ) from None
        hooks = asyncio.run(_install(root, config, key, wanted))
    output.document(_document("install", hooks))
    output.line(f"Ghost now calls {hooks.url} at {len(hooks.ids)} kinds of events.")
    if config.webhook.listen is None:
        output.line(
            'The daemon does not listen yet: set [webhook] listen = "127.0.0.1:8787" and run `ghostsync reload`.'
        )
    if not hooks.signed:
        output.line(
            "This Ghost does not sign its webhooks (Ghost 5 and later do); the address holds a secret word instead."
        )


@group.command(name="list")
def list_(context: typer.Context, folder: FolderOption = None, json: JsonOption = False) -> None:
    """Show what this folder has installed. Ghost itself tells nobody which webhooks it has."""
    from ghostsync.daemon.hooks import load_hooks

    output = output_of(context, json=json)
    with output.guard():
        hooks = load_hooks(folder_of(context, folder))
    output.document(_document("list", hooks))
    if not hooks.ids:
        output.line("No webhooks are installed from this folder.")
    for event, id in sorted(hooks.ids.items()):
        output.line(f"{event.ljust(14)} {id}  {hooks.url}")


@group.command()
def remove(context: typer.Context, folder: FolderOption = None, json: JsonOption = False) -> None:
    """Remove from Ghost what this folder has installed."""
    import asyncio

    from ghostsync.config import load_settings
    from ghostsync.daemon.hooks import load_hooks

    output = output_of(context, json=json)
    root = folder_of(context, folder)
    with output.guard():
        before = load_hooks(root)
        if before.ids:
            config, key = load_settings(root)
            asyncio.run(_remove(root, config, key, before))
    output.document({"command": "webhook remove", "removed": sorted(before.ids)})
    output.line(
        f"Removed {counted(len(before.ids), 'webhook')} from Ghost."
        if before.ids
        else "Nothing was installed."
    )


async def _install(root: Path, config: Config, key: AdminKey, url: str) -> Hooks:
    """New ones first, then away with the old: at no moment nobody is told."""
    from ghostsync.daemon.hooks import EVENTS, Hooks, load_hooks, store_hooks
    from ghostsync.ghost.site import GhostSite
    from ghostsync.ghost.webhooks import add_webhook, remove_webhook

    before = load_hooks(root)
    async with GhostSite(config.site.url, key, config.http) as site:
        hooks = Hooks.fresh(url, signed=(await site.info()).major >= 5)
        # The listener must know the new address before Ghost does: to an unknown one it answers "gone", and Ghost then
        # drops the webhook. That is also what becomes of old ones, should this be cut short.
        store_hooks(root, hooks)
        try:
            for event in EVENTS:
                id = await add_webhook(site, event=event, target=hooks.target, secret=hooks.secret)
                hooks = hooks.with_id(event, id)
                store_hooks(root, hooks)
        except BaseException:
            store_hooks(root, before)
            for id in hooks.ids.values():
                await remove_webhook(site, id)
            raise
        for id in before.ids.values():
            await remove_webhook(site, id)
    return hooks


async def _remove(root: Path, config: Config, key: AdminKey, hooks: Hooks) -> None:
    from ghostsync.daemon.hooks import Hooks, store_hooks
    from ghostsync.ghost.site import GhostSite
    from ghostsync.ghost.webhooks import remove_webhook

    async with GhostSite(config.site.url, key, config.http) as site:
        for event, id in list(hooks.ids.items()):
            await remove_webhook(site, id)
            hooks = hooks.without(event)
            store_hooks(root, hooks)
    store_hooks(root, Hooks())


def _document(command: str, hooks: Hooks) -> dict[str, object]:
    """Without the secret and the address's last part, which nobody else needs to know."""
    return {
        "command": f"webhook {command}",
        "url": hooks.url,
        "signed": hooks.signed,
        "webhooks": dict(hooks.ids),
    }
