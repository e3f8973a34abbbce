<?php

declare(strict_types=1);

namespace Countersign;

/** Verifies that a request came through the gateway, unchanged and just now. The options: ../../README.md. */
final class Verifier
{
    public const DEFAULT_WINDOW = 900;
    private const SDK = ['hmac', 'aes', 'public_key'];
    private const CALLER = ['x-countersign-app', 'x-mse-consumer', 'x-countersign-user'];

    /** @var list<Key> */
    private readonly array $keys;
    private readonly \Closure $clock;

    /**
     * @param iterable<Key> $keys those that hold now
     * @param ?callable(): (int|float) $clock gives Unix seconds
     */
    public function __construct(
        iterable $keys,
        private readonly int $window = self::DEFAULT_WINDOW,
        ?callable $clock = null,
        private readonly bool $requireSignedBody = false,
        private readonly bool $acceptUndated = false,
        private readonly string $proofHeader = 'Authorization'
    ) {
        $this->keys = (static fn (Key ...$keys): array => array_values($keys))(...$keys);
        if ($this->keys === []) {
            throw new \InvalidArgumentException('a verifier needs a key');
        }
        if ($window < 0) {
            throw new \InvalidArgumentException('the window is no number of seconds');
        }
        $this->clock = $clock === null ? static fn (): float => microtime(true) : $clock(...);
    }

    /** @throws VerificationError */
    public function verify(Request $request): Verified
    {
        $now = ($this->clock)();
        $proof = $this->read($request);
        $keys = $this->liveKeys($proof, $now);
        if ($proof->type === 'basic') {
            self::demandProof($keys, '', $proof);
            $this->checkCover($request, false);
            return self::verified($request, $proof, '', '');
        }
        $this->checkSignedHeaders($request, $proof);
        $this->checkTime($proof, $now);
        [$text, $canonical] = self::texts($request, $proof);
        self::demandProof($keys, $text, $proof);
        $this->checkBody($request, $proof);
        return self::verified($request, $proof, $text, $canonical);
    }

    private function read(Request $request): Proof
    {
        $types = array_map(static fn (Key $key): string => $key->type, $this->keys);
        $readers = [
            [[...self::SDK, 'basic'], $this->proofHeader, static fn (string $value): Proof => Proof::readAuthorization($value, $types)],
            [['bce'], 'X-Bce-Gateway-Auth', Proof::readBce(...)],
            [['aliyun'], 'X-Ca-Proxy-Signature', static fn (string $value): Proof => Proof::readAliyun($request, $value)],
        ];
        $found = [];
        foreach ($readers as [$read, $name, $reader]) {
            foreach (array_intersect($read, $types) === [] ? [] : $request->values($name) as $value) {
                $found[] = [$reader, $value];
            }
        }
        if ($found === []) {
            throw new VerificationError(Code::Missing, 'no proof');
        }
        if (count($found) > 1) {
            throw VerificationError::malformed('more than one proof');
        }
        return $found[0][0]($found[0][1]);
    }

    /** @return list<Key> */
    private function liveKeys(Proof $proof, int|float $now): array
    {
        $keys = array_filter($this->keys, static fn (Key $key): bool =>
            $key->type === $proof->type && $key->id === $proof->keyId && $key->holds($now));
        if ($keys === []) {
            throw new VerificationError(Code::UnknownKey, 'no key of this id that holds');
        }
        $fitting = array_filter($keys, static fn (Key $key): bool => $key->algorithm === $proof->algorithm);
        if ($fitting === []) {
            throw new VerificationError(Code::AlgorithmNotAllowed, $proof->algorithm . ' is not the algorithm of this key');
        }
        return array_values($fitting);
    }

    /**
     * Every key is tried, so that the time does not tell which one fits.
     *
     * @param list<Key> $keys
     */
    private static function demandProof(array $keys, string $text, Proof $proof): void
    {
        $fits = false;
        foreach ($keys as $key) {
            $fits = $key->proves($text, $proof) || $fits;
        }
        if (!$fits) {
            throw new VerificationError(Code::SignatureMismatch, 'the proof does not fit ' . strtr($text, "\n", '|'));
        }
    }

