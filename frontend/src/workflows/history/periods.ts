// The times that the numbers on the canvas can be of.

export const PERIODS = ["today", "week", "month", "all"] as const;
export type Period = (typeof PERIODS)[number];

const DAYS: Record<Period, number> = { today: 0, week: 6, month: 29, all: 0 };

/** When a period began, at the reader's midnight; `null` for all that is kept. */
export function beginOf(period: Period, now: Date): Date | null {
  if (period === "all") return null;
  const begin = new Date(now);
  begin.setHours(0, 0, 0, 0);
  begin.setDate(begin.getDate() - DAYS[period]);
  return begin;
}
