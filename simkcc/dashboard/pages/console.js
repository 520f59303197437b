// The console. Once a second it asks for everything and shows it; what is changed is posted.
"use strict";

const SETTINGS = JSON.parse(document.getElementById("settings").textContent);
const WORDS = SETTINGS.words;
const HEADERS = { "Content-Type": "application/json", "X-Simkcc-Console": "1" };
const EVERY = 1000; // milliseconds between two questions
const BASE = 1000;  // amount of agents that is the roster

let state = null, received = 0, charts = {}, kind = "reason", twin = false;

const el = (id) => document.getElementById(id);
const whole = new Intl.NumberFormat(SETTINGS.locale, { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat(SETTINGS.locale, { minimumFractionDigits: 1, maximumFractionDigits: 1, roundingMode: "halfEven" });
const two = (n) => String(n).padStart(2, "0");
const share = (v) => (v == null ? "–" : tenth.format(100 * v) + (SETTINGS.language === "en" ? "%" : "\u00a0%"));
const count = (v) => (v == null ? "–" : whole.format(v));
function time(seconds) {
  if (seconds == null) return "–";
  const all = Math.round(seconds), hours = Math.floor(all / 3600);
  const rest = `${two(Math.floor(all / 60) % 60)}:${two(all % 60)}`;
  return hours ? `${hours}:${rest}` : rest.replace(/^0/, "");
}
const FORMS = { share, count, time };
const DAY = 86400e6;
function clock(at) { // microseconds since the first midnight; another day gets its date
  const day = Math.floor(at / DAY), today = state.frame.day ?? Math.floor(at / DAY);
  const s = Math.floor((at % DAY) / 1e6);
  const hour = `${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}`;
  return day === today ? `${hour}:${two(s % 60)}` : hour;
}

function node(name, text, ...classes) {
  const found = document.createElement(name);
  if (text !== undefined) found.textContent = text;
  found.classList.add(...classes);
  return found;
}

function fill(id, rows, empty = "–") { // only what differs is drawn again
  const list = el(id), said = JSON.stringify(rows.map((row) => row.said));
  if (list.dataset.said === said) return;
  list.dataset.said = said;
  list.replaceChildren(...(rows.length ? rows.map((row) => row.make()) : [node("li", empty, "soft")]));
}

function item(...parts) {
  const said = parts.filter(Boolean);
  return { said, make: () => {
    const li = node("li");
    li.append(...said.map((p) => (typeof p === "string" ? node("span", p) : p.make())));
    return li;
  } };
}
const soft = (text) => ({ text, make: () => node("span", text, "soft") });
const tag = (text) => ({ text, make: () => node("span", text, "tag") });

// ------------------------------------------------------------------ what was changed, in words

function inWords([lever, place, amount]) {
  const name = SETTINGS.names[lever], row = state.levers.find((each) => each.lever === lever);
  const where = row && place >= 0 ? row.places[place] : "";
  let n = whole.format(amount);
  if (name === "agents") n = amount === BASE ? WORDS["as rostered"] : (amount > BASE ? "+" : "−") + Math.abs(amount - BASE);
  if (name === "overflow" || name === "outsourcing") n = WORDS[amount ? "on" : "off"];
  if (name === "permanence") n = SETTINGS.choices[2 + amount];
  if (name === "speed" && amount === 0) return WORDS.Paused;
  return (SETTINGS.levers[name] || "").replace("{place}", where).replace("{n}", n);
}

// ------------------------------------------------------------------ the state on the screen

function show() {
  const { frame } = state;
  const origin = { sim: WORDS.simulation, replay: WORDS.replay, live: WORDS.live }[frame.origin];
  el("origin").textContent = origin + (frame.origin === "live" ? "" : frame.speed === 0 ? " ‖" : ` × ${whole.format(frame.speed)}`);
  showLevers();
  showFigures();
  showQueues();
  showGroups();
  showNotes();
  showLists();
  showCharts();
  window.consoleUpdates = (window.consoleUpdates || 0) + 1;
}

function tick() {
  if (!state) return;
  const lost = performance.now() - received > 10 * EVERY;
  message(lost ? WORDS["No connection"] : "", "lost");
  const on = lost ? 0 : (performance.now() - received) / 1000 * state.frame.speed;
  el("clock").textContent = new Date(state.frame.now / 1000 + on * 1000).toISOString().slice(11, 19);
}

function showFigures() {
  const other = twin && state.twin ? state.twin : null, body = el("compare").querySelector("tbody");
  el("compare").classList.toggle("both", Boolean(other));
  const known = (tile, text) => state.frame.unknown.includes(tile) ? WORDS["not known"] : text;
  const rows = Object.entries(SETTINGS.figures).map(([name, [text, form, tile]]) => [
    text, known(tile, FORMS[form](figure(state.frame, name, form))), other ? FORMS[form](figure(other, name, form)) : "",
  ]);
  rows.push([WORDS["Callbacks open"], known("callbacks", count(state.frame.callbacks.open)), other ? count(other.callbacks.open) : ""]);
  const said = JSON.stringify(rows);
  if (body.dataset.said === said) return;
  body.dataset.said = said;
  body.replaceChildren(...rows.map(([text, mine, its]) => {
    const tr = node("tr");
    tr.append(node("td", text), node("td", mine), node("td", its, "other"));
    return tr;
  }));
}
const figure = (frame, name, form) => (form === "count" ? frame.today[name].num : frame.today[name].v);

function showQueues() {
  keyed("queues", state.queues, (queue) => {
    const head = node("summary"), list = node("ul", undefined, "list");
    head.append(node("span", queue.name), node("b", whole.format(queue.waiting.length)));
    for (const call of queue.waiting) {
      const li = node("li");
      li.append(node("span", call.topic), node("span", time(call.since)));
      list.append(li);
    }
    if (!queue.waiting.length) list.append(node("li", WORDS["nobody waits"], "soft"));
    if (queue.tasks) list.append(node("li", `${whole.format(queue.tasks)} ${WORDS.tasks}`, "soft"));
    return [head, list];
  });
}

function showGroups() {
  keyed("groups", state.groups, (group) => {
    const head = node("summary"), people = node("div", undefined, "people");
    head.append(node("span", group.name), node("b", whole.format(group.agents.length)));
    for (const agent of group.agents) {
      const one = node("div", agent.name, agent.state);
      one.append(node("span", `${state.frame.about.includes(`agents.${agent.state}`) ? "~ " : ""}${SETTINGS.states[agent.state]}${agent.since == null ? "" : ` ${time(agent.since)}`}`, "soft"),
        node("span", `${whole.format(agent.answered)} ${WORDS["answered today"]}`, "soft"));
      people.append(one);
    }
    if (!group.agents.length) people.append(node("span", WORDS["nobody there"], "soft"));
    return [head, people];
  });
}

function keyed(id, rows, make) { // what is folded open stays so
  const place = el(id);
  rows.forEach((row, i) => {
    let one = place.children[i];
    if (!one) {
      one = node("details");
      one.open = i === 0 || row.waiting?.length > 0;
      place.append(one);
    }
    const said = JSON.stringify(row);
    if (one.dataset.said === said) return;
    one.dataset.said = said;
    one.replaceChildren(...make(row));
  });
}

function showNotes() {
  const notes = state.frame.notes;
  const parts = [`${count(notes.reasons)} ${WORDS["written down"]}`];
  for (const [topic, n] of Object.entries(notes.by_topic)) parts.push(`${SETTINGS.topics[topic]} ${n}`);
  el("written").textContent = `${parts.join(" · ")} — ${el("desk-word").textContent}: ${count(notes.visits)}`;
}

function showLists() {
  fill("changes", [...state.frame.changes].reverse().map((one) => item(soft(clock(state.frame.day * DAY + one.at * 60e6)), inWords(one.change))), WORDS.nothing);
  fill("callbacks", state.callbacks.map((one) => item(
    soft(clock(one.born)), `${one.topic} · ${one.form ? WORDS.form : WORDS.callback}`, one.overdue ? tag(WORDS.overdue) : null,
    one.id ? { said: one.id, make: () => finish(one.id) } : soft(one.due == null ? "" : `→ ${date(one.due)}`),
  )), WORDS.nothing);
  fill("lost", state.lost.map((one) => item(soft(clock(one.at)), one.topic, soft(one.menu ? WORDS["in the menu"] : WORDS["in the queue"]),
    one.again ? soft(WORDS["called again"]) : null, time(one.lasted))), WORDS.nothing);
  const wanted = el("filter").value.trim().toLowerCase();
  const events = state.events.map((one) => ({ one, text: eventText(one) })).filter(({ text }) => text.toLowerCase().includes(wanted));
  fill("events", events.slice(0, 100).map(({ one, text }) => item(soft(clock(one.at)), text)), WORDS.nothing);
  fill("alertlog", state.alerts.log.map((one) => item(soft(clock(one.at)), SETTINGS.alerts[one.name], soft(WORDS[one.raised ? "raised" : "cleared"]))), WORDS.nothing);
  fill("alerts", state.alerts.open.map((one) => item(`${SETTINGS.alerts[one.name]} · ${WORDS.since} ${Math.max(1, Math.round(one.since / 60))} min`)), "");
  if (!state.alerts.open.length) el("alerts").replaceChildren();
}
const date = (at) => new Intl.DateTimeFormat(SETTINGS.locale, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: "UTC" })
  .format(new Date(Date.parse(`${state.frame.date}T00:00:00Z`) + (at - state.frame.day * DAY) / 1000));

function eventText(one) {
  if (one.change) return `${one.type} ${inWords(one.change)}`;
  return [one.type, one.contact === undefined ? "" : `#${one.contact}`, one.topic || "", one.place || ""].filter(Boolean).join(" ");
}

function finish(id) {
  const button = node("button", WORDS.done);
  button.type = "button";
  button.addEventListener("click", () => post("note", { done: id }));
  return button;
}

// ------------------------------------------------------------------ levers

function showLevers() {
  for (const form of document.querySelectorAll("[data-lever]")) {
    const row = state.levers.find((each) => each.name === form.dataset.lever);
    if (!row) continue;
    const select = form.querySelector("select"), said = row.said[select ? Number(select.value) : 0] ?? row.file;
    const output = form.querySelector("output");
    if (output) output.textContent = said == null || said === BASE ? "±0" : (said > BASE ? "+" : "−") + Math.abs(said - BASE);
    if (row.name !== "burst") form.querySelectorAll("[data-amount]").forEach((b) => b.classList.toggle("said", Number(b.dataset.amount) === said));
  }
  if (el("pause")) {
    el("pause").textContent = state.frame.speed === 0 ? WORDS["Go on"] : WORDS.Pause;
    if (state.frame.speed > 0 && document.activeElement !== el("speed")) el("speed").value = String(state.frame.speed);
  }
}

function pull(name, amount, place = -1) {
  return post("control", { lever: SETTINGS.names.indexOf(name), place, amount });
}

function wireLevers() {
  for (const form of document.querySelectorAll("[data-lever]")) {
    const select = form.querySelector("select"), name = form.dataset.lever;
    const place = () => (select ? Number(select.value) : -1);
    form.addEventListener("submit", (event) => event.preventDefault());
    select?.addEventListener("change", showLevers);
    form.querySelectorAll("[data-amount]").forEach((b) => b.addEventListener("click", () => pull(name, Number(b.dataset.amount), place())));
    form.querySelectorAll("[data-add]").forEach((b) => b.addEventListener("click", () => {
      const row = state.levers.find((each) => each.name === name);
      pull(name, (row.said[place()] ?? BASE) + Number(b.dataset.add), place());
    }));
  }
  el("pause")?.addEventListener("click", () => pull("speed", state.frame.speed === 0 ? Number(el("speed").value) : 0));
  el("speed")?.addEventListener("change", () => pull("speed", Number(el("speed").value)));
  document.querySelectorAll("[data-step]").forEach((b) => b.addEventListener("click", () => pull("step", Number(b.dataset.step))));
  el("twin")?.addEventListener("click", () => {
    twin = !twin;
    el("twin").setAttribute("aria-pressed", String(twin));
    ask();
  });
}

// ------------------------------------------------------------------ writing down

function wireNotes() {
  el("topics").append(...SETTINGS.topics.map((topic, number) => {
    const button = node("button", topic);
    button.type = "button";
    button.addEventListener("click", () => post("note", { kind, topic: number, minutes: el("minutes").value }));
    return button;
  }));
  const kinds = document.querySelectorAll("[data-kind]");
  kinds.forEach((b) => b.addEventListener("click", () => {
    kind = b.dataset.kind;
    kinds.forEach((each) => each.setAttribute("aria-pressed", String(each === b)));
    document.querySelector(".minutes").hidden = kind !== "visit";
  }));
  el("csv").addEventListener("change", async () => {
    const file = el("csv").files[0];
    if (!file) return;
    const found = await post("import", { csv: await file.text() });
    el("csv").value = "";
    if (!found) return;
    message(`${file.name}: ${found.taken} ${WORDS["written down"]}, ${found.n_wrong} ${WORDS["not possible"]}`, "csv", 8000);
    el("wrong").replaceChildren(...found.wrong.map((why) => node("li", why, "soft")));
  });
  el("filter").addEventListener("input", showLists);
}

let why = "";
function message(text, from, lasts = 0) {
  if (!text && why !== from) return;
  why = text ? from : "";
  el("message").textContent = text;
  el("message").hidden = !text;
  if (text && lasts) setTimeout(() => message("", from), lasts);
}

async function post(where, what) {
  try {
    const answer = await fetch(`console/${where}`, { method: "POST", headers: HEADERS, body: JSON.stringify(what) });
    const found = await answer.json();
    if (!answer.ok) { message(`${WORDS["not possible"]}: ${found.error}`, "post", 8000); return null; }
    setTimeout(ask, 150);
    return found;
  } catch { message(WORDS["No connection"], "post", 4000); return null; }
}

// ------------------------------------------------------------------ charts

async function drawCharts() {
  const items = await (await fetch(`charts?theme=${SETTINGS.theme}`)).json();
  for (const place of document.querySelectorAll("[data-chart]")) {
    if (!items[place.dataset.chart]) { place.closest(".card").hidden = true; continue; }
    const known = Bokeh.documents.length;
    await Bokeh.embed.embed_item(structuredClone(items[place.dataset.chart]), place.id);
    charts[place.dataset.chart] = Bokeh.documents[known];
  }
  if (state) showCharts();
}

function series(name, chart, minute) {
  if (name === "waiting") return [chart.waiting.map((_, i) => chart.first + i), chart.waiting];
  const x = chart.sl.map((_, i) => chart.first + 30 * i + 15).filter((middle) => middle + 15 <= minute);
  return [x, chart.sl.slice(0, x.length).map((v) => (v === null ? NaN : v))];
}

function showCharts() {
  const minute = state.frame.now / 60e6, other = twin && state.twin ? state.twin : null;
  for (const [name, model] of Object.entries(charts)) {
    const [x, y] = series(name, state.frame.chart, minute);
    const [tx, ty] = other ? series(name, other.chart, minute) : [[], []];
    const marks = state.frame.changes.map((one) => one.at), said = JSON.stringify([y, ty, marks]);
    if (el(`chart-${name}`).dataset.said === said) continue;
    el(`chart-${name}`).dataset.said = said;
    el(`chart-${name}`).dataset.marks = marks.length;
    model.get_model_by_name(name).data = name === "waiting" ? { x, n: y, zero: y.map(() => 0) } : { x, sl: y };
    model.get_model_by_name(`${name} twin`).data = { x: tx, y: ty };
    model.get_model_by_name(`${name} marks`).data = { x: marks };
    const range = model.get_model_by_name(`${name} x`);
    if (range.start !== state.frame.chart.first) range.start = state.frame.chart.first;
    if (range.end !== state.frame.chart.last) range.end = state.frame.chart.last;
  }
}

// ------------------------------------------------------------------ asking

let asking = false;
async function ask() {
  if (asking) return;
  asking = true;
  try {
    const answer = await fetch(`console/state${twin ? "?twin=1" : ""}`, { cache: "no-store" });
    if (answer.ok) {
      state = await answer.json();
      received = performance.now();
      show();
    }
  } catch { /* tick says so */ } finally { asking = false; }
}

wireLevers();
wireNotes();
ask();
drawCharts();
setInterval(ask, EVERY);
setInterval(tick, 250);
