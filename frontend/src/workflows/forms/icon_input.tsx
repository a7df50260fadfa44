import { Icon } from "../icon";
import { useForm } from "./context";
import type { InputProps } from "./field_input";

// What the page's sprite holds for shortcuts.
const ICONS = [
  { icon: "zap" }, { icon: "star" }, { icon: "flag" }, { icon: "bell" }, { icon: "calendar" }, { icon: "phone" }, { icon: "mail" }, { icon: "send" },
  { icon: "user-plus" }, { icon: "users" }, { icon: "tag" }, { icon: "shopping-cart" }, { icon: "package" }, { icon: "truck" }, { icon: "credit-card" }, { icon: "receipt" },
  { icon: "wrench" }, { icon: "life-buoy" }, { icon: "circle-alert" }, { icon: "shield" }, { icon: "ban" }, { icon: "heart" }, { icon: "gift" }, { icon: "rocket" },
];

/** One of a few icons. */
export function IconInput({ field, value, path, id }: InputProps) {
  const { change } = useForm();
  const known = ICONS.some(({ icon }) => icon === value) || !value;
  return (
    <div class="form-icons" id={id} role="radiogroup" aria-label={field.label}>
      {[...(known ? [] : [{ icon: String(value) }]), ...ICONS].map(({ icon }) => (
        <label key={icon} class="form-icon" title={icon}>
          <input class="sr-only" type="radio" name={id} value={icon} aria-label={icon.replaceAll("-", " ")} checked={icon === value} onChange={() => change(path, icon)} />
          <Icon icon={icon} />
        </label>
      ))}
    </div>
  );
}
