// The calculator as a page: fields, results, bars. Numbers come from interpreter.js; nothing is asked of any server.
"use strict";
(function () {
  const { compute, exact, short } = archspecFormulas;
  const MARK = "#calculator?";
  const TICKS = 240;
  const QUANTITIES = [
    ["params", "elements", "parameters"],
    ["params.trainable", "elements", "trained parameters"],
    ["params.active", "elements", "parameters that one token meets"],
    ["flops.forward", "FLOPs", "forward pass"],
    ["flops.backward", "FLOPs", "backward pass"],
    ["flops.recompute", "FLOPs", "computed again"],
    ["memory.weights", "bytes", "weights and buffers"],
    ["memory.gradients", "bytes", "gradients"],
    ["memory.optimizer", "bytes", "optimizer states"],
    ["activations.saved", "bytes", "kept for the backward pass"],
    ["memory.training", "bytes", "training, at its largest"],
    ["activations.peak", "bytes", "activations of a forward pass, at their largest"],
    ["kv_cache", "bytes", "cache of a decoder"],
    ["memory.inference", "bytes", "inference"],
  ];
  const PARTS = ["weights", "optimizer", "inputs", "cache", "moment"];
  const PART_NAMES = {
    weights: "weights and buffers",
    optimizer: "optimizer states",
    inputs: "inputs and targets",
    cache: "cache",
    moment: "activations, gradients and what is in work",
  };

  function make(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children);
    return node;
  }

  function withUnit(number, unit) {
    if (unit === "bytes") return number >= 1024n ? [short(number, unit), `${exact(number)} B`] : [`${number} B`, ""];
    if (number < 10000n) return [exact(number), unit === "FLOPs" ? "FLOPs" : ""];
    return [short(number, unit) + (unit === "FLOPs" ? "FLOPs" : ""), exact(number)];
  }

  // Positions of a slider: numbers of about equal ratio, in steps that divide the usual value.
  function ticksOf(symbol) {
    const usual = Math.max(symbol.value, 1);
    let step = 1;
    while (step * 2 <= usual / 8 && usual % (step * 2) === 0) step *= 2;
    const end = Math.min(Math.max(usual * 16, 64), Number.MAX_SAFE_INTEGER);
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
      const [, capacity, note] = this.devices.find(([name]) => name === this.choices.device);
      const words = [...found.problems, ...found.notes];
      this.said.className = words.length ? "ac-said ac-bad" : "ac-said";
      this.said.replaceChildren(...(words.length ? words.map((one) => make("p", {}, one)) : this.verdicts(found, BigInt(capacity), note)));
      this.results.replaceChildren(this.bars(found, BigInt(capacity)), this.table(found), this.command());
    }

    verdicts(found, capacity, note) {
      return [["memory.training", "training"], ["memory.inference", "inference"]].flatMap(([quantity, what]) => {
        const size = found.quantities[quantity];
        if (size === undefined) return [];
        const fits = size <= capacity;
        const share = `${(size * 1000n) / capacity / 10n}.${((size * 1000n) / capacity) % 10n} %`;
        const text = `${what} ${fits ? "fits on" : "does not fit on"} one ${this.choices.device}: ${short(size, "bytes")} of ${short(capacity, "bytes")} (${share})`;
        return [make("p", { class: fits ? "ac-fits" : "ac-too-large", title: note }, text)];
      });
    }

    bars(found, capacity) {
      const box = make("div", { class: "ac-bars" });
      const { quantities } = found;
      const rows = found.points.map((point) => [point.phase, [point.path, point.kind].filter(Boolean).join(" "), this.trainingParts(found, point)]);
      if (quantities["memory.inference"] !== undefined) {
        const held = { weights: quantities["memory.weights"], cache: quantities["kv_cache"], moment: quantities["activations.peak"] };
        rows.push(["inference", "", held]);
      }
      const total = (parts) => Object.values(parts).reduce((a, b) => a + b, 0n);
      const whole = rows.reduce((most, [, , parts]) => (total(parts) > most ? total(parts) : most), capacity);
      for (const [phase, where, parts] of rows) box.append(this.bar(phase, where, parts, total(parts), whole, capacity));
      if (rows.length) box.append(this.legend());
      return box;
    }

    trainingParts(found, point) {
      const { "memory.weights": weights, "memory.optimizer": optimizer } = found.quantities;
      return { weights, optimizer, inputs: found.standing - weights - optimizer, moment: point.size - found.standing };
    }

    bar(phase, where, parts, size, whole, capacity) {
      const per = (part) => `${Number((part * 100000n) / (whole || 1n)) / 1000}%`;
      const strip = make("div", { class: "ac-strip", role: "img", "aria-label": PARTS.filter((one) => parts[one]).map((one) => `${PART_NAMES[one]} ${short(parts[one], "bytes")}`).join(", ") });
      for (const name of PARTS) {
        if (!parts[name]) continue;
        const piece = make("span", { class: `ac-part ac-${name}`, title: `${PART_NAMES[name]}: ${short(parts[name], "bytes")}` });
        piece.style.width = per(parts[name]);
        strip.append(piece);
      }
      const line = make("span", { class: "ac-line" });
      line.style.left = per(capacity);
      strip.append(line);
      const title = make("span", { class: "ac-phase" }, phase, where ? make("small", {}, ` ${where}`) : "");
      const number = make("span", { class: size > capacity ? "ac-bytes ac-over" : "ac-bytes" }, short(size, "bytes"));
      return make("div", { class: "ac-bar" }, title, number, strip);
    }

    legend() {
      const list = make("ul", { class: "ac-legend" });
      for (const name of PARTS) list.append(make("li", {}, make("span", { class: `ac-key ac-${name}` }), PART_NAMES[name]));
      list.append(make("li", {}, make("span", { class: "ac-key ac-line-key" }), `memory of one ${this.choices.device}`));
      return list;
    }

    table(found) {
      const rows = QUANTITIES.filter(([name]) => found.quantities[name] || ["params", "memory.training", "memory.inference"].includes(name));
      const body = make("tbody", {});
      for (const [name, unit, meaning] of rows) {
        const value = found.quantities[name];
        const [near, digits] = value === undefined ? ["–", ""] : withUnit(value, unit);
        const bound = found.bounds.includes(name) ? " (at most)" : "";
        const cell = make("td", { "data-quantity": name, "data-value": value === undefined ? null : String(value) }, make("strong", {}, near), bound, make("small", {}, digits));
        body.append(make("tr", {}, make("th", { scope: "row" }, meaning, make("small", {}, name)), cell));
      }
      return make("table", { class: "ac-table" }, make("caption", {}, `${this.data.model}, ${this.data.backend}`), body);
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
