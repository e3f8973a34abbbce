"""nginx's own tests (a checkout of them, which NGINX_TESTS_FOLDER names; it is no part of this tree) with the module loaded and without: what passes
without it passes with it. The module is loaded into every nginx that they start, and asked for nothing."""
import os
import re
import subprocess
from pathlib import Path

from harness.tree import MODULE, NGINX, TREE

FILES = ("access access_log auth_basic auth_delay auth_request body body_chunked chunked headers http_error_page http_expect_100_continue http_headers_multi "
         "http_host http_include http_keepalive http_keepalive_shutdown http_listen http_location http_method http_server_name http_resolver http_try_files "
         "http_uri http_variables h2 h2_headers h2_keepalive h2_proxy_protocol h2_proxy_request_buffering h2_request_body h2_request_body_extra h2_variables "
         "ignore_invalid_headers limit_conn limit_rate limit_req map merge_slashes mirror mirror_proxy msie_refresh not_modified not_modified_proxy "
         "post_action proxy proxy_available proxy_bind proxy_chunked proxy_chunked_extra proxy_cookie proxy_duplicate_headers proxy_extra_data proxy_force_ranges proxy_if "
         "proxy_implicit proxy_intercept_errors proxy_keepalive proxy_limit_rate proxy_merge_headers proxy_method proxy_next_upstream proxy_next_upstream_tries "
         "proxy_non_idempotent proxy_pass_request proxy_redirect proxy_request_buffering proxy_request_buffering_chunked proxy_set_body proxy_ssl proxy_ssl_keepalive "
         "proxy_ssl_name proxy_ssl_verify proxy_store proxy_unfinished proxy_unix proxy_upgrade proxy_upstream_cookie proxy_variables proxy_xar range realip request_id "
         "return rewrite satisfy server_tokens ssi ssi_include_big ssl ssl_certificates sub_filter subrequest_output_buffer_size trailers upstream upstream_hash "
         "upstream_ip_hash upstream_keepalive upstream_least_conn upstream_max_conns upstream_random upstream_zone userid worker_shutdown_timeout").split()


# The tests load every module that nginx was built with as a file of its own; those packages need not be here.
WRAPPER = f"""#!/bin/sh
[ "$1" = -V ] || exec {NGINX} "$@"
{NGINX} -V 2>&1 | sed 's/--with-[a-z_]*=dynamic//g' >&2
"""

# What TAP, in which these tests report, writes behind one whose failure is known to its authors.
EXPECTED_TO_FAIL = "# TODO"


def outcomes(checkout, files, module):
    """{file: {(number, what): passed}}; a file that nginx's build cannot run is skipped and absent."""
    binary = TREE / "build/soak/nginx-of-tests"
    binary.write_text(WRAPPER)
    binary.chmod(0o755)
    user = "user root;" if os.geteuid() == 0 else ""  # the folders that the tests make are their owner's alone: other workers could read no file there
    environment = {**os.environ, "TEST_NGINX_BINARY": str(binary), "TEST_NGINX_GLOBALS": user + (f"load_module {MODULE};" if module else ""),
                   "PERL5LIB": str(checkout / "lib")}
    found = {}
    for name in files:
        try:
            out = subprocess.run(["perl", f"{name}.t"], cwd=checkout, env=environment, capture_output=True, text=True, check=False, timeout=120).stdout
        except subprocess.TimeoutExpired:
            out = ""
        if re.search(r"^1\.\.0", out, re.M):
            continue
        lines = re.findall(r"^(not ok|ok) (\d+)([^\n]*)", out, re.M)
        found[name] = {(number, rest.removeprefix(" - ")): word == "ok" or EXPECTED_TO_FAIL in rest for word, number, rest in lines}
    return found


def failing(outcome):
    """{file: [what failed]}"""
    failed = {name: [what for (_, what), passed in tests.items() if not passed] for name, tests in outcome.items()}
    return {name: whats for name, whats in failed.items() if whats}


def play(files):
    """So many files of the list, from its beginning."""
    checkout = Path(os.environ.get("NGINX_TESTS_FOLDER", ""))
    assert (checkout / "lib/Test/Nginx.pm").exists(), "NGINX_TESTS_FOLDER must name a checkout of nginx's tests"
    there = [name for name in FILES if (checkout / f"{name}.t").exists()][:files]
    with_module, without = outcomes(checkout, there, True), outcomes(checkout, there, False)
    assert sum(map(len, without.values())) > 5 * len(there), f"too few of them run here: {without}"
    worse = {}
    for name, tests in without.items():
        bad = [number for number, passed in tests.items() if passed and not with_module.get(name, {}).get(number)]
        if bad:  # once more, in turn: some of them depend on time
            again = outcomes(checkout, [name], True).get(name, {})
            bad = [number for number in bad if not again.get(number)]
        if bad:
            worse[name] = bad
    assert not worse, f"these pass without the module only: {worse}"
    return {"files": len(without), "tests": sum(map(len, without.values())), "failed without the module": sum(not one for tests in without.values() for one in tests.values()),
            "failed with it": sum(not one for tests in with_module.values() for one in tests.values()),
            "not run": sorted(set(there) - set(without)), "failing without it": failing(without)}
