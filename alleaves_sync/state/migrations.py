"""The tables and views of the state file, one small step after the other.

A step that was released is never changed: a new one is added below it and to `STEPS`. A file that notes a
step which is not in `STEPS` was written by a newer version and is left alone (`opening.py`).
The file is meant to be opened in Datasette as it is: hence the plain names, the views, and the foreign key,
which is there to be followed by a reader and is not enforced.
"""

from sqlite_utils import Database, Migrations

schema = Migrations("alleaves_sync")


@schema()
def tables_of_the_menu(db: Database) -> None:
    """What each location sells, what its runs did, and what they changed."""
    db.executescript("""
        CREATE TABLE locations (
            name TEXT PRIMARY KEY,
            menu_known_since TEXT
        );
        CREATE TABLE items (
            location TEXT NOT NULL,
            pos_product_id TEXT NOT NULL,
            name TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('listed', 'hidden', 'withheld')),
            reasons TEXT NOT NULL,
            pos_category TEXT,
            product TEXT,
            attempted TEXT,
            updated_at TEXT,
            PRIMARY KEY (location, pos_product_id)
        );
        CREATE TABLE runs (
            id TEXT PRIMARY KEY,
            location TEXT NOT NULL,
            flow TEXT NOT NULL,
            started_at TEXT NOT NULL,
            ended_at TEXT,
            seconds REAL,
            outcome TEXT NOT NULL,
            "rows" INTEGER NOT NULL,
            items INTEGER NOT NULL,
            listed INTEGER NOT NULL,
            hidden INTEGER NOT NULL,
            withheld INTEGER NOT NULL,
            created INTEGER NOT NULL,
            updated INTEGER NOT NULL,
            zeroed INTEGER NOT NULL,
            unchanged INTEGER NOT NULL,
            rejected INTEGER NOT NULL,
            warnings INTEGER NOT NULL,
            error TEXT
        );
        CREATE INDEX runs_of_a_flow ON runs (location, flow, started_at);
        CREATE TABLE changes (
            id INTEGER PRIMARY KEY,
            run_id TEXT NOT NULL REFERENCES runs (id),
            location TEXT NOT NULL,
            pos_product_id TEXT NOT NULL,
            action TEXT NOT NULL CHECK (action IN ('create', 'update', 'zero')),
            fields TEXT NOT NULL,
            at TEXT NOT NULL
        );
        CREATE INDEX changes_of_a_product ON changes (location, pos_product_id, id);
        CREATE INDEX changes_of_a_run ON changes (run_id);
    """)


@schema()
def views_of_the_menu(db: Database) -> None:
    """The usual questions, answered by name."""
    db.executescript("""
        CREATE VIEW menu AS
        SELECT
            location,
            pos_product_id,
            json_extract(product, '$.name') AS name,
            json_extract(product, '$.brand') AS brand,
            json_extract(product, '$.productCategory') AS category,
            json_extract(product, '$.subType') AS sub_type,
            json_extract(product, '$.price') AS price,
            json_extract(product, '$.priceType') AS price_type,
            json_extract(product, '$.quantity') AS quantity,
            json_extract(product, '$.cannabisType') AS cannabis_type,
            json_extract(product, '$.cannabisStrain') AS cannabis_strain,
            json_extract(product, '$.weight') AS weight,
            json_extract(product, '$.weightUnit') AS weight_unit,
            status,
            reasons,
            updated_at
        FROM items
        WHERE product IS NOT NULL;

        CREATE VIEW withheld AS
        SELECT location, pos_product_id, name, reasons, pos_category, updated_at
        FROM items
        WHERE status = 'withheld';

        CREATE VIEW unmapped_categories AS
        SELECT location, pos_category, count(*) AS items
        FROM items
        WHERE product IS NOT NULL
            AND status <> 'withheld'
            AND json_extract(product, '$.productCategory') IS NULL
        GROUP BY location, pos_category;

        CREATE VIEW price_changes AS
        SELECT
            changes.at,
            changes.location,
            changes.pos_product_id,
            items.name,
            json_extract(changes.fields, '$.price[0]') AS old_price,
            json_extract(changes.fields, '$.price[1]') AS new_price,
            changes.action,
            changes.run_id
        FROM changes
        LEFT JOIN items USING (location, pos_product_id)
        WHERE json_type(changes.fields, '$.price') IS NOT NULL;

        CREATE VIEW quantity_changes AS
        SELECT
            changes.at,
            changes.location,
            changes.pos_product_id,
            items.name,
            json_extract(changes.fields, '$.quantity[0]') AS old_quantity,
            json_extract(changes.fields, '$.quantity[1]') AS new_quantity,
            changes.action,
            changes.run_id
        FROM changes
        LEFT JOIN items USING (location, pos_product_id)
        WHERE json_type(changes.fields, '$.quantity') IS NOT NULL;
    """)


