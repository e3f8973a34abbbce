package countersign;

/** One header line. A character is one byte (Latin-1), as servers hand them over. */
public record Header(String name, String value) {
    public Header {
        value = Text.trim(value);
    }
}
