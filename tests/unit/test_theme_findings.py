"""What Ghost's check of a theme found, by file and line. The rows are as real Ghosts answered them."""

from pathlib import Path

import pytest

from ghostsync.content.theme_findings import findings, plain

LINK = '<br>See <a href="https://ghost.org/docs/themes/helpers/" target=_blank>the docs</a>.'


def row(code, rule, *failures, fatal=True, **more):
    return {"code": code, "rule": rule, "fatal": fatal, "level": "error", "failures": list(failures), **more}


def read(files):
    return files.get


def one(error_row, **files):
    named = {name.replace("_", ".", 1): text for name, text in files.items()}
    [error] = findings([error_row], [], read(named)).fatal
    return error


def test_a_position_in_the_message_is_the_line():
    failure = {"ref": "post.hbs", "message": "if doesn't match post - 3:3"}
    error = one(
        row("GS005-TPL-ERR", "Templates must contain valid Handlebars", failure), post_hbs="a\nb\nc\n"
    )
    assert (error.subject, error.line) == ("post.hbs", 3)
    assert error.what == "Templates must contain valid Handlebars: if doesn't match post - 3:3"


def test_a_parse_error_tells_its_line_in_words():
    failure = {"ref": "post.hbs", "message": "Parse error on line 2:\n...{{#if}\n---^ Expecting 'ID'"}
    assert one(row("GS005-TPL-ERR", "Valid", failure), post_hbs="a\n{{#if}\n").line == 2


@pytest.mark.parametrize(
    ("message", "text", "line"),
    [
        ("The partial missing could not be found", "{{content}}\n\n{{> missing}}\n", 3),
        ("The partial missing could not be found", '{{missing}}\n{{> "missing" x=1}}\n', 2),
        ('Missing helper: "nohelper"', "nohelper\n{{nohelper x}}\n", 2),
        ('Missing helper: "nohelper"', "{{#if a}}\n{{#nohelper x}}{{/nohelper}}\n", 2),
        ("{{@blog.title}} is not a known global", "<p>\n{{#if @blog.title}}\n", 2),
        ("Please remove or replace {{author.name}} from this template", "x\n{{ author.name }}\n", 2),
        ("Something that names nothing", "x\n", 0),
    ],
)
def test_what_is_named_by_its_words_is_looked_for_in_the_file(message, text, line):
    assert one(row("X", "A rule", {"ref": "index.hbs", "message": message}), index_hbs=text).line == line


def test_the_helper_of_a_rule_is_looked_for_where_the_message_names_none():
    failure = {"ref": "index.hbs"}
    assert one(row("X", "No", failure, helper="{{author.name}}"), index_hbs="\n\n{{author.name}}").line == 3


def test_package_json_is_read_for_its_line():
    broken = row("GS010-PJ-PARSE", "<code>package.json</code> file can be parsed", {"ref": "package.json"})
    assert one(broken, package_json='{"name": "x",\n "version": }').line == 2
    rule = '<code>package.json</code> property <code>"config.custom"</code> contains too many settings'
    property_ = row("GS010-PJ-CUST", rule, {"ref": "package.json"})
    assert one(property_, package_json='{"name": "x",\n "config": {\n  "custom": {}}}').line == 3
    failure = {
        "ref": "package.json",
        "message": "config.custom.drop_caps is declared but never referenced from a template",
    }
    unused = row("GS100", "Use or remove the unused <code>config.custom</code> setting", failure)
    assert one(unused, package_json='{"config": {\n "custom": {\n  "drop_caps": {}}}}').line == 3


def test_one_broken_package_json_is_one_finding():
    """Ghost tells some fifteen, all of which follow from the first."""
    rows = [
        row("GS010-PJ-PARSE", "parsed", {"ref": "package.json"}, fatal=False),
        row("GS010-PJ-NAME-REQ", "name", fatal=False),
        row("GS010-PJ-VERSION-REQ", "version", {"ref": "package.json"}, fatal=False),
        row("GS005-TPL-ERR", "template", {"ref": "post.hbs", "message": "x"}),
    ]
    told = findings(rows, None, read({"package.json": "{", "post.hbs": ""}))
    assert [error.subject for error in (*told.fatal, *told.errors)] == ["post.hbs", "package.json"]


def test_a_rule_without_a_place_keeps_its_words_and_the_link():
    rule = "The <code>.kg-width-wide</code> CSS class is required to appear styled in your theme"
    details = f"The <code>.kg-width-wide</code> class is &quot;required&quot;.{LINK}"
    [error] = findings(
        [row("GS050", rule, {"ref": "styles"}, fatal=False, details=details)], [], read({})
    ).errors
    assert (error.subject, error.line) == ("styles", 0)
    assert error.what == "The .kg-width-wide CSS class is required to appear styled in your theme"
    assert error.remedy == (
        'The .kg-width-wide class is "required".\nGS050: https://ghost.org/docs/themes/helpers/'
    )


def test_findings_come_in_the_order_of_files_and_lines_each_once():
    failures = [{"ref": "b.hbs", "message": "x - 9:1"}, {"ref": "a.hbs", "message": "x - 2:1"}]
    told = findings([row("X", "r", *failures, *failures)], [], read({"a.hbs": "", "b.hbs": ""}))
    assert [(error.subject, error.line) for error in told.fatal] == [("a.hbs", 2), ("b.hbs", 9)]


def test_warnings_of_a_ghost_that_is_not_in_production_are_warnings():
    warning = row("W", "r", {"ref": "a.hbs"}, fatal=False)
    assert len(findings([], [warning], read({})).warnings) == 1


@pytest.mark.parametrize(
    "strange", [None, "text", [None, "x", 3], [{}], [{"failures": "x"}], [{"failures": [1]}]]
)
def test_an_answer_of_another_shape_is_no_crash(strange):
    told = findings(strange, strange, read({}))
    assert all(error.what for error in (*told.fatal, *told.errors, *told.warnings))


def test_html_becomes_a_line():
    assert plain('A <code>"x"</code>&nbsp;&amp;<br/>b\n c') == 'A "x" & b c'
    assert plain(None) == ""


def test_the_theme_of_the_tests_is_a_file_of_this_repository():
    assert (Path(__file__).parent.parent / "fixtures" / "theme" / "package.json").is_file()
