import { setHands } from "../edit";
import { say } from "../say";
import type { Definition, Hand } from "../types";

const HANDS = ["reply", "assignment", "closing"] as const;

/** What holds for the whole workflow: what becomes of a run when a person takes the contact in hand. */
export function SettingsPanel({ definition }: { definition: Definition }) {
  return (
    <div class="form form-rows">
      <p class="field-help">{say("form_hands_help")}</p>
      {HANDS.map((hand) => (
        <div class="field" key={hand}>
          <label class="field-label" for={`form_hand_${hand}`}>{say(`form_hand_${hand}`)}</label>
          <select id={`form_hand_${hand}`} class="select" onChange={(event) => setHands({ [hand]: event.currentTarget.value as Hand })}>
            {(["end", "go_on"] as const).map((each) => (
              <option key={each} value={each} selected={definition.hands[hand] === each}>
                {say(`form_hand_${each}`)}
              </option>
            ))}
          </select>
        </div>
      ))}
    </div>
  );
}
