"""What can be shown only with the store in another process; run by test_postgresql.py."""
import resource

EVERYTHING = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


def test_stored_but_not_yet_effective(fresh):
    """The disk of the edge is full, so to say: the daemon may not write a byte to a file, while its store goes on."""
    client = fresh.client
    assert client.post("/api-groups", {"name": "Before"}).status == 201
    resource.prlimit(fresh.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    answer = client.post("/api-groups", {"name": "Waits"})
    assert (answer.status, answer.code, answer.message) == (503, "APIG.9998", "stored, not yet effective")
    assert client.get("/api-groups", name="Waits").json["total"] == 1, "stored, as it says"
    assert client.post("/envs", {"name": "NoEdge"}).status == 201, "what the edge does not hold does not wait for it"
    resource.prlimit(fresh.process.pid, resource.RLIMIT_FSIZE, EVERYTHING)
    # The publisher tries again by itself, with growing pauses; until then a call may still hear that it is not effective.
    answers = [client.post("/api-groups", {"name": f"Goes_{i}"}).status for i in range(100)]
    assert answers[-1] == 201 and set(answers) <= {201, 503}
    assert answers == sorted(answers, reverse=True), "once it goes, it goes"
