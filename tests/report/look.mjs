// Looks at pages as a person would: in headless Chromium, at both widths, light and dark. Prints a line for each page
// that is as it must be, and what is wrong with the others.
//
// node look.mjs MODULES CHROMIUM SCREENSHOTS run|times PAGE…
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join, basename } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, chromium, screenshots, what, ...files] = process.argv.slice(2);
const resolve = createRequire(join(modules, "look.js")).resolve;
const { default: puppeteer } = await import(pathToFileURL(resolve("puppeteer-core")));

const WIDTHS = [375, 1600];
const THEMES = ["light", "dark"];

const state = (page) =>
  page.$eval("#drawing", ({ dataset }) => ({
    from: Number(dataset.from),
    to: Number(dataset.to),
    arrows: Number(dataset.arrows),
    messages: Number(dataset.messages),
  }));
const span = async (page) => {
  const { from, to } = await state(page);
  return to - from;
};
// The page draws at the next frame.
const settled = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

async function after(page, act) {
  await act();
  await settled(page);
  return state(page);
}
const click = (page, selector) => after(page, () => page.$eval(selector, (element) => element.click()));
const choose = (page, selector, value) => after(page, () => page.select(selector, value));

async function opensOnWhatBroke(page) {
  const { from, to } = await state(page);
  const focus = await page.evaluate(() => JSON.parse(document.getElementById("run").textContent).focus);
  assert.ok(from < focus && focus < to, `what broke at ${focus} is in view: ${from} to ${to}`);
  assert.ok(to - from >= 20e6 || from <= 0, "and the time before it");
  const monitor = await page.evaluate(() => JSON.parse(document.getElementById("run").textContent).violations[0][2]);
  assert.ok((await page.$eval("h1", (title) => title.innerText)).includes(monitor), "the headline names what broke");
}

async function zoomsAndMoves(page) {
  const start = await span(page);
  await click(page, "#zoom-in");
  assert.ok((await span(page)) < start * 0.6, "a button zooms in");
  await click(page, "#zoom-out");
  assert.ok(Math.abs((await span(page)) - start) < start * 0.01, "and out again");
  const canvas = await page.$("#drawing");
  await canvas.evaluate((element) => element.scrollIntoView({ block: "start" }));
  const box = await canvas.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + 100);
  await after(page, () => page.mouse.wheel({ deltaY: -300 }));
  assert.ok((await span(page)) < start * 0.8, "the wheel zooms in");
  await canvas.focus();
  const wheeled = await span(page);
  await after(page, () => page.keyboard.press("+"));
  assert.ok((await span(page)) < wheeled * 0.8, "a key zooms in");
  const before = await state(page);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 + 80, box.y + 100, { steps: 4 });
  await page.mouse.up();
  await settled(page);
  const dragged = await state(page);
  assert.ok(dragged.from < before.from, "to drag right shows what was earlier");
  assert.ok(Math.abs(dragged.to - dragged.from - (before.to - before.from)) < 5, "and zooms nothing");
  const all = await click(page, "#to-all");
  const ended = await page.evaluate(() => JSON.parse(document.getElementById("run").textContent).ended);
  assert.ok(all.from <= 0 && all.to >= ended, "the whole run can be seen");
  await click(page, "#to-focus");
}

// Two fingers that part zoom in; one that moves, moves.
async function obeysFingers(page) {
  const canvas = await page.$("#drawing");
  await canvas.evaluate((element) => element.scrollIntoView({ block: "start" }));
  const box = await canvas.boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + 120];
  const start = await span(page);
  const [left, right] = [await page.touchscreen.touchStart(x - 20, y), await page.touchscreen.touchStart(x + 20, y)];
  for (let part = 1; part <= 4; part += 1) await right.move(x + 20 + 20 * part, y);
  await left.end();
  await right.end();
  await settled(page);
  assert.ok((await span(page)) < start * 0.7, "fingers that part zoom in");
  const before = await state(page);
  const finger = await page.touchscreen.touchStart(x, y);
  for (let part = 1; part <= 4; part += 1) await finger.move(x + 15 * part, y);
  await finger.end();
  await settled(page);
  assert.ok((await state(page)).from < before.from, "a finger moves the drawing");
  await click(page, "#to-focus");
}

