// Runs before the first paint: what this browser remembers about the look of the page.
import { applyLook } from "./look";

applyLook();
