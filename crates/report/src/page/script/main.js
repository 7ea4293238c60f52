// Puts the parts together, and gives the reader hands.

function setLayout() {
  const box = canvas.parentElement;
  layout.width = box.clientWidth;
  layout.label = layout.width < 560 ? 50 : 66;
  const many = run.lanes.length > 14;
  const height = (lane) => (lane.clock.length ? 56 : many ? 38 : 44);
  layout.gapTop = layout.faultTop + faultRows * ROW;
  layout.crowdTop = layout.gapTop + (run.gaps.length ? ROW : 0);
  layout.lanesTop = layout.crowdTop + (run.crowds.length ? ROW : 0) + 4;
  let top = layout.lanesTop;
  let role = run.lanes[0]?.role;
  layout.lanes = run.lanes.map((lane) => {
    // A little room between those who do different things.
    if (lane.role !== role) top += 8;
    role = lane.role;
    const entry = { top, height: height(lane), bar: top + 22 };
    top += entry.height + 2;
    return entry;
  });
  layout.height = top + 22;
  const scale = window.devicePixelRatio || 1;
  canvas.style.height = `${layout.height}px`;
  canvas.width = Math.round(layout.width * scale);
  canvas.height = Math.round(layout.height * scale);
  pen.setTransform(scale, 0, 0, scale, 0, 0);
}

let isDue = false;
function redraw() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    draw();
  });
}

function draw() {
  pen.fillStyle = ink.raised;
  pen.fillRect(0, 0, layout.width, layout.height);
  layout.lanes.forEach(({ top, height }) => drawGround(top, height));
  drawBands();
  drawAxis();
  run.lanes.forEach((lane, place) => drawLane(lane, layout.lanes[place].top, layout.lanes[place].height));
  drawGaps();
  drawCrowds();
  drawFaults();
  const words = drawArrows();
  drawInstants();
  drawTicks(chosen);
  byId("hint").textContent = words;
  const digits = view.to - view.from < 2e6 ? 6 : view.to - view.from < 2e7 ? 3 : 1;
  const [from, to] = [Math.max(view.from, 0), Math.min(view.to, run.ended)];
  byId("span").textContent = `${instant(from, digits)} to ${instant(to, digits)}: ${lengthOf((to - from) / 1000)}`;
  canvas.dataset.from = String(Math.round(view.from));
  canvas.dataset.to = String(Math.round(view.to));
}

function fillHead() {
  const held = run.verdict === "ok";
  byId("verdict").className = `verdict ${held ? "held" : "broken"}`;
  byId("verdict").textContent = { ok: "held", safety: "safety", liveness: "liveness", panic: "panic" }[run.verdict] ?? run.verdict;
  const first = run.violations[0];
  if (run.panic !== null) {
    byId("headline").textContent = `A panic at ${instant(run.ended)}`;
    byId("message").textContent = run.panic;
  } else if (first) {
    byId("headline").textContent = `${first.monitor} broke at ${instant(first.at).replace(" ", "\u00a0")}`;
    byId("message").textContent = first.message;
  } else {
    byId("headline").textContent = "Everything held";
  }
  const parameters = run.parameters.map(([key, value]) => `${key}=${value}`);
  const short = run.ended + 1000 < run.length;
  const lasted = short ? `${instant(run.ended, 1)} of ${instant(run.length, 0)}` : instant(run.ended, 0);
  byId("subject").textContent = [run.scenario, `seed ${run.seed}`, ...parameters, lasted].join(" · ");
  byId("command").textContent = run.command;
  byId("versions").textContent = `trace ${run.trace}, ${run.versions}`;
  byId("copy").addEventListener("click", () => {
    // A page from disk may not be allowed to write the clipboard: then the text is selected, ready to be copied.
    getSelection().selectAllChildren(byId("command"));
    navigator.clipboard?.writeText(run.command).then(() => (byId("copy").textContent = "Copied"), () => {});
  });
  byId("to-focus").hidden = held;
}

