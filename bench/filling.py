"""A large store, written by the database itself: consumers with an API key each and apps with an AppCode each, half as many of either as
credentials, all authorised for one API; APIs; an audit row for each credential. What stands beside the rows is left to the daemon's start."""
import time

RELEASE = "DEFAULT_ENVIRONMENT_RELEASE_ID"
APP, CONSUMER, API_KEY = 1, 2, 1
SCHEME_APP_CODE, SCHEME_API_KEY = 5, 1


def words(postgresql):
    """How each database says: an id drawn at random, a keyed hash, the numbers 1 to n, a number in hex."""
    if postgresql:
        drawn = "replace(gen_random_uuid()::text, '-', '')"
        return drawn, " || ".join([drawn] * 2), "FROM generate_series(1, {}) AS numbers (n)", "lpad(to_hex({}), 16, '0')"
    numbers = "FROM (WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {}) SELECT n FROM numbers)"
    return "lower(hex(randomblob(16)))", "lower(hex(randomblob(32)))", numbers, "printf('%016x', {})"


def principals(postgresql, instance, api, count):
    drawn, keyed, numbers, _ = words(postgresql)
    now = int(time.time()) - count
    yield (f"INSERT INTO consumer (id, instance_id, name, description, enabled, create_time, update_time) SELECT {drawn}, '{instance}',"
           f" 'consumer_' || n, '', 1, {now} + n, {now} {numbers.format(count)}")
    yield (f"INSERT INTO app (id, instance_id, name, remark, status, app_key, creator, register_time, update_time) SELECT {drawn}, '{instance}',"
           f" 'app_' || n, '', 1, {drawn}, 'USER', {now} + n, {now} {numbers.format(count)}")
    for kind, table, scheme in ((CONSUMER, "consumer", "{api_key}"), (APP, "app", "{app_code}")):
        yield (f"INSERT INTO credential (id, instance_id, kind, principal_kind, principal_id, lookup, display, enabled, not_before, not_after, schemes,"
               f" location, place_name, place_prefix, generated, revision, create_time) SELECT {drawn}, '{instance}', {API_KEY}, {kind}, id, {keyed},"
               f" 'abcd...wxyz', 1, 0, 0, {scheme}, 1, 'authorization', 'Bearer ', 1, 1, {now} FROM {table}")
        yield (f"INSERT INTO authorisation (id, instance_id, principal_kind, principal_id, api_id, env_id, auth_time, not_after) SELECT {drawn},"
               f" '{instance}', {kind}, id, '{api}', '{RELEASE}', {now}, 0 FROM {table}")


def others(postgresql, instance, count, apis):
    _, _, numbers, hexadecimal = words(postgresql)
    columns = ("instance_id, group_id, name, type, req_protocol, req_method, req_uri, route_key, auth_type, match_mode, remark, definition,"
               " register_time, update_time")
    values = columns.replace(" name", " name || n").replace("route_key", "route_key || n").replace("register_time", "register_time + n")
    yield (f"INSERT INTO api (id, {columns}) SELECT '{'a9' * 8}' || {hexadecimal.format('n')}, {values} FROM api, (SELECT n {numbers.format(apis - 1)}) AS more"
           " WHERE api.name = 'first'")
    for table, begin in (("consumer", 0), ("app", max(count, 1))):
        place = f"{begin} + row_number() OVER (ORDER BY id)"
        yield (f"INSERT INTO audit (id, actor, actor_name, source, action, resource, resource_id, instance_id, before_json, after_json, audit_time,"
               f" revision, project_id, request_id, result, chain) SELECT {hexadecimal.format(place)} || '.ffff', iam_user.uid, iam_user.name, 'unix:',"
               f" 'create_{table}', '{table}', id, instance_id, '', '{{}}', update_time - {2 * count} + {place}, 1, iam_user.project_id, 'r', 'ok', ''"
               f" FROM {table}, (SELECT id AS uid, name, project_id FROM iam_user ORDER BY create_time LIMIT 1) AS iam_user")


COUNTED = (("app", "instance_id, CAST(status AS TEXT), '', ''", "instance_id, status"),
           ("consumer", "instance_id, CAST(enabled AS TEXT), '', ''", "instance_id, enabled"),
           ("authorisation", "instance_id, CAST(principal_kind AS TEXT), api_id, env_id", "instance_id, principal_kind, api_id, env_id"))
HOLDERS = ("INSERT INTO row_count SELECT 'authorised', instance_id, CAST(principal_kind AS TEXT), '', '', count(DISTINCT principal_id)"
           " FROM authorisation GROUP BY instance_id, principal_kind")


def beside(count):
    """Counts as they have to be; pages of names and blocks of the audit are made by the daemon when there are none; the edge is made anew."""
    yield "DELETE FROM row_count"
    for table, parts, columns in COUNTED:
        yield f"INSERT INTO row_count SELECT '{table}', {parts}, count(*) FROM {table} GROUP BY {columns}"
    yield HOLDERS
    yield "DELETE FROM name_page"
    yield "DELETE FROM audit_block"
    yield f"UPDATE revision SET value = value + {2 * count + 1}, forgotten = value + {2 * count + 1}"


def statements(postgresql, instance, api, count, apis):
    text = ";\n".join([*principals(postgresql, instance, api, count), *others(postgresql, instance, count, apis), *beside(count)])
    return text.replace("{api_key}", str(1 << SCHEME_API_KEY)).replace("{app_code}", str(1 << SCHEME_APP_CODE)) + ";\nANALYZE;\n"
