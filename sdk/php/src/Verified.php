<?php

declare(strict_types=1);

namespace Countersign;

/** What is known of a request that is verified. `app`, `consumer`, `requestId`: as the gateway told them, or ''. */
final class Verified
{
    /** @param list<string> $signedHeaders in lower case, as listed */
    public function __construct(
        public readonly string $type,
        public readonly string $keyId,
        public readonly array $signedHeaders,
        public readonly string $app,
        public readonly string $consumer,
        public readonly string $requestId,
        public readonly string $stringToSign,
        public readonly string $canonicalRequest
    ) {
    }

    /** The app, else the consumer, else ''. */
    public function caller(): string
    {
        return $this->app !== '' ? $this->app : $this->consumer;
    }
}
