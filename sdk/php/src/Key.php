<?php

declare(strict_types=1);

namespace Countersign;

/** A signature key: what a backend knows of the gateway. `notAfter`: Unix seconds, the last second in which it holds. */
final class Key
{
    /** @param \Closure(string, Proof): bool $proves is the signature this key's over the text? In constant time */
    private function __construct(
        public readonly string $type,
        public readonly string $id,
        public readonly string $algorithm,
        public readonly ?int $notAfter,
        private readonly \Closure $proves
    ) {
        if ($id === '') {
            throw new \InvalidArgumentException('a key needs an id');
        }
    }

    public static function hmac(string $id, #[\SensitiveParameter] string $secret, ?int $notAfter = null): self
    {
        self::demandSecret($secret);
        return new self('hmac', $id, 'SDK-HMAC-SHA256', $notAfter, static function (string $text, Proof $proof) use ($secret): bool {
            self::demandHex($proof->signature);
            return hash_equals(hash_hmac('sha256', $text, $secret), $proof->signature);
        });
    }

    /** User name and password. Covers nothing of the request. */
    public static function basic(string $id, #[\SensitiveParameter] string $secret, ?int $notAfter = null): self
    {
        self::demandSecret($secret);
        $expected = hash('sha256', $secret);
        return new self('basic', $id, '', $notAfter, static fn (string $text, Proof $proof): bool =>
            hash_equals($expected, hash('sha256', $proof->signature)));
    }

    /** This gateway's own format. `algorithm`: aes-128-cfb or aes-256-cfb. */
    public static function aes(
        string $id,
        string $algorithm,
        #[\SensitiveParameter] string $key,
        #[\SensitiveParameter] string $vector,
        ?int $notAfter = null
    ): self {
        $size = ['aes-128-cfb' => 16, 'aes-256-cfb' => 32][$algorithm] ?? null;
        if ($size === null) {
            throw new \InvalidArgumentException('algorithm must be aes-128-cfb or aes-256-cfb');
        }
        if (strlen($key) !== $size || strlen($vector) !== 16) {
            throw new \InvalidArgumentException("$algorithm needs a key of $size bytes and a vector of 16");
        }
        $proves = static function (string $text, Proof $proof) use ($algorithm, $key, $vector): bool {
            self::demandHex($proof->signature);
            $wrapped = openssl_encrypt(hash_hmac('sha256', $text, $key, true), $algorithm, $key, OPENSSL_RAW_DATA, $vector);
            return is_string($wrapped) && hash_equals(bin2hex($wrapped), $proof->signature);
        };
        return new self('aes', $id, 'SDK-' . strtoupper($algorithm), $notAfter, $proves);
    }

    /** This gateway's own format. `text`: an SPKI, in PEM or bare base64; RSA from 2048 bits, or ECDSA P-256. */
    public static function publicKey(string $id, string $text, ?int $notAfter = null): self
    {
        $bare = (string) preg_replace(['/^-----.*$/m', '/\s+/'], '', $text);
        $key = openssl_pkey_get_public("-----BEGIN PUBLIC KEY-----\n" . chunk_split($bare, 64, "\n") . "-----END PUBLIC KEY-----\n");
        $details = $key === false ? false : openssl_pkey_get_details($key);
        if ($details === false) {
            throw new \InvalidArgumentException('a public key must be an SPKI, in PEM or bare base64');
        }
        if ($details['type'] === OPENSSL_KEYTYPE_RSA && $details['bits'] >= 2048) {
            return new self('public_key', $id, 'SDK-RSA-SHA256', $notAfter, static fn (string $text, Proof $proof): bool =>
                openssl_verify($text, self::base64($proof->signature), $key, OPENSSL_ALGO_SHA256) === 1);
        }
        if ($details['type'] === OPENSSL_KEYTYPE_EC && ($details['ec']['curve_name'] ?? '') === 'prime256v1') {
            return new self('public_key', $id, 'SDK-ECDSA-P256-SHA256', $notAfter, static fn (string $text, Proof $proof): bool =>
                openssl_verify($text, self::hex($proof->signature), $key, OPENSSL_ALGO_SHA256) === 1);
        }
        throw new \InvalidArgumentException('a public key must be RSA from 2048 bits, or ECDSA P-256');
    }

    /** bce-auth-v1 in X-Bce-Gateway-Auth. */
    public static function bce(string $id, #[\SensitiveParameter] string $secret, ?int $notAfter = null): self
    {
        self::demandSecret($secret);
        return new self('bce', $id, '', $notAfter, static fn (string $text, Proof $proof): bool =>
            hash_equals(hash_hmac('sha256', $text, hash_hmac('sha256', $proof->prefix, $secret)), $proof->signature));
    }

    /** X-Ca-Proxy-Signature. */
    public static function aliyun(string $id, #[\SensitiveParameter] string $secret, ?int $notAfter = null): self
    {
        self::demandSecret($secret);
        return new self('aliyun', $id, '', $notAfter, static function (string $text, Proof $proof) use ($secret): bool {
            if (strlen($proof->signature) !== 44) {
                throw VerificationError::malformed('X-Ca-Proxy-Signature is not the base64 of 32 bytes');
            }
            return hash_equals(base64_encode(hash_hmac('sha256', $text, $secret, true)), $proof->signature);
        });
    }

    public function holds(int|float $now): bool
    {
        return $this->notAfter === null || $now <= $this->notAfter;
    }

    /** @internal */
    public function proves(string $text, Proof $proof): bool
    {
        return ($this->proves)($text, $proof);
    }

    /** Keeps secrets out of var_dump and print_r. */
    public function __debugInfo(): array
    {
        return ['type' => $this->type, 'id' => $this->id, 'notAfter' => $this->notAfter];
    }

    private static function demandSecret(string $secret): void
    {
        if ($secret === '') {
            throw new \InvalidArgumentException('a key needs a secret');
        }
    }

    private static function demandHex(string $signature): void
    {
        if (preg_match('/^[0-9a-f]{64}$/D', $signature) !== 1) {
            throw VerificationError::malformed('Signature is not 64 lower-case hex digits');
        }
    }

    private static function base64(string $signature): string
    {
        $data = base64_decode($signature, true);
        if ($data === false || $data === '' || base64_encode($data) !== $signature) {
            throw VerificationError::malformed('Signature is not base64');
        }
        return $data;
    }

    private static function hex(string $signature): string
    {
        if (preg_match('/^(?:[0-9a-f]{2}){1,72}$/D', $signature) !== 1) {
            throw VerificationError::malformed('Signature is not lower-case hex');
        }
        return (string) hex2bin($signature);
    }
}
