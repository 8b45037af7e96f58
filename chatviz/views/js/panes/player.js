// The player: plays the film at recorded times or at a simulated pace, and steps through it.

import { followFilm } from "../film/cursor.js";
import { fill, h, press } from "../dom.js";
import { clamp, upTo } from "../numbers.js";
import { describe } from "../said.js";
import { jump, walkKeys } from "../film/walking.js";
import { sayCount } from "../words.js";

export const playerPane = {
  name: "player",
  column: "top",
  make: (app) => (followFilm(app).film.count ? new Player(app) : null),
  grow: (player) => player.measure(),
};

const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 5, 20, 100];
const PACES = [2, 10, 50, 200, 1000, 10000];
const PLAY = "M4 2.5v11l9-5.5z";
const PAUSE = "M4 3h3v10H4zM9 3h3v10H9z";
const SLOW_MS = 250; // between two steps, where less motion is wanted

/** When each chunk is played: recorded times, one answer behind the other. */
export function layTimes(film) {
  const times = new Float64Array(film.count);
  let base = 0;
  for (const run of film.runs) {
    for (let n = 0; n < run.count; n++) times[run.first + n] = base + run.times[n];
    if (run.count) base = times[run.first + run.count - 1];
  }
  return times;
}

/** A button with a picture, named with the key that does the same. */
function iconButton(label, key, path, click) {
  const make = (name) => document.createElementNS("http://www.w3.org/2000/svg", name);
  const svg = make("svg");
  const shape = make("path");
  shape.setAttribute("d", path);
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.append(shape);
  return h("button", { type: "button", title: `${label} (${key})`, aria: label, click }, svg);
}

class Player {
  clock = 0; // where it is, in seconds or in chunks
  last = 0; // when it was drawn last, in milliseconds
  frame = 0;

  constructor(app) {
    this.app = app;
    this.addControls();
    this.measure();
    app.cleanups.push(() => this.pause());
  }

  measure() {
    const { film } = this.app;
    this.times = film.hasTimes ? layTimes(film) : null;
    this.range.max = Math.max(0, film.count - 1);
  }

  // ---- its controls

  addControls() {
    const input = () => this.app.go(Number(this.range.value));
    this.range = h("input", { type: "range", min: 0, aria: "Chunk", input });
    this.speed = this.speedChoice();
    this.place = h("output.place");
    this.status = h("span.hidden", { role: "status" });
    const buttons = [this.stepButtons(), this.jumpButtons()];
    const bar = h("div.bar", buttons, this.speed, this.place, this.status);
    this.node = h("div.player", { role: "group", aria: "Player" }, bar, this.range);
    this.keys = [
      ["Space", "play, pause", { " ": () => this.toggle() }],
      ...walkKeys(this.app),
      ["R", "restart", { r: () => this.restart() }],
      ["< >", "speed", { "<": () => this.shift(-1), ">": () => this.shift(1) }],
    ];
  }

  stepButtons() {
    const { app } = this;
    this.play = iconButton("Play", "Space", PLAY, () => this.toggle());
    this.play.classList.add("play");
    return h(
      "span.group",
      iconButton("Restart", "R", "M3 3h2v10H3zM13 3v10L6 8z", () => this.restart()),
      iconButton("Previous chunk", "←", "M11 3v10L4 8z", () => app.go(app.at - 1)),
      this.play,
      iconButton("Next chunk", "→", "M5 3v10l7-5z", () => app.go(app.at + 1)),
      iconButton("Last chunk", "End", "M11 3h2v10h-2zM3 3v10l7-5z", () => app.go(Infinity)),
    );
  }

  jumpButtons() {
    const to = (what) => () => jump(this.app, what);
    return h(
      "span.group",
      press("same part ▸", to("part"), "Next of the same part (Shift →)"),
      press("tool call ▸", to("call"), "Next tool call (T)"),
      press("finding ▸", to("finding"), "Next finding (F)"),
    );
  }

  speedChoice() {
    const { hasTimes } = this.app.film,
      option = (value, words) => h("option", { value }, words);
    const recorded = SPEEDS.map((n) => option(`x${n}`, `${n} × recorded`));
    const paces = PACES.map((n) => option(`p${n}`, `${sayCount(n, "chunk")}/s, simulated`));
    const speed = h(
      "select",
      { aria: "Speed", change: () => this.seek() },
      hasTimes ? h("optgroup", { label: "recorded times" }, recorded) : null,
      h("optgroup", { label: "simulated pace" }, paces),
    );
    speed.value = hasTimes ? "x1" : "p10";
    return speed;
  }

  shift(by) {
    const { speed } = this;
    speed.selectedIndex = clamp(speed.selectedIndex + by, 0, speed.options.length - 1);
    this.seek();
  }

  update() {
    const { app, range, play } = this,
      { film, at, isPlaying } = app,
      { run, chunk } = app.here();
    const where = film.isLong ? ` · ${run.place}` : "",
      said = `chunk ${chunk}${where}`;
    range.value = at;
    range.setAttribute("aria-valuetext", said);
    fill(this.place, h("b", chunk), ` of 0–${run.count - 1}${where}`);
    play.querySelector("path").setAttribute("d", isPlaying ? PAUSE : PLAY);
    play.setAttribute("aria-label", isPlaying ? "Pause" : "Play");
    fill(this.status, isPlaying ? "playing" : `${said}: ${describe(film, at).slice(0, 200)}`);
  }

  // ---- playing

  get isSimulated() {
    return this.speed.value[0] === "p";
  }

  seek() {
    this.clock = this.isSimulated ? this.app.at : this.times?.[this.app.at];
  }

  toggle() {
    if (this.app.isPlaying) this.pause();
    else this.start();
  }

  start() {
    const { app } = this;
    if (app.at >= app.film.count - 1) app.go(0);
    app.isPlaying = true;
    this.last = performance.now();
    this.seek();
    this.wait();
    this.update();
  }

  pause() {
    const { app } = this;
    if (!app.isPlaying) return;
    app.isPlaying = false;
    cancelAnimationFrame(this.frame);
    app.update();
    app.tell();
  }

  restart() {
    this.pause();
    this.app.go(0);
    this.start();
  }

  wait() {
    this.frame = requestAnimationFrame((now) => this.step(now));
  }

  step(now) {
    const { app, last } = this;
    if (!app.isPlaying) return;
    if (!app.root.host.isConnected) return this.pause();
    this.wait();
    const wantsLess = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (now - last < SLOW_MS && wantsLess) return;
    this.clock += (Math.max(0, now - last) / 1000) * this.speed.value.slice(1);
    this.last = now;
    const at = this.isSimulated ? Math.floor(this.clock) : upTo(this.times, this.clock) - 1;
    if (at !== app.at) app.go(at, true);
    if (app.at === app.film.count - 1) this.pause();
  }
}
