"""Policies that are bound to published APIs: throttling and access control are the same in that, and differ in words and codes."""
from dataclasses import dataclass, field

from api_bodies import unique


@dataclass(frozen=True)
class Kind:
    """The API's words for one kind of policy; `required`: a body of which nothing can be left out, without its name."""
    plural: str
    name: str
    policy_id: str
    bindings: str
    bound: str
    batch_bindings: str
    bound_name: str
    of_api: str
    required: dict
    quota: tuple
    change: int
    codes: dict = field(hash=False)

    @property
    def path(self):
        return f"/{self.plural}"


THROTTLE = Kind("throttles", "name", "strategy_id", "/throttle-bindings", "throttle_applys", "throttle_bindings", "throttle_name", "binded-throttles",
                {"time_unit": "MINUTE", "time_interval": 1, "api_call_limits": 100}, ("THROTTLE_NUM_LIMIT", 300), 14,
                {"missing": "APIG.3005", "taken": "APIG.3204", "conflict": "APIG.3918", "bound": "APIG.3451", "binding": "APIG.3012", "quota": "APIG.3107"})
ACL = Kind("acls", "acl_name", "acl_id", "/acl-bindings", "acl_bindings", "acl_bindings", "acl_name", "binded-acls",
           {"acl_type": "PERMIT", "entity_type": "IP", "acl_value": "192.0.2.1"}, ("ACL_NUM_LIMIT", 100), 15,
           {"missing": "APIG.3006", "taken": "APIG.3206", "conflict": "APIG.3920", "bound": "APIG.3447", "binding": "APIG.3010", "quota": "APIG.3112"})


def body(kind, **changes):
    return {kind.name: unique(kind.plural), **kind.required, **changes}


def maker(client, kind):
    """For a fixture: makes policies, and takes them away afterwards."""
    made = []

    def make(**changes):
        made.append(client.made(kind.path, body(kind, **changes)))
        return made[-1]
    yield make
    for one in made:
        assert client.delete(f"{kind.path}/{one['id']}", unbind="true").status in (204, 404)


def bind(client, kind, policy, *publish_ids):
    return client.post(kind.bindings, {kind.policy_id: policy["id"], "publish_ids": list(publish_ids)})


def bound(client, kind, policy, *publish_ids):
    answer = bind(client, kind, policy, *publish_ids)
    assert answer.status == 201, answer
    return answer.json[kind.bound]
