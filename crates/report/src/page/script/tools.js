// Small things that all parts use.

const byId = (id) => document.getElementById(id);

// An element with a class and children. Texts become text nodes: nothing of a run is ever read as HTML.
function make(name, className, ...children) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

// The first place in a sorted list whose key is not less than the limit.
function firstNotBefore(list, limit, key) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (key(list[middle]) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

// An instant, from microseconds, in seconds since the run began.
const instant = (micros, digits = 3) => `${(micros / 1e6).toFixed(digits)} s`;

// A length of time, from milliseconds, with three digits.
function lengthOf(milliseconds) {
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 1000) return `${milliseconds.toFixed(0)} ms`;
  if (milliseconds < 60000) return `${(milliseconds / 1000).toFixed(2)} s`;
  return `${(milliseconds / 60000).toFixed(1)} min`;
}

const data = JSON.parse(byId("run").textContent);

