<?php

declare(strict_types=1);

namespace Countersign;

/** What a signer gives. */
final class Signed
{
    /** @param list<array{string, string}> $headers pairs to set on the request, each in place of those of its name */
    public function __construct(
        public readonly array $headers,
        public readonly string $stringToSign,
        public readonly string $canonicalRequest = ''
    ) {
    }
}
