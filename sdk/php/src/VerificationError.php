<?php

declare(strict_types=1);

namespace Countersign;

/** The request did not come through the gateway, or not unchanged. `detail` is for the log, never for the caller. */
final class VerificationError extends \RuntimeException
{
    public function __construct(public readonly Code $reason, public readonly string $detail)
    {
        parent::__construct($reason->value . ': ' . $detail);
    }

    /** @internal */
    public static function malformed(string $detail): self
    {
        return new self(Code::Malformed, $detail);
    }
}
