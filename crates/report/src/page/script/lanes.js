// A lane for each node: the life of its process, what it believes, who leads in truth, its session, links and clock.

const layout = { width: 0, height: 0, label: 64, right: 8, lanes: [], faultTop: 24, gapTop: 0, crowdTop: 0, lanesTop: 0 };
const ROW = 18;

const xOf = (at) => layout.label + ((at - view.from) / (view.to - view.from)) * (layout.width - layout.label - layout.right);
const timeAt = (x) => view.from + ((x - layout.label) / (layout.width - layout.label - layout.right)) * (view.to - view.from);

// Where a span is drawn; nothing if it is out of view. What is short is still seen.
function place(span, least = 1.5) {
  if (span.ends < view.from || span.begins > view.to) return null;
  const left = Math.max(xOf(span.begins), layout.label);
  const right = Math.min(xOf(span.ends), layout.width - layout.right);
  if (right < layout.label) return null;
  return { x: left, width: Math.max(right - left, least) };
}

const eachInView = (spans, draw) =>
  spans.forEach((span) => {
    const at = place(span);
    if (at) draw(span, at);
  });

function drawGround(top, height) {
  pen.fillStyle = ink.lane;
  pen.fillRect(layout.label, top + 1, layout.width - layout.label - layout.right, height - 2);
}

function drawLane(lane, top, height) {
  drawLinks(lane, top, height);
  const bar = { y: top + 14, height: Math.min(16, height - 26) };
  drawLife(lane, bar);
  if (lane.standing.length) drawStanding(lane, bar);
  drawBelief(lane, bar);
  drawTruth(lane, bar);
  drawSession(lane, bar.y + bar.height + 3);
  drawClock(lane, bar.y + bar.height + 9, top + height - 3);
  const size = layout.label < 60 ? 11 : 13;
  write(lane.name, 8, bar.y + bar.height / 2, { size, weight: 650 });
}

function drawLinks(lane, top, height) {
  eachInView(lane.links, (span, at) => {
    const cut = new Set([...span.to, ...span.from]);
    if (cut.size) {
      pen.globalAlpha = 0.1 + 0.1 * Math.min(cut.size / run.lanes.length, 1);
      pen.fillStyle = ink.cut;
      pen.fillRect(at.x, top + 1, at.width, height - 2);
      pen.globalAlpha = 0.35;
      hatch(pen, at.x, top + 1, at.width, height - 2, ink.cut, 7);
      pen.globalAlpha = 1;
    } else {
      pen.globalAlpha = 0.35;
      pen.strokeStyle = ink.cut;
      pen.setLineDash([2, 5]);
      pen.strokeRect(at.x, top + 2.5, at.width, height - 5);
      pen.setLineDash([]);
      pen.globalAlpha = 1;
    }
  });
}

function drawLife(lane, bar) {
  const middle = bar.y + bar.height / 2;
  eachInView(lane.life, (span, at) => {
    if (span.kind === "runs") {
      pen.fillStyle = ink.run;
      pen.fillRect(at.x, middle - 1.5, at.width, 3);
    } else if (span.kind === "paused") {
      pen.globalAlpha = 0.25;
      pen.fillStyle = ink.stall;
      pen.fillRect(at.x, bar.y - 3, at.width, bar.height + 6);
      pen.globalAlpha = 1;
      hatch(pen, at.x, bar.y - 3, at.width, bar.height + 6, ink.stall, 5, -1);
    } else {
      const dark = span.kind === "unpowered";
      pen.fillStyle = dark ? ink.dark : ink.raised;
      pen.fillRect(at.x, bar.y - 2, at.width, bar.height + 4);
      pen.strokeStyle = dark ? ink.faint : ink.broken;
      pen.setLineDash([4, 3]);
      pen.strokeRect(at.x + 0.5, bar.y - 1.5, Math.max(at.width - 1, 1), bar.height + 3);
      pen.setLineDash([]);
      writeInto(span.words, at.x + 5, middle, at.width - 10, { colour: dark ? "#d5d9dd" : ink.broken, size: 11 });
    }
  });
}

function drawStanding(lane, bar) {
  eachInView(lane.standing, (span, at) => {
    if (span.kind === "leads") {
      pen.fillStyle = ink.epoch;
      pen.fillRect(at.x, bar.y, at.width, bar.height);
      writeInto(`leads, epoch ${span.epoch}`, at.x + 5, bar.y + bar.height / 2, at.width - 10, { colour: ink["on-epoch"], weight: 600 });
    } else if (span.kind === "follows") {
      pen.fillStyle = ink.follow;
      pen.fillRect(at.x, bar.y + 3, at.width, bar.height - 6);
      writeInto(`epoch ${span.epoch}`, at.x + 5, bar.y + bar.height / 2, at.width - 10, { size: 10 });
    } else {
      hatch(pen, at.x, bar.y + 2, at.width, bar.height - 4, ink.epoch, 4);
    }
  });
}

