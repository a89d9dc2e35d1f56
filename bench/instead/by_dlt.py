"""dlt, a library that loads what an API lists into a database; a process of its own.

It needs `pip install "dlt[sqlalchemy]"`, which the rest of the project does not. Prints what it took as one
JSON object.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import requests

from bench.pull.floor import pages
from webapp.domain.mapping.mapping import DEFAULT_FIELD_MAPPINGS, Mapping
from webapp.domain.records.fields import OBJECT_TYPES


def main(url: str, token: str, path: str) -> None:
    """Merge everything from a portal into an SQLite file."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    # It reads the environment as it is imported.
    dlt: Any = import_module("dlt")

    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {token}"
    count = 0

    def rows(kind: Any) -> Iterator[list[dict[str, Any]]]:
        nonlocal count
        names = Mapping(kind, DEFAULT_FIELD_MAPPINGS[kind], {}, {}).properties
        for results in pages(session, url, kind, names):
            count += len(results)
            yield [{"id": found["id"], **found["properties"]} for found in results]

    tables = [
        dlt.resource(rows(kind), name=kind, primary_key="id", write_disposition="merge")
        for kind in OBJECT_TYPES
    ]
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    pipeline = dlt.pipeline(
        "bench",
        destination=dlt.destinations.sqlalchemy(f"sqlite:///{path}"),
        dataset_name="main",
        pipelines_dir=str(Path(path).parent),
    )
    pipeline.run(tables)
    took_s, cpu_s = time.perf_counter() - began_s, time.process_time() - began_cpu_s
    sys.stdout.write(json.dumps({"took_s": took_s, "cpu_s": cpu_s, "records": count}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3])