async function filtersMessages(page) {
  assert.equal((await state(page)).arrows, 0, "arrows are off at first");
  await click(page, "#to-all");
  const everything = await choose(page, "#kind", "all");
  assert.ok(everything.messages > 1000 && everything.arrows === 0, "too many arrows are counted, not drawn");
  assert.match(await page.$eval("#hint", (hint) => hint.textContent), /too many/);
  // Where a run begins, messages of every kind are under way.
  await click(page, "#lines li:first-child button");
  for (let times = 0; (await state(page)).arrows === 0 && times < 9; times += 1) await click(page, "#zoom-in");
  const all = await state(page);
  assert.ok(all.arrows > 0 && all.arrows === all.messages, `close up they are drawn: ${JSON.stringify(all)}`);
  const servers = await choose(page, "#kind", "servers");
  assert.ok(servers.arrows < all.arrows, "one kind is less than all");
  await choose(page, "#kind", "all");
  const one = await choose(page, "#one", "0");
  assert.ok(one.arrows < all.arrows, "of one node there are less");
  const pair = await choose(page, "#other", "1");
  assert.ok(pair.arrows <= one.arrows, "between two there are not more");
  const none = await choose(page, "#kind", "off");
  assert.equal(none.arrows, 0, "and none when they are off");
  await choose(page, "#one", "-1");
  await choose(page, "#other", "-1");
  await choose(page, "#kind", "off");
  await click(page, "#to-focus");
}

async function tellsWhatHappened(page) {
  const lit = () => page.$$eval("#lines .in", (lines) => lines.length);
  assert.ok((await lit()) > 0, "the lines of what is in view stand out");
  const lines = await page.$$eval("#lines button", (buttons) => buttons.length);
  await click(page, "#details");
  assert.ok((await page.$$eval("#lines button", (buttons) => buttons.length)) > lines, "details can be asked for");
  await click(page, "#details");

  const before = await state(page);
  const first = await click(page, "#lines li:first-child button");
  assert.ok(first.from < before.from, "a line moves the drawing");
  assert.ok(await page.$eval("#tip", (tip) => !tip.hidden), "and tells its event");
  await click(page, "#to-focus");

  const canvas = await page.$("#drawing");
  await canvas.evaluate((element) => element.scrollIntoView({ block: "start" }));
  const words = await page.$eval("#lines .violation .words", (line) => line.textContent);
  await click(page, "#lines .violation button");
  const told = () => page.$eval("#tip", (tip) => (tip.hidden ? "" : tip.textContent));
  assert.ok((await told()).includes(words.slice(0, 60)), "what broke is told at its place");
  const box = await canvas.boundingBox();
  await page.mouse.move(box.x + 5, box.y + 5);
  await settled(page);
  assert.equal(await told(), "", "away from everything nothing is told");
  // Over the lanes something is told everywhere, and over what broke it is what broke.
  const seen = new Set();
  const height = Math.min(box.height, (await page.viewport()).height) - 30;
  for (let y = 60; y < height; y += 11) {
    await page.mouse.move(box.x + box.width * 0.5, box.y + y);
    seen.add(await told());
  }
  assert.ok(seen.size > 4, `hovering tells how each node stood: ${[...seen].join(" | ")}`);
  assert.ok([...seen].some((text) => / at \d+\.\d+ s: /.test(text)), "with node and time");

  await canvas.focus();
  await after(page, () => page.keyboard.press("ArrowUp"));
  const aloud = await page.$eval("#told", (told) => told.textContent);
  assert.match(aloud, /\d s /, "keys go from event to event, and it is said aloud");
  await after(page, () => page.keyboard.press("ArrowUp"));
  assert.notEqual(await page.$eval("#told", (told) => told.textContent), aloud);
  const column = await page.$("#lines");
  await column.focus();
  await after(page, () => page.keyboard.press("ArrowUp"));
  assert.equal(await page.$$eval("#lines .chosen", (lines) => lines.length), 1, "so they do in the column");
  await canvas.focus();
  await page.keyboard.press("Escape");
  await click(page, "#to-focus");
}

async function fits(page) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `the page is ${wide} px too wide`);
  const cut = await page.$$eval("header, main, section, .lines, .tools, .drawing, .command", (boxes) =>
    boxes.filter((box) => box.scrollWidth > box.clientWidth + 1).map((box) => box.className || box.tagName));
  assert.deepEqual(cut, [], "and no part of it is wider than its place");
}

// What is written on the page must be read: 4.5 to 1, as WCAG asks for.
async function canBeRead(page) {
  const faint = await page.evaluate(() => {
    const brush = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
    const over = (layers) => {
      brush.clearRect(0, 0, 1, 1);
      layers.forEach((layer) => {
        brush.fillStyle = layer;
        brush.fillRect(0, 0, 1, 1);
      });
      return brush.getImageData(0, 0, 1, 1).data;
    };
    const light = ([red, green, blue]) =>
      [red, green, blue]
        .map((part) => part / 255)
        .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
        .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
    const contrast = (element) => {
      const layers = [];
      for (let at = element; at; at = at.parentElement) layers.unshift(getComputedStyle(at).backgroundColor);
      const ground = over(layers);
      const [low, high] = [light(over([...layers, getComputedStyle(element).color])), light(ground)].sort((one, other) => one - other);
      return (high + 0.05) / (low + 0.05);
    };
    const texts = "h1, h2, p, code, button, select, label, .words, .who, time, .verdict, .legend li, .span, figcaption";
    return [...document.querySelectorAll(texts)]
      .filter((element) => element.textContent.trim() && element.offsetParent)
      .map((element) => [contrast(element).toFixed(2), `${element.tagName}.${element.className} ${element.textContent.trim().slice(0, 30)}`])
      .filter(([ratio]) => ratio < 4.5);
  });
  assert.deepEqual(faint, [], "too little contrast");
}

