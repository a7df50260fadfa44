import type { Json } from "../types";
import { ConditionsInput } from "./conditions_input";
import { DurationInput } from "./duration_input";
import { FilesInput } from "./files_input";
import { FoundInput } from "./found_input";
import { HoursInput } from "./hours_input";
import { IconInput } from "./icon_input";
import { ListInput } from "./list_input";
import { MapInput } from "./map_input";
import { MessageInput } from "./message_input";
import { type Described, SchemaForm } from "./schema_form";
import type { Field } from "./shape";
import { ChoiceInput, ChoicesInput, JsonInput, NumberInput, TextInput } from "./simple_inputs";
import { CountryInput, MomentInput, TimezoneInput } from "./place_and_time";
import { ThingInput } from "./thing_input";
import { UnionInput } from "./union_input";
import { type Path, isGroup } from "./values";
import { WrittenInput } from "./written_input";

export interface InputProps {
  field: Field;
  value: Json;
  path: Path;
  id: string;
  described: Described;
}

/** The input for a field, by its shape. */
export function FieldInput(props: InputProps) {
  const { field, value, path } = props;
  const { shape } = field;
  switch (shape.is) {
    case "text":
      return shape.variables || shape.many ? <WrittenInput {...props} shape={shape} /> : <TextInput {...props} shape={shape} />;
    case "number":
      return <NumberInput {...props} shape={shape} />;
    case "choice":
      return <ChoiceInput {...props} shape={shape} />;
    case "choices":
      return <ChoicesInput {...props} shape={shape} />;
    case "icon":
      return <IconInput {...props} />;
    case "found":
      return <FoundInput {...props} shape={shape} />;
    case "thing":
      return shape.thing === "file" && shape.several ? <FilesInput {...props} shape={shape} /> : <ThingInput {...props} shape={shape} />;
    case "timezone":
      return <TimezoneInput {...props} />;
    case "country":
      return <CountryInput {...props} />;
    case "moment":
      return <MomentInput {...props} />;
    case "duration":
      return <DurationInput {...props} shape={shape} />;
    case "hours":
      return <HoursInput {...props} shape={shape} />;
    case "list":
      return <ListInput {...props} shape={shape} />;
    case "map":
      return <MapInput {...props} shape={shape} />;
    case "union":
      return <UnionInput {...props} shape={shape} />;
    case "conditions":
      return <ConditionsInput {...props} />;
    case "message":
      return <MessageInput fields={shape.fields} most={shape.files} value={value} path={path} />;
    case "group":
      return (
        <div class="form-rows">
          <SchemaForm fields={shape.fields} values={isGroup(value) ? value : {}} path={path} />
        </div>
      );
    case "json":
      return <JsonInput {...props} />;
    case "switch":
      return null; // its row draws it
  }
}
