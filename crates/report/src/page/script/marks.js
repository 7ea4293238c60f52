// What concerns the whole world: the axis, the faults, the times without a leader, two leaders at once, what broke.

// Faults that overlap lie in rows of their own.
const faultRows = (() => {
  const rows = [];
  run.faults.forEach((fault) => {
    const ends = fault.instant ? fault.begins : Math.min(fault.ends ?? run.ended, run.ended);
    // Room for a few letters of its name, at the scale at which the page opens.
    const needs = Math.max(ends, fault.begins + 2e6);
    let row = rows.findIndex((busy) => busy <= fault.begins);
    if (row < 0) row = rows.length < 5 ? rows.push(0) - 1 : rows.indexOf(Math.min(...rows));
    rows[row] = needs;
    Object.assign(fault, { row, until: ends });
  });
  return rows.length;
})();

function drawAxis() {
  const span = view.to - view.from;
  const wanted = span / Math.max((layout.width - layout.label) / 110, 2);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= wanted);
  const digits = clamp(6 - Math.floor(Math.log10(step) + 1e-9), 0, 6);
  for (let at = Math.ceil(view.from / step) * step; at <= view.to; at += step) {
    const x = xOf(at);
    pen.strokeStyle = ink.line;
    pen.beginPath();
    pen.moveTo(x, 18);
    pen.lineTo(x, layout.height);
    pen.stroke();
    if (x < layout.width - 22 && at >= 0) write(instant(at, digits), x, 10, { colour: ink.soft, align: "center" });
  }
}

function drawFaults() {
  if (run.faults.length) write("faults", 8, layout.faultTop + ROW / 2, { colour: ink.soft });
  // Up to where the words of each row reach so far.
  const reach = Array(faultRows).fill(layout.label);
  run.faults.forEach((fault) => {
    const at = place({ begins: fault.begins, ends: fault.until }, 3);
    if (!at) return;
    const y = layout.faultTop + fault.row * ROW;
    pen.fillStyle = ink["fault-ground"];
    pen.fillRect(at.x, y + 2, at.width, ROW - 4);
    pen.fillStyle = ink.fault;
    pen.fillRect(at.x, y + 2, Math.min(3, at.width), ROW - 4);
    const next = run.faults.find((other) => other.row === fault.row && other.begins > fault.begins);
    const room = Math.min(next ? xOf(next.begins) : Infinity, layout.width - layout.right) - at.x - 10;
    pen.font = `400 11px ${FONT}`;
    const needs = pen.measureText(fault.what).width + 8;
    // In words where there is room for them, behind its beginning or else before it; if not, by its family.
    const fits = needs <= room;
    if (fits) write(fault.what, at.x + 7, y + ROW / 2, { colour: ink.fault });
    else if (needs <= at.x - reach[fault.row]) write(fault.what, at.x - 5, y + ROW / 2, { colour: ink.fault, align: "right" });
    else writeInto(fault.family, at.x + 7, y + ROW / 2, room, { colour: ink.fault });
    reach[fault.row] = at.x + Math.max(at.width, fits ? needs : Math.min(room, 60)) + 6;
    pen.globalAlpha = 0.5;
    pen.strokeStyle = ink.fault;
    pen.setLineDash([2, 4]);
    pen.beginPath();
    if (xOf(fault.begins) >= layout.label) {
      pen.moveTo(at.x + 0.5, y + ROW);
      pen.lineTo(at.x + 0.5, layout.height);
    }
    pen.stroke();
    pen.setLineDash([]);
    pen.globalAlpha = 1;
  });
}

// Beneath the lanes: when nobody led, and when more than one believed.
function drawBands() {
  const lanes = layout.lanes;
  const bottom = lanes.length ? lanes[lanes.length - 1].top + lanes[lanes.length - 1].height : layout.height;
  const band = (span, least, colour, opacity) => {
    const at = place(span, least);
    if (!at) return;
    pen.globalAlpha = opacity;
    pen.fillStyle = colour;
    pen.fillRect(at.x, layout.lanesTop, at.width, bottom - layout.lanesTop);
    pen.globalAlpha = 1;
  };
  run.gaps.forEach((gap) => band({ begins: gap.begins, ends: gap.ends ?? run.ended }, 2, ink["gap-ground"], 0.8));
  run.crowds.forEach((crowd) => band(crowd, 3, ink.broken, 0.16));
}

function drawGaps() {
  const middle = layout.gapTop + ROW / 2 + 1;
  if (run.gaps.length) write("nobody", 8, middle, { colour: ink.soft });
  run.gaps.forEach((gap) => {
    const ends = gap.ends ?? run.ended;
    const at = place({ begins: gap.begins, ends }, 2);
    if (!at) return;
    pen.fillStyle = ink["gap-ground"];
    pen.fillRect(at.x, layout.gapTop + 1, at.width, ROW - 2);
    pen.fillStyle = ink.gap;
    pen.fillRect(at.x, layout.gapTop + 1, at.width, 2);
    const length = lengthOf((ends - gap.begins) / 1000);
    const words = `${gap.ends === null ? "nobody leads, still: " : "nobody leads: "}${length}`;
    writeBeside(at.width > 150 ? words : length, at, middle, ink.gap, ink.gap);
  });
}

