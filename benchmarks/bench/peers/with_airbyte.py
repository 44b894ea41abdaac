"""PyAirbyte: a declarative source (a manifest) into a local DuckDB cache, merged by primary key.

    with_airbyte.py URL FOLDER

The manifest runs in this process: no Docker, no registry, no telemetry (AIRBYTE_OFFLINE_MODE).
"""

import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
os.environ["AIRBYTE_OFFLINE_MODE"] = "1"
os.environ["DO_NOT_TRACK"] = "1"

import airbyte
from airbyte.caches import DuckDBCache
from airbyte.strategies import WriteStrategy
from source import lists
from wanted import LOCATION_ID, PAGE


def schema(kinds: dict[str, str], key: list[str]) -> dict[str, Any]:
    """The fields as JSON Schema."""
    properties = {name: {"type": [kind] if name in key else ["null", kind]} for name, kind in kinds.items()}
    return {"type": "object", "properties": properties}


def in_body(name: str) -> dict[str, str]:
    """A number that goes into the body of the request."""
    return {"type": "RequestOption", "inject_into": "body_json", "field_name": name}


def stream(path: str, table: str, kinds: dict[str, str], key: list[str]) -> dict[str, Any]:
    """One list, page by page."""
    placed = {
        "type": "AddedFieldDefinition",
        "path": ["id_area"],
        "value": "{{ record['id_area'] or 0 }}",  # a key holds no null
        "value_type": "integer",
    }
    changes = [{"type": "AddFields", "fields": [placed]}] if "id_area" in kinds else []
    return {
        "type": "DeclarativeStream",
        "name": table,
        "primary_key": key,
        "transformations": changes,
        "schema_loader": {"type": "InlineSchemaLoader", "schema": schema(kinds, key)},
        "retriever": {
            "type": "SimpleRetriever",
            "requester": {
                "type": "HttpRequester",
                "url_base": "{{ config['url'] }}/api",
                "path": path,
                "http_method": "POST",
                "request_body_json": {"id_location": LOCATION_ID},
                "authenticator": {
                    "type": "SessionTokenAuthenticator",
                    "login_requester": {
                        "type": "HttpRequester",
                        "url_base": "{{ config['url'] }}/api",
                        "path": "/auth",
                        "http_method": "POST",
                        "request_body_json": {"username": "bench", "password": "bench"},
                    },
                    "session_token_path": ["token"],
                    "expiration_duration": "P1D",
                    "request_authentication": {"type": "Bearer"},
                },
            },
            "record_selector": {
                "type": "RecordSelector", "extractor": {"type": "DpathExtractor", "field_path": []},
            },
            "paginator": {
                "type": "DefaultPaginator",
                "page_token_option": in_body("skip"),
                "page_size_option": in_body("take"),
                "pagination_strategy": {
                    "type": "OffsetIncrement", "page_size": PAGE, "inject_on_first_request": True,
                },
            },
        },
    }  # fmt: skip


def main() -> None:
    url, folder = sys.argv[1], Path(sys.argv[2])
    manifest = {
        "version": "6.0.0",
        "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": ["pos_rows"]},
        "streams": [stream(*one) for one in lists(url)],
        "spec": {
            "type": "Spec",
            "connection_specification": {"type": "object", "properties": {"url": {"type": "string"}}},
        },
    }
    source = airbyte.get_source("source-bench", config={"url": url}, source_manifest=manifest, streams="*")
    cache = DuckDBCache(db_path=folder / "copy.duckdb", cache_dir=folder / "cache", schema_name="main")
    source.read(cache=cache, write_strategy=WriteStrategy.MERGE, force_full_refresh=True)


if __name__ == "__main__":
    main()
