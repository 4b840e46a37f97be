"""The daemon's numbers in Prometheus' text form. The counting is done elsewhere; this only tells it."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ghostsync import __version__
from ghostsync.daemon.health import Condition, Health
from ghostsync.ghost.transport import AdminClient, Exchange

_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The page /metrics of one folder; hears of each request from the client."""

    def __init__(self, health: Health, client: AdminClient) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_Standing(health, client))
        self._requests = Counter(
            "ghostsync_requests",
            "Requests to Ghost, by method, resource and status (0: no answer)",
            ["method", "resource", "status"],
            registry=self._registry,
        )
        self._bytes = Counter(
            "ghostsync_bytes",
            "Bytes of bodies sent to and received from Ghost",
            ["direction"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "ghostsync_request_seconds",
            "How long requests to Ghost took",
            ["method"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        client.observe = self.note

    def note(self, exchange: Exchange) -> None:
        self._requests.labels(exchange.method, exchange.resource, str(exchange.status)).inc()
        self._bytes.labels("sent").inc(exchange.sent)
        self._bytes.labels("received").inc(exchange.received)
        self._seconds.labels(exchange.method).observe(exchange.seconds)

    def page(self) -> bytes:
        return generate_latest(self._registry)


class _Standing(Collector):
    """How things stand, read when somebody asks."""

    def __init__(self, health: Health, client: AdminClient) -> None:
        self._health = health
        self._client = client

    def collect(self) -> Iterable[Metric]:
        health, counts = self._health, self._health.counts
        info = GaugeMetricFamily("ghostsync_info", "Version and site", labels=["version", "site"])
        info.add_metric([__version__, health.site], 1)
        yield info
        cycles = CounterMetricFamily("ghostsync_cycles", "Cycles, by what became of them", labels=["result"])
        for result, name in (("done", "cycles"), ("failed", "failed"), ("spared", "spared")):
            cycles.add_metric([result], counts[name])
        yield cycles
        yield CounterMetricFamily("ghostsync_cycle_seconds", "Seconds spent in cycles", value=health.seconds)
        yield CounterMetricFamily(
            "ghostsync_watched_anew",
            "How often file events had been missed and were asked for anew",
            value=counts["watched_anew"],
        )
        hooks = CounterMetricFamily("ghostsync_webhooks", "Webhooks that came in", labels=["result"])
        hooks.add_metric(["taken"], counts["hooks"])
        hooks.add_metric(["refused"], counts["hooks_refused"])
        yield hooks
        yield CounterMetricFamily(
            "ghostsync_token_renewals", "Tokens made for the Admin API", value=self._client.renewals
        )
        yield GaugeMetricFamily(
            "ghostsync_documents", "Documents that are kept in step", value=health.documents
        )
        yield GaugeMetricFamily("ghostsync_conflicts", "Open conflicts", value=len(health.conflicts))
        yield GaugeMetricFamily("ghostsync_open", "Documents that wait for a person", value=len(health.open))
        yield GaugeMetricFamily(
            "ghostsync_halted", "1 while a brake holds", value=int(health.halt is not None)
        )
        state = GaugeMetricFamily("ghostsync_state", "1 for the state that holds", labels=["state"])
        for condition in Condition:
            state.add_metric([condition.name.lower()], int(condition is health.condition))
        yield state
        if health.synced_at is not None:
            yield GaugeMetricFamily(
                "ghostsync_last_success_timestamp_seconds", "When it was last in step", value=health.synced_at
            )
