"""Requests made up from the API's own description, as each role, against a running gateway.

Whatever is asked, no answer is a failure of the server, and each is as the description says.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Final

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from flowrt.accounts.accounts import Accounts
from flowrt.accounts.role import Role
from tests.support.gateway import TICK
from tests.support.running_gateway import RunningGateway

NOBODY: Final = "nobody"
EXAMPLES: Final = int(os.environ.get("FLOWRT_REQUESTS", "5"))
"""Requests an operation as administrator; more where somebody looks for what is hidden deeper."""
FEWER: Final = max(1, EXAMPLES // 3)
"""Requests as anybody else, who is refused most of them."""
SLOW: Final = frozenset({"post_flows_name_tests", "post_flows_name_replay"})
"""Each of these starts a process."""
LEFT_OUT: Final = frozenset({"get_live", "post_logout"})
"""A websocket has tests of its own; a token cannot log out."""
CHECKS: Final = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
NAMES: Final = st.sampled_from(["tick", "tock", "inject", "x.csv", "dbc/pylontech-lv.dbc"])


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    made = RunningGateway(tmp_path_factory.mktemp("gateway"), is_open=False)
    made.put(TICK)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def keys(gateway: RunningGateway) -> dict[str, dict[str, str]]:
    accounts = Accounts.of(gateway.folder / "data")
    tokens = {str(role): accounts.add_token(str(role), role, 1) for role in Role}
    return {role: {"Authorization": f"Bearer {token}"} for role, token in tokens.items()}


@pytest.mark.timeout(180)
@pytest.mark.parametrize("role", [NOBODY, *map(str, Role)])
def test_any_request_is_answered_as_described(
    role: str, gateway: RunningGateway, keys: dict[str, dict[str, str]]
) -> None:
    described = requests.get(
        f"{gateway.url}api/openapi.json", headers=keys["viewer"], timeout=20
    ).json()
    schema = schemathesis.openapi.from_dict(described)
    schema.config.update(base_url=gateway.url.rstrip("/"))
    header, tried = keys.get(role, {}), 0
    examples = EXAMPLES if role == str(Role.ADMINISTRATOR) else FEWER
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        id = operation.definition.raw["operationId"]
        if id not in LEFT_OUT:
            tried += 1
            try_out(operation, header, 1 if id in SLOW else examples)
    assert tried == sum(map(len, described["paths"].values())) - len(LEFT_OUT)
    assert gateway.process is not None
    assert gateway.process.poll() is None


def try_out(operation: Any, header: dict[str, str], examples: int) -> None:
    """Send made-up requests, with names that exist now and then."""

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), name=NAMES, is_known=st.booleans())
    def request(case: Any, name: str, is_known: bool) -> None:
        if is_known and case.path_parameters:
            case.path_parameters = dict.fromkeys(case.path_parameters, name)
        case.call_and_validate(headers=header, checks=CHECKS, timeout=20)

    request()


def test_the_flow_that_ran_before_runs_still(
    gateway: RunningGateway, keys: dict[str, dict[str, str]]
) -> None:
    answer = requests.get(f"{gateway.url}api/health", headers=keys["viewer"], timeout=20)
    assert answer.status_code == 200
