// check.exe: published values for what the library computes itself, and what the vectors do not ask. Last line: "N passed, N failed".
using System;
using System.Collections.Generic;
using System.Linq;
using Countersign;

internal static class Check
{
    private static int passed, failed;

    private static void That(bool holds, string what)
    {
        if (holds) passed++;
        else failed++;
        if (!holds) Console.WriteLine("FAIL " + what);
    }

    private static bool Fails<T>(Action action) where T : Exception
    {
        try
        {
            action();
            return false;
        }
        catch (T)
        {
            return true;
        }
    }

    // NIST SP 800-38A, F.3.13 and F.3.17.
    private static void Cfb()
    {
        var vector = Bytes.OfHex("000102030405060708090a0b0c0d0e0f");
        var plain = Bytes.OfHex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
        var small = Key.Cfb128(Bytes.OfHex("2b7e151628aed2a6abf7158809cf4f3c"), vector, plain);
        That(Bytes.Hex(small) == "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b", "AES-128 CFB128");
        var large = Key.Cfb128(Bytes.OfHex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"), vector, plain);
        That(Bytes.Hex(large) == "dc7e84bfda79164b7ecd8486985d386039ffed143b28b1c832113c6331e5407b", "AES-256 CFB128");
    }

    // RFC 6979, A.2.5: P-256 with SHA-256, messages "sample" and "test".
    private static void Ecdsa()
    {
        const string x = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6", y = "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
        const string r = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716", s = "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
        const string r2 = "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367", s2 = "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083";
        const string n = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
        var key = new P256(Bytes.OfHex("04" + x + y));
        byte[] sample = Bytes.Sha256(Bytes.OfLatin("sample")), test = Bytes.Sha256(Bytes.OfLatin("test"));
        That(key.Verify(sample, Der(r, s)), "sample");
        That(key.Verify(test, Der(r2, s2)), "test");
        That(!key.Verify(test, Der(r, s)), "another text");
        That(!key.Verify(sample, Der(r, s2)), "another s");
        That(!key.Verify(sample, Der(s, r)), "r and s changed");
        That(!key.Verify(sample, Der("00", s)) && !key.Verify(sample, Der(r, "00")), "zero");
        That(!key.Verify(sample, Der(n, s)) && !key.Verify(sample, Der(r, n)), "the order of the curve");
        That(!key.Verify(sample, Der(r, s).Concat(new byte[] { 0 }).ToArray()), "a byte behind it");
        That(!key.Verify(sample, Bytes.OfHex("3046" + "022200" + "00" + r + "022100" + s)), "a zero too many");
        That(!key.Verify(sample, Bytes.OfHex("3044" + "0220" + r + "0220" + s)), "negative numbers");
        That(!key.Verify(sample, new byte[0]) && !key.Verify(sample, new byte[] { 0x30, 0x84 }), "no DER");
        That(Fails<FormatException>(() => new P256(Bytes.OfHex("04" + x + x))), "a point beside the curve");
        That(Fails<FormatException>(() => new P256(Bytes.OfHex("03" + x))), "a compressed point");
        That(Fails<FormatException>(() => new P256(new byte[65])), "the point at infinity");
    }

    private static byte[] Der(params string[] numbers)
    {
        var content = numbers.Select(hex => Bytes.OfHex(hex).SkipWhile(one => one == 0).ToArray())
            .Select(data => data.Length == 0 || data[0] >= 0x80 ? new byte[] { 0 }.Concat(data).ToArray() : data)
            .SelectMany(data => new[] { (byte)2, (byte)data.Length }.Concat(data)).ToArray();
        return new[] { (byte)0x30, (byte)content.Length }.Concat(content).ToArray();
    }

    private static void Keys()
    {
        That(Fails<ArgumentException>(() => Key.Hmac("id", "")), "no secret");
        That(Fails<ArgumentException>(() => Key.Hmac("", "secret")), "no id");
        That(Fails<ArgumentException>(() => Key.Aes("id", "aes-128-cfb", "0123456789abcde", "0123456789abcdef")), "a short aes key");
        That(Fails<ArgumentException>(() => Key.Aes("id", "aes-128-cfb", "0123456789abcdef", "0123456789abcde")), "a short vector");
        That(Fails<ArgumentException>(() => Key.Aes("id", "aes-192-cfb", "0123456789abcdef", "0123456789abcdef")), "another algorithm");
        That(Fails<ArgumentException>(() => Key.Public("id", "AAAA")), "no SPKI");
        That(Fails<ArgumentException>(() => new Verifier()), "no key");
        That(Fails<ArgumentException>(() => new Verifier(new[] { Key.Hmac("id", "secret") }, new VerifierOptions { Window = -1 })), "a window before it begins");
    }

    private static Request Plain(string target, string body = "") => new Request("POST", target, Headers, Bytes.OfLatin(body));

    private static readonly KeyValuePair<string, string>[] Headers =
    {
        new KeyValuePair<string, string>("Host", "a.example"), new KeyValuePair<string, string>("X-Countersign-App", "app-1"),
        new KeyValuePair<string, string>("X-Request-Id", "r1")
    };

    private static void Verifying()
    {
        var request = Plain("/orders", "pay 1");
        var signed = request.With(Signer.SdkHmac(request, "id", "secret", new SigningOptions { SignedHeaders = new[] { "x-countersign-app" } }).Headers);
        var verified = new Verifier(Key.Hmac("id", "secret")).Verify(signed);
        That(verified.Type == "hmac" && verified.KeyId == "id" && verified.Caller == "app-1", "what is told, by the system's clock");
        That(verified.SignedHeaders.SequenceEqual(new[] { "host", "x-countersign-app", "x-sdk-date" }), "signed headers");
        That(verified.RequestId == "", "a request id that is not signed is not told");
        var elsewhere = new Verifier(new[] { Key.Hmac("id", "secret") }, new VerifierOptions { ProofHeader = "X-Proof" });
        That(Fails<VerificationException>(() => elsewhere.Verify(signed)), "the header that is not asked");
        var moved = signed.With(new[] { new KeyValuePair<string, string>("x-proof", signed.Value("Authorization")) });
        That(elsewhere.Verify(moved).Caller == "app-1", "a proof in another header");
        That(Fails<VerificationException>(() => elsewhere.Verify(new Request("POST", "/\u0416", moved.Headers, moved.Body))), "a character that is no byte");
    }

    private static void Signing()
    {
        That(Fails<ArgumentException>(() => Signer.AliyunCa(Plain("/?a=1&a=2"), "id", "secret")), "a repeated parameter name");
        That(Fails<ArgumentException>(() => Signer.SdkHmac(Plain("/\u00e9"), "id", "secret")), "a target that is not encoded");
        That(Fails<ArgumentException>(() => Signer.Bce(Plain("/%4"), "id", "secret")), "a bad escape");
        That(Fails<ArgumentException>(() => Signer.Bce(Plain("/"), "id", "")), "no secret to sign with");
        var names = Signer.AliyunCa(Plain("/", "x"), "id", "secret").Headers.Select(header => header.Key);
        That(string.Join(" ", names) == "X-Ca-Key Accept X-Ca-Timestamp X-Ca-Nonce Content-MD5 X-Ca-Signature-Headers X-Ca-Signature", "all that aliyun-ca sets");
    }

    private static int Main()
    {
        Cfb();
        Ecdsa();
        Keys();
        Verifying();
        Signing();
        Console.WriteLine(passed + " passed, " + failed + " failed");
        return passed > 0 && failed == 0 ? 0 : 1;
    }
}
