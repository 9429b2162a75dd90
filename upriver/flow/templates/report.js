// The map: look inside folds, come out again, and read in the panel what a pool is. Works without it, but still.
"use strict";
(async () => {
  const at = (id) => document.getElementById(id);
  const map = at("map"), panel = at("panel"), trail = at("trail"), select = at("backward");
  const pack = await open(at("pack").textContent);
  const pools = Object.assign({}, ...Object.values(pack.maps).map((one) => one.pools));
  let here = pack.roots[0], picked = null;
  for (const option of select ? select.options : [])
    option.disabled = !(pack.roots[option.value] in pack.maps);

  // The pack is JSON, deflated, in base64: this needs no network.
  async function open(text) {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(stream).text());
  }

  // Elements are made, not written: no text of the report is ever read as markup.
  function make(name, text, ...inside) {
    const element = document.createElement(name);
    if (text) element.textContent = text;
    element.append(...inside);
    return element;
  }

  function button(text, act, css) {
    const element = make("button", text);
    element.type = "button";
    if (css) element.className = css;
    element.addEventListener("click", act);
    return element;
  }

  function list(title, rows, more) {
    const items = rows.map((row) => make("li", "", ...row));
    const rest = more ? [make("p", `… and ${more} more`)] : [];
    return rows.length ? [make("h4", title), make("ul", "", ...items), ...rest] : [];
  }

  function line([place, source, anchor, what]) {
    const link = make(anchor ? "a" : "b", place);
    link.className = "place";
    if (anchor) link.href = "#" + anchor;
    return [...(what ? [make("span", what)] : []), link, ...(source ? [make("code", source)] : [])];
  }

  function tell(id) {
    const one = pools[id];
    if (!one) return;
    const kind = make("p", one.kind);
    kind.className = "quiet";
    const close = button("×", () => pick(null), "close");
    close.setAttribute("aria-label", "Close");
    const facts = one.facts.flatMap(([name, value]) => [make("dt", name), make("dd", value)]);
    panel.replaceChildren(
      make("header", "", make("h3", one.title), close), kind, make("dl", "", ...facts),
      ...list(one.lines && one.lines.length > 1 ? "Its lines" : "Its line", (one.lines || []).map(line), one.more),
      ...list("Its leaves", (one.leaves || []).map(([name, shape, norm]) => [make("span", norm), make("b", name), ` ${shape}`]), one.more),
      ...list("It keeps", (one.saves || []).map(([value, size, rule]) => [make("span", size), `${value}, for the gradient of ${rule}`])),
      ...(one.inside in pack.maps && one.inside !== here ? [button("Look inside", () => show(one.inside), "go")] : []),
    );
    panel.hidden = false;
  }

  function pick(id) {
    map.querySelectorAll(".picked").forEach((one) => one.classList.remove("picked"));
    if (id === null && picked !== null) map.querySelector(`[data-p="${picked}"]`)?.focus();
    picked = id;
    panel.hidden = id === null;
    if (id === null) return;
    map.querySelector(`[data-p="${id}"]`)?.classList.add("picked");
    tell(id);
  }

  function show(number, from) {
    here = number;
    map.innerHTML = pack.maps[number].svg; // written by the templates, which escape
    const steps = [];
    for (let step = number; step !== null; step = pack.maps[step].up) steps.unshift(step);
    trail.hidden = steps.length < 2;
    trail.replaceChildren(...steps.flatMap((step, n) => [
      ...(n ? ["›"] : []),
      step === here ? make("strong", pack.maps[step].title) : button(pack.maps[step].title, () => show(step)),
    ]));
    const target = from !== undefined && map.querySelector(`[data-p="${from}"]`);
    (target || map.querySelector(".pool"))?.focus();
    pick(null);
  }

  function act(id) {
    const inside = pools[id]?.inside;
    if (inside in pack.maps && inside !== here) {
      show(inside);
      tell(id);
    } else pick(id);
  }

  function out() {
    const up = pack.maps[here].up;
    if (!panel.hidden && picked !== null) return pick(null);
    const fold = Object.keys(pools).find((id) => pools[id].inside === here);
    if (up !== null && up in pack.maps) show(up, fold);
  }

  // The nearest pool in the direction of an arrow key.
  function nearest(from, [x, y]) {
    const middle = (one) => { const box = one.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; };
    const [fromX, fromY] = middle(from);
    let best = null, least = Infinity;
    for (const one of map.querySelectorAll(".pool")) {
      const [toX, toY] = middle(one), along = (toX - fromX) * x + (toY - fromY) * y;
      const aside = Math.abs((toX - fromX) * y) + Math.abs((toY - fromY) * x);
      if (along > 4 && along + 2 * aside < least) [best, least] = [one, along + 2 * aside];
    }
    return best;
  }

  const arrows = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  const pool = (event) => event.target.closest?.(".pool");
  map.addEventListener("click", (event) => pool(event) && act(pool(event).dataset.p));
  map.addEventListener("keydown", (event) => {
    const one = pool(event);
    if (!one) return;
    if (event.key === "Enter" || event.key === " ") act(one.dataset.p);
    else if (event.key in arrows) nearest(one, arrows[event.key])?.focus();
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && out());

  function look(event, near) {
    const one = pool(event);
    if (!one || (event.type === "focusin" && !one.matches(":focus-visible"))) return;
    map.firstElementChild.classList.toggle("looking", near);
    for (const way of map.querySelectorAll(`[data-a="${one.dataset.p}"], [data-b="${one.dataset.p}"]`))
      way.classList.toggle("near", near);
  }
  for (const [name, near] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]])
    map.addEventListener(name, (event) => look(event, near));

  select?.addEventListener("change", () => show(pack.roots[select.value]));
  document.addEventListener("click", (event) => {
    const target = event.target.closest?.("a[href^='#']");
    const to = target && at(target.getAttribute("href").slice(1));
    if (to) to.closest("details")?.setAttribute("open", "");
  });
  document.documentElement.dataset.ready = "yes";
})();
