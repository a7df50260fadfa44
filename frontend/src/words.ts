// Numbers, times and counted words in the language of the page and the time zone of its reader.

/** The reader's own kind of the page's language: a British reader of an English page gets British times. */
const language = (): string => {
  const spoken = document.documentElement.lang || "en";
  return globalThis.navigator?.languages?.find((each) => each === spoken || each.startsWith(`${spoken}-`)) ?? spoken;
};
/** The zone that the reader chose in their profile; the browser's where they did not. */
const zone = (): { timeZone?: string } => {
  const chosen = document.querySelector?.<HTMLMetaElement>('meta[name="time-zone"]')?.content;
  return chosen ? { timeZone: chosen } : {};
};
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The form of a counted text that fits, of those that the template's `plurals()` handed over. */
export function counted(forms: Record<string, string>, number: number): string {
  const form = forms[new Intl.PluralRules(language()).select(number)] ?? forms["other"] ?? "";
  return form.replace("%(num)s", new Intl.NumberFormat(language()).format(number));
}

/** Fill the names of a translated text: "%(name)s is writing…". */
export function filled(text: string, values: Record<string, string>): string {
  return text.replace(/%\((\w+)\)s/g, (whole, name: string) => values[name] ?? whole);
}

/** "now" is the template's word, kept; then "4m", "2h", "Mon", "12 Nov". */
export function ago(at: Date, now: Date, unchanged: string): string {
  const passed = now.getTime() - at.getTime();
  if (passed < MINUTE) return unchanged;
  if (passed < HOUR) return unit(Math.floor(passed / MINUTE), "minute", "narrow");
  if (passed < DAY) return unit(Math.floor(passed / HOUR), "hour", "narrow");
  const style: Intl.DateTimeFormatOptions = passed < 7 * DAY ? { weekday: "short" } : { day: "numeric", month: "short" };
  return new Intl.DateTimeFormat(language(), { ...style, ...zone() }).format(at);
}

/** How much is left until a time: "45 min", "3 hr", "2 days"; nothing below zero. */
export function left(until: Date, now: Date): string {
  const rest = Math.max(0, until.getTime() - now.getTime());
  if (rest >= 2 * DAY) return unit(Math.floor(rest / DAY), "day", "short");
  if (rest >= HOUR) return unit(Math.floor(rest / HOUR), "hour", "short");
  return unit(Math.floor(rest / MINUTE), "minute", "short");
}

function unit(number: number, name: string, display: "narrow" | "short"): string {
  return new Intl.NumberFormat(language(), { style: "unit", unit: name, unitDisplay: display }).format(number);
}

export function clock(at: Date): string {
  return new Intl.DateTimeFormat(language(), { timeStyle: "short", ...zone() }).format(at);
}

export function date(at: Date): string {
  return new Intl.DateTimeFormat(language(), { dateStyle: "medium", ...zone() }).format(at);
}

export function exact(at: Date): string {
  return new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeStyle: "medium", ...zone() }).format(at);
}

/** A moment that was agreed on: "Mon, 2 Mar, 9:00", with the year where it is another one. */
export function when(at: Date): string {
  const year = dayKey(at).slice(0, 4) === dayKey(new Date()).slice(0, 4) ? {} : { year: "numeric" as const };
  const style: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit" };
  return new Intl.DateTimeFormat(language(), { ...style, ...year, ...zone() }).format(at);
}

/** A moment ahead in few letters: "14:30" today, "Tue 14:30" in the days that follow, then "24 Nov". */
export function soon(at: Date, now: Date): string {
  const apart = Math.round((startOfDay(at) - startOfDay(now)) / DAY);
  if (apart === 0) return clock(at);
  const style: Intl.DateTimeFormatOptions =
    apart > 0 && apart < 7 ? { weekday: "short", hour: "numeric", minute: "2-digit" } : { day: "numeric", month: "short" };
  return new Intl.DateTimeFormat(language(), { ...style, ...zone() }).format(at);
}

/** "Today", "Yesterday", "Monday", "Mon, 2 Mar", with the year where it is another one. */
export function day(at: Date, now: Date): string {
  const apart = Math.round((startOfDay(now) - startOfDay(at)) / DAY);
  if (apart === 0 || apart === 1) return capital(new Intl.RelativeTimeFormat(language(), { numeric: "auto" }).format(-apart, "day"));
  if (apart > 1 && apart < 7) return capital(new Intl.DateTimeFormat(language(), { weekday: "long", ...zone() }).format(at));
  const year = dayKey(at).slice(0, 4) === dayKey(now).slice(0, 4) ? {} : { year: "numeric" as const };
  return new Intl.DateTimeFormat(language(), { weekday: "short", day: "numeric", month: "short", ...year, ...zone() }).format(at);
}

// Making one takes longer than a hundred uses, and a thread asks for each of its messages.
const dayFormats = new Map<string, Intl.DateTimeFormat>();

/** The reader's day as "2026-03-12": times of one day have the same. */
export function dayKey(at: Date): string {
  const chosen = zone();
  const known = dayFormats.get(chosen.timeZone ?? "");
  const format = known ?? new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit", ...chosen });
  if (!known) dayFormats.set(chosen.timeZone ?? "", format);
  return format.format(at);
}

function startOfDay(at: Date): number {
  return Date.parse(`${dayKey(at)}T00:00:00Z`);
}

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase(language()) + text.slice(1);
}
