"""What `/metrics` says, as it is scraped."""

from __future__ import annotations

from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from tests.support.usecases.connecting import change_settings

TOKEN = "let me scrape"
Samples = dict[tuple[str, str], float]


def samples(app: Flask) -> Samples:
    """The value of each sample, by its name and the values of its labels."""
    change_settings(app, metrics_token=TOKEN)
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200, answer.text
    return {
        (sample.name.removeprefix("twinbook_"), "/".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
