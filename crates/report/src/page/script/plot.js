// How the times without a leader are distributed: how many of each length, and which part of all is shorter.

function plotTimes(times) {
  const words = byId("times-words");
  const open = data.gaps?.find(([, ends]) => ends === null);
  const still = open ? ` At the end nobody had led for ${lengthOf((data.ended - open[0]) / 1000)}.` : "";
  if (!times.count) {
    words.textContent = `None was measured from one leader to the next.${still}`;
    return;
  }
  const runs = times.runs === 1 ? "one run" : `${times.runs} runs`;
  words.textContent = times.count === 1
    ? `One, in ${runs}: ${lengthOf(times.median)}.`
    : `${times.count} in ${runs}: median ${lengthOf(times.median)}, p99 ${lengthOf(times.p99)}, longest ${lengthOf(times.longest)}.`;
  words.append(still);
  if (times.count < 2) return;
  // Drawn anew at each width: a picture that is scaled down has words that nobody can read.
  const plot = byId("plot");
  let drawn = 0;
  const redraw = () => {
    const width = Math.max(plot.clientWidth, 280);
    // It is also told of heights, and once at the start: what is selected or pointed at would be lost for nothing.
    if (width === drawn) return;
    drawn = width;
    plot.replaceChildren(drawPlot(times, width), captionOf(times));
  };
  redraw();
  new ResizeObserver(redraw).observe(plot);
}

// A limit of a class: a round number, in milliseconds or seconds.
const limitOf = (milliseconds) => (milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${Number((milliseconds / 1000).toPrecision(3))} s`);

function captionOf(times) {
  return make("figcaption", "", "Bars: how many lie in each class of length. Line: which part of all is not longer. ",
    `The scale of lengths is logarithmic${times.sorted.length < times.count ? "; the line is drawn from quantiles" : ""}.`);
}

function drawPlot(times, width) {
  const box = { width, height: 260, left: 44, right: 44, top: 30, bottom: 34 };
  const svg = (name, attributes, ...children) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
    element.append(...children);
    return element;
  };
  const [low, high] = [times.classes[0][0], times.classes[times.classes.length - 1][1]].map(Math.log10);
  const bottom = box.height - box.bottom;
  const x = (length) => box.left + ((Math.log10(Math.max(length, 1)) - low) / (high - low)) * (box.width - box.left - box.right);
  const y = (part) => bottom - part * (bottom - box.top);
  const highest = Math.max(...times.classes.map(([, , count]) => count));
  const parts = [];
  times.classes.forEach(([from, to, count]) => {
    const bar = svg("rect", { class: "bar-mark", x: x(from) + 0.5, width: Math.max(x(to) - x(from) - 1, 1), y: y(count / highest),
      height: bottom - y(count / highest) });
    bar.append(svg("title", {}, `${count} from ${limitOf(from)} to ${limitOf(to)}`));
    parts.push(bar);
  });
  parts.push(svg("line", { class: "axis", x1: box.left, x2: box.width - box.right, y1: bottom, y2: bottom }));
  [0, 0.5, 1].forEach((part) => parts.push(svg("text", { x: box.width - box.right + 6, y: y(part) + 4 }, `${part * 100} %`)));
  [0, highest].forEach((count) => parts.push(svg("text", { x: box.left - 6, y: y(count / highest) + 4, "text-anchor": "end" }, String(count))));
  let free = -Infinity;
  times.classes.map(([from]) => from).concat([10 ** high]).forEach((limit) => {
    if (x(limit) - free < 58) return;
    free = x(limit);
    parts.push(svg("text", { x: x(limit), y: bottom + 18, "text-anchor": "middle" }, limitOf(limit)));
  });
  const corners = [];
  times.sorted.forEach((length, place) => {
    const at = x(length).toFixed(1);
    corners.push(`${at},${y(place / times.sorted.length).toFixed(1)}`, `${at},${y((place + 1) / times.sorted.length).toFixed(1)}`);
  });
  parts.push(svg("polyline", { class: "curve", points: corners.join(" ") }));
  const marks = times.p99 > times.median ? [["median", times.median], ["p99", times.p99]] : [["median", times.median]];
  marks.forEach(([name, length], place) => {
    const end = x(length) > box.width * 0.7;
    parts.push(svg("line", { class: "mark", x1: x(length), x2: x(length), y1: box.top - 6, y2: bottom }));
    parts.push(svg("text", { class: "strong", x: x(length) + (end ? -5 : 5), y: box.top - 10 - place * 13 + (marks.length > 1 ? 8 : 0),
      "text-anchor": end ? "end" : "start" }, `${name} ${lengthOf(length)}`));
  });
  const words = `Histogram of ${times.count} times without a leader, with the median at ${lengthOf(times.median)} and the 99th percentile at ${lengthOf(times.p99)}`;
  return svg("svg", { width: box.width, height: box.height, role: "img", "aria-label": words }, ...parts);
}

plotTimes(data.times);
if (data.title) byId("subject").textContent = data.title;
