// Keeps the page current, sends its forms without leaving it, and tells the time as people do.
"use strict";

(() => {
  const EVERY = 450; // milliseconds between two looks
  const live = document.getElementById("live");
  const toast = document.getElementById("toast");
  let tag = null;
  let failures = 0;

  function passed(from) {
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(from)) / 1000));
    return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  }

  function ago(at) {
    const seconds = Math.max(0, (Date.now() - Date.parse(at)) / 1000);
    if (seconds < 60) return "just now";
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
    return new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  }

  function say(element, words) {
    if (element.textContent !== words) element.textContent = words;
  }

  function tick() {
    for (const time of document.querySelectorAll("time[datetime]")) {
      say(time, ago(time.dateTime));
      if (!time.title) time.title = new Date(time.dateTime).toLocaleString();
    }
    for (const timer of document.querySelectorAll("[data-since]")) {
      say(timer, passed(timer.dataset.since));
    }
  }

  function tell(words) {
    toast.textContent = words;
    toast.classList.add("shown");
    clearTimeout(tell.timer);
    tell.timer = setTimeout(() => toast.classList.remove("shown"), 4000);
  }

  // Whoever reads the end of a list of messages is taken along when it grows.
  function followed() {
    return [...document.querySelectorAll("[data-follow]")]
      .filter((list) => list.scrollHeight - list.scrollTop - list.clientHeight < 40)
      .map((list) => [list, list.childElementCount]);
  }

  function show(html) {
    const lists = followed();
    const next = document.createElement("div");
    next.innerHTML = html; // the server escaped it, and the policy lets no script in
    window.morphChildren(live, next);
    for (const [list, before] of lists) {
      if (list.childElementCount !== before) list.scrollTop = list.scrollHeight;
    }
    raise();
    tick();
  }

  // A modal comes open, as it does without scripts; here it is put before everything else.
  function raise() {
    for (const modal of document.querySelectorAll("dialog[open]:not(:modal)")) {
      modal.close();
      modal.showModal();
    }
  }

  async function look() {
    const headers = tag ? { "if-none-match": tag } : {};
    const answer = await fetch("/playground/live", { headers, cache: "no-store" });
    if (answer.status === 200) {
      tag = answer.headers.get("etag");
      show(await answer.text());
    } else if (answer.status !== 304) {
      throw new Error(`${answer.status}`);
    }
  }

  async function follow() {
    if (!document.hidden) {
      try {
        await look();
        if (failures > 3) tell("Connected again.");
        failures = 0;
      } catch {
        failures += 1;
        if (failures === 4) tell("Argus does not answer; trying again.");
      }
    }
    setTimeout(follow, Math.min(EVERY * (1 + failures), 5000));
  }

  async function send(form, pressed) {
    const buttons = form.querySelectorAll("button[type=submit]");
    const body = new URLSearchParams(new FormData(form, pressed));
    const address = pressed?.getAttribute("formaction") || form.action;
    buttons.forEach((button) => { button.disabled = true; });
    try {
      const answer = await fetch(address, {
        method: "POST", body, headers: { accept: "application/json" },
      });
      const said = await answer.json();
      tell(said.said || said.detail || "That did not work.");
      if (answer.ok && form.matches("[data-clear]")) written(form);
      await look();
    } catch {
      tell("Argus does not answer.");
    } finally {
      // The server's view, not this script, says which buttons stay off.
      buttons.forEach((button) => { button.disabled = button.dataset.off !== undefined; });
    }
  }

  // What one wrote oneself is at the end of its list, and that is where the answer comes.
  function written(form) {
    words(form).value = "";
    const list = form.parentElement.querySelector(":scope > [data-follow]");
    if (list) list.scrollTop = list.scrollHeight;
  }

  function words(form) {
    return form.querySelector("[name=text]");
  }

  // A link into a folded part opens it, and the target is marked for a moment.
  function reveal() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let at = target; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
    }
    target.scrollIntoView({ block: target.matches(".thread") ? "center" : "start" });
    target.classList.remove("pointed");
    requestAnimationFrame(() => target.classList.add("pointed"));
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-act]")) return;
    event.preventDefault();
    send(event.target, event.submitter);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    if (event.target.matches("textarea")) event.target.form.requestSubmit();
  });

  // Escape is the modal's own way to be cancelled. It does not bubble.
  document.addEventListener("cancel", (event) => {
    if (!event.target.matches("dialog")) return;
    event.preventDefault();
    event.target.querySelector("[data-cancel]").click();
  }, true);

  document.addEventListener("toggle", (event) => {
    if (!event.target.matches(".side[open]")) return;
    const list = event.target.querySelector("[data-follow]");
    list.scrollTop = list.scrollHeight;
  }, true);

  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-choose]") || !event.target.value) return;
    event.target.form.requestSubmit();
    event.target.selectedIndex = 0;
  });

  document.addEventListener("click", (event) => {
    const fill = event.target.closest("[data-fill]");
    if (fill) {
      const line = words(fill.form);
      line.value = fill.dataset.fill;
      line.focus();
    }
    const link = event.target.closest('a[href^="#"]');
    if (link && link.hash === location.hash) reveal();
  });

  window.addEventListener("hashchange", reveal);
  document.documentElement.classList.add("live");
  document.getElementById("messages").scrollTop = 1e9;
  raise();
  tick();
  setInterval(tick, 500);
  if (location.hash) reveal();
  setTimeout(follow, EVERY);
})();
