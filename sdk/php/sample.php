<?php

declare(strict_types=1);

// A backend that believes the gateway only; its keys are in the environment (../README.md). `php sample.php PORT` answers one request after
// another from a socket of its own; `php -S 127.0.0.1:PORT sample.php`, FPM and Apache serve it as any page of PHP.

use Countersign\{Key, Request, VerificationError, Verifier};

require __DIR__ . '/autoload.php';

const MAX_BODY = 12 << 20;

/** @return list<Key> While the gateway's key is changed: the one that signs now, and the one that follows. */
function keysOfEnvironment(): array
{
    [$id, $secret, $key] = array_map(static fn (string $name): string => (string) getenv("COUNTERSIGN_$name"), ['ID', 'SECRET', 'KEY']);
    [$nextId, $nextSecret, $nextKey] = array_map(static fn (string $name): string|false => getenv("COUNTERSIGN_NEXT_$name"), ['ID', 'SECRET', 'KEY']);
    $keys = [keyOf($id, $secret, $key)];
    if ($nextSecret !== false || $nextKey !== false) {
        $keys[] = keyOf($nextId === false ? $id : $nextId, $nextSecret === false ? $secret : $nextSecret, $nextKey === false ? $key : $nextKey);
    }
    return $keys;
}

function keyOf(string $id, string $secret, string $key): Key
{
    $type = getenv('COUNTERSIGN_TYPE') ?: 'hmac';
    return match ($type) {
        'hmac' => Key::hmac($id, $secret),
        'basic' => Key::basic($id, $secret),
        'aes' => Key::aes($id, (string) getenv('COUNTERSIGN_ALGORITHM'), $key, $secret),
        'public_key' => Key::publicKey($id, $key),
        'bce' => Key::bce($id, $secret),
        'aliyun' => Key::aliyun($id, $secret),
        default => throw new InvalidArgumentException("COUNTERSIGN_TYPE $type is none"),
    };
}

/** @return array{int, array<string, mixed>} status and answer */
function answer(Verifier $verifier, Request $request): array
{
    try {
        $verified = $verifier->verify($request);
    } catch (VerificationError $refusal) {
        error_log('refused: ' . $refusal->getMessage());
        return [401, ['error' => $refusal->reason->value]];
    }
    return [200, ['verified' => true, 'type' => $verified->type, 'key_id' => $verified->keyId, 'caller' => $verified->caller(),
        'method' => $request->method, 'target' => $request->target, 'body_bytes' => strlen($request->body)]];
}

/** @param resource $connection */
function readRequest($connection): ?Request
{
    $lines = [];
    while (($line = fgets($connection, 65536)) !== false && ($line = rtrim($line, "\r\n")) !== '' && count($lines) < 200) {
        $lines[] = $line;
    }
    [$method, $target] = explode(' ', array_shift($lines) ?? '') + ['', ''];
    $pairs = array_map(static fn (string $line): array => explode(':', $line, 2) + [1 => ''], $lines);
    $request = new Request($method, $target, $pairs);
    $length = (int) $request->value('content-length');
    if ($line !== '' || $method === '' || $request->has('transfer-encoding') || $length < 0 || $length > MAX_BODY) {
        return null;
    }
    $body = $length === 0 ? '' : (string) stream_get_contents($connection, $length);
    return strlen($body) === $length ? new Request($method, $target, $pairs, $body) : null;
}

function serve(Verifier $verifier, string $port): void
{
    $server = stream_socket_server("tcp://127.0.0.1:$port", $code, $message) ?: throw new RuntimeException($message);
    echo 'listening at http://', stream_socket_get_name($server, false), "\n";
    while (true) {
        $connection = @stream_socket_accept($server, 3600);
        if ($connection === false) {
            continue;
        }
        stream_set_timeout($connection, 10);
        $request = readRequest($connection);
        [$status, $told] = $request === null ? [400, ['error' => 'no request that this sample reads']] : answer($verifier, $request);
        $json = json_encode($told, JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_SLASHES);
        $words = [200 => 'OK', 400 => 'Bad Request', 401 => 'Unauthorized'];
        fwrite($connection, "HTTP/1.1 $status {$words[$status]}\r\nContent-Type: application/json\r\nContent-Length: " . strlen($json)
            . "\r\nConnection: close\r\n\r\n" . $json);
        fclose($connection);
    }
}

$verifier = new Verifier(keysOfEnvironment());
if (PHP_SAPI === 'cli') {
    serve($verifier, $argv[1] ?? '0');
} else {
    [$status, $told] = answer($verifier, Request::fromGlobals());
    http_response_code($status);
    header('Content-Type: application/json');
    echo json_encode($told, JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_SLASHES);
}
