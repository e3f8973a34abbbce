using System;
using System.Collections.Generic;
using System.Linq;

namespace Countersign
{
    /// <summary>A request as it stands on the wire. A character of target and headers is one byte (Latin-1).</summary>
    public sealed class Request
    {
        private static readonly string[] None = new string[0];
        private readonly Dictionary<string, List<string>> index = new Dictionary<string, List<string>>();

        /// <param name="method">as sent</param>
        /// <param name="target">raw: "/a%20b?x=1"</param>
        /// <param name="headers">pairs, repeated ones repeated</param>
        /// <param name="body">null: none</param>
        public Request(string method, string target, IEnumerable<KeyValuePair<string, string>> headers, byte[] body = null)
        {
            Method = method;
            Target = target;
            Body = body ?? new byte[0];
            Headers = headers.Select(pair => new KeyValuePair<string, string>(pair.Key, pair.Value.Trim(' ', '\t'))).ToList();
            foreach (var pair in Headers)
            {
                if (!index.TryGetValue(Bytes.Lower(pair.Key), out var values)) index[Bytes.Lower(pair.Key)] = values = new List<string>();
                values.Add(pair.Value);
            }
            var mark = target.IndexOf('?');
            Path = mark < 0 ? target : target.Substring(0, mark);
            Query = mark < 0 ? "" : target.Substring(mark + 1);
        }

        public string Method { get; }

        public string Target { get; }

        public IReadOnlyList<KeyValuePair<string, string>> Headers { get; }

        public byte[] Body { get; }

        internal string Path { get; }

        internal string Query { get; }

        /// <summary>Every value of a header, in order.</summary>
        public IReadOnlyList<string> Values(string name) =>
            index.TryGetValue(Bytes.Lower(name), out var values) ? values : (IReadOnlyList<string>)None;

        public bool Has(string name) => Values(name).Count > 0;

        /// <summary>The first value of a header, "" without one.</summary>
        public string Value(string name) => Values(name).FirstOrDefault() ?? "";

        internal bool IsForm => Bytes.Lower(Value("content-type").Split(';')[0].Trim(' ', '\t')) == "application/x-www-form-urlencoded";

        /// <summary>A copy in which the pairs take the place of the headers of their names.</summary>
        public Request With(IEnumerable<KeyValuePair<string, string>> pairs)
        {
            var added = pairs.ToList();
            var replaced = new HashSet<string>(added.Select(pair => Bytes.Lower(pair.Key)));
            return new Request(Method, Target, Headers.Where(pair => !replaced.Contains(Bytes.Lower(pair.Key))).Concat(added), Body);
        }
    }
}
