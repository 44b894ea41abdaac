"""The catalogue (pictures, descriptions, tiers) is not believed to be gone because an answer is empty."""

from alleaves_sync.errors import ReadIncomplete
from tests.shop import Shop

CATALOGUE = "empty@POST /api/inventory/item/search"


def test_an_empty_catalogue_does_not_clear_what_the_menu_has_from_it(shop: Shop) -> None:
    assert shop.run().outcome == "ok"
    before = shop.products()
    shop.fault(CATALOGUE)

    result = shop.run()

    assert result.outcome == "failed"
    assert isinstance(result.error, ReadIncomplete)
    assert shop.products() == before


def test_a_store_without_a_catalogue_is_synced_all_the_same(shop: Shop) -> None:
    shop.fault(CATALOGUE)

    result = shop.run()

    assert result.outcome == "ok"
    assert {warning.code for warning in result.warnings} >= {"no-catalogue-record"}
    assert shop.run().outcome == "ok"