// The faults that were in force when the rule broke come first, then the last ones that were over.
function fillBefore() {
  const before = run.faults.filter((fault) => fault.begins <= run.focus);
  const inForce = before.filter((fault) => !fault.instant && fault.until >= run.focus);
  const last = before.filter((fault) => !inForce.includes(fault)).slice(-Math.max(5 - inForce.length, 2));
  const listed = [...inForce, ...last].slice(0, 7).sort((one, other) => one.begins - other.begins);
  const items = listed.map((fault) => {
    const state = fault.instant ? "" : inForce.includes(fault) ? " (in force)" : ` (until ${instant(fault.until, 1)})`;
    const button = make("button", "", make("time", "", instant(fault.begins)), make("span", "words", `${fault.what}${state}`));
    button.type = "button";
    button.addEventListener("click", () => {
      const place = run.entries.findIndex((entry) => entry.about === "fault" && entry.at === fault.begins && entry.words.startsWith(`fault ${fault.index},`));
      if (place >= 0) choose(place, false);
      canvas.scrollIntoView({ block: "nearest" });
    });
    return make("li", "fault", button);
  });
  if (!items.length) items.push(make("li", "none", run.verdict === "ok" ? "There were none." : "No fault: it broke by itself."));
  if (before.length > listed.length) items.unshift(make("li", "none", `${before.length - listed.length} earlier faults are in the drawing.`));
  if (run.verdict === "ok") byId("before-title").textContent = "The last faults";
  byId("before").replaceChildren(...items);
}

function fillLegend() {
  const sample = (words, paint) => {
    const swatch = make("canvas", "");
    swatch.width = 52;
    swatch.height = 28;
    const brush = swatch.getContext("2d");
    brush.scale(2, 2);
    paint(brush);
    return make("li", "", swatch, words);
  };
  const block = (colour, y = 3, height = 9) => (brush) => {
    brush.fillStyle = colour;
    brush.fillRect(0, y, 26, height);
  };
  const stroke = (colour, dash) => (brush) => {
    brush.strokeStyle = colour;
    brush.lineWidth = 3;
    brush.setLineDash(dash);
    brush.beginPath();
    brush.moveTo(0, 7);
    brush.lineTo(26, 7);
    brush.stroke();
  };
  const hatched = (colour, slant) => (brush) => hatch(brush, 0, 1, 26, 12, colour, 5, slant);
  byId("legend").replaceChildren(
    sample("believes to lead", block(ink.belief)),
    sample("leads in truth: the newest term whose znode stands; of servers, the established leader", block(ink.truth, 5, 4)),
    sample("server leads, in an epoch", block(ink.epoch)),
    sample("server follows", block(ink.follow)),
    sample("session, connected", stroke(ink.session, [])),
    sample("disconnected", stroke(ink.away, [5, 3])),
    sample("over, and the client does not know", stroke(ink.gone, [])),
    sample("stalled", hatched(ink.stall, -1)),
    sample("links cut", hatched(ink.cut, 1)),
    sample("nobody leads", block(ink["gap-ground"], 1, 12)),
    sample("two believe at once", block(ink.broken, 1, 12)),
    sample("clock off true time", stroke(ink.stall, [])),
  );
  const left = [];
  if (run.messagesLeftOut) left.push(`${run.messagesLeftOut} messages far from what broke`);
  if (run.entriesLeftOut) left.push(`${run.entriesLeftOut} details far from what broke`);
  if (!messages.count) left.push("all messages: the log did not keep them");
  const never = run.neverCame ? ` ${run.neverCame} faults of the schedule never came: the run ended before.` : "";
  byId("left-out").textContent = `${left.length ? `Left out to keep the page small: ${left.join("; ")}.` : "Nothing is left out."}${never}`;
}

