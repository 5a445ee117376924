/** A short line at the bottom for what the page itself has to say. */
let timer;

export function notice(text) {
  const node = document.getElementById('notice');
  node.textContent = text;
  node.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => {
    node.hidden = true;
  }, 6_000);
}
