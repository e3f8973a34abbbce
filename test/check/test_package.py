"""The Debian package: what it demands of nginx, and what it holds."""
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(*command):
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def test_the_package_demands_an_nginx_with_all_known_holes_mended():
    run("packaging/debian/build.sh", "0.0.1")
    package = f"build/countersign_0.0.1_{run('dpkg', '--print-architecture').strip()}.deb"
    demands = run("dpkg-deb", "-f", package, "Depends")
    assert f"nginx (>= {run('dpkg-query', '-W', '-f', '${Version}', 'nginx')})" in demands and "nginx-abi-" in demands
    held = run("dpkg-deb", "-c", package)
    for path in ("usr/bin/countersignd", "usr/bin/countersign", "usr/lib/nginx/modules/ngx_http_countersign_module.so", "lib/systemd/system/countersignd.service"):
        assert f"./{path}\n" in held, path
    assert ".key" not in held
