// How values are written for people. Times are the reader's own; the title has them in full.

import { h } from "./dom.js";

const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const DAY = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", year: "numeric" });
const FULL = new Intl.DateTimeFormat("en", { dateStyle: "full", timeStyle: "long" });
export const MINUTE = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
export const NUMBER = new Intl.NumberFormat("en");

const SPANS = [["day", 86400], ["hour", 3600], ["minute", 60]];

// "3 hours ago", "in 2 days"; a date for what is further away than a month.
function relative(date, now = Date.now()) {
  const seconds = (date - now) / 1000;
  if (Math.abs(seconds) > 31 * 86400) return DAY.format(date);
  for (const [unit, size] of SPANS) {
    if (Math.abs(seconds) >= size) return RELATIVE.format(Math.round(seconds / size), unit);
  }
  return seconds > 0 ? "in a moment" : "just now";
}

export function moment(text, otherwise, write = relative) {
  if (!text) return h("span", { class: "faint" }, otherwise);
  const date = new Date(text);
  return h("time", { datetime: text, title: FULL.format(date) }, write(date));
}

export const exact = (text) => moment(text, "", (date) => MINUTE.format(date));

// A number of seconds as people would say it.
export function span(seconds) {
  for (const [unit, size] of SPANS) {
    if (seconds >= size && seconds % size === 0) return plural(seconds / size, unit);
  }
  return plural(seconds, "second");
}

export const plural = (n, noun, nouns = `${noun}s`) => `${NUMBER.format(n)} ${n === 1 ? noun : nouns}`;

const BROWSERS = [[/Edg\//, "Edge"], [/OPR\//, "Opera"], [/Firefox\//, "Firefox"], [/Chrom(e|ium)\//, "Chrome"], [/Safari\//, "Safari"], [/^curl\//, "curl"]];
const SYSTEMS = [[/iPhone|iPad/, "iOS"], [/Android/, "Android"], [/Windows/, "Windows"], [/Mac OS X/, "macOS"], [/Linux|X11/, "Linux"]];

// "Firefox on Windows", as far as the User-Agent lets us know.
export function device(agent) {
  const name = (list) => list.find(([form]) => form.test(agent))?.[1];
  const browser = name(BROWSERS), system = name(SYSTEMS);
  if (browser && system) return `${browser} on ${system}`;
  return browser ?? (agent.slice(0, 40) || "Unknown device");
}
