// Works out the formulas of a model (the JSON of archspec/calculator/data.py) in exact integers and fractions.
// No part of it looks at a page: `archspecFormulas.compute(data, settings)` is a function of its arguments.
"use strict";
var archspecFormulas = (function () {
  const [FLOOR, POWER, MIN, MAX, LOG2, INVERSE, SUM] = [0, 1, 2, 3, 4, 5, 6];
  const SUM_LIMIT = 1000000n;
  const POWER_BITS = 1000000n;

  class ArithmeticError extends Error {}

  // --- fractions: a BigInt, or {n, d} in lowest terms with d > 1 --------------------------------------

  const above = (a) => (typeof a === "bigint" ? a : a.n);
  const below = (a) => (typeof a === "bigint" ? 1n : a.d);

  function fraction(n, d) {
    if (d === 0n) throw new ArithmeticError("a division by zero");
    if (d < 0n) [n, d] = [-n, -d];
    let [a, b] = [n < 0n ? -n : n, d];
    while (b) [a, b] = [b, a % b];
    return d === a ? n / a : { n: n / a, d: d / a };
  }

  function plus(a, b) {
    if (typeof a === "bigint" && typeof b === "bigint") return a + b;
    return fraction(above(a) * below(b) + above(b) * below(a), below(a) * below(b));
  }

  function times(a, b) {
    if (typeof a === "bigint" && typeof b === "bigint") return a * b;
    return fraction(above(a) * above(b), below(a) * below(b));
  }

  // `exponent` is a BigInt of any sign.
  function raised(a, exponent) {
    if (exponent >= 0n) return typeof a === "bigint" ? a ** exponent : fraction(a.n ** exponent, a.d ** exponent);
    return fraction(below(a) ** -exponent, above(a) ** -exponent);
  }

  function parsed(coefficient) {
    if (typeof coefficient === "number") return BigInt(coefficient);
    const [n, d] = coefficient.split("/");
    return d === undefined ? BigInt(n) : fraction(BigInt(n), BigInt(d));
  }

  function floored(a, b) {
    const quotient = a / b;
    return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
  }

  const bits = (a) => BigInt(Math.max(above(a).toString(2).length, below(a).toString(2).length));

  // --- expressions -------------------------------------------------------------------------------------

  // The names of the symbols in a sum, also inside atoms (and the indices of sums without closed form). Remembered.
  function symbolsOf(pool, sum) {
    if (!pool.symbols) pool.symbols = new Map();
    const known = pool.symbols.get(sum);
    if (known) return known;
    const [base, ...row] = pool.sums[sum];
    const found = new Set(base ? symbolsOf(pool, base) : []);
    for (let i = 1; i < row.length; i += 2) {
      const product = pool.products[row[i]];
      for (let j = 0; j < product.length; j += 2) for (const name of atomSymbols(pool, product[j])) found.add(name);
    }
    pool.symbols.set(sum, found);
    return found;
  }

  function atomSymbols(pool, atom) {
    const entry = pool.atoms[atom];
    if (typeof entry === "string") return [entry];
    const [kind, ...parts] = entry;
    const sums = kind === SUM ? parts.slice(1) : parts;
    return sums.flatMap((sum) => [...symbolsOf(pool, sum)]);
  }

  // The expressions of a pool at one point. Inside a sum, the index is one more value, and what does not hold it is
  // asked of the evaluation around.
  class Evaluation {
    constructor(pool, values, outer = null, index = "") {
      Object.assign(this, { pool, values, outer, index });
      this.sums = new Map([[0, 0n]]);
      this.atoms = new Map();
      this.turns = outer ? outer.turns : { left: SUM_LIMIT };
    }

    whole(sum) {
      const value = this.sum(sum);
      if (typeof value !== "bigint") throw new ArithmeticError(`not a whole number: ${value.n}/${value.d}`);
      return value;
    }

    sum(number) {
      const known = this.sums.get(number);
      if (known !== undefined) return known;
      if (this.outer && !symbolsOf(this.pool, number).has(this.index)) return this.outer.sum(number);
      const [base, ...row] = this.pool.sums[number];
      let total = this.sum(base);
      for (let i = 0; i < row.length; i += 2) total = plus(total, this.term(parsed(row[i]), this.pool.products[row[i + 1]]));
      this.sums.set(number, total);
      return total;
    }

    term(coefficient, product) {
      let value = coefficient;
      for (let i = 0; i < product.length; i += 2) {
        const exponent = product[i + 1];
        const factor = this.atom(product[i]);
        value = times(value, exponent === 1 ? factor : raised(factor, BigInt(exponent)));
      }
      return value;
    }

    atom(number) {
      let known = this.atoms.get(number);
      if (known === undefined) {
        known = this.computed(this.pool.atoms[number]);
        this.atoms.set(number, known);
      }
      return known;
    }

    computed(entry) {
      if (typeof entry === "string") {
        if (!Object.hasOwn(this.values, entry)) throw new ArithmeticError(`${entry} has no value`);
        return this.values[entry];
      }
      const [kind, ...parts] = entry;
      switch (kind) {
        case FLOOR: {
          const divisor = this.whole(parts[1]);
          if (divisor <= 0n) throw new ArithmeticError(`a division by ${divisor}`);
          return floored(this.whole(parts[0]), divisor);
        }
        case POWER:
          return this.power(this.sum(parts[0]), this.whole(parts[1]));
        case MIN:
          return parts.map((part) => this.whole(part)).reduce((a, b) => (b < a ? b : a));
        case MAX:
          return parts.map((part) => this.whole(part)).reduce((a, b) => (b > a ? b : a));
        case LOG2:
          return this.log2(this.whole(parts[0]));
        case INVERSE: {
          const value = this.sum(parts[0]);
          return fraction(below(value), above(value));
        }
        case SUM:
          return this.added(...parts);
        default:
          throw new ArithmeticError(`an expression of an unknown kind: ${kind}`);
      }
    }

    power(base, exponent) {
      const size = exponent < 0n ? -exponent : exponent;
      const trivial = base === 0n || base === 1n || base === -1n;
      if (!trivial && size * bits(base) > POWER_BITS) throw new ArithmeticError(`a power of more than ${POWER_BITS} bits`);
      return raised(base, exponent);
    }

    log2(value) {
      if (value <= 0n || (value & (value - 1n)) !== 0n) throw new ArithmeticError(`${value} is no power of two`);
      return BigInt(value.toString(2).length - 1);
    }

    added(index, low, high, body) {
      const name = this.pool.atoms[index];
      const [first, end] = [this.whole(low), this.whole(high)];
      if (end > first) this.turns.left -= end - first;
      if (this.turns.left < 0n) throw new ArithmeticError(`a sum of more than ${SUM_LIMIT} terms`);
      let total = 0n;
      for (let turn = first; turn < end; turn++) {
        total = plus(total, new Evaluation(this.pool, { ...this.values, [name]: turn }, this, name).sum(body));
      }
      return total;
    }
  }

  // --- conditions --------------------------------------------------------------------------------------

  const HOLDS = {
    "==": (a, b) => a === b,
    "!=": (a, b) => a !== b,
    "<": (a, b) => a < b,
    "<=": (a, b) => a <= b,
    ">": (a, b) => a > b,
    ">=": (a, b) => a >= b,
  };

  // As in archspec: a condition whose sides cannot be worked out does not hold.
  function holds(at, [op, left, right, modulus]) {
    try {
      let [a, b] = [at.whole(left), at.whole(right)];
      if (modulus >= 0) {
        const divisor = at.whole(modulus);
        if (divisor === 0n) return false;
        a -= divisor * floored(a, divisor);
      }
      return HOLDS[op](a, b);
    } catch (error) {
      if (error instanceof ArithmeticError) return false;
      throw error;
    }
  }

  function violated(at, condition) {
    const [, left, right, modulus, , text, message] = condition;
    const names = new Set([left, right, ...(modulus >= 0 ? [modulus] : [])].flatMap((sum) => [...symbolsOf(at.pool, sum)]));
    const numbers = [...names].sort().map((name) => `${name} = ${at.values[name]}`);
    return `${message || "a requirement is violated"}: ${text} does not hold with ${numbers.join(", ")}`;
  }

  // What is wrong with the numbers themselves, in words.
  function problems(data, at, part) {
    const found = [];
    for (const symbol of data.symbols) {
      if (at.values[symbol.name] < BigInt(symbol.least)) found.push(`${symbol.name} must be at least ${symbol.least}`);
    }
    for (const number of part.conditions) {
      const condition = data.conditions[number];
      if (condition[4] === "require" && !holds(at, condition)) found.push(violated(at, condition));
    }
    if (found.length) return found;
    for (const [size, layer, text] of part.sizes) {
      if (at.whole(size) < 1n) return [`the input is too small: ${layer} would make a tensor of size ${text} = ${at.whole(size)}`];
    }
    return found;
  }

  // Of several derivations, the one that holds for these numbers; else null, with the reason.
  function chosen(data, at, parts) {
    const unmet = (part) => part.conditions.map((n) => data.conditions[n]).filter((one) => one[4] !== "require" && !holds(at, one));
    for (const part of parts) if (!unmet(part).length) return [part, ""];
    return [null, `the formulas here hold only for ${unmet(parts[0]).map((one) => one[5]).join(", ")}`];
  }

  // --- the whole ---------------------------------------------------------------------------------------

  // settings: {values: {name: BigInt}, precision, attention, checkpoint, optimizer}. The result: `quantities` by name
  // (null: not known), `bounds`, `points` of a training step by phase, `problems` and `notes` in words.
  function compute(data, settings) {
    const at = new Evaluation(data.pool, settings.values);
    const result = { quantities: {}, bounds: [], points: [], problems: [], notes: [] };
    try {
      fill(data, settings, at, result);
    } catch (error) {
      if (!(error instanceof ArithmeticError)) throw error;
      result.problems.push(`the formulas cannot be worked out here: ${error.message}`);
    }
    if (result.problems.length) Object.assign(result, { quantities: {}, bounds: [], points: [] });
    return result;
  }

  function fill(data, settings, at, result) {
    const [, like, width] = data.precisions.find(([name]) => name === settings.precision);
    const set = data.sets[`${like}/${settings.attention}/${settings.checkpoint}`];
    const [, states, steps] = data.optimizers[width][settings.optimizer];
    result.problems = problems(data, at, set.always[0]);
    if (result.problems.length) return;
    const read = (parts, what) => {
      const [part, reason] = chosen(data, at, parts);
      if (!part) result.notes.push(`${what}: ${reason}`);
      for (const [name, sum] of Object.entries(part && part.quantities ? part.quantities : {})) result.quantities[name] = at.whole(sum);
      if (part) result.bounds.push(...part.bounds);
      return part;
    };
    read(set.always, "most quantities");
    result.quantities["memory.optimizer"] = at.whole(states);
    read(set.inference, "inference");
    const training = read(set.training, "training");
    const gradients = result.quantities["memory.gradients"];
    if (!training || gradients === undefined) return;
    const standing = at.whole(training.standing) + at.whole(states);
    result.standing = standing;
    for (const [phase, moments] of Object.entries(training.moments)) {
      const sized = moments.map(([sum, path, kind]) => ({ phase, path, kind, size: standing + at.whole(sum) }));
      if (sized.length) result.points.push(largest(sized));
    }
    const step = steps.map((sum) => ({ phase: "step", path: "", kind: settings.optimizer, size: standing + gradients + at.whole(sum) }));
    result.points.push(largest(step));
    result.quantities["memory.training"] = largest(result.points).size;
  }

  const largest = (points) => points.reduce((a, b) => (b.size > a.size ? b : a));

  // --- numbers as people read them: as archspec/report/units.py ----------------------------------------

  const LETTERS = {
    bytes: [1024n, ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]],
    elements: [1000n, ["", "K", "M", "B", "T"]],
    FLOPs: [1000n, ["", "K", "M", "G", "T", "P", "E", "Z"]],
  };

  const exact = (number) => number.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ",");

  function short(number, unit) {
    const [base, letters] = LETTERS[unit];
    let step = 0;
    while (step < letters.length - 1 && number >= base ** BigInt(step + 1)) step++;
    if (step < letters.length - 1 && rounded(number, base ** BigInt(step), 1) >= 10n * base) step++;
    const letter = letters[step] ? ` ${letters[step]}` : "";
    if (step === 0) return `${number}${letter}`;
    const scale = base ** BigInt(step);
    const decimals = number < 10n * scale ? 2 : number < 1000n * scale ? 1 : 0;
    const all = rounded(number, scale, decimals);
    if (!decimals) return `${exact(all)}${letter}`;
    const unitOf = 10n ** BigInt(decimals);
    return `${exact(all / unitOf)}.${(all % unitOf).toString().padStart(decimals, "0")}${letter}`;
  }

  const rounded = (size, unit, decimals) => (2n * size * 10n ** BigInt(decimals) + unit) / (2n * unit);

  return { compute, exact, short, Evaluation, ArithmeticError };
})();
if (typeof module !== "undefined") module.exports = archspecFormulas;
