// From the layout to what React Flow draws.
import { MarkerType, type Node } from "@xyflow/react";
import { say } from "../say";
import { type Builder, exitsOf, kindOf, nameOf, triggerKind } from "../store";
import { type Place, TRIGGER, below, stepOf } from "../tree";
import { type Layout, type Spot, layOut } from "./layout";
import type { EndNode, FoldNode } from "./small_nodes";
import type { StepNode } from "./step_node";
import type { JumpEdge, WayEdge } from "./ways";

/** A step that is being dragged with all below it, and where it would go. */
export interface Drag {
  id: string;
  dx: number;
  dy: number;
  place: Place | null;
}

/** Lines say nothing to a screen reader: what they join says where it stands. */
const SILENT = { focusable: false, domAttributes: { "aria-hidden": "true" } } as const;

export type AnyNode = StepNode | EndNode | FoldNode;
export type AnyEdge = WayEdge | JumpEdge;

export function layoutOf(now: Builder): Layout {
  return layOut({
    definition: now.definition,
    exitsOf: (step) => exitsOf(now, step),
    schemaOf: (kind) => kindOf(now, kind)?.schema,
    folded: now.folded,
    counted: now.counts !== null,
  });
}

export function nodesOf(now: Builder, { spots }: Layout, drag: Drag | null, roving: string): AnyNode[] {
  const dragged = drag ? new Set(below(now.definition, drag.id)) : new Set<string>();
  return spots.map((spot) => {
    const along = dragged.has(spot.id) || (spot.what !== "step" && spot.parent !== null && dragged.has(spot.parent));
    const position = along && drag ? { x: spot.x + drag.dx, y: spot.y + drag.dy } : { x: spot.x, y: spot.y };
    return { ...base(spot), position, draggable: spot.what === "step", zIndex: along ? 10 : 0, ...own(now, spot, along, drag, roving === spot.id) } as AnyNode;
  });
}

function base({ id, width, height }: Spot): Omit<Node, "data" | "position"> {
  return { id, width, height, measured: { width, height }, selectable: false, connectable: false };
}

function own(now: Builder, spot: Spot, dragged: boolean, drag: Drag | null, roving: boolean): Pick<AnyNode, "type" | "data"> {
  const { id, depth, place, parent } = spot;
  if (spot.what === "end" && place) return { type: "end", data: { id, place, where: endAt(now, place), roving, target: same(drag?.place, place) } };
  if (spot.what === "fold") return { type: "fold", data: { id, parent: parent ?? "", roving } };
  return { type: "step", data: { id, depth, dragged, roving } };
}

export function edgesOf(now: Builder, { ways, jumps }: Layout, drag: Drag | null): AnyEdge[] {
  const drawn = ways.map(({ id, from, to, place, exit, labelled }): WayEdge => {
    const more = { end: to.startsWith("end:"), fold: to.startsWith("fold:"), target: same(drag?.place, place), where: nameAt(now, to) };
    const cut = drag !== null && drag.id === to;
    return { id, type: "way", source: from, target: to, sourceHandle: "out", targetHandle: "in", ...SILENT, hidden: cut, data: { place, exit, labelled, ...more } };
  });
  const dashed = jumps.map(({ from, to }): JumpEdge => {
    const markerEnd = { type: MarkerType.ArrowClosed, width: 16, height: 16, color: "var(--color-info)" };
    return { id: `jump:${from}:${to}`, type: "jump", source: from, target: to, sourceHandle: "jump", targetHandle: "landing", ...SILENT, markerEnd };
  });
  return [...drawn, ...dashed];
}

function same(one: Place | null | undefined, other: Place): boolean {
  return one?.after === other.after && one.exit === other.exit;
}

function nameAt(now: Builder, id: string): string {
  const step = stepOf(now.definition, id);
  if (step) return nameOf(now, step);
  return id === TRIGGER ? (triggerKind(now)?.name ?? say("trigger")) : "";
}

/** The name of an end: where a step has several ways on, with its own. */
function endAt(now: Builder, { after, exit }: Place): string {
  const step = stepOf(now.definition, after);
  const ways = step ? exitsOf(now, step) : [];
  const label = ways.length > 1 ? ways.find((way) => way.id === exit)?.label : undefined;
  return label ? `${nameAt(now, after)}, ${label}` : nameAt(now, after);
}
