// Putting nodes into an element, without touching those that it holds.

/** Let an element hold some nodes, in their order; those that it holds already stay in the page. */
export function arrange(node, wanted) {
  const kept = new Set(wanted);
  for (const child of [...node.childNodes]) if (!kept.has(child)) node.removeChild(child);
  wanted.forEach((child, n) => {
    const there = node.childNodes[n];
    if (there !== child) node.insertBefore(child, there ?? null);
  });
}
