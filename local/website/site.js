// A table that is wider than the window scrolls, so the keyboard must reach it (WCAG 2.2, 2.1.1). The button that copies a block is no
// navigation of its own.
addEventListener("load", () => {
  for (const button of document.querySelectorAll(".md-code__nav")) button.setAttribute("role", "none");
  for (const wide of document.querySelectorAll(".md-typeset__scrollwrap")) {
    wide.tabIndex = 0;
    wide.setAttribute("role", "group");
    wide.setAttribute("aria-label", "A table");
  }
});
