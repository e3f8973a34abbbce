"""One call by an official client, as JSON in and out; the Node.js ones run in their own process."""
import json
import pathlib
import subprocess

from baidubce.auth import bce_v1_signer
from baidubce.auth.bce_credentials import BceCredentials
from baidubce.bce_client_configuration import BceClientConfiguration
from baidubce.exception import BceHttpClientError
from baidubce.http import bce_http_client
from baidubce.http import handler as bce_handler
from baidubce.protocol import HTTP
from baidubce.retry.retry_policy import NoRetryPolicy
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.client import Client, ClientBuilder
from huaweicloudsdkcore.exceptions.exceptions import ServiceResponseException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkcore.sdk_response import SdkResponse
from huaweicloudsdkcore.signer.algorithm import SigningAlgorithm

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


def huawei_python(port, key, secret, method="GET", target="/hello", query=(), headers=None, body=None, algorithm=SigningAlgorithm.HMAC_SHA256):
    """huaweicloudsdkcore (PyPI). Answer: {status, body | error}."""
    builder = ClientBuilder(Client).with_http_config(HttpConfig(signing_algorithm=algorithm)).with_credentials(BasicCredentials(key, secret, "project"))
    client = builder.with_endpoint(f"http://127.0.0.1:{port}").build()
    try:
        answer = client.do_http_request(method=method, resource_path=target, path_params={}, query_params=list(query), header_params=dict(headers or {}),
                                        body=body, response_type=Answer)
    except ServiceResponseException as refused:
        return {"status": refused.status_code, "error": {"code": refused.error_code, "message": refused.error_msg, "requestId": refused.request_id}}
    return {"status": answer.status_code, "body": json.loads(answer.raw_content)}


def baidu_node(port, key, secret, method="GET", path="/hello", **call):
    """@baiducloud/sdk (npm); more: params, headers, body, carrier. Answer: {status, body} or {status, code, message, requestId}."""
    return run_node("baidu.js", {"endpoint": f"http://127.0.0.1:{port}", "ak": key, "sk": secret, "method": method, "path": path, **call})


def baidu_python(port, key, secret, method="GET", path="/hello", params=None, headers=None, body=None, signed=None):
    """bce-python-sdk (PyPI); `signed`: the headers to sign, None for its default set. Answer as of baidu_node."""
    configuration = BceClientConfiguration(BceCredentials(key, secret), f"http://127.0.0.1:{port}".encode(), HTTP, retry_policy=NoRetryPolicy(),
                                           connection_timeout_in_mills=60000, send_buf_size=65536)
    answers = []

    def sign(credentials, verb, target, sent, query):
        return bce_v1_signer.sign(credentials, verb, target, sent, query, headers_to_sign=signed)
    try:
        bce_http_client.send_request(configuration, sign, [bce_handler.parse_error, lambda raw, _: answers.append(json.loads(raw.read())) or True],
                                     method.encode(), path.encode(), body, {**(headers or {})}, params or {})
    except BceHttpClientError as refused:
        if refused.status_code is None:
            raise
        return {"status": refused.status_code, "code": refused.code, "message": str(refused.last_error), "requestId": refused.request_id}
    return {"status": 200, "body": answers[0]}
