// The board of the wall. Frames come by server-sent events; what counts by the second is counted
// here, from the moment a frame names. Nothing is added up: every frame says everything.
"use strict";

const SETTINGS = JSON.parse(document.getElementById("settings").textContent);
const WORDS = SETTINGS.words;
const ASKED = new URLSearchParams(location.search);
const LAST_HOUR = 60, AHEAD = 30; // minutes that the chart of a forecast looks back, and ahead
const ENOUGH = 5;             // forecasts judged before it is told how many held
const STALE = 10000;          // milliseconds without a frame
const RAISE = 30, CLEAR = 60; // seconds out of, or within, the norm before the chime is due, or again

let frame = null;
let received = 0;
let boot = null;
let charts = {};

// ------------------------------------------------------------------ how figures are written

const whole = new Intl.NumberFormat(SETTINGS.locale, { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat(SETTINGS.locale, {
  minimumFractionDigits: 1, maximumFractionDigits: 1, roundingMode: "halfEven",
});
const two = (n) => String(n).padStart(2, "0");

function share(value) {
  return value === null ? "–" : tenth.format(value * 100) + (SETTINGS.language === "en" ? "%" : "\u00a0%");
}

function duration(seconds) {
  if (seconds === null) return "–";
  const all = Math.round(seconds), hours = Math.floor(all / 3600);
  const rest = `${two(Math.floor(all / 60) % 60)}:${two(all % 60)}`;
  return hours ? `${hours}:${rest}` : rest.replace(/^0/, "");
}

const FORMS = {
  share, time: duration, count: (value) => (value === null ? "–" : whole.format(value)),
  word: (value) => (value === null ? "" : WORDS[value]),
};

function at(path) {
  return path.split(".").reduce((found, key) => (found == null ? null : found[key]), frame) ?? null;
}

function write(element, text) {
  if (element.textContent === text) return;
  const unit = element.classList.contains("value") ? text.match(/\s?%$/)?.[0] ?? "" : "";
  element.textContent = text.slice(0, text.length - unit.length);
  element.classList.toggle("long", element.textContent.length > (unit ? 4 : 6));
  if (unit) element.append(Object.assign(document.createElement("small"), { textContent: unit }));
}

function part(element, value) {
  element.style.setProperty("--part", `${Math.min(100, 100 * (value || 0))}%`);
}

// ------------------------------------------------------------------ a frame on the screen

const SYMBOLS = { good: "✓", warn: "▲", bad: "■" };
const PILLS = {
  norm: { good: "on norm", warn: "just off norm", bad: "off norm" },
  attention: { good: "quick", warn: "long wait", bad: "too long" },
};

function show() {
  document.querySelectorAll("[data-v]").forEach((e) => {
    const value = at(e.dataset.v), about = value !== null && frame.about.includes(e.dataset.v);
    write(e, (about ? "~" : "") + FORMS[e.dataset.f](value));
  });
  document.querySelectorAll("[data-width]").forEach((e) => part(e, at(e.dataset.width)));
  const there = Math.max(1, at("agents.there"));
  document.querySelectorAll("[data-share]").forEach((e) => part(e, at(e.dataset.share) / there));
  const most = Math.max(8, ...frame.lines.map((line) => line.n));
  document.querySelectorAll("[data-dots]").forEach((e) => part(e, at(e.dataset.dots) / most));
  document.querySelectorAll("[data-status]").forEach(showStatus);
  document.querySelectorAll("[data-tile]").forEach(showKnown);
  const reasons = Object.entries(frame.rejected.by).map(([why, n]) => `${WORDS[why] || why} ${whole.format(n)}`);
  write(document.getElementById("reasons"), reasons.length ? ` (${reasons.join(", ")})` : "");
  showOrigin();
  showForecast();
  showCharts();
  window.wallUpdates = (window.wallUpdates || 0) + 1;
}

function showStatus(element) {
  const status = at(element.dataset.status) || "none";
  if (element.dataset.is === status) return;
  element.dataset.is = status;
  const word = PILLS[element.dataset.words || "norm"][status];
  element.querySelectorAll(":scope > .pill, :scope > * > .pill").forEach((pill) => {
    write(pill, word ? `${SYMBOLS[status]} ${WORDS[word]}` : "");
  });
}

function showKnown(tile) {
  const known = !frame.unknown.includes(tile.dataset.tile);
  tile.classList.toggle("unknown", !known);
  if (!known) write(tile.querySelector(".value"), WORDS["not known"]);
}

function showOrigin() {
  const words = { sim: WORDS.simulation, replay: WORDS.replay, live: WORDS.live };
  const origin = document.getElementById("origin");
  origin.dataset.origin = frame.origin;
  const speed = frame.origin === "live" ? "" : frame.speed === 0 ? " ‖" : ` × ${whole.format(frame.speed)}`;
  const part = frame.partial.includes("calls") ? WORDS["counts per interval"] : WORDS.partial;
  write(origin, words[frame.origin] + speed + (frame.partial.length ? ` · ${part}` : ""));
}

// ------------------------------------------------------------------ what counts by the second

function passed() {
  return frame ? ((performance.now() - received) / 1000) * frame.speed : 0;
}

function tick() {
  if (!frame) return;
  const stale = performance.now() - received > STALE || frame.gap || ["ended", "failed", "silent", "unkept"].includes(frame.feed);
  const more = stale ? 0 : passed();
  document.querySelectorAll("[data-since]").forEach((e) => {
    const since = at(e.dataset.since);
    write(e, since === null ? "–" : duration(Math.floor(since + more)));
  });
  const now = new Date(Date.parse(`${frame.date}T00:00:00Z`) + frame.now / 1000 + more * 1000);
  const clock = now.toISOString().slice(11, frame.speed > 60 ? 16 : 19);
  write(document.getElementById("clock"), clock);
  write(document.getElementById("date"), new Intl.DateTimeFormat(SETTINGS.locale, {
    weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC",
  }).format(now));
  showState(stale);
  alarm();
}

// when the last thing was told, at the source; with its date if that is not today's
function lastTold() {
  const { told, day, date } = frame, on = Date.parse(`${date}T00:00:00Z`) + (told.day - day) * 86400000;
  const clock = new Date(told.at / 1000).toISOString().slice(11, 19);
  return told.day === day ? clock : `${new Intl.DateTimeFormat(SETTINGS.locale, { day: "numeric", month: "long", timeZone: "UTC" }).format(on)} ${clock}`;
}

function showState(stale) {
  const state = stale ? "stale" : "live", banner = document.getElementById("banner");
  if (document.body.dataset.state !== state) document.body.dataset.state = state;
  const told = {
    ended: WORDS["The source has stopped"], failed: WORDS["The source has failed"],
    silent: WORDS["The source is silent"], paused: WORDS.Paused,
    unkept: WORDS["The event store cannot be written"],
  };
  const passed = performance.now() - received, lost = passed > STALE;
  const why = lost ? WORDS["No connection"] : told[frame.feed] || (frame.gap ? WORDS["The exchange cannot be reached"] : "");
  const text = stale ? `${why}: ${WORDS["figures of {time}"].replace("{time}", lastTold())}` : why;
  write(banner, text);
  banner.hidden = !text;
  const age = duration(Math.floor(frame.age + passed / 1000));
  write(document.getElementById("age"), WORDS["last message {time} ago"].replace("{time}", age));
}

// ------------------------------------------------------------------ charts

async function drawCharts() {
  const theme = document.documentElement.dataset.theme;
  const items = await (await fetch(`charts?theme=${theme}`)).json();
  for (const place of document.querySelectorAll("[data-chart]")) {
    const known = Bokeh.documents.length;
    await Bokeh.embed.embed_item(structuredClone(items[place.dataset.chart]), place.id);
    charts[place.id] = Bokeh.documents[known];
  }
  sizeCharts();
  if (frame) showCharts();
}

function sizeCharts() {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  for (const place of document.querySelectorAll("[data-chart]")) {
    const name = place.dataset.chart, model = charts[place.id];
    if (!model) continue;
    const plot = model.get_model_by_name(`${name} plot`);
    for (const axis of [...plot.below, ...plot.left]) axis.major_label_text_font_size = `${(1.05 * rem).toFixed(1)}px`;
    for (const { glyph } of plot.renderers) {
      if (glyph.type === "Line") glyph.line_width = 0.16 * rem;
      if (glyph.type === "Scatter") glyph.size = 0.6 * rem;
      if (glyph.type === "HSpan" || glyph.type === "VSpan") glyph.line_width = 0.12 * rem;
    }
  }
}

function columns(name) {
  const chart = frame.chart, { first, last } = chart;
  if (name === "waiting") {
    const x = chart.waiting.map((_, i) => first + i);
    return { x, n: chart.waiting, zero: x.map(() => 0) };
  }
  if (name === "forecast") {
    const now = frame.now / 60e6, from = Math.max(0, Math.floor(now) - LAST_HOUR - first);
    const n = chart.waiting.slice(from), x = n.map((_, i) => first + from + i);
    return { x, n, zero: x.map(() => 0) };
  }
  const x = chart.offered.map((_, i) => first + 30 * i + 15);
  if (name === "service_level") {
    // a half hour that is still running would mislead: its waiting calls are not answered yet
    const over = x.filter((middle) => middle + 15 <= frame.now / 60e6).length;
    return { x: x.slice(0, over), sl: chart.sl.slice(0, over).map((v) => (v === null ? NaN : v)) };
  }
  return { x, answered: chart.answered, abandoned: chart.abandoned };
}

function showCharts() {
  for (const place of document.querySelectorAll("[data-chart]")) {
    const name = place.dataset.chart, model = charts[place.id];
    if (!model) continue;
    const data = columns(name), marks = { x: frame.changes.map((change) => change.at) };
    const fan = name === "forecast" ? fanColumns() : null, [start, end] = reach(name);
    const said = JSON.stringify([data, marks, fan, start]);
    if (place.dataset.said === said) continue;
    place.dataset.said = said;
    model.get_model_by_name(name).data = data;
    model.get_model_by_name(`${name} marks`).data = marks;
    const range = model.get_model_by_name(`${name} x`);
    if (range.start !== start) range.start = start;
    if (range.end !== end) range.end = end;
    if (fan) model.get_model_by_name("forecast fan").data = fan;
  }
}

// from when to when a chart reaches, in minutes since midnight
function reach(name) {
  const now = Math.floor(frame.now / 60e6);
  return name === "forecast" ? [now - LAST_HOUR, now + AHEAD] : [frame.chart.first, frame.chart.last];
}

function fanColumns() {
  const told = frame.forecast, fresh = told && told.day === frame.day && told.at + AHEAD > frame.now / 60e6;
  if (!fresh) return { x: [], low: [], middle: [], high: [] };
  return { x: told.low.map((_, i) => told.at + i), low: told.low, middle: told.middle, high: told.high };
}

function showForecast() {
  const legend = document.getElementById("fan"), told = frame.forecast;
  if (legend) legend.hidden = !told;
  write(document.getElementById("held"), told && told.judged >= ENOUGH
    ? WORDS["{held} of {judged} forecasts held"].replace("{held}", told.held).replace("{judged}", told.judged) : "");
}

// ------------------------------------------------------------------ sound, with hysteresis

let sound = null, raised = false, since = null;

function alarm() {
  if (!sound) return;
  const bad = frame.waiting.status === "bad", now = performance.now() / 1000;
  if (bad === raised) { since = null; return; }
  since = since ?? now;
  if (now - since < (bad ? RAISE : CLEAR)) return;
  raised = bad;
  since = null;
  if (raised) chime();
}

function chime() {
  for (const [pitch, start] of [[660, 0], [880, 0.22]]) {
    const tone = sound.createOscillator(), gain = sound.createGain();
    tone.frequency.value = pitch;
    gain.gain.setValueAtTime(0.15, sound.currentTime + start);
    gain.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + start + 0.5);
    tone.connect(gain).connect(sound.destination);
    tone.start(sound.currentTime + start);
    tone.stop(sound.currentTime + start + 0.5);
  }
}

// ------------------------------------------------------------------ which board

function rotate() {
  const boards = [...document.querySelectorAll(".board")];
  let shown = Math.max(0, boards.findIndex((b) => b.dataset.board === document.body.dataset.first));
  const turn = () => {
    boards.forEach((b, i) => b.classList.toggle("on", i === shown));
    document.querySelectorAll("[data-board-name]").forEach((e, i) => e.classList.toggle("on", i === shown));
  };
  turn();
  const every = Number(ASKED.get("rotate"));
  if (every > 0) setInterval(() => { shown = (shown + 1) % boards.length; turn(); }, Math.max(5, every) * 1000);
}

// ------------------------------------------------------------------ the stream, and the watchdog

function listen() {
  const stream = new EventSource("stream");
  stream.addEventListener("board", (message) => {
    const next = JSON.parse(message.data);
    if (boot !== null && boot !== next.boot) { reload(); return; }
    boot = next.boot;
    frame = next;
    if (frame.lines.some((line, i) => line.name !== SETTINGS.lines[i])) reload();
    received = performance.now();
    show();
    tick();
  });
  return stream;
}

function reload() {
  // not all boards at once
  if (!window.reloading) window.reloading = setTimeout(() => location.reload(), Math.random() * 5000);
}

function watch() {
  let stream = listen();
  setInterval(async () => {
    if (frame && performance.now() - received < STALE / 2) return;
    try {
      const health = await (await fetch("health", { cache: "no-store" })).json();
      if (boot !== null && health.boot !== boot) reload();
      else if (stream.readyState === EventSource.CLOSED || performance.now() - received > STALE) {
        stream.close();
        stream = listen();
      }
    } catch { /* the server is away: the board is grey by then, and this asks again */ }
  }, 2000);
}

function start() {
  const scale = Number(ASKED.get("scale"));
  if (scale >= 50 && scale <= 150) document.documentElement.style.setProperty("--scale", scale / 100);
  if (ASKED.get("kiosk") === "1") document.body.classList.add("kiosk");
  if (ASKED.get("sound") === "1") {
    const button = document.getElementById("sound");
    button.hidden = false;
    button.addEventListener("click", () => { sound = new AudioContext(); button.hidden = true; chime(); });
  }
  for (const mark of document.querySelectorAll("[data-at]")) mark.style.left = `${100 * mark.dataset.at}%`;
  rotate();
  watch();
  setInterval(tick, 250);
  drawCharts();
  addEventListener("resize", sizeCharts);
}

start();
