// Asking the tap that serves the page: its list, and what comes of an answer, batch by batch.

/** Ask for the list, once it is another one than the one that is known. */
export async function askForList(have) {
  const answer = await fetch(`answers?have=${encodeURIComponent(have)}`);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

/** Hand over each batch of an answer's buffers as it comes; ends with the answer, or when told. */
export async function followAnswer(number, signal, take) {
  const answer = await fetch(`growth/${number}`, { signal });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const unpacker = makeUnpacker(take);
  const pieces = answer.body.getReader();
  for (let piece = await pieces.read(); !piece.done; piece = await pieces.read())
    unpacker(piece.value);
}

/** What takes bytes as they come, and hands over the buffers that were packed into them. */
export function makeUnpacker(take) {
  let held = new Uint8Array();
  return (bytes) => {
    const joined = new Uint8Array(held.length + bytes.length);
    joined.set(held);
    joined.set(bytes, held.length);
    held = joined;
    for (let end = takeOne(held, take); end; end = takeOne(held, take)) held = held.slice(end);
  };
}

/** Hand over the first batch, if all of it is there; return where it ends, 0 where it is not. */
function takeOne(bytes, take) {
  if (bytes.length < 4) return 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(0, true);
  let end = 4 * (count + 1);
  if (bytes.length < end) return 0;
  const buffers = [];
  for (let n = 1; n <= count; n++) {
    const begin = end;
    end += view.getUint32(4 * n, true);
    if (bytes.length < end) return 0;
    buffers.push(bytes.slice(begin, end));
  }
  take(buffers);
  return end;
}
