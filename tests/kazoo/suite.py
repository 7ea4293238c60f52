"""A plugin of pytest for kazoo's own test suite: what is left out and why, and a record of the rest.

Knows the server by `SERVER` (`interregnum` or `apache`) and by the variables of kazoo's harness. Writes one JSON object to
the file in `RECORD`: the name of each case with its outcome and reason.
"""

import json
import os

import pytest

SERVER = os.environ["SERVER"]
SIZE = int(os.environ["ZOOKEEPER_CLUSTER_SIZE"])

IS_OURS = SERVER == "interregnum"

# Part of the name of a case, whether it is left out, and why.
LEFT_OUT = [
    ("test_sasl.py", IS_OURS, "there is no SASL in Interregnum"),
    ("TestSSLClient", True, "no server of this run has a port for TLS"),
    ("TestReconfig", SIZE < 3, "needs three servers"),
    ("TestReconfig", IS_OURS and SIZE >= 3, "an ensemble of Interregnum is not reconfigured"),
    ("test_update_host_list", SIZE < 3, "needs three servers"),
    ("test_read_only", SIZE < 3, "needs three servers"),
]

OUTCOMES = {}


def name(node):
    """The same wherever the suite lies: `test_client.py::TestClient::test_create`."""
    file, rest = node.split("::", 1)
    return f"{os.path.basename(file)}::{rest}"


def pytest_collection_modifyitems(items):
    for item in items:
        for part, is_left_out, reason in LEFT_OUT:
            if is_left_out and part in item.nodeid:
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_runtest_logreport(report):
    known = OUTCOMES.get(report.nodeid, {"outcome": "passed", "seconds": 0.0})
    known["seconds"] += report.duration
    if report.skipped:
        # Path, line and reason.
        known.update(outcome="skipped", reason=report.longrepr[2].removeprefix("Skipped: "))
    elif report.failed and known["outcome"] != "failed":
        known.update(outcome="failed", reason=f"fails in its {report.when}")
    OUTCOMES[report.nodeid] = known


def pytest_sessionfinish():
    cases = [{"name": name(node), **known} for node, known in OUTCOMES.items()]
    with open(os.environ["RECORD"], "w", encoding="utf-8") as file:
        json.dump(cases, file)