function drawBelief(lane, bar) {
  eachInView(lane.belief, (span, at) => {
    pen.fillStyle = ink.belief;
    pen.fillRect(at.x, bar.y, at.width, bar.height);
    // A run stops at the first violation: whoever believed then believes on, and must be seen however short it was.
    if (span.ends === run.ended && run.verdict !== "ok") {
      pen.globalAlpha = 0.4;
      pen.fillRect(at.x + at.width, bar.y, 10, bar.height);
      pen.globalAlpha = 1;
    }
    writeInto(`believes to lead, ${span.term}`, at.x + 5, bar.y + bar.height / 2, at.width - 10, { colour: ink["on-belief"], weight: 600 });
  });
  // A stall does not end a belief: both are seen.
  lane.belief.length && eachInView(lane.life.filter((span) => span.kind === "paused"), (span, at) =>
    hatch(pen, at.x, bar.y - 3, at.width, bar.height + 6, ink.stall, 5, -1));
}

// A crown over the bar of whoever leads in truth.
function drawTruth(lane, bar) {
  eachInView(lane.truth, (span, at) => {
    pen.fillStyle = ink.truth;
    pen.fillRect(at.x, bar.y - 6, at.width, 4);
    pen.fillRect(at.x, bar.y - 9, 2, 7);
  });
  eachInView(lane.standing.filter((span) => span.kind === "leads"), (span, at) => {
    pen.fillStyle = ink.truth;
    pen.fillRect(at.x, bar.y - 6, at.width, 4);
  });
}

function drawSession(lane, y) {
  eachInView(lane.session, (span, at) => {
    pen.strokeStyle = !span.exists ? ink.gone : span.connected ? ink.session : ink.away;
    pen.lineWidth = 3;
    pen.setLineDash(span.connected ? [] : [5, 3]);
    pen.beginPath();
    pen.moveTo(at.x, y + 1.5);
    pen.lineTo(at.x + at.width, y + 1.5);
    pen.stroke();
    pen.setLineDash([]);
    pen.lineWidth = 1;
  });
}

// The offset of the wall clock as a line: how far from the middle is a matter of factors, or small offsets were unseen.
function drawClock(lane, top, bottom) {
  if (!lane.clock.length || bottom - top < 8) return;
  const middle = (top + bottom) / 2;
  const reach = (bottom - top) / 2;
  const height = (offset) => middle - (Math.sign(offset) * Math.min(Math.log10(1 + Math.abs(offset) / 100) / 6, 1)) * reach;
  pen.strokeStyle = ink.line;
  pen.beginPath();
  pen.moveTo(layout.label, middle);
  pen.lineTo(layout.width - layout.right, middle);
  pen.stroke();
  pen.strokeStyle = ink.stall;
  pen.lineWidth = 1.5;
  lane.clock.forEach((point, place) => {
    const ends = lane.clock[place + 1]?.at ?? run.ended;
    const until = point.offset + ((ends - point.at) * point.rate) / 1e6;
    if (ends < view.from || point.at > view.to || (!point.offset && !until && !point.strobe)) return;
    const [left, right] = [Math.max(xOf(point.at), layout.label), Math.min(xOf(ends), layout.width - layout.right)];
    if (point.strobe) hatch(pen, left, top, right - left, bottom - top, ink.stall, 4, -1);
    const part = (x) => point.offset + ((timeAt(x) - point.at) * point.rate) / 1e6;
    pen.beginPath();
    const steps = point.rate ? 24 : 1;
    for (let step = 0; step <= steps; step += 1) {
      const x = left + ((right - left) * step) / steps;
      if (step) pen.lineTo(x, height(part(x)));
      else pen.moveTo(x, height(part(x)));
    }
    pen.stroke();
    const reads = part((left + right) / 2);
    const words = `clock ${reads < 0 ? "−" : "+"}${lengthOf(Math.abs(reads) / 1000)}`;
    const beside = reads > 0 ? bottom - 3 : top + 3;
    if (right - left > 90) write(words, left + 5, beside, { colour: ink.stall, size: 10 });
    else if (place === lane.clock.length - 1) write(words, left - 4, beside, { colour: ink.stall, size: 10, align: "right" });
  });
  pen.lineWidth = 1;
}

