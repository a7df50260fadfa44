// Which kinds of steps somebody means who writes a few letters.
import { folded } from "../../search/folded";

export interface Sought {
  group: string;
  name: string;
  why: string;
}

/** Those that hold every word, group by group. Groups of which a name begins with the words come first, and such names first in them. */
export function foundBy<Each extends Sought>(offers: readonly Each[], words: string): Each[] {
  const sought = folded(words).split(/\s+/).filter(Boolean);
  const groups = [...new Set(offers.map((offer) => offer.group))];
  const found = offers.filter((offer) => holds(`${offer.name} ${offer.why} ${offer.group}`, sought)).map((offer) => ({ offer, rank: rankOf(offer, sought) }));
  const best = (group: string): number => Math.min(...found.filter(({ offer }) => offer.group === group).map(({ rank }) => rank));
  const order = groups.filter((group) => best(group) < Infinity).sort((one, other) => best(one) - best(other));
  return order.flatMap((group) => found.filter(({ offer }) => offer.group === group).sort((one, other) => one.rank - other.rank).map(({ offer }) => offer));
}

/** 0: the name has words that begin so; 1: the name holds it; 2: something else of it does. */
function rankOf({ name }: Sought, sought: readonly string[]): number {
  const begun = sought.map((word) => ` ${word}`);
  return holds(` ${name}`, begun) ? 0 : holds(name, sought) ? 1 : 2;
}

function holds(text: string, words: readonly string[]): boolean {
  const all = folded(text);
  return words.every((word) => all.includes(word));
}
