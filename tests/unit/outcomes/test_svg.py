"""The finishing of pictures and the measuring of text."""

import pytest

from outcomes.reporting.lettering import text_width, wrapped
from outcomes.reporting.svg import finish


def finished(inside: str, *, prefix: str = "f") -> str:
    picture = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{inside}</svg>'
    return finish(picture, title="T", description="D", prefix=prefix)


def test_ids_and_the_references_to_them_get_the_prefix() -> None:
    clip = '<defs><clipPath id="clip0"><rect width="1" height="1"/></clipPath></defs>'
    picture = finished(f'{clip}<g clip-path="url(#clip0)"><path d="M0,0A1,1"/></g>', prefix="dfs")
    assert 'id="dfs-clip0"' in picture
    assert 'clip-path="url(#dfs-clip0)"' in picture
    assert '"clip0"' not in picture


def test_styles_classes_roles_and_handlers_go() -> None:
    said = 'class="mark" role="x" aria-label="y"'
    done = 'style="fill:red" onclick="z()" href="http://a"'
    assert '<rect width="1" />' in finished(f'<rect {said} {done} width="1"/>')


@pytest.mark.parametrize("tag", ["script", "image", "foreignObject", "use", "a", "style"])
def test_element_that_may_fetch_or_run_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match=f"<{tag}>"):
        finished(f"<{tag}/>")


def test_words_with_markup_stay_words() -> None:
    picture = finish(
        "<svg xmlns='http://www.w3.org/2000/svg'/>", title="p < .05 & <b>", description='"D"', prefix="f"
    )
    assert '<title id="f-title">p &lt; .05 &amp; &lt;b&gt;</title>' in picture


@pytest.mark.parametrize(("title", "description"), [("", "D"), ("T", "  ")])
def test_figure_without_title_or_description_is_refused(title: str, description: str) -> None:
    with pytest.raises(ValueError, match="a title and a description"):
        finish("<svg/>", title=title, description=description, prefix="f")


@pytest.mark.parametrize("prefix", ["", "1a", "a b", 'a"', "é"])
def test_prefix_that_is_no_name_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="cannot start an id"):
        finished("", prefix=prefix)


@pytest.mark.parametrize(
    ("drawn", "kept"),
    [
        ("M0,0L44.444,0L44.444,56.296L44.441,56.298L60,70", "M0,0h44.4v56.3L60,70"),
        ("M1,2L1,2L3,2M5,2L5,1.7Z", "M1,2h2M5,2v-.3Z"),
        ("M0,-0.04L-1e-7,0L10.0000001,0", "M0,0h10"),
        ("M-1,-1h2v2h-2Z", "M-1,-1h2v2h-2Z"),
    ],
)
def test_paths_are_shortened_without_moving(drawn: str, kept: str) -> None:
    assert f'd="{kept}"' in finished(f'<path d="{drawn}"/>')


def test_groups_that_draw_nothing_go() -> None:
    assert "<g" not in finished('<g><g><path d="M0,0h0v0h0Z"/></g><path d="M1,1" display="none"/></g>')


def test_text_is_broken_between_words() -> None:
    assert wrapped("Levamisole + fluorouracil", width=105, size=12) == ["Levamisole +", "fluorouracil"]


def test_text_that_fits_and_empty_text_keep_one_line() -> None:
    assert wrapped("At risk", width=90, size=12) == ["At risk"]
    assert wrapped("", width=90, size=12) == [""]


def test_chinese_is_broken_between_signs() -> None:
    assert wrapped("左旋咪唑加氟尿嘧啶", width=48, size=12) == ["左旋咪唑", "加氟尿嘧", "啶"]
    assert wrapped("DFS 无病", width=45, size=12) == ["DFS 无", "病"]


def test_word_wider_than_the_line_keeps_its_own() -> None:
    assert wrapped("a fluorouracil b", width=30, size=12) == ["a", "fluorouracil", "b"]


def test_width_is_not_below_that_of_a_common_wide_font() -> None:
    # DejaVu Sans at 12 px, measured by its advance widths
    assert text_width("Levamisole + fluorouracil", size=12) >= 154
    assert text_width("Censored", size=12) >= 53
    assert text_width("Censored", size=12, bold=True) > text_width("Censored", size=12)
