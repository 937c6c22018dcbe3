"""Parting text and HTML: what is kept is kept letter for letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.web.markup import fill, part_html, part_text


def shouted(html: str) -> str:
    pieces = part_html(html)
    return fill(pieces, [piece.text.upper() for piece in pieces if piece.text])


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>hello <b>world</b>!</p>", "<p>HELLO <b>WORLD</b>!</p>"),
        ('<a href="/x?a=1&b=2" title=\'say "hi"\'>go</a>', '<a href="/x?a=1&b=2" title=\'say "hi"\'>GO</a>'),
        ("fish &amp; chips &lt;b&gt;", "FISH &amp; CHIPS &lt;B&gt;"),
        ("&copy; &nbsp; &#169;", "&copy; &nbsp; &#169;"),
        ("&nbsp;hello&nbsp;", "&nbsp;HELLO&nbsp;"),
        ("caf&eacute;", "CAFÉ"),
        ("<script>if (a < b) say('hi')</script>hi", "<script>if (a < b) say('hi')</script>HI"),
        ("<style>p > a {color: red}</style>hi", "<style>p > a {color: red}</style>HI"),
        ("<code>let x</code> hi <code>a<code>b</code>c</code> ho", "<code>let x</code> HI <code>a<code>b</code>c</code> HO"),
        ('<p translate="no">keep <b>this</b></p>hi', '<p translate="no">keep <b>this</b></p>HI'),
        ('<span class="x notranslate">Brand</span> hi', '<span class="x notranslate">Brand</span> HI'),
        ('<img alt="a cat" translate="no">hi<br/>ho', '<img alt="a cat" translate="no">HI<br/>HO'),
        ("<!-- a note -->hi<?php echo 1 ?>ho<!DOCTYPE html>", "<!-- a note -->HI<?php echo 1 ?>HO<!DOCTYPE html>"),
        ("hi {{name}}, %s of {0} for ${price} or %(n)d", "HI {{name}}, %s OF {0} FOR ${price} OR %(n)d"),
        ("2 < 3 and", "2 &lt; 3 AND"),
        ("one\n  two\n", "ONE\n  TWO\n"),
        ("<P>Mixed</p ><BR >", "<P>MIXED</p ><BR >"),
        ("<p>你好<br>主播", "<p>你好<br>主播"),
        ("", ""),
    ],
)
def test_only_text_is_translated(html: str, expected: str) -> None:
    assert shouted(html) == expected


@given(st.text(alphabet="<>/&;=\"'! -ab1\n#xscriptcode{}%", max_size=80))
def test_whatever_comes_back_unchanged_leaves_every_character(html: str) -> None:
    pieces = part_html(html)
    assert "".join(piece.raw for piece in pieces) == html
    assert fill(pieces, [piece.text for piece in pieces if piece.text]) == html


@given(st.text(max_size=80))
def test_plain_text_keeps_its_lines_and_its_space(text: str) -> None:
    pieces = part_text(text)
    assert "".join(piece.raw for piece in pieces) == text
    assert all("\n" not in piece.text and piece.text == piece.text.strip() for piece in pieces)


def test_plain_text_is_not_taken_for_html() -> None:
    pieces = part_text("a <b> & c\n\n  12 \r\n d ")
    assert [piece.text for piece in pieces if piece.text] == ["a <b> & c", "d"]
    assert fill(pieces, ["x < y", "z"]) == "x < y\n\n  12 \r\n z "


def test_a_translation_cannot_smuggle_markup_in() -> None:
    assert fill(part_html("<p>hello</p>"), ["<script>x</script>&"]) == "<p>&lt;script&gt;x&lt;/script&gt;&amp;</p>"


def test_hostile_markup_takes_no_time() -> None:
    for html in ("<" * 2000, "<a " * 700, "&" * 2000, "<!--" * 500, "{{" * 1000, "<code>" * 333):
        assert "".join(piece.raw for piece in part_html(html)) == html
