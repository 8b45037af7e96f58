// Redrawing: what is drawn on a canvas follows the page's size and theme.

/** Draw again when the page has another size or another theme. */
export function watchPage(drawing) {
  const { app, canvas } = drawing;
  const restyle = () => {
    drawing.colours = null;
    drawing.redraw();
  };
  const resizes = new ResizeObserver(() => {
    drawing.width = canvas.clientWidth;
    drawing.draw();
  });
  const themes = new MutationObserver(restyle);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  resizes.observe(canvas);
  themes.observe(document.body, { attributes: true });
  dark.addEventListener("change", restyle);
  app.cleanups.push(() => {
    resizes.disconnect();
    themes.disconnect();
    dark.removeEventListener("change", restyle);
    cancelAnimationFrame(drawing.frame);
  });
}
