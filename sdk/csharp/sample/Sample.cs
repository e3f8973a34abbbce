// sample.exe PORT: a backend that believes the gateway only; its key is in the environment (../../README.md). A listener and a thread for
// each connection: a real backend gives the verifier what its own HTTP server read.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using Countersign;

internal static class Sample
{
    private const int MostHead = 65536, MostBody = 12 << 20;
    private static readonly Encoding Latin = Encoding.GetEncoding("iso-8859-1");

    private static string Variable(string name, string otherwise = "") => Environment.GetEnvironmentVariable("COUNTERSIGN_" + name) ?? otherwise;

    /// <summary>While the gateway's key is changed: the one that signs now, and the one that follows.</summary>
    private static Key[] KeysOfEnvironment()
    {
        string id = Variable("ID"), secret = Variable("SECRET"), key = Variable("KEY");
        var first = KeyOf(id, secret, key);
        if (Variable("NEXT_SECRET") == "" && Variable("NEXT_KEY") == "") return new[] { first };
        return new[] { first, KeyOf(Variable("NEXT_ID", id), Variable("NEXT_SECRET", secret), Variable("NEXT_KEY", key)) };
    }

    private static Key KeyOf(string id, string secret, string key)
    {
        var type = Variable("TYPE");
        switch (type)
        {
            case "":
            case "hmac": return Key.Hmac(id, secret);
            case "basic": return Key.Basic(id, secret);
            case "aes": return Key.Aes(id, Variable("ALGORITHM"), key, secret);
            case "public_key": return Key.Public(id, key);
            case "bce": return Key.Bce(id, secret);
            case "aliyun": return Key.Aliyun(id, secret);
            default: throw new ArgumentException("COUNTERSIGN_TYPE " + type + " is none");
        }
    }

    private static string ReadHead(Stream stream)
    {
        var head = new List<byte>();
        while (head.Count < MostHead)
        {
            var one = stream.ReadByte();
            if (one < 0) throw new IOException("the request ends early");
            head.Add((byte)one);
            var n = head.Count;
            if (one == '\n' && n >= 4 && head[n - 2] == '\r' && head[n - 3] == '\n' && head[n - 4] == '\r') return Latin.GetString(head.ToArray(), 0, n - 4);
        }
        throw new IOException("the head is too large");
    }

    private static byte[] ReadBody(Stream stream, Request head)
    {
        // No chunks: this sample reads bodies of a declared length alone.
        var length = 0;
        if (head.Has("transfer-encoding") || head.Has("content-length") && !int.TryParse(head.Value("content-length"), out length) || length < 0 || length > MostBody)
            throw new IOException("a body that this sample does not read");
        var body = new byte[length];
        for (var have = 0; have < length;)
        {
            var more = stream.Read(body, have, length - have);
            if (more <= 0) throw new IOException("the body ends early");
            have += more;
        }
        return body;
    }

    private static Request ReadRequest(Stream stream)
    {
        var lines = ReadHead(stream).Split(new[] { "\r\n" }, StringSplitOptions.None);
        var first = lines[0].Split(' ');
        var pairs = lines.Skip(1).Select(line => line.Split(new[] { ':' }, 2)).ToList();
        if (first.Length != 3 || pairs.Any(pair => pair.Length < 2)) throw new IOException("no request");
        var head = new Request(first[0], first[1], pairs.Select(pair => new KeyValuePair<string, string>(pair[0], pair[1])));
        return new Request(head.Method, head.Target, head.Headers, ReadBody(stream, head));
    }

    private static string Quoted(string text)
    {
        // What would need an escape is shown as "?".
        return "\"" + new string(text.Select(c => c < ' ' || c == '"' || c == '\\' ? '?' : c).ToArray()) + "\"";
    }

    private static string Answer(Stream stream, Verifier verifier, out string status)
    {
        try
        {
            var request = ReadRequest(stream);
            var verified = verifier.Verify(request);
            status = "200 OK";
            return "{\"verified\":true,\"type\":" + Quoted(verified.Type) + ",\"key_id\":" + Quoted(verified.KeyId) + ",\"caller\":" + Quoted(verified.Caller) +
                ",\"method\":" + Quoted(request.Method) + ",\"target\":" + Quoted(request.Target) + ",\"body_bytes\":" + request.Body.Length + "}";
        }
        catch (VerificationException refusal)
        {
            Console.Error.WriteLine("refused: " + refusal.Message);
            status = "401 Unauthorized";
            return "{\"error\":\"" + refusal.Word + "\"}";
        }
        catch (IOException)
        {
            status = "400 Bad Request";
            return "{\"error\":\"no request that this sample reads\"}";
        }
    }

    private static void Serve(TcpClient client, Verifier verifier)
    {
        try
        {
            using (client)
            using (var stream = client.GetStream())
            using (var buffered = new BufferedStream(stream))
            {
                stream.ReadTimeout = stream.WriteTimeout = 10000;
                var json = Encoding.UTF8.GetBytes(Answer(buffered, verifier, out var status));
                var head = "HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\nContent-Length: " + json.Length + "\r\nConnection: close\r\n\r\n";
                var answer = Latin.GetBytes(head).Concat(json).ToArray();
                stream.Write(answer, 0, answer.Length);
            }
        }
        catch (IOException problem) // the other end has gone
        {
            Console.Error.WriteLine(problem.Message);
        }
    }

    private static int Main(string[] arguments)
    {
        Verifier verifier;
        try
        {
            verifier = new Verifier(KeysOfEnvironment());
        }
        catch (ArgumentException problem)
        {
            Console.Error.WriteLine("sample: " + problem.Message);
            return 1;
        }
        var listener = new TcpListener(IPAddress.Loopback, int.Parse(arguments[0]));
        listener.Start();
        Console.WriteLine("listening at http://127.0.0.1:" + ((IPEndPoint)listener.LocalEndpoint).Port);
        while (true)
        {
            var client = listener.AcceptTcpClient();
            new Thread(() => Serve(client, verifier)) { IsBackground = true }.Start();
        }
    }
}
