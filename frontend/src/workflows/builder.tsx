import { Bars } from "./bars";
import { Canvas } from "./canvas/canvas";
import { Palette } from "./canvas/palette";
import { Dialogs } from "./dialogs";
import { Head } from "./head";
import { CountsBar } from "./history/counts_bar";
import { Panel } from "./panel/panel";

/** The whole page: head, canvas, panel. */
export function BuilderPage() {
  return (
    <>
      <Head />
      <Bars />
      <div class="wf-work">
        <div class="wf-stage">
          <div class="wf-over">
            <CountsBar />
          </div>
          <Canvas />
        </div>
        <Panel />
      </div>
      <Palette />
      <Dialogs />
    </>
  );
}