async function obeysTheTheme(page, theme) {
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const isDark = (colour) => colour.match(/\d+/g).slice(0, 3).every((part) => Number(part) < 90);
  assert.equal(isDark(await ground()), theme === "dark", "it is as the system says");
  await click(page, "#theme");
  assert.equal(isDark(await ground()), false, "light, when it is chosen");
  await click(page, "#theme");
  assert.equal(isDark(await ground()), true, "dark, when it is chosen");
  await click(page, "#theme");
  assert.equal(isDark(await ground()), theme === "dark", "and back again");
}

async function plots(page) {
  const { bars, text } = await page.evaluate(() => ({
    bars: document.querySelectorAll("#plot .bar-mark").length,
    text: document.querySelector("#plot").textContent,
  }));
  assert.ok(bars > 1, "there are bars");
  assert.match(text, /median [\d.]+ (ms|s|min)/);
  assert.match(text, /p99 [\d.]+ (ms|s|min)/);
  assert.ok(await page.$("#plot .curve"), "and the line of all that is shorter");
  // In one evaluation: what is found in one and measured in the next may have been drawn anew between them.
  const height = await page.evaluate(() => {
    const texts = [...document.querySelectorAll("#plot text")];
    return Math.min(...texts.map((text) => text.getBoundingClientRect().height));
  });
  assert.ok(height >= 11, `its words are ${height} px high`);
}

async function isDrawnForItsWidth(page, width) {
  const drawn = () => page.evaluate(() => document.querySelector("#plot svg").width.baseVal.value);
  const before = await drawn();
  await page.evaluate(() => { document.querySelector("#plot svg").dataset.seen = "yes"; });
  await page.evaluate(() => { document.querySelector("#plot").style.minHeight = "600px"; });
  await settled(page);
  assert.ok(await page.$("#plot svg[data-seen]"), "it is not drawn anew when only its height changes");
  await page.evaluate(() => { document.querySelector("#plot").style.minHeight = ""; });
  const { height, hasTouch } = page.viewport();
  // No wider than its column ever gets.
  await page.setViewport({ width: width < 600 ? 2 * width : width / 2, height, hasTouch });
  await settled(page);
  assert.notEqual(await drawn(), before, "it is drawn anew for another width");
  await fits(page);
  await page.setViewport({ width, height, hasTouch });
  await settled(page);
  assert.equal(await drawn(), before, "and as before for the one before");
}

async function look(browser, file, width, theme) {
  const page = await browser.newPage();
  const wrong = [];
  page.on("console", (message) => wrong.push(`console: ${message.type()} ${message.text()}`));
  page.on("pageerror", (error) => wrong.push(`error: ${error.message}`));
  const address = pathToFileURL(file).href;
  page.on("request", (request) => {
    if (request.url() !== address && !request.url().startsWith("data:")) wrong.push(`request: ${request.url()}`);
  });
  await page.setViewport({ width, height: width < 600 ? 800 : 1000, hasTouch: width < 600 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
  await page.goto(address);
  if (what === "run") {
    await settled(page);
    await opensOnWhatBroke(page);
    await fits(page);
    await canBeRead(page);
    await obeysTheTheme(page, theme);
    await zoomsAndMoves(page);
    if (width < 600) await obeysFingers(page);
    await filtersMessages(page);
    await tellsWhatHappened(page);
  } else {
    await settled(page);
    await plots(page);
    await isDrawnForItsWidth(page, width);
    await canBeRead(page);
  }
  await fits(page);
  assert.deepEqual(wrong, [], "nothing is said on the console, and nothing is asked for");
  await page.mouse.move(0, 0);
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: join(screenshots, `${basename(file, ".html")}-${width}-${theme}.png`) });
  await page.close();
}

const browser = await puppeteer.launch({ executablePath: chromium, headless: "shell", args: ["--no-sandbox", "--disable-gpu"] });
let failed = 0;
for (const file of files) {
  for (const width of WIDTHS) {
    for (const theme of THEMES) {
      const name = `${basename(file)} at ${width} px, ${theme}`;
      try {
        await look(browser, file, width, theme);
        console.log(`ok ${name}`);
      } catch (error) {
        failed += 1;
        console.log(`not ok ${name}: ${error.stack}`);
      }
    }
  }
}
await browser.close();
process.exitCode = failed ? 1 : 0;
