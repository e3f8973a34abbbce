"""The whole product as a newcomer starts it (`countersign up`), driven by the vendors' own clients, unmodified.

The management API is driven by huaweicloudsdkapig; the sample backend answers only what the gateway countersigned."""
import json
import pathlib
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from types import SimpleNamespace

import pytest
from huaweicloudsdkapig.v2 import (ApiActionInfo, ApiAuthCreate, ApiCreate, ApiGroupCreate, ApigClient, AppCreate, AssociateDomainV2Request,
                                   AssociateSignatureKeyV2Request, BackendApiCreate, BaseSignature, CreateAnAppV2Request,
                                   CreateApiGroupV2Request, CreateApiV2Request, CreateAuthorizingAppsV2Request,
                                   CreateOrDeletePublishRecordForApiV2Request, CreateSignatureKeyV2Request, ListSignatureKeysV2Request, SignApiBinding,
                                   UrlDomainCreate)
from huaweicloudsdkcore.auth.credentials import BasicCredentials

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "harness")]

from harness.tree import free_port, program  # noqa: E402

RELEASE = "DEFAULT_ENVIRONMENT_RELEASE_ID"


def wait_until_up(process, log):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if "Countersign runs" in log.read_text():
            return
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError("countersign up did not start: " + log.read_text())


@pytest.fixture(scope="session")
def product():
    """Gateway, daemon and sample backend; stopped by Ctrl-C at the end, which has to leave nothing behind."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="countersign-conformance-"))
    folder.chmod(0o755)
    data, log = folder / "data", folder / "up.log"
    ports = SimpleNamespace(gateway=free_port(), management=free_port(), backend=free_port())
    with log.open("w") as out:
        process = subprocess.Popen([program("countersign"), "up", "--data", data, "--port", str(ports.gateway), "--management-port",
                                    str(ports.management), "--backend-port", str(ports.backend)], stdout=out, stderr=subprocess.STDOUT)
    try:
        wait_until_up(process, log)
        admin = json.loads((data / "admin.json").read_text())
        demo = json.loads((data / "demo.json").read_text())
        yield SimpleNamespace(ports=ports, admin=SimpleNamespace(**admin), demo=SimpleNamespace(**demo), data=data)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def apig(product):
    """The vendor's own management client."""
    credentials = BasicCredentials(product.admin.access, product.admin.secret, product.admin.project_id)
    return ApigClient.new_builder().with_credentials(credentials).with_endpoint(f"http://127.0.0.1:{product.ports.management}").build()


def unique(prefix):
    return f"{prefix}_{secrets.token_hex(4)}"


@pytest.fixture(scope="session")
def published(product, apig):
    """An API that answers on every path under /, an app that may call it, and a signature key that signs to the backend; all made by
    the vendor's management client. The backend checks with the key of the demonstration, so that key is bound."""
    instance = product.admin.instance_id
    group = apig.create_api_group_v2(CreateApiGroupV2Request(instance, ApiGroupCreate(name=unique("conformance"))))
    apig.associate_domain_v2(AssociateDomainV2Request(instance, group.id, UrlDomainCreate(url_domain="127.0.0.1")))
    backend = BackendApiCreate(url_domain=f"127.0.0.1:{product.ports.backend}", req_protocol="HTTP", req_method="ANY", req_uri="/", timeout=5000)
    api = apig.create_api_v2(CreateApiV2Request(instance, ApiCreate(
        name=unique("everything"), type=1, req_protocol="BOTH", req_method="ANY", req_uri="/", match_mode="SWA", auth_type="APP",
        backend_type="HTTP", group_id=group.id, backend_api=backend)))
    app = apig.create_an_app_v2(CreateAnAppV2Request(instance, AppCreate(name=unique("caller"))))
    publication = apig.create_or_delete_publish_record_for_api_v2(CreateOrDeletePublishRecordForApiV2Request(
        instance, ApiActionInfo(action="online", env_id=RELEASE, api_id=api.id)))
    auths = apig.create_authorizing_apps_v2(CreateAuthorizingAppsV2Request(
        instance, ApiAuthCreate(env_id=RELEASE, app_ids=[app.id], api_ids=[api.id]))).auths
    key = sign_key_of_the_demonstration(apig, product)
    binding = apig.associate_signature_key_v2(AssociateSignatureKeyV2Request(
        instance, SignApiBinding(sign_id=key, publish_ids=[publication.publish_id]))).bindings[0]
    return SimpleNamespace(instance=instance, group=group, api=api, app=app, publication=publication, auth=auths[0], sign_id=key,
                           binding=binding)


def sign_key_of_the_demonstration(apig, product):
    keys = apig.list_signature_keys_v2(ListSignatureKeysV2Request(product.admin.instance_id)).signs
    return next(key.id for key in keys if key.sign_key == product.demo.sign_key)


@pytest.fixture
def signature_key(apig, product):
    """A fresh key that nothing is bound to."""
    return apig.create_signature_key_v2(CreateSignatureKeyV2Request(product.admin.instance_id, BaseSignature(
        name=unique("key"), sign_type="hmac", sign_key="key_" + secrets.token_hex(8), sign_secret="s" + secrets.token_hex(16))))
