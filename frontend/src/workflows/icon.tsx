import { say } from "./say";

/** An icon of the page's sprite, or a drawing by its address. Its name stands in a source as `icon="plus"`, or comes with a kind of step. */
export function Icon({ icon, size = "" }: { icon: string; size?: "" | "xs" | "sm" | "lg" }) {
  return (
    <svg class={size ? `icon icon-${size}` : "icon"} aria-hidden="true">
      <use href={icon.includes("#") ? icon : `${say("sprite")}#${icon}`} />
    </svg>
  );
}
