/* Whether alerts are said by the browser too, beyond the page: only when the person asks for it. */
import { useSignal } from "@preact/signals";
import { canNotify, mayNotify } from "../house/notices";
import { notify } from "./settings";

export function NotifyMe() {
  const words = useSignal("");
  if (!canNotify()) return <p class="plain">The browser gives notifications only to pages over https or from this machine.</p>;
  const isOn = notify.value && Notification.permission === "granted";
  const change = async () => {
    notify.value = !isOn && (await mayNotify());
    words.value = isOn || notify.value ? "" : "The browser does not allow it: its settings for this page do.";
  };
  return (
    <p>
      <button type="button" aria-pressed={isOn} onClick={change}>
        Notify me
      </button>{" "}
      <span role="status">{words.value}</span>
    </p>
  );
}
