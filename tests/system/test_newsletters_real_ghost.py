"""A newsletter on a real Ghost: one e-mail, whatever happens to the answer."""

import sqlite3
from contextlib import closing

import httpx
import pytest
from cli_runner import ENVIRONMENT, ghostsync
from realghost.api import token

LETTER = "---\ntitle: Letter\nstatus: {status}\nnewsletter: {newsletter}\n---\n\nDear bees.\n"


class LossyTransport:
    """Puts itself before httpx's own: Ghost carries a PUT out, and its answer never comes."""

    def __init__(self, monkeypatch):
        self.lost = 0
        real = httpx.AsyncHTTPTransport.handle_async_request

        async def handle(transport, request):
            response = await real(transport, request)
            if request.method == "PUT" and not self.lost:
                self.lost += 1
                await response.aread()
                await response.aclose()
                raise httpx.ReadError("the answer was lost", request=request)
            return response

        monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle)


@pytest.fixture
def run(ghost6, tmp_path, monkeypatch, capsys):
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    ghost6.wipe()
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", ghost6.key)
    root = tmp_path / "site"
    (root / "posts").mkdir(parents=True)
    (root / "ghostsync.toml").write_text(
        f'[site]\nurl = "{ghost6.url}"\n[newsletter]\nallow = ["default-newsletter"]\n'
    )

    def run(*arguments):
        return ghostsync(monkeypatch, capsys, "-C", root, *arguments)

    run.root = root
    return run


def posts(ghost):
    """(status, recipients of its e-mail) of every post."""
    answer = httpx.get(
        f"{ghost.url}{ghost.recipe.api}posts/?include=email&limit=100",
        headers={"Authorization": f"Ghost {token(ghost.key, ghost.recipe.audience)}"},
        trust_env=False,
    )
    assert answer.is_success, answer.text
    return [
        (post["status"], post["email"] and post["email"]["recipient_filter"])
        for post in answer.json()["posts"]
    ]


def write(run, status):
    (run.root / "posts/letter.md").write_text(
        LETTER.format(status=status, newsletter="default-newsletter\nemail_segment: status:free")
    )


def test_a_new_file_is_sent_once_however_often_it_is_synced(run, ghost6):
    write(run, "published")
    ran = run("sync")
    assert ran.code == 0, ran
    assert "sends it by e-mail" in ran.out
    assert posts(ghost6) == [("published", "status:free")]
    for _ in range(2):
        assert run("sync").code == 0
    assert run("status").code == 0
    assert posts(ghost6) == [("published", "status:free")]


@pytest.mark.parametrize("before", ["nothing", "a draft"])
def test_a_lost_answer_to_the_publishing_write_sends_no_second_e_mail(run, ghost6, monkeypatch, before):
    if before == "a draft":
        write(run, "draft")
        assert run("sync").code == 0
        path = run.root / "posts/letter.md"
        path.write_text(path.read_text().replace("status: draft", "status: published"))
    else:
        write(run, "published")
    lossy = LossyTransport(monkeypatch)
    run("sync")
    assert lossy.lost == 1
    for _ in range(2):
        assert run("sync").code == 0
    assert run("status").code == 0
    assert posts(ghost6) == [("published", "status:free")]


def test_an_e_mail_that_a_real_ghost_could_not_make_is_told_of(run, ghost6):
    with closing(sqlite3.connect(ghost6.database, timeout=30)) as database:
        database.execute("CREATE TRIGGER none BEFORE INSERT ON emails BEGIN SELECT RAISE(ABORT, 'no'); END")
        database.commit()
        try:
            write(run, "published")
            ran = run("sync")
            assert ran.code == 1
            assert "Ghost made no e-mail of it" in " ".join((ran.out + ran.err).split())
        finally:
            database.execute("DROP TRIGGER none")
            database.commit()
    assert posts(ghost6) == [("published", None)]
    for _ in range(2):
        run("sync")
    assert run("status").code == 0
    assert posts(ghost6) == [("published", None)]
