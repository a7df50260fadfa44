// Numbers on the canvas: chooses the period, and asks for them again every few seconds.
import { useEffect, useState } from "preact/hooks";
import { recall, remember } from "../../store";
import { Icon } from "../icon";
import { ask } from "../save";
import { say, sayCount } from "../say";
import { type Counts, builder, set, useBuilder } from "../store";
import { TRIGGER } from "../tree";
import { type Period, PERIODS, beginOf } from "./periods";

const AGAIN_MS = 10_000;
const KEY = "workflows.counts";
const STATES = ["waiting", "done", "failed", "ended"] as const;

/** Chooses the period of the numbers on the canvas, and gives them with `set({ counts })`. Stands over the canvas. */
export function CountsBar() {
  const { id, status } = useBuilder((now) => now.workflow);
  const counts = useBuilder((now) => now.counts);
  const [period, setPeriod] = useState<Period | "">(() => PERIODS.find((each) => each === recall(KEY)) ?? "");
  const [unreachable, setUnreachable] = useState(false);
  const shown = status === "draft" ? "" : period;
  useEffect(() => {
    if (!shown) return set({ counts: null });
    let gone = false;
    const load = async (): Promise<void> => {
      if (document.hidden) return;
      const found = await numbers(shown);
      if (gone) return;
      setUnreachable(found === null);
      if (found) set({ counts: found });
    };
    void load();
    const timer = setInterval(() => void load(), AGAIN_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [shown, id]);
  if (status === "draft") return null;
  const take = (chosen: Period | ""): void => {
    remember(KEY, chosen || null);
    setPeriod(chosen);
  };
  return (
    <div class="counts-bar">
      <label class="counts-period">
        <Icon icon="chart-no-axes-column" size="sm" />
        <span class="sr-only">{say("counts_period")}</span>
        <select class="select select-sm" value={period} onChange={(event) => take(PERIODS.find((each) => each === event.currentTarget.value) ?? "")}>
          <option value="">{say("counts_off")}</option>
          {PERIODS.map((each) => (
            <option value={each} key={each}>
              {say(`counts_${each}`)}
            </option>
          ))}
        </select>
      </label>
      {counts && (
        <ul class="counts-runs" aria-label={say("runs")}>
          {STATES.map((state) => (
            <li key={state}>
              <a class={state === "failed" && counts.runs[state] ? "link text-error" : "link"} href={`/workflows/${id}/runs?state=${state}`} data-turbo="false">
                {sayCount(`runs_${state}`, counts.runs[state] ?? 0)}
              </a>
            </li>
          ))}
        </ul>
      )}
      {unreachable && shown && <span class="text-muted">{say("unreachable")}</span>}
    </div>
  );
}

async function numbers(period: Period): Promise<Counts | null> {
  const from = beginOf(period, new Date());
  const query = from ? `?${new URLSearchParams({ from: from.toISOString() })}` : "";
  const answer = await ask("GET", `/counts${query}`).catch(() => null);
  if (answer?.status !== 200) return null;
  const counts = (await answer.json()) as Counts;
  const began = Object.values(counts.runs).reduce((sum, each) => sum + each, 0);
  const first = builder().definition.start;
  return { ...counts, entered: { ...counts.entered, [TRIGGER]: first ? began : 0 } };
}
