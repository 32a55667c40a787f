// The calculator as a page: its state and its fields. Numbers come from interpreter.js, their looks from drawing.js;
// nothing is asked of any server.
"use strict";
(function () {
  const { compute, short } = archspecFormulas;
  const { make, verdicts, bars, table } = archspecDrawing;
  const MARK = "#calculator?";
  const TICKS = 100;

  // Positions of a slider: numbers of about equal ratio, in steps that divide the usual value.
  function ticksOf(symbol) {
    const usual = Math.max(symbol.value, 1);
    let step = 1;
    while (step * 2 <= usual / 8 && usual % (step * 2) === 0) step *= 2;
    // A batch or a sequence may be much larger than where the page begins.
    const end = Math.min(Math.max(usual * (symbol.default === null ? 256 : 16), 64), Number.MAX_SAFE_INTEGER);
    const ratio = (end / step) ** (1 / TICKS);
    const found = step > 1 ? [] : [symbol.least].filter((one) => one < 1);
    for (let tick = Math.max(step, symbol.least); tick <= end; ) {
      found.push(tick);
      tick = Math.max(tick + step, Math.round((tick * ratio) / step) * step);
    }
    return found;
  }

  class Calculator {
    constructor(root, number) {
      this.root = root;
      this.prefix = `archspec-${number}-`;
      const told = JSON.parse(root.querySelector("script[type='application/json']").textContent);
      this.models = told.models;
      this.devices = told.devices;
      this.body = make("div", { class: "ac-body" });
      root.append(this.body);
      this.open(this.models[0].model);
      this.restore();
      // A press of "back", or a link with another setting.
      window.addEventListener("hashchange", () => this.restore());
    }

    // --- state --------------------------------------------------------------------------------------

    open(name) {
      this.data = this.models.find((one) => one.model === name);
      this.values = Object.fromEntries(this.data.symbols.map((one) => [one.name, String(one.value)]));
      const { precisions, attentions, checkpoints } = this.data;
      this.choices = {
        precision: precisions[0][0],
        attention: attentions[0],
        checkpoint: checkpoints[0],
        optimizer: "adamw",
        device: this.devices[0][0],
      };
      this.build();
    }

    state() {
      const state = new URLSearchParams({ model: this.data.model });
      for (const { name } of this.data.symbols) state.set(name, this.values[name]);
      for (const [name, value] of Object.entries(this.choices)) state.set(`-${name}`, value);
      return MARK + state.toString();
    }

    restore() {
      if (!location.hash.startsWith(MARK)) return;
      const state = new URLSearchParams(location.hash.slice(MARK.length));
      const model = state.get("model");
      if (!this.models.some((one) => one.model === model) || location.hash === this.state()) return;
      this.open(model);
      for (const { name } of this.data.symbols) if (state.has(name)) this.values[name] = state.get(name);
      for (const [name, options] of Object.entries(this.options())) {
        if (options.some(([value]) => value === state.get(`-${name}`))) this.choices[name] = state.get(`-${name}`);
      }
      this.build();
      this.root.scrollIntoView();
    }

    changed() {
      this.show();
      history.replaceState(null, "", this.state());
    }

    options() {
      const { precisions, attentions, checkpoints, optimizers } = this.data;
      const states = Object.values(optimizers)[0];
      return {
        precision: precisions.map(([name]) => [name, name]),
        optimizer: Object.entries(states).map(([name, [title]]) => [name, title]),
        checkpoint: checkpoints.map((one) => [one, one === "" ? "none" : `the repeated block (${one})`]),
        attention: attentions.map((one) => [one, one === "sdpa" ? "fused kernel (sdpa)" : "step by step (eager)"]),
        device: this.devices.map(([name, bytes]) => [name, `${name}, ${short(BigInt(bytes), "bytes")}`]),
      };
    }

    // --- the form -----------------------------------------------------------------------------------

    build() {
      const form = make("form", { class: "ac-form", "aria-label": `Settings of ${this.data.model}` });
      form.addEventListener("submit", (event) => event.preventDefault());
      if (this.models.length > 1) form.append(this.modelField());
      const sizes = make("fieldset", { class: "ac-sizes" }, make("legend", {}, "Sizes"));
      for (const symbol of this.data.symbols) sizes.append(this.sizeField(symbol));
      const policy = make("fieldset", { class: "ac-policy" }, make("legend", {}, "How it runs"));
      for (const [name, options] of Object.entries(this.options())) {
        if (options.length > 1) policy.append(this.choiceField(name, options));
      }
      form.append(sizes, policy);
      this.results = make("div", { class: "ac-results" });
      this.said = make("div", { class: "ac-said", role: "status" });
      this.body.replaceChildren(form, make("div", { class: "ac-output" }, this.said, this.results));
      this.show();
    }

    modelField() {
      const id = `${this.prefix}model`;
      const select = make("select", { id });
      for (const { model } of this.models) select.append(make("option", { value: model, selected: model === this.data.model }, model));
      select.addEventListener("change", () => {
        this.open(select.value);
        this.changed();
        document.getElementById(id).focus();
      });
      return make("div", { class: "ac-choice ac-model" }, make("label", { for: id }, "Model"), select);
    }

    choiceField(name, options) {
      const id = `${this.prefix}-${name}`;
      const select = make("select", { id });
      for (const [value, title] of options) select.append(make("option", { value, selected: value === this.choices[name] }, title));
      select.addEventListener("change", () => {
        this.choices[name] = select.value;
        this.changed();
      });
      return make("div", { class: "ac-choice" }, make("label", { for: id }, name), select);
    }

    sizeField(symbol) {
      const { name } = symbol;
      const id = `${this.prefix}${name}`;
      const meaning = symbol.fixed ? `${symbol.meaning}; fixed, for the wiring hangs on it` : symbol.meaning;
      const field = make("input", { id, type: "text", inputmode: "numeric", autocomplete: "off", spellcheck: "false", value: this.values[name], disabled: symbol.fixed });
      const ticks = ticksOf(symbol);
      const slider = make("input", { type: "range", min: 0, max: ticks.length - 1, step: 1, "aria-label": `${name}, slider`, disabled: symbol.fixed });
      const place = () => {
        const value = Number(this.values[name]);
        const at = ticks.findIndex((tick) => tick >= value);
        slider.value = String(at < 0 ? ticks.length - 1 : at);
        slider.setAttribute("aria-valuetext", this.values[name]);
      };
      slider.addEventListener("input", () => {
        this.values[name] = field.value = String(ticks[Number(slider.value)]);
        slider.setAttribute("aria-valuetext", this.values[name]);
        this.changed();
      });
      field.addEventListener("input", () => {
        this.values[name] = field.value.trim();
        place();
        this.changed();
      });
      place();
      return make("div", { class: "ac-size" }, make("label", { for: id, title: meaning }, name, make("small", {}, ` ${meaning}`)), field, slider);
    }

    // --- the results --------------------------------------------------------------------------------

    settings() {
      const wrong = this.data.symbols.filter(({ name }) => !/^\d{1,30}$/.test(this.values[name]));
      if (wrong.length) return [null, wrong.map(({ name }) => `${name} must be a whole number`)];
      const values = Object.fromEntries(this.data.symbols.map(({ name }) => [name, BigInt(this.values[name])]));
      return [{ ...this.choices, values }, []];
    }

    show() {
      const [settings, wrong] = this.settings();
      const found = settings ? compute(this.data, settings) : { quantities: {}, points: [], bounds: [], notes: [], problems: wrong };
      const device = this.devices.find(([name]) => name === this.choices.device);
      const words = [...found.problems, ...found.notes];
      this.said.className = words.length ? "ac-said ac-bad" : "ac-said";
      this.said.replaceChildren(...(words.length ? words.map((one) => make("p", {}, one)) : verdicts(found, device)));
      this.results.replaceChildren(bars(found, device), table(found, `${this.data.model}, ${this.data.backend}`), this.command());
    }

    // The same on the command line, for a model of the zoo.
    command() {
      const words = ["archspec size", this.data.model];
      const lists = {};
      for (const { name, default: usual } of this.data.symbols) {
        const [root, index] = name.split("[");
        if (index !== undefined) (lists[root] = lists[root] || []).push(name);
        else if (String(usual) !== this.values[name]) words.push(`--set ${name}=${this.values[name]}`);
      }
      for (const [root, names] of Object.entries(lists)) {
        const usual = this.data.symbols.filter(({ name, default: one }) => names.includes(name) && String(one) !== this.values[name]);
        const flat = names.every((name) => name.split("[").length === 2);
        if (usual.length && flat) words.push(`--set "${root}=[${names.map((name) => this.values[name]).join(",")}]"`);
      }
      const { precision, attention, checkpoint, optimizer, device } = this.choices;
      words.push(`--precision ${precision}`, `--train ${optimizer}`, `--device ${device}`);
      if (this.data.attentions.length > 1) words.push(`--attention ${attention}`);
      for (const one of checkpoint ? checkpoint.split(",") : []) words.push(`--checkpoint ${one}`);
      return make("p", { class: "ac-command" }, "The same on the command line: ", make("code", {}, words.join(" ")));
    }
  }

  function start() {
    document.querySelectorAll(".archspec-calculator:not([data-ready])").forEach((root, number) => {
      root.setAttribute("data-ready", "");
      new Calculator(root, number);
    });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
