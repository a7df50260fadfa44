// Clock times in the reader's zone, and the moments that they are.

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The zone that the reader chose in their profile; the browser's where they did not. */
export function readersZone(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="time-zone"]')?.content || new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** What clocks of a zone show at a moment, as a field for date and time has it: "2026-03-12T09:00". */
export function wallTime(at: Date, timeZone: string): string {
  const format = new Intl.DateTimeFormat("en-CA", { timeZone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${parts["year"]}-${parts["month"]}-${parts["day"]}T${parts["hour"]}:${parts["minute"]}`;
}

/** When clocks of a zone show this; where they skip it, as long after the last time they showed before. */
export function moment(wall: string, timeZone: string): Date {
  const wanted = Date.parse(`${wall}Z`);
  const ahead = (at: number): number => Date.parse(`${wallTime(new Date(at), timeZone)}Z`) - Math.floor(at / MINUTE) * MINUTE;
  const guess = wanted - ahead(wanted);
  const better = wanted - ahead(guess);
  return new Date(ahead(better) === ahead(guess) || better > guess ? better : guess);
}

export interface Choice {
  name: "hour" | "today" | "tomorrow" | "monday";
  at: Date;
}

/** Times to put something off to: what makes no sense now is left out. */
export function laterChoices(now: Date, timeZone: string): Choice[] {
  const [today, clock] = wallTime(now, timeZone).split("T") as [string, string];
  const midnight = Date.parse(`${today}T00:00Z`);
  const morning = (days: number): Date => moment(`${new Date(midnight + days * DAY).toISOString().slice(0, 10)}T09:00`, timeZone);
  const weekday = new Date(midnight).getUTCDay();
  const toMonday = ((8 - weekday) % 7) || 7;
  const choices: Choice[] = [{ name: "hour", at: new Date(Math.ceil(now.getTime() / MINUTE) * MINUTE + 60 * MINUTE) }];
  if (clock < "16:30") choices.push({ name: "today", at: moment(`${today}T18:00`, timeZone) });
  choices.push({ name: "tomorrow", at: morning(1) });
  if (toMonday > 1) choices.push({ name: "monday", at: morning(toMonday) });
  return choices;
}
