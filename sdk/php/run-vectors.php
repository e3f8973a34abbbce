<?php

declare(strict_types=1);

// run-vectors.php FOLDER: checks every case of the vectors (vectors/README.md). Last line: "N passed, N failed".

use Countersign\{Key, Request, Signed, Signer, VerificationError, Verified, Verifier};

require __DIR__ . '/autoload.php';

function readRequest(string $file): Request
{
    [$head, $body] = explode("\n\n", (string) file_get_contents($file), 2);
    $lines = explode("\n", $head);
    [$method, $target] = explode(' ', array_shift($lines));
    return new Request($method, $target, array_map(static fn (string $line): array => explode(':', $line, 2), $lines), $body);
}

function makeKey(array $known): Key
{
    $end = $known['not_after'] ?? null;
    return match ($known['type']) {
        'aes' => Key::aes($known['id'], $known['algorithm'], $known['key'], $known['secret'], $end),
        'public_key' => Key::publicKey($known['id'], $known['public_key'], $end),
        'hmac' => Key::hmac($known['id'], $known['secret'], $end),
        'basic' => Key::basic($known['id'], $known['secret'], $end),
        'bce' => Key::bce($known['id'], $known['secret'], $end),
        'aliyun' => Key::aliyun($known['id'], $known['secret'], $end),
    };
}

function makeVerifier(array $context): Verifier
{
    $options = $context['options'];
    return new Verifier(array_map(makeKey(...), $context['keys']), $options['window'] ?? Verifier::DEFAULT_WINDOW,
        static fn (): int => $context['now'], $options['require_signed_body'] ?? false, $options['accept_undated'] ?? false);
}

function checkTexts(string $folder, Signed|Verified $result): string
{
    foreach (['string-to-sign.txt' => $result->stringToSign, 'canonical-request.txt' => $result->canonicalRequest] as $name => $text) {
        if (is_file("$folder/$name") && file_get_contents("$folder/$name") !== $text) {
            return "another $name";
        }
    }
    return '';
}

/** Of a client scheme, or of a type whose signature a client can make too. */
function checkSigning(string $folder, array $context, Request $signed): string
{
    $key = $context['key'] ?? $context['keys'][0];
    $request = readRequest("$folder/request.txt");
    if ($context['type'] === 'hmac') {
        $request = $request->withHeaders([['X-Sdk-Date', $signed->value('x-sdk-date')]]);
    }
    $with = [$request, $key['id'], $key['secret'], $context['now'], $context['signed_headers']];
    [$result, $proof] = match ($context['type']) {
        'aliyun-ca' => [Signer::aliyunCa(...$with), $context['proof']],
        'sdk-hmac-sha256' => [Signer::sdkHmac(...$with), $context['proof']],
        'bce-auth-v1' => [Signer::bce(...$with), $context['proof']],
        'hmac' => [Signer::sdkHmac(...$with), 'authorization'],
        'bce' => [Signer::bce(...$with, header: 'X-Bce-Gateway-Auth'), 'x-bce-gateway-auth'],
    };
    $made = $request->withHeaders($result->headers)->value($proof);
    return $made === $signed->value($proof) ? checkTexts($folder, $result) : "signed otherwise: $made";
}

function check(string $folder, array $context, string $name): string
{
    $request = readRequest("$folder/$name");
    $expected = $context['expect'][$name];
    if ($expected === 'signed') {
        return checkSigning($folder, $context, $request);
    }
    try {
        $result = makeVerifier($context)->verify($request);
    } catch (VerificationError $refusal) {
        return $refusal->reason->value === $expected ? '' : "expected $expected, got " . $refusal->getMessage();
    }
    if ($expected !== 'accept') {
        return "expected $expected, was accepted";
    }
    if ($name !== 'signed-request.txt') {
        return '';
    }
    return checkTexts($folder, $result) ?: (isset($context['signed_headers']) ? checkSigning($folder, $context, $request) : '');
}

function main(string $root): int
{
    $passed = $failed = 0;
    foreach (glob("$root/*/*/context.json") as $path) {
        $context = json_decode((string) file_get_contents($path), true, 512, JSON_THROW_ON_ERROR);
        $folder = dirname($path);
        foreach (array_keys($context['expect']) as $name) {
            try {
                $problem = check($folder, $context, $name);
            } catch (Throwable $fault) { // a fault is a failed case, not the end
                $problem = get_class($fault) . ': ' . $fault->getMessage();
            }
            $problem === '' ? $passed++ : $failed++;
            if ($problem !== '') {
                echo 'FAIL ', substr($folder, strlen($root) + 1), "/$name: $problem\n";
            }
        }
    }
    echo "$passed passed, $failed failed\n";
    return $passed > 0 && $failed === 0 ? 0 : 1;
}

if ($argc !== 2) {
    fwrite(STDERR, "usage: php run-vectors.php FOLDER\n");
    exit(2);
}
exit(main(rtrim($argv[1], '/')));
