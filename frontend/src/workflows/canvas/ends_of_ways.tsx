import { Handle, Position } from "@xyflow/react";

/** Where ways begin and end on a card: React Flow measures them. */
export function EndsOfWays({ jumps = false }: { jumps?: boolean }) {
  return (
    <>
      <Handle className="wf-handle" id="in" type="target" position={Position.Top} isConnectable={false} />
      <Handle className="wf-handle" id="out" type="source" position={Position.Bottom} isConnectable={false} />
      {jumps && <Handle className="wf-handle" id="jump" type="source" position={Position.Right} isConnectable={false} />}
      {jumps && <Handle className="wf-handle wf-handle-landing" id="landing" type="target" position={Position.Right} isConnectable={false} />}
    </>
  );
}
