/* The door: shown when there is no login, or the broker does not take it. */
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { rememberLogin } from "../bus/login";
import type { House } from "../house/house";

export function LoginForm({ house }: { house: House }) {
  const user = useSignal(house.connection.user); /* of the login that was refused */
  const form = useRef<HTMLFormElement>(null);
  useLayoutEffect(() => form.current?.querySelector<HTMLElement>(user.value ? "[type=password]" : "input")?.focus(), []);
  const password = useSignal("");
  const forGood = useSignal(false);
  const state = house.connection.state.value;
  const submit = (event: Event) => {
    event.preventDefault();
    const login = { user: user.value, password: password.value };
    rememberLogin(login, forGood.value);
    house.connection.connect(login);
  };
  return (
    <main class="login">
      <h1>Hearthline</h1>
      <form ref={form} onSubmit={submit} aria-describedby="login-why">
        <p id="login-why" class={state.phase === "refused" ? "problem" : "plain"} role={state.phase === "refused" ? "alert" : undefined}>
          {state.phase === "refused" ? `${state.words}.` : "User and password of the broker."}
        </p>
        <label>User<input name="username" autocomplete="username" required value={user.value} onInput={(e) => (user.value = e.currentTarget.value)} /></label>
        <label>Password<input name="password" type="password" autocomplete="current-password" value={password.value} onInput={(e) => (password.value = e.currentTarget.value)} /></label>
        <label class="check"><input type="checkbox" checked={forGood.value} onChange={(e) => (forGood.value = e.currentTarget.checked)} /> Remember it on this device</label>
        <button type="submit">Log in</button>
      </form>
    </main>
  );
}
