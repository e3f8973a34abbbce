using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

/// <summary>As much JSON as the vectors need: objects (in their order), lists, texts, numbers, words.</summary>
internal sealed class Json
{
    private readonly string text;
    private int at;

    private Json(string text)
    {
        this.text = text;
    }

    public static JsonObject Parse(string text) => (JsonObject)new Json(text).Value();

    private char Peek()
    {
        while (char.IsWhiteSpace(text[at])) at++;
        return text[at];
    }

    private void Expect(char c)
    {
        if (Peek() != c) throw new FormatException("JSON: another character at " + at);
        at++;
    }

    private bool More(char end)
    {
        if (Peek() == ',') at++;
        if (Peek() != end) return true;
        at++;
        return false;
    }

    private object Value()
    {
        switch (Peek())
        {
            case '{': return Object();
            case '[': return List();
            case '"': return Text();
            default: return Word();
        }
    }

    private JsonObject Object()
    {
        var made = new JsonObject();
        Expect('{');
        while (More('}'))
        {
            var name = Text();
            Expect(':');
            made.Add(name, Value());
        }
        return made;
    }

    private List<object> List()
    {
        var made = new List<object>();
        Expect('[');
        while (More(']')) made.Add(Value());
        return made;
    }

    private string Text()
    {
        var made = new StringBuilder();
        Expect('"');
        for (; text[at] != '"'; at++)
        {
            if (text[at] != '\\') made.Append(text[at]);
            else made.Append(Escaped(text[++at]));
        }
        at++;
        return made.ToString();
    }

    private char Escaped(char c)
    {
        if (c != 'u') return c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == 'b' ? '\b' : c == 'f' ? '\f' : c;
        at += 4;
        return (char)int.Parse(text.Substring(at - 3, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    private object Word()
    {
        var begin = at;
        while (at < text.Length && ",]} \n".IndexOf(text[at]) < 0) at++;
        var word = text.Substring(begin, at - begin);
        if (word == "true" || word == "false") return word == "true";
        return long.Parse(word, CultureInfo.InvariantCulture);
    }
}

internal sealed class JsonObject
{
    private readonly Dictionary<string, object> members = new Dictionary<string, object>();

    public List<string> Names { get; } = new List<string>();

    public void Add(string name, object value)
    {
        Names.Add(name);
        members.Add(name, value);
    }

    public bool Has(string name) => members.ContainsKey(name);

    /// <summary>The member, or what a member of the type is without one.</summary>
    public T Get<T>(string name) => members.TryGetValue(name, out var value) ? (T)value : default(T);
}
