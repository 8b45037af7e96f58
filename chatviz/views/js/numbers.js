// Numbers: columns as Python writes them, and the arithmetic of sorted values and axes.

// Base 46, lowest digit first; 46 more characters say "a digit follows".
const DIGITS = [];
for (let code = 0x20, digit = 0; code < 0x7f; code++)
  if (!'"\\<'.includes(String.fromCharCode(code))) DIGITS[code] = digit++;

/** @param {string} text @returns {number[]} */
export function readNumbers(text) {
  const found = [];
  let value = 0;
  let scale = 1;
  for (let i = 0; i < text.length; i++) {
    const digit = DIGITS[text.charCodeAt(i)];
    if (digit >= 46) {
      value += (digit - 46) * scale;
      scale *= 46;
    } else {
      found.push(value + digit * scale);
      value = 0;
      scale = 1;
    }
  }
  return found;
}

/** @param {string} text @param {boolean} [signed] @returns {number[]} sums of the steps */
export function readSteps(text, signed) {
  let sum = 0;
  return readNumbers(text).map((n) => (sum += !signed ? n : n % 2 ? -(n + 1) / 2 : n / 2));
}

/** How many of the sorted values are not above a limit. */
export function upTo(values, limit) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

export const clamp = (n, low, high) => Math.max(low, Math.min(high, n));

/** The sums of numbers, each with those before it. */
export function sumUp(numbers) {
  let sum = 0;
  return numbers.map((n) => (sum += n));
}

/** A number that is easy to read, not below a step. */
export function niceStep(step) {
  const power = 10 ** Math.floor(Math.log10(step));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= step * 0.999999);
}
