<?php

declare(strict_types=1);

namespace Countersign;

/**
 * Signs a client's request, in the three schemes that the gateway admits. `now`: Unix seconds, the system's clock when it is null;
 * `signedHeaders`: names to sign beside those that the scheme takes itself. A request that cannot be signed: InvalidArgumentException.
 */
final class Signer
{
    /** @param list<string> $signedHeaders */
    public static function aliyunCa(
        Request $request,
        string $id,
        #[\SensitiveParameter] string $secret,
        int|float|null $now = null,
        array $signedHeaders = []
    ): Signed {
        $request = self::prepared($request);
        $added = [['X-Ca-Key', $id]];
        $stamp = (string) (int) round(($now ?? microtime(true)) * 1000);
        foreach (['Accept' => '*/*', 'X-Ca-Timestamp' => $stamp, 'X-Ca-Nonce' => self::nonce()] as $name => $value) {
            if (!$request->has($name)) {
                $added[] = [$name, $value];
            }
        }
        if ($request->body !== '' && !$request->isForm() && !$request->has('Content-MD5')) {
            $added[] = ['Content-MD5', Texts::contentMd5($request->body)];
        }
        $request = $request->withHeaders($added);
        $names = self::names($request, ['x-ca-key', 'x-ca-timestamp', 'x-ca-nonce'], $signedHeaders);
        $text = self::text(static fn (): string => Texts::caText($request, $names));
        $added[] = ['X-Ca-Signature-Headers', implode(',', $names)];
        $added[] = ['X-Ca-Signature', base64_encode(hash_hmac('sha256', $text, $secret, true))];
        return new Signed($added, $text);
    }

    /** @param list<string> $signedHeaders */
    public static function sdkHmac(
        Request $request,
        string $id,
        #[\SensitiveParameter] string $secret,
        int|float|null $now = null,
        array $signedHeaders = []
    ): Signed {
        $request = self::prepared($request);
        $added = $request->has('X-Sdk-Date') ? [] : [['X-Sdk-Date', gmdate('Ymd\THis\Z', (int) ($now ?? time()))]];
        $request = $request->withHeaders($added);
        $names = self::names($request, ['host', 'x-sdk-date', Texts::PAYLOAD], $signedHeaders);
        $canonical = self::text(static fn (): string => Texts::sdkCanonical($request, $names));
        $text = Texts::sdkText('SDK-HMAC-SHA256', $request, $canonical);
        $added[] = ['Authorization', sprintf('SDK-HMAC-SHA256 Access=%s, SignedHeaders=%s, Signature=%s', $id, implode(';', $names),
            hash_hmac('sha256', $text, $secret))];
        return new Signed($added, $text, $canonical);
    }

    /**
     * The body is covered only by a header x-bce-content-sha256 or content-md5 that the request has.
     *
     * @param list<string> $signedHeaders
     */
    public static function bce(
        Request $request,
        string $id,
        #[\SensitiveParameter] string $secret,
        int|float|null $now = null,
        array $signedHeaders = [],
        int $expiration = 1800,
        string $header = 'Authorization'
    ): Signed {
        $request = self::prepared($request);
        $own = [];
        foreach ($request->headers as [$name]) {
            if (str_starts_with(strtolower($name), 'x-bce-') && strcasecmp($name, $header) !== 0) {
                $own[] = $name;
            }
        }
        $names = self::names($request, ['host', 'content-type', 'content-md5', ...$own], $signedHeaders);
        $text = self::text(static fn (): string => Texts::bceText($request, $names));
        $prefix = sprintf('bce-auth-v1/%s/%s/%d', $id, gmdate('Y-m-d\TH:i:s\Z', (int) ($now ?? time())), $expiration);
        $proof = hash_hmac('sha256', $text, hash_hmac('sha256', $prefix, $secret));
        return new Signed([[$header, $prefix . '/' . implode(';', $names) . '/' . $proof]], $text);
    }

    private static function prepared(Request $request): Request
    {
        if (preg_match('/[^\x00-\x7f]/', $request->target) === 1) {
            throw new \InvalidArgumentException('the target must be percent-encoded');
        }
        return new Request(strtoupper($request->method), $request->target, $request->headers, $request->body);
    }

    /**
     * @param list<string> $own
     * @param list<string> $more
     * @return list<string> those that are there, sorted
     */
    private static function names(Request $request, array $own, array $more): array
    {
        $names = array_values(array_unique(array_map(strtolower(...), [...$own, ...$more])));
        usort($names, strcmp(...));
        return array_values(array_filter($names, $request->has(...)));
    }

    /** A request that no verifier could read is the caller's mistake here. */
    private static function text(\Closure $make): string
    {
        try {
            return $make();
        } catch (VerificationError $problem) {
            throw new \InvalidArgumentException($problem->detail, 0, $problem);
        }
    }

    private static function nonce(): string
    {
        $bytes = random_bytes(16);
        $bytes[6] = chr(ord($bytes[6]) & 0x0f | 0x40);
        $bytes[8] = chr(ord($bytes[8]) & 0x3f | 0x80);
        return vsprintf('%s%s-%s-%s-%s-%s%s%s', str_split(bin2hex($bytes), 4));
    }
}
