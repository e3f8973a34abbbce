import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** As much JSON as the vectors' contexts need: objects, lists, strings, integers, true and false. */
final class Json {
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    static Object read(String text) {
        return new Json(text).value();
    }

    private char next() {
        while (Character.isWhitespace(text.charAt(at))) at++;
        return text.charAt(at);
    }

    private boolean take(char wanted) {
        boolean there = next() == wanted;
        if (there) at++;
        return there;
    }

    private void demand(char wanted) {
        if (!take(wanted)) throw new IllegalArgumentException("expected " + wanted + " at " + at);
    }

    private Object value() {
        return switch (next()) {
            case '{' -> object();
            case '[' -> list();
            case '"' -> string();
            default -> word();
        };
    }

    private Map<String, Object> object() {
        Map<String, Object> members = new LinkedHashMap<>();
        demand('{');
        if (take('}')) return members;
        do {
            next();
            String name = string();
            demand(':');
            members.put(name, value());
        } while (take(','));
        demand('}');
        return members;
    }

    private List<Object> list() {
        List<Object> items = new ArrayList<>();
        demand('[');
        if (take(']')) return items;
        do items.add(value());
        while (take(','));
        demand(']');
        return items;
    }

    private String string() {
        StringBuilder out = new StringBuilder();
        for (at++; text.charAt(at) != '"'; at++) out.append(text.charAt(at) == '\\' ? escape() : text.charAt(at));
        at++;
        return out.toString();
    }

    private char escape() {
        char mark = text.charAt(++at);
        if (mark != 'u') return mark == 'n' ? '\n' : mark == 't' ? '\t' : mark == 'r' ? '\r' : mark;
        at += 4;
        return (char) Integer.parseInt(text.substring(at - 3, at + 1), 16);
    }

    private Object word() {
        int from = at;
        while (at < text.length() && "+-.0123456789abcdefghijklmnopqrstuvwxyz".indexOf(text.charAt(at)) >= 0) at++;
        String word = text.substring(from, at);
        if (word.equals("true") || word.equals("false")) return word.equals("true");
        return Long.parseLong(word);
    }
}
