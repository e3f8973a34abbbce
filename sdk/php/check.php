<?php

declare(strict_types=1);

// check.php: what the vectors do not ask: keys that cannot be one, options, what is told, requests that cannot be signed. Last line:
// "N passed, N failed".

use Countersign\{Code, Key, Request, Signer, VerificationError, Verifier};

require __DIR__ . '/autoload.php';

$passed = $failed = 0;

function that(bool $holds, string $what): void
{
    global $passed, $failed;
    $holds ? $passed++ : $failed++;
    if (!$holds) {
        echo "FAIL $what\n";
    }
}

/** @param class-string<Throwable> $problem */
function fails(string $problem, Closure $act): bool
{
    try {
        $act();
    } catch (Throwable $thrown) {
        return $thrown instanceof $problem;
    }
    return false;
}

function refusal(Verifier $verifier, Request $request): ?Code
{
    try {
        $verifier->verify($request);
        return null;
    } catch (VerificationError $refusal) {
        return $refusal->reason;
    }
}

function checkKeys(): void
{
    $sixteen = '0123456789abcdef';
    $newPublic = static fn (array $options): string => openssl_pkey_get_details(openssl_pkey_new($options))['key'];
    $bad = [
        'no secret' => static fn (): Key => Key::hmac('id', ''),
        'no id' => static fn (): Key => Key::bce('', 'secret'),
        'a short aes key' => static fn (): Key => Key::aes('id', 'aes-128-cfb', '0123456789abcde', $sixteen),
        'an aes key of the other size' => static fn (): Key => Key::aes('id', 'aes-256-cfb', $sixteen, $sixteen),
        'a short vector' => static fn (): Key => Key::aes('id', 'aes-128-cfb', $sixteen, '0123456789abcde'),
        'another algorithm' => static fn (): Key => Key::aes('id', 'aes-192-cfb', $sixteen, $sixteen),
        'no SPKI' => static fn (): Key => Key::publicKey('id', 'AAAA'),
        'RSA of 1024 bits' => static fn (): Key => Key::publicKey('id', $newPublic(['private_key_bits' => 1024])),
        'another curve' => static fn (): Key =>
            Key::publicKey('id', $newPublic(['private_key_type' => OPENSSL_KEYTYPE_EC, 'curve_name' => 'secp384r1'])),
        'a verifier without keys' => static fn (): Verifier => new Verifier([]),
        'a window before it begins' => static fn (): Verifier => new Verifier([Key::hmac('id', 'secret')], window: -1),
    ];
    foreach ($bad as $what => $make) {
        that(fails(InvalidArgumentException::class, $make), $what);
    }
    that(!str_contains(print_r(Key::hmac('id', 'a-secret'), true), 'a-secret'), 'a key that is printed shows no secret');
}

function checkVerifying(): void
{
    $request = new Request('POST', '/orders', [['Host', 'a.example'], ['X-Countersign-App', 'app-1'], ['X-Request-Id', 'r1']], 'pay 1');
    $signed = $request->withHeaders(Signer::sdkHmac($request, 'id', 'secret', signedHeaders: ['x-countersign-app'])->headers);
    $verified = (new Verifier([Key::hmac('id', 'secret')]))->verify($signed);
    that([$verified->type, $verified->keyId, $verified->caller()] === ['hmac', 'id', 'app-1'], 'what is told, by the system\'s clock');
    that($verified->signedHeaders === ['host', 'x-countersign-app', 'x-sdk-date'], 'signed headers');
    that($verified->requestId === '', 'a request id that is not signed is not told');
    $elsewhere = new Verifier([Key::hmac('id', 'secret')], proofHeader: 'X-Proof');
    that(refusal($elsewhere, $signed) === Code::Missing, 'the header that is not asked');
    that(refusal($elsewhere, $signed->withHeaders([['x-proof', $signed->value('authorization')]])) === null, 'a proof in another header');
}

function checkSigning(): void
{
    $bad = [
        'a repeated parameter name' => static fn () => Signer::aliyunCa(new Request('GET', '/?a=1&a=2', []), 'id', 'secret'),
        'a target that is not encoded' => static fn () => Signer::sdkHmac(new Request('GET', "/\xc3\xa9", []), 'id', 'secret'),
        'a bad escape' => static fn () => Signer::bce(new Request('GET', '/%4', []), 'id', 'secret'),
    ];
    foreach ($bad as $what => $sign) {
        that(fails(InvalidArgumentException::class, $sign), $what);
    }
    $names = array_column(Signer::aliyunCa(new Request('POST', '/', [], 'x'), 'id', 'secret')->headers, 0);
    that($names === ['X-Ca-Key', 'Accept', 'X-Ca-Timestamp', 'X-Ca-Nonce', 'Content-MD5', 'X-Ca-Signature-Headers', 'X-Ca-Signature'],
        'all headers that aliyun-ca sets');
}

checkKeys();
checkVerifying();
checkSigning();
echo "$passed passed, $failed failed\n";
exit($passed > 0 && $failed === 0 ? 0 : 1);