@schema()
def ledger_of_orders(db: Database) -> None:
    """Every order that was to be pushed, each step of it, and how far the storefront's list was read (O2)."""
    db.executescript("""
        ALTER TABLE locations ADD COLUMN orders_watermark TEXT;
        CREATE TABLE orders (
            location TEXT NOT NULL,
            order_id TEXT NOT NULL,
            number TEXT,
            state TEXT NOT NULL CHECK (state IN (
                'seen', 'customer', 'creating', 'created', 'lines', 'scheduled', 'verified', 'pushed',
                'voiding', 'failed', 'needs-attention', 'given-up'
            )),
            reason TEXT,
            id_order INTEGER,
            id_customer INTEGER,
            matched_by TEXT,
            candidates TEXT NOT NULL,
            pick_up_type TEXT NOT NULL,
            lines TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            pos_status TEXT,
            storefront_status TEXT,
            reported TEXT,
            ordered_at TEXT,
            seen_at TEXT NOT NULL,
            updated_at TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            PRIMARY KEY (location, order_id)
        );
        CREATE TABLE order_steps (
            id INTEGER PRIMARY KEY,
            location TEXT NOT NULL,
            order_id TEXT NOT NULL,
            step TEXT NOT NULL,
            result TEXT NOT NULL CHECK (result IN ('trying', 'done', 'refused', 'unclear')),
            at TEXT NOT NULL,
            detail TEXT
        );
        CREATE INDEX steps_of_an_order ON order_steps (location, order_id, id);

        CREATE VIEW orders_waiting AS
        SELECT
            location,
            order_id,
            number,
            state,
            reason,
            CASE
                WHEN state IN ('failed', 'needs-attention', 'pushed') THEN 'a person'
                ELSE 'the next push'
            END AS waits_for,
            id_order,
            id_customer,
            candidates,
            attempts,
            pos_status,
            storefront_status,
            ordered_at,
            seen_at,
            updated_at
        FROM orders
        WHERE state NOT IN ('pushed', 'given-up') OR (state = 'pushed' AND reason IS NOT NULL);
    """)


@schema()
def links_of_patients(db: Database) -> None:
    """Who is which profile of the POS, under keyed hashes (U6), and when everybody was scanned last (U2)."""
    db.executescript("""
        CREATE TABLE patient_links (
            location TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('medical_id', 'phone')),
            digest TEXT NOT NULL,
            id_customer INTEGER NOT NULL,
            PRIMARY KEY (location, kind, digest, id_customer)
        ) WITHOUT ROWID;
        CREATE INDEX links_of_a_customer ON patient_links (location, id_customer);
        CREATE TABLE patient_scans (
            location TEXT PRIMARY KEY,
            scanned_at TEXT NOT NULL,
            key_check TEXT NOT NULL
        );
    """)


@schema()
def place_of_the_menu(db: Database) -> None:
    """Which storefront holds what is known: another holds something else. Empty: this file is the menu."""
    db.executescript("ALTER TABLE locations ADD COLUMN menu_on TEXT NOT NULL DEFAULT ''")


@schema()
def source_of_a_decision(db: Database) -> None:
    """What each decision was made from, and all that it said: what stays the same need not be made again."""
    db.executescript("""
        ALTER TABLE items ADD COLUMN warnings TEXT;
        ALTER TABLE items ADD COLUMN unmapped INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE items ADD COLUMN source BLOB;
    """)


@schema()
def patients_of_an_account(db: Database) -> None:
    """Profiles belong to the POS account: one scan serves all stores of a chain. And who was made lately,
    since a POS may show it late. Links are a cache: the next look-up fills the new tables."""
    db.executescript("""
        DROP TABLE patient_links;
        DROP TABLE patient_scans;
        CREATE TABLE patient_links (
            account TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('medical_id', 'phone')),
            digest TEXT NOT NULL,
            id_customer INTEGER NOT NULL,
            PRIMARY KEY (account, kind, digest, id_customer)
        ) WITHOUT ROWID;
        CREATE INDEX links_of_a_customer ON patient_links (account, id_customer);
        CREATE TABLE patient_scans (
            account TEXT PRIMARY KEY,
            scanned_at TEXT NOT NULL,
            key_check TEXT NOT NULL
        );
        CREATE TABLE profiles_made (
            account TEXT NOT NULL,
            digest TEXT NOT NULL,
            id_customer INTEGER NOT NULL,
            made_at TEXT NOT NULL,
            PRIMARY KEY (account, digest)
        ) WITHOUT ROWID;
    """)


@schema()
def order_of_noting(db: Database) -> None:
    """The last run of a flow is found without looking at the others; a brand is shown by its name."""
    db.executescript("""
        CREATE INDEX runs_in_order ON runs (location, flow);
        DROP VIEW menu;
        CREATE VIEW menu AS
        SELECT
            location,
            pos_product_id,
            json_extract(product, '$.name') AS name,
            json_extract(product, '$.brand.name') AS brand,
            json_extract(product, '$.productCategory') AS category,
            json_extract(product, '$.subType') AS sub_type,
            json_extract(product, '$.price') AS price,
            json_extract(product, '$.priceType') AS price_type,
            json_extract(product, '$.quantity') AS quantity,
            json_extract(product, '$.cannabisType') AS cannabis_type,
            json_extract(product, '$.cannabisStrain') AS cannabis_strain,
            json_extract(product, '$.weight') AS weight,
            json_extract(product, '$.weightUnit') AS weight_unit,
            status,
            reasons,
            updated_at
        FROM items
        WHERE product IS NOT NULL;
    """)


STEPS = (
    "tables_of_the_menu",
    "views_of_the_menu",
    "ledger_of_orders",
    "links_of_patients",
    "place_of_the_menu",
    "source_of_a_decision",
    "patients_of_an_account",
    "order_of_noting",
)
