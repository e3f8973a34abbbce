"""What a daemon's store holds, on either database: for what no answer may show."""
import sqlite3
import subprocess


def rows(daemon, sql):
    """The rows of a SELECT, every value as text ("" for NULL)."""
    if daemon.store is None:
        store = sqlite3.connect(daemon.data / "store.db")
        try:
            return [tuple("" if value is None else str(value) for value in row) for row in store.execute(sql)]
        finally:
            store.close()
    out = subprocess.run(["psql", "-qAtX", "-F", "\x1f", "-R", "\x1e", "-d", daemon.store, "-c", sql], check=True, capture_output=True, text=True)
    text = out.stdout.removesuffix("\n")
    return [tuple(row.split("\x1f")) for row in text.split("\x1e")] if text else []


def change(daemon, sql):
    """One statement written past the daemon: for time that a test will not wait for."""
    if daemon.store is None:
        store = sqlite3.connect(daemon.data / "store.db", timeout=30)
        with store:
            store.execute(sql)
        store.close()
    else:
        subprocess.run(["psql", "-qX", "-d", daemon.store, "-c", sql], check=True, capture_output=True)


def everything(daemon):
    """All that a leaked secret could stand in, as one text."""
    tables = ["consumer", "credential", "authorisation", "sign", "binding", "audit", "changes", "api", "version", "iam_user", "iam_token"]
    return "\n".join(str(row) for table in tables for row in rows(daemon, f"SELECT * FROM {table}"))


def places(daemon, api_id):
    """(location, name, prefix) → how many keys, of the proof plan of an API."""
    found = rows(daemon, f"SELECT location, name, prefix, uses FROM place_use WHERE api_id = '{api_id}'")
    return {(int(location), name, prefix): int(uses) for location, name, prefix, uses in found}


def revision(daemon):
    return int(rows(daemon, "SELECT value FROM revision")[0][0])


def changes_since(daemon, start):
    """(kind, id, second) of what the edge has to follow, in order."""
    found = rows(daemon, f"SELECT kind, id, second FROM changes WHERE revision > {start} ORDER BY revision, place")
    return [(int(kind), id, second) for kind, id, second in found]
