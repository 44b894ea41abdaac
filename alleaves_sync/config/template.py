"""The commented `config.yaml`: `init` writes it, and `config.example.yaml` is it with the answers of
`EXAMPLE`."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from alleaves_sync.config.variables import escaped

_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 _./@-]*[A-Za-z0-9_./@-])?")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9._:/-]*[A-Za-z0-9_/-]")
_NOTHING = frozenset({"null", "Null", "NULL"})
USERNAME_VARIABLE = "${ALLEAVES_USERNAME}"


@dataclass(frozen=True)
class Answers:
    """What a new configuration needs to know. Secrets are no part of it: they stay variables."""

    name: str
    location_id: int
    areas: Sequence[str]
    username: str = USERNAME_VARIABLE
    menu: str = "adult_use"
    base_url: str = "https://app.alleaves.com/api"
    venue_id: str = ""
    aiq_base_url: str = "https://api.dispenseapp.com/2023-03"
    publish_url: str = ""
    feed: str = ""


EXAMPLE = Answers(name="downtown", location_id=1000, areas=("Retail",), venue_id="0123456789abcdef")


def render(answers: Answers) -> str:
    """The text of a configuration file with these answers."""
    return _TEMPLATE.format(
        name=answers.name,
        menu=answers.menu,
        areas=", ".join(_quoted(area) for area in answers.areas),
        base_url=_quoted(answers.base_url),
        location_id=answers.location_id,
        username=answers.username if answers.username == USERNAME_VARIABLE else _quoted(answers.username),
        aiq_base_url=_quoted(answers.aiq_base_url),
        venue_id=_quoted(answers.venue_id),
        publish_url=_quoted(answers.publish_url) if answers.publish_url else "null",
        feed=_quoted(answers.feed) if answers.feed else "null",
    )


def _quoted(text: str) -> str:
    """`text` as YAML reads it back, whatever is in it."""
    plain = escaped(text)
    if _ADDRESS.fullmatch(plain) or (_PLAIN.fullmatch(plain) and plain not in _NOTHING):
        return plain
    return json.dumps(plain, ensure_ascii=False)


_TEMPLATE = """\
# The configuration of alleaves-sync.
#
# ${{NAME}} and ${{NAME:-default}} come from the environment, or from a file .env beside this one; a literal
# dollar-brace is written with two dollars. Relative paths start at this file's folder. What is left out has
# the value shown here, unless a comment says otherwise. Check the file with: alleaves-sync check --offline

# The state file: a cache that the next run can rebuild. With {{location}} in the name each location has its
# own, such as ./{{location}}.db.
state: ./alleaves-sync.db

# How often sync-inventory runs. `cron install` and `status` go by it.
interval_minutes: 10

# The time that one run of one location may take, in seconds. null: 80 % of the interval.
time_budget_seconds: null

monitoring:
  # An address in the style of healthchecks.io: /start before a run of sync-inventory, the plain one after it,
  # /fail when it failed.
  ping_url: null
  # The same for push-order --confirmed. An address of its own: on the one above, a good push would hide a
  # menu that fails.
  orders_ping_url: null
  # A file for the textfile collector of Prometheus' node_exporter; its name ends in .prom.
  textfile: null

# Any key of a location, for all of them. What a location says itself wins; lists are replaced, not joined.
defaults: {{}}

locations:
  # The name is yours: letters, digits, - _ . (it goes into file names, and after --location).
  {name}:
    # The integration toggle: off, nothing is read or written for this location.
    enabled: true
    # Which menu this is: adult_use or medical.
    menu: {menu}
    # Out-the-door prices (tax included): follow (the item's own setting in Alleaves), always, never.
    otd_pricing: follow
    # Required. The areas whose stock is on the menu, by name, id, path or type; `alleaves-sync areas` shows
    # them.
    areas: [{areas}]

    alleaves:
      base_url: {base_url}
      # Required. `alleaves-sync init` shows the locations of the account.
      location_id: {location_id}
      # Required, both of them.
      username: {username}
      password: ${{ALLEAVES_PASSWORD}}
      # Only for accounts that have one.
      pin: ${{ALLEAVES_PIN:-}}

    inventory:
      # true: the low-quantity threshold counts only where its checkbox is set in Alleaves.
      threshold_needs_checkbox: false
      # The brake: a run that would take more than this share of the listed products off the menu is refused.
      max_drop: 0.5

    # Which fields follow Alleaves. A field that is off is set once, for a new product, and then left alone
    # (labs and terpenes: never set). The quantity always follows.
    fields:
      name: true
      description: true
      brand: true
      images: true
      category: true
      sub_type: true
      strain: true
      weight: true
      price: true
      labs: true
      terpenes: true
      sku: true

    categories:
      # The usual names (Flower, Pre-Rolls, Vapes, Edibles, ...) are understood without a map.
      use_defaults: true
      # Your own: a category of Alleaves (its full path, or the last part of it) to one of FLOWER, PRE_ROLLS,
      # VAPORIZERS, CONCENTRATES, EDIBLES, TINCTURES, TOPICALS, ACCESSORIES, BEVERAGES, MERCHANDISE,
      # CBD_PRODUCTS, GIFT_CARDS, CAPSULES, SEEDS. Such as:
      #   Infused Joints: PRE_ROLLS
      #   Retail > Paper & Wraps: ACCESSORIES
      map: {{}}

    tiers:
      # What the price of a tier in Alleaves is for: total (the whole tier) or per_unit.
      price_is: total

    orders:
      # Push confirmed online orders into Alleaves.
      sync: true

    patients:
      # The country in which phone numbers without a country code are read.
      region: US
      # When several profiles match a customer: wait (for a person), newest, oldest.
      when_several: wait
      # How old the index of known customers may be before everybody is read again.
      index_hours: 24

    aiq:
      base_url: {aiq_base_url}
      # Without a key nothing is asked of the storefront.
      api_key: ${{AIQ_API_KEY:-}}
      venue_id: {venue_id}
      # Where products are sent; venueId is added to it. null: the menu stays in the state file and the feed.
      publish_url: {publish_url}
      # Where the POS order id is sent; {{id}} in it is the id of the AIQ order.
      order_status_url: null

    # A JSON file with the whole menu, replaced in one piece after each run; {{location}} is the name above.
    feed: {feed}

    # Where an order holds what AIQ has not documented, as JMESPath (https://jmespath.org). Known keys:
    # order_number, menu_type, delivery_window_start, delivery_window_end, pickup_window_start,
    # pickup_window_end, delivery_address, notes. Such as:
    #   order_number: meta.displayNumber
    wire: {{}}
"""
