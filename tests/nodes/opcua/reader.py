"""A client of asyncua in a process of its own: what it sees, as JSON.

    PYTHON reader.py URL POLICY USER PASSWORD CERTIFICATE KEY NODE...

It is the server's own library; node/client.cjs asks the same with one that is not.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import asyncua
from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256

library: Any = asyncua
ua: Any = asyncua.ua


async def seen(client: Any, id: str) -> dict[str, Any]:
    node = client.get_node(ua.NodeId(id, await client.get_namespace_index("urn:flowrt")))
    value = await node.read_data_value(raise_on_bad_status=False)
    told: dict[str, Any] = {
        "value": value.Value.Value if value.Value else None,
        "status": value.StatusCode.name if value.StatusCode else "Good",
        "time": value.SourceTimestamp.timestamp() if value.SourceTimestamp else None,
        "path": [name.Name for name in await path(node)],
    }
    for one in await node.get_properties():
        name = (await one.read_browse_name()).Name
        found = await one.read_value()
        told[name] = (
            [found.Low, found.High] if name == "EURange" else [found.DisplayName.Text, found.UnitId]
        )
    return told


async def path(node: Any) -> list[Any]:
    return [await one.read_browse_name() for one in (await node.get_path())[2:]]


async def main(url: str, policy: str, user: str, password: str, *rest: str) -> None:
    certificate, key, *ids = rest
    client = library.Client(url, timeout=30)
    if user:
        client.set_user(user)
        client.set_password(password)
    if policy == "encrypted":
        await client.set_security(SecurityPolicyBasic256Sha256, certificate, key)
    try:
        async with client:
            print(json.dumps({id: await seen(client, id) for id in ids}))
    except (ua.UaError, OSError, ConnectionError, TimeoutError, ValueError) as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}))


asyncio.run(main(*sys.argv[1:]))
