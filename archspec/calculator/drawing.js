// The results of the calculator as elements of a page: what fits, bars, the table.
"use strict";
var archspecDrawing = (function () {
  const { exact, short } = archspecFormulas;
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

  // device: its name, its bytes, and a note.
  function verdicts(found, [device, memory, note]) {
    const capacity = BigInt(memory);
    return [["memory.training", "training"], ["memory.inference", "inference"]].flatMap(([quantity, what]) => {
      const size = found.quantities[quantity];
      if (size === undefined) return [];
      const fits = size <= capacity;
      const share = `${(size * 1000n) / capacity / 10n}.${((size * 1000n) / capacity) % 10n} %`;
      const text = `${what} ${fits ? "fits on" : "does not fit on"} one ${device}: ${short(size, "bytes")} of ${short(capacity, "bytes")} (${share})`;
      return [make("p", { class: fits ? "ac-fits" : "ac-too-large", title: note }, text)];
    });
  }

  function bars(found, [device, memory]) {
    const capacity = BigInt(memory);
    const box = make("div", { class: "ac-bars" });
    const { quantities } = found;
    const rows = found.points.map((point) => [point.phase, [point.path, point.kind].filter(Boolean).join(" "), trainingParts(found, point)]);
    if (quantities["memory.inference"] !== undefined) {
      const held = { weights: quantities["memory.weights"], cache: quantities["kv_cache"], moment: quantities["activations.peak"] };
      rows.push(["inference", "", held]);
    }
    const total = (parts) => Object.values(parts).reduce((a, b) => a + b, 0n);
    const whole = rows.reduce((most, [, , parts]) => (total(parts) > most ? total(parts) : most), capacity);
    for (const [phase, where, parts] of rows) box.append(bar(phase, where, parts, total(parts), whole, capacity));
    if (rows.length) box.append(legend(device));
    return box;
  }

  function trainingParts(found, point) {
    const { "memory.weights": weights, "memory.optimizer": optimizer } = found.quantities;
    return { weights, optimizer, inputs: found.standing - weights - optimizer, moment: point.size - found.standing };
  }

  function bar(phase, where, parts, size, whole, capacity) {
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

  function legend(device) {
    const list = make("ul", { class: "ac-legend" });
    for (const name of PARTS) list.append(make("li", {}, make("span", { class: `ac-key ac-${name}` }), PART_NAMES[name]));
    list.append(make("li", {}, make("span", { class: "ac-key ac-line-key" }), `memory of one ${device}`));
    return list;
  }

  function table(found, title) {
    const { quantities } = found;
  const always = ["params", "memory.training", "memory.inference"];
  const tells = (name) => quantities[name] && !(name.startsWith("params.") && quantities[name] === quantities.params);
  const rows = QUANTITIES.filter(([name]) => tells(name) || always.includes(name));
    const body = make("tbody", {});
    for (const [name, unit, meaning] of rows) {
      const value = found.quantities[name];
      const [near, digits] = value === undefined ? ["–", ""] : withUnit(value, unit);
      const bound = found.bounds.includes(name) ? " (at most)" : "";
      const cell = make("td", { "data-quantity": name, "data-value": value === undefined ? null : String(value) }, make("strong", {}, near), bound, make("small", {}, digits));
      body.append(make("tr", {}, make("th", { scope: "row" }, meaning, make("small", {}, name)), cell));
    }
    return make("table", { class: "ac-table" }, make("caption", {}, title), body);
  }

  return { make, verdicts, bars, table };
})();
