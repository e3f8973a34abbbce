<?php

declare(strict_types=1);

namespace Countersign;

/**
 * The texts that are signed, format by format (../../README.md, "The formats, exactly").
 *
 * @internal
 */
final class Texts
{
    public const PAYLOAD = 'x-sdk-content-sha256';
    public const UNSIGNED = 'UNSIGNED-PAYLOAD';

    /** A `%` without two hex digits is refused. */
    public static function decode(string $text): string
    {
        if (preg_match('/%(?![0-9A-Fa-f]{2})/', $text) !== 0) {
            throw VerificationError::malformed('a % without two hex digits');
        }
        return rawurldecode($text);
    }

    private static function encodePath(string $path): string
    {
        if ($path !== '' && $path[0] !== '/') {
            throw VerificationError::malformed('a target that does not begin with /');
        }
        return str_replace('%2F', '/', rawurlencode(self::decode($path)));
    }

    /** @return list<array{string, string}> the raw items that are not empty, split at the first = */
    private static function items(string $text): array
    {
        $items = array_filter(explode('&', $text), static fn (string $item): bool => $item !== '');
        return array_map(static fn (string $item): array => explode('=', $item, 2) + [1 => ''], array_values($items));
    }

    /** @param list<string> $names */
    public static function sdkCanonical(Request $request, array $names): string
    {
        $path = self::encodePath($request->path);
        $path .= str_ends_with($path, '/') ? '' : '/';
        $pairs = [];
        foreach (self::items($request->query) as [$name, $value]) {
            if ($name !== '') {
                $pairs[] = [self::decode($name), self::decode($value)];
            }
        }
        usort($pairs, static fn (array $a, array $b): int => strcmp($a[0], $b[0]) ?: strcmp($a[1], $b[1]));
        $query = array_map(static fn (array $pair): string => rawurlencode($pair[0]) . '=' . rawurlencode($pair[1]), $pairs);
        $lines = array_map(static fn (string $name): string => $name . ':' . $request->value($name) . "\n", $names);
        $payload = $request->value(self::PAYLOAD) ?: hash('sha256', $request->body);
        return implode("\n", [$request->method, $path, implode('&', $query), implode('', $lines), implode(';', $names), $payload]);
    }

    public static function sdkText(string $algorithm, Request $request, string $canonical): string
    {
        return $algorithm . "\n" . $request->value('x-sdk-date') . "\n" . hash('sha256', $canonical);
    }

    /** @param list<string> $names */
    public static function bceText(Request $request, array $names): string
    {
        $path = self::encodePath($request->path);
        $items = [];
        foreach (self::items($request->query) as [$name, $value]) {
            $name = self::decode($name);
            if (strtolower($name) !== 'authorization') {
                $items[] = rawurlencode($name) . '=' . rawurlencode(self::decode($value));
            }
        }
        $lines = [];
        foreach ($names as $name) {
            if ($request->value($name) !== '') {
                $lines[] = $name . ':' . rawurlencode($request->value($name));
            }
        }
        usort($items, strcmp(...));
        usort($lines, strcmp(...));
        return implode("\n", [$request->method, $path === '' ? '/' : $path, implode('&', $items), implode("\n", $lines)]);
    }

    /** Of a repeated name only one value could be signed: refused. */
    private static function resource(Request $request, bool $bareEmpty): string
    {
        if ($request->path !== '' && $request->path[0] !== '/') {
            throw VerificationError::malformed('a target that does not begin with /');
        }
        $pairs = [];
        foreach ([...self::items($request->query), ...self::items($request->isForm() ? $request->body : '')] as [$name, $value]) {
            $pairs[] = [self::decode(strtr($name, '+', ' ')), self::decode(strtr($value, '+', ' '))];
        }
        usort($pairs, static fn (array $a, array $b): int => strcmp($a[0], $b[0]));
        $items = [];
        foreach ($pairs as $place => [$name, $value]) {
            if ($place > 0 && $pairs[$place - 1][0] === $name) {
                throw VerificationError::malformed('a repeated parameter name, of which one value alone would be signed');
            }
            $items[] = $bareEmpty && $value === '' ? $name : $name . '=' . $value;
        }
        return $request->path . ($items === [] ? '' : '?' . implode('&', $items));
    }

    public static function contentMd5(string $body): string
    {
        return base64_encode(hash('md5', $body, true));
    }

    public static function aliyunCoversBody(Request $request): bool
    {
        return $request->method === 'POST' || $request->method === 'PUT' || $request->isForm();
    }

    /** @param list<string> $spelled the names as the list has them */
    public static function aliyunText(Request $request, array $spelled): string
    {
        $digested = $request->body !== '' && !$request->isForm() && self::aliyunCoversBody($request);
        usort($spelled, strcmp(...));
        $lines = array_map(static fn (string $name): string => strtolower($name) . ':' . $request->value($name) . "\n", $spelled);
        return $request->method . "\n" . ($digested ? self::contentMd5($request->body) : '') . "\n" . implode('', $lines)
            . self::resource($request, false);
    }

    /** @param list<string> $names in lower case, sorted */
    public static function caText(Request $request, array $names): string
    {
        $text = $request->method . "\n";
        foreach (['accept', 'content-md5', 'content-type', 'date'] as $name) {
            $text .= $request->value($name) . "\n";
        }
        foreach ($names as $name) {
            $text .= $name . ':' . $request->value($name) . "\n";
        }
        return $text . self::resource($request, true);
    }
}
