// Settings → Account: the password, the second factors, the sessions and the log of who is signed in.

import { access } from "./api.js";
import { accountLog } from "./accountlog.js";
import { h, newID, pageHead } from "./dom.js";
import { factors } from "./factors.js";
import { changePasswordForm } from "./password.js";
import { sessions } from "./sessions.js";

export function accountPage(place) {
  const part = (title, about, action) => {
    const id = newID(), content = h("div", {});
    place.append(h("section", { class: "part", "aria-labelledby": id },
      h("header", { class: "row between" }, h("div", {}, h("h2", { id }, title), h("p", { class: "hint" }, about)), action), content));
    return content;
  };
  place.append(pageHead("Account", access.user.email));
  part("Password", "Changing it signs you out everywhere but here. API keys go on working.")
    .append(h("div", { class: "card" }, changePasswordForm(() => { listSessions(); listLog(); })));
  const second = part("Second factors", "What signing in asks for besides the password.");
  const others = h("div", {});
  const open = part("Sessions", "Where you are signed in. Ending one ends every token made from it, on its next request.", others);
  const log = part("Log", "Sign-ins, refused ones too, and changes of your account. If you do not know one of them, change the password.");
  const listLog = () => accountLog(log, "v1/auth/log", access.user.id);
  const listSessions = sessions(open, others, listLog);
  return Promise.all([factors(second), listSessions(), listLog()]);
}
