"""A captured request of aliyun-ca cannot be cut at another place: what was query, path or form stays that (alibaba.md 1.4, 1.7)."""
import callers
from nginx import HOST
from scene import PAIR


def test_the_query_does_not_move_into_the_path(gateway):
    fields = callers.aliyun("GET", "/a?x=1", HOST, PAIR)
    assert gateway.ask("GET", "/a?x=1", fields).status == 200
    gateway.backend.take()
    for target in ("/a%3Fx=1", "/a%3fx=1", "/a%3Fx%3D1"):
        assert gateway.ask("GET", target, fields).status == 403
    assert not gateway.backend.take()


def test_a_form_does_not_become_another_body(gateway):
    form = b"role=user&id=7"
    fields = callers.aliyun("POST", "/a", HOST, PAIR, form, content_type="application/x-www-form-urlencoded")
    assert gateway.ask("POST", "/a", fields, form).status == 200
    gateway.backend.take()
    other = {**fields, "X-Ca-Signed-Content-Type": fields["Content-Type"], "Content-Type": "application/json"}
    answer = gateway.ask("POST", "/a?" + form.decode(), other, b'{"role":"root"}')
    assert answer.status == 400 and "X-Ca-Signed-Content-Type" in answer["X-Ca-Error-Message"]
    assert gateway.ask("POST", "/a", fields, b"role=root&id=7").status == 403
    fields = callers.aliyun("POST", "/a", HOST, PAIR, form, content_type="application/x-www-form-urlencoded")
    assert gateway.ask("POST", "/a?" + form.decode(), fields).status == 200, "the same parameters, in the other place"
    assert gateway.backend.only().body == b""
