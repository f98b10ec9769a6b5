// Holds back what a person does in a document until web_listen.js listens there, so that nothing is done unrecorded. Put
// into every document before its first script, in the page's own world, where no script can see or call it. It asks and
// answers by events whose name no page knows, reads nothing of what is done, and goes at the first act that is listened to.
//
// Called as fn({ word, most }): what has been held back for `most` milliseconds is let through, and told as missed.
({ word, most }) => {
  const acts = { __proto__: null, pointerdown: true, touchstart: true, keydown: true, wheel: true,  // an act begins with these
    mousedown: false, pointerup: false, mouseup: false, click: false, auxclick: false, dblclick: false, contextmenu: false,
    touchend: false, keypress: false, keyup: false, beforeinput: false, dragstart: false, drop: false };
  const Said = Event, put = addEventListener.bind(window), take = removeEventListener.bind(window), tell = dispatchEvent.bind(window);
  const counts = { held: 0, missed: 0 };
  let since = 0, holding = false;
  const listened = () => !tell(new Said(word, { cancelable: true }));

  function early(event) {
    if (!event.isTrusted) return;
    if (acts[event.type]) {
      if (listened()) return rest();
      since = since || event.timeStamp;
      holding = event.timeStamp - since < most;
      counts[holding ? "held" : "missed"]++;
    }
    if (!holding) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  const ears = { __proto__: null, [`${word}-held`]: asked("held"), [`${word}-missed`]: asked("missed") };
  function asked(what) {
    return (event) => { if (counts[what]) event.preventDefault(); counts[what] = 0; };
  }

  const again = new MutationObserver(hear);  // a document that is written anew loses its listeners
  function hear() {
    again.observe(document, { childList: true });
    for (const type in acts) put(type, early, { capture: true, passive: false });
    for (const name in ears) put(name, ears[name]);
  }

  function rest() {
    again.disconnect();
    for (const type in acts) take(type, early, { capture: true });
    for (const name in ears) take(name, ears[name]);
  }
  hear();
}
