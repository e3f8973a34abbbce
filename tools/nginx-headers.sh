#!/bin/bash
# nginx-headers.sh DIR: a private copy of the package nginx-dev in DIR, configured once with the very flags of the installed nginx, so
# that DIR/objs holds ngx_auto_config.h and ngx_http_countersign_module_modules.c (the table that nginx looks up when it loads us).
# The module then matches the distribution's binary: nginx refuses any other (version and signature are compared at load time).
set -eu
target=$1
source=/usr/share/nginx/src
[ -r "$source/conf_flags" ] || { echo "nginx-headers: the package nginx-dev is missing ($source/conf_flags)" >&2; exit 1; }

rm -rf "$target"
mkdir -p "$target/countersign"
cp -r "$source/." "$target/"
chmod -R u+w "$target"

# HTTP_AUX_FILTER: our header, body and request body filters stand before nginx's copy filter.
cat > "$target/countersign/config" <<'CONFIG'
ngx_module_type=HTTP_AUX_FILTER
ngx_module_name=ngx_http_countersign_module
ngx_module_srcs="$ngx_addon_dir/none.c"
. auto/module
ngx_addon_name=ngx_http_countersign_module
CONFIG

. "$source/conf_flags" # NGX_CONF_FLAGS
cd "$target"
./configure "${NGX_CONF_FLAGS[@]}" --add-dynamic-module="$PWD/countersign" > configure.log 2>&1 ||
    { tail -20 configure.log >&2; exit 1; }
[ -s objs/ngx_http_countersign_module_modules.c ] || { echo "nginx-headers: configure made no module table" >&2; exit 1; }
