import { render } from "preact";
import { effect } from "@preact/signals";
import { brokerUrl, forgetRefused, keepForTab, rememberedLogin, takeLoginFromAddress } from "./bus/login";
import { startClock } from "./house/clock";
import { openHouse } from "./house/house";
import { sayNotices } from "./house/notices";
import { App } from "./views/app";
import { followAddress } from "./views/route";
import { keepSettings, notify } from "./views/settings";
import "./style.css";

const given = takeLoginFromAddress();
if (given) keepForTab(given);
const root = document.querySelector<HTMLMetaElement>('meta[name="hearthline-root"]')?.content || "hearthline";
const house = openHouse(brokerUrl(location), root);

startClock();
keepSettings();
followAddress();
sayNotices(house.alerts, () => notify.value);
addEventListener("online", () => house.connection.retry());
document.addEventListener("visibilitychange", () => !document.hidden && house.connection.retry());
effect(() => {
  if (house.connection.state.value.phase === "refused") forgetRefused();
});
const login = given ?? rememberedLogin();
if (login) house.connection.connect(login);

const place = document.getElementById("app")!;
place.replaceChildren();
render(<App house={house} />, place);
