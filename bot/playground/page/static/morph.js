// Turns one tree into another in place: what stays the same is never touched, so scrolling,
// focus, selection and what a reader has opened survive. Elements are matched by their id, else
// by tag in order. Moving an element would lose its scroll position, so what stands before it is
// removed instead wherever that is possible.
"use strict";

(() => {
  const OWN = new Set(["open"]); // a reader decides about it once it is there

  const same = (a, b) =>
    a.nodeType === b.nodeType && a.nodeName === b.nodeName && (a.id || "") === (b.id || "");

  function attributes(from, to) {
    for (const { name } of [...from.attributes]) {
      if (!OWN.has(name) && !to.hasAttribute(name)) from.removeAttribute(name);
    }
    for (const { name, value } of to.attributes) {
      if (!OWN.has(name) && from.getAttribute(name) !== value) from.setAttribute(name, value);
    }
  }

  function morph(from, to) {
    if (from.nodeType !== Node.ELEMENT_NODE) {
      if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
      return;
    }
    if (from.isEqualNode(to) || from.hasAttribute("data-keep")) return;
    attributes(from, to);
    children(from, to);
  }

  function removeUntil(at, end) {
    while (at !== end) {
      const next = at.nextSibling;
      at.remove();
      at = next;
    }
  }

  // Tells whether only nodes that have no place in the new tree stand between two siblings.
  function onlyLeftovers(at, end, wanted) {
    for (; at && at !== end; at = at.nextSibling) {
      if (at.id && wanted.has(at.id)) return false;
    }
    return at === end;
  }

  function children(from, to) {
    const wanted = new Set([...to.children].map((child) => child.id).filter(Boolean));
    const known = new Map([...from.children].filter((c) => c.id).map((c) => [c.id, c]));
    let at = from.firstChild;
    for (const next of [...to.childNodes]) {
      const named = next.id ? known.get(next.id) : undefined;
      if (named && named.nodeName === next.nodeName) {
        if (onlyLeftovers(at, named, wanted)) removeUntil(at, named);
        else from.insertBefore(named, at);
        at = named.nextSibling;
        morph(named, next);
      } else if (at && same(at, next)) {
        const match = at;
        at = at.nextSibling;
        morph(match, next);
      } else {
        from.insertBefore(document.importNode(next, true), at);
      }
    }
    removeUntil(at, null);
  }

  window.morphChildren = children;
})();
