// A lesson: choose, watch both runs grow, then see who was right, one caller twice, and why.
"use strict";

const SETTINGS = JSON.parse(document.getElementById("settings").textContent);
const WORDS = SETTINGS.words, LANG = SETTINGS.texts;
const PLAYS = matchMedia("(prefers-reduced-motion: reduce)").matches ? 1 : 9000; // milliseconds
const el = (id) => document.getElementById(id);
const number = (digits) => new Intl.NumberFormat(SETTINGS.locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
const two = (n) => String(n).padStart(2, "0");
const FORMS = {
  count: (v) => number(0).format(v),
  share: (v) => number(1).format(100 * v) + (SETTINGS.language === "en" ? "%" : "\u00a0%"),
  time: (v) => long(v),
};
function long(seconds) {
  const all = Math.round(seconds), hours = Math.floor(all / 3600);
  if (hours >= 48) return `${number(1).format(seconds / 86400)} × 24 h`;
  return hours ? `${hours}:${two(Math.floor(all / 60) % 60)} h` : `${Math.floor(all / 60)}:${two(all % 60)}`;
}
const write = (form, v) => (v === null ? "–" : FORMS[form](v));

let charts = {}, lesson = null, chosen = null;

function node(name, text, ...classes) {
  const found = document.createElement(name);
  if (text !== undefined) found.textContent = text;
  found.classList.add(...classes.filter(Boolean));
  return found;
}

async function drawCharts() {
  const items = await (await fetch(`lab/charts?lesson=${SETTINGS.lesson}&theme=${SETTINGS.theme}`)).json();
  for (const name of ["runs", "theory"]) {
    const known = Bokeh.documents.length;
    await Bokeh.embed.embed_item(items[name], `chart-${name}`);
    charts[name] = Bokeh.documents[known];
  }
  window.chartsReady = true;
}
const model = (chart, name) => charts[chart].get_model_by_name(`${chart} ${name}`);

async function choose(button) {
  if (chosen !== null) return;
  chosen = Number(button.dataset.choice);
  document.querySelectorAll("[data-choice]").forEach((b) => { b.disabled = true; b.classList.toggle("chosen", b === button); });
  document.body.dataset.step = "play";
  say("Both runs are being worked out");
  try {
    lesson = await (await fetch(`lab/run?lesson=${SETTINGS.lesson}`)).json();
    await ready;
  } catch {
    say("No connection");
    chosen = null;
    document.querySelectorAll("[data-choice]").forEach((b) => { b.disabled = false; });
    return;
  }
  say("");
  play();
}

function say(word) {
  el("waiting-for").hidden = !word;
  el("waiting-for").textContent = word ? WORDS[word] : "";
}

// ------------------------------------------------------------------ both runs grow

function play() {
  const { curve, titles } = lesson, last = curve.x.length - 1;
  el("title-a").textContent = titles[0][LANG];
  el("title-b").textContent = titles[1][LANG];
  el("curve-title").textContent = WORDS[SETTINGS.curve === "open" ? "notes open" : "calls waiting"];
  const range = model("runs", "x");
  range.start = curve.x[0];
  range.end = curve.x[last];
  model("runs", "y").end = 1.08 * Math.max(1, ...curve.a, ...curve.b);
  const began = performance.now();
  const grow = () => {
    const part = Math.min(1, (performance.now() - began) / PLAYS), upto = Math.max(1, Math.round(part * last)) + 1;
    const x = curve.x.slice(0, upto);
    model("runs", "a").data = { x, y: curve.a.slice(0, upto) };
    model("runs", "b").data = { x, y: curve.b.slice(0, upto) };
    el("moment").textContent = moment(curve, x[x.length - 1]);
    if (part < 1) setTimeout(grow, 60);
    else reveal();
  };
  grow();
}

function moment(curve, x) {
  return curve.unit === "day" ? `${WORDS.day} ${Math.floor(x) + 1}` : `${two(Math.floor(x / 60))}:${two(Math.round(x) % 60)}`;
}

// ------------------------------------------------------------------ what came out

function reveal() {
  document.body.dataset.step = "reveal";
  const { right } = lesson, yes = right === chosen, verdict = el("verdict");
  document.querySelector(`[data-choice="${right}"]`).classList.add("true");
  verdict.className = `verdict ${yes ? "yes" : "no"}`;
  verdict.replaceChildren(node("b", yes ? `✓ ${WORDS.right}` : `✗ ${WORDS["not right"]}`), document.createTextNode(` ${times()}`));
  verdict.hidden = false;
  showFigures();
  showFollowed();
  showTheory();
  window.lessonPlayed = (window.lessonPlayed || 0) + 1;
}
const times = () => WORDS["It became {n} times as much."].replace("{n}", number(lesson.quotient < 10 ? 2 : 0).format(lesson.quotient));

function showFigures() {
  el("figures").hidden = false;
  el("figures").tBodies[0].replaceChildren(...lesson.figures.map((figure) => {
    const row = node("tr"), [a, b] = figure.values;
    const text = SETTINGS.figures[figure.name] + (figure.queue ? ` · ${figure.queue}` : "");
    row.append(node("td", text), node("td", write(figure.form, a), "a"), node("td", write(figure.form, b), "b"));
    return row;
  }));
}

function showFollowed() {
  const { followed, titles } = lesson, minute = Math.floor(followed.at / 60e6);
  const text = followed.task ? "The note of day {day}, {time}, about {topic}" : "The one who called on day {day} at {time} about {topic}";
  el("who").textContent = WORDS[text].replace("{day}", followed.day)
    .replace("{time}", `${Math.floor(minute / 60)}:${two(minute % 60)}`).replace("{topic}", followed.topic);
  const most = Math.max(...followed.stays.flat().map((stay) => stay.to)), kinds = new Set();
  document.querySelectorAll(".life").forEach((life, side) => {
    life.querySelector("b").textContent = titles[side][LANG];
    const bar = life.querySelector("div"), stays = followed.stays[side];
    bar.replaceChildren(...stays.map((stay) => {
      const length = stay.to - stay.from, wide = 100 * length / most;
      const one = node("span", wide > 9 ? long(length) : "", stay.kind);
      one.style.left = `${100 * stay.from / most}%`;
      one.style.width = `${Math.max(wide, 0.4)}%`;
      one.title = `${SETTINGS.stays[stay.kind]} ${long(length)}`;
      kinds.add(stay.kind);
      return one;
    }));
    const talk = stays.find((stay) => stay.kind === "talk"), end = stays[stays.length - 1].to;
    life.querySelector("em").textContent = WORDS["a human after {time}"].replace("{time}", long(talk ? talk.from : end));
  });
  el("stays").replaceChildren(...[...kinds].flatMap((kind) => [node("i", "", kind), document.createTextNode(SETTINGS.stays[kind])]));
  el("follow").hidden = false;
}

function showTheory() {
  el("theory").hidden = false;
  const { x, curves, points } = lesson.theory, [a, b] = SETTINGS.colours;
  const range = model("theory", "x");
  range.start = x[0];
  range.end = x[x.length - 1] * 1.01;
  const { name, form } = lesson.figures[0], times = form === "share" ? 100 : 1;
  el("theory-title").textContent = SETTINGS.figures[name] + { time: " (s)", share: " (%)", count: "" }[form];
  model("theory", "curves").data = { xs: curves.map(() => x), ys: curves.map((ys) => ys.map((y) => times * y)) };
  model("theory", "points").data = {
    x: points.map((p) => p[0]), y: points.map((p) => times * p[1]), colour: points.map((_, i) => (i ? b : a)),
  };
}

function again() {
  el("follow").hidden = el("theory").hidden = el("figures").hidden = true;
  document.body.dataset.step = "play";
  scrollTo({ top: 0, behavior: "smooth" });
  play();
}

document.querySelectorAll("[data-choice]").forEach((button) => button.addEventListener("click", () => choose(button)));
el("again").addEventListener("click", again);
const ready = drawCharts();
