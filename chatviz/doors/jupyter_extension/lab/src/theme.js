// The page in the colours of JupyterLab: its frame sees none of Lab's variables by itself.

/** What the views of a page ask Lab for: see views/js/dom.css. */
const NAMES = [
  "--jp-layout-color1",
  "--jp-ui-font-color1",
  "--jp-border-color2",
  "--jp-ui-font-family",
];
const PLAIN = /^[\w#%(),.'" -]+$/; // a colour or fonts: nothing that could end a rule or an element

/** The values that an element has, and whether they are dark ones. */
export function readTheme(node, isDark) {
  const style = getComputedStyle(node);
  const values = NAMES.map((name) => [name, style.getPropertyValue(name).trim()]);
  return { isDark, values: values.filter(([, value]) => PLAIN.test(value)) };
}

/** A page with a theme's values in its head. */
export function withTheme(page, { isDark, values }) {
  const rules = [`color-scheme:${isDark ? "dark" : "light"}`];
  for (const [name, value] of values) rules.push(`${name}:${value}`);
  const ground = "background:var(--jp-layout-color1);color:var(--jp-ui-font-color1)";
  const style = `<style>:root{${rules.join(";")}}body{${ground}}</style>`;
  return page.replace("</head>", () => `${style}</head>`);
}
