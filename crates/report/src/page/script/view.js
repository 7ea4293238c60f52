// Which part of the run is in view: a window of time, and what moves it.

const LEAST_SPAN = 500; // half a millisecond: events of one instant cannot be told apart any further
const MARGIN = 0.02;

const view = { from: 0, to: 1, listeners: [] };

function wholeRun() {
  const margin = Math.max(run.ended * MARGIN, LEAST_SPAN);
  return [-margin, run.ended + margin];
}

// What an engineer wants to see first: what broke, and the half minute before it. Of something that did not happen in
// time the cause is further back: what counts is since when nobody has led.
function aroundFocus() {
  if (run.verdict === "ok") return wholeRun();
  const open = run.gaps.find((gap) => gap.ends === null);
  const from = run.verdict === "liveness" && open ? Math.min(open.begins - 5e6, run.focus - 30e6) : run.focus - 30e6;
  const begins = Math.max(from, wholeRun()[0]);
  return [begins, run.focus + Math.max((run.focus - begins) * 0.06, LEAST_SPAN)];
}

function show(from, to) {
  const [least, most] = wholeRun();
  const span = clamp(to - from, LEAST_SPAN, most - least);
  const middle = (from + to) / 2;
  const begins = clamp(middle - span / 2, least, most - span);
  view.from = begins;
  view.to = begins + span;
  view.listeners.forEach((listener) => listener());
}

// Zooms by a factor; the instant under the pointer stays where it is.
function zoom(factor, about = (view.from + view.to) / 2) {
  const [least, most] = wholeRun();
  const span = clamp((view.to - view.from) * factor, LEAST_SPAN, most - least);
  const part = (about - view.from) / (view.to - view.from);
  show(about - part * span, about - part * span + span);
}

// Moves by a part of what is in view.
function pan(part) {
  const by = (view.to - view.from) * part;
  show(view.from + by, view.to + by);
}

// Brings an instant into view, without changing how much is in view.
function bringIntoView(at) {
  const span = view.to - view.from;
  if (at < view.from + span * 0.05 || at > view.to - span * 0.05) show(at - span / 2, at + span / 2);
  else view.listeners.forEach((listener) => listener());
}

