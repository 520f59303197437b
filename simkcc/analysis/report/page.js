"use strict";
// Answers the sliders: conclusions on cost are computed anew from the components of both arms by the
// general rule (analysis/costs.py); verdicts that need a simulation were computed beforehand.
const known = JSON.parse(document.getElementById("known").textContent);
const LOCALES = { nl: "nl-BE", en: "en-GB" };
const BUDGET = ["front_line", "provider", "management", "fixed"];

// ---- the general rule: everything is an array with a value per replication

const each = (arm, name) => arm.measured[name].per_replication;
const zeros = (arm) => each(arm, "answered").map(() => 0);
const sum = (values) => values.reduce((total, value) => total + value, 0);

function backOfficeHours(arm, i) {
  return each(arm, "specialist_hours")[i] + each(arm, "callback_hours")[i]
    + each(arm, "interruptions")[i] * arm.assumed["costs.resumption"] / 3600;
}

function column(arm, name) {
  const total = zeros(arm);
  for (const [key, amount] of Object.entries(arm.quantities)) {
    if (arm.columns[key] !== name) continue;
    amount.per_replication.forEach((units, i) => { total[i] += arm.prices[key] * units; });
  }
  if (name !== "back_office") return total;
  return total.map((euros, i) => euros + backOfficeHours(arm, i) * arm.assumed["costs.back_office_hour"]);
}

function budget(arm) {
  const columns = BUDGET.map((name) => column(arm, name));
  return zeros(arm).map((_, i) => sum(columns.map((values) => values[i])));
}

function transferCost(arm) {
  const number = sum(each(arm, "interruptions"));
  const talk = number ? sum(each(arm, "specialist_hours")) / number : 0;
  return (talk + arm.assumed["costs.resumption"] / 3600) * arm.assumed["costs.back_office_hour"];
}

function callCost(arm) {
  const answered = sum(each(arm, "answered"));
  return answered ? (sum(column(arm, "front_line")) + sum(column(arm, "provider"))) / answered : 0;
}

function netDifference(first, second) {
  const [before, after] = [budget(first), budget(second)];
  const front = [column(first, "front_line"), column(second, "front_line")];
  const office = [column(first, "back_office"), column(second, "back_office")];
  const [transfer, call] = [transferCost(second), callCost(second)];
  return before.map((_, i) => {
    const [calls, answered] = [each(first, "answered")[i], each(second, "answered")[i]];
    const kept = (1 - second.assumed["costs.avoided"]) * Math.max(front[0][i] - front[1][i], 0);
    const extra = office[1][i] - office[0][i] * (calls > 0 ? answered / calls : 0);
    return after[i] - before[i] + kept + extra
      + second.assumed["costs.extra_transfers"] * answered * transfer
      + second.assumed["costs.extra_repeats"] * answered * call;
  });
}

function at(arm, values) {
  const moved = (table) => Object.fromEntries(
    Object.entries(table).map(([key, value]) => [key, key in values ? values[key] : value]));
  return { ...arm, prices: moved(arm.prices), assumed: moved(arm.assumed) };
}

// Values by key; an assumption moves only the arms that make it.
function conclude(pair, values) {
  const [first, second] = [0, 1].map((arm) => at([pair.first, pair.second][arm], Object.fromEntries(
    pair.assumptions.filter((known) => known.arms[arm] && known.key in values)
      .map((known) => [known.key, values[known.key]]))));
  const gaps = netDifference(first, second);
  const mean = sum(gaps) / gaps.length;
  const spread = sum(gaps.map((gap) => (gap - mean) ** 2)) / (gaps.length - 1);
  const half = known.t * Math.sqrt(spread / gaps.length);
  let word = mean > 0 ? "dearer" : "cheaper";
  if (!(mean - half > 0 || mean + half < 0)) word = "no detectable difference";
  return { word, mean, low: mean - half, high: mean + half, half, claim: claim(pair.service, word) };
}

function claim(service, word) {
  if (word !== "cheaper") return word === "dearer" ? "dearer" : "cost unclear";
  if (service.low > 0) return "higher service level at lower cost";
  return service.high < 0 ? "not better" : "only cheaper";
}

// ---- words

function written(kind, value, lang) {
  const text = new Intl.NumberFormat(LOCALES[lang], Math.abs(value) < 1000
    ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 });
  if (kind === "share") return text.format(100 * value) + (lang === "nl" ? " %" : "%");
  if (kind === "seconds") return `${text.format(value)}\u00a0s`;
  return lang === "nl" ? `${text.format(value)} euro` : `EUR ${text.format(value)}`;
}

function euros(value, lang) {
  const text = new Intl.NumberFormat(LOCALES[lang], { maximumFractionDigits: 0, useGrouping: "always" }).format(Math.abs(value));
  return lang === "nl" ? `€\u00a0${text}` : `€${text}`;
}

const capital = (words) => words[0].toUpperCase() + words.slice(1);
const filled = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);

function answer(pair, values, lang) {
  const found = conclude(pair, values);
  const words = known.words[lang];
  const net = filled(words[found.mean > 0 ? "net_more" : "net_less"],
    { ...pair.names[lang], net: euros(found.mean, lang), noise: euros(found.half, lang) });
  const judged = pair.claim ? ` ${capital(words[`claim ${found.claim}`])}.` : "";
  return { ...found, title: capital(words[found.word]), text: net + judged };
}

// ---- the page

for (const panel of document.querySelectorAll("[data-pair]")) {
  const pair = known.pairs[panel.dataset.pair];
  const lang = panel.closest("main").lang;
  const sliders = [...panel.querySelectorAll("input")];
  const show = (exact) => {
    const values = {};
    for (const slider of sliders) {
      const assumption = pair.assumptions.find((known) => known.key === slider.dataset.key);
      const value = exact ? assumption.value : Number(slider.value);
      values[assumption.key] = value;
      slider.closest(".slider").querySelector("output").textContent = written(assumption.kind, value, lang);
    }
    const said = answer(pair, values, lang);
    const live = panel.querySelector(".live");
    live.className = `live ${said.word === "no detectable difference" ? "unclear" : said.word}`;
    live.querySelector("strong").textContent = said.title;
    live.querySelector("span").textContent = said.text;
  };
  panel.addEventListener("input", () => show(false));
  panel.querySelector("[data-reset]").addEventListener("click", () => {
    for (const slider of sliders) slider.value = slider.defaultValue;
    show(true);
  });
  show(true);
}

for (const panel of document.querySelectorAll("[data-grid]")) {
  const grid = known.grids[panel.dataset.grid];
  const lang = panel.closest("main").lang;
  const slider = panel.querySelector("input");
  const show = () => {
    const place = Number(slider.value);
    panel.querySelector("output").textContent = grid.texts[lang][place];
    panel.querySelector(".verdict").replaceChildren(...grid.verdicts[lang][place].map((words) => {
      const paragraph = document.createElement("p");
      paragraph.textContent = words;
      return paragraph;
    }));
    panel.querySelectorAll("tbody tr").forEach((row, i) => row.classList.toggle("on", i === place));
  };
  slider.addEventListener("input", show);
  show();
}

window.simkcc = { known, conclude, answer };
