// Messages: an arrow from the lane of the sender to that of the reader, at the time at which it was read.

// More than one for every pixel or so cannot be told apart.
const mostArrows = () => Math.round((layout.width - layout.label) * 0.8);
const filter = { kind: "off", one: -1, other: -1 };
let arrows = [];

function isAsked(pair) {
  if (filter.kind === "off" || (filter.kind !== "all" && pair.kind !== filter.kind)) return false;
  const ends = [pair.from, pair.to];
  if (filter.one >= 0 && !ends.includes(filter.one)) return false;
  if (filter.other >= 0 && !ends.includes(filter.other)) return false;
  return filter.one < 0 || filter.one !== filter.other || pair.from === pair.to;
}

// The messages in view that are asked for; if they are too many to be told apart, only how many.
function messagesInView() {
  const asked = run.pairs.map((pair) => pair.from >= 0 && pair.to >= 0 && isAsked(pair));
  const most = mostArrows();
  const found = [];
  let count = 0;
  for (let at = firstNotBefore(messages.at, view.from, (time) => time); at < messages.count && messages.at[at] <= view.to; at += 1) {
    if (!asked[messages.pair[at]]) continue;
    count += 1;
    if (count <= most) found.push(at);
  }
  return { found: count <= most ? found : [], count };
}

function drawArrows() {
  const { found, count } = messagesInView();
  arrows = found;
  pen.lineWidth = found.length > 300 ? 0.7 : 1;
  pen.globalAlpha = found.length > 300 ? 0.6 : 0.9;
  found.forEach((message) => {
    const pair = run.pairs[messages.pair[message]];
    const [from, to] = [layout.lanes[pair.from], layout.lanes[pair.to]];
    const x = xOf(messages.at[message]);
    const [begins, ends] = [from.bar, to.bar];
    pen.strokeStyle = pen.fillStyle = ink[pair.kind];
    pen.beginPath();
    pen.moveTo(x - 5, begins);
    pen.lineTo(x, ends);
    pen.stroke();
    const back = ends > begins ? -6 : 6;
    pen.beginPath();
    pen.moveTo(x, ends);
    pen.lineTo(x - 3.2, ends + back);
    pen.lineTo(x + 2.2, ends + back);
    pen.fill();
  });
  pen.lineWidth = 1;
  pen.globalAlpha = 1;
  canvas.dataset.arrows = String(found.length);
  canvas.dataset.messages = String(count);
  if (filter.kind === "off") return "";
  if (count > found.length) return `${count} messages in view are too many to tell apart: zoom in until there are ${mostArrows()}, or choose two nodes.`;
  return `${count} message${count === 1 ? "" : "s"} in view, each drawn when it was read.`;
}

