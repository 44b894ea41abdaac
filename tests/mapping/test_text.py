"""Texts and pictures: B1, D1, I1."""

import pytest
from pydantic import JsonValue

from alleaves_sync.aiq import wire
from tests.builders import codes, item, mapped, product_of, row


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        (" Northwind ", "Northwind"),
        ("\u00a0Northwind\u3000", "Northwind"),
        ("North\x00wind\x7f\x9f", "Northwind"),
        ("North\twind", "North wind"),
        ("North\r\nwind\n", "North wind"),
        ("\x1b[31mNorthwind", "[31mNorthwind"),
        ("Café 🌿 «Ñandú»", "Café 🌿 «Ñandú»"),
        ("", None),
        (" \t\n", None),
        ("\x00\x01", None),
        ("\x00 \x01", None),
        (None, None),
    ],
)
def test_b1_text_is_trimmed_and_cut_of_control_characters(text: str | None, cleaned: str | None) -> None:
    """B1"""
    found = product_of(row(brand=text, sku=text, strain=text))
    assert (found.brand, found.sku, found.cannabis_strain) == (cleaned, cleaned, cleaned)


def test_b1_a_name_is_trimmed_too() -> None:
    """B1"""
    found = mapped(row(item="\x07 Opal\u2003Sedge \n"))
    assert found.product is not None
    assert (found.name, found.product.name) == ("Opal\u2003Sedge", "Opal\u2003Sedge")


def test_b1_what_is_absent_has_no_source_and_is_not_in_the_menu() -> None:
    """B1, F2"""
    found = mapped(row(brand=" ", sku=None, strain=None))
    assert found.product is not None
    assert not {"brand", "sku", "cannabisStrain", "images", "labs"} & dict(found.sources).keys()
    assert not {"brand", "sku", "cannabisStrain"} & wire.all_fields(found.product).keys()


@pytest.mark.parametrize(
    ("html", "cleaned"),
    [
        (None, None),
        ("", None),
        ("Calm and clear", "Calm and clear"),
        (" <b>Calm</b><br>clear ", "<b>Calm</b><br>clear"),
        (
            "<p>One</p><ul><li>two</li></ul><ol><li><i>3</i></li></ol>",
            "<p>One</p><ul><li>two</li></ul><ol><li><i>3</i></li></ol>",
        ),
        ("<em>a</em><strong>b</strong><u>c</u>", "<em>a</em><strong>b</strong><u>c</u>"),
        ("Hi<script>steal()</script>", "Hi"),
        ("<style>p{color:red}</style>Hi", "Hi"),
        ('<p style="color:red" onclick="steal()">Hi</p>', "<p>Hi</p>"),
        ('<a href="javascript:steal()">Hi</a>', "Hi"),
        ('<img src=x onerror="steal()">Hi', "Hi"),
        ("<scr\x00ipt>steal()</scr\x00ipt>Hi", "Hi"),
        ("<iframe src='https://evil.example'></iframe>Hi", "Hi"),
        ("<!-- note -->Hi", "Hi"),
        ("<b>unclosed", "<b>unclosed</b>"),
        ("Salt & pepper", "Salt &amp; pepper"),
        ("<br>", None),
        ("<p>&nbsp;</p>", None),
        ("<p>\u00a0 </p>", None),
        ("<script>steal()</script>", None),
        ("1 < 2", "1 &lt; 2"),
    ],
)
def test_d1_a_description_keeps_simple_formatting_and_nothing_that_runs(
    html: str | None, cleaned: str | None
) -> None:
    """D1"""
    assert product_of(item=item(product_description=html)).description == cleaned


def test_d1_a_clean_description_stays_as_it_is_when_it_comes_again() -> None:
    """D1, F2"""
    once = product_of(item=item(product_description="<b>A & B</b><br>\u00a0<i>c</i> 1 < 2")).description
    assert product_of(item=item(product_description=once)).description == once


def pictures(*addresses: str) -> list[JsonValue]:
    return [{"content": address} for address in addresses]


def test_i1_all_pictures_come_in_their_order_without_repeats() -> None:
    """I1"""
    media = pictures(
        "https://p.example/b.jpg",
        "http://p.example/a.jpg",
        " https://p.example/b.jpg ",
        "HTTPS://p.example/c",
    )
    found = product_of(item=item(media_list=media))
    assert found.images == ("https://p.example/b.jpg", "http://p.example/a.jpg", "HTTPS://p.example/c")


def test_i1_pictures_are_numbered_from_1() -> None:
    """I1"""
    found = product_of(item=item(media_list=pictures("https://p.example/b", "https://p.example/a")))
    assert wire.field_value(found, "images") == [
        {"fileUrl": "https://p.example/b", "order": 1},
        {"fileUrl": "https://p.example/a", "order": 2},
    ]


@pytest.mark.parametrize(
    "address",
    [
        "ftp://p.example/a",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "/a.jpg",
        "p.example/a",
        "https://",
        "http://[bad",
    ],
)
def test_i1_only_web_addresses_are_sent_and_the_others_reported(address: str) -> None:
    """I1"""
    found = mapped(item=item(media_list=pictures(address, "https://p.example/a")))
    assert found.product is not None
    assert found.product.images == ("https://p.example/a",)
    assert codes(found) == ["picture-dropped"]
    assert repr(address) in found.warnings[0].message


@pytest.mark.parametrize("media", [[], [{}], [{"content": ""}], [{"content": " \n"}]])
def test_i1_an_empty_entry_is_no_picture_and_no_news(media: list[JsonValue]) -> None:
    """I1"""
    found = mapped(item=item(media_list=media))
    assert found.product is not None
    assert found.product.images == ()
    assert found.warnings == ()


def test_i1_an_item_without_a_catalogue_record_has_no_pictures_and_says_so() -> None:
    """I1"""
    found = mapped()
    assert found.product is not None
    assert (found.product.images, found.product.description) == ((), None)
    assert [warning.code for warning in found.warnings] == ["no-catalogue-record"]
