<?php

declare(strict_types=1);

namespace Countersign;

/** Why a request is refused: the same words in every language of the SDK. */
enum Code: string
{
    case Missing = 'missing';
    case Malformed = 'malformed';
    case AlgorithmNotAllowed = 'algorithm_not_allowed';
    case UnknownKey = 'unknown_key';
    case SignedHeaderMissing = 'signed_header_missing';
    case Expired = 'expired';
    case SignatureMismatch = 'signature_mismatch';
    case BodyMismatch = 'body_mismatch';
}
