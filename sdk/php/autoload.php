<?php

declare(strict_types=1);

// For programs without Composer: require this file instead of vendor/autoload.php.
spl_autoload_register(static function (string $class): void {
    if (str_starts_with($class, 'Countersign\\')) {
        $file = __DIR__ . '/src/' . str_replace('\\', '/', substr($class, strlen('Countersign\\'))) . '.php';
        if (is_file($file)) {
            require $file;
        }
    }
});