// When more than one believed has a row of its own: it may follow at once upon a time without a leader.
function drawCrowds() {
  if (!run.crowds.length) return;
  const middle = layout.crowdTop + ROW / 2;
  write(layout.label < 60 ? "two" : "two lead", 8, middle, { colour: ink.soft });
  run.crowds.forEach((crowd) => {
    const at = place(crowd, 3);
    if (!at) return;
    pen.fillStyle = ink.broken;
    pen.fillRect(at.x, layout.crowdTop + 1, at.width, ROW - 2);
    writeBeside(crowd.nodes.map(nameOf).join(" and "), at, middle, ink["on-broken"], ink.broken);
  });
}

// Writes into a box if it fits, else behind it, else before it.
function writeBeside(words, at, y, inside, outside) {
  pen.font = `600 11px ${FONT}`;
  const needs = pen.measureText(words).width + 8;
  if (needs <= at.width) write(words, at.x + 4, y, { colour: inside, weight: 600 });
  else if (at.x + at.width + needs < layout.width) write(words, at.x + at.width + 3, y, { colour: outside, weight: 600 });
  else if (at.x - needs > layout.label) write(words, at.x - 4, y, { colour: outside, weight: 600, align: "right" });
}

function drawInstants() {
  const line = (at, colour, dash, words) => {
    if (at < view.from || at > view.to) return;
    const x = xOf(at);
    pen.strokeStyle = colour;
    pen.lineWidth = 1.5;
    pen.setLineDash(dash);
    pen.beginPath();
    pen.moveTo(x, layout.gapTop);
    pen.lineTo(x, layout.height);
    pen.stroke();
    pen.setLineDash([]);
    pen.lineWidth = 1;
    pen.font = `600 11px ${FONT}`;
    const width = pen.measureText(words).width + 10;
    const left = clamp(x - width - 3 < layout.label ? x + 3 : x - width - 3, layout.label, layout.width - width - 2);
    const y = layout.height - 18;
    pen.fillStyle = colour;
    pen.fillRect(left, y, width, 16);
    write(words, left + 5, y + 8, { colour: ink.raised, weight: 600 });
  };
  if (run.liveness !== null) line(run.liveness, ink.soft, [6, 4], layout.label < 60 ? "liveness" : "liveness phase");
  const seen = new Set();
  run.violations.forEach((violation) => {
    if (seen.has(violation.monitor)) return;
    seen.add(violation.monitor);
    line(violation.at, ink.broken, [], violation.monitor);
  });
  if (run.panic !== null) line(run.ended, ink.broken, [], "panic");
}

// A tick in its lane for everything worth reading; what is chosen stands out.
function drawTicks(chosen) {
  const first = firstNotBefore(run.entries, view.from, (entry) => entry.at);
  const colours = { fault: ink.fault, belief: ink.belief, truth: ink.truth, session: ink.session, life: ink.soft,
    ensemble: ink.epoch, network: ink.faint, clock: ink.stall, disk: ink.stall, violation: ink.broken, resource: ink.acts };
  const closeUp = view.to - view.from < 4e6;
  for (let entryPlace = first; entryPlace < run.entries.length; entryPlace += 1) {
    const entry = run.entries[entryPlace];
    if (entry.at > view.to) break;
    if (entry.node < 0 || (entry.weight === WEIGHT.detail && !closeUp)) continue;
    const lane = layout.lanes[entry.node];
    pen.fillStyle = colours[entry.about] ?? ink.faint;
    const radius = entry.weight === WEIGHT.violation ? 4.5 : entry.weight >= WEIGHT.turning ? 3 : entry.weight ? 2 : 1.4;
    pen.beginPath();
    pen.arc(xOf(entry.at), lane.top + 5, radius, 0, 7);
    pen.fill();
  }
  if (chosen === null || run.entries[chosen].at < view.from || run.entries[chosen].at > view.to) return;
  const entry = run.entries[chosen];
  const lane = layout.lanes[entry.node];
  pen.strokeStyle = ink.focus;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.moveTo(xOf(entry.at), lane ? lane.top : layout.faultTop);
  pen.lineTo(xOf(entry.at), lane ? lane.top + lane.height : layout.height);
  pen.stroke();
  pen.beginPath();
  pen.arc(xOf(entry.at), lane ? lane.top + 5 : layout.faultTop + 5, 6, 0, 7);
  pen.stroke();
  pen.lineWidth = 1;
}

