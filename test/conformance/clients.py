"""One call by an official client, as JSON in and out; the Node.js ones run in their own process."""
import json
import pathlib
import subprocess

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.client import Client, ClientBuilder
from huaweicloudsdkcore.exceptions.exceptions import ServiceResponseException
from huaweicloudsdkcore.sdk_response import SdkResponse

NODE = pathlib.Path(__file__).parent / "node"


def run_node(script, call):
    done = subprocess.run(["node", script], cwd=NODE, input=json.dumps(call), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def aliyun(port, key, secret, method="GET", target="/hello", stage="RELEASE", **opts):
    """aliyun-api-gateway (npm). Answer: {status, body | message, headers}."""
    return run_node("aliyun.js", {"url": f"http://127.0.0.1:{port}{target}", "method": method, "key": key, "secret": secret, "stage": stage,
                                  "opts": opts})


def huawei_node(port, key, secret, method="GET", target="/hello", **options):
    """@huaweicloud/huaweicloud-sdk-core (npm). Answer: {status, body | error}."""
    return run_node("huawei.js", {"endpoint": f"http://127.0.0.1:{port}", "ak": key, "sk": secret, "projectId": "project",
                                  "options": {"method": method, "url": target, **options}})


class Answer(SdkResponse):
    """The one member of the backend's answer that the core client is told of; the whole is in raw_content."""
    sensitive_list = []
    openapi_types = {"verified": "bool"}
    attribute_map = {"verified": "verified"}

    def __init__(self, verified=None):
        super().__init__()
        self.verified = verified


def huawei_python(port, key, secret, method="GET", target="/hello", query=(), headers=None, body=None):
    """huaweicloudsdkcore (PyPI). Answer: {status, body | error}."""
    client = ClientBuilder(Client).with_credentials(BasicCredentials(key, secret, "project")).with_endpoint(f"http://127.0.0.1:{port}").build()
    try:
        answer = client.do_http_request(method=method, resource_path=target, path_params={}, query_params=list(query), header_params=dict(headers or {}),
                                        body=body, response_type=Answer)
    except ServiceResponseException as refused:
        return {"status": refused.status_code, "error": {"code": refused.error_code, "message": refused.error_msg, "requestId": refused.request_id}}
    return {"status": answer.status_code, "body": json.loads(answer.raw_content)}
