"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  all(".toolbar, .copy, .controls").forEach((element) => { element.hidden = false; });

  // Filters: an element is shown if it has the text, the phase, and one of the chosen hazards.
  const search = one("#search"), phase = one("#phase"), shown = one("#shown");
  const chips = all(".chip");
  const sections = all("section.object");
  const texts = new Map();
  const textOf = (element) => {
    if (!texts.has(element)) texts.set(element, element.textContent.toLowerCase());
    return texts.get(element);
  };
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const hazards = chips.filter((chip) => chip.getAttribute("aria-pressed") === "true").map((chip) => chip.dataset.hazard);
    const fits = (element) => {
      const has = (name) => element.dataset[name].split(" ");
      return (!phase.value || has("phases").includes(phase.value))
        && (!hazards.length || hazards.some((hazard) => has("hazards").includes(hazard)));
    };
    const found = (element) => words.every((word) => textOf(element).includes(word));
    for (const element of all("[data-filtered]")) {
      const whole = element.matches("article") ? element.closest("section") : element;
      element.hidden = !(fits(element) && found(whole));
    }
    const left = sections.filter((section) => !section.hidden).length;
    shown.textContent = left === sections.length ? "" : `${left} of ${sections.length} objects`;
  };
  if (search) {
    search.addEventListener("input", filter);
    phase.addEventListener("change", filter);
    chips.forEach((chip) => chip.addEventListener("click", () => {
      chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
      filter();
    }));
    const openAll = one("#all");
    openAll.addEventListener("click", () => {
      const open = openAll.getAttribute("aria-pressed") !== "true";
      openAll.setAttribute("aria-pressed", String(open));
      openAll.textContent = open ? "Close all" : "Open all";
      all("main details").forEach((details) => { details.open = open; });
    });
  }

  // Light or dark: what the reader's system says, until it is said otherwise here.
  const theme = () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  };
  one("#theme")?.addEventListener("click", theme);

  // Copying: a page opened from a file may have no clipboard; then the text is at least selected.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.(".copy");
    if (!button) return;
    const code = button.parentElement.querySelector("code");
    let done = "Copied";
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      getSelection().selectAllChildren(code);
      done = document.execCommand("copy") ? "Copied" : "Selected";
    }
    button.textContent = done;
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });

  // The drawing: its view box moves and shrinks.
  const canvas = one(".canvas"), svg = one(".canvas svg");
  if (svg) {
    const whole = svg.viewBox.baseVal;
    const home = [whole.x, whole.y, whole.width, whole.height];
    let view = [...home];
    const show = () => svg.setAttribute("viewBox", view.join(" "));
    const zoom = (factor, across = 0.5, down = 0.5) => {
      const width = Math.min(Math.max(view[2] * factor, 80), home[2] * 4), real = width / view[2];
      view = [view[0] + view[2] * (1 - real) * across, view[1] + view[3] * (1 - real) * down, width, view[3] * real];
      show();
    };
    const move = (x, y) => { view = [view[0] + x * view[2], view[1] + y * view[3], view[2], view[3]]; show(); };
    const fit = () => { view = [...home]; show(); };
    const actions = { in: () => zoom(0.8), out: () => zoom(1.25), fit };
    all("[data-zoom]").forEach((button) => button.addEventListener("click", actions[button.dataset.zoom]));
    canvas.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey && document.activeElement !== canvas) return;
      event.preventDefault();
      const box = svg.getBoundingClientRect();
      zoom(event.deltaY > 0 ? 1.15 : 0.87, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
    }, { passive: false });
    let grip = null;
    canvas.addEventListener("pointerdown", (event) => {
      grip = [event.clientX, event.clientY];
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!grip) return;
      const box = svg.getBoundingClientRect();
      const scale = Math.max(view[2] / box.width, view[3] / box.height);
      view = [view[0] - (event.clientX - grip[0]) * scale, view[1] - (event.clientY - grip[1]) * scale, view[2], view[3]];
      grip = [event.clientX, event.clientY];
      show();
    });
    const release = () => { grip = null; };
    canvas.addEventListener("pointerup", release);
    canvas.addEventListener("pointercancel", release);
    const keys = {
      ArrowLeft: () => move(-0.1, 0), ArrowRight: () => move(0.1, 0), ArrowUp: () => move(0, -0.1), ArrowDown: () => move(0, 0.1),
      "+": actions.in, "=": actions.in, "-": actions.out, 0: fit,
    };
    canvas.addEventListener("keydown", (event) => {
      if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      keys[event.key]();
    });
  }

  // Keys of the page. The summary of an object is what takes the focus.
  const step = (by) => {
    const summaries = sections.filter((section) => !section.hidden).map((section) => section.querySelector("summary"));
    const at = summaries.findIndex((summary) => summary === document.activeElement || summary.parentElement.contains(document.activeElement));
    const next = summaries[at < 0 ? (by > 0 ? 0 : summaries.length - 1) : Math.min(Math.max(at + by, 0), summaries.length - 1)];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };
  const page = {
    "/": () => search?.focus(),
    j: () => step(1),
    k: () => step(-1),
    x: () => { const details = document.activeElement?.closest("section.object > details"); if (details) details.open = !details.open; },
    t: theme,
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && search) {
      search.value = "";
      phase.value = "";
      chips.forEach((chip) => chip.setAttribute("aria-pressed", "false"));
      filter();
      document.activeElement.blur();
      return;
    }
    const typing = event.target.closest?.("input, select, textarea");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !page[event.key]) return;
    event.preventDefault();
    page[event.key]();
  });

  // A link to a step opens what it stands in; so does printing, for everything.
  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let details = target?.closest?.("details"); details; details = details.parentElement.closest("details")) details.open = true;
    target?.scrollIntoView?.();
  };
  addEventListener("hashchange", reveal);
  reveal();
  addEventListener("beforeprint", () => all("main details").forEach((details) => { details.open = true; }));
})();
