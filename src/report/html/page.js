"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const page = JSON.parse(byId("data").textContent);
  const picture = byId("picture"), map = byId("map"), panel = byId("panel"), root = document.documentElement;
  const boxes = [...picture.querySelectorAll(".service")];
  const lines = [...picture.querySelectorAll(".wait")];
  const heads = [...picture.querySelectorAll(".head")];
  const full = { width: +picture.dataset.width, height: +picture.dataset.height };
  const before = page.services.map(() => []), after = page.services.map(() => []);
  page.waits.forEach((wait, index) => {
    before[wait.service].push(index);
    after[wait.on].push(index);
  });
  const UNTIL = { applied: "is applied", established: "is established", ready: "is ready" };
  const WORD = { error: "error", warning: "warning", info: "note" };
  const count = (number, one, many) => number + " " + (number === 1 ? one : many);

  // Elements are made, never parsed: no name can be markup.
  const make = (name, attributes, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === "on") element.addEventListener("click", value);
      else if (value !== undefined) element.setAttribute(key, value);
    }
    element.append(...children.filter((child) => child !== undefined && child !== null));
    return element;
  };

  // ---- What is chosen stands behind the address's #, so that it can be linked to. ----
  const indexOf = new Map(page.services.map((service, index) => [service.name, index]));
  const read = () => {
    let text = "";
    try { text = decodeURIComponent(location.hash.slice(1)); } catch { /* No address of ours. */ }
    const [key, value] = text.includes("=") ? text.split("=", 2) : ["service", text];
    if (key === "service" && indexOf.has(value)) return { service: indexOf.get(value) };
    if (key === "wait") {
      const [on, service] = value.split("..").map((name) => indexOf.get(name));
      const index = page.waits.findIndex((wait) => wait.on === on && wait.service === service);
      if (index >= 0) return { waits: [index] };
    }
    return {};
  };
  let chosen = {};
  const choose = (what, move) => {
    chosen = what;
    let hash = "";
    if (what.service !== undefined) hash = "#service=" + encodeURIComponent(page.services[what.service].name);
    else if (what.waits && what.waits.length === 1) {
      const wait = page.waits[what.waits[0]];
      hash = "#wait=" + [wait.on, wait.service].map((index) => encodeURIComponent(page.services[index].name)).join("..");
    }
    if (hash !== location.hash) history.replaceState(null, "", hash || location.pathname + location.search);
    show();
    if (move && what.service !== undefined) bringIntoSight(what.service);
  };

  // ---- Light and lines. ----
  const reach = (start, next, end) => {
    const seen = new Set([start]), used = new Set(), queue = [start];
    while (queue.length) {
      for (const index of next[queue.pop()]) {
        if (!page.waits[index].implied) used.add(index);
        const other = page.waits[index][end];
        if (!seen.has(other)) { seen.add(other); queue.push(other); }
      }
    }
    seen.delete(start);
    return { seen, used };
  };
  const STATES = ["lit", "before", "after", "direct", "chosen", "between", "found"];
  const light = () => {
    for (const element of [...boxes, ...lines]) element.classList.remove(...STATES);
    boxes.forEach((box) => box.setAttribute("aria-pressed", "false"));
    const words = terms();
    const on = (element, ...states) => element.classList.add("lit", ...states);
    let choosing = true;
    if (chosen.service !== undefined) {
      const index = chosen.service;
      const up = reach(index, before, "on"), down = reach(index, after, "service");
      on(boxes[index], "chosen");
      boxes[index].setAttribute("aria-pressed", "true");
      up.seen.forEach((other) => on(boxes[other], "before"));
      down.seen.forEach((other) => on(boxes[other], "after"));
      up.used.forEach((wait) => on(lines[wait], "before"));
      down.used.forEach((wait) => on(lines[wait], "after"));
      before[index].forEach((wait) => { on(lines[wait], "before", "direct"); on(boxes[page.waits[wait].on], "direct"); });
      after[index].forEach((wait) => { on(lines[wait], "after", "direct"); on(boxes[page.waits[wait].service], "direct"); });
    } else if (chosen.waits) {
      for (const wait of chosen.waits) {
        on(lines[wait], "between", "direct");
        on(boxes[page.waits[wait].on], "direct");
        on(boxes[page.waits[wait].service], "direct");
      }
    } else if (byId("chain").checked) {
      page.chain.forEach((index, place) => {
        on(boxes[index], "direct");
        const next = page.chain[place + 1];
        lines.forEach((line, wait) => {
          if (page.waits[wait].on === index && page.waits[wait].service === next) on(line, "between", "direct");
        });
      });
    } else if (words.length) {
      page.services.forEach((service, index) => { if (matches(service, words)) on(boxes[index]); });
    } else choosing = false;
    if (words.length) {
      page.services.forEach((service, index) => { if (matches(service, words)) boxes[index].classList.add("found"); });
    }
    picture.classList.toggle("choosing", choosing);
    // What is lit lies above the rest.
    const layer = lines.length ? lines[0].parentNode : null;
    for (const line of lines) if (line.classList.contains("lit")) layer.append(line);
  };

  // ---- Search: each word must be in the name, the namespace, the project, or one object. ----
  const terms = () => byId("search").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const texts = page.services.map((service) => [
    service.name, service.namespace, service.project,
    ...service.objects.map((object) => object.kind + " " + object.name),
  ].map((text) => text.toLowerCase()));
  const matches = (service, words) => {
    const own = texts[indexOf.get(service.name)];
    return words.every((word) => own.some((text) => text.includes(word)));
  };
  const found = () => {
    const words = terms();
    return page.services.map((_, index) => index)
      .filter((index) => words.length && matches(page.services[index], words))
      .sort((left, right) => rank(left, words) - rank(right, words) || left - right);
  };
  const rank = (index, words) => {
    const name = page.services[index].name;
    return words.includes(name) ? 0 : words.every((word) => name.includes(word)) ? 1 : 2;
  };

  // ---- Details. ----
  const serviceButton = (index) => make("button", { type: "button", class: "plain", on: () => choose({ service: index }, true) }, page.services[index].name);
  const finding = (one, service) => make("div", { class: "finding " + one.severity },
    make("b", {}, WORD[one.severity] + " " + one.code), service !== undefined ? " " : "", service !== undefined ? serviceButton(service) : "",
    make("p", {}, one.message), one.place ? make("p", { class: "place" }, one.place) : "");
  const reasons = (wait) => make("ul", { class: "reasons" }, ...wait.reasons.map((reason) => make("li", {},
    reason.evidence, " ", make("span", { class: "tag" }, "until it " + UNTIL[reason.until] + (reason.soft ? ", soft" : "") + (reason.rest ? ", all but its namespaces and kinds" : "")))));
  const waitDetails = (index, other, isOpen) => {
    const wait = page.waits[index];
    const details = make("details", isOpen ? { open: "" } : {},
      make("summary", {}, serviceButton(other), " ", make("span", { class: "tag" },
        [wait.soft ? "soft" : "", wait.implied ? "implied" : "", "until " + wait.until].filter(Boolean).join(" · "))),
      reasons(wait));
    return details;
  };
  const closeButton = () => make("button", { type: "button", class: "close", title: "Back (Escape)", "aria-label": "Back to the overview", on: () => choose({}) }, "×");
  const section = (title, ...children) => children.length ? [make("h3", {}, title), ...children] : [];

  const showService = (index) => {
    const service = page.services[index];
    const kinds = new Map();
    for (const object of service.objects) {
      const key = object.kind + " · " + object.api;
      kinds.set(key, [...(kinds.get(key) || []), object]);
    }
    const groups = [...kinds.entries()].sort(([left], [right]) => left < right ? -1 : 1).map(([kind, objects]) =>
      make("details", {}, make("summary", {}, kind, make("span", { class: "tag" }, String(objects.length))),
        make("ul", {}, ...objects.map((object) => make("li", {}, (object.namespace ? object.namespace + "/" : "") + object.name + (object.hook ? " (hook)" : ""),
          " ", make("span", { class: "place" }, object.place))))));
    panel.replaceChildren(closeButton(), make("h2", {}, service.name),
      make("p", { class: "facts" }, `wave ${service.wave} · namespace ${service.namespace} · project ${service.project}`),
      service.place ? make("p", { class: "place" }, service.place) : "",
      ...section(count(service.findings.length, "finding", "findings"), ...service.findings.map((one) => finding(one))),
      ...section("Waits for " + (before[index].length || "nobody"), make("div", {}, ...before[index].map((wait) => waitDetails(wait, page.waits[wait].on, before[index].length <= 3)))),
      ...section("Waited for by " + (after[index].length || "nobody"), make("div", {}, ...after[index].map((wait) => waitDetails(wait, page.waits[wait].service, false)))),
      ...section(count(service.objects.length, "object", "objects"), ...groups));
  };
  const showWaits = (waits) => {
    panel.replaceChildren(closeButton(), make("h2", {}, waits.length === 1 ? "Why it waits" : waits.length + " arrows here"),
      ...waits.flatMap((index) => {
        const wait = page.waits[index];
        return [make("p", {}, serviceButton(wait.service), " waits until ", serviceButton(wait.on), " " + UNTIL[wait.until] + (wait.soft ? " (soft)" : "") + ":"), reasons(wait)];
      }));
  };
  const sample = (name) => {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg"), group = document.createElementNS(space, "g"), line = document.createElementNS(space, "path");
    svg.setAttribute("viewBox", "0 0 52 14");
    svg.setAttribute("aria-hidden", "true");
    group.setAttribute("class", "wait " + name);
    line.setAttribute("class", "line");
    line.setAttribute("d", "M2 7H50");
    group.append(line);
    svg.append(group);
    return svg;
  };
  const showAll = () => {
    const words = terms(), hits = found();
    const shown = words.length ? hits : page.services.map((_, index) => index);
    const rows = (indices) => make("ul", {}, ...indices.map((index) => {
      const service = page.services[index], marks = service.findings.length;
      return make("li", { class: "row" }, serviceButton(index),
        make("span", { class: "tag" }, (words.length ? `wave ${service.wave} · ` : "") + count(service.objects.length, "object", "objects") + (marks ? " · " + count(marks, "finding", "findings") : "")));
    }));
    const children = [];
    if (words.length) {
      children.push(make("h2", {}, count(hits.length, "service", "services") + " found"), rows(shown));
    } else {
      const all = [...page.findings.map((one) => [one]), ...page.services.flatMap((service, index) => service.findings.map((one) => [one, index]))];
      const findings = ["error", "warning", "info"].flatMap((severity) => all.filter(([one]) => one.severity === severity)).map(([one, index]) => finding(one, index));
      children.push(make("h2", {}, "Overview"),
        make("p", { class: "facts" }, "An arrow goes from a service to the one that waits for it. Choose either to see why, with the objects and their places."),
        make("div", { class: "legend" }, sample("ready"), "waits until ready", sample("established"), "until established: its kinds are known",
          sample("applied"), "until applied: its objects are written", sample("soft"), "soft: a guess, gives way to a cycle"),
        make("p", { class: "facts keys" }, make("kbd", {}, "/"), " search ", make("kbd", {}, "arrows"), " from service to service ",
          make("kbd", {}, "Enter"), " choose ", make("kbd", {}, "+"), " ", make("kbd", {}, "-"), " ", make("kbd", {}, "0"), " zoom ", make("kbd", {}, "Esc"), " back"));
      if (findings.length) {
        const FIRST = 4;
        children.push(make("h3", {}, count(findings.length, "finding", "findings")), ...findings.slice(0, FIRST));
        if (findings.length > FIRST) {
          children.push(make("details", {}, make("summary", {}, `${findings.length - FIRST} more`), ...findings.slice(FIRST)));
        }
      }
      const waves = [...new Set(page.services.map((service) => service.wave))];
      for (const wave of waves) {
        const members = shown.filter((index) => page.services[index].wave === wave);
        children.push(make("h3", {}, `Wave ${wave} · ${count(members.length, "service", "services")}`), rows(members));
      }
    }
    panel.replaceChildren(...children);
  };
  const show = () => {
    light();
    if (chosen.service !== undefined) showService(chosen.service);
    else if (chosen.waits) showWaits(chosen.waits);
    else showAll();
    panel.scrollTop = 0;
  };

  // ---- What is in sight. ----
  const view = { x: 0, y: 0, scale: 1 };
  let isFitted = true;
  const size = () => ({ width: map.clientWidth || 1, height: map.clientHeight || 1 });
  const apply = () => {
    const { width, height } = size();
    picture.setAttribute("viewBox", `${view.x} ${view.y} ${width / view.scale} ${height / view.scale}`);
    const scale = Math.max(0.55, Math.min(2, 1 / view.scale));
    const y = Math.max(0, view.y);
    heads.forEach((head) => head.setAttribute("transform", `translate(${head.dataset.x} ${y}) scale(${scale})`));
  };
  const whole = () => { const { width, height } = size(); return Math.min(width / full.width, height / full.height, 1.4); };
  const fit = () => {
    const { width, height } = size();
    view.scale = whole();
    view.x = (full.width - width / view.scale) / 2;
    view.y = (full.height - height / view.scale) / 2;
    isFitted = true;
    apply();
  };
  // What would be too small to read begins at its start.
  const begin = () => {
    fit();
    if (view.scale >= 0.65) return;
    const { width, height } = size();
    view.scale = Math.min(0.8, Math.max(0.65, height / full.height));
    view.x = full.width * view.scale < width ? (full.width - width / view.scale) / 2 : 0;
    view.y = full.height * view.scale < height ? (full.height - height / view.scale) / 2 : 0;
    apply();
  };
  const zoom = (factor, clientX, clientY) => {
    const { width, height } = size(), bounds = map.getBoundingClientRect();
    const x = clientX === undefined ? width / 2 : clientX - bounds.left, y = clientY === undefined ? height / 2 : clientY - bounds.top;
    const scale = Math.max(Math.min(0.1, whole()), Math.min(4, view.scale * factor));
    view.x += x / view.scale - x / scale;
    view.y += y / view.scale - y / scale;
    view.scale = scale;
    isFitted = false;
    apply();
  };
  const pan = (x, y) => {
    const { width, height } = size();
    const within = (value, room, seen) => Math.max(-seen * 0.8, Math.min(room - seen * 0.2, value));
    view.x = within(view.x - x / view.scale, full.width, width / view.scale);
    view.y = within(view.y - y / view.scale, full.height, height / view.scale);
    isFitted = false;
    apply();
  };
  const placeOf = (index) => {
    const { e: x, f: y } = boxes[index].transform.baseVal.consolidate().matrix;
    return { x, y, width: +boxes[index].querySelector("rect").getAttribute("width") };
  };
  const bringIntoSight = (index) => {
    const { width, height } = size(), place = placeOf(index);
    if (view.scale < 0.6) view.scale = 0.8;
    const wide = width / view.scale, high = height / view.scale;
    if (place.x < view.x + 10 || place.x + place.width > view.x + wide - 10) view.x = place.x + place.width / 2 - wide / 2;
    if (place.y < view.y + 40 || place.y + 40 > view.y + high) view.y = place.y - high / 2;
    isFitted = false;
    apply();
  };

  // ---- Mouse and touch. ----
  const pointers = new Map();
  let moved = false;
  picture.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" && event.button !== 0) return;
    pointers.set(event.pointerId, event);
    if (pointers.size === 1) moved = false;
  });
  window.addEventListener("pointermove", (event) => {
    const last = pointers.get(event.pointerId);
    if (!last) return;
    const others = [...pointers.values()].filter((other) => other.pointerId !== event.pointerId);
    const x = event.clientX - last.clientX, y = event.clientY - last.clientY;
    if (!moved && Math.hypot(x, y) < 4) return;
    moved = true;
    picture.classList.add("moving");
    if (others.length) {
      const other = others[0];
      const distance = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
      zoom(distance(event) / distance(last), (event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2);
      pan(x / 2, y / 2);
    } else pan(x, y);
    pointers.set(event.pointerId, event);
  });
  const release = (event) => {
    pointers.delete(event.pointerId);
    if (!pointers.size) picture.classList.remove("moving");
  };
  window.addEventListener("pointerup", release);
  window.addEventListener("pointercancel", release);
  map.addEventListener("wheel", (event) => {
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : 1;
    if (event.shiftKey) pan(-(event.deltaY || event.deltaX) * unit, 0);
    else zoom(Math.exp(-event.deltaY * unit * (event.ctrlKey ? 0.01 : 0.0016)), event.clientX, event.clientY);
  }, { passive: false });
  picture.addEventListener("click", (event) => {
    if (moved) return;
    const box = event.target.closest(".service");
    if (box) { choose({ service: +box.dataset.service }); return; }
    // Lines of one source share their way: all that are here are meant.
    const here = document.elementsFromPoint(event.clientX, event.clientY)
      .map((element) => element.closest(".wait")).filter(Boolean).map((line) => +line.dataset.wait);
    choose(here.length ? { waits: [...new Set(here)].sort((left, right) => left - right) } : {});
  });

  // ---- Keys. ----
  const focus = (index) => {
    boxes.forEach((box, other) => box.setAttribute("tabindex", other === index ? "0" : "-1"));
    boxes[index].focus({ preventScroll: true });
    bringIntoSight(index);
  };
  const beside = (index, x, y) => {
    const from = placeOf(index);
    let best = -1, least = Infinity;
    boxes.forEach((_, other) => {
      if (other === index) return;
      const to = placeOf(other);
      const along = x ? (to.x - from.x) * x : (to.y - from.y) * y;
      const across = Math.abs(x ? to.y - from.y : to.x - from.x);
      if (along > 1 && along + across * 3 < least) { least = along + across * 3; best = other; }
    });
    return best;
  };
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.matches("input[type=search]");
    if (event.key === "Escape") {
      if (byId("search").value) { byId("search").value = ""; }
      byId("chain").checked = false;
      choose({});
      return;
    }
    if (isTyping) {
      if (event.key === "Enter" && found().length) {
        choose({ service: found()[0] }, true);
        focus(found()[0]);
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const box = event.target.closest ? event.target.closest(".service") : null;
    const arrow = ARROWS[event.key];
    if (event.key === "/") { event.preventDefault(); byId("search").focus(); }
    else if (event.key === "+" || event.key === "=") zoom(1.25);
    else if (event.key === "-") zoom(0.8);
    else if (event.key === "0") fit();
    else if (box && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); choose({ service: +box.dataset.service }); say(); }
    else if (box && arrow) {
      event.preventDefault();
      const next = beside(+box.dataset.service, ...arrow);
      if (next >= 0) focus(next);
    } else if (arrow && (event.target === document.body || event.target === map)) { event.preventDefault(); pan(-arrow[0] * 60, -arrow[1] * 60); }
  });

  // ---- The rest. ----
  const say = () => {
    byId("status").textContent = chosen.service !== undefined
      ? `${page.services[chosen.service].name} chosen: its details follow the picture`
      : terms().length ? count(found().length, "service", "services") + " found" : "";
  };
  byId("search").addEventListener("input", () => { choose({}); say(); });
  byId("all").addEventListener("change", (event) => picture.classList.toggle("all", event.target.checked));
  byId("chain").addEventListener("change", () => choose({}));
  byId("in").addEventListener("click", () => zoom(1.25));
  byId("out").addEventListener("click", () => zoom(0.8));
  byId("fit").addEventListener("click", fit);
  byId("print").addEventListener("click", () => window.print());
  byId("theme").addEventListener("click", () => {
    const now = root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
  });
  let seen = null;
  window.addEventListener("beforeprint", () => { seen = { ...view }; picture.setAttribute("viewBox", `0 0 ${full.width} ${full.height}`); heads.forEach((head) => head.setAttribute("transform", `translate(${head.dataset.x} 0)`)); });
  window.addEventListener("afterprint", () => { if (seen) Object.assign(view, seen); apply(); });
  window.addEventListener("resize", () => isFitted ? begin() : apply());
  window.addEventListener("hashchange", () => { chosen = read(); show(); if (chosen.service !== undefined) bringIntoSight(chosen.service); });
  const waves = new Set(page.services.map((service) => service.wave)).size;
  const soft = page.waits.filter((wait) => wait.soft).length;
  byId("sum").textContent = `${count(page.services.length, "service", "services")} in ${count(waves, "wave", "waves")}, ${count(page.waits.length, "arrow", "arrows")}` + (soft ? ` (${soft} soft)` : "");
  byId("chain").disabled = page.chain.length < 2;
  chosen = read();
  begin();
  show();
  if (chosen.service !== undefined) bringIntoSight(chosen.service);
})();
