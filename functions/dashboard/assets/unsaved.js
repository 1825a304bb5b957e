// What was typed into a form and is not saved: whoever leaves it is asked first.

let watched = null, typedFirst = "";
const typedNow = () => JSON.stringify([...new FormData(watched)]);

export function keepTyped(made) {
  watched = made;
  typedFirst = typedNow();
}

export const forgetTyped = () => { watched = null; };

// Reports whether leaving the page would lose something.
export const keepsTyped = () => Boolean(watched?.isConnected) && typedNow() !== typedFirst;

addEventListener("beforeunload", (event) => { if (keepsTyped()) event.preventDefault(); });
