// The colours of the page, as the theme has them, and the canvas they are drawn on.

const canvas = byId("drawing");
const pen = canvas.getContext("2d");
let ink = {};

function readColours() {
  const style = getComputedStyle(document.documentElement);
  const names = ["ground", "raised", "ink", "soft", "faint", "line", "lane", "run", "belief", "on-belief", "truth", "epoch",
    "on-epoch", "follow", "broken", "on-broken", "broken-ground", "fault", "fault-ground", "cut", "stall", "dark", "session",
    "away", "gone", "gap", "gap-ground", "clients", "servers", "acts", "focus"];
  ink = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

const FONT = 'system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif';

function write(text, x, y, { colour = ink.ink, size = 11, weight = 400, align = "left" } = {}) {
  pen.font = `${weight} ${size}px ${FONT}`;
  pen.fillStyle = colour;
  pen.textAlign = align;
  pen.textBaseline = "middle";
  pen.fillText(text, x, y);
}

// Writes as much of a text as fits, or nothing if that would be too little to read.
function writeInto(text, x, y, width, options = {}) {
  pen.font = `${options.weight ?? 400} ${options.size ?? 11}px ${FONT}`;
  if (pen.measureText(text).width <= width) return write(text, x, y, options);
  let short = text;
  while (short.length > 3 && pen.measureText(`${short}…`).width > width) short = short.slice(0, -1);
  if (short.length > 3) write(`${short}…`, x, y, options);
}

// Slanted lines over a rectangle.
function hatch(context, x, y, width, height, colour, gap = 6, slant = 1) {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  // Lines begin at the same places however far the drawing was moved: hatching does not flicker.
  for (let at = Math.floor(x / gap) * gap - height; at < x + width + height; at += gap) {
    context.moveTo(at, slant > 0 ? y + height : y);
    context.lineTo(at + height, slant > 0 ? y : y + height);
  }
  context.stroke();
  context.restore();
}

