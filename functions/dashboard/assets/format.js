// How values are written for people. Times are the reader's own; the title has them in full.

import { h } from "./dom.js";

const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
export const DAY = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", year: "numeric" });
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

// The hour that begins then.
export const hour = (text) => moment(text, "", (date) => MINUTE.formatRange(date, date.getTime() + 3600e3));

// A number of seconds as people would say it.
export function span(seconds) {
  for (const [unit, size] of SPANS) {
    if (seconds >= size && seconds % size === 0) return plural(seconds / size, unit);
  }
  return plural(seconds, "second");
}

export const plural = (n, noun, nouns = `${noun}s`) => `${NUMBER.format(n)} ${n === 1 ? noun : nouns}`;

// As shared/session/device.go has it for the API's lists of sessions; the entries of logs have no name.
const BROWSERS = [
  ["Edg", "Edge"], ["OPR/", "Opera"], ["SamsungBrowser/", "Samsung Internet"], ["Firefox/", "Firefox"], ["FxiOS/", "Firefox"],
  ["CriOS/", "Chrome"], ["Chrome/", "Chrome"], ["Chromium/", "Chrome"], ["Safari/", "Safari"],
];
const SYSTEMS = [
  ["iPhone", "iOS"], ["iPad", "iPadOS"], ["Android", "Android"], ["CrOS", "ChromeOS"], ["Windows", "Windows"],
  ["Mac OS X", "macOS"], ["darwin", "macOS"], ["windows", "Windows"], ["Linux", "Linux"], ["linux", "Linux"], ["X11", "Linux"],
];

// A session, as the list of an older release has it too.
export const deviceOf = (session) => session.name ?? device(session.device ?? "");

// "Firefox on Windows", as far as the User-Agent lets us know.
export function device(agent) {
  const first = (signs) => signs.find(([sign]) => agent.includes(sign))?.[1];
  const [, program, numbers] = /^(?!Mozilla[/ ]|Mozilla$)([\w-]{1,40})(?:\/v?(\d+\.\d+)?\S*)?(?: |$)/.exec(agent) ?? [];
  const name = program === "latchkey" && numbers ? `${program} ${numbers}` : program ?? first(BROWSERS), system = first(SYSTEMS);
  if (name) return system ? `${name} on ${system}` : name;
  return agent.replace(/(?! )[\p{C}\p{Z}]/gu, "").trim().slice(0, 40) || "Unknown device";
}
