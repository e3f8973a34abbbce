#!/bin/sh
# build.sh VERSION: makes build/countersign_VERSION_ARCH.deb for this machine's Debian and nginx, from what `make` has built.
set -eu
cd "$(dirname "$0")/../.."
version=${1:?usage: packaging/debian/build.sh VERSION}
arch=$(dpkg --print-architecture)
abi=$(dpkg-query -W -f '${Provides}' nginx | grep -o 'nginx-abi-[0-9.-]*')
# nginx's version does not say which holes the distribution has mended in it; that of its package does. None older than the one at hand.
nginx=$(dpkg-query -W -f '${Version}' nginx)
root=build/deb
make -s all console
rm -rf $root
put() { install -D -m "$1" "$2" "$root/$3"; }
put 755 build/bin/countersign usr/bin/countersign
put 755 build/bin/countersignd usr/bin/countersignd
put 644 build/modules/ngx_http_countersign_module.so usr/lib/nginx/modules/ngx_http_countersign_module.so
put 644 packaging/nginx/nginx.conf.in usr/share/countersign/nginx.conf.in
find build/console -type f -printf '%P\n' | while read -r file; do put 644 "build/console/$file" "usr/share/countersign/console/$file"; done
put 644 packaging/systemd/countersignd.service lib/systemd/system/countersignd.service
put 644 packaging/debian/countersignd.default etc/default/countersignd
put 644 README.md usr/share/doc/countersign/README.md
put 644 LICENSE usr/share/doc/countersign/copyright
put 755 packaging/debian/postinst DEBIAN/postinst
strip --strip-unneeded $root/usr/bin/countersign $root/usr/bin/countersignd $root/usr/lib/nginx/modules/*.so
echo /etc/default/countersignd > $root/DEBIAN/conffiles
cat > $root/DEBIAN/control <<CONTROL
Package: countersign
Version: $version
Architecture: $arch
Section: httpd
Priority: optional
Maintainer: Countersign maintainers <maintainers@countersign.invalid>
Depends: $abi, nginx (>= $nginx), adduser, libc6, libssl3, liblmdb0, libmicrohttpd12, libjansson4, libsqlite3-0, libpq5, libcurl4
Description: API gateway that checks who is calling and signs what it forwards
 An nginx module, a daemon with a management API, and a command line. Requests are checked in the formats of several cloud
 gateways and signed again for the backend.
CONTROL
dpkg-deb --root-owner-group -b $root "build/countersign_${version}_$arch.deb"
