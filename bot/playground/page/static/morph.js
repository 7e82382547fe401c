// Turns one tree into another in place: what stays the same is never touched, so scrolling,
// focus, selection and what a reader has opened survive. Elements are matched by their id, else
// by tag in order. A part that the reader opened or wrote in stays as the reader left it.
"use strict";

(() => {
  const same = (a, b) =>
    a.nodeType === b.nodeType && a.nodeName === b.nodeName && (a.id || "") === (b.id || "");

  function attributes(from, to) {
    const own = new Set(["open"]);
    for (const { name } of [...from.attributes]) {
      if (!own.has(name) && !to.hasAttribute(name)) from.removeAttribute(name);
    }
    for (const { name, value } of to.attributes) {
      if (!own.has(name) && from.getAttribute(name) !== value) from.setAttribute(name, value);
    }
  }

  function node(from, to) {
    if (from.nodeType !== Node.ELEMENT_NODE) {
      if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
      return;
    }
    if (from.isEqualNode(to) || from.hasAttribute("data-keep")) return;
    attributes(from, to);
    children(from, to);
  }

  function children(from, to) {
    const wanted = new Set([...to.children].map((child) => child.id).filter(Boolean));
    const byId = new Map([...from.children].filter((c) => c.id).map((c) => [c.id, c]));
    let at = from.firstChild;
    for (const next of [...to.childNodes]) {
      // What is gone for good makes room first, so that later siblings keep their place.
      while (at && at.id && !wanted.has(at.id)) {
        const gone = at;
        at = at.nextSibling;
        gone.remove();
      }
      const known = next.id ? byId.get(next.id) : undefined;
      if (known && known !== at) from.insertBefore(known, at);
      const match = known || (at && same(at, next) ? at : undefined);
      if (match) {
        if (match === at) at = at.nextSibling;
        node(match, next);
      } else {
        from.insertBefore(document.importNode(next, true), at);
      }
    }
    while (at) {
      const gone = at;
      at = at.nextSibling;
      gone.remove();
    }
  }

  window.morphChildren = children;
})();
