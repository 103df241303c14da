"""The Chinese catalogue says every text of the product, as it stands now, and is compiled.

Texts are extracted here without the gettext tools, so that a clone needs none to check them. After a change of texts:
    python manage.py makemessages -l zh_Hans --add-location=file --no-obsolete -i .venv -i var -i tests
(this needs gettext), translate in the words of GLOSSARY.md, then compile in locale/zh_Hans/LC_MESSAGES:
    python -c "import polib; polib.pofile('django.po').save_as_mofile('django.mo')"
"""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

import polib
import pytest
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation.template import templatize

from tests.architecture.source import ROOT, modules
from trial.roles import ROLES

CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES"
# Name of a gettext function → which of its arguments are context, text and plural.
SHAPES = {
    "gettext": ("text",),
    "ngettext": ("text", "plural"),
    "pgettext": ("context", "text"),
    "npgettext": ("context", "text", "plural"),
}
LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL = re.compile(rf"(?<!\w)(n?p?gettext|_)\(\s*((?:{LITERAL}(?:\s*,\s*)?)+)")
PLACEHOLDER = re.compile(r"%%|%\(\w+\)[a-z]|%[a-z]|\{\w*\}")
CHINESE = re.compile("[\u4e00-\u9fff]")
# Names and notations that stay as they are.
SAME = {"API", "SHA-256", "Wald", "log", "log-log", "%(experimental)s − %(control)s"}

# A text of the product: context (or None), text, plural (or "").
Text = tuple[str | None, str, str]


@lru_cache(maxsize=1)
def _catalogue() -> polib.POFile:
    return polib.pofile(str(CATALOGUE / "django.po"))


@lru_cache(maxsize=1)
def _extracted() -> frozenset[Text]:
    templates = sorted(path for kind in ("*.html", "*.txt") for path in (ROOT / "templates").rglob(kind))
    found = [text for module in modules() for text in in_python(module.tree)]
    return frozenset([*found, *(text for path in templates for text in in_template(path.read_text("utf-8")))])


def in_python(tree: ast.Module) -> Iterator[Text]:
    """The texts of one module; a call whose text is no literal marks nothing and is passed over."""
    called = {
        alias.asname or alias.name: alias.name.removesuffix("_lazy").removesuffix("_noop")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            shape = SHAPES.get(called.get(node.func.id, ""), ())
            said = [a.value for a in node.args[: len(shape)] if isinstance(a, ast.Constant)]
            if shape and len(said) == len(shape):
                yield _text(shape, [str(part) for part in said])


def in_template(source: str) -> Iterator[Text]:
    """The texts of one template."""
    for name, literals in CALL.findall(templatize(source)):
        said = [str(ast.literal_eval(literal)) for literal in re.findall(LITERAL, literals)]
        yield _text(SHAPES["gettext" if name == "_" else name], said)


def _text(shape: tuple[str, ...], said: list[str]) -> Text:
    parts = dict(zip(shape, said, strict=True))
    return parts.get("context"), parts["text"], parts.get("plural", "")


def _entries() -> dict[Text, polib.POEntry]:
    return {(e.msgctxt, e.msgid, e.msgid_plural): e for e in _catalogue() if not e.obsolete}


def _translations(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def test_every_text_of_the_product_stands_in_the_catalogue() -> None:
    assert sorted(map(str, _extracted() - set(_entries()))) == []


def test_the_catalogue_holds_nothing_the_product_no_longer_says() -> None:
    assert sorted(map(str, set(_entries()) - _extracted())) == []
    assert [entry.msgid for entry in _catalogue().obsolete_entries()] == []


def test_names_and_sentences_of_roles_are_translated() -> None:
    said = {entry.msgid for entry in _catalogue().translated_entries()}
    assert {text for role in ROLES.values() for text in (role.name, role.sentence)} <= said


def test_everything_is_translated_and_nothing_is_a_guess() -> None:
    assert [entry.msgid for entry in _catalogue().untranslated_entries()] == []
    assert [entry.msgid for entry in _catalogue().fuzzy_entries()] == []
    assert _catalogue().metadata["Plural-Forms"] == "nplurals=1; plural=0;"


def test_translations_are_chinese() -> None:
    """A text that was copied is not translated; only marks, formats and names stay without a Chinese character."""
    english = [
        entry.msgid
        for entry in _catalogue()
        if re.search("[a-z]{3}", PLACEHOLDER.sub("", entry.msgid), re.IGNORECASE)
        and not all(CHINESE.search(said) for said in _translations(entry))
    ]
    assert [text for text in english if text not in SAME] == ["MOVER, log-log"]


def test_translations_keep_every_placeholder() -> None:
    """In Chinese a plural has one form, which must fit any number."""
    wrong = [
        entry.msgid
        for entry in _catalogue()
        for said in _translations(entry)
        if sorted(PLACEHOLDER.findall(said)) != sorted(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
    ]
    assert wrong == []


def test_the_compiled_catalogue_is_the_written_one() -> None:
    compiled = polib.mofile(str(CATALOGUE / "django.mo"))
    assert {(e.msgctxt, e.msgid, tuple(_translations(e))) for e in compiled} == {
        (e.msgctxt, e.msgid, tuple(_translations(e))) for e in _catalogue().translated_entries()
    }


def test_every_text_can_be_extracted_by_the_gettext_tools() -> None:
    """They know Django's functions by their own names and `_`; another alias would hide its texts from them."""
    aliases = [
        (module.path, alias.asname)
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.asname not in (None, "_")
    ]
    assert aliases == []


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('from django.utils.translation import gettext as _\n_("One %(a)s")', (None, "One %(a)s", "")),
        ('from django.utils.translation import gettext_lazy\ngettext_lazy("a" "b")', (None, "ab", "")),
        (
            'from django.utils.translation import npgettext\nnpgettext("c", "one", "many", 2)',
            ("c", "one", "many"),
        ),
    ],
)
def test_texts_of_a_module_are_found(source: str, text: Text) -> None:
    assert list(in_python(ast.parse(source))) == [text]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('{% translate "It\'s 5 %" as x %}', (None, "It's 5 %%", "")),
        ('{% translate "Open" context "query" %}', ("query", "Open", "")),
        ("{% blocktranslate %}By {{ who }}{% endblocktranslate %}", (None, "By %(who)s", "")),
        (
            "{% blocktranslate count n=n %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}",
            (None, "%(n)s day", "%(n)s days"),
        ),
        ('{% include "x.html" with label=_("Yes") %}', (None, "Yes", "")),
    ],
)
def test_texts_of_a_template_are_found(source: str, text: Text) -> None:
    assert list(in_template(f"{{% load i18n %}}{source}")) == [text]


def test_pages_speak_the_words_of_the_catalogue() -> None:
    with translation.override("zh-hans"):
        assert gettext("Audit trail") == "稽查轨迹"
    with translation.override("en"):
        assert gettext("Audit trail") == "Audit trail"
