// Positions of a workspace's stream: "1773325900000-3", a time in milliseconds and a counter.

/** Whether `one` is later than `other`. Anything is later than nothing. */
export function isAfter(one: string, other: string): boolean {
  const [oneTime, oneCount] = parts(one);
  const [otherTime, otherCount] = parts(other);
  return oneTime === otherTime ? oneCount > otherCount : oneTime > otherTime;
}

function parts(position: string): [number, number] {
  const [time, count] = position.split("-");
  return [Number(time) || 0, Number(count) || 0];
}
