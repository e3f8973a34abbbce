// run-vectors.exe FOLDER: checks every case of the vectors (vectors/README.md). Last line: "N passed, N failed".
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Countersign;

internal static class RunVectors
{
    private static readonly Encoding Latin = Encoding.GetEncoding("iso-8859-1");

    private static Request ReadRequest(string file)
    {
        var text = Latin.GetString(File.ReadAllBytes(file));
        var end = text.IndexOf("\n\n", StringComparison.Ordinal);
        var lines = text.Substring(0, end).Split('\n');
        var first = lines[0].Split(' ');
        var headers = lines.Skip(1).Select(line => line.Split(new[] { ':' }, 2)).Select(pair => new KeyValuePair<string, string>(pair[0], pair[1]));
        return new Request(first[0], first[1], headers, Latin.GetBytes(text.Substring(end + 2)));
    }

    private static Key MakeKey(JsonObject known)
    {
        string id = known.Get<string>("id"), secret = known.Get<string>("secret");
        var end = known.Has("not_after") ? known.Get<long>("not_after") : (long?)null;
        switch (known.Get<string>("type"))
        {
            case "hmac": return Key.Hmac(id, secret, end);
            case "basic": return Key.Basic(id, secret, end);
            case "aes": return Key.Aes(id, known.Get<string>("algorithm"), known.Get<string>("key"), secret, end);
            case "public_key": return Key.Public(id, known.Get<string>("public_key"), end);
            case "bce": return Key.Bce(id, secret, end);
            default: return Key.Aliyun(id, secret, end);
        }
    }

    private static Verifier MakeVerifier(JsonObject context)
    {
        var known = context.Get<JsonObject>("options");
        var options = new VerifierOptions
        {
            Clock = () => context.Get<long>("now"),
            RequireSignedBody = known.Get<bool>("require_signed_body"),
            AcceptUndated = known.Get<bool>("accept_undated")
        };
        if (known.Has("window")) options.Window = known.Get<long>("window");
        return new Verifier(context.Get<List<object>>("keys").Cast<JsonObject>().Select(MakeKey), options);
    }

    private static string CheckTexts(string folder, string text, string canonical)
    {
        var made = new Dictionary<string, string> { { "string-to-sign.txt", text }, { "canonical-request.txt", canonical } };
        foreach (var one in made)
        {
            var file = Path.Combine(folder, one.Key);
            if (File.Exists(file) && Encoding.UTF8.GetString(File.ReadAllBytes(file)) != one.Value) return "another " + one.Key;
        }
        return "";
    }

    /// <summary>Of a client scheme, or of a type whose signature a client can make too.</summary>
    private static string CheckSigning(string folder, JsonObject context, Request expected)
    {
        var key = context.Has("key") ? context.Get<JsonObject>("key") : (JsonObject)context.Get<List<object>>("keys")[0];
        string id = key.Get<string>("id"), secret = key.Get<string>("secret"), type = context.Get<string>("type"), proof = context.Get<string>("proof");
        var options = new SigningOptions { Now = context.Get<long>("now"), SignedHeaders = context.Get<List<object>>("signed_headers").Cast<string>() };
        var request = ReadRequest(Path.Combine(folder, "request.txt"));
        if (type == "bce") options.Header = proof = "X-Bce-Gateway-Auth";
        if (type == "hmac")
        {
            proof = "authorization";
            request = request.With(new[] { new KeyValuePair<string, string>("X-Sdk-Date", expected.Value("x-sdk-date")) });
        }
        var made = type == "aliyun-ca" ? Signer.AliyunCa(request, id, secret, options)
            : type.StartsWith("bce", StringComparison.Ordinal) ? Signer.Bce(request, id, secret, options) : Signer.SdkHmac(request, id, secret, options);
        var value = request.With(made.Headers).Value(proof);
        return value == expected.Value(proof) ? CheckTexts(folder, made.StringToSign, made.CanonicalRequest) : "signed otherwise: " + value;
    }

    private static string Check(string folder, JsonObject context, string name)
    {
        var request = ReadRequest(Path.Combine(folder, name));
        var expected = context.Get<JsonObject>("expect").Get<string>(name);
        if (expected == "signed") return CheckSigning(folder, context, request);
        Verified verified;
        try
        {
            verified = MakeVerifier(context).Verify(request);
        }
        catch (VerificationException refusal)
        {
            return refusal.Word == expected ? "" : "expected " + expected + ", got " + refusal.Message;
        }
        if (expected != "accept") return "expected " + expected + ", was accepted";
        if (name != "signed-request.txt") return "";
        var problem = CheckTexts(folder, verified.StringToSign, verified.CanonicalRequest);
        return problem == "" && context.Has("signed_headers") ? CheckSigning(folder, context, request) : problem;
    }

    private static string ProblemOf(string folder, JsonObject context, string name)
    {
        try
        {
            return Check(folder, context, name);
        }
        catch (Exception fault) // a fault is a failed case, not the end
        {
            return fault.GetType().Name + ": " + fault.Message;
        }
    }

    private static int Main(string[] arguments)
    {
        int passed = 0, failed = 0;
        var root = arguments[0].TrimEnd('/');
        var folders = Directory.GetDirectories(root).SelectMany(Directory.GetDirectories).Where(folder => File.Exists(Path.Combine(folder, "context.json")));
        foreach (var folder in folders.OrderBy(folder => folder, StringComparer.Ordinal))
        {
            var context = Json.Parse(File.ReadAllText(Path.Combine(folder, "context.json"), Encoding.UTF8));
            foreach (var name in context.Get<JsonObject>("expect").Names)
            {
                var problem = ProblemOf(folder, context, name);
                if (problem == "") passed++;
                else failed++;
                if (problem != "") Console.WriteLine("FAIL " + folder.Substring(root.Length + 1) + "/" + name + ": " + problem);
            }
        }
        Console.WriteLine(passed + " passed, " + failed + " failed");
        return passed > 0 && failed == 0 ? 0 : 1;
    }
}
