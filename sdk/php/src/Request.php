<?php

declare(strict_types=1);

namespace Countersign;

/** A request as it stands on the wire; every string is bytes. */
final class Request
{
    public readonly string $path;
    public readonly string $query;
    /** @var list<array{string, string}> values without blanks around them */
    public readonly array $headers;
    /** @var array<list<string>> lower-case name → values */
    private readonly array $index;

    /**
     * @param string $target raw (`/a%20b?x=1`)
     * @param iterable<array{string, string}> $headers pairs of name and value, repeated ones repeated
     */
    public function __construct(
        public readonly string $method,
        public readonly string $target,
        iterable $headers,
        public readonly string $body = ''
    ) {
        [$this->path, $this->query] = explode('?', $target, 2) + [1 => ''];
        $trimmed = $index = [];
        foreach ($headers as [$name, $value]) {
            $value = trim((string) $value, " \t");
            $trimmed[] = [(string) $name, $value];
            $index[strtolower((string) $name)][] = $value;
        }
        $this->headers = $trimmed;
        $this->index = $index;
    }

    /**
     * The request that PHP serves at the moment (FPM, Apache, `php -S`). PHP hands a repeated header over as one, and no body of
     * multipart/form-data unless `enable_post_data_reading` is off: what it changed does not verify.
     */
    public static function fromGlobals(): self
    {
        $headers = [];
        foreach (getallheaders() as $name => $value) {
            $headers[] = [(string) $name, $value];
        }
        return new self($_SERVER['REQUEST_METHOD'], $_SERVER['REQUEST_URI'], $headers, (string) file_get_contents('php://input'));
    }

    /** @return list<string> every value of a header, in order */
    public function values(string $name): array
    {
        return $this->index[strtolower($name)] ?? [];
    }

    public function has(string $name): bool
    {
        return $this->values($name) !== [];
    }

    /** The first value of a header, '' without one. */
    public function value(string $name): string
    {
        return $this->values($name)[0] ?? '';
    }

    public function isForm(): bool
    {
        return strtolower(trim(explode(';', $this->value('content-type'), 2)[0])) === 'application/x-www-form-urlencoded';
    }

    /** @param list<array{string, string}> $pairs take the place of the headers of their names */
    public function withHeaders(array $pairs): self
    {
        $replaced = array_map(static fn (array $pair): string => strtolower($pair[0]), $pairs);
        $kept = array_filter($this->headers, static fn (array $pair): bool => !in_array(strtolower($pair[0]), $replaced, true));
        return new self($this->method, $this->target, [...array_values($kept), ...$pairs], $this->body);
    }
}
