"""The requests that every type of signature is shown on: as the gateway is about to send them to a backend, not yet signed."""
from texts import Request

NOW = 1700000000
HOST = ("Host", "orders.internal:8080")
APP = ("X-Countersign-App", "3f1d7c52a0b94c86a6e0f3a1b2c4d5e6")
REQUEST_ID = ("X-Request-Id", "7f5c1f8a2b3c4d5e6f708192a3b4c5d6")
JSON = ("Content-Type", "application/json")
ORDER = '{"item":"tea","count":2}'.encode()

SPECIALS = ("empty=&bare&%73pace=x%20y&reserved=%3A%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2C%3B%3D&raw=/:@!$'()*,;&tilde=~%7e"
            "&%E4%B8%AD=%e6%96%87&eq=a=b=c&plus=1%2B1+1&-._~=1")
REPEATED = "tag=b&tag=a&tag=10&tag=2&tag="


def plain(method, target, *headers, body=b""):
    return Request(method, target, [HOST, *headers, APP, REQUEST_ID], body)


def common(repeated=True):
    """name → (what it shows, request). A format that cannot sign repeated names does without them."""
    specials = f"{REPEATED}&{SPECIALS}" if repeated else SPECIALS
    return {
        "get": ("A plain GET.", plain("GET", "/orders/17?page=2")),
        "post-json": ("A POST whose body is covered.", plain("POST", "/orders", JSON, body=ORDER)),
        "query-specials": ("Empty, bare, reserved, encoded and non-ASCII parameters, a space and a plus" + (", a repeated name." if repeated else "."),
                           plain("GET", f"/search?{specials}")),
        "unicode-path": ("A path with UTF-8, a space, an encoded slash, an empty segment and no slash at its end.",
                         plain("GET", "/%E6%9C%8D%E5%8A%A1/caf%c3%a9%20a//b~c%2Fd%7Ee/..;v=1")),
        "root-path": ("The shortest path.", plain("GET", "/")),
        "delete-slash": ("A path that ends with a slash, another method.", plain("DELETE", "/orders/17/")),
        "put-binary": ("A body that is no text, with line ends in it.", plain("PUT", "/blobs/1", ("Content-Type", "application/octet-stream"),
                                                                             body=bytes(range(256)) + b"\n\n\r\n")),
        "signed-headers": ("More signed headers; blanks around a value do not count, those within do.",
                           Request("GET", "/orders", [HOST, ("X-Trace", " a  b \t"), ("Accept-Language", "de, en;q=0.8"), ("X-Name", "caf\u00c3\u00a9"),
                                                      ("X-Mse-Consumer", "alice"), REQUEST_ID])),
    }


MORE_NAMES = {"signed-headers": ["x-trace", "accept-language", "x-name"]}
