// The canvas: React Flow draws what the layout says; steps are dragged to another place with all below them.
import { Background, type Node, MiniMap, ReactFlow, ReactFlowProvider, useReactFlow, useStore } from "@xyflow/react";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { IconButton } from "../parts";
import { say } from "../say";
import { builder, drawn, set, useBuilder } from "../store";
import { TRIGGER, below } from "../tree";
import { choose, moveTo } from "../verbs";
import { type AnyEdge, type AnyNode, type Drag, edgesOf, layoutOf, nodesOf } from "./drawn";
import { useKeys } from "./keys";
import { type Layout, nearestPlace, type Spot } from "./layout";
import { End, Folded } from "./small_nodes";
import { StepCard } from "./step_node";
import { JumpLine, WayLine } from "./ways";

const NODES = { step: StepCard, end: End, fold: Folded };
const EDGES = { way: WayLine, jump: JumpLine };
const LEAST_ZOOM = 0.15;
const MOST_ZOOM = 1.6;
const READABLE = 0.7;
/** From so many steps on there is a map. */
const MAPPED = 8;
const GLIDE = { duration: 200 };

export function Canvas() {
  return (
    <ReactFlowProvider>
      <Flow />
    </ReactFlowProvider>
  );
}

function Flow() {
  const now = drawn(useBuilder((state) => state));
  const reading = now.comparison?.shown ?? null;
  const [drag, setDrag] = useState<Drag | null>(null);
  const [roving, setRoving] = useState(TRIGGER);
  const box = useRef<HTMLDivElement>(null);
  const layout = useMemo(() => layoutOf(now), [now.definition, now.looks, now.folded, now.counts !== null]);
  const held = layout.spots.some((spot) => spot.id === roving) ? roving : TRIGGER;
  const nodes = useMemo(() => nodesOf(now, layout, drag, held), [layout, drag, held]);
  const edges = useMemo(() => edgesOf(now, layout, drag), [layout, drag]);
  const view = useView(layout, box, setRoving);
  useKeys({ box, layout, roving: held, setRoving, ...view });

  const dragged = useCallback((_event: unknown, node: Node) => setDrag(follow(layout, node)), [layout]);
  const dropped = useCallback(() => {
    setDrag((last) => {
      if (last?.place) queueMicrotask(() => moveTo(last.id, last.place ?? { after: "", exit: "" }));
      return null;
    });
  }, []);
  return (
    <div class={reading ? "wf-canvas wf-canvas-reading" : "wf-canvas"} ref={box} role="region" aria-label={say("canvas")} onFocusIn={(event) => focused(event, setRoving)}>
      <ReactFlow<AnyNode, AnyEdge>
        nodes={nodes}
        edges={edges}
        nodeTypes={NODES}
        edgeTypes={EDGES}
        minZoom={LEAST_ZOOM}
        maxZoom={MOST_ZOOM}
        nodeDragThreshold={6}
        nodesDraggable={!reading}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        nodesConnectable={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        zoomOnDoubleClick={false}
        panOnScroll
        proOptions={{ hideAttribution: true }}
        onNodeDrag={dragged}
        onNodeDragStop={dropped}
        onPaneClick={() => (set({ moving: null }), choose(null))}
      >
        <Background gap={20} size={1} color="var(--faint)" />
        {now.definition.steps.length >= MAPPED && <MiniMap className="wf-map" pannable zoomable nodeStrokeWidth={0} nodeBorderRadius={6} nodeClassName={(node) => `wf-map-${node.type ?? ""}`} ariaLabel={say("map")} />}
      </ReactFlow>
      <Zoom {...view} />
      {reading && (
        <p class="wf-hint" role="status">
          {say("reading", { number: String(reading.number) })}
          <button type="button" class="btn btn-quiet btn-sm" onClick={() => set({ comparison: null })}>
            {say("back_to_draft")}
          </button>
        </p>
      )}
      {now.moving && (
        <p class="wf-hint" role="status">
          {say("moving")}
          <button type="button" class="btn btn-quiet btn-sm" onClick={() => set({ moving: null })}>
            {say("cancel")}
          </button>
        </p>
      )}
    </div>
  );
}

/** Where a dragged node is now, and the place that it would take there. */
function follow(layout: Layout, node: Node): Drag | null {
  const spot = layout.spots.find((each) => each.id === node.id);
  if (!spot) return null;
  const forbidden = new Set(below(builder().definition, node.id));
  const middle = { x: node.position.x + spot.width / 2, y: node.position.y - 10 };
  return { id: node.id, dx: node.position.x - spot.x, dy: node.position.y - spot.y, place: nearestPlace(layout, middle, forbidden) };
}

function focused(event: FocusEvent, setRoving: (id: string) => void): void {
  const id = event.target instanceof HTMLElement ? event.target.dataset["spot"] : undefined;
  if (id) setRoving(id);
}

// --- Looking at it ---------------------------------------------------------------------------------------------------------------

export interface View {
  zoomIn: () => void;
  zoomOut: () => void;
  fit: () => void;
  focus: (id: string) => void;
}

function useView(layout: Layout, box: { current: HTMLDivElement | null }, setRoving: (id: string) => void): View {
  const flow = useReactFlow();
  const ready = useStore((state) => state.width > 0 && state.height > 0 && state.panZoom !== null);
  // Something new is not drawn yet when it is asked for: it is looked at as soon as it is there.
  const wanted = useRef<{ id: string; focus: boolean } | null>(null);
  const latest = useRef(layout);
  latest.current = layout;
  const look = useCallback((): void => {
    const spot = latest.current.spots.find((each) => each.id === wanted.current?.id);
    const element = spot && box.current?.querySelector<HTMLElement>(`[data-spot="${CSS.escape(spot.id)}"]`);
    if (!element || !wanted.current) return;
    bringIntoView(flow, latest.current, spot, box.current);
    if (wanted.current.focus) element.focus({ preventScroll: true });
    wanted.current = null;
  }, []);
  const want = useCallback((id: string, focus: boolean): void => {
    wanted.current = { id, focus };
    if (focus) setRoving(id);
    look();
  }, []);
  const focus = useCallback((id: string): void => want(id, true), []);
  useEffect(look);
  useEffect(() => {
    if (ready) void beginView(flow, latest.current, box.current).then(() => want(builder().chosen ?? TRIGGER, false));
  }, [ready]);
  useEffect(() => {
    const onReveal = (event: Event): void => want((event as CustomEvent<string>).detail, false);
    const onFocus = (event: Event): void => want((event as CustomEvent<string>).detail, true);
    document.addEventListener("workflow:reveal", onReveal);
    document.addEventListener("workflow:focus", onFocus);
    return () => {
      document.removeEventListener("workflow:reveal", onReveal);
      document.removeEventListener("workflow:focus", onFocus);
    };
  }, []);
  return {
    zoomIn: () => void flow.zoomIn(GLIDE),
    zoomOut: () => void flow.zoomOut(GLIDE),
    fit: () => void flow.fitView({ padding: 0.08, maxZoom: 1, ...GLIDE }),
    focus,
  };
}

type Camera = ReturnType<typeof useReactFlow>;

/** Beside a step, all branches are shown where there is room for them: what grows to one side does not leave the canvas. */
function bringIntoView(flow: Camera, { spots }: Layout, spot: Spot, box: HTMLElement | null): void {
  const size = box?.getBoundingClientRect();
  if (!size) return;
  const { x, y, zoom } = flow.getViewport();
  const whole = widthOf(spots);
  const roomy = (whole.right - whole.left) * zoom <= size.width - 48;
  const { left, right } = roomy ? whole : widthOf([spot]);
  const beside = left * zoom + x > 8 && right * zoom + x < size.width - 8;
  const within = spot.y * zoom + y > 8 && (spot.y + spot.height) * zoom + y < size.height - 8;
  if (beside && within) return;
  const near = roomy ? zoom : Math.max(zoom, READABLE);
  const top = within ? y : size.height / 2 - (spot.y + spot.height / 2 + 60) * near;
  void flow.setViewport({ x: size.width / 2 - ((left + right) / 2) * near, y: top, zoom: near }, GLIDE);
}

function widthOf(spots: readonly Spot[]): { left: number; right: number } {
  return { left: Math.min(...spots.map((spot) => spot.x)), right: Math.max(...spots.map((spot) => spot.x + spot.width)) };
}

/** All of it where that can be read; else the trigger on top. */
async function beginView(flow: Camera, { spots }: Layout, box: HTMLElement | null): Promise<void> {
  const size = box?.getBoundingClientRect();
  const trigger = spots.find((spot) => spot.id === TRIGGER);
  if (!size || !trigger) return;
  const { left, right } = widthOf(spots);
  const bottom = Math.max(...spots.map((spot) => spot.y + spot.height));
  const whole = Math.min(1, (size.width - 48) / (right - left), (size.height - 80) / bottom);
  const zoom = Math.max(READABLE, whole);
  const middle = whole >= READABLE ? (left + right) / 2 : trigger.x + trigger.width / 2;
  await flow.setViewport({ x: size.width / 2 - middle * zoom, y: 40, zoom });
}

function Zoom({ zoomIn, zoomOut, fit }: View) {
  const percent = useStore((state) => Math.round(state.transform[2] * 100));
  return (
    <div class="wf-zoom" role="group" aria-label={say("zoom")}>
      <IconButton size="sm" label={say("zoom_out")} icon="minus" keys="-" onClick={zoomOut} />
      <span class="wf-zoom-now">{percent} %</span>
      <IconButton size="sm" label={say("zoom_in")} icon="plus" keys="+" onClick={zoomIn} />
      <IconButton size="sm" label={say("fit")} icon="maximize" keys="0" onClick={fit} />
    </div>
  );
}
