<?php

declare(strict_types=1);

namespace Countersign;

/**
 * What a request claims, as it is written there; nothing is decided here.
 *
 * @internal
 */
final class Proof
{
    private const ALGORITHMS = ['SDK-HMAC-SHA256' => 'hmac', 'SDK-AES-128-CFB' => 'aes', 'SDK-AES-256-CFB' => 'aes',
        'SDK-RSA-SHA256' => 'public_key', 'SDK-ECDSA-P256-SHA256' => 'public_key'];

    /** @var list<string> the signed headers, in lower case */
    public array $names = [];
    /** @var list<string> as the list spells them */
    public array $spelled = [];
    /** Unix milliseconds */
    public ?int $date = null;
    public ?int $lifetime = null;
    public string $prefix = '';

    private function __construct(
        public readonly string $type,
        public readonly string $keyId,
        public readonly string $signature,
        public readonly string $algorithm = ''
    ) {
    }

    /**
     * The header of hmac, basic, aes and public_key.
     *
     * @param list<string> $types
     */
    public static function readAuthorization(string $value, array $types): self
    {
        [$word, $rest] = explode(' ', $value, 2) + [1 => ''];
        $type = strtolower($word) === 'basic' ? 'basic' : self::ALGORITHMS[$word] ?? '';
        if (!in_array($type, $types, true)) {
            throw new VerificationError(Code::AlgorithmNotAllowed, 'a proof for which there is no key here');
        }
        if ($type === 'basic') {
            return self::readBasic(trim($rest, ' '));
        }
        $text = '([\x21-\x2b\x2d-\x7e]+)';
        if (preg_match("/^Access=$text,[ \\t]?SignedHeaders=$text,[ \\t]?Signature=$text\$/D", trim($rest, " \t"), $found) !== 1) {
            throw VerificationError::malformed('not Access, SignedHeaders and Signature in this order');
        }
        $proof = new self($type, $found[1], $found[3], $word);
        $proof->names = $proof->spelled = self::lowerNames($found[2]);
        return $proof;
    }

    private static function readBasic(string $token): self
    {
        $pair = base64_decode($token, true);
        if ($pair === false || base64_encode($pair) !== $token) {
            throw VerificationError::malformed('Basic without base64');
        }
        $parts = explode(':', $pair, 2);
        if (count($parts) < 2) {
            throw VerificationError::malformed('Basic without a colon');
        }
        return new self('basic', $parts[0], $parts[1]);
    }

    /** X-Bce-Gateway-Auth. */
    public static function readBce(string $value): self
    {
        $parts = explode('/', $value);
        if ($parts[0] !== 'bce-auth-v1') {
            throw new VerificationError(Code::AlgorithmNotAllowed, 'not bce-auth-v1');
        }
        if (count($parts) !== 6 || $parts[1] === '') {
            throw VerificationError::malformed('not the six parts of bce-auth-v1');
        }
        if (preg_match('/^[1-9][0-9]{0,9}$/D', $parts[3]) !== 1 || (int) $parts[3] > 2147483647) {
            throw VerificationError::malformed('the expiration is no number of seconds');
        }
        if (preg_match('/^[0-9a-f]{64}$/D', $parts[5]) !== 1) {
            throw VerificationError::malformed('the signature is not 64 lower-case hex digits');
        }
        $proof = new self('bce', $parts[1], $parts[5]);
        $proof->date = self::date($parts[2], '/^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z$/D');
        $proof->lifetime = (int) $parts[3];
        $proof->prefix = implode('/', array_slice($parts, 0, 4));
        $proof->names = $proof->spelled = $parts[4] === '' ? [] : self::lowerNames($parts[4]);
        return $proof;
    }

    /** X-Ca-Proxy-Signature and the two headers beside it. */
    public static function readAliyun(Request $request, string $value): self
    {
        $ids = $request->values('X-Ca-Proxy-Signature-Secret-Key');
        $lists = $request->values('X-Ca-Proxy-Signature-Headers');
        if (count($ids) !== 1 || count($lists) > 1 || $ids[0] === '') {
            throw VerificationError::malformed('X-Ca-Proxy-Signature-Secret-Key and -Headers must stand there once');
        }
        $proof = new self('aliyun', $ids[0], $value);
        $proof->spelled = ($lists[0] ?? '') === '' ? [] : self::names($lists[0], ',');
        $proof->names = array_map(strtolower(...), $proof->spelled);
        return $proof;
    }

    /** Reads what a signed header says of the time, and of the body. */
    public function readSigned(Request $request): void
    {
        if ($this->algorithm !== '') {
            $this->date = self::date($request->value('x-sdk-date'), '/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/D');
            foreach ($request->values(Texts::PAYLOAD) as $word) {
                if ($word !== Texts::UNSIGNED && preg_match('/^[0-9a-f]{64}$/D', $word) !== 1) {
                    throw VerificationError::malformed('X-Sdk-Content-Sha256 is neither UNSIGNED-PAYLOAD nor 64 lower-case hex digits');
                }
            }
        } elseif ($this->type === 'aliyun' && in_array('x-ca-timestamp', $this->names, true)) {
            $stamp = $request->value('x-ca-timestamp');
            if (preg_match('/^[0-9]{13}$/D', $stamp) !== 1) {
                throw VerificationError::malformed('X-Ca-Timestamp is no number of milliseconds');
            }
            $this->date = (int) $stamp;
        }
    }

    private static function date(string $text, string $form): int
    {
        if (preg_match($form, $text, $found) !== 1) {
            throw VerificationError::malformed('the date is not of the form that the format wants');
        }
        [, $year, $month, $day, $hour, $minute, $second] = array_map('intval', $found);
        if (!checkdate($month, $day, $year) || $hour > 23 || $minute > 59 || $second > 59) {
            throw VerificationError::malformed('the date is none of the calendar');
        }
        return (int) (new \DateTimeImmutable('@0'))->setDate($year, $month, $day)->setTime($hour, $minute, $second)->format('U') * 1000;
    }

    /** @return list<string> */
    private static function names(string $listed, string $separator): array
    {
        $names = explode($separator, $listed);
        $whole = preg_grep('/^[!#$%&\'*+.^_`|~0-9A-Za-z-]+$/D', $names);
        if (count($whole ?: []) < count($names) || count(array_unique(array_map(strtolower(...), $names))) < count($names)) {
            throw VerificationError::malformed('the list of signed headers holds a name twice, or one that is none');
        }
        return $names;
    }

    /** @return list<string> */
    private static function lowerNames(string $listed): array
    {
        if ($listed !== strtolower($listed)) {
            throw VerificationError::malformed('the list of signed headers holds a name that is not in lower case');
        }
        return self::names($listed, ';');
    }
}
