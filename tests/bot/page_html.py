"""Reads the page's HTML as a browser would begin to, and notes what is wrong with it."""

from html.parser import HTMLParser

ALLOWED = {
    *("details", "summary", "sub", "sup", "kbd", "b", "i", "em", "strong", "code", "br", "p", "a"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "pre", "blockquote", "hr", "s", "div"),
    *("table", "thead", "tbody", "tr", "th", "td", "span", "figure", "figcaption"),
}
ATTRIBUTES = {"href", "class", "tabindex", "start", "target", "rel"}
VOID = {"br", "hr"}


class Reader(HTMLParser):
    """One fragment; `wrong` is empty when nothing in it could act or get out."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(text)
        self.close()
        self.wrong += [f"<{tag}> stays open" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED:
            self.wrong.append(f"<{tag}>")
        for name, value in attrs:
            if name not in ATTRIBUTES or "script:" in (value or ""):
                self.wrong.append(f"{name}={value}")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            self.open.remove(tag)
        else:
            self.wrong.append(f"</{tag}> closes what it did not open")

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"comment {data}")
