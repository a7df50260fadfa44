// The ends of ways, and what stands for steps that are folded away.
import type { Node, NodeProps } from "@xyflow/react";
import { memo } from "preact/compat";
import { Icon } from "../icon";
import { say, sayCount } from "../say";
import { builder } from "../store";
import { type Place, below } from "../tree";
import { fold } from "../verbs";
import { EndsOfWays } from "./ends_of_ways";
import { takePlace, useOffer } from "./ways";

export type EndNode = Node<{ id: string; place: Place; where: string; roving: boolean; target: boolean }, "end">;
export type FoldNode = Node<{ id: string; parent: string; roving: boolean }, "fold">;

export const End = memo(({ data }: NodeProps<EndNode>) => {
  const offer = useOffer(data.place);
  const moving = offer === "move";
  return (
    <div class={data.target ? "wf-end wf-target" : "wf-end"}>
      <EndsOfWays />
      <button type="button" disabled={offer === "none"} class={moving ? "wf-plus wf-plus-moving nodrag" : "wf-plus nodrag"} data-spot={data.id} tabIndex={data.roving ? 0 : -1} aria-label={say(moving ? "move_here_end" : "add_at_end", { where: data.where })} title={say(moving ? "move_here" : "add_step")} onClick={() => takePlace(data.place)}>
        <Icon icon="plus" size="sm" />
      </button>
    </div>
  );
});

export const Folded = memo(({ data }: NodeProps<FoldNode>) => {
  const number = below(builder().definition, data.parent).length - 1;
  return (
    <>
      <EndsOfWays />
      <button type="button" class="wf-folded nodrag" data-spot={data.id} tabIndex={data.roving ? 0 : -1} onClick={() => fold(data.parent)}>
        <Icon icon="unfold-vertical" size="sm" />
        {sayCount("folded", number)}
      </button>
    </>
  );
});
