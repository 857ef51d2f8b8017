import { render } from "preact";
import { brokerUrl, rememberedLogin, rememberLogin, takeLoginFromAddress } from "./bus/login";
import { startClock } from "./house/clock";
import { openHouse } from "./house/house";
import { App } from "./views/app";
import { followAddress } from "./views/route";
import { keepSettings } from "./views/settings";
import "./style.css";

const given = takeLoginFromAddress();
if (given) rememberLogin(given, false);
const root = document.querySelector<HTMLMetaElement>('meta[name="hearthline-root"]')?.content || "hearthline";
const house = openHouse(brokerUrl(location), root);

startClock();
keepSettings();
followAddress();
addEventListener("online", () => house.connection.retry());
const login = given ?? rememberedLogin();
if (login) house.connection.connect(login);

const place = document.getElementById("app")!;
place.replaceChildren();
render(<App house={house} />, place);
