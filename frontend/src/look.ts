// What a browser remembers about the look: theme, width of columns, width of the navigation. Kept in localStorage.
import { recall, remember } from "./store";

export type Theme = "system" | "light" | "dark";
export const COLUMNS = {
  inboxes: { least: 176, usual: 216, most: 320 },
  list: { least: 264, usual: 336, most: 520 },
  contact: { least: 264, usual: 320, most: 480 },
} as const;
export type Column = keyof typeof COLUMNS;

const root = document.documentElement;

/** Put on the page what is remembered. */
export function applyLook(): void {
  showTheme(theme());
  for (const name of Object.keys(COLUMNS) as Column[]) showColumn(name, columnWidth(name));
  root.classList.toggle("nav-wide", recall("nav") === "wide");
  root.classList.toggle("contact-folded", recall("contact") === "folded");
  showEvents();
}

/** Whether threads leave out what happened between the messages: each member's own choice in this browser. */
export function eventsHidden(): boolean {
  return recall(eventsKey()) === "hidden";
}

export function hideEvents(hidden: boolean): void {
  remember(eventsKey(), hidden ? "hidden" : null);
  showEvents();
  window.dispatchEvent(new Event("events:switched"));
}

function showEvents(): void {
  root.classList.toggle("events-hidden", eventsHidden());
}

function eventsKey(): string {
  return `events.${document.querySelector<HTMLMetaElement>("meta[name=member]")?.content ?? ""}`;
}

export function theme(): Theme {
  const kept = recall("theme");
  return kept === "light" || kept === "dark" ? kept : "system";
}

export function chooseTheme(chosen: Theme): void {
  remember("theme", chosen === "system" ? null : chosen);
  showTheme(chosen);
}

function showTheme(chosen: Theme): void {
  if (chosen === "system") root.removeAttribute("data-theme");
  else root.dataset["theme"] = chosen;
}

/** The width of a column in pixels, within its limits. */
export function columnWidth(name: Column): number {
  return within(name, Number(recall(`column.${name}`)) || COLUMNS[name].usual);
}

export function resizeColumn(name: Column, pixels: number): number {
  const width = within(name, pixels);
  remember(`column.${name}`, width === COLUMNS[name].usual ? null : String(width));
  showColumn(name, width);
  return width;
}

function within(name: Column, pixels: number): number {
  return Math.round(Math.min(COLUMNS[name].most, Math.max(COLUMNS[name].least, pixels)));
}

function showColumn(name: Column, pixels: number): void {
  root.style.setProperty(`--column-${name}`, `${pixels}px`);
}

/** Switch a remembered class of the page; returns whether it is on now. */
export function switchLook(name: "nav" | "contact", word: "wide" | "folded"): boolean {
  const on = root.classList.toggle(`${name}-${word}`);
  remember(name, on ? word : null);
  return on;
}