function fillFilters() {
  const option = (value, words) => {
    const element = make("option", "", words);
    element.value = String(value);
    return element;
  };
  ["one", "other"].forEach((id) => {
    byId(id).replaceChildren(option(-1, "any node"), ...run.lanes.map((lane, place) => option(place, lane.name)));
    byId(id).addEventListener("change", () => {
      filter[id] = Number(byId(id).value);
      // Whoever asks for a node's messages wants to see them.
      if (filter.kind === "off") byId("kind").value = filter.kind = "all";
      redraw();
    });
  });
  byId("kind").addEventListener("change", () => {
    filter.kind = byId("kind").value;
    redraw();
  });
}

function takeButtons() {
  const buttons = { "zoom-in": () => zoom(0.5), "zoom-out": () => zoom(2), back: () => pan(-0.3), forth: () => pan(0.3),
    "to-focus": () => show(...aroundFocus()), "to-all": () => show(...wholeRun()) };
  Object.entries(buttons).forEach(([id, act]) => byId(id).addEventListener("click", act));
  byId("details").addEventListener("change", fillColumn);
  const keys = { "+": () => zoom(0.6), "=": () => zoom(0.6), "-": () => zoom(1 / 0.6), ArrowLeft: () => pan(-0.15), ArrowRight: () => pan(0.15),
    ArrowDown: () => step(1), ArrowUp: () => step(-1), Home: () => show(...wholeRun()), v: () => show(...aroundFocus()) };
  canvas.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return showTip([]);
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
  // Whoever comes by keyboard hears of the event that is nearest to what broke.
  canvas.addEventListener("focus", () => {
    if (canvas.matches(":focus-visible") && chosen === null) choose(nearestToFocus(), true);
  });
}

function nearestToFocus() {
  const broken = run.entries.findIndex((entry) => entry.weight === WEIGHT.violation);
  return broken >= 0 ? broken : clamp(firstNotBefore(run.entries, run.focus, (entry) => entry.at), 0, run.entries.length - 1);
}

function takePointers() {
  const down = new Map();
  let moved = 0;
  const where = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey) pan((event.deltaX || event.deltaY) / layout.width);
    else zoom(1.0016 ** clamp(event.deltaY, -400, 400), timeAt(where(event).x));
  }, { passive: false });
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    down.set(event.pointerId, where(event));
    moved = 0;
  });
  canvas.addEventListener("pointermove", (event) => {
    const now = where(event);
    const before = down.get(event.pointerId);
    if (!before) return showTip(tellAt(now.x, now.y), now.x, now.y);
    const others = [...down].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    const [left, right] = [timeAt(before.x), timeAt(now.x)];
    if (others.length) {
      const fixed = others[0].x;
      const factor = Math.abs(before.x - fixed) / Math.max(Math.abs(now.x - fixed), 8);
      zoom(clamp(factor, 0.5, 2), timeAt(fixed));
    } else {
      show(view.from + left - right, view.to + left - right);
    }
    moved += Math.abs(now.x - before.x);
    canvas.classList.add("drags");
    showTip([]);
    down.set(event.pointerId, now);
  });
  const lift = (event) => {
    const place = down.get(event.pointerId);
    down.delete(event.pointerId);
    canvas.classList.remove("drags");
    if (!place || moved > 4 || event.type !== "pointerup") return;
    const lane = laneAt(place.y);
    const entry = lane >= 0 ? entryAt(place.x, lane) : null;
    if (entry !== null) choose(entry, false);
    else showTip(tellAt(place.x, place.y), place.x, place.y);
  };
  ["pointerup", "pointercancel"].forEach((kind) => canvas.addEventListener(kind, lift));
  canvas.addEventListener("pointerleave", () => down.size || showTip([]));
}

readColours();
setLayout();
fillHead();
fillBefore();
fillLegend();
fillFilters();
takeButtons();
takePointers();
view.listeners.push(redraw, () => follow(true));
show(...aroundFocus());
fillColumn();
themeListeners.push(() => {
  readColours();
  fillLegend();
  redraw();
});
new ResizeObserver(() => {
  setLayout();
  redraw();
}).observe(canvas.parentElement);

