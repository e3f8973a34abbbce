using System;
using System.Collections.Generic;
using System.Linq;

namespace Countersign
{
    /// <summary>The texts that are signed, format by format (../../README.md, "The formats, exactly"); one character a byte.</summary>
    internal static class Texts
    {
        public const string Payload = "x-sdk-content-sha256";
        public const string Unsigned = "UNSIGNED-PAYLOAD";

        private static List<KeyValuePair<string, string>> Items(string text, bool plusIsBlank, bool named)
        {
            var items = new List<KeyValuePair<string, string>>();
            foreach (var item in text.Split('&'))
            {
                var sign = item.IndexOf('=');
                if (item == "" || named && sign == 0) continue;
                var name = Bytes.Decode(sign < 0 ? item : item.Substring(0, sign), plusIsBlank);
                items.Add(new KeyValuePair<string, string>(name, sign < 0 ? "" : Bytes.Decode(item.Substring(sign + 1), plusIsBlank)));
            }
            return items;
        }

        private static string Path(Request request)
        {
            if (request.Path != "" && request.Path[0] != '/') throw VerificationException.Malformed("a target that does not begin with /");
            return request.Path;
        }

        private static string EncodedPath(Request request) => Bytes.Encode(Bytes.Decode(Path(request)), keepSlash: true);

        private static string EncodedItem(KeyValuePair<string, string> item) => Bytes.Encode(item.Key) + "=" + Bytes.Encode(item.Value);

        private static IEnumerable<string> Sorted(IEnumerable<string> texts) => texts.OrderBy(text => text, StringComparer.Ordinal);

        public static string SdkCanonical(Request request, IReadOnlyList<string> names)
        {
            var path = EncodedPath(request);
            var query = Items(request.Query, false, true).OrderBy(item => item.Key, StringComparer.Ordinal)
                .ThenBy(item => item.Value, StringComparer.Ordinal).Select(EncodedItem);
            var lines = names.Select(name => name + ":" + request.Value(name) + "\n");
            var payload = request.Value(Payload) != "" ? request.Value(Payload) : Bytes.Hex(Bytes.Sha256(request.Body));
            return string.Join("\n", request.Method, path.EndsWith("/", StringComparison.Ordinal) ? path : path + "/", string.Join("&", query),
                string.Concat(lines), string.Join(";", names), payload);
        }

        public static string SdkText(string algorithm, Request request, string canonical) =>
            algorithm + "\n" + request.Value("x-sdk-date") + "\n" + Bytes.Hex(Bytes.Sha256(Bytes.OfLatin(canonical)));

        public static string BceText(Request request, IReadOnlyList<string> names)
        {
            var path = EncodedPath(request);
            var items = Items(request.Query, false, false).Where(item => Bytes.Lower(item.Key) != "authorization").Select(EncodedItem);
            var lines = names.Where(name => request.Value(name) != "").Select(name => name + ":" + Bytes.Encode(request.Value(name)));
            return string.Join("\n", request.Method, path == "" ? "/" : path, string.Join("&", Sorted(items)), string.Join("\n", Sorted(lines)));
        }

        /// <summary>The parameters of the query and of a form. Of a repeated name only one value could be signed: refused.</summary>
        private static string Resource(Request request, bool bareEmpty)
        {
            var form = request.IsForm ? Bytes.ToLatin(request.Body) : "";
            var items = Items(request.Query, true, false).Concat(Items(form, true, false)).OrderBy(item => item.Key, StringComparer.Ordinal).ToList();
            for (var i = 1; i < items.Count; i++)
                if (items[i - 1].Key == items[i].Key)
                    throw VerificationException.Malformed("a repeated parameter name, of which one value alone would be signed");
            var shown = items.Select(item => bareEmpty && item.Value == "" ? item.Key : item.Key + "=" + item.Value);
            return Path(request) + (items.Count == 0 ? "" : "?" + string.Join("&", shown));
        }

        public static bool AliyunCoversBody(Request request) => request.Method == "POST" || request.Method == "PUT" || request.IsForm;

        public static string AliyunText(Request request, IReadOnlyList<string> spelled)
        {
            var digested = request.Body.Length > 0 && !request.IsForm && AliyunCoversBody(request);
            var lines = Sorted(spelled).Select(name => Bytes.Lower(name) + ":" + request.Value(name) + "\n");
            return request.Method + "\n" + (digested ? Bytes.Md5(request.Body) : "") + "\n" + string.Concat(lines) + Resource(request, false);
        }

        public static string CaText(Request request, IReadOnlyList<string> names)
        {
            var slots = new[] { "accept", "content-md5", "content-type", "date" }.Select(name => request.Value(name) + "\n");
            var lines = names.Select(name => name + ":" + request.Value(name) + "\n");
            return request.Method + "\n" + string.Concat(slots) + string.Concat(lines) + Resource(request, true);
        }
    }
}
