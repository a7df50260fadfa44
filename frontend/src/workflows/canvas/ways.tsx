// The lines between steps: ways on with their names and a "+", and the dashed ones of jumps.
import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps } from "@xyflow/react";
import { memo } from "preact/compat";
import { Icon } from "../icon";
import { say } from "../say";
import { builder, set, useBuilder } from "../store";
import { below, type Place, placeOf } from "../tree";
import type { Exit } from "../types";
import { moveTo } from "../verbs";

export type WayEdge = Edge<{ place: Place; exit: Exit | null; labelled: boolean; end: boolean; fold: boolean; target: boolean; where: string }, "way">;
export type JumpEdge = Edge<Record<string, never>, "jump">;

const BEND = 10;
const DROP = 18;
const LABEL = 20;
const PLUS = 22;

/** Something is to stand at a place: what moves, or a step that is chosen now. */
export function takePlace(place: Place): void {
  const { moving } = builder();
  if (moving) moveTo(moving, place);
  else set({ adding: place });
}

/** What a "+" offers now: a new step, to be where the moving step goes, or nothing where that one cannot go. */
export function useOffer(place: Place): "add" | "move" | "none" {
  return useBuilder(({ moving, definition }) => {
    if (moving === null) return "add";
    const own = placeOf(definition, moving);
    const here = own?.after === place.after && own.exit === place.exit;
    return here || below(definition, moving).includes(place.after) ? "none" : "move";
  });
}

export const WayLine = memo((way: EdgeProps<WayEdge>) => way.data && <Line {...way} data={way.data} />);

function Line({ sourceX, sourceY, targetX, targetY, data }: EdgeProps<WayEdge> & { data: NonNullable<WayEdge["data"]> }) {
  const counts = useBuilder((now) => now.counts);
  const offer = useOffer(data.place);
  const { place, exit, labelled, end, fold, target, where } = data;
  const number = counts?.exits[place.after]?.[place.exit] ?? (place.exit === "start" ? counts?.entered["trigger"] : undefined);
  const failure = exit?.kind === "failure";
  return (
    <>
      <BaseEdge path={bent(sourceX, sourceY, targetX, targetY)} className={failure ? "wf-way wf-way-failure" : "wf-way"} />
      <EdgeLabelRenderer>
        {(labelled || counts) && !fold && (
          <div class={failure ? "wf-label wf-label-failure" : "wf-label"} style={placed(targetX, sourceY + DROP + LABEL)}>
            {failure && <Icon icon="triangle-alert" size="xs" />}
            {labelled && <span class="wf-label-words">{exit ? exit.label || say("lost_exit") : ""}</span>}
            {counts && <span class="wf-label-count">{number ?? 0}</span>}
          </div>
        )}
        {!end && !fold && offer !== "none" && (
          <button type="button" class={["wf-plus wf-plus-small nodrag nopan", offer === "move" && "wf-plus-moving", target && "wf-target"].filter(Boolean).join(" ")} style={placed(targetX, targetY - PLUS)} tabIndex={-1} aria-label={say(offer === "move" ? "move_here_before" : "add_before", { where })} title={say(offer === "move" ? "move_here" : "add_step")} onClick={() => takePlace(place)}>
            <Icon icon="plus" size="xs" />
          </button>
        )}
      </EdgeLabelRenderer>
    </>
  );
}

function placed(x: number, y: number): { transform: string } {
  return { transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` };
}

/** Down, across, down, with rounded corners. */
function bent(fromX: number, fromY: number, toX: number, toY: number): string {
  const across = toX - fromX;
  if (Math.abs(across) < 1) return `M${fromX},${fromY}L${toX},${toY}`;
  const y = fromY + DROP;
  const r = Math.min(BEND, Math.abs(across) / 2, DROP - 2);
  const side = Math.sign(across);
  return `M${fromX},${fromY}V${y - r}Q${fromX},${y} ${fromX + side * r},${y}H${toX - side * r}Q${toX},${y} ${toX},${y + r}V${toY}`;
}

export const JumpLine = memo(({ sourceX, sourceY, targetX, targetY, markerEnd }: EdgeProps<JumpEdge>) => {
  const reach = Math.max(sourceX, targetX) + 40 + Math.min(120, Math.abs(targetY - sourceY) / 6);
  return <BaseEdge path={`M${sourceX},${sourceY}C${reach},${sourceY} ${reach},${targetY} ${targetX},${targetY}`} className="wf-jump" {...(markerEnd && { markerEnd })} />;
});
