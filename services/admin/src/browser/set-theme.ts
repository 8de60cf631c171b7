// Sets the theme of every page before it is drawn, so that a dark page does not flash white. It is a file of its own
// because only a classic script blocks the drawing: modules such as theme.ts run later, and the content security policy
// forbids inline scripts.
document.documentElement.dataset.theme = localStorage.getItem("theme") ?? "auto";
