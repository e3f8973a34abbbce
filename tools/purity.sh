#!/bin/sh
# Proves that libcountersign (base to admit) is pure: it calls nothing but itself and the functions listed here, it has no variable that can
# change, and OpenSSL may allocate in *_prepare functions only. Prints every violation; exit 1 when there is one.
# usage: tools/purity.sh [ARCHIVE]
set -eu
archive=${1:-build/lib/libcountersign.a}
if [ $# -eq 0 ]; then make -s "$archive"; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What any object may call: functions of memory and text without state, locale or allocation, and what the compiler adds.
cat > "$work/anyone" <<'LIST'
memcpy memmove memset memcmp memchr memrchr memmem strlen strnlen strchr strrchr strcmp strncmp bsearch
__memcpy_chk __memmove_chk __memset_chk __explicit_bzero_chk explicit_bzero __stack_chk_fail _GLOBAL_OFFSET_TABLE_
LIST

# What one object may call besides: object function...
cat > "$work/openssl" <<'LIST'
digest.o MD5_Init MD5_Update MD5_Final SHA1_Init SHA1_Update SHA1_Final SHA256_Init SHA256_Update SHA256_Final
digest.o SHA1_Transform SHA256_Transform
seal.o EVP_aes_256_gcm EVP_CIPHER_CTX_ctrl EVP_EncryptInit_ex EVP_EncryptUpdate EVP_EncryptFinal_ex
seal.o EVP_DecryptInit_ex EVP_DecryptUpdate EVP_DecryptFinal_ex
seal.o EVP_CIPHER_CTX_new EVP_CIPHER_CTX_free CRYPTO_zalloc CRYPTO_clear_free
aes_block.o EVP_aes_128_ecb EVP_aes_256_ecb EVP_EncryptInit_ex EVP_EncryptUpdate
aes_block.o EVP_CIPHER_CTX_new EVP_CIPHER_CTX_free
cfb.o CRYPTO_zalloc CRYPTO_clear_free
private_key.o EVP_PKEY_get_bits EVP_PKEY_get_base_id EVP_PKEY_get_group_name EVP_sha256 i2d_PUBKEY
private_key.o EVP_PKEY_sign_init EVP_PKEY_sign EVP_PKEY_CTX_set_signature_md EVP_PKEY_CTX_set_rsa_padding EVP_DigestVerifyInit EVP_DigestVerify
pkcs8.o d2i_PKCS8_PRIV_KEY_INFO EVP_PKCS82PKEY PKCS8_PRIV_KEY_INFO_free
private_key.o d2i_PUBKEY
private_key.o EVP_PKEY_CTX_new EVP_PKEY_CTX_free EVP_MD_CTX_new EVP_MD_CTX_free EVP_PKEY_free CRYPTO_zalloc CRYPTO_free CRYPTO_clear_free
scalar_key.o BN_new BN_secure_new BN_free BN_clear_free BN_CTX_new BN_CTX_free BN_bin2bn BN_bn2binpad BN_is_zero BN_cmp
scalar_key.o BN_mod_inverse BN_mod_mul BN_mod_add BN_mod_sub BN_nnmod
scalar_key.o EC_GROUP_new_by_curve_name EC_GROUP_get0_order EC_GROUP_get0_generator EC_GROUP_get_curve EC_GROUP_free
scalar_key.o EC_POINT_new EC_POINT_free EC_POINT_mul EC_POINT_add EC_POINT_point2oct EC_POINT_get_affine_coordinates EC_POINT_is_at_infinity
scalar_key.o EVP_PKEY_CTX_new_from_name EVP_PKEY_CTX_free
scalar_key.o EVP_PKEY_fromdata_init EVP_PKEY_fromdata EVP_PKEY_free EVP_MD_CTX_new EVP_MD_CTX_free CRYPTO_zalloc CRYPTO_free
scalar_key.o EVP_DigestSignInit_ex EVP_PKEY_CTX_set1_id EVP_DigestSign
sign_key.o EVP_PKEY_get_bits EVP_PKEY_get_base_id EVP_PKEY_get_group_name EVP_sha256 EVP_sha384 EVP_sha512 HMAC
sign_key.o EVP_DigestSignInit EVP_DigestSign EVP_MD_CTX_reset EVP_PKEY_CTX_set_rsa_padding EVP_PKEY_CTX_set_rsa_pss_saltlen
sign_key.o EVP_MD_CTX_new EVP_MD_CTX_free EVP_PKEY_free CRYPTO_zalloc CRYPTO_free
scalar_key.o OSSL_PARAM_construct_BN OSSL_PARAM_construct_end OSSL_PARAM_construct_octet_string OSSL_PARAM_construct_utf8_string
verify_key.o EVP_sha256 EVP_sha384 EVP_sha512 EVP_DigestInit_ex EVP_DigestUpdate EVP_DigestFinal_ex EVP_DigestVerifyInit EVP_DigestVerify
verify_key.o EVP_MAC_fetch EVP_MAC_free EVP_MAC_CTX_new EVP_MAC_CTX_free EVP_MAC_init EVP_MAC_update EVP_MAC_final
verify_key.o EVP_PKEY_CTX_new EVP_PKEY_CTX_new_from_name EVP_PKEY_CTX_free EVP_PKEY_fromdata_init EVP_PKEY_fromdata EVP_PKEY_new_raw_public_key
verify_key.o EVP_PKEY_CTX_set_rsa_mgf1_md EVP_PKEY_CTX_set_rsa_padding EVP_PKEY_CTX_set_rsa_pss_saltlen EVP_PKEY_CTX_set_signature_md
verify_key.o EVP_PKEY_free EVP_PKEY_verify EVP_PKEY_verify_init EVP_MD_CTX_new EVP_MD_CTX_free CRYPTO_zalloc CRYPTO_clear_free
verify_key.o OSSL_PARAM_construct_BN OSSL_PARAM_construct_end OSSL_PARAM_construct_octet_string OSSL_PARAM_construct_utf8_string
LIST

# Of these, the ones that take memory: only inside functions of these names (_destroy gives it back).
makers='_new$|_fetch$|_alloc$|_zalloc$|_malloc$|_realloc$|_dup$'
givers='_free$'

nm -P "$archive" > "$work/symbols" # "archive[object]:" and "name type value size"
objdump -t "$archive" > "$work/sections"
objdump -dr --no-show-raw-insn "$archive" > "$work/code"

calls() {
    awk -v anyone="$work/anyone" -v openssl="$work/openssl" '
        BEGIN {
            while ((getline line < anyone) > 0) { n = split(line, word, " "); for (i = 1; i <= n; i++) allowed[word[i]] = 1 }
            while ((getline line < openssl) > 0) { n = split(line, word, " "); for (i = 2; i <= n; i++) granted[word[1] " " word[i]] = 1 }
        }
        /\]:$/ { object = $0; sub(/.*\[/, "", object); sub(/\]:$/, "", object); next }
        $2 == "U" { used[object " " $1] = 1; next }
        $2 ~ /^[TRDW]$/ { own[$1] = 1 }
        END {
            for (use in used) {
                split(use, part, " ")
                if (!(part[2] in own) && !(part[2] in allowed) && !(use in granted)) print part[1] " calls " part[2]
            }
        }' "$work/symbols" | sort
}

variables() {
    awk '
        / file format / { object = $1; sub(/:$/, "", object); next }
        NF >= 5 && $(NF - 2) ~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ && $(NF - 2) !~ /^\.data\.rel\.ro/ && $NF !~ /^\./ {
            print object " has the variable " $NF
        }' "$work/sections"
}

allocations() {
    awk -v makers="$makers" -v givers="$givers" '
        / file format / { object = $1; sub(/:$/, "", object); next }
        /^[0-9a-f]+ <.*>:$/ { function_name = $2; gsub(/[<>:]/, "", function_name); sub(/\..*/, "", function_name); next }
        / R_[A-Z0-9_]+\t/ {
            callee = $NF; sub(/[-+]0x.*/, "", callee)
            if (callee ~ makers && callee !~ /^(arena|buffer)_/ && function_name !~ /_prepare$/)
                print object ": " function_name " takes memory with " callee
            if (callee ~ givers && function_name !~ /_(prepare|destroy)$/) print object ": " function_name " gives memory back with " callee
        }' "$work/code"
}

{ calls; variables; allocations; } > "$work/violations"
cat "$work/violations"
[ -s "$work/symbols" ] && [ ! -s "$work/violations" ]