    private function checkSignedHeaders(Request $request, Proof $proof): void
    {
        foreach ($proof->names as $name) {
            if (count($request->values($name)) !== 1) {
                throw new VerificationError(Code::SignedHeaderMissing, "$name is signed, and not there exactly once");
            }
        }
        foreach ($this->mustBeSigned($request, $proof) as $name) {
            if (!in_array($name, $proof->names, true)) {
                throw new VerificationError(Code::SignedHeaderMissing, "$name is not signed");
            }
        }
        $proof->readSigned($request);
    }

    /** @return list<string> */
    private function mustBeSigned(Request $request, Proof $proof): array
    {
        $names = array_values(array_filter(self::CALLER, $request->has(...)));
        if ($proof->type !== 'aliyun') {
            $names[] = 'host';
        } elseif (!$this->acceptUndated || $request->has('x-ca-timestamp')) {
            $names[] = 'x-ca-timestamp';
        }
        if (in_array($proof->type, self::SDK, true)) {
            $names[] = 'x-sdk-date';
            if ($request->has(Texts::PAYLOAD)) {
                $names[] = Texts::PAYLOAD;
            }
        }
        return $names;
    }

    private function checkTime(Proof $proof, int|float $now): void
    {
        if ($proof->date === null) {
            return;
        }
        if (abs($now * 1000 - $proof->date) > $this->window * 1000) {
            throw new VerificationError(Code::Expired, 'outside of the window of ' . $this->window . ' seconds');
        }
        if ($proof->lifetime !== null && $now * 1000 >= $proof->date + $proof->lifetime * 1000) {
            throw new VerificationError(Code::Expired, 'past the expiry that it carries');
        }
    }

    /** @return array{string, string} string to sign, canonical request */
    private static function texts(Request $request, Proof $proof): array
    {
        if ($proof->type === 'bce') {
            return [Texts::bceText($request, $proof->names), ''];
        }
        if ($proof->type === 'aliyun') {
            return [Texts::aliyunText($request, $proof->spelled), ''];
        }
        $canonical = Texts::sdkCanonical($request, $proof->names);
        return [Texts::sdkText($proof->algorithm, $request, $canonical), $canonical];
    }

    private function checkBody(Request $request, Proof $proof): void
    {
        if ($proof->type === 'aliyun') {
            $this->checkCover($request, Texts::aliyunCoversBody($request));
        } elseif ($proof->type === 'bce') {
            $this->checkBceBody($request, $proof);
        } else {
            $declared = $request->value(Texts::PAYLOAD);
            if ($declared !== '' && $declared !== Texts::UNSIGNED) {
                self::checkDigest(hash('sha256', $request->body), $declared);
            }
            $this->checkCover($request, $declared !== Texts::UNSIGNED);
        }
    }

    private function checkBceBody(Request $request, Proof $proof): void
    {
        $covered = false;
        foreach (['x-bce-content-sha256', 'content-md5'] as $name) {
            if (in_array($name, $proof->names, true)) {
                $digest = $name === 'content-md5' ? Texts::contentMd5($request->body) : hash('sha256', $request->body);
                self::checkDigest($digest, $request->value($name));
                $covered = true;
            }
        }
        $this->checkCover($request, $covered);
    }

    private function checkCover(Request $request, bool $covered): void
    {
        if ($this->requireSignedBody && $request->body !== '' && !$covered) {
            throw new VerificationError(Code::BodyMismatch, 'the signature does not cover the body');
        }
    }

    private static function checkDigest(string $digest, string $declared): void
    {
        if (!hash_equals($digest, $declared)) {
            throw new VerificationError(Code::BodyMismatch, 'the body is not the one whose digest is signed');
        }
    }

    private static function verified(Request $request, Proof $proof, string $text, string $canonical): Verified
    {
        $told = static fn (string $name): string =>
            $proof->type === 'basic' || in_array($name, $proof->names, true) ? $request->value($name) : '';
        return new Verified($proof->type, $proof->keyId, $proof->names, $told('x-countersign-app'), $told('x-mse-consumer'),
            $told('x-request-id'), $text, $canonical);
    }
}
